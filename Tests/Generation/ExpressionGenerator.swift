// Random well-typed expressions: the variables in sight, and what each type can be made of.

import WritModel
import WritSemantics
import WritText

/// Generated programs stand in no text.
let nowhere = SourceRange(file: 0, start: 0, end: 0)

/// Makes expressions of a wanted type and of bounded depth over a schema.
struct ExpressionGenerator {
  var worlds: WorldGenerator
  /// Only what the language has words for.
  let isTextual: Bool
  var variables: [TypedVariable] = []
  var parameters: [TypedParameter] = []
  var rules: [TypedRule] = []
  var scorecards: [TypedScorecard] = []
  /// Inside the filter of a step, whose variables have no names in the text.
  var isInStep = false
  private var lastVariable: Int
  /// Nodes that literals name; where there are none of a kind, generated ones.
  var names: [NodeName] = []
  /// Loops that the expression at hand may still open.
  var loops = 0

  init(_ worlds: WorldGenerator, isTextual: Bool, firstVariable: Int = 0) {
    self.worlds = worlds
    self.isTextual = isTextual
    lastVariable = firstVariable
  }

  var schema: Schema { worlds.schema }

  mutating func below(_ count: Int) -> Int { worlds.random.below(count) }
  mutating func chance(_ percent: Int) -> Bool { worlds.random.chance(percent) }
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice? { worlds.random.pick(choices) }

  func make(_ form: TypedExpression.Form, _ type: ValueType) -> TypedExpression {
    TypedExpression(form, type, nowhere)
  }

  mutating func newVariable(_ type: ValueType) -> TypedVariable {
    lastVariable += 1
    return TypedVariable(id: lastVariable, name: "v\(lastVariable)", type: type)
  }

  func reference(_ variable: TypedVariable) -> TypedExpression {
    make(.variable(variable.id), variable.type)
  }

  /// Variables in sight of which the predicate holds.
  mutating func variable(_ suits: (ValueType) -> Bool) -> TypedExpression? {
    pick(variables.filter { suits($0.type) }).map(reference)
  }

  /// With more variables in sight while it runs.
  mutating func with<Result>(
    _ more: [TypedVariable], _ body: (inout ExpressionGenerator) -> Result
  ) -> Result {
    let outer = variables
    variables += more
    defer { variables = outer }
    return body(&self)
  }

  /// A scalar, a node or an optional of them.
  mutating func value(_ type: ValueType, _ depth: Int) -> TypedExpression {
    switch type {
    case .bool: return bool(depth)
    case .node(let kinds): return node(of: kinds, depth)
    case .optional(let wrapped): return optional(wrapped, depth)
    case .set(let element): return set(of: element, depth)
    case .int, .decimal, .string, .date, .instant, .duration, .enumeration:
      if depth > 0, let made = made(type, depth) { return made }
      if chance(40), let variable = variable({ $0 == type }) { return variable }
      if chance(70), let field = field(of: type, depth) { return field }
      if chance(15), let index = pick(parameters.indices.filter { parameters[$0].type == type }) {
        return make(.parameter(index), type)
      }
      return constant(type)
    case .edge, .list: preconditionFailure("not asked for")
    }
  }

  mutating func constant(_ type: ValueType) -> TypedExpression {
    guard type != .string else { return make(.constant(.string(text())), .string) }
    if type == .instant, chance(40) { return make(.now, .instant) }
    let number = worlds.number(type)
    // Literals of instants have years of four digits.
    if isTextual, type == .instant, number < 0 { return make(.now, .instant) }
    return make(.constant(.scalar(number)), type)
  }

  private mutating func text() -> String {
    chance(15) ? WorldGenerator.id(below(12)) : worlds.text()
  }

  /// A field of that type of some node or edge.
  mutating func field(of type: ValueType, _ depth: Int) -> TypedExpression? {
    guard let owner = variable(isOwner) else { return nil }
    var bases = [owner]
    if depth > 1, case .node(let kinds) = owner.type, let next = follow(owner, kinds) {
      bases.append(next)
    }
    let fields = bases.flatMap { base in
      commonFields(base.type).filter { $0.type == type }.map { (base, $0) }
    }
    if let (base, field) = pick(fields) {
      return make(.field(base, name: field.name), type)
    }
    if type == .string, case .node = owner.type { return make(.identifier(owner), .string) }
    return nil
  }

  private func isOwner(_ type: ValueType) -> Bool {
    switch type {
    case .node, .edge: true
    default: false
    }
  }

  /// The fields that a value of the type surely has.
  func commonFields(_ type: ValueType) -> [FieldType] {
    switch type {
    case .edge(let edge): return schema.edges[edge].fields
    case .node(let kinds):
      guard let first = kinds.first else { return [] }
      return schema.kinds[first].fields.filter { field in
        !field.isKey
          && kinds.allSatisfy { kind in
            schema.kinds[kind].fields.contains { $0.name == field.name && !$0.isKey }
          }
      }
    default: return []
    }
  }

