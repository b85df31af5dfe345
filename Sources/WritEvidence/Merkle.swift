// The Merkle tree of a log: RFC 6962, section 2.1, with SHA-256.
//
//     leaf hash = SHA-256(00 || entry)        node hash = SHA-256(01 || left || right)
//     root of no entries = SHA-256("")
//     root of n > 1 entries = node(root of the first k, root of the rest),
//                             k the largest power of two smaller than n
//
// So every left subtree is complete, and a tree of n leaves is the fold from the right of one
// complete subtree for each 1-bit of n, sizes falling:
//
//     n = 7        ·
//               /     \
//              ·        ·
//            /   \     / \
//           ·     ·   ·   6
//          / \   / \ / \
//          0 1   2 3 4 5
public import WritCrypto

/// Hashes leaves and nodes; one thread at a time.
public struct MerkleHasher: ~Copyable {
  private var sha = SHA256()

  /// A hasher of its own, which is cheap to keep and dear to make.
  public init() {}

  /// The hash of an entry.
  public mutating func leaf(_ entry: [UInt8]) -> Digest {
    sha.update(byte: 0x00)
    sha.update(entry)
    return sha.finish()
  }

  /// The hash of an entry.
  public mutating func leaf(_ entry: UnsafeRawBufferPointer) -> Digest {
    sha.update(byte: 0x00)
    sha.update(entry)
    return sha.finish()
  }

  /// The hash of two subtrees, side by side.
  public mutating func node(_ left: Digest, _ right: Digest) -> Digest {
    sha.update(byte: 0x01)
    sha.update(left)
    sha.update(right)
    return sha.finish()
  }

  /// The root of complete subtrees of falling size, given from left to right.
  public mutating func fold(_ subtrees: [Digest]) -> Digest {
    guard var root = subtrees.last else { return Merkle.emptyRoot }
    for left in subtrees.dropLast().reversed() { root = node(left, root) }
    return root
  }

  /// The root of a complete subtree over hashes whose count is a power of two.
  public mutating func complete(_ hashes: ArraySlice<Digest>) -> Digest {
    precondition(hashes.count.nonzeroBitCount == 1, "a complete subtree has 2^h hashes")
    var level = hashes[...]
    while level.count > 1 {
      var above: [Digest] = []
      above.reserveCapacity(level.count / 2)
      for index in stride(from: level.startIndex, to: level.endIndex, by: 2) {
        above.append(node(level[index], level[index + 1]))
      }
      level = above[...]
    }
    return level[level.startIndex]
  }
}

/// What needs no hasher of its own.
public enum Merkle {
  /// The root of a log without entries.
  public static let emptyRoot = Digest(of: [UInt8]())

  /// The hash of one entry.
  public static func leafHash(of entry: [UInt8]) -> Digest {
    var hasher = MerkleHasher()
    return hasher.leaf(entry)
  }

  /// The largest power of two smaller than `count`; `count` is at least 2.
  static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }
}

/// A complete subtree of 2^height leaves, the `index`-th of its height from the left.
public struct StoredPlace: Hashable, Sendable {
  /// `0 ≤ height ≤ 63`
  public let height: Int
  /// The first leaf is `index << height`.
  public let index: UInt64

  /// The `index`-th complete subtree of that height.
  public init(height: Int, index: UInt64) {
    self.height = height
    self.index = index
  }

  /// The complete subtrees that a range of leaves is made of, from left to right, their sizes
  /// falling.
  ///
  /// The range must be one that RFC 6962 hashes: its start a multiple of the largest power of two
  /// that is no longer than it.
  static func places(of range: Range<UInt64>) -> [StoredPlace] {
    var places: [StoredPlace] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let height = 63 - (range.upperBound - start).leadingZeroBitCount
      places.append(StoredPlace(height: height, index: start >> UInt64(height)))
      start += 1 << UInt64(height)
    }
    return places
  }
}

/// Where the hashes of complete subtrees come from: memory, or the tiles of a log.
public protocol HashReader {
  /// Why hashes cannot be had.
  associatedtype Failure: Error

  /// The hashes at these places, in their order.
  func hashes(at places: [StoredPlace]) throws(Failure) -> [Digest]
}

extension HashReader {
  /// The root of the tree of the first `size` entries.
  public func root(of size: UInt64) throws(Failure) -> Digest {
    var hasher = MerkleHasher()
    return hasher.fold(try hashes(at: StoredPlace.places(of: 0..<size)))
  }

  /// The hash over each range of leaves.
  func hashes(over ranges: [Range<UInt64>]) throws(Failure) -> [Digest] {
    var hasher = MerkleHasher()
    var hashes: [Digest] = []
    for range in ranges {
      hashes.append(hasher.fold(try self.hashes(at: StoredPlace.places(of: range))))
    }
    return hashes
  }
}

/// The right edge of a growing tree: the complete subtrees that its size is made of.
///
/// Appending costs one node hash on average, and the memory is at most 63 hashes.
public struct Frontier: Hashable, Sendable {
  /// Leaves so far.
  public private(set) var size: UInt64
  /// One hash for each 1-bit of `size`, from left to right, their sizes falling.
  public private(set) var subtrees: [Digest]

  /// A tree without leaves.
  public init() {
    size = 0
    subtrees = []
  }

  /// The edge of a tree of that size; `nil` unless there is one subtree for each 1-bit.
  public init?(size: UInt64, subtrees: [Digest]) {
    guard subtrees.count == size.nonzeroBitCount, size <= Limits.treeSize else { return nil }
    self.size = size
    self.subtrees = subtrees
  }

  /// Adds a leaf on the right.
  public mutating func append(_ leaf: Digest, with hasher: inout MerkleHasher) {
    var node = leaf
    var bits = size
    while bits & 1 == 1 {
      node = hasher.node(subtrees.removeLast(), node)
      bits >>= 1
    }
    subtrees.append(node)
    size += 1
  }

  /// The root of the tree.
  public func root(with hasher: inout MerkleHasher) -> Digest { hasher.fold(subtrees) }
}

/// A whole tree in memory, every complete subtree of it; for small logs and for tests.
public struct MerkleTree: HashReader, Sendable {
  /// `levels[h][i]` is the hash of the i-th complete subtree of 2^h leaves.
  private var levels: [[Digest]] = [[]]

  /// A tree without leaves.
  public init() {}

  /// Leaves so far.
  public var size: UInt64 { UInt64(levels[0].count) }

  /// Adds a leaf on the right.
  public mutating func append(_ leaf: Digest, with hasher: inout MerkleHasher) {
    var node = leaf
    for height in 0..<64 {
      if height == levels.count { levels.append([]) }
      levels[height].append(node)
      guard levels[height].count.isMultiple(of: 2) else { return }
      node = hasher.node(levels[height][levels[height].count - 2], node)
    }
  }

  /// The hashes at these places, each of which must lie in the tree.
  public func hashes(at places: [StoredPlace]) -> [Digest] {
    places.map { levels[$0.height][Int($0.index)] }
  }
}
