// Random programs: rules, scorecards, gates and queries over one schema.

import WritModel
import WritSemantics
import WritText

/// Makes whole programs.
struct ProgramGenerator {
  var expressions: ExpressionGenerator
  /// How deep its expressions are nested.
  private let depth = 3
  private let roles: [String]

  init(_ worlds: WorldGenerator, isTextual: Bool) {
    roles = ["lead", "security"]
    expressions = ExpressionGenerator(worlds, isTextual: isTextual)
  }

  /// For clauses of a program that is not generated, whose variables lie below `firstVariable`.
  init(_ worlds: WorldGenerator, roles: [String], firstVariable: Int) {
    self.roles = roles
    expressions = ExpressionGenerator(worlds, isTextual: false, firstVariable: firstVariable)
  }

  private var schema: Schema { expressions.schema }

  private mutating func below(_ count: Int) -> Int { expressions.below(count) }
  private mutating func chance(_ percent: Int) -> Bool { expressions.chance(percent) }

  mutating func program() -> TypedProgram {
    addParameters()
    if chance(50) { addDifference() }
    for _ in 0..<2 + below(2) { addRule() }
    for _ in 0..<1 + below(2) { addScorecard() }
    for _ in 0..<1 + below(2) { addRule() }
    var gates: [TypedGate] = []
    for index in 0..<1 + below(2) { gates.append(gate("gate\(index)")) }
    var queries: [TypedQuery] = []
    for index in 0..<2 + below(2) { queries.append(query("query\(index)")) }
    return TypedProgram(
      modules: [ModuleHeader(name: "generated", version: 1, file: 0)], schema: schema,
      roles: roles, parameters: expressions.parameters, rules: expressions.rules,
      scorecards: expressions.scorecards, gates: gates, queries: queries, actions: [],
      pipelines: [], fixtures: [], tests: [])
  }

  /// An expression for which a few loops may be opened.
  private mutating func expression(_ type: ValueType) -> TypedExpression {
    expressions.loops = 2
    return expressions.value(type, depth)
  }

  private mutating func condition() -> TypedExpression { expression(.bool) }

  private mutating func addParameters() {
    let types: [ValueType] = [.int, .decimal, .duration, .enumeration(1), .string, .bool]
    for (index, type) in types.enumerated() where chance(35) {
      let value: Constant =
        type == .string
        ? .string(expressions.worlds.text()) : .scalar(expressions.worlds.number(type))
      expressions.parameters.append(
        TypedParameter(name: "param\(index)", type: type, defaultValue: value, range: nowhere))
    }
  }

  /// Parameters of a declaration; they are all that is in sight behind it.
  private mutating func open(_ count: Int, allowsSets: Bool) -> [TypedVariable] {
    var parameters: [TypedVariable] = []
    for _ in 0..<count {
      let kind = below(schema.kinds.count)
      let type: ValueType =
        switch below(allowsSets ? 10 : 8) {
        case 0: .int
        case 1: [.string, .decimal, .instant, .enumeration(1), .bool][below(5)]
        case 2: .node([kind, (kind + 1) % schema.kinds.count].sorted())
        case 8, 9: .set(.node([kind]))
        default: .node([kind])
        }
      parameters.append(expressions.newVariable(type))
    }
    expressions.variables = parameters
    return parameters
  }

  private mutating func addRule() {
    let parameters = open(below(3), allowsSets: true)
    let body: TypedExpression
    switch below(6) {
    case 0, 1: body = condition()
    case 2: body = expression([.int, .decimal, .enumeration(1), .duration, .string][below(5)])
    case 3, 4:
      expressions.loops = 2
      body = expressions.nodes(depth)
    default:
      expressions.loops = 2
      body = expressions.anyNode(depth)
    }
    let name = "rule\(expressions.rules.count)"
    expressions.rules.append(
      TypedRule(name: name, parameters: parameters, body: body, range: nowhere))
  }

