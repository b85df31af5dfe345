// Random plans in a simulated world: what must always hold, and what must hold of a runner that is killed.

import Testing
import WritCrypto
import WritModel
import WritPipeline
import WritSimulation
import WritTesting

@Suite struct RunnerTests {
  /// The run as it is on the disk after the power went now, at the worst.
  static func durable(_ disk: SimulatedDisk, _ plan: Plan) throws -> Run {
    var random = SplitMix64(seed: 0)
    let after = disk.image.afterPowerLoss(.none, using: &random)
    let bytes = try found(after.contents(of: "/journal"), "a journal")
    return try JournalReplay(bytes, run: "run-1", plan: plan, path: "/journal").run
  }

  @Test(arguments: 0..<150)
  func plansEndAsTheyMust(seed: Int) throws {
    var source = PlanSource(seed: UInt64(seed), isParallel: false)
    let plan = try source.plan()
    let world = SimulatedWorld(seed: UInt64(seed), remembers: true)
    let run = try carryOut(plan, in: world, on: SimulatedDisk())
    let expected = Expectation(world.fate, plan)
    for node in run.states.indices where !run.id(of: node).hasSuffix(":rollback") {
      #expect(
        run.states[node].result == expected.results[run.id(of: node)],
        "seed \(seed), \(run.id(of: node))")
    }
    #expect(run.verdict?.result == expected.result, "seed \(seed)")
    #expect((run.verdict?.rollback == nil) || expected.wantsRollback)
    expectExplained(run, seed)
  }

  @Test(arguments: 0..<100)
  func whatMustAlwaysHold(seed: Int) throws {
    var source = PlanSource(seed: 10_000 + UInt64(seed), isParallel: true)
    let plan = try source.plan()
    let world = SimulatedWorld(seed: UInt64(seed), remembers: true)
    let disk = SimulatedDisk()
    let watch = Watch(plan)
    world.witness = { position, attempt in
      // Nothing is done in the world but what follows from durable events.
      guard let run = try? RunnerTests.durable(disk, plan) else {
        Issue.record("seed \(seed): no run is durable")
        return
      }
      let state = run.states[position.node]
      let holds =
        state.round == position.round
        && (attempt == nil
          ? state.phase == .deciding : state.phase == .working && state.attempt == attempt)
      #expect(holds, "seed \(seed), \(run.name(of: position))")
      watch.look(at: run, seed)
    }
    var random = SplitMix64(seed: UInt64(seed))
    let run = try carryOut(plan, in: world, on: disk) { runner, _ in
      if random.below(40) == 0 { _ = try runner.submit(.freezeBegan("")) }
      if random.below(4) == 0 { _ = try runner.submit(.freezeEnded) }
      if runner.run.phase == .held { _ = try runner.submit(.freezeEnded) }
      if random.below(60) == 0, let mode = random.pick(CancelMode.allCases) {
        _ = try runner.submit(.cancelled(mode))
      }
    }
    #expect(world.performed.values.allSatisfy { $0 == 1 })
    expectExplained(run, seed)
    #expect(try RunnerTests.durable(disk, plan) == run)
  }

  /// Whatever did not succeed says why.
  private func expectExplained(_ run: Run, _ seed: Int) {
    #expect(run.verdict != nil)
    for node in run.states.indices {
      let result = run.result(of: node)
      #expect(result != nil, "seed \(seed), \(run.id(of: node))")
      if result != .succeeded {
        #expect(!run.explanation(of: node).isEmpty, "seed \(seed), \(run.id(of: node))")
      }
    }
  }

  /// Lives of a runner: how many end by a kill, and at which act.
  private func survive(
    _ plan: Plan, _ seed: UInt64, _ makeWorld: () -> SimulatedWorld, lastCall: Int = .max,
    lastAct: Int? = nil, _ survival: Survival? = nil
  ) throws -> (run: Run, world: SimulatedWorld, died: Bool) {
    let world = makeWorld()
    let disk = SimulatedDisk(seed: seed)
    world.lastCall = lastCall
    if let lastAct { disk.plan(.powerLoss, at: lastAct) }
    do {
      return (try carryOut(plan, in: world, on: disk), world, false)
    } catch  where error is JournalError || error is Killed {
      world.runnerDied()
      var random = SplitMix64(seed: seed)
      let image = survival.map { disk.image.afterPowerLoss($0, using: &random) } ?? disk.image
      return (try carryOut(plan, in: world, on: SimulatedDisk(image)), world, true)
    }
  }

  /// Killed at every call to the world and at every act on the disk.
  private func everyDeath(
    _ plan: Plan, _ seed: Int, _ makeWorld: () -> SimulatedWorld,
    _ check: (Run, Run, SimulatedWorld, String) throws -> Void
  ) throws {
    let world = makeWorld()
    let disk = SimulatedDisk()
    let whole = try carryOut(plan, in: world, on: disk)
    for call in 0..<min(world.calls, 150) {
      let (run, after, died) = try survive(plan, UInt64(seed), makeWorld, lastCall: call)
      #expect(died)
      try check(whole, run, after, "seed \(seed), killed at call \(call)")
    }
    for act in 0..<min(disk.count, 150) {
      for survival: Survival? in [nil, Survival.none, .some] {
        let (run, after, died) = try survive(
          plan, UInt64(seed), makeWorld, lastAct: act, survival)
        #expect(died)
        try check(whole, run, after, "seed \(seed), killed at act \(act), \(survival as Any)")
      }
    }
  }

  /// Workers that remember: the same end, and everything was done once. Where things run beside one another they
  /// do not fail here: which failure comes first may be another after a pause.
  @Test(arguments: 0..<7, [false, true])
  func killedAnywhereItEndsTheSame(seed: Int, isParallel: Bool) throws {
    let world = {
      let world = SimulatedWorld(seed: UInt64(seed), remembers: true, isCalm: isParallel)
      world.freezes = { $0 / (20 * second) % 3 == 1 ? .unknown("nobody knows") : .no }
      return world
    }
    try everyDeath(randomPlan(seed, isParallel: isParallel), seed, world, RunnerTests.expectSame)
  }

  private func randomPlan(_ seed: Int, isParallel: Bool) throws -> Plan {
    var source = PlanSource(seed: 20_000 + UInt64(seed), isParallel: isParallel)
    return try source.plan()
  }

  /// The same end as without the kill, and everything was done once.
  private static func expectSame(_ whole: Run, _ run: Run, _ world: SimulatedWorld, _ place: String)
  {
    #expect(run.verdict == whole.verdict, "\(place)")
    for node in run.states.indices {
      let (now, then) = (run.states[node], whole.states[node])
      #expect(
        now.result == then.result && now.reversal == then.reversal,
        "\(place), \(run.id(of: node))")
    }
    #expect(world.performed.values.allSatisfy { $0 == 1 }, "\(place)")
  }

  /// One pipeline that has all of it: parallel, gate, condition, retry, loop, action, approval, hooks.
  @Test(arguments: 0..<3) func thePipelineThatHasAllOfItSurvives(seed: Int) throws {
    let world = { SimulatedWorld(seed: UInt64(seed), remembers: true, isCalm: true) }
    try everyDeath(PlanTests.everything(), seed, world, RunnerTests.expectSame)
  }

  /// Workers that die with the runner: nothing is done twice that must not be, and what is not known is said.
  @Test(arguments: 0..<8)
  func killedAnywhereNothingIsDoneTwice(seed: Int) throws {
    let world = { SimulatedWorld(seed: UInt64(seed), remembers: false) }
    try everyDeath(randomPlan(seed, isParallel: true), seed, world) { _, run, world, place in
      #expect(run.verdict != nil, "\(place)")
      for (name, count) in world.performed where count > 1 {
        let ids = run.states.indices.filter { name.step == run.id(of: $0) }
        let id = String(name.step.split(separator: ":")[0])
        let node = try found(ids.first ?? run.node(id), id)
        #expect(run.isIdempotent(node), "\(place), \(name)")
        #expect(count == 2, "\(place), \(name)")
      }
      expectExplained(run, seed)
    }
  }

  @Test func anUnknownEffectIsSaidAndNotRepeated() throws {
    let plan = try plan([sequence("a", [deploy("ship")])])
    let world = SimulatedWorld(seed: 1, remembers: false)
    let disk = SimulatedDisk()
    // Killed right after the worker was told.
    world.witness = { _, attempt in if attempt != nil { world.lastCall = world.calls } }
    #expect(throws: (any Error).self) { try carryOut(plan, in: world, on: disk) }
    world.runnerDied()
    world.witness = nil
    let run = try carryOut(plan, in: world, on: SimulatedDisk(disk.image))
    #expect(world.performed.values.map { $0 } == [1])
    #expect(run.result(of: try found(run.node("ship"), "ship")) == .errored)
    #expect(
      run.explanation(of: try found(run.node("ship"), "ship"))
        == "effect unknown: the worker was lost")
    #expect(run.restarts == 1)
  }

  /// What a gate allowed before a pause is asked again before anything is done.
  @Test func aPauseBetweenGateAndActionAsksTheGateAgain() throws {
    var driver = try Driver(plan([sequence("a", [deploy("ship")])]))
    try driver.allow("ship")
    #expect(driver.effects == [.begin(try driver.position("ship"), attempt: 1)])
    try driver.send(.resumed)
    #expect(driver.effects == [.decide(try driver.position("ship"))])
    try driver.allow("ship")
    try driver.send(.stepStarted(try driver.position("ship"), attempt: 1))
    try driver.send(.attemptNotBegun(try driver.position("ship"), attempt: 1))
    #expect(driver.effects == [.decide(try driver.position("ship"))])
    try driver.send(
      .decided(
        try driver.position("ship"),
        GateDecision(.deny("freeze since 19:00"), action: digest("ship"), evidence: 9)))
    #expect(driver.run.verdict?.result == .denied)
  }

  /// A verdict that is not durable is none.
  @Test func afterAFailedWriteNothingIsDone() throws {
    let plan = try plan([sequence("a", [step("b")])])
    let whole = SimulatedDisk()
    _ = try carryOut(plan, in: SimulatedWorld(seed: 1, remembers: true), on: whole)
    for act in 4..<whole.count {
      let world = SimulatedWorld(seed: 1, remembers: true)
      let disk = SimulatedDisk()
      let opened = try Journal.open("/journal", run: "run-1", plan: plan, on: disk)
      disk.plan(.error(5), at: act)
      var failure: JournalError?
      do throws(JournalError) {
        let runner = try Runner(
          opened, start: start,
          in: RunWorld(clock: world, decisions: world, approvals: world, worker: world))
        for _ in 0..<20 where failure == nil {
          do throws(JournalError) {
            if case .idle(let until) = try runner.turn() { _ = world.pass(until: until) }
          } catch {
            failure = error
            let calls = world.calls
            #expect(throws: error) { try runner.turn() }
            #expect(throws: error) { try runner.submit(.cancelled(.now)) }
            #expect(world.calls == calls)
          }
        }
      } catch {
        failure = error
      }
      #expect(failure != nil, "act \(act)")
    }
  }

  /// Whatever a worker says, the step ends.
  @Test func whatDoesNotFitIsCut() throws {
    let world = SimulatedWorld(seed: 1, remembers: true)
    for (ending, result) in [
      (Ending(.rolledBack, detail: String(repeating: "ß", count: 9_000)), RunResult.errored),
      (Ending(.failed, detail: String(repeating: "\u{1F600}", count: 9_000)), .failed),
    ] {
      world.ending = ending
      let run = try carryOut(plan([sequence("a", [step("b")])]), in: world, on: SimulatedDisk())
      let node = try found(run.node("b"), "b")
      #expect(run.result(of: node) == result)
      #expect((4_000...4_096).contains(run.explanation(of: node).utf8.count))
    }
  }

  @Test func twoRunnersCannotHaveOneRun() throws {
    let plan = try plan([sequence("a", [step("b")])])
    let disk = SimulatedDisk()
    let first = try Journal.open("/journal", run: "run-1", plan: plan, on: disk)
    #expect(throws: JournalError.disk(.locked(path: "/journal"))) {
      try Journal.open("/journal", run: "run-1", plan: plan, on: disk)
    }
    first.journal.close()
    _ = try Journal.open("/journal", run: "run-1", plan: plan, on: disk)
  }
}

