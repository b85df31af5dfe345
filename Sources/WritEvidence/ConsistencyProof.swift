// Proof that a tree extends an older one: RFC 9162, sections 2.1.4.1 and 2.1.4.2.
public import WritCrypto

/// The hashes that lead from the subtrees of an older tree to both roots.
///
/// There is no proof for an older size of 0: an empty tree is a prefix of everything, and callers
/// say so.
public struct ConsistencyProof: Hashable, Sendable {
  /// Leaves of the older tree, `0 < oldSize ≤ size`.
  public let oldSize: UInt64
  /// Leaves of the newer tree.
  public let size: UInt64
  /// From the older tree upwards.
  public let hashes: [Digest]

  /// A proof as it was received; `verify` says whether it is one.
  public init(oldSize: UInt64, size: UInt64, hashes: [Digest]) {
    self.oldSize = oldSize
    self.size = size
    self.hashes = hashes
  }

  /// The proof between the trees of the first `oldSize` and `size` entries; `0 < oldSize ≤ size`.
  public init<Reader: HashReader>(
    oldSize: UInt64, size: UInt64, from reader: Reader
  ) throws(Reader.Failure) {
    precondition(0 < oldSize && oldSize <= size && size <= Limits.treeSize, "an older size first")
    self.init(
      oldSize: oldSize, size: size,
      hashes: try reader.hashes(over: ConsistencyProof.ranges(oldSize: oldSize, size: size)))
  }

  /// Throws unless the tree with `root` begins with the tree with `oldRoot`.
  public func verify(oldRoot: Digest, root: Digest) throws(ProofError) {
    guard 0 < oldSize, oldSize <= size, size <= Limits.treeSize else { throw .outOfRange }
    let ranges = ConsistencyProof.ranges(oldSize: oldSize, size: size)
    guard hashes.count == ranges.count else {
      throw .wrongLength(expected: ranges.count, found: hashes.count)
    }
    if oldSize == size {
      guard oldRoot == root else { throw .wrongRoot }
      return
    }
    // A complete older tree is itself the first subtree; its root is known and not in the proof.
    var rest = hashes[...]
    guard let first = oldSize.nonzeroBitCount == 1 ? oldRoot : rest.popFirst() else {
      throw .wrongLength(expected: ranges.count, found: 0)
    }
    var hasher = MerkleHasher()
    let rise = UInt64((~(oldSize - 1)).trailingZeroBitCount)
    var (node, last) = ((oldSize - 1) >> rise, (size - 1) >> rise)
    var (old, new) = (first, first)
    for hash in rest {
      if node & 1 == 1 || node == last {
        old = hasher.node(hash, old)
        new = hasher.node(hash, new)
        let levels = UInt64(node.trailingZeroBitCount)
        if node != 0 { (node, last) = (node >> levels, last >> levels) }
      } else {
        new = hasher.node(new, hash)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    guard old == oldRoot else { throw .wrongOldRoot }
    guard new == root else { throw .wrongRoot }
  }

  /// `PROOF(oldSize, D[0..<size])`: the ranges whose hashes are the proof.
  static func ranges(oldSize: UInt64, size: UInt64) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var range = 0..<size
    // Whether the range still begins where the older tree does, so that its root is known.
    var isPrefix = true
    while oldSize != range.upperBound {
      let middle = range.lowerBound + Merkle.split(range.upperBound - range.lowerBound)
      if oldSize <= middle {
        ranges.append(middle..<range.upperBound)
        range = range.lowerBound..<middle
      } else {
        ranges.append(range.lowerBound..<middle)
        range = middle..<range.upperBound
        isPrefix = false
      }
    }
    if !isPrefix { ranges.append(range) }
    return ranges.reversed()
  }
}
