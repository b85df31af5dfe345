// How a root digest is put together: one form a version of the file.

/// The construction of a root digest, as `docs/snapshot-format.md` defines it.
///
/// Snapshots of the first form can be read, verified and decided over for ever, since logs name
/// them. Whatever is built from facts has the newest form.
public enum RootForm: UInt32, Sendable {
  /// 256 buckets of facts; one of all source lines.
  case few = 1
  /// 65,536 buckets of facts and source lines, so that what one fact changes is little.
  case many = 2

  /// What is built now.
  static let newest = RootForm.many

  /// Levels of the tree over the buckets.
  var depth: Int {
    switch self {
    case .few: 8
    case .many: 16
    }
  }

  /// Buckets in the tree.
  var bucketCount: Int { 1 << depth }

  /// The byte in front of the parts of the root.
  var prefix: UInt8 {
    switch self {
    case .few: 3
    case .many: 4
    }
  }
}
