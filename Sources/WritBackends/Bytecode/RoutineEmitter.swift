// One routine of the intermediate form to bytecode.

import WritBytecode
import WritIR

/// Emits a routine: bindings, guards, loops, filters, and the emission of each row.
struct RoutineEmitter {
  var tables: ProgramTables
  var writer: RoutineWriter
  var places: [IRVariable: Place] = [:]
  /// Register of the first constant.
  let firstConstant: Int
  private var emissions: [Emission] = []

  init(tables: ProgramTables, parameterCount: Int, globalCount: Int, inputs: [IRVariable]) {
    self.tables = tables
    firstConstant = 2 + parameterCount
    writer = RoutineWriter(firstRegister: globalCount + inputs.count)
    for (index, input) in inputs.enumerated() {
      places[input] = .register(globalCount + index)
    }
  }

  mutating func emit(_ routine: IRRoutine) throws(RoutineOverflow) -> Routine {
    let firstFree = writer.registerCount
    for binding in routine.bindings {
      places[binding.variable] = try place(binding.value)
    }
    var row = constant(.yes)
    var exits: [Int] = []
    for condition in routine.guards {
      row = try conjunction(row, try scalar(condition))
      exits.append(writer.jump(.jumpIfDropped, row))
    }
    try emitLoops(routine, from: 0, row: row, cursors: [])
    for exit in exits { writer.land(exit) }
    writer.write(.halt)
    return Routine(
      inputCount: routine.inputs.count, registerCount: max(writer.registerCount, firstFree),
      setCount: writer.setCount, cursorCount: writer.cursorCount,
      scoreBufferCount: writer.bufferCount, emissions: emissions, code: writer.code)
  }

  /// The loops from `index` on, and in the innermost one the row.
  private mutating func emitLoops(
    _ routine: IRRoutine, from index: Int, row: Int, cursors: [Int]
  ) throws(RoutineOverflow) {
    guard index < routine.generators.count else {
      return try emitRow(routine, row: row, cursors: cursors)
    }
    guard index < WritBytecode.Limits.generators else { throw RoutineOverflow() }
    let generator = routine.generators[index]
    let range = try set(generator.range)
    if routine.tellsOpenRanges { writer.write(.emitOpen, range, row, 0, d: index) }
    let loop = try beginLoop(over: range, variable: generator.variable)
    try emitLoops(
      routine, from: index + 1, row: try conjunction(row, loop.member),
      cursors: cursors + [loop.cursor])
    endLoop(loop)
    writer.closeSets(from: range)
  }

  private mutating func emitRow(
    _ routine: IRRoutine, row: Int, cursors: [Int]
  ) throws(RoutineOverflow) {
    var filtered = try emitFilters(routine.filters, row: row)
    if let condition = routine.condition {
      filtered.row = try conjunction(filtered.row, try scalar(condition))
    }
    filtered.exits.append(writer.jump(.jumpIfDropped, filtered.row))
    var captures: [Capture] = []
    for capture in routine.captures {
      switch try place(capture) {
      case .register(let register): captures.append(.register(register))
      case .set(let set): captures.append(.set(set))
      }
    }
    writer.write(.emit, filtered.row, 0, 0)
    emissions = [
      Emission(captures: captures, witnesses: routine.witnesses.map { cursors[$0] })
    ]
    for exit in filtered.exits { writer.land(exit) }
  }
}

/// A loop that is being written.
struct OpenLoop {
  let cursor: Int
  let next: Int
  let exit: Int
  /// Register of: is the element definite.
  let member: Int
  let element: Int
  let knowledge: Knowledge
}

extension RoutineEmitter {
  /// Begins a loop and binds the variable, if any, to its element.
  mutating func beginLoop(
    over range: Int, variable: IRVariable? = nil, isFree: Bool = false
  ) throws(RoutineOverflow) -> OpenLoop {
    let cursor = try writer.openCursor()
    let element = try writer.newRegister()
    let member = try writer.newRegister()
    writer.write(.loop, cursor, range, d: isFree ? 1 : 0)
    let next = writer.code.count
    writer.write(.next, cursor, element, member)
    let exit = writer.jump()
    if let variable { places[variable] = .register(element) }
    return OpenLoop(
      cursor: cursor, next: next, exit: exit, member: member, element: element,
      knowledge: writer.knowledge)
  }

  mutating func endLoop(_ loop: OpenLoop) {
    writer.back(.repeat, loop.cursor, to: loop.next)
    writer.land(loop.exit)
    writer.closeCursor()
    writer.forget(since: loop.knowledge)
  }

  /// Filters in order: the row that is left, and the jumps that drop it.
  mutating func emitFilters(
    _ filters: [IRFilter], row: Int
  ) throws(RoutineOverflow) -> (row: Int, exits: [Int]) {
    var row = row
    var exits: [Int] = []
    for filter in filters {
      switch filter {
      case .condition(let condition):
        row = try conjunction(row, try scalar(condition))
        exits.append(writer.jump(.jumpIfDropped, row))
      case .binding(let variable, let value):
        let place = try place(value)
        places[variable] = place
        guard case .register(let register) = place else { continue }
        exits.append(writer.jump(.jumpIfAbsent, register))
        let absent = try writer.result(.isAbsent, register)
        row = try conjunction(row, try writer.result(.not, absent))
      }
    }
    return (row, exits)
  }

  mutating func conjunction(_ left: Int, _ right: Int) throws(RoutineOverflow) -> Int {
    left == constant(.yes) ? right : try writer.result(.and, left, right)
  }

  mutating func constant(_ constant: IRConstant) -> Int {
    firstConstant + tables.constant(constant)
  }
}
