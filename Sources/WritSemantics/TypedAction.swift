// What the checker returns of actions: the only things that touch the world.

public import WritModel
public import WritText

/// An action: what it is, what guards it, what takes it back, and what it runs.
public struct TypedAction: Sendable {
  public let name: String
  public let kind: ActionKind
  public let effect: ActionEffect
  /// Each once, in source order.
  public let impacts: [ActionImpact]
  /// Scalars and nodes of one kind or several.
  public let parameters: [TypedVariable]
  /// The gate that decides; never `nil` where the effect is on production.
  public let guardedBy: TypedActionCall?
  /// The action that takes it back; following these ends.
  public let rollback: TypedActionCall?
  /// Nothing takes it back; never with a rollback, and one of the two where the effect is on production.
  public let isIrreversible: Bool
  /// Who reviews it afterwards, of an action past the usual way: it has a gate of its own.
  public let breakGlass: BreakGlass?
  /// What a delegate must be labelled to do it, each once, in source order; names as of `DelegateLabel`.
  public let labels: [String]
  /// The words of the command, never empty; the first is a text alone. Values are single and never absent.
  public let command: [[MessagePart]]
  /// Each once, in source order; names as of `ActionSecret`.
  public let secrets: [String]
  /// Within `ActionTimeout.microseconds`.
  public let timeoutMicroseconds: Int64?
  public let isIdempotent: Bool
  public let range: SourceRange

  public init(
    name: String, kind: ActionKind, effect: ActionEffect, impacts: [ActionImpact],
    parameters: [TypedVariable], guardedBy: TypedActionCall?, rollback: TypedActionCall?,
    isIrreversible: Bool, breakGlass: BreakGlass?, labels: [String],
    command: [[MessagePart]], secrets: [String], timeoutMicroseconds: Int64?, isIdempotent: Bool,
    range: SourceRange
  ) {
    self.name = name
    self.kind = kind
    self.effect = effect
    self.impacts = impacts
    self.parameters = parameters
    self.guardedBy = guardedBy
    self.rollback = rollback
    self.isIrreversible = isIrreversible
    self.breakGlass = breakGlass
    self.labels = labels
    self.command = command
    self.secrets = secrets
    self.timeoutMicroseconds = timeoutMicroseconds
    self.isIdempotent = isIdempotent
    self.range = range
  }
}

/// A gate or an action, and which of an action's parameters are handed on to it.
public struct TypedActionCall: Hashable, Sendable {
  /// Index into the program's gates or actions.
  public let target: Int
  /// Indexes into the action's parameters, in the order of the target's.
  public let arguments: [Int]

  public init(target: Int, arguments: [Int]) {
    self.target = target
    self.arguments = arguments
  }
}
