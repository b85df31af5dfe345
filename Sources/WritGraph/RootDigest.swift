// The digest of a snapshot's facts: the same for the same facts, however they came and however they
// lie in a file.

import Synchronization
import WritCrypto

/// The root over all canonical lines of a snapshot, as `docs/snapshot-format.md` defines it:
///
///     leaf     SHA-256(0x00, line)
///     bucket   SHA-256(0x02, its leaves in ascending order)
///     inner    SHA-256(0x01, left, right)
///     root     SHA-256(0x04, tree over the 65,536 buckets, bucket of schema lines)
///
/// A node's line lies in the bucket that the first two bytes of SHA-256(`Kind/id`) name, an edge's
/// in that of the node it leaves, a source line in the one that its own leaf names. The first form
/// has 256 buckets, named by one byte, and source lines in a bucket beside the tree:
/// SHA-256(0x03, tree, bucket of source lines, bucket of schema lines).
///
/// Leaves are worked out for a group of buckets after the other, or for several of them at once on several threads: of a large
/// graph all leaves would take more memory than the graph itself. Which thread does what has no influence on the digest.
enum RootDigest {
  /// Leaves that a group has about: 16 MB of them.
  private static let leavesOfGroup = 1 << 19

  /// The root of a snapshot, by at most so many threads.
  static func of(_ snapshot: Snapshot, threads: Int = processorCount) -> Digest {
    let form = snapshot.form
    let plan = LinePlan(snapshot, for: .allLines)
    let edgeCount = snapshot.edges.reduce(0) { $0 + $1.count }
    let lines = LineLeaves(plan)
    let workers = edgeCount + snapshot.nodeCount < 1 << 14 ? 1 : threads
    let nodes = GroupedNodes(
      plan, groups: groupCount(snapshot.nodeCount + edgeCount, form, workers), workers)
    let groups = BucketGroups(plan, nodes, lines)
    onThreads(workers) { _ in groups.work() }
    var hasher = BucketHasher()
    let tree = hasher.root(groups.buckets, depth: form.depth)
    let aside = hasher.bucket(form == .few ? lines.leaves.map(\.digest) : [])
    return hasher.root(form, tree: tree, sourceLines: aside, schema: hasher.bucket(lines.schema))
  }

  /// A power of two.
  private static func groupCount(_ leaves: Int, _ form: RootForm, _ workers: Int) -> Int {
    var count = workers > 1 ? 8 : 1
    while count < form.bucketCount, leaves / count > leavesOfGroup { count *= 2 }
    return count
  }
}

/// The leaf of a line, and the bucket that it lies in.
struct BucketLeaf {
  let bucket: UInt32
  let digest: Digest
}

/// The leaves of source lines and of the schema, which are few.
private struct LineLeaves: Sendable {
  /// Of source lines; of the first form they lie in no bucket of the tree.
  var leaves: [BucketLeaf] = []
  var schema: [Digest] = []

  init(_ plan: LinePlan) {
    var writer = FactWriter(plan)
    var hasher = BucketHasher()
    for line in plan.snapshot.sourceLines {
      writer.writeSource(line)
      let leaf = hasher.digest(writer.line.bytes)
      leaves.append(BucketLeaf(bucket: plan.snapshot.form.bucket(leaf), digest: leaf))
    }
    for line in plan.snapshot.schema.canonicalLines {
      writer.write(schemaLine: line)
      schema.append(hasher.digest(writer.line.bytes))
    }
  }
}

/// The nodes of a snapshot by groups of buckets.
///
/// Unchecked: nothing is written once it is made, and by each thread in a place of its own before.
private final class GroupedNodes: @unchecked Sendable {
  let groupCount: Int
  /// A bucket's group is the bucket shifted to the right by so many bits.
  let shift: Int
  /// Per node its bucket.
  let buckets: UnsafeMutableBufferPointer<UInt16>
  /// Group `g` has the nodes `order[starts[g] ..< starts[g + 1]]`, ascending.
  private(set) var order: [UInt32] = []
  private(set) var starts: [Int] = []

