// A world for runners that is decided by a seed alone: time, gates, people and workers, and death at any act.

import WritCrypto
import WritModel
import WritPipeline
import WritSimulation
import WritTesting

/// What everything comes to, by name: the same for a run that is killed as for one that is not.
struct Fate {
  let seed: UInt64
  /// Whether nothing fails: then it does not matter which of two things comes first.
  let isCalm: Bool

  private func draw(_ parts: String...) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for byte in parts.joined(separator: "|").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    var random = SplitMix64(seed: hash)
    return random.below(100)
  }

  func answer(_ condition: String, _ name: String) -> Answer {
    switch draw("condition", condition, name) {
    case ..<76: .yes
    case ..<92: .no
    default: isCalm ? .no : .unknown("nobody knows")
    }
  }

  func isOver(_ name: String, rounds: Int) -> Answer {
    switch draw("until", name, "\(rounds)") {
    case _ where isCalm: .yes
    case ..<40: .yes
    case ..<97: .no
    default: .unknown("nobody knows")
    }
  }

  enum Gate { case allow, deny, hold }

  func gate(_ name: String, attempt: Int) -> Gate {
    switch draw("gate", name, "\(attempt)") {
    case ..<86: .allow
    case ..<91: isCalm ? .hold : .deny
    default: .hold
    }
  }

  func ending(_ name: String, attempt: Int) -> Ending {
    switch draw("ending", name, "\(attempt)") {
    case ..<(isCalm ? 100 : 80):
      Ending(.succeeded, outputs: digest("\(name) \(draw("output", name) % 3)"))
    case ..<90: Ending(.failed, detail: "it says no")
    case ..<96: Ending(.errored, detail: "it cannot")
    default: Ending(.denied, detail: "the delegate says no")
    }
  }

  func duration(_ name: String, attempt: Int) -> Int64 {
    Int64(1 + draw("duration", name, "\(attempt)")) * second
  }
}

/// The world, which outlives its runners.
final class SimulatedWorld: RunClock, DecisionMaker, ApprovalSource, Worker {
  let fate: Fate
  /// Whether workers know what became of an attempt of a runner that has died.
  let remembers: Bool
  var microseconds: Int64 = 1_000 * second
  /// How often each attempt was really done.
  private(set) var performed: [AttemptName: Int] = [:]
  private(set) var ended: [AttemptName: Ending] = [:]
  private var running: [AttemptName: Job] = [:]
  private var letters: [ApprovalNews] = []
  /// Calls so far, and the one that the runner does not survive.
  private(set) var calls = 0
  var lastCall = Int.max
  var disk: SimulatedDisk?
  /// How every attempt ends, whatever the fate says.
  var ending: Ending?
  /// Looks at each act before it is done.
  var witness: ((RunPosition, Int?) -> Void)?

  private struct Job {
    let position: RunPosition
    let endsAt: Int64
    let ending: Ending
  }

  init(seed: UInt64, remembers: Bool, isCalm: Bool = false) {
    fate = Fate(seed: seed, isCalm: isCalm)
    self.remembers = remembers
  }

  /// Whether the runner that calls is alive, and this is not its last call.
  private func lives() -> Bool {
    calls += 1
    if calls > lastCall, let disk, !disk.isDead { disk.plan(.powerLoss, at: disk.count) }
    return calls <= lastCall && disk?.isDead != true
  }

  /// Whether the runner has made its last call.
  var isOver: Bool { calls > lastCall }

  /// What was told to nobody is lost with the runner, and so, if they do not remember, are the workers.
  func runnerDied() {
    letters = []
    lastCall = Int.max
    if !remembers { running = [:] }
  }

  /// Lets time pass until something happens.
  func pass(until: Int64?) -> Bool {
    let next = (running.values.map(\.endsAt) + [until].compactMap { $0 }).min()
    guard let next else { return false }
    microseconds = max(microseconds, next)
    return true
  }

  func evaluate(_ condition: String, for node: RunPosition, of run: Run) -> Answer {
    guard lives() else { return .unknown("dead") }
    let name = run.name(of: node)
    return condition.hasPrefix("until")
      ? fate.isOver(name, rounds: roundOfParts(node, run)) : fate.answer(condition, name)
  }