  /// A rule of two numbers, each of which matters.
  private mutating func addDifference() {
    let parameters = [expressions.newVariable(.int), expressions.newVariable(.int)]
    expressions.variables = parameters
    let operands = parameters.map { expressions.make(.variable($0.id), .int) }
    let body = expressions.make(.arithmetic(.subtract, operands[0], operands[1]), .int)
    expressions.rules.append(
      TypedRule(
        name: "rule\(expressions.rules.count)", parameters: parameters, body: body, range: nowhere)
    )
  }

  private mutating func bindings(_ count: Int) -> [TypedLet] {
    var lets: [TypedLet] = []
    for _ in 0..<count {
      expressions.loops = 2
      let value =
        chance(50)
        ? expressions.nodes(depth)
        : expressions.value([.bool, .int, .instant, .decimal][below(4)], depth)
      let variable = expressions.newVariable(value.type)
      lets.append(TypedLet(variable: variable, value: value))
      expressions.variables.append(variable)
    }
    return lets
  }

  private mutating func addScorecard() {
    let parameters = open(1 + below(2), allowsSets: false)
    let lets = bindings(below(3))
    var checks: [TypedCheck] = []
    for index in 0..<1 + below(5) {
      checks.append(
        TypedCheck(
          name: "check\(index)", weight: Int64(1 + below(chance(80) ? 20 : 1_000_000)),
          title: chance(50) ? "a title" : nil, guardCondition: chance(50) ? condition() : nil,
          condition: condition(), range: nowhere))
    }
    var levels: [TypedLevel] = []
    var threshold: Int64 = 0
    for ordinal in 1..<schema.enums[1].members.count where chance(80) {
      threshold += Int64(below(45)) * 1_000_000
      let required = expressions.worlds.random.some(Array(checks.indices), percent: 25)
      levels.append(
        TypedLevel(
          ordinal: ordinal, threshold: min(threshold, 100_000_000), requiredChecks: required))
    }
    expressions.scorecards.append(
      TypedScorecard(
        name: "card\(expressions.scorecards.count)", parameters: parameters, levelEnum: 1,
        isSum: chance(25), lets: lets, checks: checks, levels: levels, range: nowhere))
  }

  private mutating func gate(_ name: String) -> TypedGate {
    let parameters = open(1 + below(3), allowsSets: false)
    let lets = bindings(below(4))
    var clauses: [TypedClause] = []
    for index in 0..<3 + below(5) {
      clauses.append(clause("clause\(index)", SourceRange(file: 0, start: index, end: index)))
    }
    return TypedGate(
      name: name, parameters: parameters, lets: lets, clauses: clauses, range: nowhere)
  }

  mutating func clause(_ name: String, _ range: SourceRange) -> TypedClause {
    let outer = expressions.variables
    defer { expressions.variables = outer }
    let kind: ClauseKind = chance(50) ? .require : .deny
    var guards: [TypedExpression] = []
    for _ in 0..<[0, 0, 0, 1, 1, 2][below(6)] { guards.append(condition()) }
    var generators: [Generator] = []
    var filters: [Filter] = []
    if chance(60) {
      expressions.loops = 2
      generators = expressions.generators(1 + (chance(30) ? 1 : 0), depth)
      filters = expressions.filters(below(3), depth)
    }
    var condition: TypedExpression?
    if kind == .require {
      condition = chance(30) && !roles.isEmpty ? approval() : self.condition()
    } else if generators.isEmpty || chance(40) {
      condition = self.condition()
    }
    return TypedClause(
      name: name, kind: kind, guards: guards, generators: generators, filters: filters,
      condition: condition, message: chance(70) ? message() : [], range: range)
  }

  private mutating func approval() -> TypedExpression {
    expressions.loops = 1
    let term = ApprovalTerm(
      role: roles[below(roles.count)], count: 1 + below(2),
      except: chance(50) ? (chance(60) ? expressions.anyNode(2) : expressions.nodes(2)) : nil,
      withinMicroseconds: chance(40) ? expressions.worlds.random.number(1...96) * hour : nil)
    let approval = TypedExpression(.approval(term), .bool, nowhere)
    let form: TypedExpression.Form
    switch below(9) {
    case 0: form = .and(approval, condition())
    case 1: form = .or(condition(), approval)
    case 2: form = .or(approval, .init(.and(self.approval(), condition()), .bool, nowhere))
    // Of different people.
    case 3: form = .and(approval, self.approval())
    case 4: form = .and(.init(.or(condition(), approval), .bool, nowhere), self.approval())
    default: return approval
    }
    return TypedExpression(form, .bool, nowhere)
  }

