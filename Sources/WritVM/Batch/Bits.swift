// Bitmaps: a bit a row, 64 to a word, lowest first.

/// Words of a bitmap, without a length of their own.
typealias Words = UnsafeMutablePointer<UInt64>
typealias ReadWords = UnsafePointer<UInt64>

/// A bitmap for all rows of a table, with a word more so that eight bytes can be read at each row.
///
/// Unchecked: written by one step of a plan and read by later ones only.
final class TableBits: @unchecked Sendable {
  let words: Words
  let rowCount: Int

  init(rowCount: Int) {
    self.rowCount = rowCount
    let count = (rowCount + 63) / 64 + 2
    words = .allocate(capacity: count)
    words.initialize(repeating: 0, count: count)
  }

  deinit { words.deallocate() }
}

/// The few things that are done to bits one word at a time.
enum Bits {
  @inline(__always)
  static func wordCount(_ rows: Int) -> Int { (rows &+ 63) &>> 6 }

  /// Copies `count` bits that begin at any place of a bitmap to the beginning of another.
  static func load(_ source: ReadWords, at start: Int, _ count: Int, into target: Words) {
    let first = start &>> 6
    let shift = UInt64(truncatingIfNeeded: start & 63)
    let words = wordCount(count)
    if shift == 0 {
      for word in 0..<words { target[word] = source[first &+ word] }
      return
    }
    let last = (start &+ count &- 1) &>> 6
    for word in 0..<words {
      let low = source[first &+ word] &>> shift
      let high = first &+ word &+ 1 <= last ? source[first &+ word &+ 1] &<< (64 &- shift) : 0
      target[word] = low | high
    }
  }

  /// Copies `count` bits from the beginning of a bitmap to any place of another, whose other bits stay.
  static func store(_ source: ReadWords, _ count: Int, into target: Words, at start: Int) {
    var done = 0
    if start & 63 == 0 {
      let (whole, first) = (count &>> 6, start &>> 6)
      for word in 0..<whole { target[first &+ word] = source[word] }
      done = whole &* 64
    }
    while done < count {
      let place = start &+ done
      let offset = place & 63
      let taken = min(64 &- offset, count &- done)
      let mask = (taken == 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: taken)) &- 1)
      let bits = window(source, done, taken) & mask
      let shift = UInt64(truncatingIfNeeded: offset)
      target[place &>> 6] = target[place &>> 6] & ~(mask &<< shift) | bits &<< shift
      done &+= taken
    }
  }

  /// Up to 64 bits that begin at a place.
  @inline(__always)
  private static func window(_ source: ReadWords, _ start: Int, _ count: Int) -> UInt64 {
    let shift = start & 63
    let low = source[start &>> 6] &>> UInt64(truncatingIfNeeded: shift)
    if shift &+ count <= 64 { return low }
    return low | source[(start &>> 6) &+ 1] &<< UInt64(truncatingIfNeeded: 64 &- shift)
  }

  @inline(__always)
  static func isSet(_ words: ReadWords, _ row: Int) -> Bool {
    words[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1 != 0
  }

  @inline(__always)
  static func set(_ words: Words, _ row: Int) {
    words[row &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: row & 63)
  }

  static func fill(_ words: Words, _ count: Int, with word: UInt64) {
    for place in 0..<count { words[place] = word }
  }

  /// Calls the body with each set bit among the first `count` rows.
  @inline(__always)
  static func each(_ words: ReadWords, _ count: Int, _ body: (Int) -> Void) {
    for place in 0..<wordCount(count) {
      var rest = words[place]
      let left = count &- place &* 64
      if left < 64 { rest &= (1 &<< UInt64(truncatingIfNeeded: left)) &- 1 }
      while rest != 0 {
        body(place &* 64 &+ rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
  }

  /// Set bits from `start` to before `end`. Eight bytes behind the last row can be read.
  @inline(__always)
  static func count(_ words: ReadWords, _ start: Int, _ end: Int) -> Int {
    if end &- start <= 56 { return short(words, start, end).nonzeroBitCount }
    return longCount(words, start, end)
  }

  /// Is a bit set from `start` to before `end`?
  @inline(__always)
  static func any(_ words: ReadWords, _ start: Int, _ end: Int) -> Bool {
    if end &- start <= 56 { return short(words, start, end) != 0 }
    return longCount(words, start, end) > 0
  }

  /// At most 56 bits: all of them lie in the eight bytes from the first on.
  @inline(__always)
  static func short(_ words: ReadWords, _ start: Int, _ end: Int) -> UInt64 {
    let raw = UnsafeRawPointer(words).loadUnaligned(
      fromByteOffset: start &>> 3, as: UInt64.self)
    let length = UInt64(truncatingIfNeeded: end &- start)
    return (UInt64(littleEndian: raw) &>> UInt64(truncatingIfNeeded: start & 7))
      & ((1 &<< length) &- 1)
  }

  @inline(never)
  private static func longCount(_ words: ReadWords, _ start: Int, _ end: Int) -> Int {
    var total = 0
    var place = start
    while place < end {
      let taken = min(56, end &- place)
      total &+= short(words, place, place &+ taken).nonzeroBitCount
      place &+= taken
    }
    return total
  }
}
