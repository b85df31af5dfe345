// The rules about where control goes: jumps, loops, filtered closures, and what is written on the
// way.

extension RoutineVerifier {
  /// Notes what the word has written. Loops and closures do so where they branch.
  mutating func write(_ opcode: Opcode, _ word: Instruction) {
    let shape = opcode.shape
    if shape.a == .write { markWritten(register: word.a) }
    if shape.a == .setWrite && opcode != .closureStart { markWritten(set: word.a) }
  }

  /// Where control goes from here, and which loops begin and end.
  mutating func follow(
    _ opcode: Opcode, _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    switch opcode {
    case .jump:
      try jump(word, at: index, rules)
      state = nil
    case .jumpIfFalse, .jumpIfTrue, .jumpIfDropped, .jumpIfAbsent, .jumpIfPresent:
      try jump(word, at: index, rules)
    case .halt: state = nil
    case .loop:
      try rules.require(!isOpen(cursor: word.a), .cursorInUse(word.a))
      try rules.require(isNext(.next, word.a, at: index + 1), .brokenLoop)
    case .next: try beginLoop(word, at: index, rules)
    case .repeat: try endLoop(word, at: index, rules)
    case .closureStart:
      let goal = isNext(.closureGoal, word.a, at: index + 1) ? 1 : 0
      try rules.require(isNext(.closureNext, word.a, at: index + 1 + goal), .brokenLoop)
    case .closureGoal:
      try rules.require(index > 0 && isNext(.closureStart, word.a, at: index - 1), .brokenLoop)
    case .closureNext: try beginClosure(word, at: index, rules)
    case .closureFound: try innermostClosure(collects: word.a, rules)
    case .closureRepeat: try repeatClosure(word, at: index, rules)
    case .closureEnd: try endClosure(word, at: index, rules)
    case .approval where word.d == 1: try rules.require(isBeside(at: index), .brokenRow)
    case .check: try countCheck(in: word.a, rules)
    case .score: try takeChecks(of: word, rules)
    default: break
    }
  }

  /// Whether an approval stands right behind those that it is asked for together with.
  private func isBeside(at index: Int) -> Bool {
    let before = routine.code[..<index].reversed().prefix(Limits.approvalsTogether)
    guard let first = before.firstIndex(where: { $0.opcode != .approval || $0.d == 0 }) else {
      return false
    }
    return before[first].opcode == .approval
      && before.distance(from: before.startIndex, to: first) < Limits.approvalsTogether - 1
  }

  /// Is the word at `index` this one, with this operand a?
  private func isNext(_ opcode: Opcode, _ operand: Int, at index: Int) -> Bool {
    let code = routine.code
    return code.indices.contains(index) && code[index].opcode == opcode
      && code[index].a == operand
  }

  /// A jump goes forwards to a word of the routine, and does not leave the closure around it.
  private mutating func jump(
    _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    let target = word.target(from: index)
    try rules.require(target < routine.code.count, .jumpOutside(target))
    // A loop's own exit is bound by what is around the loop.
    let isExit = regions.last.map { $0.start + 1 == index } ?? false
    let around = isExit ? regions.dropLast().last : regions.last
    if let exit = around?.closureExit {
      try rules.require(target < exit, .jumpOutOfClosure(target))
    }
    try send(state, to: target, from: index, rules)
  }

  /// Where the `jump` behind a `next` or `closureNext` goes.
  private func exit(behind index: Int, _ rules: VerifierRules) throws(VerifyError) -> Int {
    let code = routine.code
    try rules.require(
      index + 2 < code.count && code[index + 1].opcode == .jump, .brokenLoop)
    return code[index + 1].target(from: index + 1)
  }

  /// A loop begins; its end must be found before that of what is around it.
  private mutating func open(
    _ kind: OpenRegion.Kind, at index: Int, exit: Int, closureExit: Int?, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.require(regions.count < Limits.nesting, .tooNested)
    regions.append(
      OpenRegion(
        kind: kind, start: index, exit: exit, checkCounts: state?.checkCounts,
        closureExit: closureExit))
  }

  /// A way back may not bring other checks than the way in.
  private func verifyWayBack(to region: OpenRegion, _ rules: VerifierRules) throws(VerifyError) {
    guard let before = region.checkCounts, let state else { return }
    try rules.require(before == state.checkCounts, .buffersDiffer)
  }
}

