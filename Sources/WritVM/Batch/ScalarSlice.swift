// The part of a scorecard's routine that blocks cannot do, to be run a subject at a time beside them.

import WritBytecode

/// Words of a routine that still compute some of its registers, in their order, and nothing else.
final class ScalarSlice {
  let code: RoutineCode
  let routine: Int
  /// Registers of guard and condition of each check that is left to it.
  let checks: [(check: Int, applies: Int, passes: Int)]

  /// - Parameters:
  ///   - lowered: Which checks are left, and the words that may spend fuel that nobody has counted.
  ///   - index: Of the routine.
  init?(_ lowered: LoweredChecks, _ routine: Routine, index: Int) {
    checks = lowered.places.enumerated().compactMap { check, place in
      lowered.checks[check] == nil ? (check, place.applies, place.passes) : nil
    }
    self.routine = index
    let units = ScalarSlice.units(of: routine.code)
    var needed = Resources()
    for check in checks { needed.registers.formUnion([check.applies, check.passes]) }
    var kept: [Range<Int>] = []
    for unit in units.reversed() {
      let words = routine.code[unit]
      if words.contains(where: { $0.opcode == .emit || $0.opcode == .halt }) { continue }
      let used = Resources(words)
      let isUncounted = unit.contains { lowered.uncounted.contains($0) }
      guard isUncounted || needed.meets(written: used) else { continue }
      needed.add(read: used)
      kept.append(unit)
    }
    // As many words as before would cost as much as before.
    guard !checks.isEmpty || !kept.isEmpty else { return nil }
    let words = kept.reversed().flatMap { Array(routine.code[$0]) }
    code = RoutineCode(
      Routine(
        inputCount: routine.inputCount, registerCount: routine.registerCount,
        setCount: routine.setCount, cursorCount: routine.cursorCount,
        scoreBufferCount: routine.scoreBufferCount, emissions: routine.emissions,
        code: words + [Instruction(.halt)]))
  }

  deinit { code.deallocate() }

  /// Ranges of words out of which and into which nothing jumps.
  private static func units(of code: [Instruction]) -> [Range<Int>] {
    var units: [Range<Int>] = []
    var start = 0
    while start < code.count {
      var end = start + 1
      var place = start
      while place < end {
        if code[place].opcode.map({ $0.shape.b == .forward }) == true {
          end = max(end, code[place].target(from: place))
        }
        // The loop's end is where the jump behind its first word leads.
        if code[place].opcode == .loop || code[place].opcode == .next
          || code[place].opcode == .closureNext
        {
          end = max(end, place + 2)
        }
        place += 1
      }
      end = min(end, code.count)
      units.append(start..<end)
      start = end
    }
    return units
  }
}

/// What words read and write.
private struct Resources {
  var registers: Set<Int> = []
  var sets: Set<Int> = []
  var buffers: Set<Int> = []
  private var readRegisters: Set<Int> = []
  private var readSets: Set<Int> = []

  init() {}

  /// Of some words: what they write in `registers` and `sets`.
  init(_ words: ArraySlice<Instruction>) {
    for word in words {
      guard let shape = word.opcode?.shape else { continue }
      for (role, operand) in [(shape.a, word.a), (shape.b, word.b), (shape.c, word.c)] {
        switch role {
        case .write: registers.insert(operand)
        case .read: readRegisters.insert(operand)
        case .setWrite: sets.insert(operand)
        case .setRead: readSets.insert(operand)
        case .setUpdate:
          sets.insert(operand)
          readSets.insert(operand)
        case .scoreBuffer: buffers.insert(operand)
        default: break
        }
      }
    }
  }

  func meets(written other: Resources) -> Bool {
    !registers.isDisjoint(with: other.registers) || !sets.isDisjoint(with: other.sets)
      || !buffers.isDisjoint(with: other.buffers)
  }

  mutating func add(read other: Resources) {
    registers.formUnion(other.readRegisters)
    sets.formUnion(other.readSets)
    buffers.formUnion(other.buffers)
  }
}

extension BlockExecutor {
  /// Runs a slice for each row of the block and writes its checks into truth registers, two for each from `first` on. A row
  /// that it cannot tell all of is noted in `left`.
  ///
  /// - Parameter spent: Fuel that the blocks' part may have taken of any row.
  func run(_ slice: ScalarSlice, into first: Int, firstNode: Int64, spent: Int64, left: Words) {
    for offset in 0..<slice.checks.count * 2 {
      Bits.fill(truths[first + offset].lower, words, with: 0)
      Bits.fill(truths[first + offset].upper, words, with: 0)
    }
    Bits.fill(left, words, with: 0)
    for row in 0..<rows {
      let node = Slot(exact: firstNode &+ Int64(base &+ row))
      let isDone = machine.run(slice.code, slice.routine, input: node)
      if !isDone || Limits.fuel - machine.fuel > Limits.fuel - spent { Bits.set(left, row) }
      for (place, check) in slice.checks.enumerated() {
        note(machine.registers[check.applies], first + 2 * place, row, left)
        note(machine.registers[check.passes], first + 2 * place + 1, row, left)
      }
    }
  }

  private func note(_ slot: Slot, _ target: Int, _ row: Int, _ left: Words) {
    // What is no truth, as only a bundle from elsewhere can say, is left.
    if UInt64(bitPattern: slot.lower | slot.upper) > 1 || slot.isAbsent { Bits.set(left, row) }
    if slot.lower == 1 { Bits.set(truths[target].lower, row) }
    if slot.upper == 1 { Bits.set(truths[target].upper, row) }
  }
}
