// The tree-walking evaluator: the judge of every faster one, written for clarity alone.

public import WritSemantics

/// A program over a graph, asked at one moment.
///
/// docs/decisions/0001-evaluation.md says what each answer is.
public struct Oracle: Sendable {
  public let program: TypedProgram
  public let world: World
  public let request: OracleRequest

  public init(_ program: TypedProgram, _ world: World, _ request: OracleRequest) {
    self.program = program
    self.world = world
    self.request = request
  }

  /// Whether the gate lets the request pass.
  public func decide(gate index: Int, _ arguments: [ExpectedArgument]) -> OracleDecision {
    let evaluator = Evaluator(program, world, request, .gate)
    let gate = program.gates[index]
    let scope = bound(gate.parameters, arguments, evaluator)
    var decision = OracleDecision()
    for clause in gate.clauses { weigh(clause, gate, scope, evaluator, &decision) }
    waive(index, scope, evaluator, &decision)
    decision.overstretched = evaluator.overstretched
    return decision
  }

  /// The scorecard applied, in a gate's reading of unvouched facts.
  public func score(scorecard index: Int, _ arguments: [ExpectedArgument]) -> ScorecardResult {
    let evaluator = Evaluator(program, world, request, .gate)
    let scope = bound(program.scorecards[index].parameters, arguments, evaluator)
    return evaluator.scorecardValue(index, scope)
  }

  /// The answer to a query.
  public func answer(query index: Int, _ arguments: [ExpectedArgument]) -> OracleAnswer {
    let evaluator = Evaluator(program, world, request, .query)
    let query = program.queries[index]
    return evaluator.answer(query, bound(query.parameters, arguments, evaluator))
  }

  /// An expression by itself, as a gate reads it; nil if it runs out of fuel.
  public func evaluate(_ expression: TypedExpression) -> ShownValue? {
    let evaluator = Evaluator(program, world, request, .gate)
    guard let value = try? evaluator.value(expression, Environment()) else { return nil }
    return evaluator.shown(value, expression.type)
  }

  /// A rule applied, as a gate reads facts; nil if it runs out of fuel.
  public func evaluate(rule index: Int, _ arguments: [ExpectedArgument]) -> ShownValue? {
    let evaluator = Evaluator(program, world, request, .gate)
    let rule = program.rules[index]
    let scope = bound(rule.parameters, arguments, evaluator)
    guard let value = try? evaluator.value(rule.body, scope) else { return nil }
    return evaluator.shown(value, rule.body.type)
  }

  /// An expression by itself, as a message prints it.
  public func text(_ expression: TypedExpression) -> String {
    let evaluator = Evaluator(program, world, request, .gate)
    guard let value = try? evaluator.value(expression, Environment()) else { return "…" }
    return evaluator.format(value, expression.type)
  }

  private func bound(
    _ parameters: [TypedVariable], _ arguments: [ExpectedArgument], _ evaluator: Evaluator
  ) -> Environment {
    var scope = Environment()
    for (parameter, argument) in zip(parameters, arguments) {
      switch argument {
      case .node(let name): scope[parameter.id] = evaluator.node(name, parameter.type)
      case .constant(let constant): scope[parameter.id] = evaluator.value(of: constant)
      }
    }
    return scope
  }

  /// Adds what the clause came to.
  private func weigh(
    _ clause: TypedClause, _ gate: TypedGate, _ arguments: Environment, _ evaluator: Evaluator,
    _ decision: inout OracleDecision
  ) {
    evaluator.assumesApprovals = false
    var result = evaluator.result(of: clause, gate, arguments)
    decision.fuel += evaluator.charged
    if !result.objections.isEmpty && !clause.roles.isEmpty {
      evaluator.assumesApprovals = true
      let cured = evaluator.result(of: clause, gate, arguments)
      decision.fuel += evaluator.charged
      if cured.objections.isEmpty {
        let isDoubted = result.objections.allSatisfy { $0.cause != nil }
        let missing = evaluator.missing
        // Of the first binding that wants an approval; what a range may lack has nothing to say.
        let wanting = result.objections.first { !$0.isOpenRange && !clause.message.isEmpty }
        let message = wanting.map { finding($0, clause, gate, evaluator).message }
        decision.obligations.append(
          OracleObligation(
            clause: clause.name, missing: missing, isIndeterminate: isDoubted, message: message))
        return
      }
      result = cured
    }
    for objection in result.objections {
      decision.findings.append(finding(objection, clause, gate, evaluator))
    }
  }

  private func finding(
    _ objection: Objection, _ clause: TypedClause, _ gate: TypedGate, _ evaluator: Evaluator
  ) -> OracleFinding {
    var scope = objection.row.scope
    if let cause = objection.cause { scope.unbound = cause }
    return OracleFinding(
      clause: clause.name,
      bindings: evaluator.bindings(clause, scope),
      cause: objection.cause,
      witness: evaluator.witness(clause.generators, objection.row),
      subjects: evaluator.subjects(clause, gate, scope, ranOut: objection.cause == .fuel),
      isOpenRange: objection.isOpenRange,
      message: evaluator.text(clause.message, gate, scope))
  }
}
