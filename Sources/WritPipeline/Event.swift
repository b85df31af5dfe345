// What happens to a run, and what it then wants done.
public import WritCrypto

/// A node of a run, in one round of the repeats around it.
public struct RunPosition: Hashable, Sendable {
  /// Place among the plan's nodes; `Run.id(of:)` has its name.
  public let node: Int
  /// From 1.
  public let round: Int

  /// A position.
  public init(node: Int, round: Int) {
    self.node = node
    self.round = round
  }
}

/// Something that happened, and when.
public struct Event: Hashable, Sendable {
  /// Microseconds since 1970; never less than that of the event before.
  public let at: Int64
  /// What.
  public let happening: Happening

  /// An event.
  public init(at: Int64, _ happening: Happening) {
    self.at = at
    self.happening = happening
  }
}

/// What can happen to a run.
public enum Happening: Hashable, Sendable {
  /// It began.
  case started(RunStart)
  /// A condition was looked at: of a node that is about to run, or of a repeat after a round.
  case conditionEvaluated(RunPosition, Answer)
  /// A gate was asked.
  case decided(RunPosition, GateDecision)
  /// What an approval is about was worked out, or has changed.
  case subjectKnown(RunPosition, Digest)
  /// Somebody said yes or no.
  case voted(RunPosition, Vote)
  /// The worker is about to be told of an attempt.
  case stepStarted(RunPosition, attempt: Int)
  /// A worker said how an attempt ended.
  case stepEnded(RunPosition, attempt: Int, Ending)
  /// A worker will never say how an attempt ended.
  case workerLost(RunPosition, attempt: Int)
  /// A worker says that it never got an attempt, and never will: it does not count.
  case attemptNotBegun(RunPosition, attempt: Int)
  /// A time that was waited for has come.
  case timerFired(RunPosition, RunTimer)
  /// Somebody wants the run to stop; who, as far as it can be told.
  case cancelled(CancelMode, by: Canceller = .unsaid)
  /// The time of the whole run is up: it stops as by `CancelMode.cleanup`, and has expired.
  case overdue
  /// A freeze began: what is under way goes on, no stage begins. Why, in words, where there is more to say than that.
  case freezeBegan(String)
  /// No freeze any more: stages begin.
  case freezeEnded
  /// It was asked whether there is a freeze, and there is none: the stages that wait for that begin.
  case freezeAbsent
  /// The runner was started anew.
  case resumed
}

/// What a run begins with.
public struct RunStart: Hashable, Sendable {
  /// Who asked for the run, as a node.
  public let requester: String
  /// Who contributed to what is run, as nodes: they may not approve either.
  public let contributors: [String]

  /// A beginning.
  public init(requester: String, contributors: [String]) {
    self.requester = requester
    self.contributors = contributors
  }
}

/// What a condition comes to.
public enum Answer: Hashable, Sendable {
  case yes
  case no
  /// It cannot be known; why, in words.
  case unknown(String)
}

/// What a gate said of the action as it would be done now.
public struct GateDecision: Hashable, Sendable {
  /// Its three answers.
  public enum Outcome: Hashable, Sendable {
    case allow
    /// In words.
    case deny(String)
    /// Approvals are missing; whoever decides asks again once they are there.
    case hold([ApprovalRule], within: Microseconds)
  }

  /// What it said.
  public let outcome: Outcome
  /// The digest of the action with all that it would be done with.
  public let action: Digest
  /// The decision's index in the evidence log; `nil` where the gate could not even be asked.
  public let evidence: UInt64?

  /// A decision.
  public init(_ outcome: Outcome, action: Digest, evidence: UInt64?) {
    self.outcome = outcome
    self.action = action
    self.evidence = evidence
  }
}

