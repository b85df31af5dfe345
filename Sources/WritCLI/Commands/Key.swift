// `writ key new`: a signing key, and the verifier key that others may have.

import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let keyNew = Command(
    name: "key new", summary: "make a signing key and its verifier key",
    operands: [.one("NAME", "of the key: a log's origin, or whoever signs with it")],
    options: [
      .required("-o", "FILE", "the signing key, mode 0600; FILE.pub is the verifier key"),
      .flag("--witness", "for a witness, which cosigns the checkpoints of logs"),
    ],
    details: [
      "Nothing is replaced. Whoever has FILE can sign; FILE.pub may be given to everybody.",
      "  writ key new log.example/delivery -o log.key",
      "  writ key new witness.example/w1 --witness -o w1.key",
    ],
    run: runKeyNew)
}

/// Makes a key pair of random bytes and writes its halves, each only where nothing stands.
private func runKeyNew(_ invocation: Invocation) throws(Failure) -> Report {
  let text = try invocation.operand(0)
  guard let name = KeyName(text) else {
    throw .usage("`\(text)` is no name for a key", remedy: "leave out spaces and `+`")
  }
  let path = try invocation.required("-o")
  for half in [path, path + ".pub"] where resolvedPath(half) != nil {
    throw .usage("\(half) is already there", remedy: "name another file, or move that one away")
  }
  let key: Ed25519PrivateKey
  do throws(CryptoError) {
    key = try Ed25519PrivateKey.generate()
  } catch {
    throw Failure(.broken, "the system gives no random bytes")
  }
  let verifier = VerifierKey(
    name: name, algorithm: invocation.has("--witness") ? .cosignature : .ed25519,
    publicKey: key.publicKey)
  // The public half first: a signing key is never there without it.
  try writeFile(path + ".pub", Array("\(verifier)\n".utf8), .new(mode: 0o644))
  try writeFile(path, Array(key.pem.utf8), .new(mode: 0o600))
  if invocation.wantsJSON {
    return Report([
      "name": .string(text), "key": .string(path), "verifierKeyFile": .string(path + ".pub"),
      "verifierKey": .string(verifier.description),
      "fingerprint": .string(key.publicKey.fingerprint),
    ])
  }
  var report = Report()
  report.print(verifier.description)
  report.tell("wrote \(path), to be kept secret, and \(path).pub")
  return report
}
