// Typed program to intermediate form: rules and scorecards are written in place, sugar is spelt out.

import WritModel
public import WritSemantics
public import WritText

/// Bounds of the intermediate form.
public enum Limits {
  /// Expressions in one program once every rule is written in place.
  public static let expressions = 1_000_000
  /// Expressions within each other once every rule is written in place: every walk over an expression is as deep.
  public static let depth = 1_200
  /// Expressions of the largest that counts as costing nothing.
  static let freeExpressions = 256
}

/// A program that cannot be lowered.
public enum LoweringError: Error, Equatable, Sendable {
  /// Writing rules in place would make more than `Limits.expressions`; the place is where it passed that.
  case tooLarge(at: SourceRange)
  /// Writing rules in place would make an expression deeper than `Limits.depth`; the place is where it passed that.
  case tooDeep(at: SourceRange)
}

/// The program in the intermediate form. O(size after writing rules in place).
public func lower(_ program: TypedProgram) throws(LoweringError) -> IRModule {
  var lowering = Lowering(program)
  return try lowering.module()
}

struct Lowering {
  let program: TypedProgram
  var approvals: [IRApproval] = []
  /// Variables made here are negative: they meet none of the checker's.
  private var lastVariable = 0
  private var expressionCount = 0
  private var depth = 0
  /// What the parameters of the rules and scorecards that are being written in place are called there.
  private(set) var renamed: [VariableID: IRVariable] = [:]
  let names: MemberNames

  init(_ program: TypedProgram) {
    self.program = program
    names = MemberNames(program.schema)
  }

  mutating func freshVariable() -> IRVariable {
    lastVariable -= 1
    return lastVariable
  }

  /// A variable of its own for a parameter, until the parameter is bound again.
  mutating func rename(_ parameter: VariableID) -> IRVariable {
    let variable = freshVariable()
    renamed[parameter] = variable
    return variable
  }

  /// Parameters whose declaration is a routine of its own are called as they are.
  private mutating func keepNames(of parameters: [TypedVariable]) {
    for parameter in parameters { renamed[parameter.id] = nil }
  }

  /// Goes one expression deeper, and is followed by `leave`.
  mutating func enter(at range: SourceRange) throws(LoweringError) {
    expressionCount += 1
    if expressionCount > Limits.expressions { throw .tooLarge(at: range) }
    try deepen(by: 1, at: range)
  }

  /// Goes so many levels deeper, and is followed by `leave`.
  mutating func deepen(by levels: Int, at range: SourceRange) throws(LoweringError) {
    depth += levels
    if depth > Limits.depth { throw .tooDeep(at: range) }
  }

  mutating func leave(_ levels: Int = 1) {
    depth -= levels
  }

  mutating func module() throws(LoweringError) -> IRModule {
    var gates: [IRGate] = []
    for gate in program.gates { gates.append(try lower(gate)) }
    var waivers: [IRRoutine] = []
    for waiver in program.waivers { waivers.append(try lower(waiver)) }
    var scorecards: [IRRoutine] = []
    for index in program.scorecards.indices { scorecards.append(try lowerScorecard(index)) }
    var queries: [IRRoutine] = []
    for query in program.queries { queries.append(try lower(query)) }
    var actions: [IRAction] = []
    for action in program.actions { actions.append(try lower(action)) }
    var pipelines: [IRPipeline] = []
    for pipeline in program.pipelines { pipelines.append(try lower(pipeline)) }
    return IRModule(
      typed: program, approvals: approvals, gates: gates, waivers: waivers,
      scorecards: scorecards, queries: queries, actions: actions, pipelines: pipelines)
  }
}

extension Lowering {
  private mutating func lower(_ gate: TypedGate) throws(LoweringError) -> IRGate {
    var clauses: [IRClause] = []
    let lets = GateLets(gate)
    for clause in gate.clauses { clauses.append(try lower(clause, of: lets)) }
    return IRGate(clauses: clauses)
  }

