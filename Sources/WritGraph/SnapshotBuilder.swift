// Facts into a snapshot: read from text, or added one by one.

import WritCrypto
public import WritModel

/// A property's value, as a program adds it.
public enum PropertyValue: Hashable, Sendable {
  /// A bool (0 or 1), an int, a decimal's millionths, a date's days, an instant's or a duration's
  /// microseconds, or an enum member's ordinal.
  case number(Int64)
  case text(String)
  case texts([String])
}

/// A property by its place among the fields of its kind or edge.
public struct Property: Hashable, Sendable {
  public let field: Int
  public let value: PropertyValue

  /// A property.
  public init(_ field: Int, _ value: PropertyValue) {
    self.field = field
    self.value = value
  }
}

/// A node by kind and id, as a program names it.
public struct NodeKey: Hashable, Sendable {
  public let kind: Int
  public let id: String

  /// The node of that kind of the builder's schema.
  public init(_ kind: Int, _ id: String) {
    self.kind = kind
    self.id = id
  }

  /// Ids are equal byte for byte.
  public static func == (left: NodeKey, right: NodeKey) -> Bool {
    left.kind == right.kind && hasSameBytes(left.id, right.id)
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(ByteText(id))
  }
}

/// What the source line that a program adds covers.
public enum SourceCover: Hashable, Sendable {
  case everything
  case kind(Int)
  case node(NodeKey)
}

/// Which parts of text facts are dropped where the schema does not name them, instead of being
/// problems.
public struct Lenience: OptionSet, Hashable, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// Properties that their kind or edge does not have.
  public static let unknownProperties = Lenience(rawValue: 1)
  /// Nodes of unknown kinds, edges with unknown labels or at such nodes, and source lines about
  /// such kinds.
  public static let unknownKinds = Lenience(rawValue: 2)
}

/// How much a lenient import left out.
public struct DroppedFacts: Hashable, Sendable {
  public var properties = 0
  public var nodes = 0
  public var edges = 0
  public var sourceLines = 0

  /// Nothing, or so many of each.
  public init(properties: Int = 0, nodes: Int = 0, edges: Int = 0, sourceLines: Int = 0) {
    self.properties = properties
    self.nodes = nodes
    self.edges = edges
    self.sourceLines = sourceLines
  }
}

/// How many facts of each form a text held.
public struct FactCounts: Hashable, Sendable {
  public var nodes = 0
  public var edges = 0
  public var sourceLines = 0
  /// Of nodes and of edges.
  public var removals = 0

  /// None, or so many of each.
  public init(nodes: Int = 0, edges: Int = 0, sourceLines: Int = 0, removals: Int = 0) {
    self.nodes = nodes
    self.edges = edges
    self.sourceLines = sourceLines
    self.removals = removals
  }
}

/// Collects facts and makes a snapshot of them.
///
/// Problems are collected, not thrown one by one: `build` says them all. Not for use by several
/// threads.
public struct SnapshotBuilder: ~Copyable {
  var reader: FactReader

  /// Begins with nothing. A schema that is not sound is a problem of the first `build`.
  public init(_ schema: Schema, lenience: Lenience = []) {
    reader = FactReader(schema, lenience)
  }

  /// Begins with a snapshot's facts. What is added later replaces what it had: a node's properties,
  /// the target of an edge to at most one node.
  public init(_ snapshot: Snapshot, lenience: Lenience = []) {
    reader = FactReader(snapshot.schema, lenience)
    reader.draft.add(snapshot)
    reader.beginDelta(on: snapshot.rootDigest)
  }

  /// What is read or added from here on is another delta: everything comes out, and everything is
  /// refused, as if a snapshot had been built here and the rest applied to that.
  ///
  /// - Precondition: The builder began with a snapshot. A `base` line is refused here, since the
  ///   root digest at this place is not known: `Snapshot.applying` works it out where it is asked
  ///   for.
  public mutating func beginDelta() {
    precondition(reader.draft.repetition == .replaces, "a delta changes a snapshot")
    reader.beginDelta(on: nil)
  }

  /// Whether so many problems were met that more facts are not read.
  public var isFull: Bool { reader.isFull }

  /// Reads JSON Lines of facts; `name` is what problems call the input.
  public mutating func read(_ text: [UInt8], named name: String) {
    reader.read(text, named: name)
  }

  /// Adds a node; `source` is who brought it, where its kind has several sources.
  public mutating func addNode(
    _ node: NodeKey, _ properties: [Property] = [], source: Int? = nil
  ) {
    reader.addNode(node, properties, source: source)
  }

  /// Adds an edge.
  public mutating func addEdge(
    _ edge: Int, from: NodeKey, to: NodeKey, _ properties: [Property] = []
  ) {
    reader.addEdge(edge, from: from, to: to, properties)
  }

  /// Adds a source line: `source` spoke at `at` (microseconds since the epoch); `of` means only the
  /// nodes that this source brought.
  public mutating func addSource(
    _ source: Int, _ cover: SourceCover, of: Int? = nil, at: Int64
  ) {
    reader.addSource(source, cover, of: of, at: at)
  }

  /// How many facts of text were taken so far.
  public var counts: FactCounts { reader.counts }

  /// What lenience has left out so far.
  public var dropped: DroppedFacts { reader.dropped }

  /// The snapshot of all facts.
  public consuming func build() throws(GraphProblems) -> Snapshot {
    let undigested = try buildUndigested()
    return Snapshot(
      undigested.schema, undigested.table, rootDigest: RootDigest.of(undigested))
  }

  /// As `build`, but the root digest is all zeros: for measuring, and for graphs that no record
  /// will name.
  public consuming func buildUndigested() throws(GraphProblems) -> Snapshot {
    let (schema, table) = try reader.finish()
    return Snapshot(schema, table, rootDigest: .zero)
  }
}

extension Digest {
  /// Stands where no digest was worked out.
  static let zero = Digest([UInt8](repeating: 0, count: byteCount)) ?? Digest(of: [])
}
