// A small schema and graph, and short ways to write typed expressions over it.

import WritModel
import WritOracle
import WritSemantics
import WritText

let here = SourceRange(file: 0, start: 0, end: 0)
let minute: Int64 = 60_000_000
/// When everything is asked.
let noon: Int64 = 1_795_089_600_000_000

/// `Item`, brought by `scanner`, and `Team`, which nobody vouches for.
///
///     node Item from scanner {
///       flag: Bool  rank: Int  maybe: Int?  only: Only?  tags: Set<String>
///       link -> many Item inverse linkOf { weight: Int }
///       owner -> Team from catalog inverse items
///     }
func fixtureSchema() -> Schema {
  var schema = Schema()
  schema.enums = [
    EnumType(name: "Weekday", members: ["monday", "tuesday"], isOrdered: true),
    EnumType(name: "Grade", members: ["none", "bronze", "silver"], isOrdered: true),
    EnumType(name: "Only", members: ["one"], isOrdered: false),
  ]
  schema.sources = [
    SourceType(name: "scanner", freshMicroseconds: 60 * minute),
    SourceType(name: "catalog", freshMicroseconds: 60 * minute),
  ]
  func field(_ name: String, _ type: ValueType) -> FieldType {
    FieldType(name: name, type: type, origin: .sources([0]), isKey: false)
  }
  schema.kinds = [
    NodeKind(
      name: "Item", origin: .sources([0]),
      fields: [
        field("flag", .bool), field("rank", .int), field("maybe", .optional(.int)),
        field("only", .optional(.enumeration(2))), field("tags", .set(.string)),
      ]),
    NodeKind(name: "Team", origin: .unsourced, fields: []),
  ]
  schema.edges = [
    EdgeType(
      name: "link", source: 0, targets: [0], cardinality: .many, fields: [field("weight", .int)],
      origin: .sources([0]), inverse: "linkOf"),
    EdgeType(
      name: "owner", source: 0, targets: [1], cardinality: .one, fields: [],
      origin: .sources([1]), inverse: "items"),
  ]
  return schema
}

/// A graph under construction.
struct Fixture {
  var draft = WorldDraft(schema: fixtureSchema())

  /// Both sources have just spoken of everything.
  init() {
    draft.lines = [0, 1].map { SourceLine(source: $0, at: noon, covers: .everything) }
  }

  static func item(_ id: String) -> NodeName { NodeName(kind: 0, id: id) }
  static func team(_ id: String) -> NodeName { NodeName(kind: 1, id: id) }

  /// Adds an item; it has the fields that are given.
  mutating func item(
    _ id: String, flag: Bool? = nil, rank: Int64? = nil, maybe: Int64? = nil, tags: [String]? = nil
  ) {
    var node = WorldDraft.Node(Self.item(id))
    if let flag { node.fields[0] = .scalar(flag ? 1 : 0) }
    if let rank { node.fields[1] = .scalar(rank) }
    if let maybe { node.fields[2] = .scalar(maybe) }
    if let tags { node.fields[4] = .strings(tags) }
    draft.nodes.append(node)
  }

  mutating func link(_ from: String, _ to: String) {
    draft.edges.append(.init(0, Self.item(from), Self.item(to)))
  }

  /// The scanner spoke of these items alone.
  mutating func scanned(_ ids: [String], at: Int64 = noon) {
    draft.lines.removeAll { $0.source == 0 }
    draft.lines += ids.map { SourceLine(source: 0, at: at, covers: .node(Self.item($0))) }
  }

  func oracle(
    _ program: TypedProgram? = nil, caller: NodeName? = nil, approvals: [Approval] = [],
    fuelLimit: Int = 10_000_000
  ) -> Oracle {
    var request = OracleRequest(now: noon, asOf: noon, caller: caller, approvals: approvals)
    request.fuelLimit = fuelLimit
    return Oracle(program ?? Self.program(), World(draft), request)
  }

  func value(_ expression: TypedExpression) -> ShownValue? { oracle().evaluate(expression) }

  static func program(
    scorecards: [TypedScorecard] = [], gates: [TypedGate] = [], queries: [TypedQuery] = []
  ) -> TypedProgram {
    TypedProgram(
      modules: [], schema: fixtureSchema(), roles: ["lead"], parameters: [], rules: [],
      scorecards: scorecards, gates: gates, queries: queries, actions: [],
      pipelines: [], fixtures: [], tests: [])
  }

