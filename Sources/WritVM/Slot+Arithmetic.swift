// Checked arithmetic on intervals: a bound that does not fit makes the result unknown.

import WritModel

extension Slot {
  /// `[lower, upper]` from bounds that may have overflowed.
  @inline(__always)
  private static func result(
    _ lower: (partialValue: Int64, overflow: Bool), _ upper: (partialValue: Int64, overflow: Bool),
    _ left: Slot, _ right: Slot
  ) -> Slot {
    if lower.overflow || upper.overflow { return overflow(left, right) }
    let isExact = lower.partialValue == upper.partialValue
    return Slot(lower.partialValue, upper.partialValue, cause(isExact, left, right))
  }

  @inline(never)
  private static func overflow(_ left: Slot, _ right: Slot) -> Slot {
    .unknownNumber(firstCause(left, right, else: Cause(.overflow)))
  }

  private static func firstCause(_ left: Slot, _ right: Slot, else other: Cause) -> Cause {
    if !left.cause.isNone { return left.cause }
    return right.cause.isNone ? other : right.cause
  }

  /// Operands as numbers: one that is absent all the same is unknown.
  @inline(__always)
  private static func numbers(_ left: Slot, _ right: Slot) -> (Slot, Slot) {
    if left.cause.word | right.cause.word == 0 { return (left, right) }
    let all = unknownNumber(.none)
    return (left.operand(all), right.operand(all))
  }

  @inline(__always)
  static func add(_ first: Slot, _ second: Slot) -> Slot {
    let (left, right) = numbers(first, second)
    return result(
      left.lower.addingReportingOverflow(right.lower),
      left.upper.addingReportingOverflow(right.upper), left, right)
  }

  @inline(__always)
  static func subtract(_ first: Slot, _ second: Slot) -> Slot {
    let (left, right) = numbers(first, second)
    return result(
      left.lower.subtractingReportingOverflow(right.upper),
      left.upper.subtractingReportingOverflow(right.lower), left, right)
  }

  static func negate(_ operand: Slot) -> Slot { subtract(Slot(exact: 0), operand) }

  /// Of the four products or quotients of the bounds, the least and the greatest; unknown if one does not fit.
  private static func bounds(
    _ first: Slot, _ second: Slot, _ operation: (Int64, Int64) -> Int64?
  ) -> Slot {
    let (left, right) = numbers(first, second)
    var lower = Int64.max
    var upper = Int64.min
    for one in [left.lower, left.upper] {
      for other in [right.lower, right.upper] {
        guard let value = operation(one, other) else { return overflow(left, right) }
        lower = min(lower, value)
        upper = max(upper, value)
      }
    }
    return Slot(lower, upper, cause(lower == upper, left, right))
  }

  @inline(never)
  static func multiply(_ left: Slot, _ right: Slot) -> Slot {
    bounds(left, right) { first, second in
      let product = first.multipliedReportingOverflow(by: second)
      return product.overflow ? nil : product.partialValue
    }
  }

  @inline(never)
  static func multiplyDecimal(_ left: Slot, _ right: Slot) -> Slot {
    bounds(left, right) { first, second in
      Decimal(millionths: first).multiplied(by: Decimal(millionths: second))?.millionths
    }
  }

  private static func quotient(
    _ first: Slot, _ second: Slot, _ operation: (Int64, Int64) -> Int64?
  ) -> Slot {
    let (left, right) = numbers(first, second)
    if right.lower <= 0 && right.upper >= 0 {
      return .unknownNumber(firstCause(left, right, else: Cause(.divisionByZero)))
    }
    return bounds(left, right, operation)
  }

  @inline(never)
  static func divide(_ left: Slot, _ right: Slot) -> Slot {
    quotient(left, right) { first, second in
      let quotient = first.dividedReportingOverflow(by: second)
      return quotient.overflow ? nil : quotient.partialValue
    }
  }

  @inline(never)
  static func divideDecimal(_ left: Slot, _ right: Slot) -> Slot {
    quotient(left, right) { first, second in
      Decimal(millionths: first).divided(by: Decimal(millionths: second))?.millionths
    }
  }

  @inline(never)
  static func remainder(_ first: Slot, _ second: Slot) -> Slot {
    let (left, right) = numbers(first, second)
    guard left.isExact, right.isExact else {
      return .unknownNumber(firstCause(left, right, else: .none))
    }
    if right.lower == 0 {
      return .unknownNumber(firstCause(left, right, else: Cause(.divisionByZero)))
    }
    // -1 divides everything; the quotient of the least number by it would not fit.
    let value = right.lower == -1 ? 0 : left.lower % right.lower
    return Slot(value, value, cause(true, left, right))
  }

  /// The divisor is a constant above 0.
  @inline(never)
  static func floorDivide(_ first: Slot, _ second: Slot) -> Slot {
    let (left, right) = numbers(first, second)
    func floor(_ value: Int64) -> Int64 {
      let quotient = value / right.lower
      return value % right.lower < 0 ? quotient - 1 : quotient
    }
    let lower = floor(left.lower)
    let upper = floor(left.upper)
    return Slot(lower, upper, cause(lower == upper, left, right))
  }
}