  private mutating func message() -> [MessagePart] {
    var parts: [MessagePart] = [.text("see ")]
    for _ in 0..<1 + below(3) {
      expressions.loops = 1
      let type: ValueType = [
        .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration(1),
        .enumeration(2),
      ][below(9)]
      let shown = chance(40) ? expressions.anyNode(1) : expressions.value(type, 1)
      // No quotation marks inside of others.
      parts.append(.value(expressions.isTextual && shown.isQuoted ? .now : shown))
      parts.append(.text("; "))
    }
    return parts
  }

  private mutating func query(_ name: String) -> TypedQuery {
    let parameters = open(below(3), allowsSets: false)
    expressions.loops = 2
    let body = chance(20) ? path() : nil
    return TypedQuery(
      name: name, parameters: parameters, body: body ?? .rows(rows()), range: nowhere)
  }

  private mutating func path() -> QueryBody? {
    guard let (reach, targets) = expressions.closedWalk(depth),
      case .reach(let start, let step, let repetition) = reach.form
    else { return nil }
    let end = expressions.node(of: targets, depth)
    return .path(PathQuery(start: start, step: step, repetition: repetition, end: end))
  }

  private mutating func rows() -> RowQuery {
    guard chance(80) else {
      return RowQuery(
        generators: [], filters: [], groupKeys: [], columns: columns(), order: [], limit: nil)
    }
    let generators = expressions.generators(1 + below(2), depth)
    let filters = expressions.filters(below(3), depth)
    var keys: [TypedExpression] = []
    if chance(50) { for _ in 0..<1 + below(2) { keys.append(shown(2)) } }
    let columns = keys.isEmpty ? columns() : grouped(keys)
    var order: [OrderKey] = []
    for column in columns.indices where chance(35) {
      order.append(OrderKey(column: column, isDescending: chance(50)))
    }
    return RowQuery(
      generators: generators, filters: filters, groupKeys: keys, columns: columns,
      order: order.shuffled(using: &expressions.worlds.random),
      limit: chance(30) ? 1 + below(6) : nil)
  }

  /// A single value that a column can show.
  private mutating func shown(_ depth: Int) -> TypedExpression {
    let types: [ValueType] = [
      .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration(1),
    ]
    return chance(35)
      ? expressions.anyNode(depth) : expressions.value(types[below(types.count)], depth)
  }

  private mutating func columns() -> [TypedColumn] {
    var columns: [TypedColumn] = []
    for index in 0..<1 + below(3) {
      let value = shown(depth)
      columns.append(TypedColumn(name: "column\(index)", type: value.type, value: .row(value)))
    }
    return columns
  }

  private mutating func grouped(_ keys: [TypedExpression]) -> [TypedColumn] {
    var columns = keys.indices.map {
      TypedColumn(name: "key\($0)", type: keys[$0].type, value: .groupKey($0))
    }
    for index in 0..<1 + below(3) {
      let aggregate = Aggregate.allCases[below(5)]
      let operand =
        aggregate == .count || aggregate == .countDistinct
        ? shown(2) : expressions.value([.int, .decimal, .duration][below(3)], 2)
      let isCount = aggregate == .count || aggregate == .countDistinct
      columns.append(
        TypedColumn(
          name: "column\(index)", type: isCount ? .int : operand.type,
          value: .aggregate(aggregate, operand)))
    }
    return columns
  }
}

extension TypedExpression {
  fileprivate static let now = TypedExpression(.now, .instant, nowhere)

  /// Whether a text stands in it.
  fileprivate var isQuoted: Bool {
    switch form {
    case .nodeLiteral, .constant(.string): true
    default: children.contains(where: \.isQuoted)
    }
  }
}
