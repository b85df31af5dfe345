// The graph as the executor sees it: plain pointers into columns, one table for each reference of the program.

import WritBytecode

/// Whether a source vouches for the facts of one origin and kind at the instant of the decision.
struct Vouching {
  /// Nothing needs to be asked node by node.
  let isAlways: Bool
  /// The whole kind is vouched for: nothing of it is missing.
  let isClosed: Bool
  /// Why it is not, for the kind as a whole.
  let kindCause: Cause
  /// Why each node of the kind is not vouched for, by row; empty if all or none are.
  let rowCauses: [Cause]

  /// Why something of the kind may be missing; none if nothing is.
  var closedCause: Cause { isClosed ? .none : kindCause }
}

/// A column of a field, for the nodes of one kind or the edges of one type.
struct LinkedColumn {
  /// Number of the node or edge in row 0.
  let first: Int
  let count: Int
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
  /// Number of the node in row 0, and how many rows there are.
  let firstNode: Int
  let rowCount: Int
  /// Where each row's edges begin; `keys` holds the rows that have any where most have none.
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

  /// Places of the edges at a row.
  @inline(__always)
  func places(ofRow row: Int) -> Range<Int> {
    guard let keys else { return Int(offsets[row])..<Int(offsets[row + 1]) }
    var low = 0
    var high = keyCount
    while low < high {
      let middle = (low + high) / 2
      if Int(keys[middle]) < row { low = middle + 1 } else { high = middle }
    }
    guard low < keyCount, Int(keys[low]) == row else { return 0..<0 }
    return Int(offsets[low])..<Int(offsets[low + 1])
  }

  @inline(__always)
  func number(at place: Int) -> Int { numbers.map { Int($0[place]) } ?? place }
}

/// The ends of all edges of one type, by number.
struct LinkedEnds {
  let count: Int
  let sources: UnsafePointer<UInt32>
  let targets: UnsafePointer<UInt32>
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
  /// Values of the globals: now, caller, parameters, constants. The first two are the request's.
  var globals: [Slot] = []
  /// Strings below this number are ordered as their numbers are.
  var orderedStringCount = 0

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
    vouchings[vouching].isAlways ? .none : slowCause(vouching, row: row)
  }

  @inline(never)
  private func slowCause(_ vouching: Int, row: Int) -> Cause {
    let vouching = vouchings[vouching]
    let causes = vouching.rowCauses
    return causes.indices.contains(row) ? causes[row] : vouching.kindCause
  }
}
