"""A log is read by code that is not Writ's: tiles and checkpoint by the text of C2SP tlog-tiles, inclusion by sigstore's
Merkle code, entries by in-toto's attestation library and by RFC 8785, signatures by cryptography. Every proof of one entry is
judged by sigstore's code too, and refused when a byte of it is changed."""

import base64
import hashlib
import json
from types import SimpleNamespace

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError

from outside import World, expect

world = World()
run = world.run
COUNT = 300


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    """RFC 9162, 2.1.1."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:split]), root_of(hashes[split:]))


def judged(entry, index, size, hashes, root):
    """Whether sigstore takes the proof."""
    proof = SimpleNamespace(log_index=index, tree_size=size, hashes=hashes, root_hash=root)
    try:
        verify_merkle_inclusion(
            SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=entry)))
        return True
    except VerificationError:
        return False


def opened(note, vkey):
    """The lines of a signed note, its signature verified with the key alone (C2SP signed-note)."""
    text, signatures = note.rsplit(b"\n\n", 1)
    text += b"\n"
    name, hint, key = vkey.split("+", 2)
    public = base64.b64decode(key)
    expect(public[0] == 1, "an Ed25519 key")
    for line in signatures.decode().splitlines():
        signer, encoded = line.removeprefix("\u2014 ").split(" ")
        raw = base64.b64decode(encoded)
        if signer == name and raw[:4].hex() == hint:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text)
            return text.decode().splitlines()
    expect(False, "a signature of the log")


def path(level, index, width):
    """The name of a tile (C2SP tlog-tiles)."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"log/tile/{level}/" + "/".join(groups) + (f".p/{width}" if width < 256 else "")


def entries_of(bundle):
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


run("writ", "build", "shop.writ", "-o", "b", "--registry", "registry.jsonl")
run("writ", "graph", "import", "--schema", "shop.writ", "facts.jsonl", "-o", "g")
run("writ", "log", "init", "log", "--origin", "shop.example/log", "--key", "log.key")
for _ in range(COUNT):
    run("writ", "decide", "--bundle", "b", "--graph", "g", "--request", "request.json", "--log", "log", codes=(0, 1, 2))

vkey = world.bytes("log.key.pub").decode().strip().splitlines()[-1]
origin, size, root = opened(world.bytes("log/checkpoint"), vkey)
size, root = int(size), base64.b64decode(root)
expect((origin, size) == ("shop.example/log", COUNT), "the origin and the size")

entries, hashes = [], []
for number in range((size + 255) // 256):
    width = min(256, size - 256 * number)
    found = entries_of(world.bytes(path("entries", number, width)))
    tile = world.bytes(path(0, number, width))
    expect(len(found) == width and len(tile) == 32 * width, "full bundles and tiles")
    entries += found
    hashes += [tile[at : at + 32] for at in range(0, len(tile), 32)]
expect([leaf(entry) for entry in entries] == hashes, "the hashes of level 0")
expect(root_of(hashes) == root, "the root of RFC 9162")
expect(world.bytes(path(1, 0, size // 256)) == root_of(hashes[:256]), "the tile of level 1")

for entry in entries:
    document = json.loads(entry)
    expect(rfc8785.dumps(document) == entry, "the canonical form of RFC 8785")
    statement = Statement.copy_from_pb(json_format.Parse(entry, statement_pb2.Statement()))
    statement.validate()

for index in (0, 1, 127, 255, 256, COUNT - 1):
    run("writ", "log", "prove", "log", "--index", str(index), "-o", "proof")
    head, note = world.bytes("proof").split(b"\n\n", 1)
    lines = head.decode().splitlines()
    expect(lines[0] == "c2sp.org/tlog-proof@v1", "the form of C2SP tlog-proof")
    extra = base64.b64decode(lines[1].removeprefix("extra "))
    expect(lines[2] == f"index {index}", "the index")
    expect(opened(note, vkey)[1:3] == [str(size), base64.b64encode(root).decode()], "the checkpoint")
    way = [base64.b64decode(line) for line in lines[3:]]
    entry = entries[index]
    expect(entry in extra, "the entry in the extra data")
    expect(judged(entry, index, size, way, root), "sigstore to take the proof")
    expect(not judged(entry + b" ", index, size, way, root), "another entry to be refused")
    expect(not judged(entry, index ^ 1, size, way, root), "another place to be refused")
    for position in range(len(way)):
        broken = way[:position] + [bytes([way[position][0] ^ 1]) + way[position][1:]] + way[position + 1 :]
        expect(not judged(entry, index, size, broken, root), "another path to be refused")
