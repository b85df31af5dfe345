// Keys: PEM files, registries, fingerprints, and the encodings around them.

import WritCrypto
import WritEvidence
import WritModel

/// A key, after a byte that chooses: a PEM file, DER, a registry as JSON, a text form of bytes, or a file of verifier keys.
/// What is read is written the same.
@Sendable func fuzzKey(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let choice = feed.byte() % 5
  let rest = Array(feed.rest)
  switch choice {
  case 0: try checkPEM(String(decoding: rest, as: UTF8.self))
  case 1:
    guard let key = PublicKey(spki: rest) else { return }
    try hold(key.spki == rest, "a key is not written as it was read")
    try hold(PublicKey(pem: key.pem) == key, "a key reads back otherwise from PEM")
    _ = key.verify(rest, of: rest)
  case 2: try checkRegistry(rest)
  case 4: try checkVerifierKeys(rest)
  default: try checkEncodings(String(decoding: rest, as: UTF8.self))
  }
}

private func checkPEM(_ text: String) throws {
  try checkKeyFile(text)
  if let key = PublicKey(pem: text) {
    try hold(
      hasSameBytes(key.pem, text) || hasSameBytes(key.pem, text + "\n"),
      "a public key is not written as it was read")
  }
  if let key = Ed25519PrivateKey(pem: text) {
    try hold(
      hasSameBytes(key.pem, text) || hasSameBytes(key.pem, text + "\n"),
      "a private key is not written as it was read")
    try hold(
      key.publicKey.verify(key.sign([1]), of: [1]), "a key's signature does not verify")
  }
}

/// No passphrase is tried: that is meant to be slow.
private func checkKeyFile(_ text: String) throws {
  guard let file = SigningKeyFile(Array(text.utf8)) else { return }
  try hold(
    hasSameBytes(file.text, text) || hasSameBytes(file.text, text + "\n"),
    "a key file is not written as it was read")
  guard case .encrypted(let key) = file.content else { return }
  try hold(EncryptedPrivateKey(der: key.der) == key, "an encrypted key reads back otherwise")
  try hold(!key.derivation.description.isEmpty, "nothing is told of how the key is derived")
}

private func checkVerifierKeys(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(VerifierKeyFileError) in try LogVerifierKeys(files: [bytes]) }
  guard let keys = read else { return }
  let text = keys.keys.map { $0.fileLine + "\n" }.joined()
  try hold(
    try LogVerifierKeys(files: [Array(text.utf8)]) == keys, "verifier keys read back otherwise")
}

private func checkRegistry(_ bytes: [UInt8]) throws {
  guard let json = accepted({ () throws(JSONError) in try JSONValue(parsing: bytes) }) else {
    return
  }
  let read = accepted { () throws(KeyRegistryError) in try KeyRegistry(json) }
  guard let registry = read else { return }
  try hold(try KeyRegistry(registry.json) == registry, "a registry reads back otherwise")
  for key in registry.keys {
    try hold(
      registry.key(id: key.id, function: key.function) == key, "a key is not found by its ID")
  }
}

private func checkEncodings(_ text: String) throws {
  if let bytes = Base64.decode(text) {
    try hold(hasSameBytes(Base64.encode(bytes), text), "base64 has two spellings of one thing")
  }
  if let bytes = Base64.decodeEither(text) {
    try hold(Base64.decode(Base64.encode(bytes)) == bytes, "base64 reads back otherwise")
  }
  if let digest = Digest(text) {
    try hold(hasSameBytes(digest.description, text), "a digest is not written as it was read")
  }
  if let name = KeyName(text) {
    try hold(hasSameBytes(name.description, text), "a name is not written as it was read")
  }
}
