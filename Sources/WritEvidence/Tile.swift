// The hashes of one tile: C2SP tlog-tiles.
public import WritCrypto

/// 1 to 256 hashes of a level, one after the other: 32 to 8192 bytes.
public struct Tile: Hashable, Sendable {
  /// From left to right; the i-th is the root of 256^level leaves.
  public let hashes: [Digest]

  /// `nil` unless there are 1 to 256.
  public init?(hashes: [Digest]) {
    guard 1...TilePath.fullWidth ~= hashes.count else { return nil }
    self.hashes = hashes
  }

  /// Reads a tile of exactly that width.
  public init?(_ bytes: [UInt8], width: Int) {
    guard 1...TilePath.fullWidth ~= width, bytes.count == width * Digest.byteCount else {
      return nil
    }
    hashes = bytes.withUnsafeBytes { Tile.hashes(in: $0) }
  }

  /// The hashes in the bytes of a tile.
  static func hashes(in bytes: UnsafeRawBufferPointer) -> [Digest] {
    stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap {
      Digest(UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + Digest.byteCount]))
    }
  }

  /// The bytes of the tile.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * Digest.byteCount)
    for hash in hashes { hash.append(to: &bytes) }
    return bytes
  }
}
