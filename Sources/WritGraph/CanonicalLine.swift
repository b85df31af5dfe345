// The canonical text of values: RFC 8785, with decimals and long integers as strings.

import WritModel

enum CanonicalLine {
  /// The greatest integer that is written as a JSON number: 2^53 - 1.
  static let greatestNumber: UInt64 = 9_007_199_254_740_991

  /// Writes a value's text, without quotes; of a text nothing, since a cell does not hold it.
  static func append(
    _ cell: UInt64, _ form: StorageForm, _ members: [String], to bytes: inout [UInt8]
  ) {
    let number = Int64(bitPattern: cell)
    switch form {
    case .bool: bytes.append(contentsOf: (cell != 0 ? "true" : "false").utf8)
    case .int: append(number, to: &bytes)
    case .decimal: Decimal(millionths: number).append(to: &bytes)
    case .date: CalendarDate(days: number).append(to: &bytes)
    case .instant: Instant(microseconds: number).append(to: &bytes)
    case .duration: Duration(microseconds: number).appendISO8601(to: &bytes)
    case .enumeration: bytes.append(contentsOf: members[Int(cell)].utf8)
    case .string, .strings: break
    }
  }

  /// Writes an integer.
  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(45) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(48 + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  /// Whether the value is written without quotes.
  static func isBare(_ cell: UInt64, _ form: StorageForm) -> Bool {
    switch form {
    case .bool: true
    case .int: Int64(bitPattern: cell).magnitude <= greatestNumber
    default: false
    }
  }

  /// Writes a JSON string with its quotes.
  static func append(string text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(34)
    append(unquoted: text, to: &bytes)
    bytes.append(34)
  }

  /// Writes what stands between the quotes of a JSON string.
  static func append(unquoted text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
    for byte in text { append(escaped: byte, to: &bytes) }
  }

  private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case 8: bytes.append(contentsOf: [92, 98])
    case 9: bytes.append(contentsOf: [92, 116])
    case 10: bytes.append(contentsOf: [92, 110])
    case 12: bytes.append(contentsOf: [92, 102])
    case 13: bytes.append(contentsOf: [92, 114])
    case 34, 92: bytes.append(contentsOf: [92, byte])
    case 0..<32:
      let digit = byte & 15
      bytes.append(contentsOf: [92, 117, 48, 48, 48 + byte >> 4])
      bytes.append(digit < 10 ? 48 + digit : 87 + digit)
    default: bytes.append(byte)
    }
  }

  /// Whether the text is written as it stands.
  static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let bytes = UnsafeRawBufferPointer(text)
    // Eight bytes at a time, the last of them once more; a short text byte by byte.
    guard bytes.count >= 8 else {
      for byte in bytes where byte < 32 || byte == 34 || byte == 92 { return false }
      return true
    }
    var odd: UInt64 = 0
    var offset = 0
    while offset &+ 8 < bytes.count {
      odd |= oddities(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    odd |= oddities(bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self))
    return odd == 0
  }

  /// Not zero where a byte is a quote, a backslash or below a space.
  private static func oddities(_ word: UInt64) -> UInt64 {
    let quote = word ^ 0x2222_2222_2222_2222
    let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let found =
      (word &- 0x2020_2020_2020_2020) & ~word
      | ((quote &- 0x0101_0101_0101_0101) & ~quote)
      | ((backslash &- 0x0101_0101_0101_0101) & ~backslash)
    return found & 0x8080_8080_8080_8080
  }

  /// The order of names in canonical JSON: by UTF-16 code units.
  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf16.lexicographicallyPrecedes(right.utf16)
  }
}
