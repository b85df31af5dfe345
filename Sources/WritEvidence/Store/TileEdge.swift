// The right edge of a growing tree in tiles: the open tile of each level.
import WritCrypto

/// For each level the hashes that are not yet a full tile, at most 255.
///
/// A full tile leaves the edge, and its root becomes a hash of the level above:
///
///     size 600     level 1   [ r0 r1 ]                      2 hashes, roots of two full tiles
///                  level 0   full, full, [ 88 hashes ]
struct TileEdge: HashReader, Hashable {
  private(set) var size: UInt64
  /// `levels[l]` holds `(size >> 8l) mod 256` hashes.
  private(set) var levels: [[Digest]]

  /// A tile that has just become full.
  struct FullTile {
    let path: TilePath
    let hashes: [Digest]
  }

  /// An empty tree.
  init() {
    size = 0
    levels = []
  }

  /// The edge of a tree of that size, its open tiles given from level 0 up.
  init?(size: UInt64, levels: [[Digest]]) {
    guard levels.count == TileEdge.levelCount(size),
      levels.enumerated().allSatisfy({ level, hashes in
        UInt64(hashes.count) == TilePath.count(atLevel: level, size: size) % 256
      })
    else { return nil }
    self.size = size
    self.levels = levels
  }

  /// Levels that a tree of that size has.
  static func levelCount(_ size: UInt64) -> Int { (71 - size.leadingZeroBitCount) / 8 }

  /// Adds a leaf on the right; returns the tiles that it fills, from level 0 up.
  mutating func append(_ leaf: Digest, with hasher: inout MerkleHasher) -> [FullTile] {
    add(leaf, at: 0, with: &hasher)
  }

  /// Adds a full tile of leaves on the right, by its root; returns the tiles that it fills, from
  /// level 1 up. The size before must be a multiple of 256.
  mutating func append(
    rootOfFullTile root: Digest, with hasher: inout MerkleHasher
  ) -> [FullTile] {
    precondition(size.isMultiple(of: 256), "a full tile begins where one has ended")
    if levels.isEmpty { levels.append([]) }
    return add(root, at: 1, with: &hasher)
  }

  /// Adds 256^lowest leaves by their root.
  private mutating func add(
    _ root: Digest, at lowest: Int, with hasher: inout MerkleHasher
  ) -> [FullTile] {
    var full: [FullTile] = []
    var hash = root
    for level in lowest..<8 {
      if level == levels.count { levels.append([]) }
      levels[level].append(hash)
      guard levels[level].count == TilePath.fullWidth else { break }
      let hashes = levels[level]
      levels[level].removeAll(keepingCapacity: true)
      let index = size >> UInt64(8 * (level + 1))
      full.append(
        FullTile(
          path: TilePath(row: .level(level), index: index, width: TilePath.fullWidth),
          hashes: hashes))
      hash = hasher.complete(hashes[...])
    }
    size += 1 << UInt64(8 * lowest)
    return full
  }

  /// The open tiles that are not empty.
  var partialTiles: [FullTile] {
    levels.enumerated().compactMap { level, hashes in
      guard !hashes.isEmpty else { return nil }
      let index = size >> UInt64(8 * (level + 1))
      return FullTile(
        path: TilePath(row: .level(level), index: index, width: hashes.count), hashes: hashes)
    }
  }

  /// The root of the tree.
  var root: Digest { root(of: size) }

  /// Only places on the right edge: those that the tree of `size` leaves is the fold of.
  func hashes(at places: [StoredPlace]) -> [Digest] {
    var hasher = MerkleHasher()
    return places.map { place in
      let (level, rest) = place.height.quotientAndRemainder(dividingBy: 8)
      let open = levels[level]
      let first = Int((place.index << UInt64(rest)) % 256)
      return hasher.complete(open[first..<first + 1 << rest])
    }
  }
}
