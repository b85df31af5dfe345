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
      .flag("--encrypt", "behind a passphrase, typed twice or from --passphrase-fd"), .passphrase,
      .flag("--witness", "for a witness, which cosigns the checkpoints of logs"),
    ],
    details: [
      "Nothing is replaced. Whoever has FILE can sign; FILE.pub may be given to everybody.",
      "  writ key new log.example/delivery -o log.key --encrypt",
      "  writ key new witness.example/w1 --witness -o w1.key",
    ],
    run: runKeyNew)
}

/// Makes a key pair of random bytes and writes its halves, each only where nothing stands.
private func runKeyNew(_ invocation: Invocation) throws(Failure) -> Report {
  let text = try invocation.operand(0)
  let name = try keyName(text)
  let path = try invocation.required("-o")
  for half in [path, path + ".pub"] where resolvedPath(half) != nil {
    throw .usage("\(half) is already there", remedy: "name another file, or move that one away")
  }
  try refuseInsideLog(path, nil)
  guard invocation.has("--encrypt") || !invocation.passphrases.hasDescriptor else {
    throw .usage("a passphrase is for `--encrypt`")
  }
  let key = try withRandomBytes { () throws(CryptoError) in try Ed25519PrivateKey.generate() }
  let verifier = VerifierKey(
    name: name, algorithm: invocation.has("--witness") ? .cosignature : .ed25519,
    publicKey: key.publicKey)
  let file =
    invocation.has("--encrypt")
    ? try encrypted(key, name, path, invocation).text : key.pem
  // The public half first: a signing key is never there without it.
  try writeFile(path + ".pub", Array("\(verifier)\n".utf8), .new(mode: 0o644))
  try writeFile(path, Array(file.utf8), .new(mode: 0o600))
  if invocation.wantsJSON {
    return Report([
      "name": .string(text), "key": .string(path), "verifierKeyFile": .string(path + ".pub"),
      "verifierKey": .string(verifier.description),
      "fingerprint": .string(key.publicKey.fingerprint),
      "encrypted": .bool(invocation.has("--encrypt")),
    ])
  }
  var report = Report()
  report.print(verifier.description)
  let secret = invocation.has("--encrypt") ? "encrypted" : "to be kept secret"
  report.tell("wrote \(path), \(secret), and \(path).pub")
  return report
}

/// The key behind a passphrase that is asked for.
func encrypted(
  _ key: Ed25519PrivateKey, _ name: KeyName, _ path: String, _ invocation: Invocation
) throws(Failure) -> SigningKeyFile {
  let passphrase = try invocation.passphrases.new(for: path)
  return try withRandomBytes { () throws(CryptoError) in
    try SigningKeyFile(encrypting: key, under: name, passphrase: passphrase)
  }
}

/// Runs what needs random bytes.
private func withRandomBytes<Value>(
  _ body: () throws(CryptoError) -> Value
) throws(Failure) -> Value {
  do throws(CryptoError) {
    return try body()
  } catch {
    throw Failure(.broken, "the system gives no random bytes")
  }
}
