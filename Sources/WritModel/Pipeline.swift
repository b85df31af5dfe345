// Pipelines as trees of stages and steps, and the bounds that they keep. Expressions stand in tables beside the tree:
// the typed pipeline's are typed, the compiled one's are routines, so that both have one tree.

/// Stages run in an order that has no circle, each once its own condition holds.
public struct PipelineStage: Hashable, Sendable {
  /// Unique in its pipeline.
  public let name: String
  /// Index into the pipeline's places.
  public let place: Int
  /// Indexes of stages that come before it; rising.
  public let after: [Int]
  /// Of those among them that must have ended otherwise than well, or in one way only; rising.
  public let results: [StageResults]
  /// Index into the pipeline's values, a Bool; `nil`: it runs.
  public let condition: Int?
  /// Steps at once; 1: one after another, in their order. `nil`: all.
  public let limit: Int?
  /// What is done about troubles of its steps that they do not deal with themselves; each trouble once.
  public let responses: [TroubleResponse]
  /// Never empty.
  public let steps: [PipelineStep]
  /// What runs once it has ended; each moment once.
  public let hooks: [PipelineHook]
  /// By which values ask how it ended; unlike that of any other stage or step. `nil`: none asks.
  public let mark: Int?

  public init(
    name: String, place: Int, after: [Int], results: [StageResults] = [], condition: Int?,
    limit: Int?, responses: [TroubleResponse], steps: [PipelineStep], hooks: [PipelineHook] = [],
    mark: Int? = nil
  ) {
    self.name = name
    self.place = place
    self.after = after
    self.results = results
    self.condition = condition
    self.limit = limit
    self.responses = responses
    self.steps = steps
    self.hooks = hooks
    self.mark = mark
  }
}

/// One step, or several that belong together.
public struct PipelineStep: Hashable, Sendable {
  /// Unique among the steps beside it; a step of a matrix bears its values, `test[linux]`.
  public let name: String
  /// Index into the pipeline's places.
  public let place: Int
  public let work: PipelineWork
  /// Indexes of steps beside it that end well, or are skipped, before it begins; rising.
  public let needs: [Int]
  /// Index into the pipeline's values, a Bool; `nil`: it runs.
  public let condition: Int?
  /// `nil`: one attempt.
  public let retry: RetryPolicy?
  /// Microseconds for one attempt.
  public let timeout: Int64?
  /// Microseconds for all attempts, and for all steps within.
  public let deadline: Int64?
  /// Running it twice does what running it once does: a lost worker is no trouble.
  public let isIdempotent: Bool
  /// Each trouble once.
  public let responses: [TroubleResponse]
  /// Index into the pipeline's outputs: what it gives out. Each is given out by one step.
  public let output: Int?
  /// Outputs of steps that come before it, whether or not it reads them; rising. Its gate is asked with their facts.
  public let inSight: [Int]
  /// What runs once it has ended; each moment once.
  public let hooks: [PipelineHook]
  /// By which values ask how it ended; unlike that of any other stage or step. `nil`: none asks.
  public let mark: Int?

  public init(
    name: String, place: Int, work: PipelineWork, needs: [Int] = [], condition: Int? = nil,
    retry: RetryPolicy? = nil, timeout: Int64? = nil, deadline: Int64? = nil,
    isIdempotent: Bool = false, responses: [TroubleResponse] = [], output: Int? = nil,
    inSight: [Int] = [], hooks: [PipelineHook] = [], mark: Int? = nil
  ) {
    self.name = name
    self.place = place
    self.work = work
    self.needs = needs
    self.condition = condition
    self.retry = retry
    self.timeout = timeout
    self.deadline = deadline
    self.isIdempotent = isIdempotent
    self.responses = responses
    self.output = output
    self.inSight = inSight
    self.hooks = hooks
    self.mark = mark
  }
}

/// An output that a value reads.
public struct OutputRead: Hashable, Sendable {
  /// Index into the pipeline's outputs.
  public let output: Int
  /// The value deals with an output that was not made. Otherwise there is no value then.
  public let mayBeAbsent: Bool

