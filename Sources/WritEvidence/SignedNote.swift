// A text and who signed it: C2SP signed-note.
//
//     <text, which ends in a newline>
//     <empty line>
//     — <key name> <base64 of the 4-byte key ID and the signature>
//     …
//
// UTF-8, no byte below 0x20 but the newline. The last empty line parts text and signatures; the
// dash is U+2014. A line of an unknown key is ignored; one wrong line of a known key sinks the
// whole note.
import WritCrypto
import WritModel

/// Why a note says nothing.
public enum NoteError: Error, Hashable, Sendable {
  /// It is no signed note.
  case malformed
  /// A line of this trusted key does not verify.
  case badSignature(KeyName)
  /// No trusted key has signed it.
  case noKnownSignature
}

extension NoteError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed: "it is no signed note"
    case .badSignature(let name):
      "the signature of `\(name)` does not verify: something was changed"
    case .noKnownSignature: "no key that was given has signed it"
    }
  }
}

/// One line below the text.
public struct NoteSignature: Hashable, Sendable, CustomStringConvertible {
  /// Who is said to have signed.
  public let name: KeyName
  /// Which of their keys.
  public let keyID: KeyID
  /// What follows the key ID: 64 bytes of Ed25519, or something else of another algorithm.
  public let bytes: [UInt8]

  /// A line as it will stand in a note.
  public init(name: KeyName, keyID: KeyID, bytes: [UInt8]) {
    self.name = name
    self.keyID = keyID
    self.bytes = bytes
  }

  /// The line without its newline.
  public var description: String { "— \(name) " + Base64.encode(keyID.bytes + bytes) }

  /// Reads back exactly what `description` writes.
  public init?(_ line: String) {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "—", let name = KeyName(String(parts[1])),
      let bytes = Base64.decode(String(parts[2])), bytes.count > 4
    else { return nil }
    self.name = name
    keyID = KeyID(value: bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) })
    self.bytes = Array(bytes[4...])
    guard hasSameBytes(description, line) else { return nil }
  }
}

/// A signature that a trusted key has made.
public struct VerifiedSignature: Hashable, Sendable {
  /// Whose signature it is.
  public let key: VerifierKey
  /// POSIX seconds of a cosignature; `nil` for a log's own.
  public let time: UInt64?
}

/// A text with its signatures, which nobody has verified yet.
public struct SignedNote: Hashable, Sendable {
  /// Ends in a newline. Not to be used before `verify` has passed.
  public let text: String
  /// In the order of the file, at least one.
  public let signatures: [NoteSignature]

  /// A text, which ends in a newline, with lines below it.
  public init(text: String, signatures: [NoteSignature]) {
    self.text = text
    self.signatures = signatures
  }

  /// Reads a note of at most `Limits.noteByteCount` bytes and `Limits.noteSignatures` lines.
  public init(_ bytes: [UInt8]) throws(NoteError) {
    guard bytes.count <= Limits.noteByteCount,
      bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }), bytes.last == 0x0a,
      let end = SignedNote.lastEmptyLine(in: bytes),
      let text = String(validating: bytes[..<end], as: UTF8.self),
      let lines = String(validating: bytes[(end + 1)...].dropLast(), as: UTF8.self)
    else { throw .malformed }
    self.text = text
    var signatures: [NoteSignature] = []
    for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
      guard signatures.count < Limits.noteSignatures, let signature = NoteSignature(String(line))
      else { throw .malformed }
      signatures.append(signature)
    }
    self.signatures = signatures
  }

  /// The text in front of the signatures, whatever these may be; `nil` where there is none.
  static func text(of bytes: [UInt8]) -> String? {
    lastEmptyLine(in: bytes).flatMap { String(validating: bytes[..<$0], as: UTF8.self) }
  }

  /// The offset of the last empty line's newline.
  private static func lastEmptyLine(in bytes: [UInt8]) -> Int? {
    bytes.indices.dropFirst().last { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }
  }

  /// The note as it is stored and sent.
  public var bytes: [UInt8] {
    Array((text + "\n" + signatures.map { "\($0)\n" }.joined()).utf8)
  }

  /// The signatures of those keys, at least one; a wrong one of any of them throws.
  public func verify(with keys: [VerifierKey]) throws(NoteError) -> [VerifiedSignature] {
    let message = Array(text.utf8)
    var verified: [VerifiedSignature] = []
    for signature in signatures {
      let known = keys.first { $0.name == signature.name && $0.id == signature.keyID }
      guard let key = known else { continue }
      guard let good = signature.verified(of: message, by: key) else {
        throw .badSignature(key.name)
      }
      verified.append(good)
    }
    guard !verified.isEmpty else { throw .noKnownSignature }
    return verified
  }
}

extension NoteSignature {
  /// The signature if that key has made it over that text.
  fileprivate func verified(of text: [UInt8], by key: VerifierKey) -> VerifiedSignature? {
    switch key.algorithm {
    case .ed25519:
      guard key.publicKey.verify(bytes, of: text) else { return nil }
      return VerifiedSignature(key: key, time: nil)
    case .cosignature:
      guard let cosignature = Cosignature(bytes),
        cosignature.verify(of: text, by: key.publicKey)
      else { return nil }
      return VerifiedSignature(key: key, time: cosignature.time)
    }
  }
}
