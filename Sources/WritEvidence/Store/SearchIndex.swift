// The search index of a log: `.writ/index`, made from the entries and never believed.
//
// It says which entries may have a key. Whoever asks reads the entries, verified against the tree, and
// compares: a wrong index can hide an entry from a search, and can never show one that is not there.
// `log verify` does not use it, nor does what a log signs (RecordHistory.swift). A run that is missing or
// damaged is made again.
import Glibc
import WritCrypto
import WritModel

/// The index of a log at one checkpoint. Not for several threads at once.
public final class SearchIndex {
  /// What the entries are read by.
  public let reader: LogReader
  let store: LogStore
  private var runs: [SearchRunFile] = []
  /// Entries behind the last run, fewer than 256.
  private let tail: [[UInt8]]
  /// Index of the first of them.
  let tailStart: UInt64

  /// Opens the index at the checkpoint of a reader, and makes what is missing of it.
  public init(_ reader: LogReader, of store: LogStore) throws(LogError) {
    self.reader = reader
    self.store = store
    tailStart = reader.size / 256 * 256
    tail = tailStart < reader.size ? try reader.bundle(tailStart / 256).entries : []
    var covered: UInt64 = 0
    for range in SearchRun.layout(of: reader.size) where range.lowerBound >= covered {
      let run = try open(range)
      runs.append(run)
      covered = run.range.upperBound
    }
  }

  /// Files that the index now has open.
  public var runCount: Int { runs.count }

  /// The file of a run, or of a longer one that it has become a part of meanwhile; made if neither is
  /// there.
  private func open(_ range: Range<UInt64>) throws(LogError) -> SearchRunFile {
    var wanted: Range<UInt64>? = range
    while let next = wanted {
      if let run = openIfWhole(next) { return run }
      wanted = SearchRun.whole(of: next).flatMap { $0.lowerBound == range.lowerBound ? $0 : nil }
    }
    return try make(range)
  }

  private func openIfWhole(_ range: Range<UInt64>) -> SearchRunFile? {
    try? SearchRunFile(path(range), range: range)
  }

  private func path(_ range: Range<UInt64>) -> String {
    "\(store.index)/\(range.lowerBound)-\(range.count)"
  }

  /// Makes a run from its parts, or from the entries, and keeps it.
  private func make(_ range: Range<UInt64>) throws(LogError) -> SearchRunFile {
    let bytes = SearchRunFile.bytes(of: try run(range))
    guard keep(bytes, range), let run = openIfWhole(range) else {
      // Whoever may not write can search all the same.
      return try SearchRunFile(bytes, range: range)
    }
    for part in SearchRun.parts(of: range) { try? store.disk.remove(path(part)) }
    return run
  }

  private func run(_ range: Range<UInt64>) throws(LogError) -> SearchRun {
    let parts = SearchRun.parts(of: range)
    guard !parts.isEmpty else {
      let bundle = try reader.bundle(range.lowerBound / 256)
      return SearchRun(start: range.lowerBound, entries: bundle.entries)
    }
    var runs: [SearchRun] = []
    for part in parts {
      if let run = openIfWhole(part).flatMap({ try? $0.run() }) {
        runs.append(run)
      } else {
        runs.append(try run(part))
      }
    }
    return SearchRun(merging: runs)
  }

  /// Puts a file in its place at once; any process may, since all write the same.
  private func keep(_ bytes: [UInt8], _ range: Range<UInt64>) -> Bool {
    do {
      _ = try store.disk.makeDirectory(store.index)
      let draft = "\(store.temporary)/index-\(range.lowerBound)-\(Hex.encode(try randomBytes(8)))"
      try store.disk.draft(draft, bytes)
      try store.disk.rename(draft, to: path(range))
      return true
    } catch {
      return false
    }
  }

  /// Asks each run, oldest first; one that turns out to be damaged is made again and asked once more.
  private func ask<Answer>(
    _ number: Int, _ question: (SearchRunFile) throws(LogError) -> Answer
  ) throws(LogError) -> Answer {
    do throws(LogError) {
      return try question(runs[number])
    } catch {
      guard case .damaged(let path, _) = error, path == runs[number].path else { throw error }
      let range = runs[number].range
      guard range.upperBound <= reader.size else { throw error }
      try? store.disk.remove(path)
      runs[number] = try make(range)
      return try question(runs[number])
    }
  }
}

// What is asked of it.
extension SearchIndex {
  /// The newest entry about a subject that the index finds; nothing that is signed may rest on it.
  func newest(about name: String) throws(LogError) -> UInt64? {
    try newest(.subject(name), mark: Array(name.utf8)) { record, _ in record.isAbout(name) }
  }

