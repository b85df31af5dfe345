// Freezes: asked before stages begin, held while one is on or not known, and kept by the journal.

import Testing
import WritModel
import WritPipeline
import WritSimulation

@Suite struct FreezeTests {
  /// Two stages, one after the other, and a third that waits for nothing.
  private func plan(_ freeze: String? = "freeze") throws -> Plan {
    var behind = NodeOptions()
    behind.after = [StageDependency("a")]
    return try Plan(
      pipeline: "demo.release", concurrency: nil, freeze: freeze,
      stages: [
        sequence("a", [deploy("a/1")]),
        PlanNode("b", .sequence([step("b/1")]), behind), sequence("c", [step("c/1")]),
      ])
  }

  private let ask: [Effect] = [.askFreeze(condition: "freeze")]

  @Test func noStageBeginsBeforeItIsKnownThatThereIsNoFreeze() throws {
    var driver = try Driver(plan())
    #expect(driver.effects == ask && driver.run.outstanding == ask)
    #expect(driver.run.phase == .running && driver.run.verdict == nil)
    try driver.send(.freezeAbsent)
    // One answer is for all stages that could begin then.
    #expect(try driver.state("a/1").phase == .deciding && driver.state("c/1").phase == .ready)
    try driver.play("c/1")
    #expect(driver.effects.isEmpty)
    try driver.play("a/1")
    // And no longer: the next one asks anew.
    #expect(driver.effects == ask)
    #expect(try driver.state("b/1").phase == .waiting)
    try driver.send(.freezeAbsent)
    try driver.play("b/1")
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func aFreezeThatBeginsInAStageHoldsTheNext() throws {
    var driver = try Driver(plan())
    try driver.send(.freezeAbsent)
    try driver.play("c/1")
    try driver.play("a/1")
    try driver.send(.freezeBegan("it is not known whether one is on: nobody vouches"))
    #expect(driver.run.phase == .held && driver.run.isFrozen)
    #expect(driver.run.freezeReason.contains("nobody vouches"))
    #expect(driver.run.outstanding == ask)
    try driver.send(.freezeEnded)
    #expect(driver.run.phase == .running && driver.run.freezeReason.isEmpty)
    try driver.play("b/1")
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func whatNobodyAskedIsNoEvent() throws {
    var driver = try Driver(plan())
    #expect(throws: EventRefusal.stale) { try driver.send(.freezeEnded) }
    try driver.send(.freezeAbsent)
    #expect(throws: EventRefusal.stale) { try driver.send(.freezeAbsent) }
    let long = String(repeating: "x", count: PipelineLimits.detailByteCount + 1)
    #expect(throws: EventRefusal.tooLong) { try driver.send(.freezeBegan(long)) }
    try driver.send(.freezeBegan(""))
    #expect(throws: EventRefusal.stale) { try driver.send(.freezeBegan("again")) }
    var other = try Driver(plan(nil))
    #expect(throws: EventRefusal.stale) { try other.send(.freezeAbsent) }
    #expect(try other.state("c/1").phase == .ready)
  }

  @Test func aRunThatIsStoppedWhileItIsHeldEndsAndTakesBack() throws {
    for isFrozen in [false, true] {
      var driver = try Driver(plan())
      try driver.send(.freezeAbsent)
      try driver.play("c/1")
      try driver.play("a/1")
      if isFrozen { try driver.send(.freezeBegan("")) }
      try driver.send(.cancelled(.cleanup))
      // A freeze holds nothing back that takes back.
      #expect(driver.run.phase == .rollingBack)
      #expect(!driver.run.outstanding.contains(ask[0]))
      try driver.play("a/1:rollback")
      #expect(driver.run.verdict?.result == .cancelled)
      #expect(driver.run.verdict?.rollback == .rolledBack)
    }
  }

  @Test func aRunThatIsHeldWhenItsTimeIsUpExpires() throws {
    var driver = try Driver(plan())
    try driver.send(.freezeBegan(""))
    #expect(driver.run.phase == .held)
    try driver.send(.overdue)
    #expect(driver.run.verdict == RunVerdict(result: .expired, isOverdue: true))
  }

  @Test func aStageThatFailsEndsTheQuestion() throws {
    var fails = NodeOptions()
    fails.after = [StageDependency("a")]
    let plan = try Plan(
      pipeline: "demo.release", concurrency: nil, freeze: "freeze",
      stages: [
        sequence("a", [step("a/1")]), sequence("c", [step("c/1")]),
        PlanNode("b", .sequence([step("b/1")]), fails),
      ])
    var driver = try Driver(plan)
    try driver.send(.freezeAbsent)
    try driver.play("a/1")
    #expect(driver.run.asksFreeze)
    try driver.play("c/1", .failed)
    #expect(driver.run.verdict?.result == .failed)
    #expect(try driver.result("b/1") == .skipped)
  }

  /// By the clock of the world: on from 1,030 s to 1,300 s, and not known for a minute behind that.
  private func weather(_ time: Int64) -> Answer {
    switch time {
    case (1_030 * second)..<(1_300 * second): .yes
    case (1_300 * second)..<(1_360 * second): .unknown("nobody vouches for it")
    default: .no
    }
  }

  @Test func theRunnerAsksAgainUntilItIsOver() throws {
    var heldSince: Int64?
    for seed in 0..<20 as Range<UInt64> {
      let world = SimulatedWorld(seed: seed, remembers: true, isCalm: true)
      world.freezes = weather
      var begun: [Int64] = []
      world.witness = { _, attempt in if attempt != nil { begun.append(world.microseconds) } }
      let run = try carryOut(plan(), in: world, on: SimulatedDisk()) { runner, _ in
        if runner.run.phase == .held { heldSince = heldSince ?? world.microseconds }
      }
      #expect(run.verdict?.result == .succeeded)
      let late = begun.filter { $0 > 1_030 * second }
      // Not a moment too early, and at most an interval too late.
      #expect(late.allSatisfy { $0 >= 1_360 * second })
      #expect(late.allSatisfy { $0 <= 1_360 * second + PipelineLimits.freezeInterval })
    }
    #expect(heldSince != nil)
  }

  @Test func whoSaysThatSomethingChangedIsAskedAtOnce() throws {
    let world = SimulatedWorld(seed: 3, remembers: true, isCalm: true)
    var isFrozen = true
    world.freezes = { _ in isFrozen ? .yes : .no }
    let disk = SimulatedDisk()
    world.disk = disk
    let opened = try Journal.open("/journal", run: "run-1", plan: plan(), on: disk)
    let runner = try Runner(
      opened, start: start,
      in: RunWorld(clock: world, decisions: world, approvals: world, worker: world))
    while try runner.turn() == .busy {}
    #expect(runner.run.phase == .held)
    isFrozen = false
    #expect(
      try runner.turn() == .idle(until: world.microseconds + PipelineLimits.freezeInterval))
    runner.lookAtFreeze()
    #expect(try runner.turn() == .busy)
    #expect(runner.run.phase == .running && !runner.run.isFrozen)
  }

  /// A runner that dies at any act is followed by one that keeps the freeze: no attempt is begun in it, and none is lost.
  @Test func aFreezeOutlivesItsRunner() throws {
    let whole = SimulatedWorld(seed: 5, remembers: true, isCalm: true)
    whole.freezes = weather
    let expected = try carryOut(plan(), in: whole, on: SimulatedDisk())
    for last in 1..<whole.calls {
      let world = SimulatedWorld(seed: 5, remembers: true, isCalm: true)
      world.freezes = weather
      world.witness = { [weather] _, attempt in
        // The stage at hand is finished; it is the first.
        if attempt != nil, weather(world.microseconds) != .no, world.performed.count > 2 {
          Issue.record("begun in a freeze")
        }
      }
      world.lastCall = last
      let disk = SimulatedDisk()
      do {
        _ = try carryOut(plan(), in: world, on: disk)
      } catch {
        world.runnerDied()
      }
      let run = try carryOut(plan(), in: world, on: SimulatedDisk(disk.image))
      #expect(run.verdict == expected.verdict, "killed at call \(last)")
      #expect(world.performed.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func eventsAreReadAsTheyWereWritten() throws {
    let disk = SimulatedDisk()
    let opened = try Journal.open("/journal", run: "run-1", plan: plan(), on: disk)
    let events: [Happening] = [
      .started(start), .freezeBegan(""), .freezeEnded, .freezeBegan("why"), .resumed, .freezeEnded,
    ]
    try opened.journal.append(events.enumerated().map { Event(at: Int64($0 + 1), $1) })
    opened.journal.close()
    let again = try Journal.open("/journal", run: "run-1", plan: plan(), on: disk)
    #expect(!again.run.isFrozen && again.run.restarts == 1)
    again.journal.close()
  }

  @Test func aPlanWithAFreezeIsReadAsItIsWritten() throws {
    let plan = try plan()
    #expect(try Plan(parsing: plan.canonicalBytes) == plan)
    #expect(plan.digest != (try self.plan(nil)).digest)
  }
}
