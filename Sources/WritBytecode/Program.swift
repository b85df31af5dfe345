// A compiled set of modules: routines, the tables that their operands index, and what calls them.

public import WritModel

/// Everything a decision needs but the graph and the request.
///
/// Registers `0 ..< globalCount` are the same in every routine and never written: `now`, `caller`, the parameters,
/// the constants. A routine's inputs follow, then its own registers.
public struct Program: Hashable, Sendable {
  public var schema: Schema
  /// Whether something is done for a caller who does not sign and has no key to sign with.
  public var allowsUnsignedCallers = false
  /// Imported modules first.
  public var modules: [ModuleReference] = []
  public var roles: [String] = []
  public var parameters: [ParameterValue] = []
  public var constants: [ConstantValue] = []
  public var fields: [FieldReference] = []
  public var steps: [StepReference] = []
  /// Sorted kind indexes.
  public var kindSets: [[Int]] = []
  public var closures: [ClosureReference] = []
  public var approvals: [ApprovalReference] = []
  public var scorecards: [ScorecardProgram] = []
  public var gates: [GateProgram] = []
  public var waivers: [WaiverProgram] = []
  public var queries: [QueryProgram] = []
  public var actions: [ActionProgram] = []
  public var pipelines: [PipelineProgram] = []
  public var routines: [Routine] = []

  public init(schema: Schema) {
    self.schema = schema
  }

  /// The first of the shared registers: `now` and `caller`.
  static let momentRegisters = 2

  /// Registers that every routine shares: now, caller, parameters, constants.
  public var globalCount: Int {
    Program.momentRegisters + parameters.count + constants.count
  }

  /// The register of `now`.
  public static let nowRegister = 0
  /// The register of `caller`.
  public static let callerRegister = 1
}

/// A module that went into the program, and the digest of its text.
public struct ModuleReference: Hashable, Sendable {
  public let name: String
  public let version: Int64
  /// `sha256:` and 64 hex digits.
  public let digest: String

  public init(name: String, version: Int64, digest: String) {
    self.name = name
    self.version = version
    self.digest = digest
  }
}

/// A value that stands in the program.
public enum ConstantValue: Sendable {
  case scalar(Int64)
  case string(String)
  /// Kind index and id; unknown where the graph has no such node.
  case node(kind: Int, id: String)
  case absent
}

extension ConstantValue: Hashable {
  /// Texts and ids are equal byte for byte.
  public static func == (left: ConstantValue, right: ConstantValue) -> Bool {
    switch (left, right) {
    case (.scalar(let a), .scalar(let b)): a == b
    case (.string(let a), .string(let b)): hasSameBytes(a, b)
    case (.node(let kind, let id), .node(let other, let otherID)):
      kind == other && hasSameBytes(id, otherID)
    case (.absent, .absent): true
    default: false
    }
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .scalar(let number): hasher.combine(number)
    case .string(let text): hasher.combine(ByteText(text))
    case .node(let kind, let id):
      hasher.combine(kind)
      hasher.combine(ByteText(id))
    case .absent: hasher.combine(0)
    }
  }
}

/// A bundle parameter and the value that it was built with.
public struct ParameterValue: Hashable, Sendable {
  public let name: String
  public let type: ValueType
  public var value: ConstantValue

  public init(name: String, type: ValueType, value: ConstantValue) {
    self.name = name
    self.type = type
    self.value = value
  }
}

/// A field by name, for each kind of node that may have it, or of one edge type.
public enum FieldReference: Hashable, Sendable {
  /// Kind index and index into the kind's fields; sorted by kind.
  case node([KindField])
  case edge(edge: Int, field: Int)
}

public struct KindField: Hashable, Sendable {
  public let kind: Int
  public let field: Int

  public init(kind: Int, field: Int) {
    self.kind = kind
    self.field = field
  }
}

/// The edge types, each with its direction, that one step may take.
public struct StepReference: Hashable, Sendable {
  public let edges: [EdgeDirection]

  public init(edges: [EdgeDirection]) {
    self.edges = edges
  }
}

public struct EdgeDirection: Hashable, Sendable {
  /// Index into `schema.edges`.
  public let edge: Int
  public let isInverse: Bool

  public init(edge: Int, isInverse: Bool) {
    self.edge = edge
    self.isInverse = isInverse
  }
}

/// How a closure walks.
public struct ClosureReference: Hashable, Sendable {
  /// Index into `Program.steps`.
  public let step: Int
  public let includesStart: Bool
  /// Layers at most; `nil`: all. At least 1.
  public let layerLimit: Int?

  public init(step: Int, includesStart: Bool, layerLimit: Int?) {
    self.step = step
    self.includesStart = includesStart
    self.layerLimit = layerLimit
  }
}

/// `approval by role R count N within D`.
public struct ApprovalReference: Hashable, Sendable {
  public let role: String
  public let count: Int
  public let withinMicroseconds: Int64?

  public init(role: String, count: Int, withinMicroseconds: Int64?) {
    self.role = role
    self.count = count
    self.withinMicroseconds = withinMicroseconds
  }
}

/// A named, typed parameter or binding.
public struct NamedType: Hashable, Sendable {
  public let name: String
  public let type: ValueType

  public init(name: String, type: ValueType) {
    self.name = name
    self.type = type
  }
}

/// Straight code with its own registers.
public struct Routine: Hashable, Sendable {
  /// Registers behind the globals that the caller fills.
  public let inputCount: Int
  /// All registers, globals and inputs included.
  public let registerCount: Int
  public let setCount: Int
  public let cursorCount: Int
  public let scoreBufferCount: Int
  public let emissions: [Emission]
  public let code: [Instruction]

