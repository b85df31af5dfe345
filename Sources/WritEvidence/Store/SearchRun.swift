// Which of a run of entries have which keys, and when each was logged: sorted, so that it is searched
// by halving.

/// What a file of the search index holds.
///
///     times   when each entry was logged; an entry that does not say has the time of the one before
///     pairs   key and entry, sorted by key, then by entry
struct SearchRun: Equatable {
  /// Index of the first entry.
  let start: UInt64
  /// Microseconds since the epoch, an entry each.
  private(set) var times: [Int64] = []
  private(set) var keys: [UInt64] = []
  /// Entries from `start` on, one beside each key.
  private(set) var offsets: [UInt32] = []
  /// Whether no entry was logged before one in front of it.
  private(set) var isOrdered = true

  init(start: UInt64, times: [Int64], keys: [UInt64], offsets: [UInt32], isOrdered: Bool) {
    self.start = start
    self.times = times
    self.keys = keys
    self.offsets = offsets
    self.isOrdered = isOrdered
  }

  /// The run of entries from `start` on.
  init(start: UInt64, entries: [[UInt8]]) {
    self.start = start
    var pairs: [(key: UInt64, offset: UInt32)] = []
    for (offset, entry) in entries.enumerated() {
      let record = LoggedRecord(entry)
      let last = times.last ?? .min
      let time = record.logged ?? last
      if time < last { isOrdered = false }
      times.append(max(time, last))
      for key in SearchKey.keys(of: record, at: start + UInt64(offset)) {
        pairs.append((key.value, UInt32(offset)))
      }
    }
    pairs.sort { ($0.key, $0.offset) < ($1.key, $1.offset) }
    keys = pairs.map(\.key)
    offsets = pairs.map(\.offset)
  }

  /// Index behind the last entry.
  var end: UInt64 { start + UInt64(times.count) }

  /// One run of several that follow each other. Linear, for a bounded number of parts.
  init(merging parts: [SearchRun]) {
    start = parts[0].start
    let count = parts.reduce(0) { $0 + $1.keys.count }
    keys.reserveCapacity(count)
    offsets.reserveCapacity(count)
    for part in parts {
      let last = times.last ?? .min
      if let first = part.times.first, first < last, first != .min { isOrdered = false }
      isOrdered = isOrdered && part.isOrdered
      times += part.times.map { max($0, last) }
    }
    var next = [Int](repeating: 0, count: parts.count)
    let shifts = parts.map { UInt32($0.start - parts[0].start) }
    for _ in 0..<count {
      // The least key; of equal ones that of the earliest part, whose entries come first.
      var least = -1
      for (place, part) in parts.enumerated() where next[place] < part.keys.count {
        if least < 0 || part.keys[next[place]] < parts[least].keys[next[least]] { least = place }
      }
      keys.append(parts[least].keys[next[least]])
      offsets.append(parts[least].offsets[next[least]] + shifts[least])
      next[least] += 1
    }
  }
}

extension SearchRun {
  /// The runs that so many entries are kept in: of 256 entries, or eight times as many, and so on; each
  /// begins at a multiple of its length. What is left at the end is in no run.
  static func layout(of count: UInt64) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var start: UInt64 = 0
    while start + 256 <= count {
      var length: UInt64 = 256
      while length * 8 <= Limits.indexRunCount, start.isMultiple(of: length * 8),
        start + length * 8 <= count
      { length *= 8 }
      ranges.append(start..<start + length)
      start += length
    }
    return ranges
  }

  /// The eight runs that a longer one is made of; none for one of 256.
  static func parts(of range: Range<UInt64>) -> [Range<UInt64>] {
    let length = UInt64(range.count) / 8
    guard length >= 256 else { return [] }
    return (0..<8).map { range.lowerBound + $0 * length..<range.lowerBound + ($0 + 1) * length }
  }

  /// The run eight times as long that a run is a part of; `nil` for the longest.
  static func whole(of range: Range<UInt64>) -> Range<UInt64>? {
    let length = UInt64(range.count) * 8
    guard length <= Limits.indexRunCount else { return nil }
    let start = range.lowerBound / length * length
    return start..<start + length
  }
}
