// The static types of the language, as the checker assigns them and the bytecode records them.

/// The type of an expression, a field or a parameter.
///
/// Kinds, enums and edges are named by their index in the `Schema` that the type belongs to.
public indirect enum ValueType: Hashable, Sendable {
  case bool
  /// 64 bits, checked: an overflow is unknown, never a wrong number.
  case int
  /// Exact, six digits behind the point, held as an `Int64` of millionths.
  case decimal
  /// Valid UTF-8 without U+0000; compared byte for byte.
  case string
  /// A calendar day, held as days since 1970-01-01.
  case date
  /// UTC microseconds since 1970-01-01T00:00:00Z.
  case instant
  /// Microseconds.
  case duration
  /// A member of `schema.enums[index]`, held as the member's ordinal.
  case enumeration(Int)
  /// A reference to a node of one of these kinds: sorted indexes into `schema.kinds`, never empty.
  case node([Int])
  /// One edge, with its ends and fields, of `schema.edges[index]`.
  case edge(Int)
  /// A value that may be known to be absent. Never nested.
  case optional(ValueType)
  /// Distinct elements, in canonical order.
  case set(ValueType)
  /// Elements that may repeat: what `select` yields.
  case list(ValueType)
}

extension ValueType {
  /// The type behind an optional, or the type itself.
  public var unwrapped: ValueType {
    if case .optional(let wrapped) = self { wrapped } else { self }
  }

  /// One value that is there: a scalar or a node.
  public var isSingle: Bool {
    switch self {
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node: true
    case .edge, .optional, .set, .list: false
    }
  }

  /// Every value of the type is one of the other, as it is: the same type, or nodes of fewer kinds. O(kinds).
  public func isPart(of other: ValueType) -> Bool {
    guard case .node(let kinds) = self, case .node(let all) = other else { return self == other }
    // Both are sorted.
    var rest = all[...]
    return kinds.allSatisfy { kind in
      rest = rest.drop { $0 < kind }
      return rest.first == kind
    }
  }

  /// The element type of a set or list, `nil` for anything else.
  public var element: ValueType? {
    switch self {
    case .set(let element), .list(let element): element
    default: nil
    }
  }
}