  /// What one clause of a gate without parameters comes to.
  func decision(
    _ kind: ClauseKind, guards: [TypedExpression] = [], generators: [Generator] = [],
    filters: [Filter] = [], _ condition: TypedExpression?, message: [MessagePart] = [],
    caller: NodeName? = nil, approvals: [Approval] = [], fuelLimit: Int = 10_000_000
  ) -> OracleDecision {
    let clause = TypedClause(
      name: "clause", kind: kind, guards: guards, generators: generators, filters: filters,
      condition: condition, message: message, range: here)
    let gate = TypedGate(name: "gate", parameters: [], lets: [], clauses: [clause], range: here)
    let program = Self.program(gates: [gate])
    return oracle(program, caller: caller, approvals: approvals, fuelLimit: fuelLimit)
      .decide(gate: 0, [])
  }
}

func typed(_ form: TypedExpression.Form, _ type: ValueType) -> TypedExpression {
  TypedExpression(form, type, here)
}

func int(_ value: Int64) -> TypedExpression { typed(.constant(.scalar(value)), .int) }
func decimal(_ value: Int64) -> TypedExpression { typed(.constant(.scalar(value)), .decimal) }
func bool(_ value: Bool) -> TypedExpression { typed(.constant(.scalar(value ? 1 : 0)), .bool) }
func string(_ value: String) -> TypedExpression { typed(.constant(.string(value)), .string) }
func item(_ id: String) -> TypedExpression { typed(.nodeLiteral(kind: 0, id: id), .node([0])) }
func team(_ id: String) -> TypedExpression { typed(.nodeLiteral(kind: 1, id: id), .node([1])) }
func variable(_ id: Int, _ type: ValueType) -> TypedExpression { typed(.variable(id), type) }
func negation(_ operand: TypedExpression) -> TypedExpression { typed(.not(operand), .bool) }
func count(_ set: TypedExpression) -> TypedExpression { typed(.count(set), .int) }

let items = typed(.nodes(kind: 0), .set(.node([0])))

func flag(_ node: TypedExpression) -> TypedExpression { typed(.field(node, name: "flag"), .bool) }
func rank(_ node: TypedExpression) -> TypedExpression { typed(.field(node, name: "rank"), .int) }
func flag(_ id: String) -> TypedExpression { flag(item(id)) }
func rank(_ id: String) -> TypedExpression { rank(item(id)) }
func maybe(_ id: String) -> TypedExpression {
  typed(.field(item(id), name: "maybe"), .optional(.int))
}
func tags(_ id: String) -> TypedExpression { typed(.field(item(id), name: "tags"), .set(.string)) }

func compare(
  _ left: TypedExpression, _ comparison: Comparison, _ right: TypedExpression
) -> TypedExpression {
  typed(.compare(comparison, left, right), .bool)
}

/// `link` from a set, forwards or backwards; variables 900 and 901 are its edge and target.
func linked(
  _ from: TypedExpression, _ repetition: Repetition = .once, isInverse: Bool = false,
  filter: TypedExpression? = nil
) -> TypedExpression {
  let step = Step(
    edges: [DirectedEdge(edge: 0, isInverse: isInverse)], filter: filter, edge: 900, target: 901)
  return typed(.reach(from, step, repetition), .set(.node([0])))
}

/// The nodes of a set for which a condition on variable 1 holds.
func filtered(_ set: TypedExpression, _ condition: TypedExpression) -> TypedExpression {
  let comprehension = Comprehension(
    generators: [Generator(variable: 1, name: "it", range: set)],
    filters: [.condition(condition)], yield: variable(1, .node([0])))
  return typed(.comprehension(comprehension), .set(.node([0])))
}

/// A value of each item of a set, in a list; variable 1 is the item.
func mapped(_ set: TypedExpression, _ yield: TypedExpression) -> TypedExpression {
  let comprehension = Comprehension(
    generators: [Generator(variable: 1, name: "it", range: set)], filters: [], yield: yield)
  return typed(.comprehension(comprehension), .list(yield.type))
}

extension ShownValue {
  /// The bounds of a number.
  var bounds: ClosedRange<Int64>? {
    switch self {
    case .number(let value, _): value...value
    case .between(let lower, let upper, _): lower...upper
    default: nil
    }
  }

  /// The ids of a set of nodes, possible ones in brackets; a `…` at the end if the set is open.
  var ids: String? {
    guard case .elements(let elements, let open) = self else { return nil }
    let ids = elements.map { element in
      let id = if case .node(let name, _) = element.value { name.id } else { "?" }
      return element.isDefinite ? id : "(\(id))"
    }
    return (ids + (open == nil ? [] : ["…"])).joined(separator: " ")
  }
}
