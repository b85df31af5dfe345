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

  @inline(__always) public var isAbsent: Bool { cause.word & Cause.absentBit != 0 }
  @inline(__always) public var isExact: Bool {
    lower == upper && cause.word & Cause.absentBit == 0
  }
  /// True, and nothing that it rests on was unknown.
  @inline(__always) public var isCertain: Bool { lower == 1 && cause.isNone }
}

extension Slot {
  /// Neither operand has a cause: the result has none either, and no operand is absent.
  @inline(__always)
  private static func isPlain(_ left: Slot, _ right: Slot) -> Bool {
    left.cause.word | right.cause.word == 0
  }

  /// The operand as an operation takes it: one that is absent all the same is unknown.
  func operand(_ unknown: Slot) -> Slot {
    isAbsent
      ? Slot(unknown.lower, unknown.upper, whyUnread) : Slot(lower, upper, cause.plain)
  }

  /// The value without the doubt whether there is one.
  @inline(__always)
  var present: Slot { Slot(lower, upper, Cause(word: cause.word & ~Cause.maybeAbsentBit)) }

  /// A value in place of an absent one, which hands its cause on.
  @inline(__always)
  static func alternative(to absent: Slot, _ value: Slot) -> Slot {
    let cause = absent.cause.plain
    if cause.isNone { return value }
    let absence = value.cause.word & (Cause.absentBit | Cause.maybeAbsentBit)
    return Slot(value.lower, value.upper, Cause(word: cause.word | absence))
  }

  /// Why nothing can be read of the value: its cause, or that it is absent.
  var whyUnread: Cause {
    let plain = cause.plain
    return plain.isNone && isAbsent ? Cause(.absentOperand) : plain
  }

  /// The cause of a result of two operands: see "Cause of a result".
  static func cause(_ isExact: Bool, _ left: Slot, _ right: Slot) -> Cause {
    if left.cause.word | right.cause.word == 0 { return .none }
    if isExact {
      if left.isExact && !left.cause.isNone { return left.cause.plain }
      if right.isExact && !right.cause.isNone { return right.cause.plain }
      return .none
    }
    return left.cause.isNone ? right.cause.plain : left.cause.plain
  }

  private static func truth(_ lower: Bool, _ upper: Bool, _ left: Slot, _ right: Slot) -> Slot {
    Slot(lower ? 1 : 0, upper ? 1 : 0, cause(lower == upper, left, right))
  }

  @inline(__always)
  static func equal(_ left: Slot, _ right: Slot) -> Slot {
    if isPlain(left, right) { return left.lower == right.lower ? .yes : .no }
    return slowEqual(left, right)
  }

  @inline(never)
  private static func slowEqual(_ left: Slot, _ right: Slot) -> Slot {
    let all = Slot.unknownNumber(.none)
    let (left, right) = (left.operand(all), right.operand(all))
    let same = left.isExact && right.isExact && left.lower == right.lower
    let mayMeet = left.lower <= right.upper && right.lower <= left.upper
    return truth(same, mayMeet, left, right)
  }

  @inline(__always)
  static func less(_ left: Slot, _ right: Slot) -> Slot {
    if isPlain(left, right) { return left.lower < right.lower ? .yes : .no }
    return slowLess(left, right)
  }

  @inline(never)
  private static func slowLess(_ left: Slot, _ right: Slot) -> Slot {
    let all = Slot.unknownNumber(.none)
    let (left, right) = (left.operand(all), right.operand(all))
    return truth(left.upper < right.lower, left.lower < right.upper, left, right)
  }

  @inline(__always)
  static func lessOrEqual(_ left: Slot, _ right: Slot) -> Slot {
    if isPlain(left, right) { return left.lower <= right.lower ? .yes : .no }
    return slowLessOrEqual(left, right)
  }

  @inline(never)
  private static func slowLessOrEqual(_ left: Slot, _ right: Slot) -> Slot {
    let all = Slot.unknownNumber(.none)
    let (left, right) = (left.operand(all), right.operand(all))
    return truth(left.upper <= right.lower, left.lower <= right.upper, left, right)
  }

  /// What is no truth, as only a bundle from elsewhere can ask, must not trap: it is taken for a truth of which nothing is known.
  @inline(__always)
  static func not(_ operand: Slot) -> Slot {
    if operand.cause.isNone, operand.isTruth {
      return Slot(1 &- operand.upper, 1 &- operand.lower, .none)
    }
    return slowNot(operand)
  }

  @inline(never)
  private static func slowNot(_ operand: Slot) -> Slot {
    let known = operand.operand(unknownTruth(.none))
    guard known.isTruth else { return unknownTruth(known.cause) }
    return Slot(1 &- known.upper, 1 &- known.lower, known.cause)
  }

  /// Whether both bounds are 0 or 1.
  @inline(__always)
  private var isTruth: Bool { UInt64(bitPattern: lower | upper) <= 1 }

  @inline(__always)
  static func and(_ left: Slot, _ right: Slot) -> Slot {
    if isPlain(left, right) { return left.lower & right.lower == 1 ? .yes : .no }
    return slowAnd(left, right)
  }

  @inline(never)
  private static func slowAnd(_ left: Slot, _ right: Slot) -> Slot {
    if left == .no || right == .no { return .no }
    let (left, right) = (left.operand(unknownTruth(.none)), right.operand(unknownTruth(.none)))
    let lower = min(left.lower, right.lower)
    let upper = min(left.upper, right.upper)
    return Slot(lower, upper, cause(lower == upper, left, right))
  }

  @inline(__always)
  static func or(_ left: Slot, _ right: Slot) -> Slot {
    if isPlain(left, right) { return left.lower | right.lower == 1 ? .yes : .no }
    return slowOr(left, right)
  }

  @inline(never)
  private static func slowOr(_ left: Slot, _ right: Slot) -> Slot {
    if left == .yes || right == .yes { return .yes }
    let (left, right) = (left.operand(unknownTruth(.none)), right.operand(unknownTruth(.none)))
    let lower = max(left.lower, right.lower)
    let upper = max(left.upper, right.upper)
    return Slot(lower, upper, cause(lower == upper, left, right))
  }
}
