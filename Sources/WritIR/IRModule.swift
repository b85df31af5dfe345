// A program in the intermediate form: routines, and the tables that say what each is for.

public import WritModel
public import WritSemantics

/// What lowering yields and every pass maps to itself.
public struct IRModule: Sendable {
  /// The typed declarations that the routines belong to.
  public let typed: TypedProgram
  public var approvals: [IRApproval]
  public var gates: [IRGate]
  /// A routine for each waiver: its captures are sets of those who may not grant it.
  public var waivers: [IRRoutine]
  public var scorecards: [IRRoutine]
  public var queries: [IRRoutine]
  public var actions: [IRAction]
  public var pipelines: [IRPipeline]

  public init(
    typed: TypedProgram, approvals: [IRApproval], gates: [IRGate], waivers: [IRRoutine],
    scorecards: [IRRoutine], queries: [IRRoutine], actions: [IRAction], pipelines: [IRPipeline]
  ) {
    self.typed = typed
    self.approvals = approvals
    self.gates = gates
    self.waivers = waivers
    self.scorecards = scorecards
    self.queries = queries
    self.actions = actions
    self.pipelines = pipelines
  }
}

/// Role, how many people, and how old the approval may be.
public struct IRApproval: Hashable, Sendable {
  public let role: String
  public let count: Int
  public let withinMicroseconds: Int64?

  public init(role: String, count: Int, withinMicroseconds: Int64?) {
    self.role = role
    self.count = count
    self.withinMicroseconds = withinMicroseconds
  }
}

/// The words of an action's command, each with a routine for each value in it.
public struct IRAction: Sendable {
  public var command: [[IRMessagePart]]

  public init(command: [[IRMessagePart]]) {
    self.command = command
  }
}

/// A routine for each value that the stages and steps of a pipeline refer to, in the order of the typed pipeline's.
public struct IRPipeline: Sendable {
  public var values: [IRRoutine]

  public init(values: [IRRoutine]) {
    self.values = values
  }
}

/// The routines of a gate, clause by clause.
public struct IRGate: Sendable {
  public var clauses: [IRClause]

  public init(clauses: [IRClause]) {
    self.clauses = clauses
  }
}

/// A clause's own routine, and one for each value in its message.
public struct IRClause: Sendable {
  public var routine: IRRoutine
  /// Names and types of what the routine captures: bindings, then subjects.
  public let bindings: [TypedVariable]
  public let subjects: [TypedVariable]
  public let hasApproval: Bool
  public var message: [IRMessagePart]

  public init(
    routine: IRRoutine, bindings: [TypedVariable], subjects: [TypedVariable], hasApproval: Bool,
    message: [IRMessagePart]
  ) {
    self.routine = routine
    self.bindings = bindings
    self.subjects = subjects
    self.hasApproval = hasApproval
    self.message = message
  }
}

public enum IRMessagePart: Sendable {
  case text(String)
  case value(IRRoutine, ValueType)
}

/// Values bound once, a loop, and what each row that is not dropped records.
public struct IRRoutine: Sendable {
  public let inputs: [IRVariable]
  /// Evaluated once, in order, before anything else.
  public var bindings: [IRBinding]
  /// `and`-ed, until one is exactly false, which ends the routine.
  public var guards: [IRExpression]
  public var generators: [IRGenerator]
  public var filters: [IRFilter]
  /// `and`-ed to the row last; `nil`: true.
  public var condition: IRExpression?
  /// An open range is recorded as a row of its own.
  public let tellsOpenRanges: Bool
  public var captures: [IRExpression]
  /// Generators over nodes: how the first of their elements that was reached by a way was reached is recorded.
  public let witnesses: [Int]

  public init(
    inputs: [IRVariable], bindings: [IRBinding], guards: [IRExpression],
    generators: [IRGenerator], filters: [IRFilter], condition: IRExpression?,
    tellsOpenRanges: Bool, captures: [IRExpression], witnesses: [Int]
  ) {
    self.inputs = inputs
    self.bindings = bindings
    self.guards = guards
    self.generators = generators
    self.filters = filters
    self.condition = condition
    self.tellsOpenRanges = tellsOpenRanges
    self.captures = captures
    self.witnesses = witnesses
  }
}

public struct IRBinding: Sendable {
  public let variable: IRVariable
  public var value: IRExpression

  public init(variable: IRVariable, value: IRExpression) {
    self.variable = variable
    self.value = value
  }
}