  private mutating func lower(
    _ clause: TypedClause, of lets: GateLets
  ) throws(LoweringError) -> IRClause {
    let gate = lets.gate
    let used = VariableUse.of(clause)
    let bindings = boundVariables(clause.generators, clause.filters)
    let subjects = clause.generators.isEmpty ? lets.subjects(of: used) : []
    let approvalCount = approvals.count
    var condition = try clause.condition.map { (typed) throws(LoweringError) in
      try self.condition(typed)
    }
    if clause.kind == .require { condition = condition.map { .apply(.not, [$0]) } }
    let routine = IRRoutine(
      inputs: gate.parameters.map(\.id),
      bindings: try self.bindings(of: lets.needed(by: used)),
      guards: try clause.guards.map { (typed) throws(LoweringError) in try scalar(typed) },
      generators: try clause.generators.map { (generator) throws(LoweringError) in
        try lower(generator)
      },
      filters: try clause.filters.map { (filter) throws(LoweringError) in try lower(filter) },
      condition: condition, tellsOpenRanges: true,
      captures: (bindings + subjects).map { .variable($0.id) },
      witnesses: clause.generators.indices.filter { yieldsNodes(clause.generators[$0]) })
    let hasApproval = approvals.count > approvalCount
    return IRClause(
      routine: routine, bindings: bindings, subjects: subjects, hasApproval: hasApproval,
      message: try message(of: clause, in: lets, bindings: bindings))
  }

  private mutating func message(
    of clause: TypedClause, in lets: GateLets, bindings: [TypedVariable]
  ) throws(LoweringError) -> [IRMessagePart] {
    let inputs = (lets.gate.parameters + bindings).map(\.id)
    var parts: [IRMessagePart] = []
    for part in clause.message {
      switch part {
      case .text(let text): parts.append(.text(text))
      case .value(let expression):
        let routine = IRRoutine(
          inputs: inputs,
          bindings: try self.bindings(of: lets.needed(by: VariableUse.of(expression))),
          guards: [], generators: [], filters: [], condition: nil, tellsOpenRanges: false,
          captures: [try value(expression)], witnesses: [])
        parts.append(.value(routine, expression.type))
      }
    }
    return parts
  }

  private mutating func bindings(of lets: [TypedLet]) throws(LoweringError) -> [IRBinding] {
    var bindings: [IRBinding] = []
    for item in lets {
      bindings.append(IRBinding(variable: item.variable.id, value: try value(item.value)))
    }
    return bindings
  }

  private func yieldsNodes(_ generator: Generator) -> Bool {
    let type = generator.range.type.element ?? generator.range.type.unwrapped
    if case .node = type { return true }
    return false
  }

  private func boundVariables(_ generators: [Generator], _ filters: [Filter]) -> [TypedVariable] {
    let loops = generators.map {
      TypedVariable(
        id: $0.variable, name: $0.name,
        type: $0.range.type.element ?? $0.range.type.unwrapped)
    }
    let bound = filters.compactMap { (filter) -> TypedVariable? in
      guard case .binding(let id, let name, let value) = filter else { return nil }
      return TypedVariable(id: id, name: name, type: value.type.unwrapped)
    }
    return loops + bound
  }
}

extension Lowering {
  private mutating func lower(_ waiver: TypedWaiver) throws(LoweringError) -> IRRoutine {
    var captures: [IRExpression] = []
    for nodes in waiver.excluded { captures.append(try set(nodes)) }
    return IRRoutine(
      inputs: program.gates[waiver.gate].parameters.map(\.id), bindings: [], guards: [],
      generators: [], filters: [], condition: nil, tellsOpenRanges: false, captures: captures,
      witnesses: [])
  }
}

extension Lowering {
  private mutating func lower(_ action: TypedAction) throws(LoweringError) -> IRAction {
    var command: [[IRMessagePart]] = []
    for word in action.command {
      var parts: [IRMessagePart] = []
      for part in word { parts.append(try lower(part, of: action)) }
      command.append(parts)
    }
    return IRAction(command: command)
  }

  private mutating func lower(
    _ part: MessagePart, of action: TypedAction
  ) throws(LoweringError) -> IRMessagePart {
    switch part {
    case .text(let text): return .text(text)
    case .value(let expression):
      return .value(try routine(of: expression, [], action.parameters), expression.type)
    }
  }

