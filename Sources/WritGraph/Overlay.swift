// A request's own facts, laid over a snapshot.

public import WritModel

/// The values of a field that a request brings, and which nodes they are of.
public struct OverlayField: Sendable {
  /// Dense for a kind that only requests bring, sparse for one of the snapshot.
  public let rows: Rows
  /// With a row for each of `rows`.
  public let storage: FieldStorage
}

/// The nodes, fields and edges of one request, over a snapshot.
///
/// Kinds, fields and edges are those of the overlay's schema, the bundle's. Its own nodes are
/// numbered behind the snapshot's, by the bytes of their kind's name, then of their id; strings
/// that the snapshot lacks behind the snapshot's. What only requests bring is here and nowhere
/// else, so a field or edge is in the snapshot or in the overlay, never in both. Unchecked: nothing
/// is ever written again.
public final class Overlay: @unchecked Sendable {
  public let schema: Schema
  public let snapshot: Snapshot
  /// The overlay's own nodes.
  public let nodeCount: Int
  /// Per kind of the schema, the overlay's own nodes; empty for kinds of the snapshot.
  public let nodeRanges: [Range<Int>]
  /// Per own node, the number of its id: node `n` is at `n - snapshot.nodeCount`.
  public let nodeIDs: UnsafeBufferPointer<UInt32>
  /// The strings that the snapshot lacks.
  public let strings: StringPool
  /// Per kind and field; without rows for what no request may bring.
  public let fields: [[OverlayField]]
  /// Per edge type; without edges for what no request may bring. Rows that are nodes of the
  /// snapshot are sparse.
  public let edges: [EdgeIndex]
  private let base: OverlayBase
  private let memory: GraphMemory
  /// Whose tables stand for what the request does not speak of.
  private let nothing: Overlay?

  init(_ base: OverlayBase, _ schema: Schema, _ ranges: [Range<Int>], _ table: SectionTable) {
    self.base = base
    self.schema = schema
    memory = table.memory
    nothing = nil
    snapshot = base.snapshot
    nodeRanges = ranges
    var cursor = SectionCursor(table)
    nodeIDs = cursor.next(UInt32.self)
    nodeCount = nodeIDs.count
    strings = cursor.strings(from: snapshot.strings.count)
    fields = schema.kinds.indices.map { kind in
      schema.kinds[kind].fields.map { field in
        guard field.isFromRequest else {
          return OverlayField(rows: Rows(first: 0, count: 0), storage: .none)
        }
        let rows = cursor.rows(ranges[kind], isDense: schema.kinds[kind].origin == .request)
        return OverlayField(rows: rows, storage: cursor.field(field))
      }
    }
    edges = schema.edges.map { edge in
      guard edge.origin == .request else { return .empty(edge) }
      func isDense(_ kind: Int) -> Bool { schema.kinds[kind].origin == .request }
      let rows = cursor.rows(ranges[edge.source], isDense: isDense(edge.source))
      return cursor.edges(
        edge, rows: rows, isStored: { edge.fields[$0].isFromRequest },
        inverseRows: { $0.rows(ranges[$1], isDense: isDense($1)) })
    }
  }

  /// What lies in `memory`, over the same snapshot as an overlay without facts.
  init(
    over nothing: Overlay, _ memory: GraphMemory, ranges: [Range<Int>],
    ids: UnsafeBufferPointer<UInt32>, strings: StringPool, fields: [[OverlayField]],
    edges: [EdgeIndex]
  ) {
    base = nothing.base
    schema = nothing.schema
    snapshot = nothing.snapshot
    self.memory = memory
    self.nothing = nothing
    nodeRanges = ranges
    nodeIDs = ids
    nodeCount = ids.count
    self.strings = strings
    self.fields = fields
    self.edges = edges
  }

  /// The node of a kind of the schema with that id, of the snapshot or the overlay; `nil` if there
  /// is none. Logarithmic.
  public func node(kind: Int, id: String) -> Int? {
    var id = id
    return id.withUTF8 { node(kind: kind, id: $0) }
  }

  /// The same of an id as bytes.
  public func node(kind: Int, id: UnsafeBufferPointer<UInt8>) -> Int? {
    if let node = base.node(kind, id) { return node }
    guard let number = snapshot.strings.find(id) ?? strings.find(id) else { return nil }
    return nodeRanges[kind].first { Int(nodeIDs[$0 - snapshot.nodeCount]) == number }
  }

  /// The id of a node of the snapshot or the overlay.
  public func id(of node: Int) -> String {
    if node < snapshot.nodeCount { return snapshot.id(of: node) }
    return string(Int(nodeIDs[node - snapshot.nodeCount]))
  }

  /// `Kind/id` of a node of the snapshot or the overlay.
  public func reference(to node: Int) -> String {
    if node < snapshot.nodeCount { return snapshot.reference(to: node) }
    let kind = nodeRanges.firstIndex { $0.contains(node) } ?? 0
    return "\(schema.kinds[kind].name)/\(id(of: node))"
  }

  /// A string of the snapshot or the overlay.
  public func string(_ number: Int) -> String {
    number < strings.first ? snapshot.strings.string(number) : strings.string(number)
  }
}

extension FieldType {
  /// Whether an overlay holds values of the field.
  var isFromRequest: Bool { !isKey && origin == .request }
}

extension SectionCursor {
  /// The rows of a column or index: the range, or the nodes in the next section.
  fileprivate mutating func rows(_ range: Range<Int>, isDense: Bool) -> Rows {
    isDense
      ? Rows(first: range.lowerBound, count: range.count) : Rows(sparse: next(UInt32.self))
  }
}

/// What every overlay of one schema over one snapshot needs: worked out once, used for every
/// request.
public struct OverlayPlan: Sendable {
  let names: SchemaNames
  let base: OverlayBase

  /// A plan; a schema that is not sound is refused.
  public init(_ snapshot: Snapshot, _ schema: Schema) throws(GraphProblems) {
    if let problem = schema.problem { throw GraphProblems([GraphProblem(.unsoundSchema(problem))]) }
    names = SchemaNames(schema)
    base = OverlayBase(snapshot, schema)
  }
}

/// Collects the facts of one request and lays them over a snapshot.
public struct OverlayBuilder: ~Copyable {
  private var reader: FactReader

  /// Begins with nothing.
  public init(_ plan: OverlayPlan) {
    reader = FactReader(plan.names, over: plan.base, [])
  }

  /// Reads facts, one JSON object a line; `name` is what problems call the input.
  public mutating func read(_ text: [UInt8], named name: String) {
    reader.read(text, named: name)
  }

  /// Adds a node of a kind that requests bring, or fields that they bring to a node of the
  /// snapshot.
  public mutating func addNode(_ node: NodeKey, _ properties: [Property] = []) {
    reader.addNode(node, properties, source: nil)
  }

  /// Adds an edge that requests bring.
  public mutating func addEdge(
    _ edge: Int, from: NodeKey, to: NodeKey, _ properties: [Property] = []
  ) {
    reader.addEdge(edge, from: from, to: to, properties)
  }

  /// The overlay of all facts.
  public consuming func build() throws(GraphProblems) -> Overlay {
    try reader.finishOverlay()
  }
}
