// The digest of a snapshot's facts: the same for the same facts, however they came and however they
// lie in a file.

import WritCrypto

/// The root over all canonical lines of a snapshot, as `docs/snapshot-format.md` defines it:
///
///     leaf     SHA-256(0x00, line)
///     bucket   SHA-256(0x02, its leaves in ascending order)
///     inner    SHA-256(0x01, left, right)
///     root     SHA-256(0x03, tree over the 256 fact buckets, bucket of source lines, bucket of
/// schema lines)
///
/// A node's line lies in the bucket that the first byte of SHA-256(`Kind/id`) names, an edge's in
/// that of the node it leaves.
struct RootDigest: ~Copyable {
  private var hasher = SHA256()
  private var writer: FactWriter
  private var buckets = [[Digest]](repeating: [], count: 258)

  private init(_ snapshot: Snapshot) {
    writer = FactWriter(snapshot)
  }

  /// The root of a snapshot.
  static func of(_ snapshot: Snapshot) -> Digest {
    var root = RootDigest(snapshot)
    root.addFacts(snapshot)
    return root.finish()
  }

  private mutating func addFacts(_ snapshot: Snapshot) {
    var bucketOfNode = [UInt8](repeating: 0, count: snapshot.nodeCount)
    for kind in snapshot.schema.kinds.indices {
      for node in snapshot.nodeRanges[kind] {
        writer.writeName(node, kind: kind)
        hasher.update(writer.line.bytes)
        let bucket = hasher.finish().withUnsafeBytes { $0[0] }
        bucketOfNode[node] = bucket
        writer.writeNode(node, kind: kind)
        addLeaf(to: Int(bucket))
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
        addLeaf(to: Int(bucketOfNode[source]))
      }
    }
    for line in snapshot.sourceLines {
      writer.writeSource(line)
      addLeaf(to: 256)
    }
    for line in snapshot.schema.canonicalLines {
      writer.write(schemaLine: line)
      addLeaf(to: 257)
    }
  }

  private mutating func addLeaf(to bucket: Int) {
    hasher.update(writer.line.bytes)
    buckets[bucket].append(hasher.finish())
  }

  private mutating func finish() -> Digest {
    var level: [Digest] = []
    for bucket in buckets {
      hasher.update(byte: 2)
      for leaf in bucket.sorted() { hasher.update(leaf) }
      level.append(hasher.finish())
    }
    let rest = level[256...]
    level.removeLast(2)
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { inner(level[$0], level[$0 + 1]) }
    }
    hasher.update(byte: 3)
    hasher.update(level[0])
    for bucket in rest { hasher.update(bucket) }
    return hasher.finish()
  }

  private mutating func inner(_ left: Digest, _ right: Digest) -> Digest {
    hasher.update(byte: 1)
    hasher.update(left)
    hasher.update(right)
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
