// Bytes as hexadecimal digits.

/// Two digits a byte, lower case.
public enum Hex {
  /// The digits of the bytes, in lower case.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.underestimatedCount * 2)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Writes the digits of bytes, in lower case, from a place on, and says where they end.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int
  ) -> Int {
    var place = start
    for byte in bytes {
      text[place] = digit(byte >> 4)
      text[place + 1] = digit(byte & 15)
      place += 2
    }
    return place
  }

  /// The bytes of lower-case digits; anything else, upper case too, is `nil`.
  public static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]),
        !isUpperCase(digits[index]), !isUpperCase(digits[index + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// The value of one digit of either case.
  static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func isUpperCase(_ byte: UInt8) -> Bool {
    UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
