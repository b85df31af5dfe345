// What the next record says of those before it: for each subject the newest entry, and the newest time.
//
// It is signed, so none of it comes from files that only look right. It comes from the entries, compared
// with the signed tree: those since the newest index leaf, and the heads that this leaf fixes. The search
// index, which anybody could have written, is not asked.
import Glibc
import WritCrypto

/// The subjects of all entries of a log, as its writer goes on.
struct RecordHistory {
  /// When the newest entry that has a time was logged.
  private(set) var newestTime: Int64?
  /// The newest index leaf.
  private(set) var leaf: IndexLeaf?
  /// Subjects before the leaf.
  private var heads: Heads
  /// The same at hand, where this writer made the leaf and they are not too many.
  private var fixed: SubjectHeads?
  /// Entries since the leaf whose subjects are not in `recent`.
  private var backlog: Backlog
  /// Subjects of entries since the leaf, each with the newest of them.
  private var recent: [[UInt8]: UInt64] = [:]
  /// What was looked up among the heads or in the backlog; bounded.
  private var known: [[UInt8]: UInt64?] = [:]

  private enum Heads {
    case none
    case file(HeadsFile)
    case memory(FixedHeads)
  }

  private static let knownCount = 65_536
  /// Entries since the newest leaf that are looked through; of more all heads are made anew.
  private static let backlogCount = 2 * Limits.indexLeafInterval
  /// Questions to the backlog before it is read through for all of them.
  private static let questionCount = 128

  /// Reads back from the end of a log to its newest index leaf.
  init(_ reader: LogReader, of store: LogStore) throws(LogError) {
    backlog = Backlog(start: reader.size)
    heads = .none
    var end = reader.size
    while end > 0, leaf == nil, reader.size - end < RecordHistory.backlogCount {
      let number = (end - 1) / 256
      let entries = try reader.bundle(number).entries
      for (offset, entry) in entries.enumerated().reversed() where leaf == nil {
        if newestTime == nil { newestTime = LoggedRecord(entry).logged }
        if Bytes.contain(entry, Array(PredicateType.index.utf8)) {
          leaf = IndexLeaf(LoggedRecord(entry), at: number * 256 + UInt64(offset))
        }
        if leaf == nil { backlog.putInFront(entry) }
      }
      end = number * 256
    }
    if let leaf {
      heads = try RecordHistory.heads(leaf, reader, store)
    } else if end > 0 {
      // An old log, of whose records none fixes the heads.
      heads = .memory(try store.heads(of: reader.size, since: SubjectHeads(), reader))
      backlog = Backlog(start: reader.size)
      if newestTime == nil { newestTime = try reader.newestTime(before: end) }
    }
  }

  private static func heads(
    _ leaf: IndexLeaf, _ reader: LogReader, _ store: LogStore
  ) throws(LogError) -> Heads {
    if let file = HeadsFile(store, of: leaf) { return .file(file) }
    let heads = try store.heads(of: leaf.size, since: SubjectHeads(), reader)
    guard leaf.fixes(heads) else {
      throw .damaged(path: "entry \(leaf.size)", reason: "fixes other heads than the entries have")
    }
    store.keep(heads)
    return .memory(heads)
  }

  /// The heads of the first `size` entries, all of which the reader has.
  func heads(
    of size: UInt64, _ reader: LogReader, _ store: LogStore
  ) throws(LogError) -> FixedHeads {
    if let fixed { return try store.heads(of: size, since: fixed, reader) }
    return try store.heads(of: size, since: leaf, reader)
  }

  /// Takes what was just appended about some subjects.
  mutating func take(_ added: [[UInt8]: UInt64], logged time: Int64) {
    newestTime = time
    recent.merge(added) { _, new in new }
  }

  /// Takes an index leaf that was just appended, with the heads that it fixes.
  mutating func take(_ leaf: IndexLeaf, _ fixed: FixedHeads, _ store: LogStore) {
    store.keep(fixed)
    heads = HeadsFile(store, of: leaf).map(Heads.file) ?? .memory(fixed)
    self.fixed = fixed.heads.count <= Limits.writerHeads ? SubjectHeads(fixed) : nil
    self.leaf = leaf
    backlog = Backlog(start: leaf.size + 1)
    recent = [:]
    known = [:]
  }

  /// The newest entry about a subject; `nil` if there is none.
  mutating func newest(
    about name: [UInt8], _ reader: LogReader, _ store: LogStore
  ) throws(LogError) -> UInt64? {
    if let index = recent[name] { return index }
    if let index = known[name] { return index }
    if backlog.questionCount >= RecordHistory.questionCount {
      recent.merge(backlog.takeSubjects()) { known, _ in known }
      if let index = recent[name] { return index }
    }
    let text = String(decoding: name, as: UTF8.self)
    var index = backlog.newest(about: text)
    if index == nil { index = try head(of: text, reader, store) }
    if known.count >= RecordHistory.knownCount { known.removeAll(keepingCapacity: true) }
    known[name] = .some(index)
    return index
  }

  private mutating func head(
    of name: String, _ reader: LogReader, _ store: LogStore
  ) throws(LogError) -> UInt64? {
    switch heads {
    case .none: return nil
    case .memory(let heads): return heads.exactPlace(of: name).map { heads.heads[$0].last }
    case .file(let file):
      switch file.newest(about: name) {
      case .entry(let index): return index
      case .none: return nil
      case .damaged:
        guard let leaf else { return nil }
        try? store.disk.remove(store.headsFile)
        heads = try RecordHistory.heads(leaf, reader, store)
        return try head(of: name, reader, store)
      }
    }
  }
}

/// Entries that are looked through for a subject by their bytes, since few of them are asked for.
private struct Backlog {
  /// Index of the first.
  private var start: UInt64
  /// The last one first.
  private var entries: [[UInt8]] = []
  private(set) var questionCount = 0

  init(start: UInt64) { self.start = start }

  mutating func putInFront(_ entry: [UInt8]) {
    entries.append(entry)
    start -= 1
  }

  mutating func newest(about name: String) -> UInt64? {
    guard !entries.isEmpty else { return nil }
    questionCount += 1
    let bytes = Array(name.utf8)
    for (back, entry) in entries.enumerated()
    where Bytes.mayHold(entry, bytes) && LoggedRecord(entry).isAbout(name) {
      return start + UInt64(entries.count - 1 - back)
    }
    return nil
  }

  /// All subjects with the newest entry of each; nothing is left.
  mutating func takeSubjects() -> [[UInt8]: UInt64] {
    var subjects: [[UInt8]: UInt64] = [:]
    for (offset, entry) in entries.reversed().enumerated() {
      for name in LoggedRecord(entry).subjects {
        subjects[Array(name.utf8)] = start + UInt64(offset)
      }
    }
    entries = []
    questionCount = 0
    return subjects
  }
}

extension LogReader {
  /// When the newest entry before an index was logged that has a time.
  fileprivate func newestTime(before end: UInt64) throws(LogError) -> Int64? {
    var number = (end + 255) / 256
    while number > 0 {
      number -= 1
      for entry in try bundle(number).entries.reversed() {
        if let time = LoggedRecord(entry).logged { return time }
      }
    }
    return nil
  }
}