  /// Whether a freeze is on, by the time of the world; `nil`: never.
  var freezes: ((Int64) -> Answer)?

  func freeze(_ condition: String, of run: Run) -> Answer {
    guard lives() else { return .unknown("dead") }
    return freezes?(microseconds) ?? .no
  }

  /// The first node behind a group is its first part.
  private func roundOfParts(_ node: RunPosition, _ run: Run) -> Int {
    run.states[node.node + 1].round
  }

  func decide(_ node: RunPosition, of run: Run) -> GateDecision? {
    let name = run.name(of: node)
    let subject = digest("action \(name)")
    guard lives() else { return GateDecision(.deny("dead"), action: subject, evidence: 0) }
    witness?(node, nil)
    switch fate.gate(name, attempt: run.states[node.node].attempt + 1) {
    case .allow: return GateDecision(.allow, action: subject, evidence: 1)
    case .deny: return GateDecision(.deny("policy"), action: subject, evidence: 2)
    case .hold:
      if run.ballots[node.node]?.isMet(at: microseconds) == true {
        return GateDecision(.allow, action: subject, evidence: 3)
      }
      let rule = ApprovalRule(role: "owner", count: 1, excluded: [])
      return GateDecision(.hold([rule], within: 600 * second), action: subject, evidence: 4)
    }
  }

  func ask(_ rules: [ApprovalRule], until: Int64, for node: RunPosition, of run: Run) {
    guard lives() else { return }
    let subject = digest("action \(run.name(of: node))")
    letters.append(.subject(node, subject))
    for rule in rules {
      for person in 0..<rule.count {
        let vote = Vote(
          person: "Identity/\(rule.role)-\(person)", isAgent: false, roles: [rule.role],
          subject: subject, expires: until, approves: true)
        letters.append(.vote(node, vote))
      }
    }
  }

  func news() -> [ApprovalNews] {
    guard lives() else { return [] }
    defer { letters = [] }
    return letters
  }

  func perform(_ attempt: AttemptName, at node: RunPosition, until: Int64?, of run: Run) {
    guard lives() else { return }
    witness?(node, attempt.attempt)
    performed[attempt, default: 0] += 1
    running[attempt] = Job(
      position: node, endsAt: microseconds + fate.duration(attempt.step, attempt: attempt.attempt),
      ending: ending ?? fate.ending(attempt.step, attempt: attempt.attempt))
  }

  func cancel(_ attempt: AttemptName) {
    guard lives(), let job = running[attempt] else { return }
    running[attempt] = Job(
      position: job.position, endsAt: microseconds, ending: Ending(.cancelled))
  }

  func recall(_ attempt: AttemptName) -> Recollection {
    guard lives(), remembers else { return .unknown }
    if running[attempt] != nil { return .running }
    if let ending = ended[attempt] { return .ended(ending) }
    return .neverBegun
  }

  func reports() -> [WorkerReport] {
    guard lives() else { return [] }
    let over = running.filter { $0.value.endsAt <= microseconds }
      .sorted { ($0.value.position.node, $0.key.step) < ($1.value.position.node, $1.key.step) }
    for (name, job) in over {
      running[name] = nil
      ended[name] = job.ending
    }
    return over.map { .ended($0.value.position, attempt: $0.key.attempt, $0.value.ending) }
  }
}

struct Stuck: Error {}

/// The runner has died.
struct Killed: Error {}

/// Runs a plan in a world until it ends or its disk dies.
func carryOut(
  _ plan: Plan, in world: SimulatedWorld, on disk: SimulatedDisk,
  meanwhile: (Runner, Int) throws -> Void = { _, _ in }
) throws -> Run {
  world.disk = disk
  let opened = try Journal.open("/journal", run: "run-1", plan: plan, on: disk)
  defer { opened.journal.close() }
  let runner = try Runner(
    opened, start: start,
    in: RunWorld(clock: world, decisions: world, approvals: world, worker: world))
  for turn in 0..<100_000 {
    try meanwhile(runner, turn)
    let state = try runner.turn()
    if world.isOver { throw Killed() }
    switch state {
    case .ended: return runner.run
    case .busy: break
    case .idle(let until):
      if !world.pass(until: until) && runner.run.phase != .held { throw Stuck() }
    }
  }
  throw Stuck()
}
