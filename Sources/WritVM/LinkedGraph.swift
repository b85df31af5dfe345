// The graph as the executor sees it: plain pointers into columns, one table for each reference of the program.

import WritBytecode

/// Whether the sources of one origin vouch for the facts of one kind at the instant of the decision.
struct Vouching {
  /// Everything is vouched for; nothing needs to be asked node by node.
  let isAlways: Bool
  /// Why something of the kind may be missing; none if the whole kind is vouched for.
  let closedCause: Cause
  let kind: Int
  let firstNode: Int
  /// For each node of the kind, 1 + the source that does not vouch for it, or 0; empty if `isAlways`.
  let silentSources: [UInt16]

  /// Why the node in a row is not vouched for; none if it is.
  func cause(row: Int) -> Cause {
    guard silentSources.indices.contains(row) else { return closedCause }
    let silent = Int(silentSources[row])
    return silent == 0
      ? .none : Cause(.unvouchedNode, first: silent - 1, second: kind, node: firstNode + row)
  }

  /// For facts that nobody has to vouch for.
  static let always = Vouching(
    isAlways: true, closedCause: .none, kind: 0, firstNode: 0, silentSources: [])
}

/// A column of a field, for the nodes of one kind or the edges of one type.
struct LinkedColumn {
  /// Number of the first node of the kind (0 for edges), and how many there are.
  let first: Int
  let count: Int
  /// The nodes that have a row, where not all have one.
  let keys: UnsafePointer<UInt32>?
  let keyCount: Int
  let values: UnsafeRawPointer
  /// One bit a row: the graph has a value. `nil`: in every row.
  let presence: UnsafePointer<UInt64>?
  /// 1, 4 or 8 bytes; 0 for a set of strings.
  let width: Int
  /// Of a set of strings: where each row's ids begin in `values`.
  let offsets: UnsafePointer<UInt32>?
  let isOptional: Bool
  /// Bounds of a value of which nothing is known.
  let unknown: Slot
  /// Index into `LinkedGraph.vouchings`.
  let vouching: Int
  /// Kind or edge type, and field, for the cause.
  let owner: Int
  let field: Int
  let isOfEdge: Bool
}

/// The edges of one type in one direction, from the nodes of one kind.
struct LinkedEdges {
  let edge: Int
  let isInverse: Bool
  /// Number of the first node of the kind, and how many there are.
  let firstNode: Int
  let nodeCount: Int
  /// Where the edges of each row begin. A row is a node of the kind or, where `keys` says which, one of those that have any.
  let offsets: UnsafePointer<UInt32>
  let keys: UnsafePointer<UInt32>?
  let keyCount: Int
  /// Number of each edge within its type; `nil`: its place.
  let numbers: UnsafePointer<UInt32>?
  /// The node at the far end of each.
  let ends: UnsafePointer<UInt32>
  /// Of the edge itself, at the node that it leaves.
  let vouching: Int
  /// No far end needs to be asked whether it is definite.
  let endsAreDefinite: Bool
  /// Each node that the edge leaves has one: none is a fact that is missing.
  let mustHaveOne: Bool
  /// That some node which the edge should leave has none; of the first such node.
  let missingCause: Cause

  /// Is the node of the kind that this table is for?
  @inline(__always)
  func covers(_ node: Int) -> Bool { node >= firstNode && node - firstNode < nodeCount }

  /// Places of the edges at a node of the kind.
  @inline(__always)
  func places(at node: Int) -> Range<Int> {
    guard keys != nil else {
      return Int(offsets[node - firstNode])..<Int(offsets[node - firstNode + 1])
    }
    return sparsePlaces(at: node)
  }

  @inline(never)
  private func sparsePlaces(at node: Int) -> Range<Int> {
    guard let row = LinkedEdges.find(node, in: keys, keyCount) else { return 0..<0 }
    return Int(offsets[row])..<Int(offsets[row + 1])
  }

  /// Place of a node among sorted ones.
  static func find(_ node: Int, in keys: UnsafePointer<UInt32>?, _ count: Int) -> Int? {
    guard let keys else { return nil }
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if Int(keys[middle]) < node { low = middle + 1 } else { high = middle }
    }
    return low < count && Int(keys[low]) == node ? low : nil
  }

  @inline(__always)
  func number(at place: Int) -> Int { numbers.map { Int($0[place]) } ?? place }
}

/// The ends of all edges of one type, by number.
struct LinkedEnds {
  let count: Int
  let sources: UnsafePointer<UInt32>?
  let targets: UnsafePointer<UInt32>?
}

/// An edge as a value: its type, and its number in the type.
enum EdgeNumber {
  @inline(__always)
  static func value(edge: Int, number: Int) -> Int64 {
    Int64(truncatingIfNeeded: edge << 40 | number)
  }

  @inline(__always)
  static func edge(of value: Int64) -> Int { Int(truncatingIfNeeded: value >> 40) }

  @inline(__always)
  static func number(of value: Int64) -> Int { Int(truncatingIfNeeded: value & 0xff_ffff_ffff) }
}

/// Everything that the executor reads of a graph, for one program and one instant. Whoever holds it keeps the snapshot and the
/// overlay alive.
struct LinkedGraph {
  /// Snapshot and overlay together.
  var nodeCount = 0
  /// For each kind of the program's schema: number of its first node, and how many there are.
  var kindFirst: [Int] = []
  var kindCount: [Int] = []
  /// For each kind.
  var kindVouchings: [Int] = []
  var vouchings: [Vouching] = []
  /// For each field reference.
  var columns: [[LinkedColumn]] = []
  /// For each step reference, in the order of its edges, a table for each kind that it may start from.
  var steps: [[LinkedEdges]] = []
  /// For each edge type.
  var ends: [LinkedEnds] = []
  /// Strings below this number are ordered as their numbers are.
  var orderedStringCount = 0
  /// When a source last spoke, at or before the instant of the decision, of a kind (node -1) or of one of its nodes.
  var lastSpoke: @Sendable (_ source: Int, _ kind: Int, _ node: Int) -> Int64? = { _, _, _ in nil }

  /// The kind of a node; `nil` if the program has no such kind.
  func kind(of node: Int) -> Int? {
    for kind in kindFirst.indices
    where node >= kindFirst[kind] && node - kindFirst[kind] < kindCount[kind] {
      return kind
    }
    return nil
  }

  /// Why a node is only possible; none if it is definite.
  func cause(ofNode node: Int) -> Cause {
    guard let kind = kind(of: node) else { return .none }
    return cause(kindVouchings[kind], row: node - kindFirst[kind])
  }

  @inline(__always)
  func cause(_ vouching: Int, row: Int) -> Cause {
    vouchings[vouching].isAlways ? .none : vouchings[vouching].cause(row: row)
  }
}