  /// The target of a single edge that all of the kinds have.
  mutating func follow(
    _ base: TypedExpression, _ kinds: [Int], isOptional: Bool = false
  ) -> TypedExpression? {
    let wanted = isOptional ? Cardinality.optional : .one
    let labels = schema.edges.filter { $0.source == kinds[0] && $0.cardinality == wanted }
    guard let label = pick(labels)?.name else { return nil }
    let edges = schema.edges.filter { $0.name == label && kinds.contains($0.source) }
    guard edges.count == kinds.count, edges.allSatisfy({ $0.cardinality == wanted }) else {
      return nil
    }
    let type = ValueType.node(Set(edges.flatMap(\.targets)).sorted())
    return make(.follow(base, edge: label), isOptional ? .optional(type) : type)
  }

  /// A node of some of the kinds.
  mutating func node(of kinds: [Int], _ depth: Int) -> TypedExpression {
    func suits(_ type: ValueType) -> Bool {
      if case .node(let some) = type { Set(some).isSubset(of: kinds) } else { false }
    }
    if chance(65), let variable = variable(suits) { return variable }
    if depth > 0 {
      let ends = schema.edges.indices.flatMap { edge in
        EdgeEnd.allCases.map { ($0, end($0, of: edge)) }.filter { suits($0.1) }.map { (edge, $0) }
      }
      if let (edge, (end, type)) = pick(ends), let variable = variable({ $0 == .edge(edge) }) {
        return make(.edgeEnd(variable, end), type)
      }
      if let start = variable(isOwner), case .node(let from) = start.type,
        let next = follow(start, from), suits(next.type)
      {
        return next
      }
      if chance(40) {
        let fallback = literal(kinds[below(kinds.count)])
        let maybe = optional(.node(kinds), depth - 1)
        if case .node(let some) = maybe.type.unwrapped, case .node(let others) = fallback.type,
          suits(maybe.type.unwrapped)
        {
          let joined = Set(some).union(others).sorted()
          return make(.coalesce(maybe, fallback), .node(joined))
        }
      }
    }
    return literal(kinds[below(kinds.count)])
  }

  private func end(_ end: EdgeEnd, of edge: Int) -> ValueType {
    let type = schema.edges[edge]
    return .node(end == .from ? [type.source] : type.targets)
  }

  /// Of a node that is there, mostly.
  mutating func literal(_ kind: Int) -> TypedExpression {
    let known = pick(names.filter { $0.kind == kind })?.id
    let id = known ?? WorldGenerator.id(below(7))
    return make(.nodeLiteral(kind: kind, id: id), .node([kind]))
  }

  /// A node of whatever kinds.
  mutating func anyNode(_ depth: Int) -> TypedExpression {
    if chance(80), let variable = variable({ if case .node = $0 { true } else { false } }) {
      return variable
    }
    let kinds = Array(schema.kinds.indices)
    return node(of: chance(60) ? [kinds[below(kinds.count)]] : kinds, depth)
  }

  /// An optional: of a node perhaps with fewer kinds than asked for.
  mutating func optional(_ type: ValueType, _ depth: Int) -> TypedExpression {
    if chance(60), let field = field(of: .optional(type), depth) { return field }
    if case .node(let kinds) = type {
      if chance(30), callerKinds.allSatisfy(kinds.contains) {
        return make(.caller, .optional(.node(callerKinds)))
      }
      let start = anyNode(depth - 1)
      if case .node(let from) = start.type, let next = follow(start, from, isOptional: true),
        case .node(let reached) = next.type.unwrapped, Set(reached).isSubset(of: kinds)
      {
        return next
      }
      return isTextual
        ? make(.caller, .optional(.node(callerKinds))) : make(.constant(.absent), .optional(type))
    }
    if depth > 0, isOrdered(type), loops > 0 {
      let list = list(of: type, depth - 1)
      return make(chance(50) ? .least(list) : .greatest(list), .optional(type))
    }
    if depth > 0, chance(30) {
      let (left, right) = (optional(type, depth - 1), optional(type, depth - 1))
      if case .optional = right.type { return make(.coalesce(left, right), .optional(type)) }
    }
    if let field = field(of: .optional(type), depth) { return field }
    if isTextual, let known = optionalField(type) { return known }
    return make(.constant(.absent), .optional(type))
  }

  /// The optional field of that type of some node: the first kind has one of every type.
  private mutating func optionalField(_ type: ValueType) -> TypedExpression? {
    guard let field = schema.kinds[0].fields.first(where: { $0.type == .optional(type) }) else {
      return nil
    }
    return make(.field(literal(0), name: field.name), .optional(type))
  }

  /// Whoever may ask: `Identity` where there is such a kind.
  var callerKinds: [Int] {
    schema.kinds.firstIndex { $0.name == "Identity" }.map { [$0] } ?? Array(schema.kinds.indices)
  }

  func isOrdered(_ type: ValueType) -> Bool {
    switch type {
    case .int, .decimal, .date, .instant, .duration: true
    case .enumeration(let index): schema.enums[index].isOrdered
    case .bool, .string, .node, .edge, .optional, .set, .list: false
    }
  }
}
