// Which nodes lie in which bucket of the root digest.

import WritCrypto

/// The nodes of a graph by the bucket of their lines.
struct BucketIndex {
  /// Per node, its bucket.
  let buckets: [UInt16]
  /// Bucket `b` has the nodes `nodes[starts[b] ..< starts[b + 1]]`.
  private let starts: [UInt32]
  private let nodes: [UInt32]

  /// The index of nodes in these buckets; linear.
  init(_ buckets: [UInt16]) {
    self.buckets = buckets
    var starts = [UInt32](repeating: 0, count: RootForm.newest.bucketCount + 1)
    for bucket in buckets { starts[Int(bucket) + 1] &+= 1 }
    for place in 1..<starts.count { starts[place] &+= starts[place - 1] }
    var next = starts
    var nodes = [UInt32](repeating: 0, count: buckets.count)
    for (node, bucket) in buckets.enumerated() {
      nodes[Int(next[Int(bucket)])] = UInt32(truncatingIfNeeded: node)
      next[Int(bucket)] &+= 1
    }
    self.starts = starts
    self.nodes = nodes
  }

  /// The nodes in a bucket, ascending.
  func nodes(in bucket: UInt16) -> ArraySlice<UInt32> {
    nodes[Int(starts[Int(bucket)])..<Int(starts[Int(bucket) + 1])]
  }
}

/// The perfect tree over all buckets, each of its nodes kept.
struct BucketTree {
  /// Levels from the buckets up to the root.
  private var levels: [[Digest]] = []

  /// A tree of empty buckets.
  init(_ hasher: inout BucketHasher) {
    var empty = hasher.bucket([])
    var count = RootForm.newest.bucketCount
    while count > 0 {
      levels.append([Digest](repeating: empty, count: count))
      empty = hasher.inner(empty, empty)
      count /= 2
    }
  }

  /// The root of the tree.
  var root: Digest { levels[levels.count - 1][0] }

  /// Puts other buckets in place, which ascend: as many hashes as there are nodes above them.
  mutating func update(_ buckets: [TreeNode], _ hasher: inout BucketHasher) {
    var places = buckets.map(\.place)
    for bucket in buckets { levels[0][Int(bucket.place)] = bucket.digest }
    for level in 1..<levels.count {
      var above: [UInt32] = []
      for place in places where above.last != place >> 1 {
        let left = Int(place) & ~1
        above.append(place >> 1)
        levels[level][left / 2] = hasher.inner(levels[level - 1][left], levels[level - 1][left + 1])
      }
      places = above
    }
  }
}
