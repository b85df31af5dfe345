// A scalar register: an interval, and why it is not a point.

/// `lower ... upper` and a cause, as docs/decisions/0001-evaluation.md defines them.
public struct Slot: Hashable, Sendable {
  public var lower: Int64
  public var upper: Int64
  public var cause: Cause

  @inline(__always)
  public init(_ lower: Int64, _ upper: Int64, _ cause: Cause) {
    self.lower = lower
    self.upper = upper
    self.cause = cause
  }

  /// A known value.
  @inline(__always)
  public init(exact value: Int64) {
    lower = value
    upper = value
    cause = .none
  }

  /// A number of which nothing is known but why.
  @inline(__always)
  static func unknownNumber(_ cause: Cause) -> Slot { Slot(.min, .max, cause) }

  /// A node, edge or string of which nothing is known but why.
  @inline(__always)
  static func unknownReference(_ cause: Cause) -> Slot { Slot(0, .max, cause) }

  @inline(__always)
  static func unknownTruth(_ cause: Cause) -> Slot { Slot(0, 1, cause) }

  static let absent = Slot(0, 0, .absent)
  static let yes = Slot(exact: 1)
  static let no = Slot(exact: 0)

  public var isAbsent: Bool { cause.code == .absent }
  @inline(__always) public var isExact: Bool { lower == upper && cause.word != Cause.absent.word }
  /// True, and nothing that it rests on was unknown.
  @inline(__always) public var isCertain: Bool { lower == 1 && cause.isNone }
}

extension Slot {
  /// The cause of a result of two operands: see "Cause of a result".
  @inline(__always)
  static func cause(_ isExact: Bool, _ left: Slot, _ right: Slot) -> Cause {
    if left.cause.word | right.cause.word == 0 { return .none }
    return slowCause(isExact, left, right)
  }

  @inline(never)
  private static func slowCause(_ isExact: Bool, _ left: Slot, _ right: Slot) -> Cause {
    if isExact {
      if left.isExact && !left.cause.isNone { return left.cause }
      if right.isExact && !right.cause.isNone { return right.cause }
      return .none
    }
    return left.cause.isNone ? right.cause : left.cause
  }

  @inline(__always)
  private static func truth(_ lower: Bool, _ upper: Bool, _ left: Slot, _ right: Slot) -> Slot {
    Slot(lower ? 1 : 0, upper ? 1 : 0, cause(lower == upper, left, right))
  }

  @inline(__always)
  static func equal(_ left: Slot, _ right: Slot) -> Slot {
    let same =
      left.lower == left.upper && right.lower == right.upper && left.lower == right.lower
    let mayMeet = left.lower <= right.upper && right.lower <= left.upper
    return truth(same, mayMeet, left, right)
  }

  @inline(__always)
  static func less(_ left: Slot, _ right: Slot) -> Slot {
    truth(left.upper < right.lower, left.lower < right.upper, left, right)
  }

  @inline(__always)
  static func lessOrEqual(_ left: Slot, _ right: Slot) -> Slot {
    truth(left.upper <= right.lower, left.lower <= right.upper, left, right)
  }

  @inline(__always)
  static func not(_ operand: Slot) -> Slot {
    Slot(1 - operand.upper, 1 - operand.lower, operand.cause)
  }

  @inline(__always)
  static func and(_ left: Slot, _ right: Slot) -> Slot {
    let isNo = Slot.no
    if left == isNo || right == isNo { return isNo }
    let lower = min(left.lower, right.lower)
    let upper = min(left.upper, right.upper)
    return Slot(lower, upper, cause(lower == upper, left, right))
  }

  @inline(__always)
  static func or(_ left: Slot, _ right: Slot) -> Slot {
    let isYes = Slot.yes
    if left == isYes || right == isYes { return isYes }
    let lower = max(left.lower, right.lower)
    let upper = max(left.upper, right.upper)
    return Slot(lower, upper, cause(lower == upper, left, right))
  }
}
