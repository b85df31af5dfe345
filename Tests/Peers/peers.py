"""Writ and other engines on the same questions: peers.py BIN FOLDER

Every answer of every engine is compared with the generator's before anything is timed. Then each way is timed in rounds,
all of them in each round, by the processor time of this process. Writ times itself (`writ bench`), in a process of its own.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version

import cedarpy
import duckdb
import regorus

POLICIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "policies")
RULES = ["score", "cve", "freeze", "eu", "blast"]
ROUNDS = 5
# As many requests as the slowest engine gets through in a moment; Writ is asked the same.
ASKED = 2_000


def policy(name):
    with open(os.path.join(POLICIES, name), encoding="utf-8") as file:
        return file.read()


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e9


class Data:
    def __init__(self, folder):
        self.folder = folder
        with open(folder + "/graph.json", encoding="utf-8") as file:
            self.graph_text = file.read()
        self.graph = json.loads(self.graph_text)
        with open(folder + "/expected.json", encoding="utf-8") as file:
            self.expected = json.load(file)
        with open(folder + "/requests.ndjson", encoding="utf-8") as file:
            self.request_lines = file.read().splitlines()[:ASKED]
        self.requests = [json.loads(line) for line in self.request_lines]
        self.violated = [sorted(rules) for rules in self.expected["violated"][:ASKED]]
        self.services = list(self.graph["services"])


def check(name, found, expected):
    for place, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one != other:
            sys.exit(f"{name}: answer {place} is {one!r} and should be {other!r}")


def regorus_ways(data):
    name = "regorus " + version("gordon-to-regorus")

    def interpreter(file):
        engine = regorus.Engine()
        engine.add_policy(file, policy(file))
        engine.add_data_json(data.graph_text)
        return engine

    def machine(file, entry):
        program = regorus.Program.compile_from_modules(data.graph_text, [(file, policy(file))], [entry])
        machine = regorus.Rvm()
        machine.load_program(program)
        machine.set_data_json(data.graph_text)
        return machine

    def asked(engine, rule, inputs):
        for text in inputs:
            engine.set_input_json(text)
            yield engine.eval_rule(rule)

    def run(machine, inputs):
        for text in inputs:
            machine.set_input_json(text)
            yield json.loads(machine.execute())

    gate, compiled = interpreter("gate.rego"), machine("gate.rego", "data.gate.deny")
    scores, few = interpreter("scorecard.rego"), range(0, len(data.services), max(1, len(data.services) // 500))
    services = [json.dumps({"service": data.services[place]}) for place in few]
    masks = [data.expected["passed"][place] for place in few]
    check(name, map(sorted, asked(gate, "data.gate.deny", data.request_lines)), data.violated)
    check(name + " RVM", map(sorted, run(compiled, data.request_lines)), data.violated)
    passed = (sum(1 << bit for bit in found["passed"]) for found in asked(scores, "data.score.result", services))
    check(name, passed, masks)
    yield "gate", name, ASKED, lambda: list(asked(gate, "data.gate.deny", data.request_lines))
    yield "gate", name + ", RVM", ASKED, lambda: list(run(compiled, data.request_lines))
    yield "scorecard", name, len(services), lambda: list(asked(scores, "data.score.result", services))


def cedar_ways(data):
    name = "Cedar (cedarpy " + version("cedarpy") + "), facts worked out for it"

    def uid(kind, id):
        return {"type": kind, "id": id}

    def entity(kind, id, **attributes):
        return {"uid": uid(kind, id), "attrs": attributes, "parents": []}

    entities = [
        entity("Service", id, score=service["score"], blast=service["blast"], critical=is_critical)
        for (id, service), is_critical in zip(data.graph["services"].items(), data.expected["critical"])
    ]
    for id, env in data.graph["envs"].items():
        entities.append(entity("Env", id, region=env["region"], threshold=data.graph["thresholds"][env["stage"]]))
    for id, agent in data.graph["agents"].items():
        entities.append(entity("Agent", id, maxBlast=agent["max_blast"]))
    known = cedarpy.Entities.from_json_str(json.dumps(entities))
    rules = cedarpy.PolicySet.from_str(policy("gate.cedar"))
    requests = [
        {
            "principal": uid("Agent" if request["actor"]["kind"] == "agent" else "User", request["actor"]["id"]),
            "action": uid("Action", "deploy"), "resource": uid("Service", request["service"]),
            "context": {"env": {"__entity": uid("Env", request["env"])}, **request["flat"]},
        }
        for request in data.requests
    ]
    answers = cedarpy.is_authorized_batch(requests, rules, known)
    check(name, [answer.allowed for answer in answers], [not rules for rules in data.violated])
    yield "gate", name, ASKED, lambda: cedarpy.is_authorized_batch(requests, rules, known)


def duckdb_ways(data):
    name = "DuckDB " + version("duckdb") + ", one thread, all at once"
    tables = duckdb.connect()
    tables.execute("set threads=1")
    for table in ("services", "deps", "oncall", "cves", "deploys", "incidents", "users", "user_roles", "envs", "freezes", "agents"):
        tables.execute(f"create table {table} as select * from read_json_auto('{data.folder}/{table}.ndjson')")
    tables.execute("create table req (rid int, service text, env text, t bigint, kind text, actor text, author text)")
    tables.execute("create table ap (rid int, usr text)")
    tables.executemany("insert into req values (?, ?, ?, ?, ?, ?, ?)", [
        [place, r["service"], r["env"], r["time"], r["actor"]["kind"], r["actor"]["id"], r["author"]]
        for place, r in enumerate(data.requests)
    ])
    tables.executemany("insert into ap values (?, ?)", [
        [place, user] for place, r in enumerate(data.requests) for user in r["approvals"]
    ])
    gate, scorecard = policy("gate.sql"), policy("scorecard.sql")
    masks = [sum(1 << RULES.index(rule) for rule in rules) for rules in data.violated]
    check(name, [row[1] for row in tables.execute(gate).fetchall()], masks)
    check(name, [row[1] for row in tables.execute(scorecard).fetchall()], data.expected["passed"])
    yield "gate", name, ASKED, lambda: tables.execute(gate).fetchall()
    yield "scorecard", name, len(data.services), lambda: tables.execute(scorecard).fetchall()


def writ(words, folder):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(" ".join(words) + ": " + done.stderr)
    return done.stdout


def writ_figures(data, program):
    """Nanoseconds of the ways of `writ bench`, after its answers were compared too."""
    with tempfile.TemporaryDirectory() as folder:
        writ([program, "build", POLICIES + "/peers.writ", "-o", "b"], folder)
        writ([program, "graph", "import", "--schema", POLICIES + "/peers.writ", data.folder + "/facts.jsonl", "-o", "g"], folder)
        for name, own in (("requests.jsonl", "r"), ("names.jsonl", "names")):
            with open(data.folder + "/" + name, encoding="utf-8") as file:
                lines = file.read().splitlines(keepends=True)[:ASKED]
            with open(folder + "/" + own, "w", encoding="utf-8") as file:
                file.writelines(lines)
        loaded = ["--bundle", "b", "--graph", "g", "--as-of", "2026-09-21T14:13:20Z"]
        for requests in ("r", "names"):
            lines = writ([program, "decide", *loaded, "--batch", requests, "--json"], folder).splitlines()
            decisions = [json.loads(line)["result"] for line in lines]
            check("writ", (sorted({reason["clause"] for reason in d["reasons"]}) for d in decisions), data.violated)
        loaded += ["--now", "2026-09-21T14:13:20Z"]
        scores = [json.loads(line) for line in writ([program, "score", "readiness", *loaded, "--json"], folder).splitlines()]
        masks = (sum(1 << place for place, c in enumerate(score["checks"]) if c["outcome"] == "pass") for score in scores)
        check("writ", masks, data.expected["passed"])
        for requests, what in (("r", "writ, facts in the request: "), ("names", "writ: ")):
            told = json.loads(writ([program, "bench", *loaded[:6], "--batch", requests, "--rounds", str(ROUNDS), "--json"], folder))
            for way in told["ways"]:
                yield "gate", what + way["way"], way["nanoseconds"]
        told = json.loads(writ([program, "bench", "readiness", *loaded, "--rounds", str(ROUNDS), "--json"], folder))
        for way in told["ways"]:
            yield "scorecard", "writ: " + way["way"], way["nanoseconds"]


def main():
    program, data = os.path.abspath(sys.argv[1]) + "/writ", Data(os.path.abspath(sys.argv[2]))
    figures = list(writ_figures(data, program))
    ways = [*regorus_ways(data), *cedar_ways(data), *duckdb_ways(data)]
    times = [[] for _ in ways]
    for _ in range(ROUNDS):
        for place, (_, _, count, pass_once) in enumerate(ways):
            start = cpu()
            pass_once()
            times[place].append((cpu() - start) / count)
    figures += [(question, name, statistics.median(own)) for (question, name, _, _), own in zip(ways, times)]
    bases = {"gate": "writ: read, the verdict alone", "scorecard": "writ: linked and scored"}
    print(f"{len(data.services)} services, {ASKED} requests; every answer was compared. Nanoseconds of CPU, median of {ROUNDS} rounds.")
    for question, base_name in bases.items():
        base = next(ns for q, name, ns in figures if q == question and name == base_name)
        print(f"\n{question}: ns each, and times `{base_name}`")
        for _, name, ns in sorted((f for f in figures if f[0] == question), key=lambda figure: figure[2]):
            print(f"  {ns:12,.0f}  {ns / base:9.1f} x  {name}")


main()
