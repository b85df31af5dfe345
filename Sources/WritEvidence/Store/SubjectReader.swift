// All entries about one subject, as a reader follows them backwards.
//
// Nothing that an index says is believed: where a history begins comes from the entries since the newest index leaf and from the
// heads that it fixes, and then each record names the one before. All of that is compared with the signed tree.
import WritModel

/// Follows the histories of subjects in a log as it stood when it was opened. For one thread.
public final class SubjectReader {
  /// The log.
  public let reader: LogReader
  private let store: LogStore
  private var heads: RecordHistory

  /// Reads back to the newest index leaf. O(entries since then).
  public init(_ reader: LogReader, of store: LogStore) throws(LogError) {
    self.reader = reader
    self.store = store
    heads = try RecordHistory(reader, of: store)
  }

  /// Calls `body` with each entry about a subject, the newest first, until it says `false`.
  public func forEach(
    about name: String, _ body: (FoundRecord) throws(LogError) -> Bool
  ) throws(LogError) {
    var next = try heads.newest(about: Array(name.utf8), reader, store)
    while let index = next {
      let record = LoggedRecord(try reader.entry(at: index))
      guard try body(FoundRecord(index: index, record: record)) else { return }
      switch record.previous(of: name) {
      case .none: next = nil
      case .entry(let earlier) where earlier < index: next = earlier
      case .entry, .unsaid:
        throw .damaged(
          path: "entry \(index)", reason: "does not name the entry about `\(name)` before it")
      }
    }
  }

  /// All of them, the oldest first.
  ///
  /// - Parameter limit: Of more, those that are newest.
  public func records(about name: String, limit: Int = .max) throws(LogError) -> [FoundRecord] {
    var found: [FoundRecord] = []
    try forEach(about: name) { (record) throws(LogError) in
      found.append(record)
      return found.count < limit
    }
    return found.reversed()
  }
}
