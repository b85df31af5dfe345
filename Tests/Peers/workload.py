"""The data that Writ and other engines are asked about: workload.py SERVICES FOLDER

A graph of services, what they depend on, who is on call, findings, deployments and incidents; requests of a gate; the right
answers to both. All is drawn from one stream of splitmix64 with a fixed seed, in integers, so that it is the same on any machine.

    graph.json                   one document, for engines that hold one
    TABLE.ndjson                 flat tables, for engines that hold those
    requests.ndjson              requests as other engines take them
    facts.jsonl, requests.jsonl  the same for Writ
    expected.json                per request the rules that it violates, per service the checks that pass, as bits
"""
import json
import os
import sys
from datetime import datetime, timezone

NOW, DAY, HOUR = 1_790_000_000, 86_400, 3_600
STAGES, REGIONS = ["dev", "staging", "prod"], ["EU", "US", "APAC"]
THRESHOLDS = {"dev": 0, "staging": 50, "prod": 70}
SEVERITIES, STATES = ["low", "medium", "high", "critical"], ["open", "fixed", "waived"]
LIFECYCLES = ["production", "experimental", "deprecated"]
ROLES = ["developer", "sre", "manager", "security", "auditor", "eu_compliance"]
RULES = ["score", "cve", "freeze", "eu", "blast"]
REQUESTS = 10_000


class Stream:
    """splitmix64, seeded with the letters WRIT."""

    def __init__(self):
        self.state = 0x57524954

    def below(self, bound):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) * bound) >> 64

    def chance(self, per_mille):
        return self.below(1000) < per_mille


def make_service(r, number, services, teams, users):
    def finding():
        x = r.below(100)
        severity = 3 if x < 8 else 2 if x < 30 else 1 if x < 65 else 0
        state = 0 if r.chance(350) else 1 if r.chance(800) else 2
        return {"sev": SEVERITIES[severity], "status": STATES[state], "published": NOW - r.below(180 * DAY)}

    team = None if r.chance(30) else r.below(teams)
    tier, x = r.below(4), r.below(100)
    service = {
        "team": team, "tier": tier, "lifecycle": LIFECYCLES[2 if x < 4 else 1 if x < 20 else 0],
        "coverage": r.below(101), "runbook": r.chance(700), "slo": r.chance(600), "score": 30 + r.below(71),
        "deps": [],
    }
    for _ in range(r.below(7)):
        # Squared, so that low numbers are hubs.
        a = r.below(1 << 32)
        other = ((a * a >> 32) * services) >> 32
        if other != number and other not in service["deps"]:
            service["deps"].append(other)
    service["oncall"] = sorted({r.below(users) for _ in range(r.below(4))})
    service["cves"] = [finding() for _ in range(r.below(5))]
    service["deploys"] = [{"t": NOW - r.below(120 * DAY), "ok": not r.chance(150)} for _ in range(r.below(8))]
    service["incidents"] = [{"t": NOW - r.below(120 * DAY), "sev": 1 + r.below(4)} for _ in range(r.below(3))]
    return service


