// A point in time, to the microsecond.

/// A point in UTC, held as microseconds since 1970-01-01T00:00:00Z.
///
/// Text form: RFC 3339, read with any offset and up to six digits of a second; capitals only, no
/// leap seconds, years 0000 to 9999 in UTC. Written in UTC with no more digits than needed:
/// `2026-11-19T10:00:00Z`, `2026-11-19T10:00:00.25Z`.
public struct Instant: Hashable, Sendable, CustomStringConvertible {
  /// Microseconds since 1970-01-01T00:00:00Z, negative before it.
  public let microseconds: Int64

  /// 0000-01-01T00:00:00Z.
  public static let earliest = Instant(microseconds: -62_167_219_200_000_000)
  /// 9999-12-31T23:59:59.999999Z.
  public static let latest = Instant(microseconds: 253_402_300_799_999_999)

  /// The point that many microseconds after 1970-01-01T00:00:00Z.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Reads the text form.
  public init?(_ bytes: Span<UInt8>) {
    var position = 0
    guard let date = CalendarDate(bytes, &position), skip("T", bytes, &position),
      let hour = fixedDigits(2, bytes, &position), hour <= 23, skip(":", bytes, &position),
      let minute = fixedDigits(2, bytes, &position), minute <= 59, skip(":", bytes, &position),
      let second = fixedDigits(2, bytes, &position), second <= 59
    else { return nil }
    var rest: Int64 = 0
    if skip(".", bytes, &position) {
      guard let read = fraction(bytes, &position) else { return nil }
      rest = read
    }
    guard let offset = Instant.offsetMinutes(bytes, &position), position == bytes.count else {
      return nil
    }
    // No overflow: the year has four digits.
    let minutes = (date.days * 24 + hour) * 60 + minute - offset
    let value = (minutes * 60 + second) * 1_000_000 + rest
    guard Instant.earliest.microseconds...Instant.latest.microseconds ~= value else { return nil }
    self.microseconds = value
  }

  /// Reads the text form.
  public init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// Reads `Z` or `+HH:MM` or `-HH:MM`: minutes east of UTC.
  private static func offsetMinutes(_ bytes: Span<UInt8>, _ position: inout Int) -> Int64? {
    if skip("Z", bytes, &position) { return 0 }
    let isWest = skip("-", bytes, &position)
    guard isWest || skip("+", bytes, &position),
      let hours = fixedDigits(2, bytes, &position), hours <= 23, skip(":", bytes, &position),
      let minutes = fixedDigits(2, bytes, &position), minutes <= 59
    else { return nil }
    return isWest ? -(hours * 60 + minutes) : hours * 60 + minutes
  }

  /// Writes the text form.
  public func append(to bytes: inout [UInt8]) {
    date.append(to: &bytes)
    bytes.append(84)
    bytes.append(digits: UInt64(hour), width: 2)
    bytes.append(58)
    bytes.append(digits: UInt64(minute), width: 2)
    bytes.append(58)
    bytes.append(digits: UInt64(second), width: 2)
    bytes.append(fraction: UInt64(microsecondOfDay % 1_000_000))
    bytes.append(90)
  }

  /// The text form.
  public var description: String { text(append) }
}

/// The parts of an instant, in UTC.
extension Instant {
  /// The day that it lies in.
  public var date: CalendarDate {
    CalendarDate(days: floorQuotient(microseconds, Instant.microsecondsPerDay))
  }

  /// The year.
  public var year: Int64 { date.parts.year }
  /// The month, 1 to 12.
  public var month: Int64 { date.parts.month }
  /// The day of the month, 1 to 31.
  public var day: Int64 { date.parts.day }
  /// The hour, 0 to 23.
  public var hour: Int64 { microsecondOfDay / 3_600_000_000 }
  /// The minute, 0 to 59.
  public var minute: Int64 { microsecondOfDay / 60_000_000 % 60 }
  /// The second, 0 to 59.
  public var second: Int64 { microsecondOfDay / 1_000_000 % 60 }
  /// The day of the week: Monday is 0, Sunday is 6.
  public var weekday: Int64 { date.weekday }

  /// Microseconds since midnight.
  public var microsecondOfDay: Int64 {
    let rest = microseconds % Instant.microsecondsPerDay
    return rest < 0 ? rest + Instant.microsecondsPerDay : rest
  }

  private static let microsecondsPerDay: Int64 = 86_400_000_000
}

extension Instant: Comparable {
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }
}

/// Checked arithmetic: `nil` where the result does not fit or lies beyond the years 0000 to 9999.
extension Instant {
  /// The point that much later.
  public func adding(_ duration: Duration) -> Instant? {
    let (value, overflowed) = microseconds.addingReportingOverflow(duration.microseconds)
    return overflowed ? nil : Instant(inRange: value)
  }

  /// The point that much earlier.
  public func subtracting(_ duration: Duration) -> Instant? {
    let (value, overflowed) = microseconds.subtractingReportingOverflow(duration.microseconds)
    return overflowed ? nil : Instant(inRange: value)
  }

  /// The time from `other` to this point, negative where `other` is later.
  public func since(_ other: Instant) -> Duration? {
    let (value, overflowed) = microseconds.subtractingReportingOverflow(other.microseconds)
    return overflowed ? nil : Duration(microseconds: value)
  }

  private init?(inRange value: Int64) {
    guard Instant.earliest.microseconds...Instant.latest.microseconds ~= value else { return nil }
    self.microseconds = value
  }
}
