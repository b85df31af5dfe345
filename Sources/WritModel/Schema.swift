// The shape of the delivery graph: what kinds of nodes and edges there are, and who vouches for them.

/// Node kinds, edges, enums, sources and roles of one bundle, or of the snapshot that was imported with them.
///
/// Every list is in declaration order of the modules, imported modules first; indexes are stable within one schema
/// only. Two schemas are matched by name.
public struct Schema: Hashable, Sendable {
  public var enums: [EnumType] = []
  public var sources: [SourceType] = []
  public var kinds: [NodeKind] = []
  public var edges: [EdgeType] = []

  public init() {}
}

/// A closed list of names, with an order where one was declared.
public struct EnumType: Hashable, Sendable {
  public let name: String
  /// At least one, distinct, lowest first where ordered.
  public let members: [String]
  public let isOrdered: Bool

  public init(name: String, members: [String], isOrdered: Bool) {
    self.name = name
    self.members = members
    self.isOrdered = isOrdered
  }
}

/// Who vouches for facts, and for how long after it last spoke.
public struct SourceType: Hashable, Sendable {
  public let name: String
  /// Microseconds after which what it said is stale; `nil` if it never is, though it must have spoken once.
  public let freshMicroseconds: Int64?

  public init(name: String, freshMicroseconds: Int64?) {
    self.name = name
    self.freshMicroseconds = freshMicroseconds
  }
}

/// Where a fact comes from.
public enum Origin: Hashable, Sendable {
  /// No source was declared: always vouched for.
  case unsourced
  /// Brought by one of these sources (indexes into `schema.sources`), each of which must vouch.
  case sources([Int])
  /// Brought by the request, never by a snapshot; always vouched for.
  case request
}

/// A kind of node.
public struct NodeKind: Hashable, Sendable {
  public let name: String
  public let origin: Origin
  public let fields: [FieldType]

  public init(name: String, origin: Origin, fields: [FieldType]) {
    self.name = name
    self.origin = origin
    self.fields = fields
  }
}

/// A named, typed property of a node or an edge.
public struct FieldType: Hashable, Sendable {
  public let name: String
  /// A scalar, an optional scalar, or `set(string)`.
  public let type: ValueType
  /// A field without an origin of its own has that of its node or edge.
  public let origin: Origin
  /// The field is the node's id itself; it has no column.
  public let isKey: Bool
  /// Tells of a person: a log holds its values so that they can be erased. Only of texts.
  public let isPersonal: Bool

  public init(
    name: String, type: ValueType, origin: Origin, isKey: Bool, isPersonal: Bool = false
  ) {
    self.name = name
    self.type = type
    self.origin = origin
    self.isKey = isKey
    self.isPersonal = isPersonal
  }
}

/// How many targets an edge has from one node.
public enum Cardinality: UInt8, Hashable, Sendable {
  case one, optional, many
}

/// A kind of edge: a label that leaves one kind of node.
///
/// The same label may leave several kinds; each is an `EdgeType` of its own.
public struct EdgeType: Hashable, Sendable {
  public let name: String
  /// Index of the kind that it leaves.
  public let source: Int
  /// Indexes of the kinds that it may reach, sorted, never empty.
  public let targets: [Int]
  public let cardinality: Cardinality
  public let fields: [FieldType]
  /// An edge without an origin of its own has that of the node that it leaves.
  public let origin: Origin
  /// The name of the edge seen from its targets.
  public let inverse: String?

  public init(
    name: String, source: Int, targets: [Int], cardinality: Cardinality, fields: [FieldType],
    origin: Origin, inverse: String?
  ) {
    self.name = name
    self.source = source
    self.targets = targets
    self.cardinality = cardinality
    self.fields = fields
    self.origin = origin
    self.inverse = inverse
  }
}
