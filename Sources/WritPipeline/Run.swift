// A run of a plan, as a value: it changes only by events, and says what it wants done.
//
//     waiting ─started─► running ◄─freeze─► held
//                          │ all stages ended, or stopped and nothing runs any more
//                          ├─ something to undo ─► rollingBack ─┐
//                          └────────────────────────────────────┴─ hooks of the whole ─► closing ─► ended
//
// `apply` is a function of (run, event): no clock, no chance. What a run wants is also to be read off
// its state (`outstanding`), so that nothing is lost with whoever was to do it.
public import WritCrypto

/// A run.
public struct Run: Sendable {
  /// Where a run stands.
  public enum Phase: Hashable, Sendable {
    case waiting
    case running
    /// A freeze is on and all that was under way is done.
    case held
    case rollingBack
    /// All is done or undone, and the hooks of the whole run.
    case closing
    case ended(RunVerdict)
  }

  /// Its name, unlike that of any other run.
  public let id: String
  /// The digest of its plan.
  public let planDigest: Digest
  /// Where it stands.
  public internal(set) var phase: Phase = .waiting
  /// Its nodes, in the order of the plan.
  public internal(set) var states: NodeStates
  /// What it began with.
  public internal(set) var start: RunStart?
  /// Votes, by node.
  public internal(set) var ballots: [Int: Ballot] = [:]
  /// How it was cancelled, if it was.
  public internal(set) var cancelMode: CancelMode?
  /// Whose words that it is to stop were heeded, each harder than the one before.
  public internal(set) var cancelWords: [CancelWord] = []
  /// Whether it was stopped because the time of the whole was up.
  public internal(set) var isOverdue = false
  /// Whether a freeze is on.
  public internal(set) var isFrozen = false
  /// Why, in words; empty where there is no more to say, or no freeze.
  public internal(set) var freezeReason = ""
  /// A stage would begin, and waits for word that there is no freeze.
  public internal(set) var asksFreeze = false
  /// How often a runner took it up again.
  public internal(set) var restarts = 0
  /// The time of the last event, in microseconds since 1970; 0 before the first.
  public internal(set) var now: Int64 = 0

  let plan: FlatPlan
  /// The node whose failure stopped the run.
  var failure: Int?
  var wantsRollback = false
  /// Whether a stage may have become ready.
  var looksAtStages = false
  /// There is no freeze at this event.
  var isClear = false
  /// Ends so far.
  var ends = 0
  /// Stages that run.
  var activeStages = 0
  /// What is undone, in order; how much of it was begun, how much has ended, and how much of that ended well.
  var undoing: [Undoing] = []
  var undoingBegun = 0
  var undone = 0
  var undoneWell = 0
  /// How the run has ended, as its own hooks see it; and how many of them were looked at.
  var conclusion: RunResult?
  var closed = 0
  /// What is still to be looked at within one event.
  var agenda: [Int] = []
  /// What the event being applied asks for.
  var wanted: [Effect] = []

  /// A run of a plan to which nothing has happened.
  ///
  /// - Parameters:
  ///   - id: 1 to `PipelineLimits.nameByteCount` bytes.
  public init(id: String, plan: Plan) {
    precondition((1...PipelineLimits.nameByteCount).contains(id.utf8.count), "a run has a name")
    self.id = id
    planDigest = plan.digest
    self.plan = FlatPlan(plan)
    states = NodeStates(count: self.plan.nodes.count)
  }

  /// How it ended, if it has.
  public var verdict: RunVerdict? {
    if case .ended(let verdict) = phase { verdict } else { nil }
  }
}

/// What one round of a step has changed, and the node that takes it back.
struct Undoing: Hashable, Sendable {
  let rollback: Int
  let round: Int
}

// What can be asked of a run.
extension Run {
  /// The name of a node: its id in the plan, and of a rollback that of its step and `:rollback`.
  public func id(of node: Int) -> String { plan.nodes[node].id }

  /// The node of that name.
  public func node(_ id: String) -> Int? { plan.nodes.firstIndex { $0.id == id } }

  /// What a node does; groups without their parts.
  public func work(of node: Int) -> PlanWork { plan.nodes[node].work }

  /// Whether doing it twice is as good as once.
  public func isIdempotent(_ node: Int) -> Bool { plan.nodes[node].isIdempotent }

  /// The name of a node in a round: its id, and from the second round on `:` and the round.
  public func name(of position: RunPosition) -> String {
    let id = id(of: position.node)
    return position.round == 1 ? id : "\(id):\(position.round)"
  }