  init(_ plan: LinePlan, groups: Int, _ workers: Int) {
    groupCount = groups
    shift = plan.snapshot.form.depth - groups.trailingZeroBitCount
    let count = plan.snapshot.nodeCount
    buckets = .allocate(capacity: count)
    buckets.initialize(repeating: 0)
    onThreads(workers) { [self] number in
      hash(plan, count * number / workers..<count * (number + 1) / workers)
    }
    starts = Array(repeating: 0, count: groups + 1)
    for bucket in buckets { starts[Int(bucket) &>> shift + 1] &+= 1 }
    for group in 0..<groups { starts[group + 1] += starts[group] }
    var next = starts
    order = Array(repeating: 0, count: count)
    for node in 0..<count {
      let group = Int(buckets[node]) &>> shift
      order[next[group]] = UInt32(truncatingIfNeeded: node)
      next[group] &+= 1
    }
  }

  deinit { buckets.deallocate() }

  private func hash(_ plan: LinePlan, _ nodes: Range<Int>) {
    let snapshot = plan.snapshot
    var writer = FactWriter(plan)
    var hasher = BucketHasher()
    for kind in snapshot.schema.kinds.indices {
      for node in snapshot.nodeRanges[kind].clamped(to: nodes) {
        writer.writeName(node, kind: kind)
        buckets[node] = UInt16(
          truncatingIfNeeded: snapshot.form.bucket(hasher.digest(writer.line.bytes)))
      }
    }
  }
}

/// The groups of buckets, which threads take one after the other.
private final class BucketGroups: Sendable {
  private let plan: LinePlan
  private let nodes: GroupedNodes
  private let lines: LineLeaves
  private let next = Atomic<Int>(0)
  private let done: Mutex<[[TreeNode]]>

  init(_ plan: LinePlan, _ nodes: GroupedNodes, _ lines: LineLeaves) {
    self.plan = plan
    self.nodes = nodes
    self.lines = lines
    done = Mutex(Array(repeating: [], count: nodes.groupCount))
  }

  /// All buckets of the tree that have leaves, in order.
  var buckets: [TreeNode] { done.withLock { $0.flatMap { $0 } } }

  /// Works on groups until there are none left.
  func work() {
    var maker = GroupLeaves(plan)
    while true {
      let group = next.add(1, ordering: .relaxed).oldValue
      guard group < nodes.groupCount else { return }
      maker.begin()
      maker.addFacts(nodes.order[nodes.starts[group]..<nodes.starts[group + 1]], nodes.buckets)
      if plan.snapshot.form == .many {
        for leaf in lines.leaves where Int(leaf.bucket) >> nodes.shift == group { maker.add(leaf) }
      }
      let first = group << nodes.shift
      let buckets = maker.buckets(first..<first + 1 << nodes.shift)
      done.withLock { $0[group] = buckets }
    }
  }
}

/// The leaves of one group of buckets at a time.
private struct GroupLeaves: ~Copyable {
  private let snapshot: Snapshot
  private var writer: FactWriter
  private var hasher = BucketHasher()
  private var leaves: [BucketLeaf] = []
  /// Per kind the types of the edges that leave it.
  private let leaving: [[Int]]

  init(_ plan: LinePlan) {
    snapshot = plan.snapshot
    writer = FactWriter(plan)
    let edges = snapshot.schema.edges
    leaving = snapshot.schema.kinds.indices.map { kind in
      edges.indices.filter { edges[$0].source == kind }
    }
  }

  mutating func begin() {
    leaves.removeAll(keepingCapacity: true)
  }

  mutating func add(_ leaf: BucketLeaf) {
    leaves.append(leaf)
  }

  /// Adds the lines of nodes, which ascend, and of the edges that leave them.
  mutating func addFacts(
    _ nodes: ArraySlice<UInt32>, _ buckets: UnsafeMutableBufferPointer<UInt16>
  ) {
    for kind in snapshot.schema.kindsByName {
      let range = snapshot.nodeRanges[kind]
      let start = place(of: range.lowerBound, in: nodes)
      let own = nodes[start..<place(of: range.upperBound, in: nodes)]
      for node in own {
        writer.writeNode(Int(node), kind: kind)
        addLine(to: buckets[Int(node)])
      }
      for type in leaving[kind] { addEdges(type, of: kind, own, buckets) }
    }
  }

  private mutating func addEdges(
    _ type: Int, of kind: Int, _ nodes: ArraySlice<UInt32>,
    _ buckets: UnsafeMutableBufferPointer<UInt16>
  ) {
    let index = snapshot.edges[type]
    let targets = snapshot.schema.edges[type].targets
    for node in nodes {
      for edge in index.edges(from: Int(node)) {
        writer.writeEdge(
          edge, type: type, from: Int(node), of: kind, to: Int(index.targets[edge]),
          among: targets)
        addLine(to: buckets[Int(node)])
      }
    }
  }

