// The root digest of a graph that changes: after a small change, a small part of it is hashed anew.

import WritCrypto

/// What is kept of one version's root digest, so that the next one's costs little.
///
/// Two bytes and a number a node, 32 bytes a source line and four megabytes for the tree. No leaf of
/// a node or an edge is kept: a bucket of ten million nodes has about a hundred and fifty of them,
/// whose lines are written anew where one changed.
struct LiveRoot: ~Copyable {
  /// The root digest.
  private(set) var digest = Digest.zero
  private var hasher: BucketHasher
  private var index: BucketIndex
  /// Beside each source line its leaf.
  private var lineLeaves: [Digest]
  private var tree: BucketTree
  private let schema: Digest

  /// The root of a snapshot, worked out whole.
  init(_ snapshot: Snapshot) {
    var writer = FactWriter(snapshot)
    var hasher = BucketHasher()
    var buckets = [UInt16](repeating: 0, count: snapshot.nodeCount)
    for kind in snapshot.schema.kinds.indices {
      for node in snapshot.nodeRanges[kind] {
        writer.writeName(node, kind: kind)
        let bucket = RootForm.newest.bucket(hasher.digest(writer.line.bytes))
        buckets[node] = UInt16(truncatingIfNeeded: bucket)
      }
    }
    var lineLeaves: [Digest] = []
    for line in snapshot.sourceLines {
      writer.writeSource(line)
      lineLeaves.append(hasher.digest(writer.line.bytes))
    }
    var schemaLeaves: [Digest] = []
    for line in snapshot.schema.canonicalLines {
      writer.write(schemaLine: line)
      schemaLeaves.append(hasher.digest(writer.line.bytes))
    }
    schema = hasher.bucket(schemaLeaves)
    index = BucketIndex(buckets)
    tree = BucketTree(&hasher)
    self.lineLeaves = lineLeaves
    self.hasher = hasher
    var dirty = DirtyBuckets()
    for bucket in buckets { dirty.insert(bucket) }
    for leaf in lineLeaves { dirty.insert(leaf) }
    update(dirty, snapshot)
  }

  /// The root of the snapshot that a change made of `old`, whose root this is.
  mutating func update(_ change: SnapshotChange, of old: Snapshot) {
    var dirty = DirtyBuckets()
    for node in change.touched { dirty.insert(index.buckets[node]) }
    for node in change.removed {
      for edges in old.edges {
        for inverse in edges.inverses {
          for place in inverse.places(to: node) {
            dirty.insert(index.buckets[Int(inverse.sources[place])])
          }
        }
      }
    }
    for node in change.added { dirty.insert(node.bucket) }
    renumber(change)
    updateLines(change, of: old, &dirty)
    update(dirty, change.snapshot)
  }

  private mutating func renumber(_ change: SnapshotChange) {
    guard let numbers = change.numbers else { return }
    var buckets = [UInt16](repeating: 0, count: change.snapshot.nodeCount)
    for (node, number) in numbers.enumerated() where number != .max {
      buckets[Int(number)] = index.buckets[node]
    }
    for node in change.added { buckets[node.node] = node.bucket }
    index = BucketIndex(buckets)
  }

  /// Takes over the leaves of lines that are still there. Both lists are sorted, and numbers keep
  /// the order of the nodes that stay.
  private mutating func updateLines(
    _ change: SnapshotChange, of old: Snapshot, _ dirty: inout DirtyBuckets
  ) {
    let lines = change.snapshot.sourceLines
    var writer = FactWriter(change.snapshot, for: .fewLines)
    var leaves: [Digest] = []
    leaves.reserveCapacity(lines.count)
    var place = 0
    for line in lines {
      while place < lineLeaves.count {
        guard let before = old.sourceLines[place].renumbered(change.numbers) else {
          dirty.insert(lineLeaves[place])
          place += 1
          continue
        }
        guard before < line else { break }
        dirty.insert(lineLeaves[place])
        place += 1
      }
      if place < lineLeaves.count, old.sourceLines[place].renumbered(change.numbers) == line {
        leaves.append(lineLeaves[place])
        place += 1
        continue
      }
      writer.writeSource(line)
      let leaf = hasher.digest(writer.line.bytes)
      leaves.append(leaf)
      dirty.insert(leaf)
    }
    for leaf in lineLeaves[place...] { dirty.insert(leaf) }
    lineLeaves = leaves
  }

  /// Hashes the buckets anew that changed, and what lies above them.
  private mutating func update(_ dirty: DirtyBuckets, _ snapshot: Snapshot) {
    var lines: [UInt16: [Digest]] = [:]
    for leaf in lineLeaves where dirty.contains(leaf) {
      lines[DirtyBuckets.bucket(leaf), default: []].append(leaf)
    }
    let isMuch = dirty.list.count * 8 > RootForm.newest.bucketCount
    var writer = FactWriter(snapshot, for: isMuch ? .allLines : .fewLines)
    let leaving = snapshot.schema.kinds.indices.map { kind in
      snapshot.schema.edges.indices.filter { snapshot.schema.edges[$0].source == kind }
    }
    let changed = dirty.list.sorted().map { bucket in
      var leaves = lines[bucket] ?? []
      for node in index.nodes(in: bucket) {
        let kind = snapshot.kind(of: Int(node))
        writer.writeNode(Int(node), kind: kind)
        leaves.append(hasher.digest(writer.line.bytes))
        for type in leaving[kind] {
          let targets = snapshot.schema.edges[type].targets
          for edge in snapshot.edges[type].edges(from: Int(node)) {
            writer.writeEdge(
              edge, type: type, from: Int(node), of: kind,
              to: Int(snapshot.edges[type].targets[edge]), among: targets)
            leaves.append(hasher.digest(writer.line.bytes))
          }
        }
      }
      return TreeNode(place: UInt32(bucket), digest: hasher.bucket(leaves))
    }
    tree.update(changed, &hasher)
    digest = hasher.root(.newest, tree: tree.root, sourceLines: .zero, schema: schema)
  }
}

/// Which buckets changed.
private struct DirtyBuckets {
  private(set) var list: [UInt16] = []
  private var isDirty = [Bool](repeating: false, count: RootForm.newest.bucketCount)

  static func bucket(_ leaf: Digest) -> UInt16 {
    UInt16(truncatingIfNeeded: RootForm.newest.bucket(leaf))
  }

  mutating func insert(_ bucket: UInt16) {
    guard !isDirty[Int(bucket)] else { return }
    isDirty[Int(bucket)] = true
    list.append(bucket)
  }

  /// Adds the bucket that a source line's leaf names.
  mutating func insert(_ leaf: Digest) { insert(DirtyBuckets.bucket(leaf)) }

  func contains(_ leaf: Digest) -> Bool { isDirty[Int(DirtyBuckets.bucket(leaf))] }
}

extension SourceLine {
  /// The line with its node's other number; `nil` if the node is gone.
  fileprivate func renumbered(_ numbers: [UInt32]?) -> SourceLine? {
    guard case .node(let node) = cover, let numbers else { return self }
    guard numbers[node] != .max else { return nil }
    return SourceLine(source: source, cover: .node(Int(numbers[node])), of: of, at: at)
  }
}
