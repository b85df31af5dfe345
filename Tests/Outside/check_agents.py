"""Agents that act and answer through the protocol's own Python client: a tool of `writ mcp` that a delegate carries out, and an agent of
a pipeline, in both eras."""

import datetime
import json
import os
import subprocess
import sys

import anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from outside import World, expect

POLICY = """
policy desk version 1 callers unsigned

source catalog fresh 7d

node Identity from catalog { name: String key }
node Service from catalog {
  name: String key
  frozen: Bool
}
node Verdict from request {
  good: Bool
  why: String
  service -> Service
}

gate ship(service: Service) {
  deny frozen: service.frozen "{service} is frozen"
}
gate reviewed(service: Service) {
  deny frozen: service.frozen "{service} is frozen"
  require verdict: any v in Verdict has v.service == service and v.good
    else "no reviewer calls {service} good"
}
action deploy(service: Service)
  kind deploy guarded by ship(service) effect production irreversible
{ run "./put.sh" "deploy" service }
action put(service: Service)
  kind deploy guarded by reviewed(service) effect production irreversible
{ run "./put.sh" "put" service }

pipeline going(service: Service) unverified {
  stage review {
    agent reviewer "Is {service} fit to go out?" budget 60s, 5 calls, 100 tokens -> verdict: Verdict
  }
  stage production { put(service) }
}
"""

AGENT = """#!{python}
import json, sys
import anyio
from mcp.client.client import Client
from mcp.server.stdio import stdio_server

async def main():
    async with Client(stdio_server(), mode="{mode}") as client:
        assert client.protocol_version == "{version}", client.protocol_version
        task = await client.read_resource("writ://task")
        assert json.loads(task.contents[0].text)["words"] == "Is web fit to go out?"
        prompt = await client.get_prompt("task")
        assert prompt.messages[0].content.text.startswith("Is web fit to go out?")
        assert [one.name for one in (await client.list_prompts()).prompts] == ["task"]
        assert [str(one.uri) for one in (await client.list_resources()).resources] == ["writ://task"]
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert "ask.desk.put" in names and "act.desk.put" not in names, names
        told = await client.call_tool("decide.desk.ship", {{"arguments": {{"service": "Service/web"}}}})
        assert told.structured_content["decision"] == "allow", told
        wrong = await client.call_tool("answer", {{"output": {{"good": "yes"}}}})
        assert wrong.is_error and "good" in wrong.content[0].text, wrong
        await client.call_tool("usage", {{"tokens": 40}})
        given = await client.call_tool(
            "answer",
            {{"output": {{"good": {good}, "why": "calm", "service": "Service/web"}}, "tokens": 60}},
        )
        assert not given.is_error and given.structured_content["tokens"] == 100, given

anyio.run(main)
"""


def make(world):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = [
        {"node": "Identity", "id": "bot", "props": {}},
        {"node": "Identity", "id": "reviewer", "props": {}},
        {"node": "Service", "id": "web", "props": {"frozen": False}},
        {"node": "Service", "id": "ice", "props": {"frozen": True}},
        {"source": "catalog", "at": now, "covers": "*"},
    ]
    world.write("desk.writ", POLICY.encode())
    world.write("desk.jsonl", "".join(json.dumps(fact) + "\n" for fact in facts).encode())
    for line in (
        "writ build desk.writ -o desk",
        "writ graph import --schema desk.writ desk.jsonl -o graph",
        "writ key new log.example -o desk.key",
        "writ key new permits -o permit.key",
        "writ log init log --origin log.example --key desk.key",
        "writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey desk.key.pub",
    ):
        world.run(*line.split())
    program(world, "eu-1/work/put.sh", f'#!/bin/sh\necho "$*" >> "{world.path("ran")}"; echo "done $*"\n')
    world.write("ran", b"")


def program(world, name, text):
    world.write(name, text.encode())
    os.chmod(world.path(name), 0o755)


def ran(world):
    return world.bytes("ran").decode().split("\n")[:-1]


def delegate(world):
    return subprocess.Popen(
        [f"{world.programs}/writ-delegate", "serve", "eu-1", "--connect", f"unix:{world.path('sock')}"],
        cwd=world.folder,
        stderr=subprocess.DEVNULL,
    )


def acting(world):
    return (
        f"--bundle desk --graph graph --log log --permit-key permit.key --delegate eu-1/delegate.pub "
        f"--listen unix:{world.path('sock')} --wait 30s"
    ).split()


async def check_acting(world):
    """An action by a tool: allowed and done by the delegate, or denied."""
    server = StdioServerParameters(
        command=f"{world.programs}/writ",
        args=["mcp", "--caller", "Identity/bot"] + acting(world),
        cwd=str(world.folder),
    )
    for mode in ("auto", "legacy"):
        world.write("ran", b"")
        async with Client(stdio_client(server), mode=mode) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            expect(tools["act.desk.deploy"].annotations.destructive_hint, "an action says that it is one")
            done = await client.call_tool("act.desk.deploy", {"arguments": {"service": "Service/web"}})
            expect(not done.is_error, f"it is done: {done}")
            expect(done.structured_content["decision"] == "allow", "allowed")
            expect("done deploy web" in done.content[0].text, "what the program printed")
            denied = await client.call_tool("act.desk.deploy", {"arguments": {"service": "Service/ice"}})
            expect(not denied.is_error, "a denial is no error")
            expect(denied.structured_content["decision"] == "deny", "denied")
        expect(ran(world) == ["deploy web"], f"done once: {ran(world)}")


def check_step(world):
    """An agent of a pipeline that is a client."""
    # Python, wherever it lies, and what it was given for these checks.
    readable = " ".join(f"--may-read {place}" for place in {sys.prefix, sys.base_prefix})
    options = "--agent reviewer=./agent.py --agent-as reviewer=Identity/reviewer --agent-speaks reviewer=mcp"
    for mode, version in {"auto": "2026-07-28", "legacy": "2025-11-25"}.items():
        for good in (True, False):
            world.write("ran", b"")
            text = AGENT.format(python=sys.executable, mode=mode, version=version, good=good)
            program(world, "agent.py", text)
            words = f"writ run going --arg service=Service/web --caller Identity/bot {options} {readable}"
            world.run(*words.split(), *acting(world), codes=(0,) if good else (1,))
            expect(ran(world) == (["put web"] if good else []), f"{mode}, {good}: {ran(world)}")


def main():
    world = World()
    make(world)
    worker = delegate(world)
    try:
        anyio.run(check_acting, world)
        check_step(world)
    finally:
        worker.terminate()
        worker.wait()


main()
sys.exit(0)
