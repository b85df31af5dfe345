// Order, conditions, strategies, hooks, repeats: what begins when, and what a result leads to.

import Testing
import WritPipeline

@Suite struct FlowTests {
  @Test func stagesFollowOneAnother() throws {
    var driver = try Driver(
      plan([sequence("a", [step("a/1"), step("a/2")]), sequence("b", [step("b/1")])]))
    #expect(driver.effects == [.begin(try driver.position("a/1"), attempt: 1)])
    try driver.play("a/1")
    #expect(driver.effects == [.begin(try driver.position("a/2"), attempt: 1)])
    try driver.play("a/2")
    #expect(driver.effects == [.begin(try driver.position("b/1"), attempt: 1)])
    try driver.play("b/1")
    let verdict = RunVerdict(result: .succeeded)
    #expect(driver.effects == [.finish(verdict)])
  }

  @Test func noMoreRunAtOnceThanMayRun() throws {
    let group = PlanNode("a", .parallel((0..<5).map { step("a/\($0)") }, max: 2))
    var driver = try Driver(plan([group]))
    #expect(driver.effects.count == 2)
    try driver.play("a/1")
    #expect(driver.effects == [.begin(try driver.position("a/2"), attempt: 1)])
    for id in ["a/0", "a/2", "a/3", "a/4"] { try driver.play(id) }
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func aFalseConditionSkipsAndAnUnknownOneDoesNot() throws {
    func asked(_ answer: Answer) throws -> Driver {
      var driver = try Driver(
        plan([
          sequence("a", [step("a/1") { $0.condition = "c1" }, step("a/2")])
        ]))
      #expect(driver.effects == [.evaluate(try driver.position("a/1"), condition: "c1")])
      try driver.send(.conditionEvaluated(try driver.position("a/1"), answer))
      return driver
    }
    var driver = try asked(.yes)
    #expect(try driver.state("a/1").phase == .ready)
    driver = try asked(.no)
    #expect(try driver.result("a/1") == .skipped)
    #expect(try driver.state("a/2").phase == .ready)
    driver = try asked(.unknown("scanner last spoke 31h ago"))
    #expect(try driver.result("a/1") == .errored)
    #expect(
      try driver.explanation("a/1") == "its condition is unknown: scanner last spoke 31h ago")
    #expect(try driver.result("a/2") == .skipped)
    #expect(driver.run.verdict?.result == .errored)
  }

  /// What must follow from which results in front.
  @Test func aBareDependencyMeansSucceededOrSkipped() throws {
    func after(_ result: RunResult, _ wanted: [RunResult], _ change: (inout NodeOptions) -> Void)
      throws -> RunResult?
    {
      var driver = try Driver(
        plan(
          [
            sequence("a", [step("a/1")], change),
            sequence("b", [step("b/1")]) { $0.after = [StageDependency("a", results: wanted)] },
            sequence("c", [step("c/1")]) { $0.after = [StageDependency("b")] },
          ]))
      if result == .skipped {
        try driver.send(.conditionEvaluated(try driver.position("a"), .no))
      } else {
        try driver.play("a/1", result)
      }
      if try driver.state("b/1").phase == .ready { try driver.play("b/1") }
      if try driver.state("c/1").phase == .ready { try driver.play("c/1") }
      #expect(try driver.result("c") == driver.result("b"))
      return try driver.result("b")
    }
    #expect(try after(.succeeded, [], { _ in }) == .succeeded)
    #expect(try after(.skipped, [], { $0.condition = "c" }) == .succeeded)
    #expect(try after(.failed, [], { _ in }) == .skipped)
    let ignoring: (inout NodeOptions) -> Void = {
      $0.strategies = [FailureStrategy([.failed], .ignore)]
    }
    #expect(try after(.failed, [], ignoring) == .succeeded)
    #expect(try after(.failed, [.failed], ignoring) == .succeeded)
    #expect(try after(.failed, [.succeeded], ignoring) == .skipped)
    #expect(try after(.succeeded, [.failed], { _ in }) == .skipped)
  }

  struct Case {
    let name: String
    var stepSays: [FailureStrategy] = []
    var groupSays: [FailureStrategy] = []
    var stageSays: [FailureStrategy] = []
    var result: RunResult = .failed
    /// Whether the next step of the group, the next group and the next stage run.
    let goesOn: (step: Bool, group: Bool, stage: Bool)
    let verdict: RunResult
  }

