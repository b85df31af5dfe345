// Registers of a block: a truth or a number for each of its rows.

/// A truth in each row: bit of `lower`: surely true; of `upper`: perhaps true. Unknown is upper alone.
struct TruthRegister {
  let lower: Words
  let upper: Words
}

/// A number in each row. Most are exact and stand in a column; the others are of three classes, a bitmap each: those that are
/// all the same unknown, those that are all absent (or what stands for absence), and those that have a slot of their own.
struct NumberRegister {
  /// Of the block's first row.
  var values: UnsafeRawPointer
  /// Bytes of a value: 1, 4 or 8; 0: `unknown` stands for every row.
  var width: Int
  /// Whether any row is of a class below.
  var isSpecial = false
  var unknownSlot = Slot.no
  var absentSlot = Slot.absent
  let unknown: Words
  let absent: Words
  let mixed: Words
  /// Slots of the rows in `mixed`.
  let slots: UnsafeMutablePointer<Slot>
  /// Values of its own.
  let buffer: UnsafeMutablePointer<Int64>

  @inline(__always)
  func value(_ row: Int) -> Int64 {
    switch width {
    case 1: Int64(values.load(fromByteOffset: row, as: UInt8.self))
    case 4: Int64(values.load(fromByteOffset: row &* 4, as: UInt32.self))
    default: values.load(fromByteOffset: row &* 8, as: Int64.self)
    }
  }

  /// The row's value as the scalar executor has it, but for its cause.
  @inline(__always)
  func slot(_ row: Int) -> Slot {
    if isSpecial { return specialSlot(row) }
    return Slot(exact: value(row))
  }

  @inline(never)
  private func specialSlot(_ row: Int) -> Slot {
    if Bits.isSet(unknown, row) { return unknownSlot }
    if Bits.isSet(absent, row) { return absentSlot }
    if Bits.isSet(mixed, row) { return slots[row] }
    return Slot(exact: value(row))
  }
}

/// Registers of one worker, for one block after another.
///
/// For one thread at a time.
final class BlockMemory {
  let blockRows: Int
  let truths: UnsafeMutablePointer<TruthRegister>
  let numbers: UnsafeMutablePointer<NumberRegister>
  /// The number register that no operation names: room for a bitmap.
  let scratch: Int
  /// How many bits each byte has.
  let bitCounts: UnsafeMutablePointer<UInt8>
  private let words: Words
  private let slots: UnsafeMutablePointer<Slot>
  private let buffers: UnsafeMutablePointer<Int64>

  init(blockRows: Int, truthCount: Int, numberCount named: Int) {
    self.blockRows = blockRows
    bitCounts = .allocate(capacity: 256)
    for byte in 0..<256 { bitCounts[byte] = UInt8(byte.nonzeroBitCount) }
    let numberCount = named + 1
    scratch = named
    let wordCount = Bits.wordCount(blockRows) + 1
    // Of another length than a power of two, so that the registers do not meet in the cache.
    let stride = blockRows + 8
    words = .allocate(capacity: max(1, wordCount * (truthCount * 2 + numberCount * 3)))
    words.initialize(repeating: 0, count: max(1, wordCount * (truthCount * 2 + numberCount * 3)))
    slots = .allocate(capacity: max(1, stride * numberCount))
    buffers = .allocate(capacity: max(1, stride * numberCount))
    truths = .allocate(capacity: max(1, truthCount))
    numbers = .allocate(capacity: max(1, numberCount))
    for index in 0..<truthCount {
      let lower = words + index * 2 * wordCount
      (truths + index).initialize(to: TruthRegister(lower: lower, upper: lower + wordCount))
    }
    for index in 0..<numberCount {
      let first = words + (truthCount * 2 + index * 3) * wordCount
      let buffer = buffers + index * stride
      (numbers + index).initialize(
        to: NumberRegister(
          values: UnsafeRawPointer(buffer), width: 8, unknown: first, absent: first + wordCount,
          mixed: first + 2 * wordCount, slots: slots + index * stride, buffer: buffer))
    }
  }

  deinit {
    bitCounts.deallocate()
    words.deallocate()
    slots.deallocate()
    buffers.deallocate()
    truths.deallocate()
    numbers.deallocate()
  }
}
