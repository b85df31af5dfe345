// What must hold of the edges of one type in a snapshot.

import WritModel

/// Checks offsets, ends and order of the edges of one type, whose sections have the right lengths.
struct EdgeCheck {
  private let snapshot: Snapshot
  private let type: EdgeType
  private let index: EdgeIndex

  init(_ snapshot: Snapshot, _ edge: Int) {
    self.snapshot = snapshot
    type = snapshot.schema.edges[edge]
    index = snapshot.edges[edge]
  }

  /// Whether edges are found from either end, reach what they may, and are no more than they may
  /// be.
  func isSound() -> Bool {
    guard isAscending(index.offsets, index.rows.count, end: index.count), areEndsSound() else {
      return false
    }
    return zip(type.targets, index.inverses).allSatisfy { isSound($1, kind: $0) }
  }

  private func areEndsSound() -> Bool {
    let ranges = type.targets.map { snapshot.nodeRanges[$0] }
    for row in 0..<index.rows.count {
      let edges = Int(index.offsets[row])..<Int(index.offsets[row + 1])
      guard edges.count <= 1 || type.cardinality == .many else { return false }
      for edge in edges {
        guard Int(index.sources[edge]) == index.rows.first + row,
          ranges.contains(where: { $0.contains(Int(index.targets[edge])) }),
          edge == edges.lowerBound || index.targets[edge - 1] <= index.targets[edge]
        else { return false }
      }
    }
    return true
  }

  /// Every entry names an edge that ends in its row, entries ascend, and there are as many as edges
  /// to the kind: so every edge is there, once.
  private func isSound(_ inverse: InverseIndex, kind: Int) -> Bool {
    guard isAscending(inverse.offsets, inverse.rows.count, end: inverse.count) else { return false }
    let range = snapshot.nodeRanges[kind]
    let reaching = (0..<index.count).count { range.contains(Int(index.targets[$0])) }
    guard reaching == inverse.count else { return false }
    for row in 0..<inverse.rows.count {
      let places = Int(inverse.offsets[row])..<Int(inverse.offsets[row + 1])
      for place in places {
        let edge = Int(inverse.edges[place])
        guard edge < index.count, Int(index.targets[edge]) == range.lowerBound + row,
          inverse.sources[place] == index.sources[edge],
          place == places.lowerBound || inverse.edges[place - 1] < inverse.edges[place]
        else { return false }
      }
    }
    return true
  }

  /// Whether edges that join the same two nodes differ, and are in the order of `PropertyOrder`.
  ///
  /// - Precondition: the fields of the edges are sound.
  func areParallelEdgesInOrder() -> Bool {
    let order = PropertyOrder(type.fields, snapshot.schema)
    for edge in 0..<index.count where edge > 0 {
      guard index.sources[edge - 1] == index.sources[edge],
        index.targets[edge - 1] == index.targets[edge]
      else { continue }
      let comparison = order.compare(
        edge - 1, edge, cell: { index.fields[$1].cell($0) },
        members: { Array(index.fields[$1].members($0)) })
      guard comparison < 0 else { return false }
    }
    return true
  }
}
