// The dispatch loop of blocks: one operation at a time, on all rows.

import WritBytecode

/// Runs operations over the rows of one block after another. For one thread at a time.
final class BlockExecutor {
  let machine: Machine
  let memory: BlockMemory
  let truths: UnsafeMutablePointer<TruthRegister>
  let numbers: UnsafeMutablePointer<NumberRegister>
  /// Of a block of requests.
  var arguments: UnsafePointer<ArgumentColumn>?
  /// Rows of the block at hand, and the first of them in its table.
  var rows = 0
  var base = 0
  var words = 0

  /// - Parameter machine: Bound to what the plan was made for.
  init(_ machine: Machine, blockRows: Int, truthCount: Int, numberCount: Int) {
    self.machine = machine
    memory = BlockMemory(
      blockRows: blockRows, truthCount: truthCount, numberCount: numberCount)
    truths = memory.truths
    numbers = memory.numbers
  }

  /// Runs a stage over the rows from `base` on.
  func run(_ stage: borrowing BlockStage, base: Int, rows: Int) {
    self.base = base
    self.rows = rows
    words = Bits.wordCount(rows)
    stage.operations.withUnsafeBufferPointer { operations in
      for operation in operations { run(operation) }
    }
    for kept in stage.kept { keep(kept) }
  }

  private func run(_ operation: BlockOperation) {
    switch operation {
    case .column(let target, let column): load(target, column)
    case .element(let target, let first): element(target, first)
    case .constantNumber(let target, let slot): constant(target, slot)
    case .constantTruth(let target, let slot):
      Bits.fill(truths[target].lower, words, with: slot.lower == 1 ? ~0 : 0)
      Bits.fill(truths[target].upper, words, with: slot.upper == 1 ? ~0 : 0)
    case .compareConstant(let target, let comparison, let number, let slot, let isReversed):
      compare(target, comparison, number, slot, isReversed: isReversed)
    case .compare(let target, let comparison, let left, let right):
      compare(target, comparison, left, right)
    case .not(let target, let operand): not(target, operand)
    case .and(let target, let left, let right): and(target, left, right)
    case .or(let target, let left, let right): or(target, left, right)
    case .isAbsent(let target, let number): isAbsent(target, number)
    case .present(let target, let number): present(target, number)
    case .coalesceConstant(let target, let number, let slot): coalesce(target, number, with: slot)
    case .coalesce(let target, let first, let second):
      eachNumber(target) { row in
        let value = numbers[first].slot(row)
        return value.isAbsent ? .alternative(to: value, numbers[second].slot(row)) : value
      }
    case .binary(let target, let opcode, let left, let right): binary(target, opcode, left, right)
    case .unary(let target, let opcode, let number, let operand):
      eachNumber(target) { machine.unary(opcode, numbers[number].slot($0), operand) }
    case .isKind(let target, let number, let kinds):
      eachTruth(target) { machine.isKind(numbers[number].slot($0), kinds) }
    case .stringTest(let target, let text, let pattern, let test):
      eachTruth(target) {
        machine.stringTest(numbers[text].slot($0), numbers[pattern].slot($0), test)
      }
    case .truth(let target, let number): truth(target, ofNumber: number)
    case .number(let target, let truth): number(target, ofTruth: truth)
    case .isEmpty(let target, let fold): isEmpty(target, fold)
    case .count(let target, let fold): count(target, fold)
    case .argument(let target, let argument): self.argument(target, argument)
    case .gather(let target, let column, let first, let node):
      gather(target, column, first: first, node)
    case .membership(let membership): self.membership(membership)
    case .isEmptyFrom(let target, let fold, let node): isEmpty(target, fold, from: node)
    case .countFrom(let target, let fold, let node): count(target, fold, from: node)
    case .search(let target, let search, let node): self.search(target, search, from: node)
    }
  }

