// What the checker returns: the declarations of a set of modules, resolved and typed, and nothing of their spelling.

public import WritModel
public import WritText

/// All modules of one compilation, linked: a pure value, never written to later.
public struct TypedProgram: Sendable {
  /// In dependency order, imported modules first; the last is the one that was asked for.
  public let modules: [ModuleHeader]
  public let schema: Schema
  /// Role names, in declaration order.
  public let roles: [String]
  public let parameters: [TypedParameter]
  public let rules: [TypedRule]
  public let scorecards: [TypedScorecard]
  public let gates: [TypedGate]
  public let waivers: [TypedWaiver]
  public let queries: [TypedQuery]
  public let actions: [TypedAction]
  public let pipelines: [TypedPipeline]
  public let fixtures: [TypedFixture]
  public let tests: [TypedTest]

  public init(
    modules: [ModuleHeader], schema: Schema, roles: [String], parameters: [TypedParameter],
    rules: [TypedRule], scorecards: [TypedScorecard], gates: [TypedGate],
    waivers: [TypedWaiver] = [], queries: [TypedQuery], actions: [TypedAction],
    pipelines: [TypedPipeline], fixtures: [TypedFixture], tests: [TypedTest]
  ) {
    self.modules = modules
    self.schema = schema
    self.roles = roles
    self.parameters = parameters
    self.rules = rules
    self.scorecards = scorecards
    self.gates = gates
    self.waivers = waivers
    self.queries = queries
    self.actions = actions
    self.pipelines = pipelines
    self.fixtures = fixtures
    self.tests = tests
  }
}

/// `policy NAME version N`.
public struct ModuleHeader: Hashable, Sendable {
  /// Dotted.
  public let name: String
  public let version: Int64
  /// Index of the text among those compiled.
  public let file: Int
  /// `callers unsigned`: counts of the last module only.
  public let allowsUnsignedCallers: Bool

  public init(name: String, version: Int64, file: Int, allowsUnsignedCallers: Bool = false) {
    self.name = name
    self.version = version
    self.file = file
    self.allowsUnsignedCallers = allowsUnsignedCallers
  }
}

/// A value set when the bundle is built.
public struct TypedParameter: Sendable {
  public let name: String
  public let type: ValueType
  public let defaultValue: Constant
  public let range: SourceRange

  public init(name: String, type: ValueType, defaultValue: Constant, range: SourceRange) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    self.range = range
  }
}

/// A parameter, `let` or loop variable.
public struct TypedVariable: Sendable {
  public let id: VariableID
  public let name: String
  public let type: ValueType

  public init(id: VariableID, name: String, type: ValueType) {
    self.id = id
    self.name = name
    self.type = type
  }
}

/// A named value, in scope of what follows it.
public struct TypedLet: Sendable {
  public let variable: TypedVariable
  public let value: TypedExpression

  public init(variable: TypedVariable, value: TypedExpression) {
    self.variable = variable
    self.value = value
  }
}

/// A named, pure expression. Rules never recurse.
public struct TypedRule: Sendable {
  public let name: String
  public let parameters: [TypedVariable]
  public let body: TypedExpression
  public let range: SourceRange

  public init(name: String, parameters: [TypedVariable], body: TypedExpression, range: SourceRange)
  {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.range = range
  }
}

/// Graded readiness.
public struct TypedScorecard: Sendable {
  public let name: String
  public let parameters: [TypedVariable]
  /// The enum of its levels: its first member is the level of whoever reaches none.
  public let levelEnum: Int
  /// The score is the weight passed, not a percentage of the weight that applies.
  public let isSum: Bool
  public let lets: [TypedLet]
  public let checks: [TypedCheck]
  /// By rising ordinal.
  public let levels: [TypedLevel]
  public let range: SourceRange

  public init(
    name: String, parameters: [TypedVariable], levelEnum: Int, isSum: Bool, lets: [TypedLet],
    checks: [TypedCheck], levels: [TypedLevel], range: SourceRange
  ) {
    self.name = name
    self.parameters = parameters
    self.levelEnum = levelEnum
    self.isSum = isSum
    self.lets = lets
    self.checks = checks
    self.levels = levels
    self.range = range
  }
}

/// One weighted test of a scorecard.
public struct TypedCheck: Sendable {
  public let name: String
  /// 1 ≤ weight ≤ 1,000,000.
  public let weight: Int64
  public let title: String?
  public let guardCondition: TypedExpression?
  public let condition: TypedExpression
  public let range: SourceRange

  public init(
    name: String, weight: Int64, title: String?, guardCondition: TypedExpression?,
    condition: TypedExpression, range: SourceRange
  ) {
    self.name = name
    self.weight = weight
    self.title = title
    self.guardCondition = guardCondition
    self.condition = condition
    self.range = range
  }
}