class Workload:
    def __init__(self, count):
        r = Stream()
        users, teams = max(2000, count // 5), max(20, count // 10)
        self.users = []
        for _ in range(users):
            roles = {r.below(5)} | ({r.below(5)} if r.chance(300) else set()) | ({5} if r.chance(50) else set())
            self.users.append([ROLES[x] for x in sorted(roles)])
        compliance = [number for number, roles in enumerate(self.users) if "eu_compliance" in roles]
        self.agents = [5 + r.below(60) for _ in range(500)]
        self.envs = [(stage, region) for stage in STAGES for region in REGIONS]
        self.freezes = []
        for _ in self.envs:
            starts = [NOW - 90 * DAY + r.below(180 * DAY) for _ in range(16)]
            self.freezes.append([{"start": start, "end": start + DAY} for start in starts])
        self.services = [make_service(r, number, count, teams, users) for number in range(count)]
        self.count_dependents()
        self.requests = [self.make_request(r, compliance) for _ in range(REQUESTS)]

    def count_dependents(self):
        """`blast`: how many depend on a service, directly or through one other."""
        dependents = [[] for _ in self.services]
        for number, service in enumerate(self.services):
            for other in service["deps"]:
                dependents[other].append(number)
        for number, service in enumerate(self.services):
            reached = set(dependents[number])
            for other in dependents[number]:
                reached.update(dependents[other])
            service["blast"] = len(reached - {number})

    def make_request(self, r, compliance):
        request = {"service": r.below(len(self.services)), "env": r.below(9), "time": NOW - 30 * DAY + r.below(60 * DAY)}
        x = r.below(100)
        request["kind"] = "human" if x < 50 else "pipeline" if x < 70 else "agent"
        request["actor"] = r.below(len(self.agents) if request["kind"] == "agent" else len(self.users))
        request["author"] = r.below(len(self.users))
        approvals = [r.below(len(self.users)) for _ in range(r.below(3))]
        if r.chance(500):
            approvals.append(compliance[r.below(len(compliance))])
        if r.chance(30) and approvals:
            request["author"] = approvals[-1]
        request["approvals"] = sorted(set(approvals))
        return request

    def has_critical(self, number):
        return any(c["sev"] == "critical" and c["status"] == "open" for c in self.services[number]["cves"])

    def has_near_critical(self, number):
        return self.has_critical(number) or any(map(self.has_critical, self.services[number]["deps"]))

    def is_frozen(self, request):
        return any(f["start"] <= request["time"] < f["end"] for f in self.freezes[request["env"]])

    def is_agreed(self, request):
        """Somebody of compliance who is not the author has approved."""
        return any(a != request["author"] and "eu_compliance" in self.users[a] for a in request["approvals"])

    def violated(self, request):
        service = self.services[request["service"]]
        stage, region = self.envs[request["env"]]
        return [
            rule
            for rule, is_violated in zip(RULES, [
                service["score"] < THRESHOLDS[stage],
                self.has_near_critical(request["service"]),
                self.is_frozen(request),
                region == "EU" and not self.is_agreed(request),
                request["kind"] == "agent" and service["blast"] > self.agents[request["actor"]],
            ])
            if is_violated
        ]

    def passed(self, service):
        """The checks of the scorecard, from the first to the last."""
        month, quarter = NOW - 30 * DAY, NOW - 90 * DAY
        findings = [c for c in service["cves"] if c["status"] == "open"]
        recent = [d["ok"] for d in service["deploys"] if d["t"] >= quarter]
        return [
            service["team"] is not None,
            service["coverage"] >= 80,
            service["runbook"],
            service["slo"],
            len(service["oncall"]) >= 1,
            not any(c["sev"] == "critical" for c in findings),
            sum(c["sev"] == "high" for c in findings) <= 1,
            not any(c["published"] < month for c in findings),
            any(d["t"] >= month for d in service["deploys"]),
            recent.count(False) * 100 <= 25 * len(recent),
            sum(x["t"] >= quarter and x["sev"] <= 2 for x in service["incidents"]) <= 1,
            not any(self.services[d]["lifecycle"] == "deprecated" for d in service["deps"]),
        ]


def service_name(number):
    return f"svc-{number:06d}"


def user_name(number):
    return f"u-{number:06d}"


def env_name(env):
    return f"{env[0]}-{env[1].lower()}"


def actor_name(request):
    return f"agent-{request['actor']:03d}" if request["kind"] == "agent" else user_name(request["actor"])


def instant(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def write_lines(folder, name, values):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        for value in values:
            out.write(compact(value) + "\n")


def write_graph(w, folder):
    def whole(service):
        named = {"deps": [service_name(x) for x in service["deps"]], "oncall": [user_name(x) for x in service["oncall"]]}
        return {**service, **named}

    document = {
        "now": NOW, "thresholds": THRESHOLDS,
        "envs": {env_name(env): {"stage": env[0], "region": env[1]} for env in w.envs},
        "freezes": {env_name(env): freezes for env, freezes in zip(w.envs, w.freezes)},
        "agents": {f"agent-{number:03d}": {"max_blast": blast} for number, blast in enumerate(w.agents)},
        "users": {user_name(number): {"roles": roles} for number, roles in enumerate(w.users)},
        "services": {service_name(number): whole(service) for number, service in enumerate(w.services)},
    }
    with open(os.path.join(folder, "graph.json"), "w", encoding="utf-8") as out:
        out.write(compact(document))


def write_tables(w, folder):
    own = ("team", "tier", "lifecycle", "coverage", "runbook", "slo", "score", "blast")
    write_lines(folder, "services.ndjson", (
        {"id": n, "name": service_name(n), **{k: s[k] for k in own}} for n, s in enumerate(w.services)))
    write_lines(folder, "deps.ndjson", ({"src": n, "dst": d} for n, s in enumerate(w.services) for d in s["deps"]))
    write_lines(folder, "oncall.ndjson", ({"svc": n, "usr": u} for n, s in enumerate(w.services) for u in s["oncall"]))
    for table in ("cves", "deploys", "incidents"):
        write_lines(folder, table + ".ndjson", ({"svc": n, **row} for n, s in enumerate(w.services) for row in s[table]))
    write_lines(folder, "users.ndjson", ({"id": n, "name": user_name(n)} for n in range(len(w.users))))
    write_lines(folder, "user_roles.ndjson", ({"usr": n, "role": x} for n, roles in enumerate(w.users) for x in roles))
    write_lines(folder, "agents.ndjson", ({"name": f"agent-{n:03d}", "max_blast": b} for n, b in enumerate(w.agents)))
    write_lines(folder, "envs.ndjson", (
        {"id": n, "name": env_name(env), "stage": env[0], "region": env[1]} for n, env in enumerate(w.envs)))
    write_lines(folder, "freezes.ndjson", ({"env": n, **f} for n, freezes in enumerate(w.freezes) for f in freezes))


def facts(w):
    def node(kind, id, **props):
        return {"node": kind, "id": id, "props": props}

    def edge(label, start, end):
        return {"edge": label, "from": start, "to": end}

    yield {"source": "bench", "at": instant(NOW), "covers": "*"}
    for number, roles in enumerate(w.users):
        yield node("User", user_name(number), roles=roles)
    for number, blast in enumerate(w.agents):
        yield node("Agent", f"agent-{number:03d}", maxBlast=blast)
    for number, env in enumerate(w.envs):
        yield node("Environment", env_name(env), stage=env[0], region=env[1].lower())
        for place, freeze in enumerate(w.freezes[number]):
            yield node("Freeze", f"{number}-{place}", start=instant(freeze["start"]), end=instant(freeze["end"]))
            yield edge("environment", f"Freeze/{number}-{place}", "Environment/" + env_name(env))
    for team in sorted({s["team"] for s in w.services if s["team"] is not None}):
        yield node("Team", f"team-{team:05d}")
    for number, service in enumerate(w.services):
        own = ("tier", "lifecycle", "coverage", "runbook", "slo", "score", "blast")
        name = service_name(number)
        yield node("Service", name, **{k: service[k] for k in own})
        if service["team"] is not None:
            yield edge("owner", "Service/" + name, f"Team/team-{service['team']:05d}")
        for other in service["deps"]:
            yield edge("dependsOn", "Service/" + name, "Service/" + service_name(other))
        for user in service["oncall"]:
            yield edge("onCall", "Service/" + name, "User/" + user_name(user))
        for place, c in enumerate(service["cves"]):
            yield node("Vulnerability", f"{name}-{place}", severity=c["sev"], status=c["status"], published=instant(c["published"]))
            yield edge("vulnerabilities", "Service/" + name, f"Vulnerability/{name}-{place}")
        for place, d in enumerate(service["deploys"]):
            yield node("Deployment", f"{name}-{place}", time=instant(d["t"]), ok=d["ok"])
            yield edge("deployments", "Service/" + name, f"Deployment/{name}-{place}")
        for place, x in enumerate(service["incidents"]):
            yield node("Incident", f"{name}-{place}", openedAt=instant(x["t"]), severity=x["sev"])
            yield edge("incidents", "Service/" + name, f"Incident/{name}-{place}")


def writ_request(w, request):
    def edge(label, end):
        return {"edge": label, "from": "Ask/a", "to": end}

    brought = [{"node": "Ask", "id": "a", "props": {}}, edge("author", "User/" + user_name(request["author"]))]
    brought += [edge("approvals", "User/" + user_name(user)) for user in request["approvals"]]
    if request["kind"] == "agent":
        brought.append(edge("agent", "Agent/" + actor_name(request)))
    env = env_name(w.envs[request["env"]])
    arguments = {"ask": "Ask/a", "service": "Service/" + service_name(request["service"]), "env": "Environment/" + env}
    return {"gate": "peers.ship", "now": instant(request["time"]), "arguments": arguments, "facts": brought}


def writ_names(w, request):
    """The same without facts of its own: the author in the place of an approver who is not there."""
    author = user_name(request["author"])
    approvers = [user_name(user) for user in request["approvals"]]
    people = [author, *approvers, *[author] * (3 - len(approvers))]
    arguments = {
        "service": "Service/" + service_name(request["service"]),
        "env": "Environment/" + env_name(w.envs[request["env"]]),
        "time": instant(request["time"]),
        "actor": ("Agent/" if request["kind"] == "agent" else "User/") + actor_name(request),
        **{name: "User/" + user for name, user in zip(("author", "first", "second", "third"), people)},
    }
    return {"gate": "peers.admit", "arguments": arguments}


def plain_request(w, request):
    return {
        "service": service_name(request["service"]), "env": env_name(w.envs[request["env"]]), "time": request["time"],
        "actor": {"kind": request["kind"], "id": actor_name(request)}, "author": user_name(request["author"]),
        "approvals": [user_name(user) for user in request["approvals"]],
        # What Cedar is handed, since it cannot work it out.
        "flat": {"freeze": w.is_frozen(request), "euApproved": w.is_agreed(request)},
    }


def write(count, folder):
    w = Workload(count)
    os.makedirs(folder, exist_ok=True)
    write_graph(w, folder)
    write_tables(w, folder)
    write_lines(folder, "facts.jsonl", facts(w))
    write_lines(folder, "requests.jsonl", (writ_request(w, request) for request in w.requests))
    write_lines(folder, "names.jsonl", (writ_names(w, request) for request in w.requests))
    write_lines(folder, "requests.ndjson", (plain_request(w, request) for request in w.requests))
    masks = [sum(1 << place for place, is_passed in enumerate(w.passed(s)) if is_passed) for s in w.services]
    expected = {
        "violated": [w.violated(request) for request in w.requests], "passed": masks,
        "critical": [w.has_near_critical(number) for number in range(count)],
    }
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as out:
        out.write(compact(expected))


if __name__ == "__main__":
    write(int(sys.argv[1]), sys.argv[2])
