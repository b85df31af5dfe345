// Expressions after checking: every name resolved, every type known, every implicit step made explicit.

public import WritModel
public import WritText

/// A variable: a parameter, a `let`, a loop variable or an `it`; unique in its `TypedProgram`.
public typealias VariableID = Int

/// A checked expression. What each form means is said in docs/decisions/0001-evaluation.md.
public struct TypedExpression: Sendable {
  public let form: Form
  public let type: ValueType
  public let range: SourceRange

  public init(_ form: Form, _ type: ValueType, _ range: SourceRange) {
    self.form = form
    self.type = type
    self.range = range
  }

  public indirect enum Form: Sendable {
    case constant(Constant)
    case variable(VariableID)
    /// A bundle parameter, by index into `TypedProgram.parameters`.
    case parameter(Int)
    case now
    /// Who asks; an optional node.
    case caller
    /// The node that is so named; unknown if the graph has none. Kind index and id.
    case nodeLiteral(kind: Int, id: String)
    /// Every node of a kind.
    case nodes(kind: Int)

    /// The id of a node, also for its key field.
    case identifier(TypedExpression)
    /// A field of one node or edge. For a node of several kinds, each kind has a field of that name and type.
    case field(TypedExpression, name: String)
    /// The one target of a `one` or `optional` edge, forwards, from one node.
    case follow(TypedExpression, edge: String)
    /// The nodes reached from a set of nodes.
    case reach(TypedExpression, Step, Repetition)
    /// The edges that leave the nodes of a set, by a forward or inverse name.
    case edges(TypedExpression, Step)
    /// The end of one edge.
    case edgeEnd(TypedExpression, EdgeEnd)

    case not(TypedExpression)
    case and(TypedExpression, TypedExpression)
    case or(TypedExpression, TypedExpression)
    /// Operands of one type. `less` and its kin: numbers, times and ordered enums only.
    case compare(Comparison, TypedExpression, TypedExpression)
    case arithmetic(Arithmetic, TypedExpression, TypedExpression)
    case negate(TypedExpression)
    case stringTest(StringTest, TypedExpression, TypedExpression)
    /// Is the value an element of the set?
    case member(TypedExpression, of: TypedExpression)
    /// `lower <= value` and `value < upper`, or `<= upper` where closed.
    case inRange(TypedExpression, lower: TypedExpression, upper: TypedExpression, isClosed: Bool)
    /// `now - duration <= instant` and `instant <= now`.
    case within(TypedExpression, TypedExpression)
    /// Of an optional.
    case isAbsent(TypedExpression)
    /// Of a set or list.
    case isEmpty(TypedExpression)
    /// Is the node of one of these kinds? Sorted indexes.
    case isKind(TypedExpression, [Int])
    /// The value of the optional, or the default where it is absent. The right side may itself be optional.
    case coalesce(TypedExpression, TypedExpression)
    case instantPart(TypedExpression, InstantPart)
    /// Whole units of a duration, rounded down.
    case durationPart(TypedExpression, DurationPart)

    /// A set or list of the values given.
    case elements([TypedExpression])
    /// The distinct elements of a list; the identity on a set.
    case distinct(TypedExpression)
    case union(TypedExpression, TypedExpression)
    case difference(TypedExpression, TypedExpression)
    case intersection(TypedExpression, TypedExpression)
    case comprehension(Comprehension)
    case count(TypedExpression)
    /// Of a list or set of int, decimal or duration; 0 for none.
    case sum(TypedExpression)
    /// Optional: absent for an empty set.
    case least(TypedExpression)
    case greatest(TypedExpression)

    /// A rule applied, by index into `TypedProgram.rules`.
    case call(rule: Int, [TypedExpression])
    /// A scorecard applied, by index into `TypedProgram.scorecards`.
    case score(scorecard: Int, [TypedExpression])
    case level(scorecard: Int, [TypedExpression])
    /// Stands only in a `require`, under `and` and `or` alone.
    case approval(ApprovalTerm)
  }
}

/// A literal value.
public enum Constant: Sendable {
  /// Every scalar type but string, in the representation that `ValueType` names.
  case scalar(Int64)
  case string(String)
  /// The optional that is known to be absent.
  case absent
}

