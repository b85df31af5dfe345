// `writ key encrypt` and `writ key decrypt`: a signing key behind a passphrase, or out of it.

import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let keyEncrypt = Command(
    name: "key encrypt", summary: "put a signing key behind a passphrase",
    operands: [.one("FILE", "the signing key, replaced")],
    options: [
      .optional("--name", "NAME", "of the key, if there is no FILE.pub that says it"), .passphrase,
    ],
    details: [
      "What FILE held before may still be found on the disk: a key that was never there unencrypted",
      "is better. An encrypted key is opened first; it is then asked for both passphrases.",
      "  writ key encrypt log.key",
    ],
    run: runKeyEncrypt)

  static let keyDecrypt = Command(
    name: "key decrypt", summary: "take a signing key out from behind its passphrase",
    operands: [.one("FILE", "the signing key, replaced; mode 0600")],
    options: [.passphrase],
    details: ["  writ key decrypt log.key --passphrase-fd 3 3< passphrase"],
    run: runKeyDecrypt)
}

/// Replaces the file by an encrypted one; a key that had a name keeps it.
private func runKeyEncrypt(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try ownKeyPath(invocation)
  let file = try readKeyFile(path, invocation)
  guard !file.isEncrypted || !invocation.passphrases.hasDescriptor else {
    throw .usage(
      "\(path) is encrypted, and a descriptor gives one passphrase",
      remedy: "`writ key decrypt` it first")
  }
  let key = try open(file, path, invocation)
  let known = file.verifierKey ?? (try? readVerifierKey(path + ".pub"))
  guard let name = try invocation.value("--name").map(keyName) ?? known?.name else {
    throw .usage("there is no \(path).pub to say what the key is called", remedy: "give `--name`")
  }
  if let known, known.publicKey != key.publicKey || known.name != name {
    throw .badInput("\(path).pub is of another key, or has another name")
  }
  let text = try encrypted(key, name, path, invocation).text
  try writeFile(path, Array(text.utf8), .secret)
  return written(path, name.description, "encrypted", invocation)
}

/// Replaces the file by one that lies open.
private func runKeyDecrypt(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try ownKeyPath(invocation)
  let file = try readKeyFile(path, invocation)
  guard file.isEncrypted else { throw .usage("\(path) is not encrypted") }
  let key = try open(file, path, invocation)
  try writeFile(path, Array(key.pem.utf8), .secret)
  return written(path, file.verifierKey?.name.description, "to be kept secret", invocation)
}

/// A file that can be replaced.
private func ownKeyPath(_ invocation: Invocation) throws(Failure) -> String {
  let path = try invocation.operand(0)
  guard path != "-" else { throw .usage("a key that is replaced is a file", remedy: "name it") }
  return path
}

private func written(
  _ path: String, _ name: String?, _ how: String, _ invocation: Invocation
) -> Report {
  if invocation.wantsJSON {
    return Report([
      "key": .string(path), "name": name.map { .string($0) } ?? .null,
      "encrypted": .bool(how == "encrypted"),
    ])
  }
  var report = Report()
  report.tell("wrote \(path), \(how)")
  return report
}
