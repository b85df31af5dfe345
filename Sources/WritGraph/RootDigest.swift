// The digest of a snapshot's facts: the same for the same facts, however they came and however they
// lie in a file.

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
struct RootDigest: ~Copyable {
  private let form: RootForm
  private var hasher = BucketHasher()
  private var writer: FactWriter
  private var leaves: [Digest] = []
  /// Per leaf its bucket; behind those of the tree come source lines and schema lines.
  private var buckets: [UInt32] = []

  private init(_ snapshot: Snapshot) {
    form = snapshot.form
    writer = FactWriter(snapshot)
  }

  /// The root of a snapshot.
  static func of(_ snapshot: Snapshot) -> Digest {
    var root = RootDigest(snapshot)
    root.addFacts(snapshot)
    return root.finish()
  }

  private mutating func addFacts(_ snapshot: Snapshot) {
    var bucketOfNode = [UInt32](repeating: 0, count: snapshot.nodeCount)
    for kind in snapshot.schema.kinds.indices {
      for node in snapshot.nodeRanges[kind] {
        writer.writeName(node, kind: kind)
        let bucket = form.bucket(hasher.digest(writer.line.bytes))
        bucketOfNode[node] = bucket
        writer.writeNode(node, kind: kind)
        addLeaf(to: bucket)
      }
    }
    for type in snapshot.schema.edges.indices {
      let index = snapshot.edges[type]
      let kind = snapshot.schema.edges[type].source
      let targets = snapshot.schema.edges[type].targets
      for edge in 0..<index.count {
        let source = Int(index.sources[edge])
        let target = Int(index.targets[edge])
        writer.writeEdge(edge, type: type, from: source, of: kind, to: target, among: targets)
        addLeaf(to: bucketOfNode[source])
      }
    }
    for line in snapshot.sourceLines {
      writer.writeSource(line)
      addLeaf(to: form == .few ? UInt32(form.bucketCount) : nil)
    }
    for line in snapshot.schema.canonicalLines {
      writer.write(schemaLine: line)
      addLeaf(to: UInt32(form.bucketCount + 1))
    }
  }

  /// Adds the line at hand; without a bucket to the one that its leaf names.
  private mutating func addLeaf(to bucket: UInt32?) {
    let leaf = hasher.digest(writer.line.bytes)
    leaves.append(leaf)
    buckets.append(bucket ?? form.bucket(leaf))
  }

  private mutating func finish() -> Digest {
    let order = countingSorted(
      leaves.indices.map { UInt32(truncatingIfNeeded: $0) }, by: buckets,
      below: form.bucketCount + 2)
    var level: [TreeNode] = []
    var aside = [hasher.bucket([]), hasher.bucket([])]
    var start = 0
    while start < order.count {
      let bucket = buckets[Int(order[start])]
      var end = start + 1
      while end < order.count, buckets[Int(order[end])] == bucket { end += 1 }
      let digest = hasher.bucket(order[start..<end].map { leaves[Int($0)] })
      if bucket < form.bucketCount {
        level.append(TreeNode(place: bucket, digest: digest))
      } else {
        aside[Int(bucket) - form.bucketCount] = digest
      }
      start = end
    }
    let tree = hasher.root(level, depth: form.depth)
    return hasher.root(form, tree: tree, sourceLines: aside[0], schema: aside[1])
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

  /// The plain SHA-256 of bytes.
  mutating func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
    hasher.update(bytes)
    return hasher.finish()
  }

  /// A bucket of leaves, which may be in any order.
  mutating func bucket(_ leaves: [Digest]) -> Digest {
    hasher.update(byte: 2)
    for leaf in leaves.sorted() { hasher.update(leaf) }
    return hasher.finish()
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
