// When a node of a plan runs, and what follows from how it ended.

/// When a node runs, how often it is tried, and what follows.
public struct NodeOptions: Hashable, Sendable {
  /// What it waits for; of stages only. A step waits for what stands in front of it.
  public var after: [StageDependency] = []
  /// The condition that is asked when the node is about to run; without one it runs.
  public var condition: String?
  /// How often a step is tried.
  public var retry: RetryPolicy?
  /// For one attempt at a step.
  public var attemptTimeout: Microseconds?
  /// For all attempts at a step, with their gates and approvals; of a group for all that is in it.
  public var deadline: Microseconds?
  /// Whether a `run` may be done twice; of an action its call says so.
  public var isIdempotent = false
  /// What follows from a result that is not good; the first that matches. None: the level above decides.
  public var strategies: [FailureStrategy] = []
  /// What runs when the node has ended.
  public var hooks: [Hook] = []

  /// None.
  public init() {}
}

/// A stage that must have ended, and how.
public struct StageDependency: Hashable, Sendable {
  /// The id of the stage.
  public let stage: String
  /// The results that will do. Empty: succeeded or skipped, or one that its strategy ignored.
  public let results: [RunResult]

  /// A bare dependency, or one on certain results.
  public init(_ stage: String, results: [RunResult] = []) {
    self.stage = stage
    self.results = results
  }
}

/// What follows from some results.
public struct FailureStrategy: Hashable, Sendable {
  /// The results that it is for.
  public let results: [RunResult]
  /// What follows.
  public let action: FailureAction

  /// A strategy.
  public init(_ results: [RunResult], _ action: FailureAction) {
    self.results = results
    self.action = action
  }
}

/// What follows from a failure. The result stays in the record as it is.
public enum FailureAction: String, CaseIterable, Hashable, Sendable {
  /// Nothing new is begun; the run has failed.
  case abort
  /// It goes on as if this had succeeded.
  case ignore
  /// As `abort`, and what was done is undone.
  case rollback
  /// What the stage says, whatever the groups in between say.
  case stage
}

/// What runs once a node has ended.
public struct Hook: Hashable, Sendable {
  /// How the node must have ended.
  public let moment: HookMoment
  /// What runs.
  public let node: PlanNode

  /// A hook.
  public init(_ moment: HookMoment, _ node: PlanNode) {
    self.moment = moment
    self.node = node
  }
}

/// How a node must have ended for a hook to run.
public enum HookMoment: String, CaseIterable, Hashable, Sendable {
  /// Succeeded.
  case onSuccess
  /// Failed, denied or expired.
  case onFailure
  /// Errored.
  case onError
  /// Cancelled.
  case onAbort
  /// However; after the others.
  case ensure

  /// Whether it runs after that result of a node that was begun.
  func covers(_ result: RunResult) -> Bool {
    switch self {
    case .onSuccess: result == .succeeded
    case .onFailure: result == .failed || result == .denied || result == .expired
    case .onError: result == .errored
    case .onAbort: result == .cancelled
    case .ensure: true
    }
  }
}

/// How something ended.
public enum RunResult: String, CaseIterable, Hashable, Sendable {
  case succeeded
  /// The work said no.
  case failed
  /// It could not be done.
  case errored
  /// Policy, or a person, said no.
  case denied
  /// Its time was up.
  case expired
  case cancelled
  case skipped
  /// It was undone.
  case rolledBack
  /// Undoing it did not succeed; a person must look.
  case rollbackFailed

  /// Whether what follows can go on.
  var isGood: Bool { self == .succeeded || self == .skipped }

  /// Results that a strategy can be for.
  static let bad: [RunResult] = [.failed, .errored, .denied, .expired]

  /// The graver first, to tell which of several names a group.
  var gravity: Int {
    switch self {
    case .errored: 6
    case .denied: 5
    case .failed: 4
    case .expired: 3
    case .cancelled: 2
    case .rollbackFailed, .rolledBack: 1
    case .succeeded, .skipped: 0
    }
  }
}
