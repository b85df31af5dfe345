// What the checker returns of pipelines: decisions turned into work, matrices made into steps.

public import WritModel
public import WritText

/// A pipeline: its stages, and the expressions that they refer to.
public struct TypedPipeline: Sendable {
  public let name: String
  /// Scalars and nodes of one kind or several.
  public let parameters: [TypedVariable]
  public let concurrency: PipelineConcurrency?
  /// Microseconds, within `PipelineBounds.wait`.
  public let deadlineMicroseconds: Int64?
  /// What it does to production need not be verified by what comes after.
  public let isUnverified: Bool
  /// Index into its values, a Bool: while it holds no stage begins.
  public let freeze: Int?
  /// In source order, never empty; what comes before what has no circle.
  public let stages: [PipelineStage]
  /// What runs once a run has ended, and nothing is left to be taken back; each moment once.
  public let hooks: [PipelineHook]
  public let values: [TypedPipelineValue]
  /// Of stages and steps; those of a matrix share theirs.
  public let places: [SourceRange]
  public let range: SourceRange
  /// What steps give out, of single types.
  public let outputs: [TypedOutput]
  /// Index into its outputs: what it gives out to a pipeline around it.
  public let gives: Int?

  public init(
    name: String, parameters: [TypedVariable], concurrency: PipelineConcurrency?,
    deadlineMicroseconds: Int64?, isUnverified: Bool, freeze: Int?, stages: [PipelineStage],
    hooks: [PipelineHook], values: [TypedPipelineValue], places: [SourceRange], range: SourceRange,
    outputs: [TypedOutput], gives: Int? = nil
  ) {
    self.name = name
    self.parameters = parameters
    self.concurrency = concurrency
    self.deadlineMicroseconds = deadlineMicroseconds
    self.isUnverified = isUnverified
    self.freeze = freeze
    self.stages = stages
    self.hooks = hooks
    self.values = values
    self.places = places
    self.range = range
    self.outputs = outputs
    self.gives = gives
  }
}

/// An expression over a pipeline's parameters.
public struct TypedPipelineValue: Sendable {
  public let expression: TypedExpression
  /// The variables of matrices that it uses, each with its value; those are constants and nodes.
  public let lets: [TypedLet]
  /// The outputs that it reads, each once, and the variables that it has them by: optional ones where it deals with those that
  /// were not made.
  public let reads: [TypedOutputRead]
  /// What it asks of how stages and steps ended, and the variables that it has the answers by.
  public let asks: [TypedResultRead]

  public init(
    expression: TypedExpression, lets: [TypedLet], reads: [TypedOutputRead] = [],
    asks: [TypedResultRead] = []
  ) {
    self.expression = expression
    self.lets = lets
    self.reads = reads
    self.asks = asks
  }
}

/// Whether a stage or a step ended so.
public struct TypedResultRead: Sendable {
  /// A Bool.
  public let variable: TypedVariable
  public let read: ResultRead

  public init(variable: TypedVariable, read: ResultRead) {
    self.variable = variable
    self.read = read
  }
}

/// An output that a value reads.
public struct TypedOutputRead: Sendable {
  public let variable: TypedVariable
  /// Index into the pipeline's outputs.
  public let output: Int

  public init(variable: TypedVariable, output: Int) {
    self.variable = variable
    self.output = output
  }

  /// As a compiled value has it.
  public var read: OutputRead {
    OutputRead(output: output, mayBeAbsent: variable.type.unwrapped != variable.type)
  }
}

/// What a step gives out.
public struct TypedOutput: Sendable {
  /// As the text calls it, with the values of matrices behind it.
  public let name: String
  /// Single.
  public let type: ValueType

  public init(name: String, type: ValueType) {
    self.name = name
    self.type = type
  }
}
