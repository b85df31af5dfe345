// What a run knows of one node of its plan.
public import WritCrypto

/// The state of one node.
public struct NodeState: Hashable, Sendable {
  /// What a node is doing, or waits for.
  public enum Phase: UInt8, Hashable, Sendable {
    /// Not begun, in this round.
    case waiting
    /// Its condition is looked at.
    case asking
    /// Its gate is asked.
    case deciding
    /// People are asked.
    case holding
    /// A time is waited for.
    case pausing
    /// The next attempt may start.
    case ready
    /// A worker is at it.
    case working
    /// A worker was told to stop.
    case stopping
    /// Its parts run.
    case inside
    /// A repeat's condition is looked at.
    case checking
    /// Its hooks run.
    case hooks
    /// It has ended.
    case ended
  }

  /// What it is doing.
  public internal(set) var phase: Phase = .waiting
  /// How often it was begun anew by the repeats around it; from 1.
  public internal(set) var round = 1
  /// The attempt that was begun last; from 1, 0 for none.
  public internal(set) var attempt = 0
  /// How its own work ended, whatever a strategy made of it.
  public internal(set) var result: RunResult?
  /// Why it ended so.
  public internal(set) var cause: Cause = .none
  /// Whether a strategy let the run go on all the same.
  public internal(set) var isIgnored = false
  /// What became of undoing it.
  public internal(set) var reversal: RunResult?
  /// Of what it gave out last.
  public internal(set) var outputs: Digest?
  /// What it has given out in this round for steps behind it: canonical JSON.
  public internal(set) var output: String?
  /// Index of the newest decision on it in the evidence log.
  public internal(set) var evidence: UInt64?
  /// The digest of the action that was last decided on.
  public internal(set) var action: Digest?

  /// Ends are counted through the run, so that they can be undone in reverse; kept from round to round.
  var endOrder = 0
  /// Whether an attempt was let in in this round, and so may have changed something.
  var mayHaveChanged = false
  /// The rounds before in which one was.
  var changes: [Change] = []
  /// Whether nobody knows what an attempt has changed, and none has succeeded since that makes up for it; kept from round to round.
  var hasUnknownEffect = false
  /// Of a group: its time was up while its parts ran.
  var isOverdue = false
  /// Whether a strategy has dealt with the failure already.
  var isSettled = false
  /// Whether what follows from the failure is for the stage to say.
  var isForStage = false
  /// When what is waited for comes: the end of a pause or of an attempt's time.
  var timer: Int64?
  /// The end of the step's time.
  var deadline: Int64?
  /// Why the worker was told to stop.
  var stopCause: Cause = .none
  /// Decisions since the attempt was wanted.
  var decisions = 0
  /// Part or hook that is begun next.
  var next = 0
  /// Parts that run.
  var active = 0
  /// The gravest result of its parts, if one is bad, and which part's.
  var worst: RunResult?
  var worstPart = 0
  /// Rounds that a repeat has begun, and how many in a row gave out the same.
  var rounds = 0
  var sameRounds = 0
  var roundOutputs: Digest?

  /// A round of a node in which something may have changed.
  struct Change: Hashable, Sendable {
    let round: Int
    /// Where its end stands among all of the run.
    let endOrder: Int
  }

  /// Whether it has begun and not ended.
  var isUnderWay: Bool { phase != .waiting && phase != .ended }

  /// Whether what follows can go on.
  var isGood: Bool { isIgnored || result?.isGood == true }
}

/// Why something ended as it did.
public enum Cause: Hashable, Sendable {
  /// Nothing in particular: the work was done.
  case none
  /// Its condition does not hold.
  case conditionFalse
  /// Nobody can tell whether its condition holds.
  case conditionUnknown(String)
  /// A stage in front of it did not end as it must.
  case dependency(String)
  /// A part ended so.
  case part(String)
  /// A hook did not succeed.
  case hook(String)
  /// The gate's words.
  case denied(String)
  /// A person's no, and why, where they said it.
  case rejected(String, why: String)
  /// One attempt took too long.
  case attemptTimedOut
  /// All attempts together took too long.
  case deadline
  /// Not all approvals came in time.
  case approvalExpired
  /// The gate goes on asking.
  case heldTooOften
  /// A hold that asks for nothing, or for too much.
  case senselessHold
  /// The worker's words.
  case worker(String)
  /// A worker was lost, and nobody knows what it has done.
  case effectUnknown(String)
  /// The condition of a repeat did not come to hold.
  case roundsUsedUp
  /// The rounds of a repeat gave out the same again and again.
  case noProgress
  /// A part of a group that it is in failed.
  case groupFailed(String)
  /// The run was stopped because this part of it failed.
  case runFailed(String)
  /// Somebody stopped the run.
  case runCancelled(CancelMode, by: Canceller)
  /// The time of the whole run was up.
  case runOverdue
}

extension Cause {
  /// Whether the run, or somebody, told it to stop.
  var isWordToStop: Bool {
    switch self {
    case .runFailed, .runCancelled, .runOverdue: true
    default: false
    }
  }
}

extension Cause: CustomStringConvertible {
  /// Lower case, no full stop; empty where there is nothing to say.
  public var description: String {
    switch self {
    case .none: ""
    case .conditionFalse: "its condition does not hold"
    case .conditionUnknown(let why): "its condition is unknown: \(why)"
    case .dependency(let id): "it needs `\(id)`, which did not end as it must"
    case .part(let id): "its part `\(id)` ended so"
    case .hook(let id): "its hook `\(id)` did not succeed"
    case .denied(let why): why
    case .rejected(let person, let why): "`\(person)` said no" + (why.isEmpty ? "" : ": \(why)")
    case .attemptTimedOut: "the attempt took longer than it may"
    case .deadline: "its time was up"
    case .approvalExpired: "not all approvals came in time"
    case .heldTooOften: "the gate goes on asking for approvals that were given"
    case .senselessHold: "the gate holds and asks for nothing that can be given"
    case .worker(let detail): detail
    case .effectUnknown(let detail):
      "effect unknown" + (detail.isEmpty ? "" : ": \(detail)")
    case .roundsUsedUp: "its condition did not come to hold in the rounds it has"
    case .noProgress: "its rounds gave out the same again and again"
    case .groupFailed(let id): "its group was stopped: `\(id)` did not succeed"
    case .runFailed(let id): "the run was stopped: `\(id)` did not succeed"
    case .runCancelled(let mode, let canceller):
      "the run was cancelled"
        + (canceller == .unsaid ? "" : " \(canceller)") + ": \(mode.rawValue)"
    case .runOverdue: "the run was stopped: its pipeline's deadline was over"
    }
  }
}
