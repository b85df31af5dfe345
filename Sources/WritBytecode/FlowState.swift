// What is surely written, and how many checks lie in each buffer, at one word of a routine.

/// A point on the ways through a routine: what holds on every way that leads there.
struct FlowState {
  /// One bit a register of the routine's own, then one a set register: is it surely written?
  private var bits: [UInt64]
  /// Checks in each score buffer, the same on every way.
  var checkCounts: [Int]

  init(bitCount: Int, bufferCount: Int) {
    bits = Array(repeating: 0, count: (bitCount + 63) / 64)
    checkCounts = Array(repeating: 0, count: bufferCount)
  }

  /// Words that a copy takes.
  var size: Int { bits.count + checkCounts.count + 1 }

  func contains(_ bit: Int) -> Bool { bits[bit >> 6] >> (bit & 63) & 1 == 1 }

  mutating func insert(_ bit: Int) { bits[bit >> 6] |= 1 << (bit & 63) }

  /// Keeps what holds in both; `false` if buffers differ.
  mutating func meet(_ other: FlowState) -> Bool {
    for index in bits.indices { bits[index] &= other.bits[index] }
    return checkCounts == other.checkCounts
  }
}

/// What waits at a word that earlier ones jump to.
struct PendingJumps {
  var state: FlowState?
  /// The first word that jumps here.
  let earliest: Int
}

/// A loop or filtered closure whose end is still to come.
struct OpenRegion {
  enum Kind: Hashable {
    case loop(cursor: Int, set: Int)
    case closure(set: Int, closure: Int)
  }

  let kind: Kind
  /// Its `next` or `closureNext`.
  let start: Int
  /// Where its `jump` goes.
  let exit: Int
  /// Checks in each buffer at the start, `nil` where it cannot be reached.
  let checkCounts: [Int]?
  /// The exit of the innermost filtered closure, this one included: jumps inside stay before it.
  let closureExit: Int?
  /// The `closureRepeat` was seen, only `closureEnd` is to come.
  var isRepeated = false
}
