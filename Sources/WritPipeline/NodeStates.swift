// The states of a run's nodes, and which of them were written to: whoever shows a run need not look at all of it.

/// States by node, in the order of the plan.
public struct NodeStates: Sendable, RandomAccessCollection {
  private var values: [NodeState]
  /// Nodes that were written to since somebody last asked, each as often as that happened.
  private var touched: [Int] = []

  /// So many nodes to which nothing has happened.
  init(count: Int) { values = [NodeState](repeating: NodeState(), count: count) }

  public var startIndex: Int { 0 }
  public var endIndex: Int { values.count }

  /// Written to by a run alone.
  public internal(set) subscript(node: Int) -> NodeState {
    get { values[node] }
    _modify {
      // What is written to over and over within one event is noted once.
      if touched.last != node { touched.append(node) }
      yield &values[node]
    }
  }

  /// The nodes that were written to since this was last asked, rising and each once; O(writes × log writes).
  mutating func takeTouched() -> [Int] {
    defer { touched.removeAll(keepingCapacity: true) }
    var nodes = touched.sorted()
    var kept = 0
    for node in nodes where kept == 0 || nodes[kept - 1] != node {
      nodes[kept] = node
      kept += 1
    }
    nodes.removeLast(nodes.count - kept)
    return nodes
  }
}

extension NodeStates: Equatable {
  /// By what the nodes are; who has looked does not matter.
  public static func == (left: NodeStates, right: NodeStates) -> Bool {
    left.values == right.values
  }
}
