// Files that only the store itself writes, read as it reads them: for whoever tries their readers on any bytes.

/// The readers of a store's own files, as functions of bytes.
public enum StoreFiles {
  /// The file of a run of the search index, read whole and written anew.
  ///
  /// - Parameter range: The entries that the run is of.
  /// - Throws: `damaged` where it is no such file.
  public static func searchRun(
    _ bytes: [UInt8], of range: Range<UInt64>
  ) throws(LogError) -> [UInt8] {
    SearchRunFile.bytes(of: try SearchRunFile(bytes, range: range).run())
  }

  /// An erasure that was begun, read and written anew.
  ///
  /// - Throws: `damaged` where it is none.
  public static func erasure(_ bytes: [UInt8]) throws(LogError) -> [UInt8] {
    try ErasureIntent(bytes, path: "an erasure").bytes
  }

  /// The file of the heads of the first `size` entries; the heads are sorted by the bytes of their names, each once. `nil` where
  /// they are not, or a name is longer than an entry.
  public static func heads(_ heads: [SubjectHead], size: UInt64) -> [UInt8]? {
    SubjectHeads(size: size, heads: heads).flatMap { HeadsFile.bytes(of: FixedHeads($0)) }
  }

  /// What a file says of each name, and all its heads, where the heads of an index leaf are known.
  ///
  /// - Returns: For each name the entry, `.some(nil)` for none and `nil` where the file is not as it was written; and all heads,
  ///   `nil` where it is not.
  public static func look(
    for names: [String], in bytes: [UInt8], of leaf: IndexLeaf
  ) -> (answers: [UInt64??], heads: [SubjectHead]?) {
    guard let file = HeadsFile(bytes, of: leaf) else { return (names.map { _ in nil }, nil) }
    let answers = names.map { name -> UInt64?? in
      switch file.newest(about: name) {
      case .entry(let index): .some(index)
      case .none: .some(nil)
      case .damaged: nil
      }
    }
    return (answers, file.all()?.heads)
  }
}

extension IndexLeaf {
  /// The leaf that fixes those heads; `nil` unless they are sorted by the bytes of their names, each once and below `size`.
  public init?(_ heads: [SubjectHead], size: UInt64) {
    guard let subjects = SubjectHeads(size: size, heads: heads) else { return nil }
    self.init(FixedHeads(subjects))
  }

  /// The statement of it, as it is logged at its place.
  public var record: RecordDraft { draft(id: "index") }
}