  public init(output: Int, mayBeAbsent: Bool) {
    self.output = output
    self.mayBeAbsent = mayBeAbsent
  }
}

/// What a step does.
public indirect enum PipelineWork: Hashable, Sendable {
  /// A program that touches nothing and holds no secrets; never empty, the first word is one text.
  case run([PipelineWord])
  /// An action by index, and an index into the pipeline's values for each of its parameters.
  case action(Int, arguments: [Int])
  /// A gate by index, asked without anything being done, and its arguments.
  case gate(Int, arguments: [Int])
  case approval(PipelineApproval)
  /// Microseconds.
  case wait(Int64)
  /// Steps, so many at once; 1: one after another, in their order. `nil`: all.
  case group(limit: Int?, [PipelineStep])
  case loop(PipelineLoop)
  case agent(PipelineAgent)
}

/// A task for an agent: a program outside that asks questions of the bundle until it has an answer.
public struct PipelineAgent: Hashable, Sendable {
  /// By which whoever runs the pipeline knows it.
  public let name: String
  public let task: PipelineWord
  /// Microseconds for one attempt.
  public let time: Int64
  /// Of tools, in one attempt.
  public let calls: Int
  /// As the agent counts them, in one attempt.
  public let tokens: Int64

  public init(name: String, task: PipelineWord, time: Int64, calls: Int, tokens: Int64) {
    self.name = name
    self.task = task
    self.time = time
    self.calls = calls
    self.tokens = tokens
  }
}

/// One word of a command.
public struct PipelineWord: Hashable, Sendable {
  public enum Piece: Hashable, Sendable {
    case text(String)
    /// Index into the pipeline's values.
    case value(Int)
  }

  /// In order; none: the empty word.
  public let pieces: [Piece]

  public init(pieces: [Piece]) {
    self.pieces = pieces
  }
}

/// People of a role who must agree.
public struct PipelineApprovers: Hashable, Sendable {
  public let role: String
  /// Distinct people.
  public let count: Int
  /// Index into the pipeline's values: a node or nodes who may not approve.
  public let except: Int?

  public init(role: String, count: Int, except: Int?) {
    self.role = role
    self.count = count
    self.except = except
  }
}

/// People who must agree; nobody is counted for two roles.
public struct PipelineApproval: Hashable, Sendable {
  /// Never none, each of another role.
  public let rules: [PipelineApprovers]
  /// Microseconds to wait for them.
  public let within: Int64

  public init(_ rules: [PipelineApprovers], within: Int64) {
    self.rules = rules
    self.within = within
  }
}

/// Rounds until a condition holds; that it never did is a failure.
public struct PipelineLoop: Hashable, Sendable {
  /// Microseconds between the end of a round and the start of the next.
  public let interval: Int64
  public let most: Int
  /// Rounds in a row that gave out the same, after which it has failed; `nil`: however many.
  public let unchanged: Int?
  /// Index into the pipeline's values, a Bool that is asked after each round.
  public let until: Int
  /// One after another in each round; may be empty.
  public let steps: [PipelineStep]

  public init(
    interval: Int64, most: Int, unchanged: Int? = nil, until: Int, steps: [PipelineStep]
  ) {
    self.interval = interval
    self.most = most
    self.unchanged = unchanged
    self.until = until
    self.steps = steps
  }
}

/// When a step that went wrong is tried again.
public struct RetryPolicy: Hashable, Sendable {
  /// The first counts.
  public let attempts: Int
  /// Microseconds before the second attempt; 0: at once.
  public let base: Int64
  /// Microseconds that no delay is longer than, jitter aside.
  public let cap: Int64
  /// Millionths by which each delay is longer than the one before.
  public let factor: Int64
  /// Microseconds that are added at random, at most.
  public let jitter: Int64

  public init(attempts: Int, base: Int64, cap: Int64, factor: Int64, jitter: Int64) {
    self.attempts = attempts
    self.base = base
    self.cap = cap
    self.factor = factor
    self.jitter = jitter
  }
}

