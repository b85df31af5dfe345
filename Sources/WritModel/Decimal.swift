// An exact number with six digits behind the point.

/// An exact fixed-point number: an `Int64` of millionths, from -9223372036854.775808 to
/// 9223372036854.775807.
///
/// Text form: `-?(0|[1-9][0-9]*)(\.[0-9]{1,6})?`, written in its shortest form: `83.4`, `-0.5`,
/// `7`.
public struct Decimal: Hashable, Sendable, CustomStringConvertible {
  /// The value times one million.
  public let millionths: Int64

  /// The number of millionths in one.
  public static let scale: Int64 = 1_000_000

  /// The value of that many millionths.
  public init(millionths: Int64) {
    self.millionths = millionths
  }

  /// The value of a whole number, `nil` where it does not fit.
  public init?(_ value: Int64) {
    let (millionths, overflowed) = value.multipliedReportingOverflow(by: Decimal.scale)
    guard !overflowed else { return nil }
    self.millionths = millionths
  }

  /// `mantissa` times ten to the `exponent`, `nil` unless exact and in range.
  public init?(mantissa: Int64, exponent: Int) {
    var value = mantissa
    guard value != 0 else {
      self.millionths = 0
      return
    }
    var shift = exponent < -100 || exponent > 100 ? 100 : exponent + 6
    guard shift != 100 else { return nil }
    while shift < 0 {
      guard value % 10 == 0 else { return nil }
      value /= 10
      shift += 1
    }
    while shift > 0 {
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      guard !overflowed else { return nil }
      value = product
      shift -= 1
    }
    self.millionths = value
  }

  /// Reads the text form; at most six digits behind the point, no exponent, no leading zeros.
  public init?(_ bytes: Span<UInt8>) {
    var position = 0
    let isNegative = skip("-", bytes, &position)
    let start = position
    guard let whole = digits(bytes, &position) else { return nil }
    guard position - start == 1 || bytes[start] != 48 else { return nil }
    var rest: Int64 = 0
    if skip(".", bytes, &position) {
      guard let read = fraction(bytes, &position) else { return nil }
      rest = read
    }
    guard position == bytes.count else { return nil }
    let (scaled, overflowed) = whole.multipliedReportingOverflow(by: 1_000_000)
    let (magnitude, carried) = scaled.addingReportingOverflow(UInt64(rest))
    guard !overflowed, !carried, let value = signed(magnitude, isNegative: isNegative) else {
      return nil
    }
    self.millionths = value
  }

  /// Reads the text form.
  public init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// Writes the shortest text form.
  public func append(to bytes: inout [UInt8]) {
    if millionths < 0 { bytes.append(45) }
    bytes.append(digits: millionths.magnitude / 1_000_000)
    bytes.append(fraction: millionths.magnitude % 1_000_000)
  }

  /// The shortest text form.
  public var description: String { text(append) }
}

extension Decimal: Comparable {
  public static func < (left: Decimal, right: Decimal) -> Bool {
    left.millionths < right.millionths
  }
}

/// Checked arithmetic: `nil` where the result does not fit, never a wrong number.
extension Decimal {
  /// The sum.
  public func adding(_ other: Decimal) -> Decimal? {
    let (value, overflowed) = millionths.addingReportingOverflow(other.millionths)
    return overflowed ? nil : Decimal(millionths: value)
  }

  /// The difference.
  public func subtracting(_ other: Decimal) -> Decimal? {
    let (value, overflowed) = millionths.subtractingReportingOverflow(other.millionths)
    return overflowed ? nil : Decimal(millionths: value)
  }

  /// The product, rounded half to even at the sixth digit.
  public func multiplied(by other: Decimal) -> Decimal? {
    let product = Int128(millionths) * Int128(other.millionths)
    return Int64(exactly: roundedQuotient(product, Int128(Decimal.scale)))
      .map(Decimal.init(millionths:))
  }

  /// The quotient, rounded half to even at the sixth digit; `nil` for a divisor of zero.
  public func divided(by other: Decimal) -> Decimal? {
    guard other.millionths != 0 else { return nil }
    let scaled = Int128(millionths) * Int128(Decimal.scale)
    return Int64(exactly: roundedQuotient(scaled, Int128(other.millionths)))
      .map(Decimal.init(millionths:))
  }

  /// The value with the other sign.
  public var negated: Decimal? { Decimal(millionths: 0).subtracting(self) }
}
