// Tests on strings as bytes: starts, ends, contains, and globs.

/// No case folding, no normalisation. Linear in the text whatever stands in it, so that nobody can hold up a gate with a long
/// string; a `?` within a long part of a glob costs the part's length over 64 for each byte of the text.
public enum StringTests {
  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  /// Parts up to this length are compared place by place.
  private static let shortPart = 32

  /// Whether a test, as `Opcode.stringTest` numbers them, holds of a text.
  public static func holds(
    _ test: Int, _ text: UnsafeBufferPointer<UInt8>, _ pattern: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    switch test {
    case 0: text.starts(with: pattern)
    case 1: text.count >= pattern.count && text.suffix(pattern.count).elementsEqual(pattern)
    case 2: end(of: pattern[...], in: text[...]) != nil
    default: isLike(text[...], pattern[...])
    }
  }

  /// `*` is any run of bytes, `?` one byte. The parts between stars are met one after the other, each as early as can be.
  private static func isLike(_ text: Bytes, _ pattern: Bytes) -> Bool {
    let star = UInt8(ascii: "*")
    guard let first = pattern.firstIndex(of: star), let last = pattern.lastIndex(of: star) else {
      return text.count == pattern.count && fits(pattern, text)
    }
    let (head, tail) = (pattern[..<first], pattern[(last + 1)...])
    guard text.count >= head.count + tail.count, fits(head, text.prefix(head.count)),
      fits(tail, text.suffix(tail.count))
    else { return false }
    var rest = text.dropFirst(head.count).dropLast(tail.count)
    for part in pattern[first...last].split(separator: star) {
      guard let end = globEnd(of: part, in: rest) else { return false }
      rest = rest[end...]
    }
    return true
  }

  /// The same bytes, but where the part has a `?`.
  private static func fits(_ part: Bytes, _ text: Bytes) -> Bool {
    zip(part, text).allSatisfy { $0 == $1 || $0 == UInt8(ascii: "?") }
  }

  /// Where the first match of a part without `*` ends.
  private static func globEnd(of part: Bytes, in text: Bytes) -> Int? {
    guard part.contains(UInt8(ascii: "?")) else { return end(of: part, in: text) }
    guard part.count > shortPart else {
      guard text.count >= part.count else { return nil }
      let starts = text.startIndex...(text.endIndex - part.count)
      return starts.first { fits(part, text[$0..<$0 + part.count]) }.map { $0 + part.count }
    }
    return markedEnd(of: part, in: text)
  }

  /// Where the first occurrence ends.
  private static func end(of part: Bytes, in text: Bytes) -> Int? {
    guard let first = part.first else { return text.startIndex }
    guard text.count >= part.count else { return nil }
    guard part.count > shortPart else {
      let starts = text.startIndex...(text.endIndex - part.count)
      let found = starts.first {
        text[$0] == first && text[$0..<$0 + part.count].elementsEqual(part)
      }
      return found.map { $0 + part.count }
    }
    return steadyEnd(of: part, in: text)
  }

  /// Knuth, Morris and Pratt: never steps back in the text.
  private static func steadyEnd(of part: Bytes, in text: Bytes) -> Int? {
    let part = UnsafeBufferPointer(rebasing: part)
    var borders = [Int](repeating: 0, count: part.count)
    var length = 0
    for place in part.indices.dropFirst() {
      while length > 0 && part[place] != part[length] { length = borders[length - 1] }
      if part[place] == part[length] { length += 1 }
      borders[place] = length
    }
    var met = 0
    for place in text.indices {
      while met > 0 && text[place] != part[met] { met = borders[met - 1] }
      if text[place] == part[met] { met += 1 }
      if met == part.count { return place + 1 }
    }
    return nil
  }

  /// Shift-And (Baeza-Yates and Gonnet): bit i says that the first i + 1 bytes of the part end here.
  private static func markedEnd(of part: Bytes, in text: Bytes) -> Int? {
    let words = (part.count + 63) / 64
    var masks = [UInt64](repeating: 0, count: 256 * words)
    for (place, byte) in part.enumerated() {
      let fitting = byte == UInt8(ascii: "?") ? 0...255 : Int(byte)...Int(byte)
      for value in fitting { masks[value * words + place / 64] |= 1 << UInt64(place % 64) }
    }
    var state = [UInt64](repeating: 0, count: words)
    let goal: UInt64 = 1 << UInt64((part.count - 1) % 64)
    for place in text.indices {
      var carry: UInt64 = 1
      let row = Int(text[place]) * words
      for word in 0..<words {
        let next = state[word] >> 63
        state[word] = (state[word] << 1 | carry) & masks[row + word]
        carry = next
      }
      if state[words - 1] & goal != 0 { return place + 1 }
    }
    return nil
  }
}
