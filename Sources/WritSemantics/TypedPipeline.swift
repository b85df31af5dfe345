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
  /// In source order, never empty; what comes before what has no circle.
  public let stages: [PipelineStage]
  public let values: [TypedPipelineValue]
  /// Of stages and steps; those of a matrix share theirs.
  public let places: [SourceRange]
  public let range: SourceRange

  public init(
    name: String, parameters: [TypedVariable], concurrency: PipelineConcurrency?,
    deadlineMicroseconds: Int64?, isUnverified: Bool, stages: [PipelineStage],
    values: [TypedPipelineValue], places: [SourceRange], range: SourceRange
  ) {
    self.name = name
    self.parameters = parameters
    self.concurrency = concurrency
    self.deadlineMicroseconds = deadlineMicroseconds
    self.isUnverified = isUnverified
    self.stages = stages
    self.values = values
    self.places = places
    self.range = range
  }
}

/// An expression over a pipeline's parameters.
public struct TypedPipelineValue: Sendable {
  public let expression: TypedExpression
  /// The variables of matrices that it uses, each with its value; those are constants and nodes.
  public let lets: [TypedLet]

  public init(expression: TypedExpression, lets: [TypedLet]) {
    self.expression = expression
    self.lets = lets
  }
}
