// A further clause never allows more: clauses in a policy's own words, added to the gate of every decision case.

import Foundation
import Testing
import Writ
import WritBackends
import WritBytecode
import WritGeneration
import WritIR
import WritModel
import WritOracle
import WritSemantics
import WritText

@Suite struct AddedClauseTests {
  /// So many for each case; `WRIT_CLAUSES=2000` for the long run.
  private static let count =
    ProcessInfo.processInfo.environment["WRIT_CLAUSES"].flatMap { UInt64($0) } ?? 12

  /// Clauses are only made for schemas that have a bit of everything.
  private static let paths = DecisionCase.paths.filter { $0.contains("/checkout/") }

  /// Conditions and loops at random: `deny`, `require`, and `require` of an approval.
  @Test(arguments: paths)
  func generatedClausesNeverRaiseTheOutcome(_ path: String) throws {
    let world = try CaseWorld(path)
    let (gate, whole) = try world.judge(world.draft)
    let index = try #require(world.typed.gates.firstIndex { $0.name == gate.name })
    let names = world.draft.nodes.map(\.name)
    var lowered = 0
    for seed in 0..<AddedClauseTests.count {
      var generator = ClauseGenerator(for: world.typed, naming: names, seed: seed)
      let clause = generator.clause("added", of: gate)
      let longer = world.typed.adding(clause, toGate: index)
      let decided = try world.decide(world.draft, running: try compiled(longer)).decision
      #expect(decided.outcome <= whole.outcome, "seed \(seed)")
      // The others say what they said.
      let others = decided.reasons.filter { $0.clause != "added" }.map(\.clause)
      #expect(Set(others) == Set(whole.findings.map(\.clause)), "seed \(seed)")
      if decided.outcome < whole.outcome { lowered += 1 }
    }
    #expect(whole.outcome == .deny || lowered > 0)
    #expect(lowered < Int(AddedClauseTests.count))
  }

  private func compiled(_ program: TypedProgram) throws -> VerifiedProgram {
    let digests = program.modules.map { _ in "sha256:" + String(repeating: "0", count: 64) }
    let names = SourceNames(
      digests: digests, position: { "\($0.file):\($0.start)" }, text: { _ in "" })
    return try VerifiedProgram(verifying: try emit(optimise(try lower(program)), names: names))
  }

  /// Clauses as a person would write them, compiled from their text with the rest of the policy.
  @Test(arguments: paths)
  func writtenClausesNeverRaiseTheOutcome(_ path: String) throws {
    let one = try DecisionCase(path)
    let whole = try one.decide(try one.engine(try one.bundle())).decision.outcome
    for clause in written {
      let bundle = try one.bundle(try adding(clause, to: one))
      let outcome = try one.decide(try one.engine(bundle)).decision.outcome
      #expect(outcome <= whole, "\(clause)")
    }
  }

  /// In the words of policies/checkout.
  private let written = [
    "deny added: no l in service.uses has l.outdated",
    "deny added: for s in service.dependsOn+ where s.tier == 1 \"{s}\"",
    "require added: readiness(service).level == gold or approval by role eu_compliance",
    "require added: approval by role eu_compliance count 2 within 1h",
    "require added: true",
    "deny added: false",
  ]

  /// The case's texts with a clause more in `gate ship`.
  private func adding(_ clause: String, to one: DecisionCase) throws -> [SourceFile] {
    let last = try #require(one.sources.last)
    let head = "  let service = release.service\n"
    let text = last.text.replacing(head, with: head + "  \(clause)\n")
    try #require(text != last.text)
    return one.sources.dropLast() + [SourceFile(name: last.name, text: text)]
  }
}
