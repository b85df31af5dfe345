// Plans and events for tests, in few words.

import WritCrypto
import WritModel
import WritPipeline

let second: Int64 = 1_000_000

/// A plan of these stages, each behind the one before unless it says what it waits for.
func plan(_ stages: [PlanNode], chained: Bool = true, hooks: [Hook] = []) throws -> Plan {
  var last: String?
  let nodes = stages.map { stage in
    var options = stage.options
    if chained, options.after.isEmpty, let last { options.after = [StageDependency(last)] }
    last = stage.id
    return PlanNode(stage.id, stage.work, options)
  }
  return try Plan(pipeline: "demo.release", concurrency: nil, stages: nodes, hooks: hooks)
}

func options(_ change: (inout NodeOptions) -> Void) -> NodeOptions {
  var options = NodeOptions()
  change(&options)
  return options
}

func step(_ id: String, _ change: (inout NodeOptions) -> Void = { _ in }) -> PlanNode {
  PlanNode(id, .run(words: ["make", id]), options(change))
}

func sequence(
  _ id: String, _ nodes: [PlanNode], _ change: (inout NodeOptions) -> Void = { _ in }
) -> PlanNode {
  PlanNode(id, .sequence(nodes), options(change))
}

func call(_ action: String, idempotent: Bool = false) -> ActionCall {
  ActionCall(
    action: action, arguments: ["release"], effect: "production", gate: "ship",
    isIdempotent: idempotent)
}

func deploy(
  _ id: String, idempotent: Bool = false,
  _ change: (inout NodeOptions) -> Void = { _ in }
) -> PlanNode {
  PlanNode(
    id,
    .act(
      call("deploy", idempotent: idempotent),
      rollback: call("restore", idempotent: idempotent)), options(change))
}

func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8)) }

let start = RunStart(
  requester: "Identity/rita", contributors: ["Identity/carl"])

/// A run that is driven by hand, one event after another.
struct Driver {
  var run: Run
  var effects: [Effect] = []
  var now: Int64 = 1_000 * second

  init(_ plan: Plan, start: RunStart = start) throws {
    run = Run(id: "run-1", plan: plan)
    try send(.started(start))
  }

  /// Applies an event now; what is wanted is then in `effects`.
  @discardableResult
  mutating func send(_ happening: Happening) throws -> [Effect] {
    effects = try run.apply(Event(at: now, happening))
    return effects
  }

  func position(_ id: String) throws -> RunPosition {
    let node = try found(run.node(id), id)
    return RunPosition(node: node, round: run.states[node].round)
  }

  func state(_ id: String) throws -> NodeState { run.states[try position(id).node] }

  func result(_ id: String) throws -> RunResult? { run.result(of: try position(id).node) }

  func explanation(_ id: String) throws -> String {
    run.explanation(of: try position(id).node)
  }

  /// Says that a gate allows.
  mutating func allow(_ id: String) throws {
    try send(.decided(try position(id), GateDecision(.allow, action: digest(id), evidence: 7)))
  }

  /// Starts an attempt, after the gate where there is one.
  mutating func begin(_ id: String) throws {
    if try state(id).phase == .deciding { try allow(id) }
    try send(.stepStarted(try position(id), attempt: try state(id).attempt))
  }

  /// Ends an attempt.
  mutating func end(_ id: String, _ result: RunResult, _ detail: String = "") throws {
    try send(
      .stepEnded(
        try position(id), attempt: try state(id).attempt, Ending(result, detail: detail)))
  }

  /// Starts and ends an attempt.
  mutating func play(_ id: String, _ result: RunResult = .succeeded) throws {
    try begin(id)
    try end(id, result, result == .succeeded ? "" : "it \(result.rawValue)")
  }

  /// Lets time pass until a timer fires.
  mutating func fire(_ id: String, _ timer: RunTimer, after time: Int64) throws {
    now += time
    try send(.timerFired(try position(id), timer))
  }
}

struct Missing: Error {
  let what: String
}

func found<Value>(_ value: Value?, _ what: String) throws -> Value {
  guard let value else { throw Missing(what: what) }
  return value
}
