// The time of a group: what works in it is stopped, what waits is ended, and nothing more is begun.

import Testing
import WritPipeline

@Suite struct GroupDeadlineTests {
  /// Two at once and one behind them, within ten seconds, then another stage.
  private func driver(_ change: (inout NodeOptions) -> Void = { _ in }) throws -> Driver {
    let both = PlanNode("a/both", .parallel([step("a/1"), step("a/2")], max: 2))
    let stage = sequence("a", [both, step("a/3")]) {
      $0.deadline = 10 * second
      change(&$0)
    }
    return try Driver(try plan([stage, sequence("b", [step("b/1")])]))
  }

  @Test func whatWorksIsStoppedAndNothingMoreIsBegun() throws {
    var driver = try driver()
    try driver.begin("a/1")
    try driver.play("a/2")
    try driver.fire("a", .deadline, after: 10 * second)
    #expect(driver.effects == [.cancelAttempt(try driver.position("a/1"), attempt: 1)])
    try driver.end("a/1", .cancelled)
    #expect(try driver.result("a/1") == .expired && driver.result("a/2") == .succeeded)
    #expect(try driver.result("a/3") == .skipped)
    #expect(try driver.result("a") == .expired)
    #expect(driver.run.verdict?.result == .expired)
    #expect(try driver.result("b/1") == .skipped)
  }

  @Test func whatEndsWellAtTheLastMomentHasEndedWellButTheGroupIsOver() throws {
    var driver = try driver { $0.strategies = [FailureStrategy([.expired], .ignore)] }
    try driver.begin("a/1")
    try driver.play("a/2")
    try driver.fire("a", .deadline, after: 10 * second)
    try driver.end("a/1", .succeeded)
    #expect(try driver.result("a/1") == .succeeded && driver.result("a") == .expired)
    try driver.play("b/1")
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func whatFailedBeforeIsTheGroupsResult() throws {
    var driver = try driver()
    try driver.begin("a/1")
    try driver.play("a/2", .failed)
    try driver.fire("a", .deadline, after: 10 * second)
    try driver.end("a/1", .cancelled)
    #expect(try driver.result("a") == .failed)
  }

  @Test func aRepeatThatPausesIsOver() throws {
    let again = PlanNode(
      "a/again",
      .repeated(
        [step("a/look")],
        Repetition(every: 60 * second, atMost: 9, until: "calm", noProgress: nil)),
      options { $0.deadline = 30 * second })
    var driver = try Driver(try plan([sequence("a", [again])]))
    try driver.play("a/look")
    try driver.send(.conditionEvaluated(try driver.position("a/again"), .no))
    try driver.fire("a/again", .deadline, after: 30 * second)
    #expect(driver.run.verdict?.result == .expired)
  }

  @Test func theTimeIsWaitedForAfterARestartToo() throws {
    var driver = try driver()
    try driver.begin("a/1")
    let timer = Effect.setTimer(
      try driver.position("a"), .deadline, at: driver.now + 10 * second)
    #expect(driver.run.outstanding.contains(timer))
    try driver.send(.resumed)
    #expect(driver.run.outstanding.contains(timer))
    #expect(throws: EventRefusal.early) { try driver.fire("a", .deadline, after: 9 * second) }
    try driver.fire("a", .deadline, after: second)
    #expect(!driver.run.outstanding.contains(timer))
    #expect(throws: EventRefusal.stale) { try driver.fire("a", .deadline, after: second) }
  }
}