  static let cases: [Case] = [
    Case(name: "nobody says: stop", goesOn: (false, false, false), verdict: .failed),
    Case(
      name: "the step is ignored", stepSays: [FailureStrategy([.failed], .ignore)],
      goesOn: (true, true, true), verdict: .succeeded),
    Case(
      name: "for another result", stepSays: [FailureStrategy([.errored], .ignore)],
      goesOn: (false, false, false), verdict: .failed),
    Case(
      name: "first match",
      stepSays: [
        FailureStrategy([.failed], .abort), FailureStrategy([.failed, .errored], .ignore),
      ], goesOn: (false, false, false), verdict: .failed),
    Case(
      name: "the group is ignored", groupSays: [FailureStrategy([.failed], .ignore)],
      goesOn: (false, true, true), verdict: .succeeded),
    Case(
      name: "the step comes before the group", stepSays: [FailureStrategy([.failed], .abort)],
      groupSays: [FailureStrategy([.failed], .ignore)], goesOn: (false, false, false),
      verdict: .failed),
    Case(
      name: "the stage is ignored", stageSays: [FailureStrategy([.failed], .ignore)],
      goesOn: (false, false, true), verdict: .succeeded),
    Case(
      name: "the group comes before the stage", groupSays: [FailureStrategy([.failed], .abort)],
      stageSays: [FailureStrategy([.failed], .ignore)], goesOn: (false, false, false),
      verdict: .failed),
    Case(
      name: "left to the stage", stepSays: [FailureStrategy([.failed], .stage)],
      groupSays: [FailureStrategy([.failed], .abort)],
      stageSays: [FailureStrategy([.failed], .ignore)], goesOn: (false, false, true),
      verdict: .succeeded),
    Case(
      name: "a denial is told apart", stepSays: [FailureStrategy([.failed], .ignore)],
      result: .denied, goesOn: (false, false, false), verdict: .denied),
    Case(
      name: "a denial may be ignored where the plan says so",
      stepSays: [FailureStrategy([.denied], .ignore)], result: .denied,
      goesOn: (true, true, true), verdict: .succeeded),
  ]

  @Test(arguments: cases.indices)
  func strategiesMatchFromTheInside(index: Int) throws {
    let one = FlowTests.cases[index]
    var driver = try Driver(
      plan([
        sequence(
          "a",
          [
            sequence(
              "a/g", [step("a/g/1") { $0.strategies = one.stepSays }, step("a/g/2")]
            ) { $0.strategies = one.groupSays }, sequence("a/h", [step("a/h/1")]),
          ]
        ) { $0.strategies = one.stageSays }, sequence("b", [step("b/1")]),
      ]))
    try driver.play("a/g/1", one.result)
    var went: [Bool] = []
    for id in ["a/g/2", "a/h/1", "b/1"] {
      let runs = try driver.state(id).phase == .ready
      went.append(runs)
      if runs { try driver.play(id) }
    }
    #expect(went == [one.goesOn.step, one.goesOn.group, one.goesOn.stage], "\(one.name)")
    #expect(driver.run.verdict?.result == one.verdict, "\(one.name)")
    // Whatever a strategy makes of it, the record says how it ended.
    #expect(try driver.result("a/g/1") == one.result, "\(one.name)")
    let silent = driver.run.states.indices.filter {
      driver.run.result(of: $0) != .succeeded && driver.run.explanation(of: $0).isEmpty
    }
    #expect(silent.isEmpty, "\(one.name): \(silent.map { driver.run.id(of: $0) })")
  }

  @Test func anAbortLetsOthersFinishAndBeginsNothing() throws {
    let group = PlanNode(
      "a", .parallel([step("a/1"), sequence("a/s", [step("a/2"), step("a/3")])], max: 2))
    var driver = try Driver(plan([group]))
    try driver.begin("a/1")
    try driver.begin("a/2")
    try driver.end("a/1", .failed)
    #expect(driver.effects.isEmpty)
    try driver.end("a/2", .succeeded)
    #expect(try driver.result("a/2") == .succeeded)
    #expect(try driver.result("a/3") == .skipped)
    #expect(driver.run.verdict?.result == .failed)
  }

  /// Nobody is asked, and nothing tried again, for a group that has failed already.
  @Test func whatWaitsBesideAFailureIsCancelled() throws {
    let rule = ApprovalRule(role: "r", count: 1, excluded: [])
    let group = PlanNode(
      "a",
      .parallel(
        [
          step("a/1"), PlanNode("a/2", .approve(rules: [rule], within: second)),
          step("a/3") {
            $0.retry = RetryPolicy(
              attempts: 2, base: second, factor: 1_000_000, cap: second, jitter: 0)
          }, step("a/4"), PlanNode("a/5", .gate(name: "g", arguments: [])),
        ], max: 9))
    var driver = try Driver(plan([group]))
    try driver.play("a/3", .failed)
    try driver.begin("a/4")
    try driver.play("a/1", .failed)
    for id in ["a/2", "a/3", "a/5"] {
      #expect(try driver.result(id) == .cancelled)
      #expect(try driver.explanation(id) == "its group was stopped: `a/1` did not succeed")
    }
    #expect(try driver.state("a/4").phase == .working)
    try driver.end("a/4", .succeeded)
    #expect(driver.run.verdict?.result == .failed)
    #expect(try driver.explanation("a") == "its part `a/1` ended so")
  }

