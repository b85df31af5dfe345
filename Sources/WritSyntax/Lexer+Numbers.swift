// Numbers, durations, dates and instants: all that starts with a digit.

import WritText

extension Lexer {
  /// Integer, Decimal, Duration, Date or Instant, whichever is the longest.
  mutating func readNumber() {
    let start = position
    if let length = dateLength(at: start) {
      position = start + length
      return readTime(from: start)
    }
    let isSound = skipDigits(allowingUnderscores: true)
    if current == UInt8(ascii: "."), isDigit(byte(at: position + 1)) {
      readFraction(from: start, isSound: isSound)
    } else {
      readUnit(from: start, isSound: isSound)
    }
  }

  /// `"." Digit+` behind an integer.
  private mutating func readFraction(from start: Int, isSound: Bool) {
    position += 1
    let point = position
    let isPlain = skipDigits(allowingUnderscores: false)
    let digits = position - point
    let wordStart = position
    skipWord()
    if position > wordStart {
      sink.report(.letterBehindDecimal(at: range(wordStart, position)))
      return append(.broken, from: start)
    }
    guard isSound, isPlain else {
      sink.report(.strayUnderscore(at: range(start, position)))
      return append(.broken, from: start)
    }
    guard digits <= 6 else {
      sink.report(.tooManyDecimals(digits, at: range(start, position)))
      return append(.broken, from: start)
    }
    append(.decimal, from: start)
  }

  /// The unit behind an integer, if there is one.
  private mutating func readUnit(from start: Int, isSound: Bool) {
    let unitStart = position
    skipWord()
    guard isSound else {
      sink.report(.strayUnderscore(at: range(start, unitStart)))
      return append(.broken, from: start)
    }
    guard position > unitStart else { return append(.integer, from: start) }
    let unit = String(decoding: bytes[unitStart..<position], as: UTF8.self)
    guard DurationUnit(rawValue: unit) != nil else {
      sink.report(.unknownUnit(unit, at: range(unitStart, position)))
      return append(.broken, from: start)
    }
    append(.duration, from: start)
  }

  /// Moves behind digits and the `_` between them; false if a `_` stands elsewhere.
  private mutating func skipDigits(allowingUnderscores: Bool) -> Bool {
    var isSound = true
    var afterUnderscore = false
    while let byte = current {
      if isDigit(byte) {
        afterUnderscore = false
      } else if byte == UInt8(ascii: "_") {
        isSound = isSound && allowingUnderscores && !afterUnderscore
        afterUnderscore = true
      } else {
        break
      }
      position += 1
    }
    return isSound && !afterUnderscore
  }

  /// 10 if a date stands at an offset: `Digit{4} "-" Digit{2} "-" Digit{2}`.
  private func dateLength(at start: Int) -> Int? {
    matches("dddd-dd-dd", at: start) && !isDigit(byte(at: start + 10)) ? 10 : nil
  }

  /// Behind a date: the time of day and the zone of an instant, if there are any.
  private mutating func readTime(from start: Int) {
    let dateIsReal = isRealDate(at: start)
    guard let next = current, isWordByte(next) else {
      if !dateIsReal { sink.report(.noSuchDate(at: range(start, position))) }
      return append(dateIsReal ? .date : .broken, from: start)
    }
    guard let length = timeLength(at: position), !isWord(byte(at: position + length)) else {
      skipTime()
      sink.report(.malformedInstant(at: range(start, position)))
      return append(.broken, from: start)
    }
    let timeIsReal = isRealTime(at: position, length: length)
    position += length
    guard dateIsReal, timeIsReal else {
      sink.report(.noSuchInstant(at: range(start, position)))
      return append(.broken, from: start)
    }
    append(.instant, from: start)
  }

  /// Moves behind all that could belong to a time.
  private mutating func skipTime() {
    while let byte = current {
      let isPoint = byte == UInt8(ascii: ".") && isDigit(self.byte(at: position + 1))
      guard isWordByte(byte) || byte == UInt8(ascii: ":") || isPoint else { return }
      position += 1
    }
  }

  /// Length of `"T" hh ":" mm ":" ss ( "." Digit+ )? ( "Z" | ( "+" | "-" ) hh ":" mm )`.
  private func timeLength(at start: Int) -> Int? {
    guard matches("Tdd:dd:dd", at: start) else { return nil }
    var place = start + 9
    if byte(at: place) == UInt8(ascii: ".") {
      let fraction = place + 1
      place = fraction
      while isDigit(byte(at: place)) { place += 1 }
      guard (1...6).contains(place - fraction) else { return nil }
    }
    if byte(at: place) == UInt8(ascii: "Z") { return place + 1 - start }
    guard matches("+dd:dd", at: place) || matches("-dd:dd", at: place) else { return nil }
    return place + 6 - start
  }

  /// Hours, minutes and seconds are on the clock, and so is the zone.
  private func isRealTime(at start: Int, length: Int) -> Bool {
    guard number(at: start + 1, 2) < 24, number(at: start + 4, 2) < 60,
      number(at: start + 7, 2) < 60
    else { return false }
    if byte(at: start + length - 1) == UInt8(ascii: "Z") { return true }
    return number(at: start + length - 5, 2) < 24 && number(at: start + length - 2, 2) < 60
  }

  /// The day is in the calendar, years 0001 to 9999.
  private func isRealDate(at start: Int) -> Bool {
    let year = number(at: start, 4)
    let month = number(at: start + 5, 2)
    let day = number(at: start + 8, 2)
    guard year >= 1, (1...12).contains(month), day >= 1 else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return day <= days[month - 1]
  }

  /// The number that `count` digits at an offset write; they are known to be digits.
  private func number(at start: Int, _ count: Int) -> Int {
    (start..<start + count).reduce(0) { $0 * 10 + Int((byte(at: $1) ?? 0x30) &- 0x30) }
  }

  /// The bytes at an offset are those of the pattern, in which `d` is any digit.
  private func matches(_ pattern: StaticString, at start: Int) -> Bool {
    let wanted = pattern.description.utf8
    for (index, byte) in zip(start..., wanted) {
      let found = self.byte(at: index)
      guard byte == UInt8(ascii: "d") ? isDigit(found) : found == byte else { return false }
    }
    return true
  }

  private func isWord(_ byte: UInt8?) -> Bool { byte.map(isWordByte) ?? false }

  private func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }
}

/// The units of a duration, each with its microseconds.
enum DurationUnit: String, CaseIterable {
  case us
  case ms
  case s
  case m
  case h
  case d
  case w

  var microseconds: Int64 {
    switch self {
    case .us: 1
    case .ms: 1_000
    case .s: 1_000_000
    case .m: 60_000_000
    case .h: 3_600_000_000
    case .d: 86_400_000_000
    case .w: 604_800_000_000
    }
  }
}
