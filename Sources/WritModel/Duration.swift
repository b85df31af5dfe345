// A length of time, to the microsecond.

/// A length of time, held as microseconds; may be negative.
///
/// Two text forms, both exact. The Writ form is a whole number and one unit, the largest that
/// divides: `7d`, `36h`, `90s`, `250ms`; `w` is read and not written. The ISO 8601 form counts
/// hours, minutes and seconds: `PT24H`, `PT31H12M`, `PT0.25S`; days are read and not written, since
/// an age of 31 h is easier compared with a limit of 24 h than one of a day and seven hours.
public struct Duration: Hashable, Sendable, CustomStringConvertible {
  /// The length in microseconds.
  public let microseconds: Int64

  /// The length of that many microseconds.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The Writ form.
  public var description: String { text(append) }

  /// The ISO 8601 form.
  public var iso8601: String { text(appendISO8601) }
}

extension Duration: Comparable {
  public static func < (left: Duration, right: Duration) -> Bool {
    left.microseconds < right.microseconds
  }
}

/// The Writ form.
extension Duration {
  /// Units with their microseconds, largest first; all but the first are written.
  private static let units: [(name: StaticString, microseconds: UInt64)] = [
    ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000),
    ("s", 1_000_000), ("ms", 1000), ("us", 1),
  ]

  /// Reads the Writ form: `-?[0-9]+(us|ms|s|m|h|d|w)`.
  public init?(_ bytes: Span<UInt8>) {
    var position = 0
    let isNegative = skip("-", bytes, &position)
    guard let count = digits(bytes, &position) else { return nil }
    for unit in Duration.units where isUnit(unit.name, bytes, position) {
      let (magnitude, overflowed) = count.multipliedReportingOverflow(by: unit.microseconds)
      guard !overflowed, let value = signed(magnitude, isNegative: isNegative) else { return nil }
      self.microseconds = value
      return
    }
    return nil
  }

  /// Reads the Writ form.
  public init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// Writes the Writ form; nothing at all is `0s`.
  public func append(to bytes: inout [UInt8]) {
    if microseconds < 0 { bytes.append(45) }
    let magnitude = microseconds.magnitude
    let whole = Duration.units.dropFirst().first { magnitude % $0.microseconds == 0 }
    guard magnitude > 0, let unit = whole else {
      bytes.append(contentsOf: [48, 115])
      return
    }
    bytes.append(digits: magnitude / unit.microseconds)
    unit.name.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
}

/// Whether nothing but the name of the unit is left.
private func isUnit(_ name: StaticString, _ bytes: Span<UInt8>, _ position: Int) -> Bool {
  guard bytes.count - position == name.utf8CodeUnitCount else { return false }
  return name.withUTF8Buffer { unit in
    for index in unit.indices where unit[index] != bytes[position + index] { return false }
    return true
  }
}

/// The ISO 8601 form.
extension Duration {
  /// Reads `-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]{1,6})?S)?)?` with at least one
  /// number, and one behind a `T`.
  public init?(iso8601 bytes: Span<UInt8>) {
    var reader = ISO8601Total()
    var position = 0
    let isNegative = skip("-", bytes, &position)
    guard skip("P", bytes, &position) else { return nil }
    guard reader.read("D", 86_400_000_000, bytes, &position) else { return nil }
    if skip("T", bytes, &position) {
      let start = position
      guard reader.read("H", 3_600_000_000, bytes, &position),
        reader.read("M", 60_000_000, bytes, &position),
        reader.read("S", 1_000_000, bytes, &position), position > start
      else { return nil }
    }
    guard position == bytes.count, reader.count > 0,
      let value = signed(reader.magnitude, isNegative: isNegative)
    else { return nil }
    self.microseconds = value
  }

  /// Reads the ISO 8601 form.
  public init?(iso8601 text: String) {
    self.init(iso8601: text.utf8.span)
  }

  /// Writes the ISO 8601 form; nothing at all is `PT0S`.
  public func appendISO8601(to bytes: inout [UInt8]) {
    let magnitude = microseconds.magnitude
    if microseconds < 0 { bytes.append(45) }
    bytes.append(contentsOf: [80, 84])
    let hours = magnitude / 3_600_000_000
    let minutes = magnitude / 60_000_000 % 60
    let rest = magnitude % 60_000_000
    if hours > 0 {
      bytes.append(digits: hours)
      bytes.append(72)
    }
    if minutes > 0 {
      bytes.append(digits: minutes)
      bytes.append(77)
    }
    if rest > 0 || magnitude == 0 {
      bytes.append(digits: rest / 1_000_000)
      bytes.append(fraction: rest % 1_000_000)
      bytes.append(83)
    }
  }
}

/// The sum of the parts of an ISO 8601 duration read so far.
private struct ISO8601Total {
  var magnitude: UInt64 = 0
  var count = 0

  /// Reads a number and its unit if they stand next; `false` where what stands there is no part at
  /// all or too large.
  mutating func read(
    _ unit: Unicode.Scalar, _ microseconds: UInt64, _ bytes: Span<UInt8>, _ position: inout Int
  ) -> Bool {
    var next = position
    guard next < bytes.count, bytes[next] &- 48 <= 9 else { return true }
    guard let number = digits(bytes, &next) else { return false }
    var rest: Int64 = 0
    if unit == "S", skip(".", bytes, &next) {
      guard let read = fraction(bytes, &next) else { return false }
      rest = read
    }
    guard skip(unit, bytes, &next) else { return true }
    let (product, overflowed) = number.multipliedReportingOverflow(by: microseconds)
    let (part, carried) = product.addingReportingOverflow(UInt64(rest))
    let (sum, spilt) = magnitude.addingReportingOverflow(part)
    guard !overflowed, !carried, !spilt else { return false }
    magnitude = sum
    count += 1
    position = next
    return true
  }
}

/// Checked arithmetic: `nil` where the result does not fit.
extension Duration {
  /// The sum.
  public func adding(_ other: Duration) -> Duration? {
    let (value, overflowed) = microseconds.addingReportingOverflow(other.microseconds)
    return overflowed ? nil : Duration(microseconds: value)
  }

  /// The difference.
  public func subtracting(_ other: Duration) -> Duration? {
    let (value, overflowed) = microseconds.subtractingReportingOverflow(other.microseconds)
    return overflowed ? nil : Duration(microseconds: value)
  }

  /// That many times the length.
  public func multiplied(by count: Int64) -> Duration? {
    let (value, overflowed) = microseconds.multipliedReportingOverflow(by: count)
    return overflowed ? nil : Duration(microseconds: value)
  }

  /// The length divided, rounded half to even at the microsecond; `nil` for a divisor of zero.
  public func divided(by count: Int64) -> Duration? {
    guard count != 0 else { return nil }
    return Int64(exactly: roundedQuotient(Int128(microseconds), Int128(count)))
      .map(Duration.init(microseconds:))
  }

  /// The length with the other sign.
  public var negated: Duration? { Duration(microseconds: 0).subtracting(self) }
}