  public init(
    inputCount: Int, registerCount: Int, setCount: Int, cursorCount: Int, scoreBufferCount: Int,
    emissions: [Emission], code: [Instruction]
  ) {
    self.inputCount = inputCount
    self.registerCount = registerCount
    self.setCount = setCount
    self.cursorCount = cursorCount
    self.scoreBufferCount = scoreBufferCount
    self.emissions = emissions
    self.code = code
  }
}

/// What an `emit` records besides its truth.
public struct Emission: Hashable, Sendable {
  public let captures: [Capture]
  /// Cursors over nodes: the way to the first of their elements that was reached by one is recorded.
  public let witnesses: [Int]

  public init(captures: [Capture], witnesses: [Int]) {
    self.captures = captures
    self.witnesses = witnesses
  }
}

public enum Capture: Hashable, Sendable {
  case register(Int)
  case set(Int)
}

/// A compiled gate.
public struct GateProgram: Hashable, Sendable {
  /// `module.gate`
  public let name: String
  public let parameters: [NamedType]
  /// The role in which waivers of its clauses are granted; `nil`: there are none.
  public let waivingRole: String?
  public let clauses: [ClauseProgram]

  public init(
    name: String, parameters: [NamedType], waivingRole: String? = nil, clauses: [ClauseProgram]
  ) {
    self.name = name
    self.parameters = parameters
    self.waivingRole = waivingRole
    self.clauses = clauses
  }
}

/// A compiled clause: emission 0 of its routine is a finding, whose captures are the bindings and then the subjects.
public struct ClauseProgram: Hashable, Sendable {
  public let name: String
  public let isDeny: Bool
  /// `path:line:column` of the clause.
  public let position: String
  /// Index into `Program.routines`; its inputs are the gate's parameters.
  public let routine: Int
  public let bindings: [NamedType]
  /// Types of the captures behind the bindings: nodes that the clause speaks of without a loop.
  public let subjects: [NamedType]
  public let message: [MessagePiece]
  public let hasApproval: Bool

  public init(
    name: String, isDeny: Bool, position: String, routine: Int, bindings: [NamedType],
    subjects: [NamedType], message: [MessagePiece], hasApproval: Bool
  ) {
    self.name = name
    self.isDeny = isDeny
    self.position = position
    self.routine = routine
    self.bindings = bindings
    self.subjects = subjects
    self.message = message
    self.hasApproval = hasApproval
  }
}

/// A piece of a message, or of a word of a command.
public enum MessagePiece: Hashable, Sendable {
  case text(String)
  /// A routine whose inputs are the gate's parameters and the clause's bindings, or an action's parameters, and whose
  /// emission 0 captures the value.
  case value(routine: Int, type: ValueType)
}

/// A compiled scorecard: emission 0 of its routine captures guard and condition of each check, then score and level.
public struct ScorecardProgram: Hashable, Sendable {
  /// `module.scorecard`
  public let name: String
  public let parameters: [NamedType]
  public let levelEnum: Int
  public let isSum: Bool
  public let checks: [CheckProgram]
  public let levels: [LevelProgram]
  /// Index into `Program.routines`; its inputs are the parameters.
  public let routine: Int

  public init(
    name: String, parameters: [NamedType], levelEnum: Int, isSum: Bool, checks: [CheckProgram],
    levels: [LevelProgram], routine: Int
  ) {
    self.name = name
    self.parameters = parameters
    self.levelEnum = levelEnum
    self.isSum = isSum
    self.checks = checks
    self.levels = levels
    self.routine = routine
  }
}

public struct CheckProgram: Hashable, Sendable {
  public let name: String
  public let title: String?
  public let weight: Int64
  public let position: String

  public init(name: String, title: String?, weight: Int64, position: String) {
    self.name = name
    self.title = title
    self.weight = weight
    self.position = position
  }
}

public struct LevelProgram: Hashable, Sendable {
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

/// A compiled query: emission 0 of its routine captures the group keys and then each column's operand.
public struct QueryProgram: Hashable, Sendable {
  /// `module.query`
  public let name: String
  public let parameters: [NamedType]
  public let routine: Int
  /// The rows stay as they were emitted: the nodes of a way, from its start to its end.
  public let isPath: Bool
  public let isGrouped: Bool
  public let groupKeys: [ValueType]
  public let columns: [ColumnProgram]
  public let order: [OrderProgram]
  public let limit: Int?

  public init(
    name: String, parameters: [NamedType], routine: Int, isPath: Bool, isGrouped: Bool,
    groupKeys: [ValueType], columns: [ColumnProgram], order: [OrderProgram], limit: Int?
  ) {
    self.name = name
    self.parameters = parameters
    self.routine = routine
    self.isPath = isPath
    self.isGrouped = isGrouped
    self.groupKeys = groupKeys
    self.columns = columns
    self.order = order
    self.limit = limit
  }
}

public struct ColumnProgram: Hashable, Sendable {
  public let name: String
  public let type: ValueType
  public let source: ColumnSource

  public init(name: String, type: ValueType, source: ColumnSource) {
    self.name = name
    self.type = type
    self.source = source
  }
}

/// Captures are numbered from the first of the emission.
public enum ColumnSource: Hashable, Sendable {
  case value(capture: Int)
  case groupKey(capture: Int)
  case aggregate(AggregateKind, capture: Int)
}

public enum AggregateKind: UInt8, CaseIterable, Hashable, Sendable {
  case count, countDistinct, sum, least, greatest
}

public struct OrderProgram: Hashable, Sendable {
  public let column: Int
  public let isDescending: Bool

  public init(column: Int, isDescending: Bool) {
    self.column = column
    self.isDescending = isDescending
  }
}
