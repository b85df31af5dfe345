// The assembler's lines about routines: sizes, emissions, labels and words.

extension Assembler {
  /// `routine inputs N registers N sets N cursors N buffers N`, its emissions, its words.
  ///
  /// `registers` counts the routine's own, so that a new constant changes no other line.
  mutating func readRoutine(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    let index = program.routines.count
    mark(.routines, index, line)
    var counts: [Int] = []
    for word in ["inputs", "registers", "sets", "cursors", "buffers"] {
      let count = try line.index(word)
      guard (0...Limits.registers).contains(count) else {
        throw line.errorBefore("expected at most \(Limits.registers)")
      }
      counts.append(count)
    }
    try line.finish()
    let registers = RegisterNames(
      parameterCount: program.parameters.count, constantCount: program.constants.count,
      inputCount: counts[0])
    var emissions: [Emission] = []
    while let line = try lines.take("emission") {
      places[.emission(routine: index, emission: emissions.count)] = line.number
      emissions.append(try emission(line, registers))
    }
    var writer = RoutineAssembler(registers: registers)
    while let line = lines.next, line.keyword != "routine" {
      guard let line = try lines.takeAny() else { break }
      try writer.read(line)
    }
    try writer.land()
    wordLines.append(writer.wordLines)
    program.routines.append(
      Routine(
        inputCount: counts[0], registerCount: registers.firstOwn + counts[1],
        setCount: counts[2], cursorCount: counts[3], scoreBufferCount: counts[4],
        emissions: emissions, code: writer.code))
  }

  /// `emission CAPTURE* (witness CURSOR)?`
  private func emission(
    _ line: AssemblyLine, _ registers: RegisterNames
  ) throws(AssemblyError) -> Emission {
    var line = line
    var captures: [Capture] = []
    while line.hasMore, !line.take("witness") {
      let word = try line.word("a register or a set")
      if let register = registers.register(named: word) {
        captures.append(.register(register))
      } else if word.hasPrefix("s"), let set = numbered(word.dropFirst()) {
        captures.append(.set(set))
      } else {
        throw line.errorBefore("expected a register or a set")
      }
    }
    var witnesses: [Int] = []
    while line.hasMore {
      let word = try line.word("a cursor")
      guard word.hasPrefix("c"), let cursor = numbered(word.dropFirst()) else {
        throw line.errorBefore("expected a cursor")
      }
      witnesses.append(cursor)
    }
    return Emission(captures: captures, witnesses: witnesses)
  }
}

/// The words of one routine; jumps are filled in once all labels are known.
private struct RoutineAssembler {
  let registers: RegisterNames
  private(set) var code: [Instruction] = []
  private(set) var wordLines: [Int] = []
  private var labels: [String: Int] = [:]
  private var jumps: [Jump] = []

  init(registers: RegisterNames) {
    self.registers = registers
  }

  /// A jump whose label may still be to come.
  private struct Jump {
    let word: Int
    let label: String
    /// What to throw if it cannot be filled in.
    let error: AssemblyError
  }

  /// `LABEL:` or `OPCODE OPERAND*`, the operands in the order a, b, c, d.
  mutating func read(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    if line.keyword.hasSuffix(":") {
      let label = String(line.keyword.dropLast())
      guard labels[label] == nil else { throw line.errorBefore("a label of this name exists") }
      labels[label] = code.count
      return try line.finish()
    }
    guard let opcode = opcodes[line.keyword] else {
      throw line.errorBefore("`\(line.keyword)` is no opcode")
    }
    guard code.count < Limits.codeWords else {
      throw line.errorBefore("at most \(Limits.codeWords) words")
    }
    let shape = opcode.shape
    let a = try operand(shape.a, &line)
    let b = try operand(shape.b, &line)
    let c = try operand(shape.c, &line)
    let d = try smallOperand(opcode, &line)
    if line.hasMore { throw line.error("expected the end of the line") }
    wordLines.append(line.number)
    code.append(Instruction(opcode, a: a, b: b, c: c, d: d))
  }

  /// An operand in 16 bits; 0 for a label, which `land` fills in.
  private mutating func operand(
    _ role: OperandRole, _ line: inout AssemblyLine
  ) throws(AssemblyError) -> UInt16 {
    switch role {
    case .unused: return 0
    case .forward, .backward:
      let label = try line.word("a label")
      let error = line.errorBefore(
        role == .forward ? "expected a label further on" : "expected a label before")
      jumps.append(Jump(word: code.count, label: label, error: error))
      return 0
    case .write, .read:
      let word = try line.word("a register")
      guard let register = registers.register(named: word),
        let operand = UInt16(exactly: register)
      else { throw line.errorBefore("expected a register") }
      return operand
    default: return try numberedOperand(role, &line)
    }
  }

  /// `s3`, `c0`, `b1`, `fields[2]`.
  private func numberedOperand(
    _ role: OperandRole, _ line: inout AssemblyLine
  ) throws(AssemblyError) -> UInt16 {
    let (prefix, suffix) = role.prefix.map { ($0, "") } ?? ("\(role.table ?? "")[", "]")
    let word = try line.word("`\(prefix)…\(suffix)`")
    guard word.hasPrefix(prefix), word.hasSuffix(suffix),
      word.utf8.count > prefix.utf8.count + suffix.utf8.count,
      let number = numbered(word.dropFirst(prefix.count).dropLast(suffix.count))
    else { throw line.errorBefore("expected `\(prefix)…\(suffix)`") }
    return UInt16(truncatingIfNeeded: number)
  }

  /// The operand d: a cursor, a named choice or a number.
  private func smallOperand(
    _ opcode: Opcode, _ line: inout AssemblyLine
  ) throws(AssemblyError) -> UInt8 {
    switch opcode.shape.d {
    case .unused: return 0
    case .cursor:
      guard let cursor = UInt8(exactly: try numberedOperand(.cursor, &line)) else {
        throw line.errorBefore("expected a cursor below 256")
      }
      return cursor
    case .below where !opcode.choices.isEmpty:
      let word = try line.word(opcode.choices.joined(separator: ", "))
      guard let choice = opcode.choices.firstIndex(of: word) else {
        throw line.errorBefore("expected \(opcode.choices.joined(separator: ", "))")
      }
      return UInt8(choice)
    case .below, .any:
      guard let number = UInt8(exactly: try line.number64()) else {
        throw line.errorBefore("expected a number below 256")
      }
      return number
    }
  }

  /// Fills in the distances.
  mutating func land() throws(AssemblyError) {
    for jump in jumps {
      let word = code[jump.word]
      guard let opcode = word.opcode, let target = labels[jump.label] else { throw jump.error }
      let distance =
        opcode.shape.b == .forward ? target - jump.word - 1 : jump.word - target
      guard let distance = UInt32(exactly: distance) else { throw jump.error }
      code[jump.word] = Instruction(
        opcode, a: UInt16(truncatingIfNeeded: word.a), distance: distance)
    }
  }
}

private let opcodes: [String: Opcode] = Dictionary(
  uniqueKeysWithValues: Opcode.allCases.map { ($0.name, $0) })
