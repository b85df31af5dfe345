"""The lines of docs/file-formats.md that find an object in a log find every one that the log's records name, with nothing of
Writ's."""

import hashlib
import json
import pathlib

from outside import World, expect

page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "file-formats.md"
code = page.read_text().split("```python\n", 1)[1].split("```", 1)[0]
names = {}
exec(code, names)
find = names["find"]

world = World()
run = world.run
run("writ", "build", "shop.writ", "-o", "b", "--registry", "registry.jsonl")
run("writ", "graph", "import", "--schema", "shop.writ", "facts.jsonl", "-o", "g")
run("writ", "log", "init", "log", "--origin", "shop.example/log", "--key", "log.key")
for minute in range(3):
    at = f"2020-11-19T10:0{minute}:00Z"
    run(
        "writ", "decide", "--bundle", "b", "--graph", "g", "--request", "request.json",
        "--now", at, "--as-of", at, "--log", "log", codes=(0, 1, 2))
found = 0
for index in range(3):
    record = json.loads(run("writ", "log", "show", "log", "--index", str(index), "--json"))
    text = json.dumps(record)
    named = [
        (name, text.split(f'"{name}": "sha256:', 1)[1][:64])
        for name in ("bundle", "snapshot", "request") if f'"{name}": "sha256:' in text
    ]
    readings = record["predicate"]["replay"]["trace"]
    expect(len(readings) > 0, f"the readings of entry {index}")
    for name, digest in named + [("reading", one.removeprefix("sha256:")) for one in readings]:
        content = find(world.path("log"), digest)
        expect(content is not None, f"the {name} of entry {index}")
        expect(hashlib.sha256(content).hexdigest() == digest, f"the {name} itself")
        found += 1
expect(found >= 9, "inputs of three decisions")
packs = list(pathlib.Path(world.path("log"), ".writ", "objects", "packs").iterdir())
expect(len(packs) == 1, "one pack")
expect(find(world.path("log"), "0" * 64) is None, "nothing where there is nothing")
