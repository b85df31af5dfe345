// A JSON number as it was written: exact digits, no binary rounding.

/// A number of JSON, kept as its text; equal where the texts are.
public struct JSONNumber: Hashable, Sendable {
  /// As written: `-0`, `1.50` and `1e3` stay what they are. ASCII, at most `longest` bytes.
  public let text: String

  /// Bytes in the longest number that is read.
  public static let longest = 512

  /// A whole number in its shortest form.
  public init(_ value: Int64) { text = String(value) }

  /// Reads one number by the grammar of RFC 8259, section 6; anything else is `nil`.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= JSONNumber.longest,
      JSONNumber.end(in: bytes, from: 0) == bytes.count
    else { return nil }
    self.text = text
  }

  /// A text that the reader has already measured with `end(in:from:)`.
  init(measured text: String) { self.text = text }
}

/// `mantissa × 10^exponent`, exactly.
public struct JSONDecimal: Hashable, Sendable {
  /// The digits, with the sign.
  public let mantissa: Int64
  /// The power of ten that they are multiplied by.
  public let exponent: Int

  /// `mantissa × 10^exponent`.
  public init(mantissa: Int64, exponent: Int) {
    self.mantissa = mantissa
    self.exponent = exponent
  }
}

extension JSONNumber {
  /// The value as its digits and a power of ten: `1.50` is 150 × 10^-2.
  ///
  /// `nil` where the digits, zeros in front left out, do not fit an `Int64`, or the exponent
  /// lies beyond ±1,000,000.
  public var decimal: JSONDecimal? {
    var digits = DigitReader()
    for byte in text.utf8 {
      guard digits.take(byte) else { return nil }
    }
    return digits.decimal
  }

  /// The value where it is whole and fits: `4.0` is 4 and `1e3` is 1000; otherwise `nil`.
  public var integer: Int64? {
    guard let decimal else { return nil }
    if decimal.mantissa == 0 { return 0 }
    var (mantissa, exponent) = (decimal.mantissa, decimal.exponent)
    while exponent < 0 {
      guard mantissa % 10 == 0 else { return nil }
      mantissa /= 10
      exponent += 1
    }
    while exponent > 0 {
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      mantissa = product
      exponent -= 1
    }
    return mantissa
  }

  /// The offset behind the number that begins at `start`, `nil` if none does.
  ///
  /// `[ "-" ] ( "0" / 1-9 *DIGIT ) [ "." 1*DIGIT ] [ ("e" / "E") [ "-" / "+" ] 1*DIGIT ]`
  static func end(in bytes: [UInt8], from start: Int) -> Int? {
    var at = start
    func byte() -> UInt8 { at < bytes.count ? bytes[at] : 0 }
    func digits() -> Bool {
      let first = at
      while UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte() { at += 1 }
      return at > first
    }
    if byte() == UInt8(ascii: "-") { at += 1 }
    if byte() == UInt8(ascii: "0") {
      at += 1
    } else if !digits() {
      return nil
    }
    if byte() == UInt8(ascii: ".") {
      at += 1
      guard digits() else { return nil }
    }
    if byte() == UInt8(ascii: "e") || byte() == UInt8(ascii: "E") {
      at += 1
      if byte() == UInt8(ascii: "+") || byte() == UInt8(ascii: "-") { at += 1 }
      guard digits() else { return nil }
    }
    return at
  }
}

/// Gathers the digits of a well-formed number, byte by byte.
private struct DigitReader {
  private var mantissa: Int64 = 0
  private var isNegative = false
  private var fractionDigits = 0
  private var exponent = 0
  private var exponentIsNegative = false
  private var part = Part.whole

  private enum Part { case whole, fraction, exponent }

  /// `false` once the number cannot be held.
  mutating func take(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"):
      if part == .exponent { exponentIsNegative = true } else { isNegative = true }
      return true
    case UInt8(ascii: "."):
      part = .fraction
      return true
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      part = .exponent
      return true
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return take(digit: Int64(byte - UInt8(ascii: "0")))
    default: return true  // the plus sign of an exponent
    }
  }

  private mutating func take(digit: Int64) -> Bool {
    if part == .exponent {
      exponent = exponent * 10 + Int(digit)
      return exponent <= 1_000_000
    }
    if part == .fraction { fractionDigits += 1 }
    // Built up below zero, so that the least Int64 can be held too.
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
    let (sum, underflow) = product.subtractingReportingOverflow(digit)
    mantissa = sum
    return !overflow && !underflow
  }

  var decimal: JSONDecimal? {
    if !isNegative && mantissa == .min { return nil }
    return JSONDecimal(
      mantissa: isNegative ? mantissa : -mantissa,
      exponent: (exponentIsNegative ? -exponent : exponent) - fractionDigits)
  }
}
