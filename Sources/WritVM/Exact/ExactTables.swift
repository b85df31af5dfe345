// The linked graph for exact code: flat tables without references, and of each whether all in it is vouched for.

import WritBytecode

/// A column of a field.
struct ExactColumn {
  /// The node, or the value of the edge, that has the first row.
  let first: Int
  let count: Int
  let values: UnsafeRawPointer
  let presence: UnsafePointer<UInt64>?
  /// Of a set of strings.
  let offsets: UnsafePointer<UInt32>?
  /// 1, 4 or 8 bytes; 0 where exact code cannot read it.
  let width: Int
  let isOptional: Bool
}

/// The edges of one type in one direction.
struct ExactEdges {
  let firstNode: Int
  let nodeCount: Int
  /// Everything is vouched for, and each node has a row.
  let isPlain: Bool
  let offsets: UnsafePointer<UInt32>
  let ends: UnsafePointer<UInt32>
  /// Number of each edge within its type; `nil`: its place. And the type's first edge as a value.
  let numbers: UnsafePointer<UInt32>?
  let firstEdge: Int64
  let mustHaveOne: Bool
  let isOptional: Bool
}

/// The nodes of one kind.
struct ExactKind {
  let first: Int
  let count: Int
  /// None of the kind may be missing or merely possible.
  let isWhole: Bool
}

/// Where in the flat tables those of one reference are.
struct ExactRange {
  let first: Int32
  let count: Int32
}

/// Pointers into the tables of a graph: nothing in it is counted.
struct ExactView {
  let nodeCount: Int
  let columns: UnsafeMutablePointer<ExactColumn>
  /// For each field reference.
  let fields: UnsafeMutablePointer<ExactRange>
  let edges: UnsafeMutablePointer<ExactEdges>
  /// For each step reference.
  let steps: UnsafeMutablePointer<ExactRange>
  /// For each kind, its nodes, and whether all of them are vouched for.
  let kinds: UnsafeMutablePointer<ExactKind>
  let kindCount: Int

  /// The kind of a node; -1 if the program has no such kind.
  @inline(__always)
  func kind(of node: Int64) -> Int {
    let node = Int(node)
    for kind in 0..<kindCount {
      if node >= kinds[kind].first && node &- kinds[kind].first < kinds[kind].count { return kind }
    }
    return -1
  }
}

/// A graph as exact code reads it. Whoever holds it keeps the graph's memory alive.
///
/// Unchecked: nothing is written once it is made.
final class ExactTables: @unchecked Sendable {
  let view: ExactView

  /// O(tables of the program).
  init(_ graph: LinkedGraph, _ program: Program) {
    let flatColumns = graph.columns.map { tables in tables.map { ExactColumn($0, graph) } }
    let flatEdges = graph.steps.map { tables in
      tables.map { ExactEdges($0, graph, program.schema.edges[$0.edge].cardinality == .optional) }
    }
    let (columns, fields) = ExactTables.flattened(flatColumns)
    let (edges, steps) = ExactTables.flattened(flatEdges)
    let kinds = UnsafeMutablePointer<ExactKind>.allocate(capacity: graph.kindFirst.count)
    for kind in graph.kindFirst.indices {
      let isWhole = graph.vouchings[graph.kindVouchings[kind]].isAlways
      (kinds + kind).initialize(
        to: ExactKind(first: graph.kindFirst[kind], count: graph.kindCount[kind], isWhole: isWhole))
    }
    view = ExactView(
      nodeCount: graph.nodeCount, columns: columns, fields: fields, edges: edges, steps: steps,
      kinds: kinds, kindCount: graph.kindFirst.count)
  }

  private static func flattened<Table>(
    _ tables: [[Table]]
  ) -> (UnsafeMutablePointer<Table>, UnsafeMutablePointer<ExactRange>) {
    let flat = UnsafeMutablePointer<Table>.allocate(capacity: tables.reduce(0) { $0 + $1.count })
    let ranges = UnsafeMutablePointer<ExactRange>.allocate(capacity: tables.count)
    var place = 0
    for (number, some) in tables.enumerated() {
      (ranges + number).initialize(to: ExactRange(first: Int32(place), count: Int32(some.count)))
      for table in some {
        (flat + place).initialize(to: table)
        place += 1
      }
    }
    return (flat, ranges)
  }

  deinit {
    // Nothing in them is counted.
    view.columns.deallocate()
    view.fields.deallocate()
    view.edges.deallocate()
    view.steps.deallocate()
    view.kinds.deallocate()
  }
}

extension ExactColumn {
  init(_ column: LinkedColumn, _ graph: LinkedGraph) {
    let isPlain = column.keys == nil && graph.vouchings[column.vouching].isAlways
    first =
      column.isOfEdge ? Int(EdgeNumber.value(edge: column.owner, number: 0)) : column.first
    count = isPlain ? column.count : 0
    values = column.values
    presence = column.presence
    offsets = column.offsets
    width = column.width
    isOptional = column.isOptional
  }
}

extension ExactEdges {
  init(_ edges: LinkedEdges, _ graph: LinkedGraph, _ isOptional: Bool) {
    isPlain =
      edges.keys == nil && graph.vouchings[edges.vouching].isAlways && edges.endsAreDefinite
      && edges.missingCause.isNone
    firstNode = edges.firstNode
    nodeCount = edges.nodeCount
    offsets = edges.offsets
    ends = edges.ends
    numbers = edges.numbers
    firstEdge = EdgeNumber.value(edge: edges.edge, number: 0)
    mustHaveOne = edges.mustHaveOne && !edges.isInverse
    self.isOptional = isOptional
  }
}