/// Runs of one group, so many at once; the others wait in line.
public struct PipelineConcurrency: Hashable, Sendable {
  public let group: String
  public let limit: Int
  /// A newer run takes the place of one that waits.
  public let supersedes: Bool

  public init(group: String, limit: Int, supersedes: Bool) {
    self.group = group
    self.limit = limit
    self.supersedes = supersedes
  }
}

/// How a step can go wrong; the name is how a policy writes it.
public enum StepTrouble: String, CaseIterable, Hashable, Sendable {
  /// The work said no.
  case failure
  /// The work could not be done.
  case error
  /// Policy said no.
  case denial
  /// Its time was up, or that of the people who were asked. Where nothing is said of it, it is an error.
  case expiry
}

/// What is done about a trouble; the name is how a policy writes it.
public enum TroubleStrategy: String, CaseIterable, Hashable, Sendable {
  /// It stays on record, and the run goes on.
  case ignore
  /// What was done is taken back.
  case rollback
  /// The run ends as it is.
  case abort
  /// What the stage says, whatever the steps around it say.
  case stage
}

/// `on failure rollback`
public struct TroubleResponse: Hashable, Sendable {
  public let trouble: StepTrouble
  public let strategy: TroubleStrategy

  public init(trouble: StepTrouble, strategy: TroubleStrategy) {
    self.trouble = trouble
    self.strategy = strategy
  }
}

/// How large a pipeline is, or a part of one.
public struct PipelineSize: Hashable, Sendable {
  /// As `PipelineBounds.steps` counts.
  public var steps: Int
  /// As `PipelineBounds.groups` counts.
  public var groups: Int

  public init(steps: Int = 0, groups: Int = 0) {
    self.steps = steps
    self.groups = groups
  }

  /// Both together.
  public var total: Int { steps + groups }

  public static func + (left: PipelineSize, right: PipelineSize) -> PipelineSize {
    PipelineSize(steps: left.steps + right.steps, groups: left.groups + right.groups)
  }

  /// So many of them.
  public static func * (count: Int, size: PipelineSize) -> PipelineSize {
    PipelineSize(steps: count * size.steps, groups: count * size.groups)
  }

  /// What a pipeline may not have so many of, if anything.
  public var excess: (what: String, count: Int, limit: Int)? {
    if steps > PipelineBounds.steps { return ("steps", steps, PipelineBounds.steps) }
    if groups > PipelineBounds.groups { return ("groups", groups, PipelineBounds.groups) }
    return nil
  }
}

/// What numbers of a pipeline may be.
public enum PipelineBounds {
  public static let attempts: ClosedRange<Int64> = 1...20
  public static let rounds: ClosedRange<Int64> = 1...10_000
  /// Runs of a group, or steps, at once.
  public static let atOnce: ClosedRange<Int64> = 1...1_000
  /// People who approve.
  public static let approvers: ClosedRange<Int64> = 1...1_000
  /// Microseconds; more than nothing, at most 30 days.
  public static let wait: ClosedRange<Int64> = 1...2_592_000_000_000
  /// Microseconds between attempts; at most 24 hours.
  public static let delay: ClosedRange<Int64> = 0...86_400_000_000
  /// Millionths: 1 to 100.
  public static let factor: ClosedRange<Int64> = 1_000_000...100_000_000
  /// Combinations of values that a step in a matrix is made for.
  public static let combinations = 256
  /// Steps of a pipeline that do something, those of a matrix each on its own.
  public static let steps = 10_000
  /// What only holds steps: groups, matrices and their rows, loops, pipelines within, with their stages.
  public static let groups = 10_000
  /// Conditions, arguments and words that are values, those of a matrix each on its own.
  public static let values = 20_000
  /// Steps within steps.
  public static let depth = 24
  /// Calls of tools by an agent.
  public static let calls: ClosedRange<Int64> = 0...10_000
  /// What an agent uses up, as it counts.
  public static let tokens: ClosedRange<Int64> = 0...1_000_000_000
  /// Steps that give something out, those of a matrix each on its own.
  public static let outputs = 256
}
