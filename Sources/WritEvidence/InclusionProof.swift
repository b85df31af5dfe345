// Proof that one entry is in a tree: RFC 9162, sections 2.1.3.1 and 2.1.3.2.
public import WritCrypto

/// Why a proof does not show what it is for.
public enum ProofError: Error, Hashable, Sendable {
  /// The index is not below the size, or the older size not within the newer.
  case outOfRange
  /// A proof for these sizes has another number of hashes.
  case wrongLength(expected: Int, found: Int)
  /// The hashes lead to another root than the one signed.
  case wrongRoot
  /// The hashes do not lead to the root of the older tree.
  case wrongOldRoot
}

/// The hashes beside the way from a leaf up to the root, the leaf's sibling first.
public struct InclusionProof: Hashable, Sendable {
  /// Place of the leaf, `index < size`.
  public let index: UInt64
  /// Leaves of the tree.
  public let size: UInt64
  /// The leaf's sibling first; at most 63.
  public let hashes: [Digest]

  /// A proof as it was received; `verify` says whether it is one.
  public init(index: UInt64, size: UInt64, hashes: [Digest]) {
    self.index = index
    self.size = size
    self.hashes = hashes
  }

  /// The proof for that entry of the tree of the first `size` entries; `index < size`.
  public init<Reader: HashReader>(
    index: UInt64, size: UInt64, from reader: Reader
  ) throws(Reader.Failure) {
    precondition(index < size && size <= Limits.treeSize, "only an entry of the tree has a proof")
    self.init(
      index: index, size: size,
      hashes: try reader.hashes(over: InclusionProof.ranges(index: index, size: size)))
  }

  /// Throws unless an entry with that leaf hash stands at `index` of the tree with that root.
  public func verify(leaf: Digest, root: Digest) throws(ProofError) {
    guard index < size, size <= Limits.treeSize else { throw .outOfRange }
    let length = InclusionProof.length(index: index, size: size)
    guard hashes.count == length else {
      throw .wrongLength(expected: length, found: hashes.count)
    }
    var hasher = MerkleHasher()
    // The node at hand and the last node of its level, counted from the left.
    var (node, last) = (index, size - 1)
    var hash = leaf
    for sibling in hashes {
      if node & 1 == 1 || node == last {
        hash = hasher.node(sibling, hash)
        // A last node without a sibling rises unchanged.
        let levels = UInt64(node.trailingZeroBitCount)
        if node != 0 { (node, last) = (node >> levels, last >> levels) }
      } else {
        hash = hasher.node(hash, sibling)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    guard hash == root else { throw .wrongRoot }
  }

  /// Hashes in the proof: where index and last index part, all levels below count; above, the
  /// 1-bits.
  public static func length(index: UInt64, size: UInt64) -> Int {
    let inner = 64 - (index ^ (size - 1)).leadingZeroBitCount
    return inner + (inner < 64 ? (index >> UInt64(inner)).nonzeroBitCount : 0)
  }

  /// `PATH(index, D[0..<size])`: the ranges whose hashes are the proof.
  static func ranges(index: UInt64, size: UInt64) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var range = 0..<size
    while range.upperBound - range.lowerBound > 1 {
      let middle = range.lowerBound + Merkle.split(range.upperBound - range.lowerBound)
      if index < middle {
        ranges.append(middle..<range.upperBound)
        range = range.lowerBound..<middle
      } else {
        ranges.append(range.lowerBound..<middle)
        range = middle..<range.upperBound
      }
    }
    return ranges.reversed()
  }
}
