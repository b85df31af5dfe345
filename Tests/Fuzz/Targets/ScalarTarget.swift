// Scalar values as text: numbers, times, spans, dates.

import WritModel

/// A scalar's text. What is read, prints as a text that reads back as the same value.
@Sendable func fuzzScalar(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  if let value = Decimal(text) {
    try hold(Decimal(value.description) == value, "a decimal reads back otherwise: \(value)")
  }
  if let value = Instant(text) {
    try hold(Instant(value.description) == value, "an instant reads back otherwise: \(value)")
  }
  if let value = Duration(text) {
    try hold(Duration(value.description) == value, "a duration reads back otherwise: \(value)")
  }
  if let value = Duration(iso8601: text) {
    try hold(Duration(value.description) == value, "an ISO duration reads back otherwise: \(value)")
  }
  if let value = CalendarDate(text) {
    try hold(CalendarDate(value.description) == value, "a date reads back otherwise: \(value)")
  }
  if let number = JSONNumber(text) {
    if let integer = number.integer {
      try hold(JSONNumber(integer).integer == integer, "a whole number reads back otherwise")
    }
    if let exact = number.decimal,
      let value = Decimal(mantissa: exact.mantissa, exponent: exact.exponent)
    {
      try hold(Decimal(value.description) == value, "a number reads back otherwise")
    }
  }
}
