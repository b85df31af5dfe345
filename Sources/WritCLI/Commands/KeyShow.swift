// `writ key show`: what a key file holds, without its secret.

import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let keyShow = Command(
    name: "key show", summary: "tell whose key a file holds, and whether it is encrypted",
    operands: [.one("FILE", "a signing key, a verifier key, or a public key in PEM")],
    options: [
      .optional("--name", "NAME", "the name for a key that has none: for its verifier key"),
      .flag("--pem", "print the public half alone, as SPKI in PEM"), .passphrase,
    ],
    details: [
      "The passphrase of a key that Writ encrypted is not needed: its public half lies open.",
      "  writ key show log.key --pem > log.pem",
    ],
    run: runKeyShow)
}

/// What is known of a key without its secret half.
private struct ShownKey {
  var kind: String
  var isEncrypted = false
  var derivation: KeyDerivation?
  var verifierKey: VerifierKey?
  var publicKey: PublicKey
}

/// Shows the public half.
private func runKeyShow(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  var shown = try shownKey(path, invocation)
  if let text = invocation.value("--name") {
    let name = try keyName(text)
    guard case .ed25519(let key) = shown.publicKey, shown.verifierKey?.name ?? name == name else {
      throw .usage("the key has another name, or none that a note could have")
    }
    shown.verifierKey = VerifierKey(name: name, algorithm: .ed25519, publicKey: key)
  }
  if invocation.has("--pem"), !invocation.wantsJSON {
    var report = Report()
    report.output = shown.publicKey.pem
    return report
  }
  return report(shown, invocation)
}

private func shownKey(_ path: String, _ invocation: Invocation) throws(Failure) -> ShownKey {
  let bytes = try readFile(path, limit: 65_536)
  if let key = VerifierKey(file: bytes) {
    let kind = key.algorithm == .ed25519 ? "verifier key" : "verifier key of a witness"
    return ShownKey(kind: kind, verifierKey: key, publicKey: .ed25519(key.publicKey))
  }
  if let key = verifyingKey(file: bytes) { return ShownKey(kind: "public key", publicKey: key) }
  guard let file = SigningKeyFile(bytes) else {
    throw .badInput("\(shownName(path)) is no key in PEM and no verifier key")
  }
  guard case .encrypted(let encrypted) = file.content else {
    let key = try open(try readKeyFile(path, invocation), path, invocation)
    return ShownKey(kind: "private key", publicKey: .ed25519(key.publicKey))
  }
  let known: Ed25519PublicKey
  if let said = file.verifierKey {
    known = said.publicKey
  } else {
    known = try open(file, path, invocation).publicKey
  }
  return ShownKey(
    kind: "private key", isEncrypted: true, derivation: encrypted.derivation,
    verifierKey: file.verifierKey, publicKey: .ed25519(known))
}

private func report(_ shown: ShownKey, _ invocation: Invocation) -> Report {
  if invocation.wantsJSON {
    return Report([
      "kind": .string(shown.kind), "encrypted": .bool(shown.isEncrypted),
      "derivation": shown.derivation.map { .string($0.description) } ?? .null,
      "name": shown.verifierKey.map { .string($0.name.description) } ?? .null,
      "fingerprint": .string(shown.publicKey.fingerprint),
      "verifierKey": shown.verifierKey.map { .string($0.description) } ?? .null,
      "pem": .string(shown.publicKey.pem),
    ])
  }
  var report = Report()
  var rows = [["kind", shown.kind + (shown.isEncrypted ? ", encrypted" : "")]]
  if let derivation = shown.derivation { rows.append(["passphrase", derivation.description]) }
  if let key = shown.verifierKey { rows.append(["name", key.name.description]) }
  rows.append(["fingerprint", shown.publicKey.fingerprint])
  if let key = shown.verifierKey { rows.append(["verifier key", key.description]) }
  for line in aligned(rows) { report.print(printable(line)) }
  if let derivation = shown.derivation, !derivation.isDear {
    report.tell("note: guessing its passphrase is cheap; `writ key encrypt` makes it dearer")
  }
  return report
}
