// The strings that a finished graph uses, in the order of their bytes.

/// Which of the draft's strings are used, and the rank of each.
struct StringRanking {
  /// Per string of the draft its rank; `UInt32.max` for one that is not used.
  private(set) var ranks: [UInt32]
  /// The used strings by rank.
  private(set) var order: [UInt32] = []

  /// Ranks start at `first`.
  init(_ isUsed: [Bool], _ strings: borrowing Interner, from first: Int = 0) {
    ranks = Array(repeating: .max, count: isUsed.count)
    var keys: [(prefix: UInt64, number: UInt32)] = []
    for number in isUsed.indices where isUsed[number] {
      keys.append((StringRanking.prefix(strings.bytes(UInt32(number))), UInt32(number)))
    }
    StringRanking.sort(&keys, strings)
    order = keys.map(\.number)
    for (rank, number) in order.enumerated() {
      ranks[Int(number)] = UInt32(truncatingIfNeeded: first + rank)
    }
  }

  /// The first eight bytes, so that most comparisons are of two words. No string holds U+0000, so
  /// that filling a short one up with zeros keeps the order.
  private static func prefix(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard text.count > 0, let start = UnsafeRawPointer(text.baseAddress) else { return 0 }
    let word = UInt64(bigEndian: start.loadUnaligned(as: UInt64.self))
    return text.count >= 8 ? word : word & ~(UInt64.max >> UInt64(text.count * 8))
  }

  private static func sort(
    _ keys: inout [(prefix: UInt64, number: UInt32)], _ strings: borrowing Interner
  ) {
    // Sort by prefix, then what has the same prefix by the rest.
    keys.sort { $0.prefix < $1.prefix }
    var start = 0
    while start < keys.count {
      var end = start + 1
      while end < keys.count, keys[end].prefix == keys[start].prefix { end += 1 }
      if end - start > 1 { sortTies(&keys, start..<end, strings) }
      start = end
    }
  }

  private static func sortTies(
    _ keys: inout [(prefix: UInt64, number: UInt32)], _ range: Range<Int>,
    _ strings: borrowing Interner
  ) {
    let texts = keys[range].map { (strings.bytes($0.number), $0.number) }
      .sorted { precedesBehindPrefix($0.0, $1.0) }
    for (index, text) in zip(range, texts) { keys[index].number = text.1 }
  }

  /// Compares what is behind the first eight bytes, which are equal, a word at a time.
  private static func precedesBehindPrefix(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let a = UnsafeRawPointer(left.baseAddress), let b = UnsafeRawPointer(right.baseAddress)
    else { return left.count < right.count }
    let common = min(left.count, right.count)
    var offset = 8
    while offset < common {
      let x = UInt64(bigEndian: a.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let y = UInt64(bigEndian: b.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      if x != y {
        let rest = common - offset
        let mask = rest >= 8 ? UInt64.max : ~(UInt64.max >> UInt64(rest * 8))
        if x & mask != y & mask { return x & mask < y & mask }
        break
      }
      offset += 8
    }
    return left.count < right.count
  }
}
