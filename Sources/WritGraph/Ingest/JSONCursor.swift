// A cursor over one line of JSON: strict, exact, and fast enough that reading facts is not what
// takes the time.

/// What is wrong with the text of a line.
public enum JSONFault: UInt8, Error, Sendable {
  /// Something else was expected here.
  case unexpected
  /// The line ends within a value.
  case cutShort
  /// A control character stands in a string.
  case control
  /// The string is not valid UTF-8.
  case notUTF8
  /// The string holds U+0000.
  case zero
  /// The escape is none of JSON's, or half of a surrogate pair.
  case escape
  /// Not a JSON number, or beyond 64 bits.
  case number
  /// Nested too deeply.
  case depth
  /// The line is too long.
  case tooLong
  /// Not a fault of the text: what is wrong was reported already.
  case reported
}

/// A string as it stands in the line: without quotes, escapes not yet resolved.
struct RawText {
  let start: UnsafePointer<UInt8>
  let count: Int
  let isEscaped: Bool

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
}

/// A number as it stands in the line: `mantissa * 10^exponent`.
struct RawNumber {
  let mantissa: Int64
  let exponent: Int
  /// Written with a point or an exponent.
  let isFractional: Bool
}

/// A cursor over text that ends in a line feed, behind which at least 32 bytes can be read.
///
/// Invariant: no step passes a line feed: it is no part of any value, so every loop stops there.
struct JSONCursor {
  var position: UnsafePointer<UInt8>

  /// The line ends here.
  var isAtLineEnd: Bool { position.pointee == 10 }

  /// Moves over white space within a line.
  @inline(__always)
  mutating func skipSpace() {
    while position.pointee <= 32 {
      let byte = position.pointee
      guard byte == 32 || byte == 9 || byte == 13 else { return }
      position += 1
    }
  }

  /// Moves over `byte`, which must stand here.
  @inline(__always)
  mutating func expect(_ byte: UInt8) throws(JSONFault) {
    guard position.pointee == byte else { throw isAtLineEnd ? .cutShort : .unexpected }
    position += 1
  }

  /// Moves over `byte` if it stands here.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard position.pointee == byte else { return false }
    position += 1
    return true
  }

  /// Reads a string from its opening quote on.
  @inline(__always)
  mutating func string() throws(JSONFault) -> RawText {
    try expect(34)
    let start = position
    var isEscaped = false
    var high: UInt64 = 0
    while true {
      let word = UnsafeRawPointer(position).loadUnaligned(as: UInt64.self)
      let stops = JSONCursor.stops(word)
      if stops == 0 {
        high |= word
        position += 8
        continue
      }
      let count = stops.trailingZeroBitCount &>> 3
      high |= word & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
      position += count
      if position.pointee == 34 { break }
      isEscaped = true
      try escape()
    }
    let text = RawText(start: start, count: position - start, isEscaped: isEscaped)
    position += 1
    if high & 0x8080_8080_8080_8080 != 0, !isUTF8(text.bytes) {
      position = start
      throw .notUTF8
    }
    return text
  }

  /// The high bits of the bytes in `word` that are a quote, a backslash or below a space; exact up
  /// to the first.
  @inline(__always)
  private static func stops(_ word: UInt64) -> UInt64 {
    let quote = word ^ 0x2222_2222_2222_2222
    let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let control = (word &- 0x2020_2020_2020_2020) & ~word
    let found =
      control | ((quote &- 0x0101_0101_0101_0101) & ~quote)
      | ((backslash &- 0x0101_0101_0101_0101) & ~backslash)
    return found & 0x8080_8080_8080_8080
  }

  /// Moves over an escape, whose form is checked here and whose meaning by `unescape`.
  private mutating func escape() throws(JSONFault) {
    guard position.pointee == 92 else { throw isAtLineEnd ? .cutShort : .control }
    switch position[1] {
    case 34, 92, 47, 98, 102, 110, 114, 116: position += 2
    case 117:
      for index in 2..<6 {
        let digit = position[index]
        guard digit &- 48 <= 9 || (digit | 32) &- 97 <= 5 else { throw .escape }
      }
      position += 6
    default: throw .escape
    }
  }

  /// Reads a number; at most 18 digits in all.
  @inline(__always)
  mutating func number() throws(JSONFault) -> RawNumber {
    let isNegative = take(45)
    let start = position
    var mantissa: UInt64 = 0
    try digits(&mantissa)
    guard start.pointee != 48 || position - start == 1 else { throw .number }
    var exponent = 0
    var isFractional = false
    if take(46) {
      let point = position
      try digits(&mantissa)
      exponent = point - position
      isFractional = true
    }
    guard position - start <= 19 else { throw .number }
    if position.pointee | 32 == 101 {
      exponent += try self.exponent()
      isFractional = true
    }
    // At most 19 digits, so that the mantissa has not wrapped round.
    guard mantissa <= UInt64(Int64.max) || (isNegative && mantissa == Int64.min.magnitude) else {
      throw .number
    }
    let value = Int64(truncatingIfNeeded: mantissa)
    return RawNumber(
      mantissa: isNegative ? 0 &- value : value, exponent: exponent, isFractional: isFractional)
  }

  @inline(__always)
  private mutating func digits(_ value: inout UInt64) throws(JSONFault) {
    var digit = position.pointee &- 48
    guard digit <= 9 else { throw .number }
    repeat {
      value = value &* 10 &+ UInt64(digit)
      position += 1
      digit = position.pointee &- 48
    } while digit <= 9
  }

  /// Reads `e`, a sign and digits; beyond 9999 all are alike.
  private mutating func exponent() throws(JSONFault) -> Int {
    position += 1
    let isNegative = position.pointee == 45
    if isNegative || position.pointee == 43 { position += 1 }
    guard position.pointee &- 48 <= 9 else { throw .number }
    var value = 0
    while position.pointee &- 48 <= 9 {
      value = min(value * 10 + Int(position.pointee - 48), 9999)
      position += 1
    }
    return isNegative ? -value : value
  }

  /// Moves over `true`, `false` or `null`.
  mutating func word(_ text: StaticString) throws(JSONFault) {
    for index in 0..<text.utf8CodeUnitCount {
      guard position.pointee == text.utf8Start[index] else {
        throw isAtLineEnd ? .cutShort : .unexpected
      }
      position += 1
    }
  }

  /// Reads `true` or `false`.
  mutating func bool() throws(JSONFault) -> Bool {
    let value = position.pointee == 116
    try word(value ? "true" : "false")
    return value
  }

  /// Moves over any value, checking its form.
  mutating func skipValue(depth: Int = 0) throws(JSONFault) {
    guard depth < Limits.depth else { throw .depth }
    skipSpace()
    switch position.pointee {
    case 34: _ = try string()
    case 123: try skipObject(depth: depth)
    case 91: try skipArray(depth: depth)
    case 116: try word("true")
    case 102: try word("false")
    case 110: try word("null")
    case 45, 48...57: try skipNumber()
    default: throw isAtLineEnd ? .cutShort : .unexpected
    }
  }

  /// A number of any length.
  private mutating func skipNumber() throws(JSONFault) {
    _ = take(45)
    let start = position
    var ignored: UInt64 = 0
    try digits(&ignored)
    guard start.pointee != 48 || position - start == 1 else { throw .number }
    if take(46) { try digits(&ignored) }
    if position.pointee | 32 == 101 { _ = try exponent() }
  }

  private mutating func skipObject(depth: Int) throws(JSONFault) {
    position += 1
    skipSpace()
    if take(125) { return }
    repeat {
      skipSpace()
      _ = try string()
      skipSpace()
      try expect(58)
      try skipValue(depth: depth + 1)
      skipSpace()
    } while take(44)
    try expect(125)
  }

  private mutating func skipArray(depth: Int) throws(JSONFault) {
    position += 1
    skipSpace()
    if take(93) { return }
    repeat {
      try skipValue(depth: depth + 1)
      skipSpace()
    } while take(44)
    try expect(93)
  }
}

