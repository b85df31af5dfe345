// The tree of a log at one checkpoint, from its tiles: every hash is compared with what was signed
// before it is used.
public import WritCrypto

/// Where the files of a log are read: a directory, or a server.
public protocol LogSource {
  /// All bytes of a file, by its path from the log's beginning; `nil` if there is none. One that is
  /// longer than `limit` is an error.
  func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]?
}

extension LogStore: LogSource {
  /// All bytes of a file of the directory.
  public func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    try disk.read("\(directory)/\(path)", limit: limit)
  }
}

/// The hashes below one checkpoint. Not for several threads at once.
///
/// The right edge is folded to the root when the tree is opened; any other tile is full and must
/// have the hash that its parent holds.
public final class TileTree<Source: LogSource>: HashReader {
  /// Leaves of the tree.
  public let size: UInt64
  private let files: SourceFiles<Source>
  private let edge: TileEdge
  /// Full tiles that were compared with their parents.
  private var known: [TilePath: [Digest]] = [:]

  /// Opens the tree of that checkpoint; `damaged` where the tiles do not lead to its root.
  public init(of checkpoint: Checkpoint, in source: Source) throws(LogError) {
    files = SourceFiles(store: source)
    edge = try files.edge(of: checkpoint)
    size = checkpoint.size
  }

  /// The hashes of complete subtrees inside the tree.
  public func hashes(at places: [StoredPlace]) throws(LogError) -> [Digest] {
    var hasher = MerkleHasher()
    var hashes: [Digest] = []
    for place in places {
      let (level, rest) = place.height.quotientAndRemainder(dividingBy: 8)
      let first = place.index << UInt64(rest)
      let tile = try tile(level: level, index: first / 256)
      let start = Int(first % 256)
      hashes.append(hasher.complete(tile[start..<start + 1 << rest]))
    }
    return hashes
  }

  /// The hashes of a tile, shown to be those that were signed.
  func tile(level: Int, index: UInt64) throws(LogError) -> [Digest] {
    guard let path = TilePath.inTree(.level(level), index: index, size: size) else {
      throw .outOfRange(index: index, size: size)
    }
    if path.isPartial { return edge.levels[level] }
    if let hashes = known[path] { return hashes }
    let hashes = try files.tile(path).hashes
    let parent = try tile(level: level + 1, index: index / 256)
    var hasher = MerkleHasher()
    guard hasher.complete(hashes[...]) == parent[Int(index % 256)] else {
      throw .damaged(path: path.description, reason: "does not have the hash that was signed")
    }
    if known.count >= Limits.readerTiles { known.removeAll() }
    known[path] = hashes
    return hashes
  }
}
