// Tiles and bundles as they lie in a directory or on a server, not yet compared with anything
// signed.

import WritCrypto

/// The files of a log in a directory.
typealias TileFiles = SourceFiles<LogStore>

/// Reads the files of a log, the full one where a partial one is gone.
struct SourceFiles<Source: LogSource> {
  let store: Source

  /// The hashes of a tile.
  func tile(_ path: TilePath) throws(LogError) -> Tile {
    if let bytes = try store.file(path.description, limit: 256 * 32) {
      return try check(Tile(bytes, width: path.width), path)
    }
    let full = path.full
    guard path.isPartial, let bytes = try store.file(full.description, limit: 256 * 32) else {
      throw .missing(path: path.description)
    }
    let tile = try check(Tile(bytes, width: full.width), full)
    return try check(Tile(hashes: Array(tile.hashes[..<path.width])), full)
  }

  /// The bytes of a bundle, and where in them its entries stand.
  func places(
    _ path: TilePath
  ) throws(LogError) -> (bytes: [UInt8], entries: ArraySlice<Range<Int>>) {
    if let bytes = try store.file(path.description, limit: Limits.bundleByteCount) {
      return (bytes, try check(EntryBundle.ranges(in: bytes, width: path.width), path)[...])
    }
    let full = path.full
    guard path.isPartial,
      let bytes = try store.file(full.description, limit: Limits.bundleByteCount)
    else { throw .missing(path: path.description) }
    let ranges = try check(EntryBundle.ranges(in: bytes, width: full.width), full)
    return (bytes, ranges[..<path.width])
  }

  /// The entries of a bundle.
  func bundle(_ path: TilePath) throws(LogError) -> EntryBundle {
    if let bytes = try store.file(path.description, limit: Limits.bundleByteCount) {
      return try check(EntryBundle(bytes, width: path.width), path)
    }
    let full = path.full
    guard path.isPartial,
      let bytes = try store.file(full.description, limit: Limits.bundleByteCount)
    else { throw .missing(path: path.description) }
    let bundle = try check(EntryBundle(bytes, width: full.width), full)
    return try check(EntryBundle(entries: Array(bundle.entries[..<path.width])), full)
  }

  /// The open tiles of a tree, shown to have that root.
  func edge(of checkpoint: Checkpoint) throws(LogError) -> TileEdge {
    let size = checkpoint.size
    var levels: [[Digest]] = []
    for level in 0..<TileEdge.levelCount(size) {
      let count = TilePath.count(atLevel: level, size: size)
      guard count % 256 > 0 else {
        levels.append([])
        continue
      }
      let path = TilePath(row: .level(level), index: count / 256, width: Int(count % 256))
      levels.append(try tile(path).hashes)
    }
    guard let edge = TileEdge(size: size, levels: levels), edge.root == checkpoint.root else {
      throw .damaged(path: "tile", reason: "the right edge does not have the root that was signed")
    }
    return edge
  }

  private func check<Part>(_ part: Part?, _ path: TilePath) throws(LogError) -> Part {
    guard let part else {
      throw .damaged(path: path.description, reason: "does not hold \(path.width) of its kind")
    }
    return part
  }
}