extension Constant: Hashable {
  /// Texts and ids are equal byte for byte.
  public static func == (left: Constant, right: Constant) -> Bool {
    switch (left, right) {
    case (.scalar(let a), .scalar(let b)): a == b
    case (.string(let a), .string(let b)): hasSameBytes(a, b)
    case (.absent, .absent): true
    default: false
    }
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .scalar(let number): hasher.combine(number)
    case .string(let text): hasher.combine(ByteText(text))
    case .absent: hasher.combine(0)
    }
  }
}

public enum Comparison: UInt8, Hashable, Sendable, CaseIterable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// The checker makes operand and result types explicit; see docs/decisions/0001-evaluation.md.
public enum Arithmetic: UInt8, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, remainder
}

/// On bytes; `like` is a glob in which `*` stands for any run of bytes and `?` for one.
public enum StringTest: UInt8, Hashable, Sendable, CaseIterable {
  case starts, ends, contains, like
}

public enum EdgeEnd: UInt8, Hashable, Sendable, CaseIterable {
  case from, to
}

/// In UTC. `date` yields a `date`, `weekday` the built-in enum, the others an `int`.
public enum InstantPart: UInt8, Hashable, Sendable, CaseIterable {
  case year, month, day, hour, minute, second, weekday, date
}

public enum DurationPart: UInt8, Hashable, Sendable, CaseIterable {
  case days, hours, minutes, seconds
}

/// One traversal: the edges that bear a name, forwards or seen from their targets, each with a filter.
public struct Step: Sendable {
  /// Indexes into `schema.edges`, each with its direction; more than one where the starting node may be of several kinds.
  public let edges: [DirectedEdge]
  /// Evaluated per edge with `edge` and `target` bound; `nil` keeps every edge.
  public let filter: TypedExpression?
  /// Bound in `filter` to the edge, and to the node that it leads to in this direction.
  public let edge: VariableID
  public let target: VariableID

  public init(edges: [DirectedEdge], filter: TypedExpression?, edge: VariableID, target: VariableID)
  {
    self.edges = edges
    self.filter = filter
    self.edge = edge
    self.target = target
  }
}

/// An edge type and the way it is walked.
public struct DirectedEdge: Hashable, Sendable {
  public let edge: Int
  public let isInverse: Bool

  public init(edge: Int, isInverse: Bool) {
    self.edge = edge
    self.isInverse = isInverse
  }
}

/// How often a step is taken.
public enum Repetition: Hashable, Sendable {
  case once
  /// One or more times: the start is in the result only if it is reached again.
  case oneOrMore(upTo: Int?)
  /// Zero or more times: the start is in the result.
  case zeroOrMore(upTo: Int?)
}

/// `for x in A, y in B where P where let z = o ... select v`, and everything that is sugar for it.
public struct Comprehension: Sendable {
  public let generators: [Generator]
  /// Run in order for each binding of the generators.
  public let filters: [Filter]
  /// What each binding that passes yields.
  public let yield: TypedExpression

  public init(generators: [Generator], filters: [Filter], yield: TypedExpression) {
    self.generators = generators
    self.filters = filters
    self.yield = yield
  }
}

/// A loop variable and the set that it ranges over; later generators may use earlier variables.
public struct Generator: Sendable {
  public let variable: VariableID
  public let name: String
  public let range: TypedExpression

  public init(variable: VariableID, name: String, range: TypedExpression) {
    self.variable = variable
    self.name = name
    self.range = range
  }
}

/// A condition, or a binding that drops the row where the optional is absent.
public enum Filter: Sendable {
  case condition(TypedExpression)
  case binding(VariableID, name: String, TypedExpression)
}

/// `approval by role R count N except E within D`.
public struct ApprovalTerm: Sendable {
  public let role: String
  /// Distinct people: at least 1.
  public let count: Int
  /// A node or a set of nodes who may not approve, besides the caller.
  public let except: TypedExpression?
  public let withinMicroseconds: Int64?

  public init(role: String, count: Int, except: TypedExpression?, withinMicroseconds: Int64?) {
    self.role = role
    self.count = count
    self.except = except
    self.withinMicroseconds = withinMicroseconds
  }
}