  /// The result of a node; of one that was never begun, though what it is part of has ended, skipped.
  public func result(of node: Int) -> RunResult? {
    if let result = states[node].result { return result }
    return isOver(node) ? .skipped : nil
  }

  /// Why a node ended so, in words; empty where it did what it should or has not ended.
  public func explanation(of node: Int) -> String {
    guard states[node].result == nil else { return states[node].cause.description }
    guard isOver(node) else { return "" }
    if case .hook(let moment) = plan.nodes[node].role {
      return "it is for \(moment.rawValue), and that did not come"
    }
    if plan.nodes[node].role == .rollback { return "nothing had to be undone, or not by it" }
    if let cancellation { return cancellation.description }
    if let parent = plan.nodes[node].parent { return "`\(id(of: parent))` ended before it" }
    return failure.map { Cause.runFailed(id(of: $0)).description } ?? "the run ended before it"
  }

  /// Whether a node that has no result will get none.
  private func isOver(_ node: Int) -> Bool {
    if verdict != nil { return true }
    guard let parent = plan.nodes[node].parent else { return false }
    return states[parent].phase == .ended || isOver(parent)
  }

  /// What the run waits for, read off its state: all effects of all events so far that no event has answered.
  public var outstanding: [Effect] {
    if let verdict { return [.finish(verdict)] }
    let freeze = asksFreeze ? plan.freeze.map { [Effect.askFreeze(condition: $0)] } ?? [] : []
    return freeze + states.indices.flatMap { node in outstanding(of: node) }
  }

  private func outstanding(of node: Int) -> [Effect] {
    let state = states[node]
    let position = RunPosition(node: node, round: state.round)
    var effects: [Effect] = []
    switch state.phase {
    case .waiting, .inside, .hooks, .ended: break
    case .asking:
      effects =
        plan.nodes[node].options.condition.map { [.evaluate(position, condition: $0)] } ?? []
    case .checking:
      if case .repeated(_, let repetition) = plan.nodes[node].work {
        effects = [.evaluate(position, condition: repetition.until)]
      }
    case .deciding: effects = [.decide(position)]
    case .holding:
      if let ballot = ballots[node] { effects = asking(position, ballot) }
    case .pausing: effects = state.timer.map { [.setTimer(position, .pause, at: $0)] } ?? []
    case .ready: effects = [.begin(position, attempt: state.attempt)]
    case .working:
      effects = [.perform(position, attempt: state.attempt, until: end(of: state))]
      if let timer = state.timer { effects.append(.setTimer(position, .attempt, at: timer)) }
    case .stopping: effects = [.cancelAttempt(position, attempt: state.attempt)]
    }
    if let deadline = state.deadline {
      effects.append(.setTimer(position, .deadline, at: deadline))
    }
    return effects
  }

  func asking(_ position: RunPosition, _ ballot: Ballot) -> [Effect] {
    [
      .askApprovals(position, ballot.rules, until: ballot.until),
      .setTimer(position, .approval, at: ballot.until),
    ]
  }

  /// When a node ends at the latest by its own deadline and those of the groups around it, in microseconds since 1970; `nil` where
  /// none of them has one.
  public func deadline(of node: Int) -> Int64? {
    var earliest = states[node].deadline
    var around = plan.nodes[node].parent
    while let group = around {
      earliest = [earliest, states[group].deadline].compactMap { $0 }.min()
      around = plan.nodes[group].parent
    }
    return earliest
  }

  /// When an attempt must be over.
  func end(of state: NodeState) -> Int64? {
    switch (state.timer, state.deadline) {
    case (let a?, let b?): min(a, b)
    case (let a, nil): a
    case (nil, let b): b
    }
  }
}

extension Run: Equatable {
  /// The same run of the same plan in the same state.
  public static func == (left: Run, right: Run) -> Bool {
    left.id == right.id && left.planDigest == right.planDigest && left.phase == right.phase
      && left.states == right.states && left.start == right.start && left.ballots == right.ballots
      && left.cancelMode == right.cancelMode && left.cancelWords == right.cancelWords
      && left.isOverdue == right.isOverdue && left.isFrozen == right.isFrozen
      && left.freezeReason == right.freezeReason && left.asksFreeze == right.asksFreeze
      && left.restarts == right.restarts && left.now == right.now
      && left.failure == right.failure && left.undoing == right.undoing
      && left.undone == right.undone && left.undoneWell == right.undoneWell
      && left.undoingBegun == right.undoingBegun && left.conclusion == right.conclusion
      && left.closed == right.closed && left.wantsRollback == right.wantsRollback
  }
}
