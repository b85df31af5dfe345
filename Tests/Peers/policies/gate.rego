# The gate: `deny` is the set of violated rules; allow iff it is empty.
package gate

svc := data.services[input.service]
env := data.envs[input.env]

deny contains "score" if data.services[input.service].score < data.thresholds[env.stage]

deny contains "cve" if {
	some c in data.services[input.service].cves
	c.sev == "critical"
	c.status == "open"
}

deny contains "cve" if {
	some d in data.services[input.service].deps
	some c in data.services[d].cves
	c.sev == "critical"
	c.status == "open"
}

deny contains "freeze" if {
	some f in data.freezes[input.env]
	f.start <= input.time
	input.time < f.end
}

deny contains "eu" if {
	env.region == "EU"
	not eu_ok
}

eu_ok if {
	some a in input.approvals
	a != input.author
	"eu_compliance" in data.users[a].roles
}

deny contains "blast" if {
	input.actor.kind == "agent"
	data.services[input.service].blast > data.agents[input.actor.id].max_blast
}

allow if count(deny) == 0
