// Tests of the language after checking: facts to lay out, and what is expected of gates over them.

import WritModel
public import WritText

/// A named list of facts that tests share, with those of the fixtures it builds on in front.
public struct TypedFixture: Sendable {
  public let name: String
  public let facts: [TypedFact]

  public init(name: String, facts: [TypedFact]) {
    self.name = name
    self.facts = facts
  }
}

/// `test "…" { at T given … expect … }`.
public struct TypedTest: Sendable {
  public let title: String
  /// Microseconds since the epoch; both `now` and `asOf`.
  public let at: Int64
  /// Of all fixtures and inline facts, in order: later facts about a node add to earlier ones and replace them.
  public let facts: [TypedFact]
  public let expectations: [TypedExpectation]
  public let range: SourceRange

  public init(
    title: String, at: Int64, facts: [TypedFact], expectations: [TypedExpectation],
    range: SourceRange
  ) {
    self.title = title
    self.at = at
    self.facts = facts
    self.expectations = expectations
    self.range = range
  }
}

/// A node of the test's graph, by kind and id.
public struct NodeName: Hashable, Sendable {
  public let kind: Int
  public let id: String

  public init(kind: Int, id: String) {
    self.kind = kind
    self.id = id
  }

  /// Ids are equal byte for byte.
  public static func == (left: NodeName, right: NodeName) -> Bool {
    left.kind == right.kind && hasSameBytes(left.id, right.id)
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(ByteText(id))
  }
}

/// A value of a fact.
public enum FactValue: Hashable, Sendable {
  case constant(Constant)
  case strings([String])
  /// The fact is left out: unknown, unless its type is optional.
  case unknown
}

public struct FactField: Hashable, Sendable {
  /// Index into the fields of the node's kind or of the edge.
  public let field: Int
  public let value: FactValue

  public init(field: Int, value: FactValue) {
    self.field = field
    self.value = value
  }
}

public struct FactEdge: Hashable, Sendable {
  public let target: NodeName
  public let fields: [FactField]

  public init(target: NodeName, fields: [FactField]) {
    self.target = target
    self.fields = fields
  }
}

public enum TypedFact: Sendable {
  case node(NodeName, fields: [FactField], SourceRange)
  /// All edges of this type from this node: replaces earlier ones. `nil`: a `one` edge that is left out.
  case edges(NodeName, edge: Int, [FactEdge]?, SourceRange)
  /// The node and every edge at either end.
  case remove(NodeName, SourceRange)
  /// From here on the source has only what its `vouch` facts say. Without it every source vouched for everything at the test's time.
  case silence(source: Int, SourceRange)
  /// The source spoke at that time, about everything, a kind, or a node. Implies `silence` for what it said by default.
  case vouch(source: Int, at: Int64, kind: Int?, node: NodeName?, SourceRange)
  /// `approver` has approved each request of this test, in this role.
  case approval(approver: NodeName, role: String, at: Int64?, until: Int64?, SourceRange)
  /// `granter` has granted the waiver, by index into `TypedProgram.waivers`, in this role.
  case waived(
    waiver: Int, granter: NodeName, role: String, validity: GivenValidity, SourceRange)
}

/// When what a test gives begins and ends; microseconds since the epoch, `nil`: by the test's time, never.
public struct GivenValidity: Hashable, Sendable {
  public let from: Int64?
  public let until: Int64?

  public init(from: Int64?, until: Int64?) {
    self.from = from
    self.until = until
  }
}

public struct TypedExpectation: Sendable {
  public let form: Form
  public let range: SourceRange

  public init(form: Form, range: SourceRange) {
    self.form = form
    self.range = range
  }

  public enum Form: Sendable {
    /// Arguments in parameter order; a node as `.node`.
    case gate(Int, [ExpectedArgument], caller: NodeName?, Verdict, waiving: [String]?)
    /// A bool expression without free variables must be definitely true.
    case holds(TypedExpression)
    case isUnknown(TypedExpression)
  }
}

public enum ExpectedArgument: Hashable, Sendable {
  case node(NodeName)
  case constant(Constant)
}

/// `nil` clauses: any. Otherwise exactly these clause names, sorted; so are those behind `waiving`.
public enum Verdict: Hashable, Sendable {
  case allowed
  case denied(by: [String]?)
  case held(by: [String]?)
}
