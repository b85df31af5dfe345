// Hooks of a whole run: after everything else, what was undone too, and once.

import Testing
import WritPipeline

@Suite struct ClosingTests {
  private static let all = HookMoment.allCases.reversed().map { Hook($0, step($0.rawValue)) }

  /// Plays whatever is ready or decided on, to the end; what ran, in order.
  private func play(
    _ driver: inout Driver, failing: [String: RunResult] = [:]
  ) throws -> [String] {
    var ran: [String] = []
    while driver.run.verdict == nil {
      let node = try found(
        driver.run.states.indices.first {
          [.ready, .deciding].contains(driver.run.states[$0].phase)
        }, "something to do")
      let id = driver.run.id(of: node)
      ran.append(id)
      try driver.play(id, failing[id] ?? .succeeded)
    }
    return ran
  }

  @Test(
    arguments: [
      (RunResult.succeeded, ["onSuccess", "ensure"]), (.failed, ["onFailure", "ensure"]),
      (.denied, ["onFailure", "ensure"]), (.errored, ["onError", "ensure"]),
    ])
  func runByHowAllEnded(result: RunResult, expected: [String]) throws {
    var driver = try Driver(plan([sequence("a", [step("a/1")])], hooks: ClosingTests.all))
    try driver.play("a/1", result)
    #expect(driver.run.phase == .closing && driver.run.verdict == nil)
    #expect(try play(&driver) == expected)
    #expect(driver.run.verdict == RunVerdict(result: result))
  }

  @Test func comeBehindAllThatIsUndone() throws {
    var driver = try Driver(
      plan(
        [
          sequence("a", [deploy("a/1")]),
          sequence("b", [step("b/1")]) {
            $0.strategies = [FailureStrategy([.failed], .rollback)]
            $0.hooks = [Hook(.ensure, step("b/tidy"))]
          },
        ], hooks: [Hook(.onFailure, deploy("page")), Hook(.ensure, step("tidy"))]))
    #expect(
      try play(&driver, failing: ["b/1": .failed])
        == ["a/1", "b/1", "b/tidy", "a/1:rollback", "page", "tidy"])
    #expect(driver.run.verdict == RunVerdict(result: .failed, rollback: .rolledBack))
    // There is no way back from there.
    #expect(driver.run.node("page:rollback") == nil && driver.run.node("a/1:rollback") != nil)
  }

  @Test func comeAlsoWhereUndoingFailed() throws {
    var driver = try Driver(
      plan(
        [
          sequence("a", [deploy("a/1"), step("a/2")]) {
            $0.strategies = [FailureStrategy([.failed], .rollback)]
          }
        ], hooks: [Hook(.ensure, step("tidy"))]))
    #expect(
      try play(&driver, failing: ["a/2": .failed, "a/1:rollback": .failed])
        == ["a/1", "a/2", "a/1:rollback", "tidy"])
    #expect(driver.run.verdict == RunVerdict(result: .failed, rollback: .rollbackFailed))
  }

  @Test func aFailedOneSpoilsASuccessOnly() throws {
    for (result, spoilt) in [(RunResult.succeeded, RunResult.errored), (.failed, .failed)] {
      var driver = try Driver(
        plan([sequence("a", [step("a/1")])], hooks: [Hook(.ensure, step("tidy"))]))
      _ = try play(&driver, failing: ["a/1": result, "tidy": .errored])
      #expect(driver.run.verdict?.result == spoilt)
    }
    // What its trouble is ignored of has spoilt nothing; one that failed is what those behind it see.
    var ignored = try Driver(
      plan(
        [sequence("a", [step("a/1")])],
        hooks: [
          Hook(
            .onSuccess,
            step("tell") { $0.strategies = [FailureStrategy([.failed], .ignore)] })
        ]))
    _ = try play(&ignored, failing: ["tell": .failed])
    #expect(ignored.run.verdict?.result == .succeeded)
    var spoilt = try Driver(
      plan(
        [sequence("a", [step("a/1")])],
        hooks: HookMoment.allCases.map { Hook($0, step($0.rawValue)) }))
    #expect(
      try play(&spoilt, failing: ["onSuccess": .errored]).suffix(3)
        == ["onSuccess", "onError", "ensure"])
  }

  @Test(
    arguments: [
      (CancelMode.cleanup, ["onAbort", "ensure"]), (.drain, []), (.now, []),
    ])
  func stoppedRunsHaveThemAsStagesDo(mode: CancelMode, expected: [String]) throws {
    var driver = try Driver(plan([sequence("a", [step("a/1")])], hooks: ClosingTests.all))
    try driver.send(.cancelled(mode))
    #expect(try play(&driver) == expected)
    #expect(driver.run.verdict?.result == .cancelled)
  }

  @Test func onlyNowStopsThem() throws {
    var driver = try Driver(
      plan(
        [sequence("a", [step("a/1")])],
        hooks: [Hook(.onSuccess, step("tell")), Hook(.ensure, step("tidy"))]))
    try driver.play("a/1")
    let tell = try driver.position("tell")
    try driver.send(.stepStarted(tell, attempt: 1))
    for mode in [CancelMode.drain, .cleanup] {
      #expect(throws: EventRefusal.wrongPhase) { try driver.send(.cancelled(mode)) }
    }
    #expect(throws: EventRefusal.wrongPhase) { try driver.send(.overdue) }
    try driver.send(.cancelled(.now))
    #expect(driver.effects == [.cancelAttempt(tell, attempt: 1)])
    try driver.send(.stepEnded(tell, attempt: 1, Ending(.cancelled)))
    #expect(driver.run.verdict?.result == .cancelled)
    #expect(try driver.result("tidy") == .skipped)
  }

  @Test func nothingIsUnknownOfThemInSilence() throws {
    var driver = try Driver(
      plan([sequence("a", [step("a/1")])], hooks: [Hook(.ensure, step("tidy"))]))
    try driver.play("a/1")
    let tidy = try driver.position("tidy")
    try driver.send(.stepStarted(tidy, attempt: 1))
    try driver.send(.workerLost(tidy, attempt: 1))
    #expect(driver.run.verdict?.result == .errored && driver.run.verdict?.needsPerson == true)
  }
}
