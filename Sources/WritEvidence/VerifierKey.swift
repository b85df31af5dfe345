// The public key of a log or a witness as one line of text: C2SP signed-note.
//
//     <name>+<key ID, 8 hex digits>+<base64 of type byte and public key>
//     log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
//
// base64 has `+` in its alphabet, so only the first two part the line.
// Key ID = SHA-256(name, newline, type byte, public key), its first four bytes.
public import WritCrypto
import WritModel

/// A name, and the key that signs under it.
public struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
  /// What the key is called in notes.
  public let name: KeyName
  /// What it signs.
  public let algorithm: Algorithm
  /// The half that verifies.
  public let publicKey: Ed25519PublicKey
  /// For which sizes of its log the key counts: all, unless whoever verifies says otherwise.
  public let sizes: ClosedRange<UInt64>

  /// What is signed with the key.
  public enum Algorithm: UInt8, Hashable, Sendable {
    /// The note text.
    case ed25519 = 0x01
    /// A time and the note text: a witness.
    case cosignature = 0x04
  }

  /// A key under a name, for all sizes.
  public init(name: KeyName, algorithm: Algorithm, publicKey: Ed25519PublicKey) {
    self.init(
      name: name, algorithm: algorithm, publicKey: publicKey, sizes: 0...Limits.treeSize)
  }

  private init(
    name: KeyName, algorithm: Algorithm, publicKey: Ed25519PublicKey, sizes: ClosedRange<UInt64>
  ) {
    self.name = name
    self.algorithm = algorithm
    self.publicKey = publicKey
    self.sizes = sizes
  }

  /// The same key, for those sizes of its log only.
  public func restricted(to sizes: ClosedRange<UInt64>) -> VerifierKey {
    VerifierKey(name: name, algorithm: algorithm, publicKey: publicKey, sizes: sizes)
  }

  /// Reads what `description` writes; key IDs that do not fit and other algorithms are `nil`.
  public init?(_ line: String) {
    let parts = line.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let name = KeyName(String(parts[0])),
      let key = Base64.decode(String(parts[2])), let type = key.first,
      let algorithm = Algorithm(rawValue: type),
      let publicKey = Ed25519PublicKey(Array(key.dropFirst()))
    else { return nil }
    self.init(name: name, algorithm: algorithm, publicKey: publicKey)
    guard hasSameBytes(description, line) else { return nil }
  }

  /// Reads a file that holds one key: its line, with or without the newline, and nothing else.
  public init?(file bytes: [UInt8]) {
    guard bytes.count <= 2 * Limits.nameByteCount,
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    self.init(text.last == "\n" ? String(text.dropLast()) : text)
  }

  /// The line of text.
  public var description: String {
    "\(name)+\(id)+" + Base64.encode([algorithm.rawValue] + publicKey.bytes)
  }

  /// What signature lines name the key by.
  public var id: KeyID {
    let key = [algorithm.rawValue] + publicKey.bytes
    let digest = Digest(of: Array(name.description.utf8) + [0x0a] + key).bytes
    return KeyID(value: digest[..<4].reduce(0) { $0 << 8 | UInt32($1) })
  }
}

/// Four bytes that, with the name, tell whose a signature is said to be; a hint, not a proof.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
  /// The four bytes, the first highest.
  public let value: UInt32

  /// Big endian.
  public var bytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }
  }

  /// Eight lower-case digits.
  public var description: String { Hex.encode(bytes) }
}
