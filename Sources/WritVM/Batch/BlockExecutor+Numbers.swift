// Operations that yield numbers, and folds of the edges of each row.

import WritBytecode

extension Cause {
  /// Stands for the cause of what a block does not know; whoever wants to know it asks the scalar executor.
  static let ofBlock = Cause(.missingField)
}

extension BlockExecutor {
  /// Takes over what a number is, with other slots for the rows that are special.
  private func copy(_ target: Int, _ source: Int, _ change: (Slot) -> Slot) {
    let from = numbers[source]
    let register = numbers + target
    register.pointee.values = from.values
    register.pointee.width = from.width
    register.pointee.isSpecial = from.isSpecial
    register.pointee.unknownSlot = change(from.unknownSlot)
    register.pointee.absentSlot = change(from.absentSlot)
    for word in 0..<words {
      register.pointee.unknown[word] = from.unknown[word]
      register.pointee.absent[word] = from.absent[word]
      register.pointee.mixed[word] = from.mixed[word]
    }
    Bits.each(from.mixed, rows) { register.pointee.slots[$0] = change(from.slots[$0]) }
  }

  func present(_ target: Int, _ source: Int) { copy(target, source) { $0.present } }

  func coalesce(_ target: Int, _ source: Int, with slot: Slot) {
    copy(target, source) { $0.isAbsent ? .alternative(to: $0, slot) : $0 }
  }

  func number(_ target: Int, ofTruth truth: Int) {
    let (lower, upper) = (truths[truth].lower, truths[truth].upper)
    begin(target)
    let register = numbers + target
    register.pointee.unknownSlot = .unknownTruth(.ofBlock)
    var any: UInt64 = 0
    for word in 0..<words {
      let doubt = upper[word] & ~lower[word]
      register.pointee.unknown[word] = doubt
      any |= doubt
      let first = word &* 64
      for row in first..<min(rows, first &+ 64) {
        register.pointee.buffer[row] = Int64(
          truncatingIfNeeded: lower[word] &>> UInt64(truncatingIfNeeded: row & 63) & 1)
      }
    }
    register.pointee.isSpecial = any != 0
  }

  /// Two columns of eight bytes without any row that is special.
  func plainPair(
    _ left: NumberRegister, _ right: NumberRegister
  ) -> (UnsafePointer<Int64>, UnsafePointer<Int64>)? {
    guard !left.isSpecial, !right.isSpecial, left.width == 8, right.width == 8 else { return nil }
    return (
      left.values.assumingMemoryBound(to: Int64.self),
      right.values.assumingMemoryBound(to: Int64.self)
    )
  }

  /// Sums, differences and products of exact numbers in a plain loop; all else, and what does not fit, by slots.
  func binary(_ target: Int, _ opcode: Opcode, _ left: Int, _ right: Int) {
    let (first, second) = (numbers[left], numbers[right])
    var fits = false
    if let (a, b) = plainPair(first, second) {
      switch opcode {
      case .add: fits = plain(target) { a[$0].addingReportingOverflow(b[$0]) }
      case .subtract: fits = plain(target) { a[$0].subtractingReportingOverflow(b[$0]) }
      case .multiply: fits = plain(target) { a[$0].multipliedReportingOverflow(by: b[$0]) }
      default: break
      }
    }
    if fits { return }
    eachNumber(target) { .arithmetic(opcode, first.slot($0), second.slot($0)) }
  }

  @inline(__always)
  private func plain(
    _ target: Int, _ operation: (Int) -> (partialValue: Int64, overflow: Bool)
  ) -> Bool {
    begin(target)
    let buffer = numbers[target].buffer
    var overflow = false
    for row in 0..<rows {
      let result = operation(row)
      buffer[row] = result.partialValue
      overflow = overflow || result.overflow
    }
    return !overflow
  }
}

extension BlockExecutor {
  /// Rows in which something may be missing, besides what the edges lead to.
  private func open(_ fold: BlockFold, into open: Words) -> Bool {
    if fold.isOpen {
      Bits.fill(open, words, with: ~0)
      return true
    }
    var any = false
    if let vouched = fold.vouched {
      Bits.load(vouched, at: base, rows, into: open)
      for word in 0..<words { open[word] = ~open[word] }
      any = true
    } else {
      Bits.fill(open, words, with: 0)
    }
    if fold.mustHaveOne {
      let offsets = fold.offsets + base
      for row in 0..<rows where offsets[row] == offsets[row &+ 1] { Bits.set(open, row) }
      any = true
    }
    return any
  }

  /// Edges of rows that nobody vouches for are only possible.
  private func vouched(_ fold: BlockFold, _ row: Int) -> Bool {
    fold.vouched.map { Bits.isSet($0, base &+ row) } ?? true
  }

  func isEmpty(_ target: Int, _ fold: BlockFold) {
    let (lower, upper) = (truths[target].lower, truths[target].upper)
    // `lower` is that none is possible, `upper` that none is definite.
    any(fold, fold.possible, into: lower)
    if fold.isExact.pointee {
      for word in 0..<words { upper[word] = lower[word] }
    } else {
      any(fold, fold.definite, into: upper)
    }
    if let vouched = fold.vouched {
      let scratch = numbers[numbersEnd].unknown
      Bits.load(vouched, at: base, rows, into: scratch)
      for word in 0..<words { upper[word] &= scratch[word] }
    }
    for word in 0..<words {
      lower[word] = ~lower[word]
      upper[word] = ~upper[word]
    }
    let scratch = numbers[numbersEnd].unknown
    if open(fold, into: scratch) { for word in 0..<words { lower[word] &= ~scratch[word] } }
  }

  /// A bit for each row that has an edge which counts.
  private func any(_ fold: BlockFold, _ bits: ReadWords?, into target: Words) {
    let offsets = fold.offsets + base
    guard let bits else {
      return BlockKernels.pack(rows, target) { offsets[$0 &+ 1] > offsets[$0] }
    }
    BlockKernels.pack(rows, target) { row in
      Bits.any(bits, Int(offsets[row]), Int(offsets[row &+ 1]))
    }
  }

  func count(_ target: Int, _ fold: BlockFold) {
    begin(target)
    let offsets = fold.offsets + base
    let buffer = numbers[target].buffer
    if let bits = fold.possible {
      let counts = memory.bitCounts
      var start = Int(offsets[0])
      for row in 0..<rows {
        let end = Int(offsets[row &+ 1])
        // Processors that must do without an instruction for it count a byte at once.
        buffer[row] =
          end &- start <= 8
          ? Int64(counts[Int(truncatingIfNeeded: Bits.short(bits, start, end))])
          : Int64(Bits.count(bits, start, end))
        start = end
      }
    } else {
      for row in 0..<rows { buffer[row] = Int64(offsets[row &+ 1] &- offsets[row]) }
    }
    let scratch = numbers[numbersEnd].unknown
    let isOpen = open(fold, into: scratch)
    if fold.isExact.pointee && !isOpen { return }
    for row in 0..<rows {
      let (start, end) = (Int(offsets[row]), Int(offsets[row &+ 1]))
      let sure = fold.definite.map { Int64(Bits.count($0, start, end)) } ?? Int64(end &- start)
      let definite = vouched(fold, row) ? sure : 0
      let upper = Bits.isSet(scratch, row) ? Limits.count : buffer[row]
      if definite != upper { store(Slot(definite, upper, .ofBlock), target, row) }
    }
  }

  /// The number of a register that no operation of a plan names: room for a bitmap.
  private var numbersEnd: Int { memory.scratch }
}
