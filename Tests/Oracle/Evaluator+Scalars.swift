// Operations on scalars: each yields every result that values inside its operands could yield.

import WritModel
import WritSemantics

/// The value with those bounds. If exact it takes its cause from an exact operand, else from any.
func combined(_ lower: Int64, _ upper: Int64, _ operands: [Interval]) -> Interval {
  let isExact = lower == upper
  let blamed = operands.first { $0.cause != nil && ($0.isExact || !isExact) }
  return Interval(lower, upper, blamed?.cause)
}

/// The first cause of the operands.
func cause(_ operands: [Interval]) -> Cause? { operands.lazy.compactMap(\.cause).first }

/// Truth: certain, impossible or neither.
private func truth(ifAlways always: Bool, ifNever never: Bool, _ operands: [Interval]) -> Interval {
  combined(always ? 1 : 0, never ? 0 : 1, operands)
}

extension Evaluator {
  /// Kleene's; the right side is not looked at where the left one decides.
  func and(
    _ left: TypedExpression, _ right: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Interval {
    let first = try scalar(left, scope)
    if first.isCertainlyFalse { return first }
    return both(first, try scalar(right, scope))
  }

  func or(
    _ left: TypedExpression, _ right: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Interval {
    let first = try scalar(left, scope)
    if first.isCertainlyTrue { return first }
    return either(first, try scalar(right, scope))
  }

  func either(_ first: Interval, _ second: Interval) -> Interval {
    if first.isCertainlyTrue { return first }
    if second.isCertainlyTrue { return second }
    return combined(
      max(first.lower, second.lower), max(first.upper, second.upper), [first, second])
  }

  /// Both are true.
  func both(_ first: Interval, _ second: Interval) -> Interval {
    if first.isCertainlyFalse || second.isCertainlyFalse { return Interval(false) }
    return combined(
      min(first.lower, second.lower), min(first.upper, second.upper), [first, second])
  }

  func compare(_ comparison: Comparison, _ a: Interval, _ b: Interval) -> Interval {
    let isSame = a.isExact && b.isExact && a.lower == b.lower
    return switch comparison {
    case .equal: truth(ifAlways: isSame, ifNever: !a.meets(b), [a, b])
    case .notEqual: truth(ifAlways: !a.meets(b), ifNever: isSame, [a, b])
    case .less: truth(ifAlways: a.upper < b.lower, ifNever: a.lower >= b.upper, [a, b])
    case .lessOrEqual: truth(ifAlways: a.upper <= b.lower, ifNever: a.lower > b.upper, [a, b])
    case .greater: truth(ifAlways: a.lower > b.upper, ifNever: a.upper <= b.lower, [a, b])
    case .greaterOrEqual: truth(ifAlways: a.lower >= b.upper, ifNever: a.upper < b.lower, [a, b])
    }
  }

  func inRange(
    _ operand: Interval, _ lower: Interval, _ upper: Interval, isClosed: Bool
  ) -> Interval {
    both(
      compare(.greaterOrEqual, operand, lower),
      compare(isClosed ? .lessOrEqual : .less, operand, upper))
  }

  /// Not after now, and no longer ago than the duration.
  func within(_ instant: Interval, _ duration: Interval) -> Interval {
    let now = Interval(exactly: request.now)
    let age = arithmetic(.subtract, now, instant)
    return both(compare(.lessOrEqual, instant, now), compare(.lessOrEqual, age, duration))
  }

  func negate(_ operand: Interval) -> Interval {
    arithmetic(.subtract, Interval(exactly: 0), operand)
  }

  /// The least and greatest of the four corners: every operation is monotone in each operand.
  func arithmetic(_ kind: ArithmeticKind, _ a: Interval, _ b: Interval) -> Interval {
    let unknown = Interval(.min, .max, cause([a, b]))
    if kind.divides && b.lower <= 0 && b.upper >= 0 {
      return Interval(.min, .max, unknown.cause ?? .divisionByZero)
    }
    if kind == .remainder && !(a.isExact && b.isExact) { return unknown }
    var corners: [Int64] = []
    for left in [a.lower, a.upper] {
      for right in [b.lower, b.upper] {
        guard let corner = kind.apply(left, right) else {
          return Interval(.min, .max, unknown.cause ?? .overflow)
        }
        corners.append(corner)
      }
    }
    return combined(corners.min() ?? .min, corners.max() ?? .max, [a, b])
  }

  func instantPart(_ part: InstantPart, _ operand: Interval, _ type: ValueType) -> Interval {
    guard operand.isExact else { return .full(type, schema, operand.cause) }
    let instant = Instant(microseconds: operand.lower)
    let number =
      switch part {
      case .year: instant.year
      case .month: instant.month
      case .day: instant.day
      case .hour: instant.hour
      case .minute: instant.minute
      case .second: instant.second
      case .weekday: instant.weekday
      case .date: instant.date.days
      }
    return Interval(exactly: number, operand.cause)
  }

  func durationPart(_ part: DurationPart, _ operand: Interval) -> Interval {
    let unit: Int64 =
      switch part {
      case .days: 86_400_000_000
      case .hours: 3_600_000_000
      case .minutes: 60_000_000
      case .seconds: 1_000_000
      }
    let lower = roundedDown(operand.lower, unit)
    let upper = roundedDown(operand.upper, unit)
    // Durations that are not exact may still be so in whole units; the doubt is then gone.
    return combined(lower, upper, [operand])
  }

  func stringTest(_ test: StringTest, _ a: Interval, _ b: Interval) -> Interval {
    guard a.isExact && b.isExact else { return Interval(0, 1, cause([a, b])) }
    let text = texts.bytes(a.lower)
    let other = texts.bytes(b.lower)
    let passes =
      switch test {
      case .starts: text.starts(with: other)
      case .ends: text.reversed().starts(with: other.reversed())
      case .contains:
        text.indices.contains { text[$0...].starts(with: other) } || other.isEmpty
      case .like: matches(text[...], glob: other[...])
      }
    return combined(passes ? 1 : 0, passes ? 1 : 0, [a, b])
  }
}

/// `*` is any run of bytes, `?` any one byte; every other byte is itself.
func matches(_ text: ArraySlice<UInt8>, glob: ArraySlice<UInt8>) -> Bool {
  // The prefixes of the text, by length, that the glob read so far matches.
  var lengths: Set<Int> = [0]
  for sign in glob {
    switch sign {
    case UInt8(ascii: "*"):
      if let shortest = lengths.min() { lengths = Set(shortest...text.count) }
    case UInt8(ascii: "?"): lengths = Set(lengths.filter { $0 < text.count }.map { $0 + 1 })
    default:
      lengths = Set(
        lengths.filter { $0 < text.count && text[text.startIndex + $0] == sign }.map { $0 + 1 })
    }
  }
  return lengths.contains(text.count)
}