  private mutating func addLine(to bucket: UInt16) {
    leaves.append(
      BucketLeaf(bucket: UInt32(bucket), digest: hasher.digest(writer.line.bytes)))
  }

  /// The place of the first node from `node` on.
  private func place(of node: Int, in nodes: ArraySlice<UInt32>) -> Int {
    var (lower, upper) = (nodes.startIndex, nodes.endIndex)
    while lower < upper {
      let middle = (lower + upper) / 2
      if Int(nodes[middle]) < node { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }

  /// The digests of those of the buckets that have leaves.
  mutating func buckets(_ range: Range<Int>) -> [TreeNode] {
    var starts = [Int](repeating: 0, count: range.count + 1)
    for leaf in leaves { starts[Int(leaf.bucket) - range.lowerBound + 1] &+= 1 }
    for place in 0..<range.count { starts[place + 1] += starts[place] }
    var next = starts
    let sorted = [Digest](unsafeUninitializedCapacity: leaves.count) { memory, count in
      for leaf in leaves {
        let bucket = Int(leaf.bucket) - range.lowerBound
        memory.initializeElement(at: next[bucket], to: leaf.digest)
        next[bucket] &+= 1
      }
      count = leaves.count
    }
    var nodes: [TreeNode] = []
    for place in 0..<range.count where starts[place] < starts[place + 1] {
      let digest = hasher.bucket(sorted[starts[place]..<starts[place + 1]])
      nodes.append(
        TreeNode(place: UInt32(truncatingIfNeeded: range.lowerBound + place), digest: digest))
    }
    return nodes
  }
}

extension RootForm {
  /// The bucket that a digest names: its first bits.
  func bucket(_ digest: Digest) -> UInt32 {
    digest.withUnsafeBytes { UInt32($0[0]) << 8 | UInt32($0[1]) } >> UInt32(16 - depth)
  }
}

/// A node of the tree over the buckets: its place from the left on its level.
struct TreeNode {
  let place: UInt32
  let digest: Digest
}

/// The kinds of hashes that a root is made of.
struct BucketHasher: ~Copyable {
  private var hasher = SHA256()
  /// The text of a bucket.
  private var text: [UInt8] = []

  /// The plain SHA-256 of bytes.
  mutating func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
    hasher.update(bytes)
    return hasher.finish()
  }

  /// A bucket of leaves, which may be in any order.
  mutating func bucket(_ leaves: some Collection<Digest>) -> Digest {
    text.removeAll(keepingCapacity: true)
    text.append(2)
    for leaf in leaves.sorted() { leaf.append(to: &text) }
    return text.withUnsafeBytes { digest($0) }
  }

  /// An inner node of the tree.
  mutating func inner(_ left: Digest, _ right: Digest) -> Digest {
    hasher.update(byte: 1)
    hasher.update(left)
    hasher.update(right)
    return hasher.finish()
  }

  /// The root of the perfect tree over buckets of which those that have leaves are given, in order:
  /// work for those alone, and one hash a level for all that are empty.
  mutating func root(_ buckets: [TreeNode], depth: Int) -> Digest {
    var level = buckets
    var empty = bucket([])
    for _ in 0..<depth {
      var above: [TreeNode] = []
      var index = 0
      while index < level.count {
        let node = level[index]
        let hasSibling =
          node.place & 1 == 0 && index + 1 < level.count && level[index + 1].place == node.place + 1
        let left = node.place & 1 == 0 ? node.digest : empty
        let right = node.place & 1 == 1 ? node.digest : hasSibling ? level[index + 1].digest : empty
        above.append(TreeNode(place: node.place >> 1, digest: inner(left, right)))
        index += hasSibling ? 2 : 1
      }
      level = above
      empty = inner(empty, empty)
    }
    return level.first?.digest ?? empty
  }

  /// The root itself; source lines have a bucket beside the tree in the first form only.
  mutating func root(
    _ form: RootForm, tree: Digest, sourceLines: Digest, schema: Digest
  ) -> Digest {
    hasher.update(byte: form.prefix)
    hasher.update(tree)
    if form == .few { hasher.update(sourceLines) }
    hasher.update(schema)
    return hasher.finish()
  }
}

extension Snapshot {
  /// Works the root digest out from the facts and says whether it is the one that the snapshot
  /// claims.
  ///
  /// A file's block digests show that it is as it was written; this shows that who wrote it told
  /// the truth.
  public func verifyRootDigest() -> Bool { RootDigest.of(self) == rootDigest }
}
