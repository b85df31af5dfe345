// The instruction word.

/// One 64-bit word:
///
///      63      56 55      48 47           32 31           16 15            0
///     ┌──────────┬──────────┬───────────────┬───────────────┬───────────────┐
///     │  opcode  │    d     │       c       │       b       │       a       │
///     └──────────┴──────────┴───────────────┴───────────────┴───────────────┘
///                           └──────────────bc──────────────┘  a jump's distance, unsigned
public struct Instruction: Hashable, Sendable {
  public let word: UInt64

  public init(word: UInt64) {
    self.word = word
  }

  public init(_ opcode: Opcode, a: UInt16 = 0, b: UInt16 = 0, c: UInt16 = 0, d: UInt8 = 0) {
    word =
      UInt64(opcode.rawValue) << 56 | UInt64(d) << 48 | UInt64(c) << 32 | UInt64(b) << 16
      | UInt64(a)
  }

  public init(_ opcode: Opcode, a: UInt16 = 0, distance: UInt32) {
    word = UInt64(opcode.rawValue) << 56 | UInt64(distance) << 16 | UInt64(a)
  }

  /// `nil` if the word names no opcode.
  public var opcode: Opcode? { Opcode(rawValue: UInt8(truncatingIfNeeded: word >> 56)) }
  public var a: Int { Int(UInt16(truncatingIfNeeded: word)) }
  public var b: Int { Int(UInt16(truncatingIfNeeded: word >> 16)) }
  public var c: Int { Int(UInt16(truncatingIfNeeded: word >> 32)) }
  public var d: Int { Int(UInt8(truncatingIfNeeded: word >> 48)) }
  /// A jump's distance in words.
  public var distance: Int { Int(UInt32(truncatingIfNeeded: word >> 16)) }
}
