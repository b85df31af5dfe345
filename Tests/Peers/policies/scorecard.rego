# The twelve checks of a scorecard, of input.service.
package score

weights := [10, 10, 8, 8, 6, 15, 8, 8, 5, 10, 7, 5]
w30 := data.now - (30 * 86400)
w90 := data.now - (90 * 86400)

check(0, svc) if svc.team != null
check(1, svc) if svc.coverage >= 80
check(2, svc) if svc.runbook
check(3, svc) if svc.slo
check(4, svc) if count(svc.oncall) >= 1
check(5, svc) if count([1 | some c in svc.cves; c.sev == "critical"; c.status == "open"]) == 0
check(6, svc) if count([1 | some c in svc.cves; c.sev == "high"; c.status == "open"]) <= 1
check(7, svc) if count([1 | some c in svc.cves; c.status == "open"; c.published < w30]) == 0
check(8, svc) if count([1 | some d in svc.deploys; d.t >= w30]) >= 1
check(9, svc) if {
	recent := [d.ok | some d in svc.deploys; d.t >= w90]
	count([1 | some ok in recent; ok == false]) * 100 <= 25 * count(recent)
}
check(10, svc) if count([1 | some x in svc.incidents; x.t >= w90; x.sev <= 2]) <= 1
check(11, svc) if count([1 | some d in svc.deps; data.services[d].lifecycle == "deprecated"]) == 0

grade(svc) := {"passed": passed, "score": total, "grade": letter(total)} if {
	passed := [b | some b, _ in weights; check(b, svc)]
	total := sum([weights[b] | some b in passed])
}

letter(x) := "A" if {
	x >= 90
} else := "B" if {
	x >= 75
} else := "C" if {
	x >= 60
} else := "D" if {
	x >= 40
} else := "F"

result := grade(data.services[input.service])