  /// Stores a truth for all rows of the block.
  private func keep(_ kept: KeptTruth) {
    let lower = truths[kept.truth].lower
    let upper = truths[kept.truth].upper
    Bits.store(upper, rows, into: kept.possible.words, at: base)
    var differs = false
    for word in 0..<words where lower[word] != upper[word] {
      let left = rows &- word &* 64
      let mask = left >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: left)) &- 1 as UInt64
      if (lower[word] ^ upper[word]) & mask != 0 { differs = true }
    }
    Bits.store(lower, rows, into: kept.definite.words, at: base)
    for mask in kept.masks {
      differs = true
      // The blocks of a table that is counted by begin at whole words.
      let first = base &>> 6
      for word in first..<first &+ words { kept.definite.words[word] &= mask.words[word] }
    }
    if differs { kept.differs[base / memory.blockRows] = true }
  }
}

extension BlockExecutor {
  /// A truth by rows, from slots.
  @inline(__always)
  func eachTruth(_ target: Int, _ body: (Int) -> Slot) {
    let (lower, upper) = (truths[target].lower, truths[target].upper)
    for word in 0..<words {
      var low: UInt64 = 0
      var high: UInt64 = 0
      let first = word &* 64
      for row in first..<min(rows, first &+ 64) {
        let slot = body(row)
        let bit = UInt64(truncatingIfNeeded: row & 63)
        low |= (slot.lower == 1 ? 1 : 0) &<< bit
        high |= (slot.upper == 1 ? 1 : 0) &<< bit
      }
      lower[word] = low
      upper[word] = high
    }
  }

  /// A number by rows, from slots.
  @inline(__always)
  func eachNumber(_ target: Int, _ body: (Int) -> Slot) {
    begin(target)
    for row in 0..<rows { store(body(row), target, row) }
  }

  /// No row is special yet, and the values are the register's own.
  func begin(_ target: Int) {
    let register = numbers + target
    register.pointee.values = UnsafeRawPointer(register.pointee.buffer)
    register.pointee.width = 8
    register.pointee.isSpecial = false
    Bits.fill(register.pointee.unknown, words, with: 0)
    Bits.fill(register.pointee.absent, words, with: 0)
    Bits.fill(register.pointee.mixed, words, with: 0)
  }

  @inline(__always)
  func store(_ slot: Slot, _ target: Int, _ row: Int) {
    let register = numbers + target
    if slot.cause.isNone && slot.lower == slot.upper {
      register.pointee.buffer[row] = slot.lower
    } else {
      register.pointee.buffer[row] = 0
      register.pointee.slots[row] = slot
      Bits.set(register.pointee.mixed, row)
      register.pointee.isSpecial = true
    }
  }

  private func element(_ target: Int, _ first: Int64) {
    begin(target)
    let buffer = numbers[target].buffer
    for row in 0..<rows { buffer[row] = first &+ Int64(base &+ row) }
  }

  private func constant(_ target: Int, _ slot: Slot) {
    begin(target)
    if slot.cause.isNone && slot.isExact {
      return numbers[target].buffer.update(repeating: slot.lower, count: rows)
    }
    for row in 0..<rows { store(slot, target, row) }
  }

  /// The column itself, and who of its rows has no value.
  private func load(_ target: Int, _ column: BlockColumn) {
    let register = numbers + target
    register.pointee.values = column.values + base &* column.width
    register.pointee.width = column.width
    register.pointee.unknownSlot = column.unknown
    register.pointee.absentSlot = column.isOptional ? .absent : column.missing
    let unknown = register.pointee.unknown
    let absent = register.pointee.absent
    Bits.fill(register.pointee.mixed, words, with: 0)
    if let vouched = column.vouched {
      Bits.load(vouched, at: base, rows, into: unknown)
      for word in 0..<words { unknown[word] = ~unknown[word] }
    } else {
      Bits.fill(unknown, words, with: 0)
    }
    if let presence = column.presence {
      Bits.load(presence, at: base, rows, into: absent)
      for word in 0..<words { absent[word] = ~absent[word] & ~unknown[word] }
    } else {
      Bits.fill(absent, words, with: 0)
    }
    var any: UInt64 = 0
    for word in 0..<words {
      let left = rows &- word &* 64
      let mask: UInt64 = left >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: left)) &- 1
      unknown[word] &= mask
      absent[word] &= mask
      any |= unknown[word] | absent[word]
    }
    register.pointee.isSpecial = any != 0
  }
}

// Unchecked: each worker has its own.
extension BlockExecutor: @unchecked Sendable {}
