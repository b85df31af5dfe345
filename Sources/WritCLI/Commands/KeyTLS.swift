// `writ key tls`: the certificate of a key, for whatever else speaks TLS.

import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let keyTLS = Command(
    name: "key tls", summary: "make the certificate that a key is shown in over TLS",
    operands: [.one("KEY", "a signing key that is for TLS alone")],
    options: [
      .optional("-o", "FILE", "the certificate in PEM, standard output if not given"), .passphrase,
    ],
    details: [
      "Nobody has to keep it: the key makes the same certificate each time, and whoever takes it",
      "compares the key in it, and nothing else. For tools that want to have it in a file.",
      "  writ key new control-tls -o tls.key && writ key tls tls.key -o tls.crt",
    ],
    run: runKeyTLS)
}

private func runKeyTLS(_ invocation: Invocation) throws(Failure) -> Report {
  let key = try readPrivateKey(try invocation.operand(0), invocation)
  let text = key.certificatePEM
  let path = invocation.value("-o")
  if let path { try writeFile(path, Array(text.utf8)) }
  if invocation.wantsJSON {
    return Report([
      "certificate": .string(text), "file": path.map { .string($0) } ?? JSONValue.null,
      "fingerprint": .string(key.publicKey.fingerprint),
    ])
  }
  var report = Report()
  if path == nil { report.output = text } else { report.print(key.publicKey.fingerprint) }
  return report
}