/// Whether the bytes are UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above
/// U+10FFFF.
func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  var index = 0
  while index < bytes.count {
    let lead = bytes[index]
    let length: Int
    switch lead {
    case 0..<0x80:
      index += 1
      continue
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return false
    }
    guard index + length <= bytes.count else { return false }
    for place in index + 1..<index + length where bytes[place] & 0xC0 != 0x80 { return false }
    let second = bytes[index + 1]
    switch lead {
    case 0xE0 where second < 0xA0, 0xED where second > 0x9F, 0xF0 where second < 0x90,
      0xF4 where second > 0x8F:
      return false
    default: index += length
    }
  }
  return true
}

/// Writes the text that an escaped string stands for, and the position of what is wrong with it.
///
/// - Precondition: the form of the escapes was checked by `JSONCursor.string`.
func unescape(_ text: RawText, into bytes: inout [UInt8]) throws(JSONFault) {
  var index = 0
  while index < text.count {
    let byte = text.start[index]
    guard byte == 92 else {
      bytes.append(byte)
      index += 1
      continue
    }
    let sign = text.start[index + 1]
    index += 2
    switch sign {
    case 98: bytes.append(8)
    case 102: bytes.append(12)
    case 110: bytes.append(10)
    case 114: bytes.append(13)
    case 116: bytes.append(9)
    case 117: bytes.append(contentsOf: String(try scalar(text, &index)).utf8)
    default: bytes.append(sign)
    }
  }
}

/// Reads the digits of `\uXXXX` at `index`, and a second half where the first is a high surrogate.
private func scalar(_ text: RawText, _ index: inout Int) throws(JSONFault) -> Unicode.Scalar {
  func unit(_ at: Int) -> UInt32 {
    var value: UInt32 = 0
    for place in at..<at + 4 {
      let digit = text.start[place]
      value = value << 4 | UInt32(digit <= 57 ? digit - 48 : (digit | 32) - 87)
    }
    return value
  }
  var value = unit(index)
  index += 4
  if 0xD800...0xDBFF ~= value, index + 6 <= text.count, text.start[index] == 92,
    text.start[index + 1] == 117
  {
    let low = unit(index + 2)
    guard 0xDC00...0xDFFF ~= low else { throw .escape }
    value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    index += 6
  }
  guard value != 0 else { throw .zero }
  guard let scalar = Unicode.Scalar(value) else { throw .escape }
  return scalar
}
