// What is not known never allows more: every fact of every decision case made unknown, through the whole engine.

import Testing
import Writ
import WritModel
import WritOracle

@Suite struct ForgettingTests {
  /// Each fact in turn, in each way in which real data loses one: a field without its value, or not vouched for; an edge
  /// that is only possible, or gone from an open set; a node that is only possible; a line of a source gone.
  @Test(arguments: DecisionCase.paths)
  func neverRaisesTheOutcome(_ path: String) throws {
    let world = try CaseWorld(path)
    let whole = try world.decide(world.draft).decision
    let forgettings = World(world.draft).forgettings
    #expect(!path.contains("/checkout/") || forgettings.count > 40)
    var lowered = 0
    for fact in forgettings {
      let decision = try world.decide(fact.draft).decision
      #expect(decision.outcome <= whole.outcome, "without \(fact.name)")
      if decision.outcome < whole.outcome { lowered += 1 }
    }
    // A gate that nothing can close would show nothing.
    #expect(whole.outcome == .deny || lowered > 0 || forgettings.count < 40)
  }

  /// Two at a time, along one way through them.
  @Test(arguments: DecisionCase.paths)
  func neverRaisesItTogether(_ path: String) throws {
    let world = try CaseWorld(path)
    var known = world.draft
    var outcome = try world.decide(known).decision.outcome
    for step in 0..<12 {
      let forgettings = World(known).forgettings
      guard !forgettings.isEmpty else { break }
      known = forgettings[(step * 37 + 11) % forgettings.count].draft
      let next = try world.decide(known).decision.outcome
      #expect(next <= outcome, "step \(step)")
      outcome = next
    }
  }
}