  private mutating func lower(_ pipeline: TypedPipeline) throws(LoweringError) -> IRPipeline {
    var values: [IRRoutine] = []
    for value in pipeline.values {
      let inputs =
        pipeline.parameters + value.reads.map(\.variable) + value.asks.map(\.variable)
      values.append(try routine(of: value.expression, value.lets, inputs))
    }
    return IRPipeline(values: values)
  }

  /// A routine that captures one value.
  private mutating func routine(
    of expression: TypedExpression, _ lets: [TypedLet], _ inputs: [TypedVariable]
  ) throws(LoweringError) -> IRRoutine {
    IRRoutine(
      inputs: inputs.map(\.id), bindings: try bindings(of: lets), guards: [], generators: [],
      filters: [], condition: nil, tellsOpenRanges: false,
      captures: [try value(expression)], witnesses: [])
  }
}

extension Lowering {
  private mutating func lowerScorecard(_ index: Int) throws(LoweringError) -> IRRoutine {
    let scorecard = program.scorecards[index]
    keepNames(of: scorecard.parameters)
    var bindings = try self.bindings(of: scorecard.lets)
    var checks: [IRCheck] = []
    for check in scorecard.checks {
      let lowered = try lower(check)
      let guardVariable = freshVariable()
      let conditionVariable = freshVariable()
      bindings.append(IRBinding(variable: guardVariable, value: lowered.guardCondition))
      bindings.append(IRBinding(variable: conditionVariable, value: lowered.condition))
      checks.append(
        IRCheck(
          guardCondition: .variable(guardVariable), condition: .variable(conditionVariable)))
    }
    let captures =
      checks.flatMap { [$0.guardCondition, $0.condition] } + [
        .score(scorecard: index, checks, wantsLevel: false),
        .score(scorecard: index, checks, wantsLevel: true),
      ]
    return IRRoutine(
      inputs: scorecard.parameters.map(\.id), bindings: bindings, guards: [], generators: [],
      filters: [], condition: nil, tellsOpenRanges: false, captures: captures, witnesses: [])
  }

  mutating func lower(_ check: TypedCheck) throws(LoweringError) -> IRCheck {
    IRCheck(
      guardCondition: try check.guardCondition.map { (typed) throws(LoweringError) in
        try scalar(typed)
      } ?? .constant(.yes),
      condition: try scalar(check.condition))
  }

  /// Every edge is looked at on its own, so that the walk can stop where it meets an end.
  private mutating func shortest(_ path: PathQuery) throws(LoweringError) -> IRWalk {
    let ends = try set(path.end)
    let goal: IRGoal =
      switch path.repetition {
      case .once: .shortest(to: ends, includesStart: false, layerLimit: 1)
      case .oneOrMore(let limit): .shortest(to: ends, includesStart: false, layerLimit: limit)
      case .zeroOrMore(let limit): .shortest(to: ends, includesStart: true, layerLimit: limit)
      }
    let walk = try lower(path.step, goal: goal)
    let everything = IRStepFilter(
      edge: freshVariable(), target: freshVariable(), condition: .constant(.yes))
    return IRWalk(directions: walk.directions, goal: goal, filter: walk.filter ?? everything)
  }

  private mutating func lower(_ query: TypedQuery) throws(LoweringError) -> IRRoutine {
    let inputs = query.parameters.map(\.id)
    switch query.body {
    case .rows(let rows):
      var captures: [IRExpression] = []
      for key in rows.groupKeys { captures.append(try value(key)) }
      for column in rows.columns {
        switch column.value {
        case .row(let expression), .aggregate(_, let expression):
          captures.append(try value(expression))
        case .groupKey: break
        }
      }
      return IRRoutine(
        inputs: inputs, bindings: [], guards: [],
        generators: try rows.generators.map { (item) throws(LoweringError) in try lower(item) },
        filters: try rows.filters.map { (item) throws(LoweringError) in try lower(item) },
        condition: nil, tellsOpenRanges: true, captures: captures, witnesses: [])
    case .path(let path):
      let node = freshVariable()
      let walk = IRExpression.walk(try set(path.start), try shortest(path))
      return IRRoutine(
        inputs: inputs, bindings: [], guards: [],
        generators: [IRGenerator(variable: node, range: walk)], filters: [],
        condition: nil, tellsOpenRanges: true, captures: [.variable(node)], witnesses: [])
    }
  }
}