/// Looks at a run from outside: order and width, by the plan as it was written.
private struct Watch {
  private let plan: Plan

  init(_ plan: Plan) { self.plan = plan }

  func look(at run: Run, _ seed: Int) {
    var active: Set<String> = []
    for node in run.states.indices where run.states[node].isUnderWay {
      active.insert(run.id(of: node))
    }
    for stage in plan.stages {
      _ = width(stage, active, seed)
      guard active.contains(stage.id) else { continue }
      for dependency in stage.options.after {
        let node = run.node(dependency.stage) ?? 0
        let state = run.states[node]
        let holds =
          dependency.results.isEmpty
          ? state.result == .succeeded || state.result == .skipped || state.isIgnored
          : state.result.map { dependency.results.contains($0) } == true
        #expect(holds && state.phase == .ended, "seed \(seed), \(stage.id)")
      }
    }
  }

  /// Whether anything in a node is under way; groups are held to their width.
  private func width(_ node: PlanNode, _ active: Set<String>, _ seed: Int) -> Bool {
    var (parts, most): ([PlanNode], Int) = ([], 1)
    switch node.work {
    case .sequence(let nodes), .repeated(let nodes, _): parts = nodes
    case .parallel(let nodes, let max): (parts, most) = (nodes, max)
    default: break
    }
    let count = parts.filter { width($0, active, seed) }.count
    #expect(count <= most, "seed \(seed), \(node.id)")
    return active.contains(node.id)
  }
}

extension NodeState {
  fileprivate var isUnderWay: Bool { phase != .waiting && phase != .ended }
}
