// The values of the oracle, as docs/decisions/0001-evaluation.md has them: intervals with a cause.

import WritModel

/// A scalar that lies between two bounds, both included.
public struct Interval: Hashable, Sendable {
  public let lower: Int64
  public let upper: Int64
  /// Set where the value is not exact; in a query also where it is exact but not vouched for.
  public let cause: Cause?

  public init(_ lower: Int64, _ upper: Int64, _ cause: Cause?) {
    self.lower = lower
    self.upper = upper
    self.cause = cause
  }

  public init(exactly value: Int64, _ cause: Cause? = nil) {
    self.init(value, value, cause)
  }

  public init(_ truth: Bool, _ cause: Cause? = nil) {
    self.init(exactly: truth ? 1 : 0, cause)
  }

  public var isExact: Bool { lower == upper }
  /// Exactly true or exactly false, with a cause or without.
  public var isTrue: Bool { lower == 1 && upper == 1 }
  public var isFalse: Bool { lower == 0 && upper == 0 }
  /// True, and nothing doubts it.
  public var isCertainlyTrue: Bool { isTrue && cause == nil }
  public var isCertainlyFalse: Bool { isFalse && cause == nil }

  /// Whether both could be the same value.
  func meets(_ other: Interval) -> Bool { lower <= other.upper && other.lower <= upper }

  /// Every value that `type` can take.
  static func full(_ type: ValueType, _ schema: Schema, _ cause: Cause?) -> Interval {
    switch type.unwrapped {
    case .bool: Interval(0, 1, cause)
    case .int, .decimal, .duration, .instant, .date: Interval(.min, .max, cause)
    // Also an enum of one member is not exact when it is unknown.
    case .enumeration(let index):
      Interval(0, Int64(max(1, schema.enums[index].members.count - 1)), cause)
    case .string, .node, .edge: Interval(0, .max, cause)
    case .optional, .set, .list: preconditionFailure("not the type of a scalar")
    }
  }
}

/// One member of a set or list.
public struct Element: Hashable, Sendable {
  public let lower: Int64
  public let upper: Int64
  /// Of a possible element: why it is not definite. Of a definite one: why its value is not exact.
  public let cause: Cause?
  public let isDefinite: Bool
  /// The node from which it was reached.
  public let via: Int?

  init(_ value: Interval, isDefinite: Bool, cause: Cause?, via: Int? = nil) {
    lower = value.lower
    upper = value.upper
    self.isDefinite = isDefinite
    self.cause = cause
    self.via = via
  }

  var isExact: Bool { lower == upper }

  /// What doubts that the element is there at all.
  var doubt: Cause? { isDefinite ? nil : cause }

  /// The value that a variable takes which is bound to the element: the doubt stays with the row.
  var value: Interval { Interval(lower, upper, isDefinite || !isExact ? cause : nil) }
}

/// A set or list, and whether it may lack elements.
public struct Elements: Hashable, Sendable {
  public var elements: [Element]
  /// Why elements may be missing; nil where none can be.
  public var open: Cause?

  init(_ elements: [Element] = [], open: Cause? = nil) {
    self.elements = elements
    self.open = open
  }
}

/// What an expression evaluates to.
public enum Value: Hashable, Sendable {
  case scalar(Interval)
  /// An optional that is known to be absent; in a query perhaps with a cause.
  case absent(Cause?)
  case elements(Elements)

  /// What is unknown about the value, if anything.
  var cause: Cause? {
    switch self {
    case .scalar(let interval): interval.cause
    case .absent(let cause): cause
    case .elements(let elements): elements.open ?? elements.elements.lazy.compactMap(\.cause).first
    }
  }
}