  @Test(
    arguments: [
      (RunResult.succeeded, ["onSuccess", "ensure"]), (.failed, ["onFailure", "ensure"]),
      (.denied, ["onFailure", "ensure"]), (.errored, ["onError", "ensure"]),
    ])
  func hooksRunAfterwards(result: RunResult, expected: [String]) throws {
    var driver = try Driver(
      plan([
        sequence(
          "a",
          [
            step("a/1") {
              $0.hooks = HookMoment.allCases.reversed().map { Hook($0, step($0.rawValue)) }
            }
          ])
      ]))
    try driver.play("a/1", result)
    var ran: [String] = []
    while driver.run.verdict == nil {
      let ready = try found(
        driver.run.states.indices.first { driver.run.states[$0].phase == .ready }, "a hook")
      ran.append(driver.run.id(of: ready))
      try driver.play(driver.run.id(of: ready))
    }
    #expect(ran == expected)
    #expect(driver.run.verdict?.result == result)
  }

  @Test func aFailedHookSpoilsASuccessOnly() throws {
    for (result, expected) in [(RunResult.succeeded, RunResult.errored), (.failed, .failed)] {
      var driver = try Driver(
        plan([sequence("a", [step("a/1") { $0.hooks = [Hook(.ensure, step("tidy"))] }])]))
      try driver.play("a/1", result)
      try driver.play("tidy", .errored)
      #expect(driver.run.verdict?.result == expected)
    }
  }

  private func repeating(_ atMost: Int, noProgress: Int?) throws -> Driver {
    try Driver(
      plan([
        PlanNode(
          "soak",
          .repeated(
            [step("look")],
            Repetition(every: 60 * second, atMost: atMost, until: "met", noProgress: noProgress)))
      ]))
  }

  @Test func aRepeatEndsWhenItsConditionHolds() throws {
    var driver = try repeating(3, noProgress: nil)
    try driver.play("look")
    let soak = try driver.position("soak")
    #expect(driver.effects == [.evaluate(soak, condition: "met")])
    try driver.send(.conditionEvaluated(soak, .no))
    #expect(driver.effects == [.setTimer(soak, .pause, at: driver.now + 60 * second)])
    try driver.fire("soak", .pause, after: 60 * second)
    #expect(try driver.position("look").round == 2)
    #expect(driver.run.name(of: try driver.position("look")) == "look:2")
    try driver.play("look")
    try driver.send(.conditionEvaluated(soak, .yes))
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func aRepeatIsBounded() throws {
    var driver = try repeating(2, noProgress: nil)
    for _ in 0..<2 {
      try driver.play("look")
      try driver.send(.conditionEvaluated(try driver.position("soak"), .no))
      if driver.run.verdict == nil { try driver.fire("soak", .pause, after: 60 * second) }
    }
    #expect(driver.run.verdict?.result == .failed)
    #expect(
      try driver.explanation("soak") == "its condition did not come to hold in the rounds it has")
  }

  @Test func aRepeatWithoutProgressStops() throws {
    var driver = try repeating(9, noProgress: 2)
    for output in ["one", "two", "two"] {
      try driver.begin("look")
      try driver.send(
        .stepEnded(
          try driver.position("look"), attempt: 1, Ending(.succeeded, outputs: digest(output))))
      try driver.send(.conditionEvaluated(try driver.position("soak"), .no))
      if driver.run.verdict == nil { try driver.fire("soak", .pause, after: 60 * second) }
    }
    #expect(driver.run.verdict?.result == .failed)
    #expect(try driver.explanation("soak") == "its rounds gave out the same again and again")
    #expect(try driver.position("look").round == 3)
  }

  @Test func anUnknownEndOfARepeatIsAnError() throws {
    var driver = try repeating(9, noProgress: nil)
    try driver.play("look")
    try driver.send(.conditionEvaluated(try driver.position("soak"), .unknown("stale")))
    #expect(driver.run.verdict?.result == .errored)
  }

  @Test func aFreezeLetsTheStageFinish() throws {
    var driver = try Driver(
      plan([sequence("a", [step("a/1"), step("a/2")]), sequence("b", [step("b/1")])]))
    try driver.begin("a/1")
    try driver.send(.freezeBegan(""))
    try driver.end("a/1", .succeeded)
    try driver.play("a/2")
    #expect(driver.run.phase == .held)
    #expect(driver.effects.isEmpty)
    try driver.send(.freezeEnded)
    #expect(driver.effects == [.begin(try driver.position("b/1"), attempt: 1)])
    try driver.play("b/1")
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func aHeldRunCanBeCancelled() throws {
    var driver = try Driver(plan([sequence("a", [step("a/1")]), sequence("b", [step("b/1")])]))
    try driver.send(.freezeBegan(""))
    try driver.play("a/1")
    try driver.send(.cancelled(.drain))
    #expect(driver.run.verdict?.result == .cancelled)
    #expect(try driver.explanation("b") == "the run was cancelled: drain")
  }
}
