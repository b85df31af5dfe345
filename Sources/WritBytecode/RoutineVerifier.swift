// The verifier's walk through one routine, word by word, in one pass.
//
// Jumps go forwards, so whatever leads to a word comes before it: the state on all ways to a word
// is at hand when it is reached. A loop's way back adds nothing, because a word only ever writes
// registers and never unwrites one.

/// Follows the code of one routine.
struct RoutineVerifier {
  let program: Program
  let routine: Routine
  let index: Int
  /// The first register that the routine may write.
  let firstOwn: Int
  /// `nil` where no way leads.
  var state: FlowState?
  var pending: [Int: PendingJumps] = [:]
  /// Innermost last.
  var regions: [OpenRegion] = []
  /// Words of state that may still be touched in this program.
  private(set) var flowBudget: Int
  /// Words of state that `pending` holds.
  private var pendingSize = 0
  private(set) var asksForApproval = false
  /// Reads `now` or `caller`, or hands them out.
  var readsMoment = false

  init(program: Program, index: Int, flowBudget: Int) {
    self.program = program
    self.index = index
    self.flowBudget = flowBudget
    routine = program.routines[index]
    firstOwn = program.globalCount + max(0, routine.inputCount)
  }

  /// Sizes, emissions, then word after word; at the end no loop may be open.
  mutating func verify() throws(VerifyError) {
    try verifySizes()
    try verifyEmissions()
    let start = FlowState(
      bitCount: routine.registerCount - firstOwn + routine.setCount,
      bufferCount: routine.scoreBufferCount)
    try charge(start.size)
    state = start
    guard routine.code.last?.opcode == .halt else {
      throw VerifyError(.entry(.routines, index), .noHalt)
    }
    for word in routine.code.indices { try verify(word) }
    if let region = regions.last {
      throw VerifyError(.entry(.routines, index), .unclosed(region.start))
    }
  }

  /// Counts are in their limits, so that nothing below overflows.
  private func verifySizes() throws(VerifyError) {
    let rules = VerifierRules(.entry(.routines, index))
    for (count, limit, what) in [
      (routine.inputCount, 2 * Limits.parameters, "inputs"),
      (routine.registerCount, Limits.registers, "registers"),
      (routine.setCount, Limits.sets, "sets"),
      (routine.cursorCount, Limits.cursors, "cursors"),
      (routine.scoreBufferCount, Limits.scoreBuffers, "score buffers"),
      (routine.emissions.count, Limits.emissions, "emissions"),
      (routine.code.count, Limits.codeWords, "words"),
    ] {
      try rules.count(count, of: what, atMost: limit)
      try rules.require(count >= 0, .outOfBounds(what, Int64(count)))
    }
    try rules.require(
      routine.registerCount >= firstOwn,
      .outOfBounds("registers", Int64(routine.registerCount)))
  }

  /// Captures and witnesses are in range; whether they are at hand is asked at each `emit`.
  private mutating func verifyEmissions() throws(VerifyError) {
    for (number, emission) in routine.emissions.enumerated() {
      let rules = VerifierRules(.emission(routine: index, emission: number))
      try rules.count(emission.captures.count, of: "captures", atMost: Limits.captures)
      for capture in emission.captures {
        switch capture {
        case .register(let register):
          try rules.index(register, of: "register", below: routine.registerCount)
          if register < Program.momentRegisters { readsMoment = true }
        case .set(let set): try rules.index(set, of: "set", below: routine.setCount)
        }
      }
      try rules.count(emission.witnesses.count, of: "witnesses", atMost: Limits.captures)
      for cursor in emission.witnesses {
        try rules.index(cursor, of: "cursor", below: routine.cursorCount)
      }
    }
  }

  /// One word: what leads to it, its operands, its effect, and where it goes on.
  private mutating func verify(_ word: Int) throws(VerifyError) {
    let rules = VerifierRules(.word(routine: index, word: word))
    let instruction = routine.code[word]
    guard let opcode = instruction.opcode else {
      throw VerifyError(rules.place, .unknownOpcode(Int(instruction.word >> 56)))
    }
    try arrive(at: word, opcode, rules)
    try verifyOperands(opcode, instruction, rules)
    try verifyMeaning(opcode, instruction, rules)
    write(opcode, instruction)
    try follow(opcode, instruction, at: word, rules)
    if opcode == .approval { asksForApproval = true }
  }

  /// Joins the ways that lead here.
  private mutating func arrive(
    at word: Int, _ opcode: Opcode, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let jumps = pending.removeValue(forKey: word) else { return }
    pendingSize -= jumps.state?.size ?? 0
    let isLoopStart = opcode == .next || opcode == .closureNext || opcode == .closureGoal
    let start = regions.last?.start ?? 0
    try rules.require(opcode != .approval || routine.code[word].d == 0, .brokenRow)
    try rules.require(!isLoopStart && jumps.earliest >= start, .jumpIntoLoop(jumps.earliest))
    try join(&state, with: jumps.state, rules)
  }

  /// Keeps what holds on both ways; a way that nothing reaches has no say.
  private func join(
    _ state: inout FlowState?, with other: FlowState?, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let other else { return }
    guard state?.meet(other) ?? true else { throw VerifyError(rules.place, .buffersDiffer) }
    if state == nil { state = other }
  }

  /// The state goes on at `target` too, which lies ahead.
  mutating func send(
    _ state: FlowState?, to target: Int, from word: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    try charge(state?.size ?? 1)
    let earlier = pending.removeValue(forKey: target)
    var joined = earlier?.state
    try join(&joined, with: state, rules)
    pendingSize += (joined?.size ?? 0) - (earlier?.state?.size ?? 0)
    guard pendingSize <= Limits.pendingFlow else { throw tooComplex }
    pending[target] = PendingJumps(state: joined, earliest: earlier?.earliest ?? word)
  }

  /// Following jumps costs in proportion to what is remembered.
  private mutating func charge(_ words: Int) throws(VerifyError) {
    flowBudget -= words
    guard flowBudget >= 0 else { throw tooComplex }
  }

  private var tooComplex: VerifyError { VerifyError(.entry(.routines, index), .tooComplex) }
}

// What is surely written: a bit for each register of the routine's own, then one for each set.
extension RoutineVerifier {
  func isWritten(register: Int) -> Bool {
    register < firstOwn || (state?.contains(register - firstOwn) ?? true)
  }

  func isWritten(set: Int) -> Bool {
    state?.contains(routine.registerCount - firstOwn + set) ?? true
  }

  mutating func markWritten(register: Int) { state?.insert(register - firstOwn) }

  mutating func markWritten(set: Int) {
    state?.insert(routine.registerCount - firstOwn + set)
  }

  func isOpen(cursor: Int) -> Bool {
    regions.contains { region in
      if case .loop(cursor, _) = region.kind { true } else { false }
    }
  }

  func isLoopedOver(set: Int) -> Bool {
    regions.contains { region in
      if case .loop(_, set) = region.kind { true } else { false }
    }
  }

  func isCollecting(set: Int) -> Bool {
    regions.contains { region in
      if case .closure(set, _) = region.kind { true } else { false }
    }
  }
}
