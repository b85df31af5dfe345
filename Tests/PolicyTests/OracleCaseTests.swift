// The oracle gives the decision of every case of corpus/decisions: every member of it.

import Testing
import Writ
import WritModel
import WritOracle

@Suite struct OracleCaseTests {
  @Test(arguments: DecisionCase.paths)
  func saysTheSame(_ path: String) throws {
    let world = try CaseWorld(path)
    let differences = try CaseVerdict(world, world.draft).differences
    #expect(differences == [])
    // And of graphs that know less: every seventh of all that differ by one fact.
    let fewer = World(world.draft).forgettings.enumerated().filter { $0.offset % 7 == 3 }
    for (_, fact) in fewer {
      let differences = try CaseVerdict(world, fact.draft).differences
      #expect(differences == [], "without \(fact.name)")
    }
  }

  /// What the oracle walks is what the import reads.
  @Test(arguments: DecisionCase.paths)
  func graphsAreTheSame(_ path: String) throws {
    let world = try CaseWorld(path)
    let imported = try world.one.engine(world.bundle).snapshot
    #expect(try world.snapshot(of: world.draft).rootDigest == imported.rootDigest)
  }
}

/// One graph decided by both.
private struct CaseVerdict {
  /// What differs, member by member.
  let differences: [String]

  init(_ world: CaseWorld, _ draft: WorldDraft) throws {
    let run = try world.decide(draft)
    let (gate, decision) = try world.judge(draft)
    let words = Wording(world.typed, asOf: world.one.asking.asOf)
    let reasons = words.reasons(decision, gate, position: world.position)
    let pairs: [(String, String, String)] = [
      ("outcome", "\(run.decision.outcome)", "\(decision.outcome)"),
      ("indeterminate", "\(run.decision.isIndeterminate)", "\(decision.isIndeterminate)"),
      ("reasons", "\(run.decision.reasons)", "\(reasons)"),
      ("obligations", "\(run.decision.obligations)", "\(words.obligations(decision))"),
      (
        "waived", "\(run.decision.waived.map(\.finding))",
        "\(words.waived(decision, gate, position: world.position))"
      ),
      (
        "waivers", "\(run.decision.waivers.map(\.state))", "\(decision.waivers.map(\.state))"
      ),
      ("fuel", "\(run.fuel)", "\(decision.fuel)"),
    ]
    differences = pairs.filter { $0.1 != $0.2 }.map { "\($0.0): machine \($0.1), oracle \($0.2)" }
  }
}
