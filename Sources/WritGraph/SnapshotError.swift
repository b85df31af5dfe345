// Why a snapshot's bytes or file were refused.

/// Why a snapshot could not be read or written.
public enum SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file is missing or may not be read.
  case unreadable(path: String, code: Int32)
  /// Reading or writing failed half-way.
  case failed(path: String, code: Int32)
  /// Not a snapshot at all.
  case notASnapshot
  /// A snapshot of a version that is not known here.
  case unknownVersion(UInt32)
  /// The file was cut, or grew.
  case wrongLength(expected: UInt64, found: UInt64)
  /// The head does not have the digest that it says.
  case damagedHead
  /// The schema in the file cannot be used.
  case badSchema
  /// The sections are not those of the schema.
  case badSections
  /// A block does not have its digest: the file was changed.
  case damagedBlock(Int)
  /// The contents of the sections are not those of a snapshot; the text says what is wrong.
  case unsound(String)

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .unreadable(let path, let code): "cannot read `\(path)` (error \(code))"
    case .failed(let path, let code): "reading or writing `\(path)` failed (error \(code))"
    case .notASnapshot: "not a Writ snapshot"
    case .unknownVersion(let version): "a snapshot of version \(version), which is not known here"
    case .wrongLength(let expected, let found):
      "the snapshot has \(found) bytes, not the \(expected) that it says: it was cut or changed"
    case .damagedHead: "the head of the snapshot was damaged or changed"
    case .badSchema: "the schema in the snapshot cannot be used"
    case .badSections: "the sections of the snapshot are not those of its schema"
    case .damagedBlock(let index): "block \(index) of the snapshot was damaged or changed"
    case .unsound(let what): "the snapshot is not sound: \(what)"
    }
  }
}
