// A small graph held in plain arrays: all that the oracle knows.

public import WritModel
public import WritSemantics

/// A value of a field, as a source brought it.
public enum FieldValue: Hashable, Sendable {
  case scalar(Int64)
  case string(String)
  /// Distinct, in byte order.
  case strings([String])
}

/// What a line of a source speaks of.
public enum Coverage: Hashable, Sendable {
  case everything
  case kind(Int)
  case node(NodeName)
}

/// `source` spoke at that time.
public struct SourceLine: Hashable, Sendable {
  public var source: Int
  public var at: Int64
  public var covers: Coverage

  public init(source: Int, at: Int64, covers: Coverage) {
    self.source = source
    self.at = at
    self.covers = covers
  }
}

/// A graph as it is written down: nodes and edges by name, in any order.
public struct WorldDraft: Hashable, Sendable {
  public struct Node: Hashable, Sendable {
    public var name: NodeName
    /// By index in the kind's fields.
    public var fields: [Int: FieldValue]
    /// Which source of several brought it, if the graph remembers.
    public var source: Int?

    public init(_ name: NodeName, fields: [Int: FieldValue] = [:], source: Int? = nil) {
      self.name = name
      self.fields = fields
      self.source = source
    }
  }

  public struct Edge: Hashable, Sendable {
    public var type: Int
    public var from: NodeName
    public var to: NodeName
    public var fields: [Int: FieldValue]

    public init(_ type: Int, _ from: NodeName, _ to: NodeName, fields: [Int: FieldValue] = [:]) {
      self.type = type
      self.from = from
      self.to = to
      self.fields = fields
    }
  }

  public var schema: Schema
  public var nodes: [Node] = []
  public var edges: [Edge] = []
  public var lines: [SourceLine] = []

  public init(schema: Schema) {
    self.schema = schema
  }
}

/// A graph in canonical order: nodes of the snapshot first, then those of the request, each by
/// kind name, then id; edges by type, source node, target and properties.
///
/// A number that stands for a node or an edge is its index here: the order of numbers is canonical.
public struct World: Hashable, Sendable {
  public struct Node: Hashable, Sendable {
    public let name: NodeName
    public let fields: [Int: FieldValue]
    public let source: Int?
    public let isRequest: Bool
  }

  public struct Edge: Hashable, Sendable {
    public let type: Int
    public let from: Int
    public let to: Int
    public let fields: [Int: FieldValue]
  }

  public let schema: Schema
  public let nodes: [Node]
  public let edges: [Edge]
  public let lines: [SourceLine]
  /// Edges that leave, and that reach, each node, in ascending order.
  let leaving: [[Int]]
  let reaching: [[Int]]
  private let indexes: [NodeKey: Int]

  /// Sorts what the draft holds. The ends of its edges are nodes even if nobody said so.
  public init(_ draft: WorldDraft) {
    schema = draft.schema
    lines = draft.lines
    let nodes = World.sortedNodes(draft)
    self.nodes = nodes
    var indexes: [NodeKey: Int] = [:]
    for (index, node) in nodes.enumerated() { indexes[node.name.key] = index }
    self.indexes = indexes
    edges = World.sortedEdges(draft, indexes)
    var leaving = Array(repeating: [Int](), count: nodes.count)
    var reaching = leaving
    for (index, edge) in edges.enumerated() {
      leaving[edge.from].append(index)
      reaching[edge.to].append(index)
    }
    self.leaving = leaving
    self.reaching = reaching
  }

  /// The node of that name.
  public func index(of name: NodeName) -> Int? { indexes[name.key] }

  /// What the graph was made of, sorted.
  public var draft: WorldDraft {
    var draft = WorldDraft(schema: schema)
    draft.nodes = nodes.map { .init($0.name, fields: $0.fields, source: $0.source) }
    draft.edges = edges.map {
      .init($0.type, nodes[$0.from].name, nodes[$0.to].name, fields: $0.fields)
    }
    draft.lines = lines
    return draft
  }

  private static func sortedNodes(_ draft: WorldDraft) -> [Node] {
    var known: [NodeKey: WorldDraft.Node] = [:]
    for edge in draft.edges {
      known[edge.from.key] = WorldDraft.Node(edge.from)
      known[edge.to.key] = WorldDraft.Node(edge.to)
    }
    for node in draft.nodes { known[node.name.key] = node }
    let nodes = known.values.map { node in
      Node(
        name: node.name, fields: node.fields, source: node.source,
        isRequest: draft.schema.kinds[node.name.kind].origin == .request)
    }
    return nodes.sorted { left, right in
      if left.isRequest != right.isRequest { return right.isRequest }
      if left.name.kind != right.name.kind {
        let kinds = draft.schema.kinds
        return precedes(kinds[left.name.kind].name, kinds[right.name.kind].name)
      }
      return precedes(left.name.id, right.name.id)
    }
  }

  private static func sortedEdges(_ draft: WorldDraft, _ indexes: [NodeKey: Int]) -> [Edge] {
    // Edges that agree in everything are one.
    var edges: Set<Edge> = []
    for edge in draft.edges {
      guard let from = indexes[edge.from.key], let to = indexes[edge.to.key] else { continue }
      edges.insert(Edge(type: edge.type, from: from, to: to, fields: edge.fields))
    }
    return edges.sorted { left, right in
      let (a, b) = ((left.type, left.from, left.to), (right.type, right.from, right.to))
      if a != b { return a < b }
      let fields = draft.schema.edges[left.type].fields
      for field in fields.indices.sorted(by: { precedes(fields[$0].name, fields[$1].name) }) {
        let type = fields[field].type
        let (a, b) = (left.fields[field], right.fields[field])
        if precedes(a, b, type, draft.schema) { return true }
        if precedes(b, a, type, draft.schema) { return false }
      }
      return false
    }
  }
}

/// A node's name, compared byte for byte; Swift's `==` on text is not.
struct NodeKey: Hashable, Sendable {
  let kind: Int
  let id: [UInt8]
}

extension NodeName {
  var key: NodeKey { NodeKey(kind: kind, id: Array(id.utf8)) }
}

/// Byte order.
func precedes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// A field without a value first, then by value, members of an enum by name.
private func precedes(
  _ left: FieldValue?, _ right: FieldValue?, _ type: ValueType, _ schema: Schema
) -> Bool {
  if case .enumeration(let index) = type.unwrapped, case .scalar(let a) = left,
    case .scalar(let b) = right
  {
    let members = schema.enums[index].members
    return precedes(members[Int(a)], members[Int(b)])
  }
  return switch (left, right) {
  case (nil, _): right != nil
  case (.scalar(let a), .scalar(let b)): a < b
  case (.string(let a), .string(let b)): precedes(a, b)
  case (.strings(let a), .strings(let b)): a.lexicographicallyPrecedes(b, by: precedes)
  default: false
  }
}