/// A named grade: reached with every lower one, the score, and the checks named.
public struct TypedLevel: Sendable {
  /// In the scorecard's enum; at least 1.
  public let ordinal: Int
  /// Millionths.
  public let threshold: Int64
  /// Indexes into the scorecard's checks.
  public let requiredChecks: [Int]

  public init(ordinal: Int, threshold: Int64, requiredChecks: [Int]) {
    self.ordinal = ordinal
    self.threshold = threshold
    self.requiredChecks = requiredChecks
  }
}

/// A decision point.
public struct TypedGate: Sendable {
  public let name: String
  /// Scalars and nodes of one kind or several.
  public let parameters: [TypedVariable]
  /// Who grants waivers of its clauses; `nil`: nobody.
  public let waivable: TypedWaivable?
  /// In source order, those of `when` blocks too: names are unique in a gate, and a clause sees those before it.
  public let lets: [TypedLet]
  public let clauses: [TypedClause]
  public let range: SourceRange

  public init(
    name: String, parameters: [TypedVariable], waivable: TypedWaivable? = nil,
    lets: [TypedLet], clauses: [TypedClause], range: SourceRange
  ) {
    self.name = name
    self.parameters = parameters
    self.waivable = waivable
    self.lets = lets
    self.clauses = clauses
    self.range = range
  }
}

public enum ClauseKind: UInt8, Hashable, Sendable {
  case require, deny
}

/// One `require` or `deny`. Quantifiers at the top of a clause have been made into `generators`.
public struct TypedClause: Sendable {
  public let name: String
  public let kind: ClauseKind
  /// Conditions of the `when` blocks around it, outermost first.
  public let guards: [TypedExpression]
  public let generators: [Generator]
  public let filters: [Filter]
  /// `nil` for a `deny` whose loop alone decides: it fires for each binding that passes.
  public let condition: TypedExpression?
  public let message: [MessagePart]
  public let range: SourceRange

  public init(
    name: String, kind: ClauseKind, guards: [TypedExpression], generators: [Generator],
    filters: [Filter], condition: TypedExpression?, message: [MessagePart], range: SourceRange
  ) {
    self.name = name
    self.kind = kind
    self.guards = guards
    self.generators = generators
    self.filters = filters
    self.condition = condition
    self.message = message
    self.range = range
  }
}

/// A piece of a message; empty messages are filled in by the engine from the clause's own text.
public enum MessagePart: Sendable {
  case text(String)
  case value(TypedExpression)
}

/// A question with a table for an answer.
public struct TypedQuery: Sendable {
  public let name: String
  public let parameters: [TypedVariable]
  public let body: QueryBody
  public let range: SourceRange

  public init(name: String, parameters: [TypedVariable], body: QueryBody, range: SourceRange) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.range = range
  }
}

public enum QueryBody: Sendable {
  case rows(RowQuery)
  case path(PathQuery)
}

/// `for … group by … select … order by … limit …`; the brace form is one row without generators.
public struct RowQuery: Sendable {
  public let generators: [Generator]
  public let filters: [Filter]
  /// Evaluated per binding; empty if the rows are not grouped.
  public let groupKeys: [TypedExpression]
  public let columns: [TypedColumn]
  /// Column and direction, most significant first; ties are broken by all columns, left to right, ascending.
  public let order: [OrderKey]
  public let limit: Int?

  public init(
    generators: [Generator], filters: [Filter], groupKeys: [TypedExpression],
    columns: [TypedColumn], order: [OrderKey], limit: Int?
  ) {
    self.generators = generators
    self.filters = filters
    self.groupKeys = groupKeys
    self.columns = columns
    self.order = order
    self.limit = limit
  }
}

/// A column of a query's answer.
public struct TypedColumn: Sendable {
  public let name: String
  public let type: ValueType
  public let value: ColumnValue

  public init(name: String, type: ValueType, value: ColumnValue) {
    self.name = name
    self.type = type
    self.value = value
  }
}

public enum ColumnValue: Sendable {
  /// In a query without groups: any expression.
  case row(TypedExpression)
  /// Index of a group key.
  case groupKey(Int)
  /// An aggregate over the rows of a group.
  case aggregate(Aggregate, TypedExpression)
}

public enum Aggregate: UInt8, Hashable, Sendable, CaseIterable {
  /// How many rows; the operand only says that it is evaluated.
  case count
  case countDistinct
  case sum, least, greatest
}

public struct OrderKey: Hashable, Sendable {
  public let column: Int
  public let isDescending: Bool

  public init(column: Int, isDescending: Bool) {
    self.column = column
    self.isDescending = isDescending
  }
}

/// `shortest START.step+ to END`.
public struct PathQuery: Sendable {
  public let start: TypedExpression
  public let step: Step
  public let repetition: Repetition
  public let end: TypedExpression

  public init(start: TypedExpression, step: Step, repetition: Repetition, end: TypedExpression) {
    self.start = start
    self.step = step
    self.repetition = repetition
    self.end = end
  }
}