  /// The newest index leaf; `nil` if there is none.
  func newestIndexLeaf() throws(LogError) -> IndexLeaf? {
    let found = try newest(.indexLeaf, mark: Array(PredicateType.index.utf8)) {
      IndexLeaf($0, at: $1) != nil
    }
    guard let found else { return nil }
    return IndexLeaf(LoggedRecord(try reader.entry(at: found)), at: found)
  }

  /// A record that does not name those before it; `nil` if there is none.
  public func unchained() throws(LogError) -> UInt64? {
    try newest(.unchained, mark: []) { record, _ in !record.isChained }
  }

  /// The newest entry with a key that `fits`; entries whose bytes do not hold `mark` are passed over
  /// unread.
  private func newest(
    _ key: SearchKey, mark: [UInt8], fits: (LoggedRecord, UInt64) -> Bool
  ) throws(LogError) -> UInt64? {
    for (offset, entry) in tail.enumerated().reversed() where Bytes.mayHold(entry, mark) {
      let index = tailStart + UInt64(offset)
      if fits(LoggedRecord(entry), index) { return index }
    }
    for number in runs.indices.reversed() {
      let offsets = try ask(number) { run throws(LogError) in try run.offsets(of: key) }
      for offset in offsets.reversed() {
        let index = runs[number].start + UInt64(offset)
        if index < reader.size, fits(LoggedRecord(try reader.entry(at: index)), index) {
          return index
        }
      }
    }
    return nil
  }

  /// The entries after the last run that may hold all of the texts.
  func tail(holding texts: [[UInt8]]) -> [UInt64] {
    tail.indices.filter { place in texts.allSatisfy { Bytes.mayHold(tail[place], $0) } }
      .map { tailStart + UInt64($0) }
  }

  /// Entries of the runs that may have all of the keys and a time in `from ..< to`, rising; all that do
  /// are among them.
  func candidates(
    _ keys: [SearchKey], from: Int64?, to: Int64?
  ) throws(LogError) -> [UInt64] {
    var found: [UInt64] = []
    for number in runs.indices {
      let offsets = try ask(number) { run throws(LogError) in
        try run.offsets(of: keys, within: try run.window(from: from, to: to))
      }
      let start = runs[number].start
      found += offsets.map { start + UInt64($0) }.filter { $0 < tailStart }
    }
    return found
  }
}

// How a run is asked.
extension SearchRunFile {
  /// The entries that may be logged in `from ..< to`.
  func window(from: Int64?, to: Int64?) throws(LogError) -> Range<Int> {
    func firstLogged(at time: Int64) throws(LogError) -> Int {
      var (lower, upper) = (0, count)
      while lower < upper {
        let middle = (lower + upper) / 2
        if try self.time(middle) < time { lower = middle + 1 } else { upper = middle }
      }
      return lower
    }
    let lower = try from.map(firstLogged) ?? 0
    // Where the clock went back once, an older time may stand behind a newer one.
    let upper = isOrdered ? try to.map(firstLogged) ?? count : count
    return lower..<max(lower, upper)
  }

  /// The entries with a key, rising.
  func offsets(of key: SearchKey) throws(LogError) -> [Int] {
    let (lower, upper) = (try place(key, 0), try place(key, .max))
    var offsets: [Int] = []
    for number in lower..<max(lower, upper) {
      let offset = Int(try pair(number).offset)
      if offset < count { offsets.append(offset) }
    }
    return offsets
  }

  /// The entries of a window that have all keys, rising: the rarest key is listed, the others are looked
  /// up.
  func offsets(of keys: [SearchKey], within window: Range<Int>) throws(LogError) -> [Int] {
    guard !keys.isEmpty else { return Array(window) }
    var ranges: [(key: SearchKey, range: Range<Int>)] = []
    for key in keys {
      let lower = try place(key, UInt32(clamping: window.lowerBound))
      let upper = try place(key, UInt32(clamping: window.upperBound))
      ranges.append((key, lower..<max(lower, upper)))
    }
    ranges.sort { $0.range.count < $1.range.count }
    var offsets: [Int] = []
    for number in ranges[0].range {
      let offset = try pair(number).offset
      var hasAll = Int(offset) < count
      for other in ranges.dropFirst() where hasAll {
        let place = try place(other.key, offset)
        if place < pairCount {
          hasAll = try pair(place) == (other.key.value, offset)
        } else {
          hasAll = false
        }
      }
      if hasAll { offsets.append(Int(offset)) }
    }
    return offsets
  }

  /// The first pair that is not before a key and an entry.
  private func place(_ key: SearchKey, _ offset: UInt32) throws(LogError) -> Int {
    var (lower, upper) = (0, pairCount)
    while lower < upper {
      let middle = (lower + upper) / 2
      if try pair(middle) < (key.value, offset) { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }
}
