// The plan that journals are read against, journals of it, and how they are sealed.

import WritCrypto
import WritPipeline
import WritSimulation

enum PipelineWorld {
  /// A plan in which everything occurs, small.
  static let plan: Plan = {
    var retrying = NodeOptions()
    retrying.retry = RetryPolicy(
      attempts: 3, base: 100_000, factor: 2_000_000, cap: 400_000, jitter: 7)
    retrying.attemptTimeout = 1_000_000
    retrying.deadline = 5_000_000
    retrying.condition = "c"
    retrying.strategies = [FailureStrategy([.failed], .stage), FailureStrategy([.denied], .ignore)]
    retrying.hooks = [Hook(.ensure, PlanNode("tidy", .run(words: ["w"])))]
    let call = ActionCall(
      action: "deploy", arguments: ["a"], effect: "production", gate: "ship", isIdempotent: false)
    let rule = ApprovalRule(role: "r", count: 2, excluded: ["p3"])
    let bounds = Repetition(every: 100_000, atMost: 3, until: "u", noProgress: 2)
    var stage = NodeOptions()
    stage.strategies = [FailureStrategy([.failed], .rollback)]
    var last = NodeOptions()
    last.after = [StageDependency("one")]
    let one = PlanNode(
      "one",
      .parallel(
        [
          PlanNode("one/run", .run(words: ["w"]), retrying),
          PlanNode("one/act", .act(call, rollback: call)),
          PlanNode("one/ask", .approve(rules: [rule], within: 2_000_000)),
        ], max: 2), stage)
    let two = PlanNode(
      "two",
      .sequence([
        PlanNode("two/again", .repeated([PlanNode("two/look", .run(words: ["w"]))], bounds)),
        PlanNode("two/gate", .gate(name: "g", arguments: [])),
        PlanNode("two/wait", .wait(1)),
      ]), last)
    guard let plan = try? Plan(pipeline: "fuzz", concurrency: nil, stages: [one, two]) else {
      preconditionFailure("the plan of the fuzzers is one")
    }
    return plan
  }()

  /// Events of a short run.
  static let events: [Event] = {
    let run = RunPosition(node: 1, round: 1)
    let act = RunPosition(node: 3, round: 1)
    return [
      Event(at: 1, .started(RunStart(requester: "Identity/r", contributors: ["c"]))),
      Event(at: 2, .conditionEvaluated(run, .yes)),
      Event(at: 3, .decided(act, GateDecision(.allow, action: Digest(of: [1]), evidence: 5))),
      Event(at: 4, .stepStarted(run, attempt: 1)), Event(at: 5, .stepStarted(act, attempt: 1)),
      Event(at: 6, .stepEnded(run, attempt: 1, Ending(.failed, detail: "no"))),
      Event(at: 300_000, .timerFired(run, .pause)), Event(at: 300_001, .freezeBegan("")),
    ]
  }()

  /// The journal of those events.
  static let journal: [UInt8] = {
    let disk = SimulatedDisk()
    guard
      let opened = try? Journal.open("/journal", run: "fuzz", plan: plan, on: disk),
      (try? opened.journal.append(Array(events[..<3]))) != nil,
      (try? opened.journal.append(Array(events[3...]))) != nil
    else { preconditionFailure("the journal of the fuzzers can be written") }
    return disk.image.contents(of: "/journal") ?? []
  }()

  /// One frame around these bytes, by the description of the format and by none of its code.
  static func mended(_ events: [UInt8], count: UInt64) -> [UInt8] {
    var head = Array("WRITRUN2".utf8) + plan.digest.bytes + Digest(of: []).bytes
    head += [0, 4] + Array("fuzz".utf8)
    head += Digest(of: head).bytes[..<16]
    var frame = Array("wrf1".utf8) + big(UInt64(events.count), 4) + big(0, 8) + big(count, 4)
    frame += head.suffix(16)
    frame += Digest(of: frame).bytes[..<8]
    frame += events
    return head + frame + Digest(of: frame).bytes[..<16]
  }

  private static func big(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
  }

  /// The bytes of the events of the second frame of the journal: what stands between its head and its check.
  static var eventBytes: [UInt8] {
    let head = 8 + 32 + 32 + 2 + 4 + 16
    let length = journal[head + 4..<head + 8].reduce(0) { $0 << 8 | Int($1) }
    return Array(journal[head + 44..<head + 44 + length])
  }
}

/// Seeds of the target `journal`.
var journalSeeds: [FuzzSeed] {
  [
    FuzzSeed("as-it-is", [0] + PipelineWorld.journal),
    FuzzSeed("mended", [1, 3] + PipelineWorld.eventBytes),
    FuzzSeed(
      "drawn",
      [
        2, 1, 0, 0, 1, 1, 7, 3, 1, 2, 3, 1, 7, 1, 2, 9, 1, 20, 11, 1, 1, 7, 1, 0, 8, 3, 0, 8, 5, 1,
        5,
      ]),
  ]
}

/// Seeds of the target `plan`.
var planSeeds: [FuzzSeed] {
  let whole = PipelineWorld.plan
  let frozen = try? Plan(
    pipeline: "fuzz", concurrency: nil, freeze: "f", stages: [whole.stages[0]])
  return [FuzzSeed("everything", whole.canonicalBytes)]
    + [frozen].compactMap { $0.map { FuzzSeed("freeze", $0.canonicalBytes) } }
}
