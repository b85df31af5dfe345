"""Encrypted keys are read by OpenSSL and by Python's cryptography, and theirs by Writ; OpenSSL verifies a
checkpoint's Ed25519 signature."""

import base64
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from outside import World, expect

world = World()
WORD = "correct horse"
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def raw(key):
    return key.public_bytes(*RAW)


def vkey_bytes(line):
    """Name, key ID and public key of a verifier key, by the specification alone."""
    name, key_id, text = line.decode().strip().split("+", 2)
    data = base64.b64decode(text, validate=True)
    wanted = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    expect(wanted.hex() == key_id, "the key ID of C2SP signed-note")
    expect(data[0] == 1 and len(data) == 33, "an Ed25519 verifier key")
    return name, wanted, data[1:]


# Ours, read by others.
world.run("writ", "key", "new", "log.example/w", "-o", "log.enc", "--encrypt", passphrase=WORD)
name, key_id, public = vkey_bytes(world.bytes("log.enc.pub"))
file = world.bytes("log.enc")
expect(raw(serialization.load_pem_private_key(file, WORD.encode()).public_key()) == public, "cryptography")
try:
    serialization.load_pem_private_key(file, b"another")
    expect(False, "another passphrase to be refused")
except ValueError:
    pass
pem = world.run("openssl", "pkey", "-in", "log.enc", "-passin", "pass:" + WORD, "-pubout")
expect(raw(serialization.load_pem_public_key(pem)) == public, "openssl pkey")
expect(world.run("writ", "key", "show", "log.enc", "--pem") == pem, "the PEM that openssl writes")
world.run("openssl", "pkey", "-in", "log.enc", "-passin", "pass:another", "-noout", codes=(1,))

# Others', read by us.
key = Ed25519PrivateKey.generate()
best = serialization.BestAvailableEncryption(WORD.encode())
pkcs8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
world.write("python.key", key.private_bytes(*pkcs8, best))
for cipher in ("-aes256", "-aes128"):
    out = "openssl" + cipher
    world.run("openssl", "genpkey", "-algorithm", "ed25519", cipher, "-pass", "pass:" + WORD, "-out", out)
    text = world.run("openssl", "pkey", "-in", out, "-passin", "pass:" + WORD, "-pubout")
    shown = world.run("writ", "key", "show", out, "--pem", passphrase=WORD)
    expect(shown == text, "the key of openssl genpkey " + cipher)
shown = world.run("writ", "key", "show", "python.key", "--pem", passphrase=WORD)
expect(raw(serialization.load_pem_public_key(shown)) == raw(key.public_key()), "the key of cryptography")
world.run("openssl", "genpkey", "-algorithm", "ed25519", "-out", "plain.key")
plain = world.run("openssl", "pkey", "-in", "plain.key", "-pubout")
expect(world.run("writ", "key", "show", "plain.key", "--pem") == plain, "the plain key of openssl")

# A checkpoint, in the overlap of two keys: each line is an Ed25519 signature over the text.
world.run("writ", "log", "init", "log", "--origin", name, "--key", "log.enc", passphrase=WORD)
world.run("writ", "key", "new", name, "-o", "next.enc", "--encrypt", passphrase=WORD)
world.run("writ", "log", "rotate", "log", "--key", "next.enc", passphrase=WORD)
text, _, lines = world.bytes("log/checkpoint").rpartition(b"\n\n")
text += b"\n"
world.write("text", text)
keys = [vkey_bytes(world.bytes(file + ".pub")) for file in ("log.enc", "next.enc")]
lines = lines.decode().splitlines()
expect(len(lines) == 2, "a line of each key")
for line, (name, key_id, public) in zip(lines, keys):
    dash, signer, signature = line.split(" ")
    data = base64.b64decode(signature, validate=True)
    expect(dash == "\u2014" and signer == name and data[:4] == key_id, "a signature line")
    verifier = Ed25519PublicKey.from_public_bytes(public)
    verifier.verify(data[4:], text)
    pem = verifier.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    world.write("log.pem", pem)
    world.write("signature", data[4:])
    verify = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "log.pem", "-rawin", "-sigfile", "signature")
    world.run(*verify, "-in", "text")
    world.write("changed", text.replace(b"1", b"2"))
    world.run(*verify, "-in", "changed", codes=(1,))
