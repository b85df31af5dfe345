// Compiled pipelines: the tree of their stages and steps, and the routines that it refers to.

public import WritModel

/// A compiled pipeline; matrices are made into steps.
public struct PipelineProgram: Hashable, Sendable {
  /// `module.pipeline`
  public let name: String
  public let parameters: [NamedType]
  public let concurrency: PipelineConcurrency?
  /// Microseconds, within `PipelineBounds.wait`.
  public let deadline: Int64?
  /// What it does to production need not be verified by what comes after.
  public let isUnverified: Bool
  /// Index into its values, a Bool that is asked before stages begin: while it holds, or is not known, none does.
  public let freeze: Int?
  /// Never empty; what comes before what has no circle. Gates and actions are indexes into the program's.
  public let stages: [PipelineStage]
  /// What runs once a run has ended, and nothing is left to be taken back; each moment once.
  public let hooks: [PipelineHook]
  public let values: [PipelineValue]
  /// What steps give out; the types are single.
  public let outputs: [NamedType]
  /// `path:line:column` of stages and steps.
  public let places: [String]
  /// `path:line:column` of the pipeline.
  public let position: String

  public init(
    name: String, parameters: [NamedType], concurrency: PipelineConcurrency?, deadline: Int64?,
    isUnverified: Bool, freeze: Int? = nil, stages: [PipelineStage],
    hooks: [PipelineHook] = [], values: [PipelineValue], places: [String], position: String,
    outputs: [NamedType] = []
  ) {
    self.name = name
    self.parameters = parameters
    self.concurrency = concurrency
    self.deadline = deadline
    self.isUnverified = isUnverified
    self.freeze = freeze
    self.stages = stages
    self.hooks = hooks
    self.values = values
    self.places = places
    self.position = position
    self.outputs = outputs
  }
}

extension PipelineProgram {
  /// Marks of its stages and steps, in the order of the text.
  public var marks: [Int] { stages.marks + hooks.marks }
}

/// A routine whose inputs are the pipeline's parameters, then the outputs that it reads, then for each question how a part ended a
/// Bool; and the type of what its emission 0 captures.
public struct PipelineValue: Hashable, Sendable {
  public let routine: Int
  public let type: ValueType
  /// In the order of the inputs.
  public let reads: [OutputRead]
  /// Behind them, in the order of the inputs.
  public let asks: [ResultRead]
  /// As it is written in the policy, in one line, for whoever looks at a plan; empty of what nobody is shown.
  public let text: String

  public init(
    routine: Int, type: ValueType, reads: [OutputRead] = [], asks: [ResultRead] = [],
    text: String = ""
  ) {
    self.text = text
    self.routine = routine
    self.type = type
    self.reads = reads
    self.asks = asks
  }
}
