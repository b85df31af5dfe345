// A calendar day, and the arithmetic between days and years.

/// A day of the proleptic Gregorian calendar, held as days since 1970-01-01.
///
/// Text form: ISO 8601 `YYYY-MM-DD`, years 0000 to 9999. A day beyond those years is written with a
/// sign and as many digits as its year needs, and is not read back.
public struct CalendarDate: Hashable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01, negative before it.
  public let days: Int64

  /// 0000-01-01.
  public static let earliest = CalendarDate(days: -719_528)
  /// 9999-12-31.
  public static let latest = CalendarDate(days: 2_932_896)

  /// The day that many days after 1970-01-01.
  public init(days: Int64) {
    self.days = days
  }

  /// The day with that year (0 to 9999), month (1 to 12) and day of the month, `nil` where there is
  /// none.
  public init?(year: Int64, month: Int64, day: Int64) {
    guard 0...9999 ~= year, 1...12 ~= month, day >= 1 else { return nil }
    guard day <= CalendarDate.dayCount(year: year, month: month) else { return nil }
    // Years are counted from March, so that a leap day is the last day of its year; an era is 400
    // years.
    let shifted = month <= 2 ? year - 1 : year
    let era = floorQuotient(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.days = era * 146_097 + dayOfEra - 719_468
  }

  /// Reads `YYYY-MM-DD`.
  public init?(_ bytes: Span<UInt8>) {
    var position = 0
    self.init(bytes, &position)
    guard position == bytes.count else { return nil }
  }

  /// Reads `YYYY-MM-DD`.
  public init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// Reads ten bytes at `position` and moves behind them.
  init?(_ bytes: Span<UInt8>, _ position: inout Int) {
    guard let year = fixedDigits(4, bytes, &position), skip("-", bytes, &position),
      let month = fixedDigits(2, bytes, &position), skip("-", bytes, &position),
      let day = fixedDigits(2, bytes, &position)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// The number of days in a month, 1 to 12, of a year.
  static func dayCount(year: Int64, month: Int64) -> Int64 {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  /// Year, month 1 to 12 and day of the month 1 to 31.
  public var parts: (year: Int64, month: Int64, day: Int64) {
    // Remainder first, so that no count of days overflows.
    let era = floorQuotient(days, 146_097)
    let rest = days % 146_097
    let raw = (rest < 0 ? rest + 146_097 : rest) + 719_468
    let dayOfEra = raw % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = (era + raw / 146_097) * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// The day of the week: Monday is 0, Sunday is 6.
  public var weekday: Int64 {
    // 1970-01-01 was a Thursday.
    let rest = days % 7
    return (rest + 10) % 7
  }

  /// Writes the text form.
  public func append(to bytes: inout [UInt8]) {
    let (year, month, day) = parts
    if !(0...9999 ~= year) { bytes.append(year < 0 ? 45 : 43) }
    bytes.append(digits: year.magnitude, width: 4)
    bytes.append(45)
    bytes.append(digits: UInt64(month), width: 2)
    bytes.append(45)
    bytes.append(digits: UInt64(day), width: 2)
  }

  /// The text form.
  public var description: String { text(append) }

  /// The day `count` days later, `nil` beyond the years 0000 to 9999.
  public func adding(days count: Int64) -> CalendarDate? {
    let (value, overflowed) = days.addingReportingOverflow(count)
    guard !overflowed, CalendarDate.earliest.days...CalendarDate.latest.days ~= value else {
      return nil
    }
    return CalendarDate(days: value)
  }
}

extension CalendarDate: Comparable {
  public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }
}

/// The quotient, rounded down, also below zero.
///
/// - Precondition: `divisor` is positive.
func floorQuotient(_ value: Int64, _ divisor: Int64) -> Int64 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}
