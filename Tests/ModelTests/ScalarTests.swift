// The scalar values: text forms both ways, exact arithmetic, calendar parts.
import Testing
import WritModel

@Suite struct DecimalTests {
  @Test(arguments: [
    ("0", 0), ("7", 7_000_000), ("-0.5", -500_000), ("83.4", 83_400_000), ("0.000001", 1),
    ("9223372036854.775807", Int64.max), ("-9223372036854.775808", Int64.min),
  ])
  func textFormIsReadAndWritten(_ text: String, _ millionths: Int64) {
    #expect(Decimal(text)?.millionths == millionths)
    #expect(Decimal(millionths: millionths).description == text)
  }

  @Test func longerSpellingsOfTheSameNumberAreRead() {
    #expect(Decimal("83.400000") == Decimal("83.4"))
    #expect(Decimal("-0") == Decimal("0"))
  }

  @Test(arguments: [
    "", "-", "+1", "1.", ".5", "01", "1e3", "1.0000000", "9223372036854.775808", "1 ", "٣",
    "99999999999999999999", "1.-5", "--1",
  ])
  func anythingElseIsRefused(_ text: String) {
    #expect(Decimal(text) == nil)
  }

  @Test(
    arguments: [
      (15, -1, 1_500_000), (-25, -6, -25), (3, 2, 300_000_000), (0, 5000, 0),
      (1_234_000, -9, 1234),
    ] as [(Int64, Int, Int64)])
  func mantissaAndExponentAreExact(_ mantissa: Int64, _ exponent: Int, _ millionths: Int64) {
    #expect(Decimal(mantissa: mantissa, exponent: exponent)?.millionths == millionths)
  }

  @Test func whatIsNotExactOrTooLargeIsRefused() {
    #expect(Decimal(mantissa: 15, exponent: -7) == nil)
    #expect(Decimal(mantissa: 1, exponent: 13) == nil)
    #expect(Decimal(mantissa: 1, exponent: .max) == nil)
    #expect(Decimal(mantissa: 1, exponent: .min) == nil)
    #expect(Decimal(Int64.max) == nil)
  }

  @Test(
    arguments: [
      (1, 2, 0), (3, 2, 2), (5, 2, 2), (-1, 2, 0), (-3, 2, -2), (1, 3, 0), (2, 3, 1), (-2, 3, -1),
      (2, -3, -1), (-5, -2, 2),
    ] as [(Int64, Int64, Int64)])
  func divisionRoundsHalfToEven(_ dividend: Int64, _ divisor: Int64, _ quotient: Int64) {
    let result = Decimal(millionths: dividend).divided(
      by: Decimal(divisor) ?? Decimal(millionths: 0))
    #expect(result?.millionths == quotient)
  }

  @Test func multiplicationRoundsHalfToEven() {
    let half = Decimal(millionths: 500_000)
    #expect(half.multiplied(by: Decimal(millionths: 1))?.millionths == 0)
    #expect(half.multiplied(by: Decimal(millionths: 3))?.millionths == 2)
    #expect(half.multiplied(by: Decimal(millionths: -5))?.millionths == -2)
  }

  @Test func overflowIsNil() {
    let most = Decimal(millionths: .max)
    let least = Decimal(millionths: .min)
    #expect(most.adding(Decimal(millionths: 1)) == nil)
    #expect(least.subtracting(Decimal(millionths: 1)) == nil)
    #expect(most.multiplied(by: Decimal(millionths: 1_000_001)) == nil)
    #expect(most.divided(by: Decimal(millionths: 999_999)) == nil)
    #expect(most.divided(by: Decimal(millionths: 0)) == nil)
    #expect(least.negated == nil)
    #expect(least.divided(by: Decimal(millionths: -1_000_000)) == nil)
  }
}

@Suite struct CalendarDateTests {
  @Test func everyDayFollowsTheOneBefore() {
    var day = CalendarDate.earliest
    var (year, month, number): (Int64, Int64, Int64) = (0, 1, 1)
    var weekday = day.weekday
    while day < CalendarDate.latest {
      let parts = day.parts
      guard CalendarDate(year: year, month: month, day: number) == day,
        parts == (year, month, number), day.weekday == weekday
      else {
        Issue.record("\(day) has parts \(parts), weekday \(day.weekday)")
        return
      }
      (year, month, number) = next(year, month, number)
      weekday = (weekday + 1) % 7
      day = CalendarDate(days: day.days + 1)
    }
    #expect(day.description == "9999-12-31")
  }

  /// The day after, by the schoolbook.
  private func next(_ year: Int64, _ month: Int64, _ day: Int64) -> (Int64, Int64, Int64) {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if day < lengths[Int(month) - 1] { return (year, month, day + 1) }
    return month < 12 ? (year, month + 1, 1) : (year + 1, 1, 1)
  }

  @Test func knownDays() {
    #expect(CalendarDate("1970-01-01")?.days == 0)
    #expect(CalendarDate("2026-11-19")?.weekday == 3)
    #expect(CalendarDate("0000-01-01") == CalendarDate.earliest)
  }

  @Test(arguments: [
    "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "26-01-01", "2026-01-01 ",
    "2026/01/01", "+2026-01-01", "", "2026-04-31",
  ])
  func whatIsNoDayIsRefused(_ text: String) {
    #expect(CalendarDate(text) == nil)
  }

