// Arithmetic on two numbers, nil where the result does not fit.

import WritModel
import WritSemantics

/// What an operator means for the types of its operands.
enum ArithmeticKind {
  case add, subtract, multiply, divide, remainder
  case multiplyDecimals, divideDecimals
  /// A date and the whole days of a duration.
  case addDays, subtractDays
  /// Whole days as a duration.
  case daysBetween

  init(_ operation: Arithmetic, _ left: ValueType, _ right: ValueType) {
    switch (operation, left, right) {
    case (.add, .date, .duration): self = .addDays
    case (.subtract, .date, .duration): self = .subtractDays
    case (.subtract, .date, .date): self = .daysBetween
    case (.multiply, .decimal, _): self = .multiplyDecimals
    case (.divide, .decimal, _): self = .divideDecimals
    case (.add, _, _): self = .add
    case (.subtract, _, _): self = .subtract
    case (.multiply, _, _): self = .multiply
    case (.divide, _, _): self = .divide
    case (.remainder, _, _): self = .remainder
    }
  }

  var divides: Bool { self == .divide || self == .divideDecimals || self == .remainder }

  /// Exactly, in twice the width, then rounded; a divisor is not zero.
  func apply(_ left: Int64, _ right: Int64) -> Int64? {
    let (a, b) = (Int128(left), Int128(right))
    let exact =
      switch self {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      case .divide: a / b
      case .remainder: a % b
      case .multiplyDecimals: roundedHalfToEven(a * b, 1_000_000)
      case .divideDecimals: roundedHalfToEven(a * 1_000_000, b)
      case .addDays: a + Int128(roundedDown(right, microsecondsPerDay))
      case .subtractDays: a - Int128(roundedDown(right, microsecondsPerDay))
      case .daysBetween: (a - b) * Int128(microsecondsPerDay)
      }
    return Int64(exactly: exact)
  }
}

let microsecondsPerDay: Int64 = 86_400_000_000

/// The quotient rounded towards negative infinity; the divisor is positive.
func roundedDown(_ number: Int64, _ divisor: Int64) -> Int64 {
  let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
  return rest < 0 ? quotient - 1 : quotient
}

/// The quotient rounded to the nearest whole number, of two as near to the even one.
func roundedHalfToEven(_ number: Int128, _ divisor: Int128) -> Int128 {
  let (a, b) = divisor < 0 ? (-number, -divisor) : (number, divisor)
  // Rounded down, so that 0 <= rest < b.
  let floor = a % b < 0 ? a / b - 1 : a / b
  let rest = a - floor * b
  if 2 * rest < b { return floor }
  if 2 * rest > b { return floor + 1 }
  return floor % 2 == 0 ? floor : floor + 1
}
