// Where the tiles of a log lie: C2SP tlog-tiles.
//
//     tile/<L>/<N>              a full tile: 256 hashes of level L
//     tile/<L>/<N>.p/<W>        a partial tile: its first W hashes, 1…255
//     tile/entries/<N>[.p/<W>]  the entries below a tile of level 0
//
// N in groups of three digits, all but the last behind an `x`: 5 is `005`, 1234067 is
// `x001/x234/067`.

/// The place of a tile or an entry bundle, and its path.
public struct TilePath: Hashable, Sendable, CustomStringConvertible {
  /// What lies there.
  public enum Row: Hashable, Sendable {
    /// Hashes of this height above the entries, in tiles: `0 ≤ level ≤ 63`.
    case level(Int)
    /// The entries themselves.
    case entries
  }

  /// The level of the hashes, or the entries.
  public let row: Row
  /// Number within the row, from the left; at most 2^55, since a tile holds 256 of 2^63.
  public let index: UInt64
  /// Hashes or entries in it: `1 ≤ width ≤ 256`; 256 is full.
  public let width: Int

  /// Hashes in a full tile.
  public static let fullWidth = 256

  /// The place of a tile of 1 to 256 hashes.
  public init(row: Row, index: UInt64, width: Int) {
    precondition(1...TilePath.fullWidth ~= width, "a tile has 1 to 256 hashes")
    self.row = row
    self.index = index
    self.width = width
  }

  /// Whether there are fewer than 256 hashes in it.
  public var isPartial: Bool { width < TilePath.fullWidth }

  /// The full tile at the same place.
  public var full: TilePath {
    TilePath(row: row, index: index, width: TilePath.fullWidth)
  }

  /// The path from the directory of the log.
  public var description: String {
    let name =
      switch row {
      case .level(let level): String(level)
      case .entries: "entries"
      }
    return "tile/\(name)/\(TilePath.groups(index))" + (isPartial ? ".p/\(width)" : "")
  }

  /// Reads back exactly what `description` writes; any other spelling is `nil`.
  public init?(_ path: String) {
    guard path.utf8.count <= 64 else { return nil }
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
    guard parts.popFirst() == "tile", let name = parts.popFirst() else { return nil }
    if name == "entries" {
      row = .entries
    } else {
      guard let level = Int(name), 0...63 ~= level else { return nil }
      row = .level(level)
    }
    var width = TilePath.fullWidth
    if let stem = parts.dropLast().last, stem.hasSuffix(".p"), let last = parts.popLast() {
      guard let count = Int(last), 1..<TilePath.fullWidth ~= count else { return nil }
      width = count
      parts[parts.endIndex - 1] = stem.dropLast(2)
    }
    var index: UInt64 = 0
    for part in parts {
      guard let group = UInt64(part.drop { $0 == "x" }), group < 1000, index < 1 << 52 else {
        return nil
      }
      index = index * 1000 + group
    }
    self.index = index
    self.width = width
    guard hasSameText(path) else { return nil }
  }

  private func hasSameText(_ path: String) -> Bool {
    description.utf8.elementsEqual(path.utf8)
  }

  private static func groups(_ index: UInt64) -> String {
    let last = String(index % 1000 + 1000).dropFirst()
    var rest = index / 1000
    var groups = [String(last)]
    while rest > 0 {
      groups.append("x" + String(rest % 1000 + 1000).dropFirst())
      rest /= 1000
    }
    return groups.reversed().joined(separator: "/")
  }
}

// Which tiles a tree has.
extension TilePath {
  /// The hashes of that level in a tree of that size.
  static func count(atLevel level: Int, size: UInt64) -> UInt64 {
    level >= 8 ? 0 : size >> UInt64(8 * level)
  }

  /// The tile of that row and index in a tree of that size, `nil` if the tree has none there.
  static func inTree(_ row: Row, index: UInt64, size: UInt64) -> TilePath? {
    let level = if case .level(let level) = row { level } else { 0 }
    let count = count(atLevel: level, size: size)
    let (start, overflow) = index.multipliedReportingOverflow(by: 256)
    guard !overflow, start < count else { return nil }
    return TilePath(row: row, index: index, width: Int(min(256, count - start)))
  }
}
