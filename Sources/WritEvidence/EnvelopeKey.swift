// Files of keys that envelopes are verified with.
public import WritCrypto

/// Reads a file that holds one public key: SPKI in PEM, or the verifier key that `writ key new`
/// writes. `nil` for anything else, a witness's key too.
public func verifyingKey(file bytes: [UInt8]) -> PublicKey? {
  if let key = VerifierKey(file: bytes) {
    return key.algorithm == .ed25519 ? .ed25519(key.publicKey) : nil
  }
  guard bytes.count <= 4096, let text = String(validating: bytes, as: UTF8.self) else { return nil }
  return PublicKey(pem: text)
}
