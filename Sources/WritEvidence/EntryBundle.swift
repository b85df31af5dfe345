// The entries below one tile of level 0: C2SP tlog-tiles.

/// 1 to 256 entries, each behind its length as 16 bits, big endian.
///
///     00 00 | 00 05 61 6c 70 68 61 | 00 04 62 65 74 61      "", "alpha", "beta"
public struct EntryBundle: Hashable, Sendable {
  /// 1 to 256 of at most 65,535 bytes each.
  public let entries: [[UInt8]]

  /// `nil` unless there are 1 to 256 entries of at most 65,535 bytes.
  public init?(entries: [[UInt8]]) {
    guard 1...TilePath.fullWidth ~= entries.count,
      entries.allSatisfy({ $0.count <= Limits.entryByteCount })
    else { return nil }
    self.entries = entries
  }

  /// Reads a bundle of exactly that many entries, to the last byte.
  public init?(_ bytes: [UInt8], width: Int) {
    guard let ranges = EntryBundle.ranges(in: bytes, width: width) else { return nil }
    entries = ranges.map { Array(bytes[$0]) }
  }

  /// Where in the bytes of a bundle of exactly that many entries each of them stands.
  static func ranges(in bytes: [UInt8], width: Int) -> [Range<Int>]? {
    guard 1...TilePath.fullWidth ~= width else { return nil }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(width)
    var at = 0
    for _ in 0..<width {
      guard bytes.count - at >= 2 else { return nil }
      let count = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      at += 2
      guard bytes.count - at >= count else { return nil }
      ranges.append(at..<at + count)
      at += count
    }
    return at == bytes.count ? ranges : nil
  }

  /// The bytes of the bundle.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries { EntryBundle.append(entry, to: &bytes) }
    return bytes
  }

  /// Appends one entry, of at most 65,535 bytes, as it stands in a bundle.
  static func append(_ entry: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(UInt8(entry.count >> 8))
    bytes.append(UInt8(entry.count & 0xff))
    bytes.append(contentsOf: entry)
  }
}
