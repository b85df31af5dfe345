// Plans, journals, and runs to which anything happens.

import WritCrypto
import WritPipeline

/// A plan: one that is read is written back to the byte, and a run of it can be begun and brought to its end.
@Sendable func fuzzPlan(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(PlanError) in try Plan(parsing: bytes) }
  guard let plan = read else { return }
  try hold(plan.canonicalBytes == bytes, "a plan is not written as it was read")
  var run = Run(id: "fuzz", plan: plan)
  var wanted = try begin(&run)
  var time: Int64 = 1
  for _ in 0..<2_000 where run.verdict == nil {
    var next: [Effect] = []
    for effect in wanted {
      guard let answer = success(of: effect, &time) else { continue }
      if let effects = try? run.apply(Event(at: time, answer)) { next += effects }
    }
    if next.isEmpty { break }
    wanted = next
  }
  try checkExplained(run)
}

/// A journal of the plan below, after a byte that chooses: as it is, with its checks mended, or events that are drawn.
@Sendable func fuzzJournal(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let plan = PipelineWorld.plan
  switch feed.byte() % 3 {
  case 0: try checkJournal(Array(feed.rest), plan)
  case 1:
    let count = UInt64(feed.byte())
    try checkJournal(PipelineWorld.mended(Array(feed.rest), count: count), plan)
  default: try playDrawn(&feed, plan)
  }
}

/// What is read is a run that explains itself, and what stands in front of the torn end is read alike.
private func checkJournal(_ file: [UInt8], _ plan: Plan) throws {
  let read = accepted { () throws(JournalError) in
    try JournalReplay(file, run: "fuzz", plan: plan, path: "journal")
  }
  guard let replay = read else { return }
  try hold(replay.end <= file.count, "a journal ends behind its file")
  let again = accepted { () throws(JournalError) in
    try JournalReplay(Array(file[..<replay.end]), run: "fuzz", plan: plan, path: "journal")
  }
  try hold(again?.run == replay.run && again?.isTorn == false, "a torn end changes the run")
  try checkExplained(replay.run)
}

/// Anything happens to a run, in any order.
private func playDrawn(_ feed: inout ByteFeed, _ plan: Plan) throws {
  var run = Run(id: "fuzz", plan: plan)
  _ = try begin(&run)
  var time: Int64 = 1
  while !feed.isEmpty && run.verdict == nil {
    let node = Int(feed.byte()) % run.states.count
    let state = run.states[node]
    let position = RunPosition(node: node, round: state.round)
    time += Int64(feed.byte()) * 100_000
    let happening = drawn(&feed, position, state)
    let before = run
    if (try? run.apply(Event(at: time, happening))) == nil {
      try hold(run == before, "a refused event changes the run")
    }
  }
  try checkExplained(run)
}

private func drawn(_ feed: inout ByteFeed, _ position: RunPosition, _ state: NodeState) -> Happening
{
  let choice = feed.byte()
  let digest = Digest(of: [choice & 0x30])
  switch choice % 15 {
  case 0: return .conditionEvaluated(position, .yes)
  case 1: return .conditionEvaluated(position, choice < 128 ? .no : .unknown("?"))
  case 2: return .decided(position, GateDecision(.allow, action: digest, evidence: 1))
  case 3: return .decided(position, GateDecision(.deny("no"), action: digest, evidence: 2))
  case 4:
    let rule = ApprovalRule(
      role: "r", count: Int(choice) % 3, excluded: [], clause: choice < 128 ? "" : "c")
    return .decided(
      position, GateDecision(.hold([rule], within: 9_000_000), action: digest, evidence: 3))
  case 5: return .subjectKnown(position, digest)
  case 6:
    let vote = Vote(
      person: "p\(choice / 64)", isAgent: false, roles: ["r"], subject: digest, expires: .max,
      approves: choice & 64 == 0, reason: choice & 64 == 0 ? "" : "?")
    return .voted(position, vote)
  case 7: return .stepStarted(position, attempt: state.attempt)
  case 8: return .stepEnded(position, attempt: state.attempt, Ending(.succeeded, outputs: digest))
  case 9:
    let result: [RunResult] = [.failed, .errored, .denied, .cancelled]
    return .stepEnded(position, attempt: state.attempt, Ending(result[Int(choice) / 64]))
  case 10: return .workerLost(position, attempt: state.attempt)
  case 11: return .timerFired(position, RunTimer.allCases[Int(choice) / 64])
  case 13: return .attemptNotBegun(position, attempt: state.attempt)
  case 12: return choice < 128 ? .freezeBegan(choice < 64 ? "" : "?") : .freezeEnded
  default:
    let mode = CancelMode.allCases[Int(choice) % 3]
    if choice < 192 { return .resumed }
    return choice < 216 ? .freezeAbsent : choice < 224 ? .overdue : .cancelled(mode)
  }
}

/// A run that goes on waits for something that it says; one that has ended has a result for everything, and a reason.
private func checkExplained(_ run: Run) throws {
  let isWaiting = run.phase == .waiting || run.phase == .held
  try hold(isWaiting || !run.outstanding.isEmpty, "a run waits for nothing")
  guard run.verdict != nil else { return }
  for node in run.states.indices {
    guard let result = run.result(of: node) else {
      throw BrokenInvariant(description: "`\(run.id(of: node))` has no result")
    }
    let isSilent = run.explanation(of: node).isEmpty
    let mayBeSilent =
      result == .succeeded || result == .failed || result == .errored || result == .denied
    try hold(!isSilent || mayBeSilent, "`\(run.id(of: node))` does not say why")
  }
}

private func begin(_ run: inout Run) throws -> [Effect] {
  let start = RunStart(requester: "Identity/r", contributors: [])
  return try run.apply(Event(at: 1, .started(start)))
}

/// What happens in a world in which everything goes well.
private func success(of effect: Effect, _ time: inout Int64) -> Happening? {
  switch effect {
  case .evaluate(let position, _): return .conditionEvaluated(position, .yes)
  case .askFreeze: return .freezeAbsent
  case .decide(let position):
    return .decided(position, GateDecision(.allow, action: Digest(of: [0]), evidence: 0))
  case .begin(let position, let attempt): return .stepStarted(position, attempt: attempt)
  case .perform(let position, let attempt, _):
    return .stepEnded(position, attempt: attempt, Ending(.succeeded))
  case .setTimer(let position, let timer, let at):
    guard timer == .pause || timer == .approval else { return nil }
    time = max(time, at)
    return .timerFired(position, timer)
  case .askApprovals, .cancelAttempt, .finish: return nil
  }
}
