// Choices taken from the front of an input.

/// Bytes handed out one after the other; zeros when there are none left.
struct ByteFeed {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isEmpty: Bool { rest.isEmpty }

  /// The next byte.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A number below a bound, which is above 0, of the next two bytes.
  mutating func below(_ bound: Int) -> Int {
    (Int(byte()) | Int(byte()) << 8) % bound
  }

  /// The next eight bytes, little endian.
  mutating func word() -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(byte()) << UInt64(8 * $1) }
  }

  /// All bytes up to a separator, which is dropped, or to the end.
  mutating func part(until separator: UInt8) -> [UInt8] {
    let part = rest.prefix { $0 != separator }
    rest = rest[part.endIndex...].dropFirst()
    return Array(part)
  }
}
