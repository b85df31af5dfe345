// A snapshot that deltas made of another, and which facts they spoke of.

import WritCrypto

/// The step from one snapshot to the next.
struct SnapshotChange {
  /// The next one; its root digest is all zeros.
  let snapshot: Snapshot
  /// Per node of the one before its number now, `UInt32.max` if it is gone; `nil` where all nodes
  /// are the same.
  let numbers: [UInt32]?
  /// Nodes of the one before that deltas spoke of, perhaps repeatedly; a node whose edge changed is
  /// the one that the edge leaves.
  let touched: [Int]
  /// Nodes of the one before that were removed, also where they came back.
  let removed: [Int]
  /// Nodes that were not there before.
  let added: [(node: Int, bucket: UInt16)]
}

/// Whether every node has the number that it had.
private func isSame(_ numbers: [UInt32]) -> Bool {
  numbers.enumerated().allSatisfy { $0.offset == Int($0.element) }
}

extension FactReader {
  /// What deltas to `snapshot`, with which the reader began, make of it.
  consuming func finishChange(of snapshot: Snapshot) throws(GraphProblems) -> SnapshotChange {
    let assembly = try assembled()
    // A draft that begins with a snapshot numbers its references kind by kind.
    let nodes = snapshot.schema.kinds.indices.flatMap { Array(snapshot.nodeRanges[$0]) }
    var numbers = [UInt32](repeating: .max, count: nodes.count)
    for (reference, node) in nodes.enumerated() {
      numbers[node] = assembly.nodeNumbers[reference]
    }
    var added: [(node: Int, bucket: UInt16)] = []
    for reference in nodes.count..<assembly.nodeNumbers.count {
      let number = assembly.nodeNumbers[reference]
      guard number != .max else { continue }
      let name = assembly.draft.text(UInt32(truncatingIfNeeded: reference))
      let bucket = RootForm.newest.bucket(Digest(of: Array(name.utf8)))
      added.append((Int(number), UInt16(truncatingIfNeeded: bucket)))
    }
    let touched = assembly.draft.touched.lazy.filter { Int($0) < nodes.count }
    let removed = assembly.draft.removals.keys.lazy.filter { Int($0) < nodes.count }
    let table = assembly.snapshotTable()
    return SnapshotChange(
      snapshot: Snapshot(assembly.draft.schema, table, rootDigest: .zero),
      numbers: added.isEmpty && isSame(numbers) ? nil : numbers,
      touched: touched.map { nodes[Int($0)] }, removed: removed.map { nodes[Int($0)] },
      added: added)
  }
}
