// The words of one routine while it is being written: registers, jumps, and values already at hand.

import WritBytecode
import WritIR

/// Where a value lies.
enum Place: Hashable {
  case register(Int)
  case set(Int)
}

/// A routine needs more of something than an instruction can name.
struct RoutineOverflow: Error {}

/// How much was known at some point of a routine.
struct Knowledge {
  fileprivate let count: Int
}

/// Hands out registers and writes words.
///
/// A scalar register is written once on each path, so a value that was computed before can be used again wherever
/// that computation surely ran: `known` holds those, and is put back where code is left that may not have run.
/// Set registers are a stack: whoever asks for one gives it back.
struct RoutineWriter {
  private(set) var code: [Instruction] = []
  private(set) var registerCount: Int
  private(set) var setCount = 0
  private(set) var cursorCount = 0
  private(set) var bufferCount = 0
  private var openSets = 0
  private var openCursors = 0
  private var openBuffers = 0
  private var known: [Instruction: Int] = [:]
  /// The keys of `known` in the order in which they came.
  private var learnt: [Instruction] = []

  /// Registers below `first` are globals and inputs.
  init(firstRegister first: Int) {
    registerCount = first
  }

  mutating func newRegister() throws(RoutineOverflow) -> Int {
    guard registerCount < Int(UInt16.max) else { throw RoutineOverflow() }
    registerCount += 1
    return registerCount - 1
  }

  mutating func openSet() throws(RoutineOverflow) -> Int {
    guard openSets < 4_096 else { throw RoutineOverflow() }
    openSets += 1
    setCount = max(setCount, openSets)
    return openSets - 1
  }

  /// Everything opened at or after `set` is free again.
  mutating func closeSets(from set: Int) {
    openSets = set
  }

  mutating func openCursor() throws(RoutineOverflow) -> Int {
    guard openCursors < 64 else { throw RoutineOverflow() }
    openCursors += 1
    cursorCount = max(cursorCount, openCursors)
    return openCursors - 1
  }

  mutating func closeCursor() {
    openCursors -= 1
  }

  mutating func openBuffer() throws(RoutineOverflow) -> Int {
    guard openBuffers < 64 else { throw RoutineOverflow() }
    openBuffers += 1
    bufferCount = max(bufferCount, openBuffers)
    return openBuffers - 1
  }

  mutating func closeBuffer() {
    openBuffers -= 1
  }

  mutating func write(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, d: Int = 0) {
    code.append(
      Instruction(
        opcode, a: UInt16(truncatingIfNeeded: a), b: UInt16(truncatingIfNeeded: b),
        c: UInt16(truncatingIfNeeded: c), d: UInt8(truncatingIfNeeded: d)))
  }

  /// The register that holds the result of a pure operation: a new one, or one that has it already.
  mutating func result(
    _ opcode: Opcode, _ b: Int, _ c: Int = 0, d: Int = 0
  ) throws(RoutineOverflow) -> Int {
    let key = Instruction(
      opcode, a: 0, b: UInt16(truncatingIfNeeded: b), c: UInt16(truncatingIfNeeded: c),
      d: UInt8(truncatingIfNeeded: d))
    if let register = known[key] { return register }
    let register = try newRegister()
    write(opcode, register, b, c, d: d)
    known[key] = register
    learnt.append(key)
    return register
  }

  /// What is known now, to be put back by `forget(since:)`.
  var knowledge: Knowledge { Knowledge(count: learnt.count) }

  /// Forgets what was learnt since; in all no more work than learning it was.
  mutating func forget(since knowledge: Knowledge) {
    while learnt.count > knowledge.count { known[learnt.removeLast()] = nil }
  }

  /// A forward jump whose target `land` fills in.
  mutating func jump(_ opcode: Opcode = .jump, _ a: Int = 0) -> Int {
    write(opcode, a)
    return code.count - 1
  }

  /// The jump at `place` goes to the next word to be written.
  mutating func land(_ place: Int) {
    guard let opcode = code[place].opcode else { return }
    code[place] = Instruction(
      opcode, a: UInt16(truncatingIfNeeded: code[place].a),
      distance: UInt32(truncatingIfNeeded: code.count - place - 1))
  }

  /// A jump back to the word at `place`.
  mutating func back(_ opcode: Opcode, _ a: Int, to place: Int) {
    code.append(
      Instruction(
        opcode, a: UInt16(truncatingIfNeeded: a),
        distance: UInt32(truncatingIfNeeded: code.count - place)))
  }
}