// Loops.
extension RoutineVerifier {
  /// At `next`: the element is written on one way, and not on the way out, by the next word.
  private mutating func beginLoop(
    _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.require(index > 0 && isNext(.loop, word.a, at: index - 1), .brokenLoop)
    let exit = try exit(behind: index, rules)
    let set = routine.code[index - 1].b
    try open(
      .loop(cursor: word.a, set: set), at: index, exit: exit,
      closureExit: regions.last?.closureExit, rules)
    try rules.require(word.b >= firstOwn, .writesShared(word.b))
    try rules.require(word.c >= firstOwn, .writesShared(word.c))
    let atEnd = state
    markWritten(register: word.b)
    markWritten(register: word.c)
    try send(state, to: index + 2, from: index, rules)
    state = atEnd
  }

  /// At `repeat`: back to the `next` of the innermost loop, from behind its exit's jump.
  private mutating func endLoop(
    _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let region = regions.popLast(), case .loop(word.a, _) = region.kind,
      region.start == word.loopStart(from: index), index > region.start + 1
    else { throw VerifyError(rules.place, .strayRepeat) }
    try rules.require(region.exit > index, .badExit(region.exit))
    try verifyWayBack(to: region, rules)
    state = nil
  }
}

// Filtered closures: `closureStart`, perhaps `closureGoal`, `closureNext`, `jump`, …, `closureRepeat`, `closureEnd`, and
// nothing leaves in between but that jump, to the `closureEnd`.
extension RoutineVerifier {
  /// At `closureNext`: the layer is written on one way, and not on the way out.
  private mutating func beginClosure(
    _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    let start = index - (isNext(.closureGoal, word.a, at: index - 1) ? 2 : 1)
    try rules.require(isNext(.closureStart, word.a, at: start), .brokenLoop)
    let exit = try exit(behind: index, rules)
    let closure = routine.code[start].c
    try open(
      .closure(set: word.a, closure: closure), at: index, exit: exit, closureExit: exit, rules)
    let atEnd = state
    markWritten(set: word.b)
    try send(state, to: index + 2, from: index, rules)
    state = atEnd
  }

  /// `closureFound` adds to the innermost walk.
  private func innermostClosure(
    collects set: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    let innermost = regions.last { if case .closure = $0.kind { true } else { false } }
    guard let innermost, case .closure(set, _) = innermost.kind, !innermost.isRepeated else {
      throw VerifyError(rules.place, .strayClosure(set))
    }
  }

  /// At `closureRepeat`: the exit leads to the next word, the `closureEnd` of the same set.
  private mutating func repeatClosure(
    _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let region = regions.last, case .closure(word.a, _) = region.kind,
      region.start == word.loopStart(from: index), index > region.start + 1,
      !region.isRepeated
    else { throw VerifyError(rules.place, .strayRepeat) }
    try rules.require(
      region.exit == index + 1 && isNext(.closureEnd, word.a, at: index + 1),
      .badExit(region.exit))
    try verifyWayBack(to: region, rules)
    regions[regions.count - 1].isRepeated = true
    state = nil
  }

  /// At `closureEnd`: what was found is a set like any other from now on.
  private mutating func endClosure(
    _ word: Instruction, at index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let region = regions.popLast(), case .closure(word.a, word.c) = region.kind,
      region.isRepeated
    else { throw VerifyError(rules.place, .strayClosure(word.a)) }
    markWritten(set: word.a)
  }
}

// Scores.
extension RoutineVerifier {
  /// One more check lies in the buffer, on every way that leads here.
  private mutating func countCheck(
    in buffer: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    let count = (state?.checkCounts[buffer] ?? 0) + 1
    try rules.count(count, of: "checks", atMost: Limits.checks)
    state?.checkCounts[buffer] = count
  }

  /// The scorecard finds its checks, no more and no fewer.
  private mutating func takeChecks(
    of word: Instruction, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let count = state?.checkCounts[word.b] else { return }
    let expected = program.scorecards[word.c].checks.count
    try rules.require(count == expected, .checks(count, expected: expected))
    state?.checkCounts[word.b] = 0
  }
}
