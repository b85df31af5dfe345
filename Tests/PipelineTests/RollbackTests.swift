// What is undone, in which order, what if that fails; how runs are cancelled; budgets and queues.

import Testing
import WritPipeline

@Suite struct RollbackTests {
  private static let undo: @Sendable (inout NodeOptions) -> Void = {
    $0.strategies = [FailureStrategy([.failed], .rollback)]
  }

  /// Plays rollbacks one after another, and says in which order they came.
  private func playRollbacks(_ driver: inout Driver, failing: Set<String> = []) throws -> [String] {
    var order: [String] = []
    while driver.run.verdict == nil {
      let node = try found(
        driver.run.states.indices.first { driver.run.states[$0].phase == .deciding }, "a rollback")
      let id = driver.run.id(of: node)
      order.append(id)
      try driver.play(id, failing.contains(id) ? .failed : .succeeded)
    }
    return order
  }

  @Test func whatCameLastIsUndoneFirst() throws {
    var driver = try Driver(
      plan([
        sequence("a", [deploy("a/1"), step("a/2"), deploy("a/3")]),
        sequence("b", [deploy("b/1")], RollbackTests.undo),
      ]))
    for id in ["a/1", "a/2", "a/3"] { try driver.play(id) }
    try driver.play("b/1", .failed)
    #expect(driver.run.phase == .rollingBack)
    // What failed may have half happened.
    #expect(
      try playRollbacks(&driver) == ["b/1:rollback", "a/3:rollback", "a/1:rollback"])
    #expect(driver.run.verdict == RunVerdict(result: .failed, rollback: .rolledBack))
    #expect(try driver.result("a/1") == .succeeded)
    #expect(try driver.state("a/1").reversal == .rolledBack)
    #expect(driver.run.verdict?.needsPerson == false)
  }

  /// Parts are undone where their whole stands, though others ended in between.
  @Test func partsAreUndoneWithTheirWhole() throws {
    let left = sequence("a/l", [deploy("l1"), deploy("l2")])
    let right = sequence("a/r", [deploy("r1"), deploy("r2")])
    var driver = try Driver(
      plan([
        PlanNode("a", .parallel([left, right], max: 2)),
        sequence("b", [step("b/1")], RollbackTests.undo),
      ]))
    for id in ["l1", "r1", "r2", "l2"] { try driver.play(id) }
    try driver.play("b/1", .failed)
    #expect(
      try playRollbacks(&driver) == ["l2:rollback", "l1:rollback", "r2:rollback", "r1:rollback"])
  }

  /// A repeat whose second round fails behind a deployment.
  private func twoRounds() throws -> Driver {
    let turns = PlanNode(
      "turns",
      .repeated(
        [deploy("d"), step("look")],
        Repetition(every: second, atMost: 3, until: "met", noProgress: nil)))
    var driver = try Driver(plan([sequence("a", [deploy("first"), turns], RollbackTests.undo)]))
    for id in ["first", "d", "look"] { try driver.play(id) }
    try driver.send(.conditionEvaluated(try driver.position("turns"), .no))
    try driver.fire("turns", .pause, after: second)
    try driver.play("d")
    try driver.play("look", .failed)
    return driver
  }

  @Test func whatEachRoundOfARepeatHasDoneIsUndone() throws {
    for failing in [nil, "d:rollback:2", "d:rollback"] {
      var driver = try twoRounds()
      var order: [String] = []
      while driver.run.verdict == nil {
        let node = try found(
          driver.run.states.indices.first { driver.run.states[$0].phase == .deciding }, "a rollback"
        )
        let id = driver.run.id(of: node)
        let name = driver.run.name(of: try driver.position(id))
        order.append(name)
        try driver.play(id, name == failing ? .failed : .succeeded)
      }
      let all = ["d:rollback:2", "d:rollback", "first:rollback"]
      #expect(order == Array(all.prefix(1 + (failing.flatMap(all.firstIndex) ?? 2))))
      let whole: RunResult = failing == nil ? .rolledBack : .rollbackFailed
      #expect(driver.run.verdict?.rollback == whole)
      #expect(try driver.state("d").reversal == whole)
      #expect(try driver.state("first").reversal == (failing == nil ? .rolledBack : nil))
    }
  }

  @Test func whatIsUndoneInPartIsNotUndone() throws {
    var driver = try twoRounds()
    try driver.begin("d:rollback")
    try driver.send(.cancelled(.now))
    try driver.end("d:rollback", .succeeded)
    #expect(driver.run.verdict?.rollback == .rollbackFailed)
    #expect(try driver.state("d").reversal == .rollbackFailed)
  }

  /// It may have done something before, so it is undone where failures are.
  @Test func whatIsNotLetInAgainHasFailed() throws {
    var driver = try Driver(
      plan([
        sequence(
          "a",
          [
            deploy("d") {
              $0.retry = RetryPolicy(
                attempts: 2, base: second, factor: 1_000_000, cap: second, jitter: 0)
            }
          ], RollbackTests.undo)
      ]))
    try driver.play("d", .failed)
    try driver.fire("d", .pause, after: second)
    try driver.send(
      .decided(
        try driver.position("d"), GateDecision(.deny("no"), action: digest("x"), evidence: 1)))
    #expect(try driver.result("d") == .failed)
    #expect(try playRollbacks(&driver) == ["d:rollback"])
  }

  @Test func whatWasNeverBegunIsNotUndone() throws {
    var driver = try Driver(
      plan([
        sequence("a", [deploy("d"), deploy("e")]) {
          $0.strategies = [FailureStrategy([.errored], .rollback)]
        }
      ]))
    try driver.play("d")
    try driver.begin("e")
    try driver.send(
      .stepEnded(
        try driver.position("e"), attempt: 1,
        Ending(.errored, detail: "nobody was there", wasBegun: false)))
    #expect(try playRollbacks(&driver) == ["d:rollback"])
    #expect(try driver.state("e").reversal == nil)
  }

  @Test func whatIsCutOffHasAnEffectThatNobodyKnows() throws {
    for word in [Happening.cancelled(.now), .overdue] {
      var driver = try Driver(plan([sequence("a", [deploy("d")])]))
      try driver.begin("d")
      try driver.send(word)
      try driver.send(
        .stepEnded(
          try driver.position("d"), attempt: 1,
          Ending(.cancelled, detail: "told to stop", isEffectUnknown: true)))
      #expect(try driver.result("d") == .cancelled)
      if driver.run.verdict == nil { try driver.play("d:rollback") }
      #expect(driver.run.verdict?.needsPerson == true)
    }
  }

  @Test func aFailedRollbackStopsAndCallsAPerson() throws {
    var driver = try Driver(
      plan([
        sequence("a", [deploy("a/1"), deploy("a/2"), deploy("a/3")]),
        sequence("b", [step("b/1")], RollbackTests.undo),
      ]))
    for id in ["a/1", "a/2", "a/3"] { try driver.play(id) }
    try driver.play("b/1", .failed)
    #expect(
      try playRollbacks(&driver, failing: ["a/2:rollback"]) == ["a/3:rollback", "a/2:rollback"])
    #expect(
      driver.run.verdict
        == RunVerdict(result: .failed, rollback: .rollbackFailed))
    #expect(driver.run.verdict?.needsPerson == true)
    #expect(try driver.state("a/3").reversal == .rolledBack)
    #expect(try driver.state("a/2").reversal == .rollbackFailed)
    #expect(try driver.state("a/1").reversal == nil)
  }

  @Test func aRollbackThatIsDeniedHasFailed() throws {
    var driver = try Driver(
      plan([sequence("a", [deploy("a/1"), step("a/2")], RollbackTests.undo)]))
    try driver.play("a/1")
    try driver.play("a/2", .failed)
    try driver.send(
      .decided(
        try driver.position("a/1:rollback"),
        GateDecision(.deny("no"), action: digest("x"), evidence: 1)))
    #expect(driver.run.verdict?.rollback == .rollbackFailed)
  }

  @Test func whatTheDelegateRefusedIsNotUndone() throws {
    var driver = try Driver(
      plan([
        sequence("a", [deploy("a/1"), deploy("a/2")]) {
          $0.strategies = [FailureStrategy([.denied], .rollback)]
        }
      ]))
    try driver.play("a/1")
    try driver.play("a/2", .denied)
    #expect(try playRollbacks(&driver) == ["a/1:rollback"])
  }

  private func underWay() throws -> Driver {
    var driver = try Driver(
      plan([
        sequence(
          "a",
          [
            deploy("a/1"),
            step("a/2") { $0.hooks = [Hook(.ensure, step("tidy")), Hook(.onAbort, step("tell"))] },
            step("a/3"),
          ])
      ]))
    try driver.play("a/1")
    try driver.begin("a/2")
    return driver
  }

  @Test func cancelledNowStopsAndThatIsAll() throws {
    var driver = try underWay()
    try driver.send(.cancelled(.now))
    #expect(driver.effects == [.cancelAttempt(try driver.position("a/2"), attempt: 1)])
    try driver.end("a/2", .cancelled)
    #expect(driver.run.verdict == RunVerdict(result: .cancelled))
    #expect(try driver.result("a/2") == .cancelled)
    #expect(try driver.result("a/3") == .skipped)
    #expect(try driver.result("tidy") == .skipped)
  }

  @Test func cancelledWithCleanupRunsHooksAndUndoes() throws {
    var driver = try underWay()
    try driver.send(.cancelled(.cleanup))
    try driver.end("a/2", .cancelled)
    try driver.play("tell")
    try driver.play("tidy")
    #expect(try playRollbacks(&driver) == ["a/1:rollback"])
    #expect(driver.run.verdict == RunVerdict(result: .cancelled, rollback: .rolledBack))
  }

  @Test func aRunWhoseTimeIsUpExpiresRunsHooksAndUndoes() throws {
    var driver = try underWay()
    try driver.send(.overdue)
    try driver.end("a/2", .cancelled)
    #expect(try driver.run.explanation(of: driver.position("a/2").node).contains("deadline"))
    try driver.play("tell")
    try driver.play("tidy")
    #expect(try playRollbacks(&driver) == ["a/1:rollback"])
    #expect(
      driver.run.verdict == RunVerdict(result: .expired, rollback: .rolledBack, isOverdue: true))
  }

  @Test func whoeverStoppedARunBeforeItsTimeWasUpHasStoppedIt() throws {
    var driver = try underWay()
    try driver.send(.cancelled(.cleanup))
    #expect(throws: EventRefusal.stale) { try driver.send(.overdue) }
    var gentle = try underWay()
    try gentle.send(.cancelled(.drain))
    try gentle.send(.overdue)
    try gentle.send(.cancelled(.now))
    try gentle.end("a/2", .cancelled)
    #expect(gentle.run.verdict == RunVerdict(result: .expired, isOverdue: true))
  }

  @Test func drainedFinishesWhatRuns() throws {
    var driver = try underWay()
    try driver.send(.cancelled(.drain))
    #expect(driver.effects.isEmpty)
    try driver.end("a/2", .succeeded)
    #expect(try driver.result("a/2") == .succeeded)
    #expect(driver.run.verdict == RunVerdict(result: .cancelled))
  }

  /// What ended before the word came has ended so.
  @Test func aSuccessThatCrossesACancelIsOne() throws {
    var driver = try underWay()
    try driver.send(.cancelled(.now))
    try driver.end("a/2", .succeeded)
    #expect(try driver.result("a/2") == .succeeded)
    #expect(driver.run.verdict?.result == .cancelled)
  }

  @Test func stoppingOnlyBecomesHarder() throws {
    var driver = try underWay()
    try driver.send(.cancelled(.cleanup))
    #expect(throws: EventRefusal.stale) { try driver.send(.cancelled(.drain)) }
    try driver.end("a/2", .cancelled)
    try driver.begin("tell")
    try driver.send(.cancelled(.now))
    try driver.end("tell", .cancelled)
    #expect(driver.run.verdict == RunVerdict(result: .cancelled))
  }

  @Test func anUndoDoesNotMakeAnEffectKnown() throws {
    var driver = try Driver(
      plan([
        sequence("a", [deploy("a/1"), deploy("a/2")]) {
          $0.strategies = [FailureStrategy([.errored], .rollback)]
        }
      ]))
    try driver.play("a/1")
    try driver.begin("a/2")
    try driver.send(.workerLost(try driver.position("a/2"), attempt: 1))
    try driver.play("a/2:rollback")
    try driver.play("a/1:rollback")
    #expect(driver.run.verdict?.rollback == .rolledBack)
    #expect(driver.run.verdict?.isEffectUnknown == true)
    #expect(driver.run.verdict?.needsPerson == true)
  }

  @Test func whatSucceedsTwiceAsWellAsOnceMakesUpForAnUnknownEffect() throws {
    for succeeds in [true, false] {
      var driver = try Driver(
        plan([
          sequence(
            "a",
            [
              step("a/1") {
                $0.isIdempotent = true
                $0.retry = RetryPolicy(
                  attempts: 2, base: second, factor: 1_000_000, cap: second, jitter: 0)
              }
            ])
        ]))
      try driver.begin("a/1")
      try driver.send(.workerLost(try driver.position("a/1"), attempt: 1))
      try driver.fire("a/1", .pause, after: second)
      try driver.play("a/1", succeeds ? .succeeded : .failed)
      #expect(driver.run.verdict?.needsPerson == !succeeds)
    }
  }

  @Test func onlyNowStopsARollback() throws {
    var driver = try Driver(
      plan([sequence("a", [deploy("a/1"), step("a/2")], RollbackTests.undo)]))
    try driver.play("a/1")
    try driver.play("a/2", .failed)
    try driver.begin("a/1:rollback")
    #expect(throws: EventRefusal.wrongPhase) { try driver.send(.cancelled(.cleanup)) }
    try driver.send(.cancelled(.now))
    try driver.end("a/1:rollback", .cancelled)
    #expect(driver.run.verdict == RunVerdict(result: .failed, rollback: .rollbackFailed))
  }

  @Test func queuesAreFirstInFirstOut() {
    var queue = ConcurrencyQueue(limit: 1)
    #expect(queue.enter("1", supersedes: false) == [.begin(run: "1")])
    #expect(queue.enter("2", supersedes: false).isEmpty)
    #expect(queue.enter("3", supersedes: false).isEmpty)
    #expect(queue.enter("2", supersedes: false).isEmpty)
    #expect(queue.leave("1") == [.begin(run: "2")])
    // Those who wait give way only where that is said; those under way never do.
    #expect(queue.enter("4", supersedes: true) == [.superseded(run: "3", by: "4")])
    #expect(queue.running == ["2"])
    #expect(queue.leave("2") == [.begin(run: "4")])
    #expect(queue.leave("4").isEmpty)
    // As it was kept: whoever has room begins with the next change, and nobody comes twice.
    var kept = ConcurrencyQueue(limit: 2, running: ["5"], waiting: ["6", "5", "7"])
    #expect(kept.enter("7", supersedes: false) == [.begin(run: "6")])
    #expect(kept.running == ["5", "6"] && kept.waiting == ["7"])
    var wide = ConcurrencyQueue(limit: 2)
    #expect(
      (1...3).flatMap { wide.enter("\($0)", supersedes: false) }
        == [.begin(run: "1"), .begin(run: "2")])
    #expect(wide.leave("2") == [.begin(run: "3")])
  }
}
