// Bundles that a publisher must have signed.

import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel

extension Option {
  /// Who must have signed the bundle.
  static let publisher = Option.optional(
    "--publisher", "PUB", "the verifier key that must have signed BUNDLE.sig")
}

/// Reads the bundle of `--bundle`; with `--publisher` only if that key has signed it.
func loadBundle(
  _ invocation: Invocation
) throws(Failure) -> (bundle: LoadedBundle, bytes: [UInt8]) {
  let path = try invocation.required("--bundle")
  let loaded = try loadBundle(path)
  guard let publisher = invocation.value("--publisher") else { return loaded }
  guard path != "-" else {
    throw .usage("a signed bundle is a file", remedy: "name it, with its `.sig` beside it")
  }
  try checkPublisher(loaded.bytes, publisher, signature: path + ".sig")
  return loaded
}

/// Throws unless the publisher has signed these bytes, under the revision that they say; and if the
/// bundle lets that key approve.
func checkPublisher(
  _ bytes: [UInt8], _ publisher: String, signature path: String
) throws(Failure) {
  try refuseInsideLog(publisher, nil)
  let key = try readVerifierKey(publisher)
  let envelope: [UInt8]
  do throws(Failure) {
    envelope = try readFile(path, limit: Limits.documentBytes)
  } catch {
    throw .badInput(
      "the bundle is not signed: \(error.message)",
      remedy: "`writ build --key` signs it, or leave out `--publisher`")
  }
  do {
    let bundle = try decodeBundle(bytes)
    try BundleSignature(digest: Digest(of: bytes), revision: bundle.revision)
      .verify(envelope, by: key.publicKey)
    let loaded = try LoadedBundle(file: bytes)
    try checkFunctions(loaded.registry, [key.publicKey], .publisher)
  } catch let failure as Failure {
    throw failure
  } catch {
    throw .badInput("\(path): \(error)", remedy: "do not use this bundle")
  }
}
