// A plan: what is to be done, in which order, and what then; a bounded value without any policy in it.
//
// Names of conditions, words of commands and arguments are references: whoever runs the plan knows what
// they mean, and looks when the step is about to run. The plan only says when to ask.

public import WritCrypto
import WritModel

/// A length of time in microseconds, as a plan has it: 0 ≤ value ≤ `PipelineLimits.microseconds`.
public typealias Microseconds = Int64

/// What is to be done.
public struct Plan: Hashable, Sendable {
  /// The pipeline's full name.
  public let pipeline: String
  /// Where runs of it queue, if they do.
  public let concurrency: Concurrency?
  /// The condition under which no stage begins, if there is one.
  public let freeze: String?
  /// At least one; in the order in which they are written.
  public let stages: [PlanNode]
  /// What runs once all stages have ended, and what was to be undone is.
  public let hooks: [Hook]
  /// What journals and evidence know the plan by: the SHA-256 of its canonical form.
  public let digest: Digest

  /// A plan whose parts are valid and whose stages name only one another; what is wrong is thrown.
  public init(
    pipeline: String, concurrency: Concurrency?, freeze: String? = nil, stages: [PlanNode],
    hooks: [Hook] = []
  ) throws(PlanError) {
    self.pipeline = pipeline
    self.concurrency = concurrency
    self.freeze = freeze
    self.stages = stages
    self.hooks = hooks
    digest = Digest(of: Plan.canonicalBytes(pipeline, concurrency, freeze, stages, hooks))
    try check()
  }
}

/// A queue that runs wait in.
public struct Concurrency: Hashable, Sendable {
  /// The queue's name, the same for all runs that share it.
  public let group: String
  /// Runs that may be under way at once: at least 1.
  public let limit: Int
  /// Whether a newer run takes the place of one that waits.
  public let supersedes: Bool

  /// A queue.
  public init(group: String, limit: Int, supersedes: Bool) {
    self.group = group
    self.limit = limit
    self.supersedes = supersedes
  }
}

/// A stage, a group or a step.
public struct PlanNode: Hashable, Sendable {
  /// A path such as `verify/test[linux]`, once in a plan.
  public let id: String
  /// What it is.
  public let work: PlanWork
  /// When it runs and what follows.
  public let options: NodeOptions

  /// A node with its options.
  public init(_ id: String, _ work: PlanWork, _ options: NodeOptions = NodeOptions()) {
    self.id = id
    self.work = work
    self.options = options
  }
}

/// What a node is.
public indirect enum PlanWork: Hashable, Sendable {
  /// A program with these words, each a reference.
  case run(words: [String])
  /// An action that a gate guards, and the way back.
  case act(ActionCall, rollback: ActionCall?)
  /// People's word: every rule must be met within the time.
  case approve(rules: [ApprovalRule], within: Microseconds)
  /// Nothing, for a time.
  case wait(Microseconds)
  /// A gate that must allow.
  case gate(name: String, arguments: [String])
  /// One after another, up to the first that fails.
  case sequence([PlanNode])
  /// At once, at most so many.
  case parallel([PlanNode], max: Int)
  /// Round after round, until a condition holds.
  case repeated([PlanNode], Repetition)
}

/// An action as a plan calls it.
public struct ActionCall: Hashable, Sendable {
  /// The action's full name.
  public let action: String
  /// References to its arguments, in their order.
  public let arguments: [String]
  /// What it changes: `none`, `staging` or `production`.
  public let effect: String
  /// The gate that decides on it; asked when it is about to run, and before each attempt.
  public let gate: String
  /// Whether doing it twice is as good as once.
  public let isIdempotent: Bool

  /// A call.
  public init(
    action: String, arguments: [String], effect: String, gate: String, isIdempotent: Bool
  ) {
    self.action = action
    self.arguments = arguments
    self.effect = effect
    self.gate = gate
    self.isIdempotent = isIdempotent
  }
}

/// So many people in a role.
public struct ApprovalRule: Hashable, Sendable {
  /// The role, as those who bring the votes know it.
  public let role: String
  /// Different people that are needed: at least 1.
  public let count: Int
  /// People who do not count, as nodes, beside the requester and the contributors.
  public let excluded: [String]
  /// Rules of one group are for different people, those of two are not: 0 of all that an `approve` step asks for, and the same for
  /// all that one clause of a gate does.
  public let group: Int
  /// The clause of a gate that asks; empty of what an `approve` step asks for.
  public let clause: String

  /// A rule.
  public init(
    role: String, count: Int, excluded: [String], group: Int = 0, clause: String = ""
  ) {
    self.clause = clause
    self.role = role
    self.count = count
    self.excluded = excluded
    self.group = group
  }
}

/// How a repeat goes round.
public struct Repetition: Hashable, Sendable {
  /// The pause between two rounds.
  public let every: Microseconds
  /// Rounds, the first included.
  public let atMost: Int
  /// The condition that ends it; asked after each round.
  public let until: String
  /// Rounds in a row with the same outputs after which it gives up; at least 2.
  public let noProgress: Int?

  /// Bounds of a repeat.
  public init(every: Microseconds, atMost: Int, until: String, noProgress: Int?) {
    self.every = every
    self.atMost = atMost
    self.until = until
    self.noProgress = noProgress
  }
}
