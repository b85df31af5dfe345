// The key of a witness, and the lines that it adds below checkpoints: C2SP tlog-cosignature.
public import WritCrypto

/// A witness's private key with the name that it cosigns under.
public struct CosignatureSigner: Sendable {
  /// What the witness is called in notes.
  public let name: KeyName
  /// What signs: one key a witness, since a cosignature does not name who made it.
  public let key: Ed25519PrivateKey
  /// The key that verifies this witness's cosignatures.
  public let verifierKey: VerifierKey

  /// A witness under that name.
  public init(name: KeyName, key: Ed25519PrivateKey) {
    self.name = name
    self.key = key
    verifierKey = VerifierKey(name: name, algorithm: .cosignature, publicKey: key.publicKey)
  }

  /// The line that says: at that time, in POSIX seconds, `0 < time < 2^63`, this was the largest
  /// consistent tree of its origin that the witness had seen.
  public func cosign(_ text: String, at time: UInt64) -> NoteSignature {
    precondition(0 < time && time < 1 << 63, "a cosignature of a checkpoint has a time")
    let cosignature = Cosignature(of: Array(text.utf8), at: time, by: key)
    return NoteSignature(name: name, keyID: verifierKey.id, bytes: cosignature.bytes)
  }
}

extension SignedNote {
  /// The note with these lines; one of the same name and key ID is replaced where it stands, others
  /// come last. `nil` beyond `Limits.noteSignatures`, which no reader would take.
  public func adding(_ lines: [NoteSignature]) -> SignedNote? {
    var signatures = signatures
    for line in lines {
      let place = signatures.firstIndex { $0.name == line.name && $0.keyID == line.keyID }
      if let place {
        signatures[place] = line
      } else {
        signatures.append(line)
      }
    }
    guard signatures.count <= Limits.noteSignatures else { return nil }
    return SignedNote(text: text, signatures: signatures)
  }
}
