// The edges of one type, found from either end.

import WritModel

/// The edges of one type, numbered from 0: by the node that they leave, then the node that they
/// reach, then their fields in the order of `PropertyOrder`.
///
/// Unchecked: the memory behind it is never written again; it lives as long as the snapshot or
/// overlay.
public struct EdgeIndex: @unchecked Sendable {
  /// The nodes that edges may leave, a row each.
  public let rows: Rows
  /// The number of edges.
  public let count: Int
  /// Row `r` has the edges `offsets[r] ..< offsets[r + 1]`; `rows.count + 1` of them.
  public let offsets: UnsafePointer<UInt32>
  /// Per edge, the node that it leaves.
  public let sources: UnsafePointer<UInt32>
  /// Per edge, the node that it reaches.
  public let targets: UnsafePointer<UInt32>
  /// Per field of the edge, its values with a row for each edge.
  public let fields: [FieldStorage]
  /// Per kind that the edge may reach, in the order of `EdgeType.targets`.
  public let inverses: [InverseIndex]

  /// No edges at all.
  static func empty(_ type: EdgeType) -> EdgeIndex {
    let nothing = emptySection.base.assumingMemoryBound(to: UInt32.self)
    let rows = Rows(first: 0, count: 0)
    let inverse = InverseIndex(
      rows: rows, count: 0, offsets: nothing, edges: nothing, sources: nothing)
    return EdgeIndex(
      rows: rows, count: 0, offsets: nothing, sources: nothing, targets: nothing,
      fields: type.fields.map { _ in .none }, inverses: type.targets.map { _ in inverse })
  }

  /// The edges that leave a node.
  public func edges(from node: Int) -> Range<Int> {
    guard let row = rows.row(of: node) else { return 0..<0 }
    return Int(offsets[row])..<Int(offsets[row + 1])
  }
}

/// The edges of one type that reach nodes of one kind.
///
/// Unchecked: the memory behind it is never written again.
public struct InverseIndex: @unchecked Sendable {
  /// The nodes that edges may reach, a row each.
  public let rows: Rows
  /// The number of edges.
  public let count: Int
  /// Row `r` has the places `offsets[r] ..< offsets[r + 1]` in `edges` and `sources`.
  public let offsets: UnsafePointer<UInt32>
  /// Numbers of edges, ascending within a row.
  public let edges: UnsafePointer<UInt32>
  /// Beside each edge, the node that it leaves.
  public let sources: UnsafePointer<UInt32>

  /// The places of the edges that reach a node.
  public func places(to node: Int) -> Range<Int> {
    guard let row = rows.row(of: node) else { return 0..<0 }
    return Int(offsets[row])..<Int(offsets[row + 1])
  }
}

/// What stands for a section without elements: one offset, 0.
private let emptySection = GraphMemory(byteCount: 64)
