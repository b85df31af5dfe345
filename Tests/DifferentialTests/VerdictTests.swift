// A verdict is what the whole decision says in short: on generated programs and graphs in which nearly everything is known.

import Foundation
import Testing
import WritGeneration
import WritGraph

@Suite struct VerdictTests {
  private static let seeds =
    ProcessInfo.processInfo.environment["WRIT_SEEDS"]
    .flatMap { UInt64($0) } ?? 400

  @Test func verdictsAreWhatDecisionsSay() throws {
    var (clauses, exact, gates) = (0, 0, 0)
    for seed in 0..<VerdictTests.seeds {
      let generated = GeneratedCase(seed: seed, isTextual: false).vouched
      let program = try MachineFactory.program(generated)
      guard let comparison = try Comparison(generated, running: program) else { continue }
      for index in generated.program.gates.indices {
        for complaint in comparison.verdictDifferences(index) {
          Issue.record("seed \(seed): \(complaint)")
        }
        gates += 1
        clauses += generated.program.gates[index].clauses.count
      }
      exact += comparison.exactAnswerCount
    }
    print("verdicts: \(gates) gates, \(exact) of \(clauses) clauses judged exactly")
    #expect(exact * 4 > clauses)
  }
}