/// How an attempt ended, as a worker says it.
public struct Ending: Hashable, Sendable {
  /// Succeeded, failed, errored, denied or cancelled.
  public let result: RunResult
  /// Of all that the worker saw of it.
  public let outputs: Digest?
  /// In words; at most `PipelineLimits.detailByteCount` bytes.
  public let detail: String
  /// Whether nobody knows what it has changed.
  public let isEffectUnknown: Bool
  /// Whether a worker came to do anything: what was never begun has changed nothing.
  public let wasBegun: Bool
  /// What it gives out for steps behind it, where it succeeded: canonical JSON of 1 to `PipelineLimits.outputByteCount` bytes.
  public let output: String?

  /// An ending.
  public init(
    _ result: RunResult, outputs: Digest? = nil, detail: String = "",
    isEffectUnknown: Bool = false, wasBegun: Bool = true, output: String? = nil
  ) {
    self.wasBegun = wasBegun
    self.result = result
    self.outputs = outputs
    self.detail = detail
    self.isEffectUnknown = isEffectUnknown
    self.output = output
  }

  /// Results that a worker may report.
  static let results: Set<RunResult> = [.succeeded, .failed, .errored, .denied, .cancelled]
}

/// What a node waits for by the clock.
public enum RunTimer: String, CaseIterable, Hashable, Sendable {
  /// A pause before an attempt or a round, or a step that only waits.
  case pause
  /// The end of one attempt's time.
  case attempt
  /// The end of a step's time.
  case deadline
  /// The end of the time for approvals.
  case approval
}

/// How a run is stopped, the gentlest first.
public enum CancelMode: String, CaseIterable, Hashable, Sendable, Comparable {
  /// What runs is finished.
  case drain
  /// What runs is stopped, hooks run, and what was done is undone.
  case cleanup
  /// What runs is stopped, and that is all.
  case now

  /// Gentler.
  public static func < (left: CancelMode, right: CancelMode) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .drain: 0
    case .cleanup: 1
    case .now: 2
    }
  }
}

/// What a run wants done. Each may be done only once the event that it comes from is durable.
public enum Effect: Hashable, Sendable {
  /// Look at a condition on values as they are now, and say `conditionEvaluated`.
  case evaluate(RunPosition, condition: String)
  /// Ask the gate of a step, and say `decided`.
  case decide(RunPosition)
  /// Get people's votes until that time, and say `subjectKnown` and `voted`.
  case askApprovals(RunPosition, [ApprovalRule], until: Int64)
  /// Say `stepStarted`: what is then wanted is done by a worker.
  case begin(RunPosition, attempt: Int)
  /// Let a worker do an attempt; it should be over at that time.
  case perform(RunPosition, attempt: Int, until: Int64?)
  /// Tell the worker to stop; it still says how it ended.
  case cancelAttempt(RunPosition, attempt: Int)
  /// Ask whether there is a freeze and say `freezeBegan` or `freezeAbsent`; while there is one ask again from time to time, and
  /// say `freezeEnded`.
  case askFreeze(condition: String)
  /// Say `timerFired` at that time.
  case setTimer(RunPosition, RunTimer, at: Int64)
  /// The run has ended.
  case finish(RunVerdict)
}

/// How a run ended.
public struct RunVerdict: Hashable, Sendable {
  /// Succeeded, failed, errored, denied, expired or cancelled; whatever was undone afterwards.
  public let result: RunResult
  /// `rolledBack` or `rollbackFailed` where there was something to undo.
  public let rollback: RunResult?
  /// Whether nobody knows what an attempt has changed, or still changes: undoing it does not make it known.
  public let isEffectUnknown: Bool
  /// Whether the time of the whole run was up before it had ended.
  public let isOverdue: Bool

  /// A verdict.
  public init(
    result: RunResult, rollback: RunResult? = nil, isEffectUnknown: Bool = false,
    isOverdue: Bool = false
  ) {
    self.isOverdue = isOverdue
    self.result = result
    self.rollback = rollback
    self.isEffectUnknown = isEffectUnknown
  }

  /// Whether the state of the world is one that nobody planned.
  public var needsPerson: Bool { rollback == .rollbackFailed || isEffectUnknown }
}
