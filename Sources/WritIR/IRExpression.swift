// The intermediate form: a small calculus of scalars and sets in which rules are gone and every step is explicit.

import WritModel

/// A variable of a routine: the checker's number, bound lexically.
public typealias IRVariable = Int

/// An expression of the intermediate form. Its meaning is that of docs/decisions/0001-evaluation.md; what it charges for is
/// what the typed expression that it was made from charges for, so no pass may drop or add a range that is entered.
public indirect enum IRExpression: Hashable, Sendable {
  case constant(IRConstant)
  case global(IRGlobal)
  case variable(IRVariable)
  /// `body` with the variable bound to a value that is evaluated once, before it.
  case bind(IRVariable, IRExpression, in: IRExpression)
  /// A strict operation on scalars that enters no range.
  case apply(IROperation, [IRExpression])
  /// The right side is not evaluated where the left one decides.
  case and(IRExpression, IRExpression)
  case or(IRExpression, IRExpression)
  /// The second where the first is absent; `isOptional` if the result may be absent too.
  case coalesce(IRExpression, IRExpression, isOptional: Bool)

  case nodes(kind: Int)
  /// The set of one node or edge.
  case single(IRExpression)
  /// The strings of a field of one node or edge.
  case fieldSet(IRExpression, IRField)
  case walk(IRExpression, IRWalk)
  /// Values written out; a list or a set.
  case elements([IRExpression], IRCollection)
  case combine(IRSetOperation, IRExpression, IRExpression, IRCollection)
  case distinct(IRExpression, IRCollection)
  /// The nodes of a set that are of one of these kinds, at no cost.
  case keepKinds(IRExpression, [Int])
  case comprehension(IRComprehension)
  /// A set, to one scalar.
  case fold(IRFold, IRExpression)
  case member(IRExpression, of: IRExpression)

  /// The score or level of a scorecard from its checks, in order.
  case score(scorecard: Int, [IRCheck], wantsLevel: Bool)
  /// Approvals, never none; of several nobody is counted for two.
  case approvals([IRApprovalTerm])
}

/// Index into `IRModule.approvals`, and who may not approve, a set.
public struct IRApprovalTerm: Hashable, Sendable {
  public let approval: Int
  public let except: IRExpression

  public init(approval: Int, except: IRExpression) {
    self.approval = approval
    self.except = except
  }
}

public enum IRConstant: Sendable {
  case scalar(Int64)
  case string(String)
  case node(kind: Int, id: String)
  case absent

  public static let no = IRConstant.scalar(0)
  public static let yes = IRConstant.scalar(1)
}

extension IRConstant: Hashable {
  /// Texts and ids are equal byte for byte.
  public static func == (left: IRConstant, right: IRConstant) -> Bool {
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

public enum IRGlobal: Hashable, Sendable {
  case now
  case caller
  case parameter(Int)
}

/// A field by name and the kinds that may have it, or one of an edge.
public enum IRField: Hashable, Sendable {
  case node([IRKindField])
  case edge(edge: Int, field: Int)
}

public struct IRKindField: Hashable, Sendable {
  public let kind: Int
  public let field: Int

  public init(kind: Int, field: Int) {
    self.kind = kind
    self.field = field
  }
}

/// An edge type and the way it is walked.
public struct IRDirection: Hashable, Sendable {
  public let edge: Int
  public let isInverse: Bool

  public init(edge: Int, isInverse: Bool) {
    self.edge = edge
    self.isInverse = isInverse
  }
}

/// Strict scalar operations.
public enum IROperation: Hashable, Sendable {
  case identifier
  case field(IRField)
  case follow([IRDirection])
  /// 0: from, 1: to.
  case edgeEnd(UInt8)
  case isKind([Int])
  case equal, notEqual, less, lessOrEqual
  case not, negate
  /// Kleene's, both sides evaluated.
  case strictAnd
  case add, subtract, multiply, multiplyDecimal, divide, divideDecimal, remainder
  /// By a constant above 0, rounded down.
  case floorDivide
  /// Number of the part, as in the instruction set.
  case instantPart(UInt8)
  /// 0 starts, 1 ends, 2 contains, 3 like.
  case stringTest(UInt8)
  case isAbsent
}

/// What kind of collection is made, and in which order its elements stand.
public struct IRCollection: Hashable, Sendable {
  public let isList: Bool
  /// Ordered by bytes, not by number.
  public let holdsStrings: Bool

  public init(isList: Bool, holdsStrings: Bool) {
    self.isList = isList
    self.holdsStrings = holdsStrings
  }
}

public enum IRSetOperation: UInt8, Hashable, Sendable {
  case union, difference, intersection
}

public enum IRFold: Hashable, Sendable {
  case isEmpty, count, sum
  /// Members of the enum; 0 for a number.
  case least(UInt8)
  case greatest(UInt8)
}

/// One traversal from a set of nodes.
public struct IRWalk: Hashable, Sendable {
  public let directions: [IRDirection]
  public let goal: IRGoal
  public let filter: IRStepFilter?

  public init(directions: [IRDirection], goal: IRGoal, filter: IRStepFilter?) {
    self.directions = directions
    self.goal = goal
    self.filter = filter
  }
}

public enum IRGoal: Hashable, Sendable {
  case edges
  case targets
  case closure(includesStart: Bool, layerLimit: Int?)
  /// A list: the nodes on the way from the start to the first of the ends that is met.
  case shortest(to: IRExpression, includesStart: Bool, layerLimit: Int?)
}

/// Evaluated per edge, with the edge and the node that it leads to bound.
public struct IRStepFilter: Hashable, Sendable {
  public let edge: IRVariable
  public let target: IRVariable
  public let condition: IRExpression

  public init(edge: IRVariable, target: IRVariable, condition: IRExpression) {
    self.edge = edge
    self.target = target
    self.condition = condition
  }
}

public struct IRGenerator: Hashable, Sendable {
  public let variable: IRVariable
  public let range: IRExpression

  public init(variable: IRVariable, range: IRExpression) {
    self.variable = variable
    self.range = range
  }
}

public enum IRFilter: Hashable, Sendable {
  case condition(IRExpression)
  case binding(IRVariable, IRExpression)
}

/// Nested loops, filters, and what each row yields.
public struct IRComprehension: Hashable, Sendable {
  public let generators: [IRGenerator]
  public let filters: [IRFilter]
  public let yield: IRExpression
  /// Whether the yield's type is optional: what is unknown of one whose type is not, is not whether it is there.
  public let yieldsOptional: Bool
  public let collection: IRCollection

  public init(
    generators: [IRGenerator], filters: [IRFilter], yield: IRExpression, yieldsOptional: Bool,
    collection: IRCollection
  ) {
    self.generators = generators
    self.filters = filters
    self.yield = yield
    self.yieldsOptional = yieldsOptional
    self.collection = collection
  }
}

public struct IRCheck: Hashable, Sendable {
  public let guardCondition: IRExpression
  public let condition: IRExpression

  public init(guardCondition: IRExpression, condition: IRExpression) {
    self.guardCondition = guardCondition
    self.condition = condition
  }
}
