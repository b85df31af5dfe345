// Bytes that only the owner of one key can read: X25519, HKDF-SHA256, ChaCha20-Poly1305.
//
//     e         32 bytes     the public half of a key made for this box
//     text      n bytes      encrypted
//     tag       16 bytes
//
//     key || nonce = HKDF(X25519(e, recipient), salt = e || recipient,
//                         info = "writ sealed box v1", 44)
//
// A label is authenticated with the text: a box that is put in another's place does not open. Each
// box has a key of its own, so no nonce is ever used twice.
import WritModel

/// What was sealed to a key.
public struct SealedBox: Hashable, Sendable {
  /// See above.
  public let bytes: [UInt8]

  private static let keyByteCount = 32
  private static let info = Array("writ sealed box v1".utf8)

  /// Bytes that a box is longer than its text.
  public static let overhead = keyByteCount + ChaCha20Poly1305.tagByteCount

  /// A box as it was read; `nil` if it is too short for one.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= SealedBox.overhead else { return nil }
    self.bytes = bytes
  }

  /// Seals a text to a key, under a label that whoever opens must know.
  public init(
    sealing text: SecretBytes, to recipient: X25519PublicKey, label: [UInt8]
  ) throws(CryptoError) {
    let ephemeral = try X25519PrivateKey.generate()
    guard let secret = ephemeral.sharedSecret(with: recipient) else { throw .weakKey }
    let own = ephemeral.publicKey.bytes
    let (key, nonce) = SealedBox.keys(secret, own, recipient.bytes)
    bytes =
      own + ChaCha20Poly1305.seal(text, key: key, nonce: nonce, authenticating: label)
  }

  /// The text; `nil` where the box was sealed to another key or under another label, or changed.
  public func open(with key: X25519PrivateKey, label: [UInt8]) -> SecretBytes? {
    let own = Array(bytes[..<SealedBox.keyByteCount])
    guard let ephemeral = X25519PublicKey(own), let secret = key.sharedSecret(with: ephemeral)
    else { return nil }
    let (cipherKey, nonce) = SealedBox.keys(secret, own, key.publicKey.bytes)
    return ChaCha20Poly1305.open(
      Array(bytes[SealedBox.keyByteCount...]), key: cipherKey, nonce: nonce,
      authenticating: label)
  }

  private static func keys(
    _ secret: SecretBytes, _ ephemeral: [UInt8], _ recipient: [UInt8]
  ) -> (key: SecretBytes, nonce: [UInt8]) {
    let count = ChaCha20Poly1305.keyByteCount
    let derived = hkdf(
      secret: secret, salt: ephemeral + recipient, info: info,
      count: count + ChaCha20Poly1305.nonceByteCount)
    return derived.withUnsafeBytes { bytes in
      let key = SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      return (key, Array(bytes[count...]))
    }
  }
}
