"""Envelopes of `writ log attest` and `writ build --key` verify with securesystemslib and with OpenSSL, by a key in
PEM, and hold what they should; envelopes of securesystemslib verify with writ-verify."""

import hashlib
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from outside import World, expect

world = World()
run = world.run
SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PEM = {}


def key_of(name):
    """The key as securesystemslib has it: found by its keyid alone."""
    pem = run("writ", "key", "show", name, "--pem")
    public = serialization.load_pem_public_key(pem)
    keyid = hashlib.sha256(public.public_bytes(*SPKI)).hexdigest()
    PEM[keyid] = pem
    return SSlibKey.from_crypto(public, keyid=keyid)


def judge(name, key, other):
    """Verifies with the key and not with another; returns the payload."""
    document = json.loads(world.bytes(name))
    envelope = Envelope.from_dict(document)
    expect(envelope.payload_type == "application/vnd.in-toto+json", "the type of in-toto")
    expect(list(envelope.verify([key], 1)) == [key.keyid], "securesystemslib to verify it")
    try:
        envelope.verify([SSlibKey(key.keyid, other.keytype, other.scheme, other.keyval)], 1)
        expect(False, "another key to be refused")
    except VerificationError:
        pass
    # The same by OpenSSL, over the encoding that the specification of DSSE gives.
    kind, body = envelope.payload_type.encode(), envelope.payload
    world.write("pae", b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body))
    world.write("sig", bytes.fromhex(envelope.signatures[key.keyid].signature))
    world.write("pem", PEM[key.keyid])
    run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pem", "-rawin", "-sigfile", "sig", "-in", "pae")
    return body


for name in ("attest", "publisher", "other"):
    run("writ", "key", "new", name, "-o", name + ".key")
attest, publisher, other = key_of("attest.key"), key_of("publisher.key"), key_of("other.key")

run("writ", "build", "shop.writ", "-o", "b", "--registry", "registry.jsonl", "--revision", "3", "--key", "publisher.key")
bundle = json.loads(judge("b.sig", publisher, other))
digest = hashlib.sha256(world.bytes("b")).hexdigest()
expect(bundle["subject"] == [{"digest": {"sha256": digest}}], "the bundle's digest")
expect(bundle["predicate"] == {"revision": 3}, "the bundle's revision")

run("writ", "graph", "import", "--schema", "shop.writ", "facts.jsonl", "-o", "g")
run("writ", "log", "init", "log", "--origin", "shop.example/log", "--key", "log.key")
decide = ("writ", "decide", "--bundle", "b", "--graph", "g", "--request", "request.json", "--log", "log")
run(*decide, codes=(0, 1, 2))

# The record: the very bytes of the entry, so the envelope has the leaf's hash.
run("writ", "log", "attest", "log", "--index", "0", "--key", "attest.key", "-o", "statement")
payload = judge("statement", attest, other)
tile = world.bytes("log/tile/0/000.p/1")
expect(hashlib.sha256(b"\0" + payload).digest() == tile, "the hash of the leaf")

# The summary: what SLSA asks for.
run("writ", "log", "attest", "log", "--index", "0", "--key", "attest.key", "--format", "vsa", "-o", "vsa")
summary = json.loads(judge("vsa", attest, other))
record = json.loads(payload)
predicate = summary["predicate"]
expect(summary["_type"] == "https://in-toto.io/Statement/v1", "a statement")
expect(summary["predicateType"] == "https://slsa.dev/verification_summary/v1", "a summary")
expect(summary["subject"] == record["subject"], "the record's subjects")
required = {"verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"}
expect(required <= predicate.keys(), "the fields that SLSA requires")
allowed = record["predicate"]["result"]["outcome"] == "allow"
expect(predicate["verificationResult"] == ("PASSED" if allowed else "FAILED"), "the outcome")
expect(not any(level.startswith("SLSA_") for level in predicate["verifiedLevels"]), "no level of SLSA's")
expect(predicate["policy"]["digest"]["sha256"] == digest, "the bundle as the policy")
place = predicate["urn:writ:log:v1"]
expect(place["checkpoint"].encode() == world.bytes("log/checkpoint"), "the checkpoint")
expect((place["index"], place["origin"]) == (0, "shop.example/log"), "the place in the log")

# The other way: an envelope of securesystemslib, verified by writ-verify.
private = Ed25519PrivateKey.generate()
signer = CryptoSigner(private)
envelope = Envelope(payload, "application/vnd.in-toto+json", {})
envelope.sign(signer)
world.write("theirs", json.dumps(envelope.to_dict()).encode())
world.write("theirs.pem", private.public_key().public_bytes(serialization.Encoding.PEM, SPKI[1]))
told = json.loads(run("writ-verify", "theirs", "--key", "theirs.pem", "--json"))
expect(told["verified"] is True and told["statement"] == record, "writ-verify to read theirs")
run("writ-verify", "theirs", "--key", "attest.key.pub", codes=(1,))
