// What holds of every program and graph, tried on random ones. A failure names the seed.

import Testing
import WritGeneration
import WritModel
import WritOracle
import WritSemantics

@Suite struct PropertyTests {
  @Test func everyFormIsGenerated() {
    var seen: Set<String> = []
    for seed in 0..<200 {
      let program = GeneratedCase(seed: UInt64(seed), isTextual: false).program
      for expression in program.expressions { note(expression, &seen) }
    }
    let wanted: Set<String> = [
      "constant", "variable", "parameter", "now", "caller", "nodeLiteral", "nodes", "identifier",
      "field", "follow", "reach", "edges", "edgeEnd", "not", "and", "or", "compare", "arithmetic",
      "negate", "stringTest", "member", "inRange", "within", "isAbsent", "isEmpty", "isKind",
      "coalesce", "instantPart", "durationPart", "elements", "distinct", "union", "difference",
      "intersection", "comprehension", "count", "sum", "least", "greatest", "call", "score",
      "level", "approval",
    ]
    #expect(seen == wanted)
  }

  private func note(_ expression: TypedExpression, _ seen: inout Set<String>) {
    let mirror = Mirror(reflecting: expression.form)
    seen.insert(mirror.children.first?.label ?? "\(expression.form)")
    for part in expression.children { note(part, &seen) }
  }

  @Test(arguments: 0..<20) func sameSeedSameAnswers(seed: Int) {
    let first = answers(GeneratedCase(seed: UInt64(seed), isTextual: false))
    let second = answers(GeneratedCase(seed: UInt64(seed), isTextual: false))
    #expect(first == second)
  }

  private func answers(_ generated: GeneratedCase) -> [String] {
    let oracle = generated.oracle
    return generated.gateArguments.enumerated().map { "\(oracle.decide(gate: $0, $1))" }
      + generated.scorecardArguments.enumerated().map {
        "\(oracle.score(scorecard: $0, $1))"
      }
      + generated.queryArguments.enumerated().map { "\(oracle.answer(query: $0, $1))" }
  }

  /// Deny, hold, allow: what is not known never lifts a gate's answer, and never narrows a score.
  @Test(arguments: 0..<40) func forgettingNeverAllowsMore(seed: Int) {
    let generated = GeneratedCase(seed: UInt64(seed), isTextual: false)
    var limited = generated.request
    limited.fuelLimit = 50_000
    let before = Oracle(generated.program, generated.world, limited)
    let decisions = generated.gateArguments.enumerated().map { before.decide(gate: $0, $1) }
    let scores = generated.scorecardArguments.enumerated().map {
      before.score(scorecard: $0, $1)
    }
    for forgotten in sample(generated.world.forgettings, seed: seed) {
      let after = Oracle(generated.program, World(forgotten.draft), limited)
      for (gate, arguments) in generated.gateArguments.enumerated()
      where !decisions[gate].ranOut {
        let decision = after.decide(gate: gate, arguments)
        for clause in generated.program.gates[gate].clauses {
          let outcome = decision.outcome(of: clause.name)
          #expect(
            outcome <= decisions[gate].outcome(of: clause.name),
            "seed \(seed), \(clause.name), \(forgotten.name)")
        }
      }
      for (card, arguments) in generated.scorecardArguments.enumerated() {
        let score = after.score(scorecard: card, arguments)
        #expect(score.score.contains(scores[card].score), "seed \(seed), \(forgotten.name)")
        #expect(score.level.contains(scores[card].level), "seed \(seed), \(forgotten.name)")
      }
    }
  }

  /// A spread of about 12 of them.
  private func sample(_ facts: [ForgottenFact], seed: Int) -> [ForgottenFact] {
    let stride = max(1, facts.count / 12)
    return facts.enumerated().filter { $0.offset % stride == seed % stride }.map(\.element)
  }
}

extension OracleDecision {
  fileprivate var ranOut: Bool { findings.contains { $0.cause == .fuel } }

  /// What the clause alone would say.
  fileprivate func outcome(of clause: String) -> Outcome {
    if findings.contains(where: { $0.clause == clause }) { return .deny }
    return obligations.contains { $0.clause == clause } ? .hold : .allow
  }
}

extension Interval {
  fileprivate func contains(_ other: Interval) -> Bool {
    lower <= other.lower && other.upper <= upper
  }
}

extension TypedProgram {
  /// Everything that is evaluated.
  fileprivate var expressions: [TypedExpression] {
    rules.map(\.body)
      + scorecards.flatMap { card in
        card.lets.map(\.value)
          + card.checks.flatMap { [$0.guardCondition, $0.condition] }
          .compactMap { $0 }
      }
      + gates.flatMap { gate in
        gate.lets.map(\.value)
          + gate.clauses.flatMap { clause in
            clause.guards + clause.generators.map(\.range) + [clause.condition].compactMap { $0 }
          }
      }
  }
}
