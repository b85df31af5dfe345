// What a log signs: its size and its root. C2SP tlog-checkpoint.
//
//     log.example/writ                                      origin
//     3                                                     size, decimal
//     1zPC9e2Mt6aIEIq3SYwWuH7mP/CCZUrpkBkcqZF0tWE=          root, base64 of 32 bytes
//
// Extension lines may follow; they are read, signed over and kept. Writ writes none.
public import WritCrypto
import WritModel

/// Why a checkpoint is not taken.
public enum CheckpointError: Error, Hashable, Sendable {
  /// Its text is no checkpoint.
  case malformed
  /// The note around it says nothing.
  case note(NoteError)
  /// It is one of another log.
  case wrongOrigin(expected: String, found: String)
  /// The keys that have signed it do not count for that size.
  case keyOutOfRange(size: UInt64)
}

extension CheckpointError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed: "it is no checkpoint"
    case .note(let error): error.description
    case .wrongOrigin(let expected, let found): "it is of the log `\(found)`, not of `\(expected)`"
    case .keyOutOfRange(let size): "no key that counts for size \(size) has signed it"
    }
  }
}

/// The head of a log: how many entries there are, and the root over them.
public struct Checkpoint: Hashable, Sendable {
  /// The identity of the log; not empty, no newline.
  public let origin: String
  /// Entries in the log, below 2^63.
  public let size: UInt64
  /// The root over all of them.
  public let root: Digest
  /// Further lines, not empty.
  public let extensions: [String]

  /// The head of a log, without extension lines.
  public init(origin: String, size: UInt64, root: Digest) {
    self.origin = origin
    self.size = size
    self.root = root
    extensions = []
  }

  /// Reads back exactly what `text` writes; a log of no entries has the one root that it can have.
  public init?(_ text: String) {
    self.init(form: text)
    guard size > 0 || root == Merkle.emptyRoot else { return nil }
  }

  /// Reads what has the form of a checkpoint, though its root may be one that its size cannot have.
  init?(form text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    guard lines.popLast() == "", lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }),
      let origin = lines.popFirst(), origin.utf8.count <= Limits.nameByteCount,
      let sizeText = lines.popFirst(), let size = UInt64(sizeText), size <= Limits.treeSize,
      let rootText = lines.popFirst(),
      let root = Base64.decode(rootText).flatMap({ Digest($0) })
    else { return nil }
    self.origin = origin
    self.size = size
    self.root = root
    extensions = Array(lines)
    guard hasSameBytes(self.text, text) else { return nil }
  }

  /// The text of the note.
  public var text: String {
    let lines = [origin, String(size), Base64.encode(root.bytes)] + extensions
    return lines.map { $0 + "\n" }.joined()
  }
}

/// A checkpoint whose note at least one trusted key has signed.
public struct SignedCheckpoint: Hashable, Sendable {
  /// What was signed.
  public let checkpoint: Checkpoint
  /// The note as it was read, with lines of unknown keys too.
  public let note: SignedNote
  /// Of keys that count for this size; at least one.
  public let signatures: [VerifiedSignature]

  /// Opens a checkpoint signed by at least one of the keys.
  public init(_ bytes: [UInt8], keys: [VerifierKey]) throws(CheckpointError) {
    let verified: [VerifiedSignature]
    do throws(NoteError) {
      note = try SignedNote(bytes)
      verified = try note.verify(with: keys)
    } catch {
      throw .note(error)
    }
    guard let checkpoint = Checkpoint(note.text) else { throw .malformed }
    self.checkpoint = checkpoint
    signatures = verified.filter { $0.key.sizes.contains(checkpoint.size) }
    guard !signatures.isEmpty else { throw .keyOutOfRange(size: checkpoint.size) }
  }

  /// Opens a checkpoint of that log.
  public init(
    _ bytes: [UInt8], keys: [VerifierKey], origin: String
  ) throws(CheckpointError) {
    try self.init(bytes, keys: keys)
    guard hasSameBytes(checkpoint.origin, origin) else {
      throw .wrongOrigin(expected: origin, found: checkpoint.origin)
    }
  }
}
