// Typed program to intermediate form: rules and scorecards are written in place, sugar is spelt out.

import WritModel
public import WritSemantics
public import WritText

/// Bounds of the intermediate form.
public enum Limits {
  /// Expressions in one program once every rule is written in place.
  public static let expressions = 1_000_000
  /// Expressions inside one another once every rule is written in place: every pass goes down them.
  public static let depth = 2_000
}

/// A program that cannot be lowered.
public enum LoweringError: Error, Equatable, Sendable {
  /// Writing rules in place would make more than `Limits.expressions`; the place is where it passed that.
  case tooLarge(at: SourceRange)
  /// Rules call rules so often that expressions lie deeper than `Limits.depth` in one another.
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
  /// Expressions that the one at hand lies in.
  var depth = 0
  /// What the parameters of the declarations that are being written in place are called there.
  var names: [VariableID: IRVariable] = [:]

  init(_ program: TypedProgram) {
    self.program = program
  }

  mutating func freshVariable() -> IRVariable {
    lastVariable -= 1
    return lastVariable
  }

  mutating func countExpression(at range: SourceRange) throws(LoweringError) {
    expressionCount += 1
    if expressionCount > Limits.expressions { throw .tooLarge(at: range) }
  }

  mutating func module() throws(LoweringError) -> IRModule {
    var gates: [IRGate] = []
    for gate in program.gates { gates.append(try lower(gate)) }
    var scorecards: [IRRoutine] = []
    for index in program.scorecards.indices { scorecards.append(try lowerScorecard(index)) }
    var queries: [IRRoutine] = []
    for query in program.queries { queries.append(try lower(query)) }
    return IRModule(
      typed: program, approvals: approvals, gates: gates, scorecards: scorecards, queries: queries)
  }
}

extension Lowering {
  private mutating func lower(_ gate: TypedGate) throws(LoweringError) -> IRGate {
    var clauses: [IRClause] = []
    for clause in gate.clauses { clauses.append(try lower(clause, of: gate)) }
    return IRGate(clauses: clauses)
  }

  private mutating func lower(
    _ clause: TypedClause, of gate: TypedGate
  ) throws(LoweringError) -> IRClause {
    let used = VariableUse.of(clause)
    let bindings = boundVariables(clause.generators, clause.filters)
    let subjects = clause.generators.isEmpty ? subjects(of: gate, used: used) : []
    let approvalCount = approvals.count
    var condition = try clause.condition.map { (typed) throws(LoweringError) in try scalar(typed) }
    if clause.kind == .require { condition = condition.map { .apply(.not, [$0]) } }
    let routine = IRRoutine(
      inputs: gate.parameters.map(\.id),
      bindings: try lets(gate.lets, usedBy: used),
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
      message: try message(of: clause, in: gate, bindings: bindings))
  }

  private mutating func message(
    of clause: TypedClause, in gate: TypedGate, bindings: [TypedVariable]
  ) throws(LoweringError) -> [IRMessagePart] {
    var parts: [IRMessagePart] = []
    for part in clause.message {
      switch part {
      case .text(let text): parts.append(.text(text))
      case .value(let expression):
        let routine = IRRoutine(
          inputs: (gate.parameters + bindings).map(\.id),
          bindings: try lets(gate.lets, usedBy: VariableUse.of(expression)),
          guards: [], generators: [], filters: [], condition: nil, tellsOpenRanges: false,
          captures: [try value(expression)], witnesses: [])
        parts.append(.value(routine, expression.type))
      }
    }
    return parts
  }

  /// The lets that are used, directly or by other lets that are, in source order.
  private mutating func lets(
    _ lets: [TypedLet], usedBy used: Set<VariableID>
  ) throws(LoweringError) -> [IRBinding] {
    var wanted = used
    for item in lets.reversed() where wanted.contains(item.variable.id) {
      wanted.formUnion(VariableUse.of(item.value))
    }
    var bindings: [IRBinding] = []
    for item in lets where wanted.contains(item.variable.id) {
      bindings.append(IRBinding(variable: item.variable.id, value: try value(item.value)))
    }
    return bindings
  }

  /// Gate parameters and lets that name one node and that the clause speaks of.
  private func subjects(of gate: TypedGate, used: Set<VariableID>) -> [TypedVariable] {
    (gate.parameters + gate.lets.map(\.variable)).filter {
      guard case .node = $0.type else { return false }
      return used.contains($0.id)
    }
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
  private mutating func lowerScorecard(_ index: Int) throws(LoweringError) -> IRRoutine {
    let scorecard = program.scorecards[index]
    var bindings: [IRBinding] = []
    for item in scorecard.lets {
      bindings.append(IRBinding(variable: item.variable.id, value: try value(item.value)))
    }
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
