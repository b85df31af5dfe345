// Who signs a log's notes: one key, or two while one takes over from the other.
public import WritCrypto

/// Private keys with the one name that they sign under.
public struct NoteSigner: Sendable {
  /// What the keys are called in notes.
  public let name: KeyName
  /// What signs, the oldest first; at least one.
  public let keys: [Ed25519PrivateKey]

  /// A signer with one key.
  public init(name: KeyName, key: Ed25519PrivateKey) {
    self.init(name: name, keys: [key])
  }

  /// A signer with several keys, the oldest first: all of them sign.
  public init(name: KeyName, keys: [Ed25519PrivateKey]) {
    precondition(!keys.isEmpty, "a signer has a key")
    self.name = name
    self.keys = keys
  }

  /// The key that verifies this signer's notes; of several, the oldest.
  public var verifierKey: VerifierKey { verifierKeys[0] }

  /// The keys that verify this signer's notes, in the order of `keys`.
  public var verifierKeys: [VerifierKey] {
    keys.map { VerifierKey(name: name, algorithm: .ed25519, publicKey: $0.publicKey) }
  }

  /// The text, which ends in a newline, with a line of each key.
  public func sign(_ text: String) -> SignedNote {
    let message = Array(text.utf8)
    let signatures = zip(keys, verifierKeys).map { key, verifierKey in
      NoteSignature(name: name, keyID: verifierKey.id, bytes: key.sign(message))
    }
    return SignedNote(text: text, signatures: signatures)
  }
}
