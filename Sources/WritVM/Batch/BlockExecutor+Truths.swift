// Operations that yield truths: comparisons, Kleene's connectives, and what is absent.

extension BlockExecutor {
  func not(_ target: Int, _ operand: Int) {
    let (source, result) = (truths[operand], truths[target])
    for word in 0..<words {
      let lower = ~source.upper[word]
      result.upper[word] = ~source.lower[word]
      result.lower[word] = lower
    }
  }

  func and(_ target: Int, _ left: Int, _ right: Int) {
    let (first, second, result) = (truths[left], truths[right], truths[target])
    for word in 0..<words {
      result.lower[word] = first.lower[word] & second.lower[word]
      result.upper[word] = first.upper[word] & second.upper[word]
    }
  }

  func or(_ target: Int, _ left: Int, _ right: Int) {
    let (first, second, result) = (truths[left], truths[right], truths[target])
    for word in 0..<words {
      result.lower[word] = first.lower[word] | second.lower[word]
      result.upper[word] = first.upper[word] | second.upper[word]
    }
  }

  /// A column with a number that is the same in every row.
  func compare(
    _ target: Int, _ comparison: Comparison, _ number: Int, _ slot: Slot, isReversed: Bool
  ) {
    func result(_ value: Slot) -> Slot {
      isReversed ? comparison(slot, value) : comparison(value, slot)
    }
    guard slot.cause.isNone, slot.isExact else {
      return eachTruth(target) { result(numbers[number].slot($0)) }
    }
    let lower = truths[target].lower
    exact(comparison, numbers[number], slot.lower, isReversed: isReversed, into: lower)
    patch(target, number, result)
  }

  /// Two columns with each other.
  func compare(_ target: Int, _ comparison: Comparison, _ left: Int, _ right: Int) {
    let (first, second) = (numbers[left], numbers[right])
    guard !first.isSpecial, !second.isSpecial else {
      return eachTruth(target) { comparison(first.slot($0), second.slot($0)) }
    }
    let lower = truths[target].lower
    switch (first.width, second.width) {
    case (8, 8): compare(Int64.self, comparison, first, second, into: lower)
    case (4, 4): compare(UInt32.self, comparison, first, second, into: lower)
    default: BlockKernels.pack(rows, lower) { comparison(first.value($0), second.value($0)) }
    }
    for word in 0..<words { truths[target].upper[word] = lower[word] }
  }

  /// Of exact values of one width.
  @inline(__always)
  private func compare<Value: FixedWidthInteger>(
    _ type: Value.Type, _ comparison: Comparison, _ left: NumberRegister, _ right: NumberRegister,
    into target: Words
  ) {
    let a = left.values.assumingMemoryBound(to: Value.self)
    let b = right.values.assumingMemoryBound(to: Value.self)
    switch comparison {
    case .equal: BlockKernels.pack(rows, target) { a[$0] == b[$0] }
    case .less: BlockKernels.pack(rows, target) { a[$0] < b[$0] }
    case .lessOrEqual: BlockKernels.pack(rows, target) { a[$0] <= b[$0] }
    }
  }

  /// Of exact values: a bit where the comparison holds.
  private func exact(
    _ comparison: Comparison, _ column: NumberRegister, _ bound: Int64, isReversed: Bool,
    into target: Words
  ) {
    let (values, width) = (column.values, column.width)
    switch comparison {
    case .equal: BlockKernels.equal(values, width: width, bound, rows, into: target)
    case .less where !isReversed:
      BlockKernels.atLeast(values, width: width, bound, rows, into: target)
      invert(target)
    case .lessOrEqual where isReversed:
      BlockKernels.atLeast(values, width: width, bound, rows, into: target)
    case .less, .lessOrEqual:
      // `bound < value`, or the contrary of it.
      if bound == .max {
        Bits.fill(target, words, with: 0)
      } else {
        BlockKernels.atLeast(values, width: width, bound &+ 1, rows, into: target)
      }
      if comparison == .lessOrEqual { invert(target) }
    }
  }

  private func invert(_ target: Words) {
    for word in 0..<words { target[word] = ~target[word] }
  }

  /// Completes a truth whose `lower` holds for exact values by the rows whose values are not; `result` says what it is there.
  func patch(_ target: Int, _ number: Int, _ result: (Slot) -> Slot) {
    let (lower, upper) = (truths[target].lower, truths[target].upper)
    let column = numbers[number]
    guard column.isSpecial else {
      for word in 0..<words { upper[word] = lower[word] }
      return
    }
    let unknown = result(column.unknownSlot)
    let absent = result(column.absentSlot)
    for word in 0..<words {
      let (first, second) = (column.unknown[word], column.absent[word])
      let exact = lower[word] & ~(first | second | column.mixed[word])
      lower[word] =
        exact | (unknown.lower == 1 ? first : 0) | (absent.lower == 1 ? second : 0)
      upper[word] =
        exact | (unknown.upper == 1 ? first : 0) | (absent.upper == 1 ? second : 0)
    }
    Bits.each(column.mixed, rows) { row in
      let slot = result(column.slots[row])
      if slot.lower == 1 { Bits.set(lower, row) }
      if slot.upper == 1 { Bits.set(upper, row) }
    }
  }

  func isAbsent(_ target: Int, _ number: Int) {
    Bits.fill(truths[target].lower, words, with: 0)
    patch(target, number) { machine.isAbsent($0) }
  }

  /// A column of zeros and ones. What is absent all the same is unknown.
  func truth(_ target: Int, ofNumber number: Int) {
    let column = numbers[number]
    BlockKernels.equal(column.values, width: column.width, 1, rows, into: truths[target].lower)
    patch(target, number) { $0.operand(.unknownTruth(.none)) }
  }
}