  @Test func farDaysAreWrittenWithoutTrap() {
    #expect(CalendarDate(days: .max).description.hasPrefix("+"))
    #expect(CalendarDate(days: .min).description.hasPrefix("-"))
    #expect(CalendarDate.latest.adding(days: 1) == nil)
    #expect(CalendarDate.earliest.adding(days: .min) == nil)
  }
}

@Suite struct InstantTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-19T10:00:00Z", 1_795_082_400_000_000),
    ("1969-12-31T23:59:59.999999Z", -1), ("2026-11-19T10:00:00.25Z", 1_795_082_400_250_000),
    ("9999-12-31T23:59:59.999999Z", Instant.latest.microseconds),
    ("0000-01-01T00:00:00Z", Instant.earliest.microseconds),
  ])
  func textFormIsReadAndWritten(_ text: String, _ microseconds: Int64) {
    #expect(Instant(text)?.microseconds == microseconds)
    #expect(Instant(microseconds: microseconds).description == text)
  }

  @Test func offsetsAreTakenOff() {
    #expect(Instant("2026-11-19T11:30:00+01:30") == Instant("2026-11-19T10:00:00Z"))
    #expect(Instant("2026-11-18T22:00:00.000-12:00") == Instant("2026-11-19T10:00:00Z"))
  }

  @Test(arguments: [
    "2026-11-19T10:00:00", "2026-11-19 10:00:00Z", "2026-11-19T10:00Z", "2026-11-19T24:00:00Z",
    "2026-11-19T10:60:00Z", "2026-11-19T10:00:60Z", "2026-11-19T10:00:00.Z",
    "2026-11-19T10:00:00.1234567Z", "2026-11-19t10:00:00z", "2026-11-19T10:00:00+1:00",
    "2026-11-19T10:00:00+24:00", "2026-02-30T10:00:00Z", "2026-11-19T10:00:00ZZ", "",
    "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-11-19T10:00:00,5Z",
  ])
  func anythingElseIsRefused(_ text: String) {
    #expect(Instant(text) == nil)
  }

  @Test func parts() {
    let instant = Instant("2026-11-19T21:07:42.5Z") ?? Instant(microseconds: 0)
    #expect((instant.year, instant.month, instant.day) == (2026, 11, 19))
    #expect((instant.hour, instant.minute, instant.second) == (21, 7, 42))
    #expect(instant.weekday == 3)
    #expect(Instant(microseconds: -1).second == 59)
    #expect(Instant(microseconds: .min).description.hasPrefix("-"))
  }

  @Test func arithmeticStaysInRange() {
    let day = Duration(microseconds: 86_400_000_000)
    #expect(Instant("2026-11-19T10:00:00Z")?.adding(day) == Instant("2026-11-20T10:00:00Z"))
    #expect(Instant.latest.adding(day) == nil)
    #expect(Instant.earliest.subtracting(day) == nil)
    #expect(Instant(microseconds: .max).since(Instant(microseconds: -1)) == nil)
  }
}

@Suite struct DurationTests {
  @Test(arguments: [
    ("7d", 604_800_000_000, "PT168H"), ("36h", 129_600_000_000, "PT36H"),
    ("90s", 90_000_000, "PT1M30S"), ("250ms", 250_000, "PT0.25S"), ("1us", 1, "PT0.000001S"),
    ("1872m", 112_320_000_000, "PT31H12M"), ("0s", 0, "PT0S"), ("-5m", -300_000_000, "-PT5M"),
  ])
  func bothForms(_ writ: String, _ microseconds: Int64, _ iso: String) {
    let duration = Duration(microseconds: microseconds)
    #expect(duration.description == writ)
    #expect(duration.iso8601 == iso)
    #expect(Duration(writ) == duration)
    #expect(Duration(iso8601: iso) == duration)
  }

  @Test func weeksAndDaysAreRead() {
    #expect(Duration("2w") == Duration("14d"))
    #expect(Duration(iso8601: "P7D") == Duration("7d"))
    #expect(Duration(iso8601: "P1DT2H") == Duration("26h"))
  }

  @Test(arguments: [
    "", "d", "7", "7 d", "7D", "1.5h", "7dd", "--7d", "99999999999999d", "18446744073709551616us",
  ])
  func whatIsNoWritDurationIsRefused(_ text: String) {
    #expect(Duration(text) == nil)
  }

  @Test(arguments: [
    "", "P", "PT", "P1", "PT1", "P1DT", "PT1M1H", "PT1.5H", "PT1.S", "P1Y", "P1W", "PT1H1H",
    "PT1.1234567S", "PT9999999999999H", "pt1h", "PT1H ",
  ])
  func whatIsNoISODurationIsRefused(_ text: String) {
    #expect(Duration(iso8601: text) == nil)
  }

  @Test func extremesAreWrittenAndRead() {
    for value in [Int64.min, Int64.max] {
      let duration = Duration(microseconds: value)
      #expect(Duration(duration.description) == duration)
      #expect(Duration(iso8601: duration.iso8601) == duration)
    }
  }

  @Test func arithmeticIsChecked() {
    let hour = Duration(microseconds: 3_600_000_000)
    #expect(hour.multiplied(by: 24)?.description == "1d")
    #expect(Duration(microseconds: 5).divided(by: 2)?.microseconds == 2)
    #expect(hour.divided(by: 0) == nil)
    #expect(Duration(microseconds: .min).negated == nil)
    #expect(Duration(microseconds: .max).adding(hour) == nil)
    #expect(Duration(microseconds: .min).divided(by: -1) == nil)
  }
}
