// A routine of a clause as exact code: conditions become jumps, sets of which only the existence matters become truths.

import WritBytecode

/// Words for one clause. In memory of its own, so that a run counts no references.
struct ExactCode {
  let words: UnsafeMutablePointer<ExactWord>
  /// The words that they were made of.
  let routine: UnsafeMutablePointer<Instruction>
  let registerCount: Int
  let scoreBufferCount: Int

  fileprivate init(_ words: [ExactWord], _ routine: Routine, registerCount: Int) {
    self.words = ExactCode.copied(words)
    self.routine = ExactCode.copied(routine.code)
    scoreBufferCount = routine.scoreBufferCount
    self.registerCount = registerCount
  }

  private static func copied<Word>(_ words: [Word]) -> UnsafeMutablePointer<Word> {
    let memory = UnsafeMutablePointer<Word>.allocate(capacity: max(1, words.count))
    for (place, word) in words.enumerated() { (memory + place).initialize(to: word) }
    return memory
  }

  func deallocate() {
    words.deallocate()
    routine.deallocate()
  }
}

/// What a register holds where it has not been computed yet.
private indirect enum ExactTree {
  case register(Int)
  case truth(Bool)
  case field(owner: Int, field: Int)
  case compare(Comparison, ExactTree, ExactTree)
  case not(ExactTree)
  case and(ExactTree, ExactTree)
  case or(ExactTree, ExactTree)

  func reads(_ register: Int) -> Bool {
    switch self {
    case .register(let own): own == register
    case .truth: false
    case .field(let owner, _): owner == register
    case .compare(_, let left, let right), .and(let left, let right), .or(let left, let right):
      left.reads(register) || right.reads(register)
    case .not(let operand): operand.reads(register)
    }
  }
}

/// Follows one routine of a clause word by word.
struct ExactCompiler {
  private let code: [Instruction]
  private let use: ExactUse
  private var words: [ExactWord] = []
  /// Where the words of the routine begin among those made.
  private var starts: [Int32]
  /// Words whose target is the place of a word of the routine.
  private var toRoutine: [Int] = []
  /// Words whose target is a label, and where labels are.
  private var toLabel: [Int] = []
  private var labels: [Int32] = []
  private var pending: [Int: ExactTree] = [:]
  /// Beyond the routine's own.
  private var registerCount: Int
  /// The register for which the last word jumps if it is not true.
  private var certain: Int?

  /// `nil` for a routine with an operation that exact code has not. O(words of the routine).
  static func compile(_ routine: Routine, _ program: Program) -> ExactCode? {
    guard routine.registerCount < 1 << 14, routine.code.count < 1 << 12,
      let use = ExactUse(routine, program)
    else { return nil }
    var compiler = ExactCompiler(routine, use)
    guard compiler.follow() else { return nil }
    return ExactCode(
      compiler.linked(), routine, registerCount: compiler.registerCount)
  }

  private init(_ routine: Routine, _ use: ExactUse) {
    code = routine.code
    self.use = use
    starts = Array(repeating: 0, count: routine.code.count + 1)
    registerCount = use.registerCount + routine.setCount
  }

  private mutating func follow() -> Bool {
    var place = 0
    while place < code.count {
      if use.isTarget[place] {
        flush()
        certain = nil
      }
      starts[place] = Int32(words.count)
      let instruction = code[place]
      guard let opcode = instruction.opcode, let taken = add(instruction, opcode, place) else {
        return false
      }
      place += taken
    }
    starts[code.count] = Int32(words.count)
    flush()
    emit(.pass)
    return true
  }

  /// With places of words in the place of labels and of places in the routine.
  private func linked() -> [ExactWord] {
    var words = words
    for word in toRoutine { words[word].target = starts[Int(words[word].target)] }
    for word in toLabel { words[word].target = labels[Int(words[word].target)] }
    for place in words.indices where words[place].operation == .loop {
      let count = ExactCompiler.conditionCount(words, loop: place)
      guard count > 0 else { continue }
      words[place].operation = .search
      words[place].d = UInt8(count)
    }
    return words
  }

  /// How many conditions a loop has, if it does nothing but try them and leave with the first element that meets all; else 0.
  private static func conditionCount(_ words: [ExactWord], loop: Int) -> Int {
    let element = words[loop].c
    var place = loop + 1
    while words[place].operation == .jumpIfFieldCompare, words[place].a == element,
      words[place].c != element
    {
      place += 1
    }
    let count = place - loop - 1
    // What is done with an element that meets them ends the loop.
    if words[place].operation == .constant { place += 1 }
    guard count > 0, count < 256,
      words[place].operation == .fire
        || words[place].operation == .jump && words[place].target == words[loop].target,
      words[place + 1].operation == .next, words[place + 1].a == words[loop].a,
      words[loop + 1..<loop + 1 + count].allSatisfy({ $0.target == place + 1 })
    else { return 0 }
    return count
  }
}

// MARK: Words

extension ExactCompiler {
  private mutating func emit(
    _ operation: ExactOperation, d: UInt8 = 0, a: Int = 0, b: Int = 0, c: Int = 0, target: Int = 0
  ) {
    words.append(
      ExactWord(
        operation: operation, d: d, a: UInt16(a), b: UInt16(b), c: UInt16(c), target: Int32(target)
      ))
  }

  private mutating func emitJump(
    _ operation: ExactOperation, d: UInt8 = 0, a: Int = 0, b: Int = 0, c: Int = 0, to target: Target
  ) {
    switch target {
    case .routine(let place):
      toRoutine.append(words.count)
      emit(operation, d: d, a: a, b: b, c: c, target: place)
    case .label(let label):
      toLabel.append(words.count)
      emit(operation, d: d, a: a, b: b, c: c, target: label)
    }
  }

  fileprivate enum Target {
    case routine(Int)
    case label(Int)
  }

  private mutating func newLabel() -> Int {
    labels.append(0)
    return labels.count - 1
  }

  private mutating func place(_ label: Int) { labels[label] = Int32(words.count) }

  private mutating func newRegister() -> Int {
    registerCount += 1
    return registerCount - 1
  }

  /// The register that stands for a set of which only the existence matters.
  private func flag(_ set: Int) -> Int { use.registerCount + set }
}

// MARK: Expressions

extension ExactCompiler {
  private func tree(_ register: Int) -> ExactTree {
    if use.isAlwaysTrue[register] { return .truth(true) }
    return pending[register] ?? .register(register)
  }

  /// Computes what is still to be computed.
  private mutating func flush() {
    for register in pending.keys.sorted() { settle(register) }
  }

  private mutating func settle(_ register: Int) {
    guard let tree = pending.removeValue(forKey: register) else { return }
    compute(tree, into: register)
  }

  /// Puts off a value that is read once, before its operands change; computes another.
  private mutating func define(_ register: Int, _ tree: ExactTree) {
    overwrite(register)
    if use.readCount[register] == 1 && use.isWrittenOnce[register] {
      pending[register] = tree
    } else {
      compute(tree, into: register)
    }
  }

  /// Computes what rests on the register's old value.
  private mutating func overwrite(_ register: Int) {
    pending[register] = nil
    for (other, tree) in pending.sorted(by: { $0.key < $1.key }) where tree.reads(register) {
      settle(other)
    }
  }

  /// The register that holds an operand, computed if need be.
  private mutating func operand(_ tree: ExactTree) -> Int {
    if case .register(let register) = tree { return register }
    let register = newRegister()
    compute(tree, into: register)
    return register
  }

  private mutating func operand(_ register: Int) -> Int { operand(take(register)) }

  /// What a register holds, which is not read again if it was put off.
  private mutating func take(_ register: Int) -> ExactTree {
    let tree = tree(register)
    pending[register] = nil
    return tree
  }

  private mutating func compute(_ tree: ExactTree, into register: Int) {
    switch tree {
    case .register(let other): if other != register { emit(.move, a: register, b: other) }
    case .truth(let truth): emit(.constant, a: register, target: truth ? 1 : 0)
    case .field(let owner, let field): emit(.field, a: register, b: owner, c: field)
    case .compare(let comparison, let left, let right):
      let (left, right) = (operand(left), operand(right))
      emit(.compare, d: comparison.rawValue, a: register, b: left, c: right)
    case .not(let inner): emit(.not, a: register, b: operand(inner))
    case .and(let left, let right):
      let (left, right) = (operand(left), operand(right))
      emit(.and, a: register, b: left, c: right)
    case .or(let left, let right):
      let (left, right) = (operand(left), operand(right))
      emit(.or, a: register, b: left, c: right)
    }
  }

  /// Jumps if a truth is as wanted. What is unknown ends the run, unless an operand in front of it decides.
  private mutating func jump(_ tree: ExactTree, if wanted: Bool, to target: Target) {
    switch tree {
    case .truth(let truth): if truth == wanted { emitJump(.jump, to: target) }
    case .not(let inner): jump(inner, if: !wanted, to: target)
    case .and(let left, let right) where !wanted, .or(let left, let right) where wanted:
      jump(left, if: wanted, to: target)
      jump(right, if: wanted, to: target)
    case .and(let left, let right), .or(let left, let right):
      let end = newLabel()
      jump(left, if: !wanted, to: .label(end))
      jump(right, if: wanted, to: target)
      place(end)
    case .compare(let comparison, let left, let right):
      compareJump(comparison, left, right, if: wanted, to: target)
    case .field, .register:
      let register = operand(tree)
      emitJump(.jumpIf, d: wanted ? 1 : 0, a: register, to: target)
    }
  }

  private mutating func compareJump(
    _ comparison: Comparison, _ left: ExactTree, _ right: ExactTree, if wanted: Bool,
    to target: Target
  ) {
    if case .field(let owner, let field) = left {
      let other = operand(right)
      return emitFieldCompare(comparison, owner, field, other, if: wanted, to: target)
    }
    if case .field(let owner, let field) = right {
      let other = operand(left)
      // x < y is not y <= x, where both are known.
      let turned: Comparison =
        switch comparison {
        case .equal: .equal
        case .less: .lessOrEqual
        case .lessOrEqual: .less
        }
      let isTurned = comparison != .equal
      return emitFieldCompare(turned, owner, field, other, if: wanted != isTurned, to: target)
    }
    let (left, right) = (operand(left), operand(right))
    emitJump(
      .jumpIfCompare, d: comparison.rawValue | (wanted ? 4 : 0), b: left, c: right, to: target)
  }

  private mutating func emitFieldCompare(
    _ comparison: Comparison, _ owner: Int, _ field: Int, _ other: Int, if wanted: Bool,
    to target: Target
  ) {
    emitJump(
      .jumpIfFieldCompare, d: comparison.rawValue | (wanted ? 4 : 0), a: owner, b: field, c: other,
      to: target)
  }
}

// MARK: Instructions

extension ExactCompiler {
  /// Adds a word of the routine; how many of its words that took, `nil` for one that exact code has not.
  private mutating func add(_ i: Instruction, _ opcode: Opcode, _ place: Int) -> Int? {
    let held = certain
    certain = nil
    switch opcode {
    case .move, .present: define(i.a, take(i.b))
    case .alternative: define(i.a, take(i.c))
    case .field: define(i.a, .field(owner: operand(i.b), field: i.c))
    case .equal: define(i.a, .compare(.equal, take(i.b), take(i.c)))
    case .notEqual: define(i.a, .not(.compare(.equal, take(i.b), take(i.c))))
    case .less: define(i.a, .compare(.less, take(i.b), take(i.c)))
    case .lessOrEqual: define(i.a, .compare(.lessOrEqual, take(i.b), take(i.c)))
    case .not: define(i.a, .not(take(i.b)))
    case .and: define(i.a, conjunction(take(i.b), take(i.c)))
    case .or: define(i.a, .or(take(i.b), take(i.c)))
    case .follow: compute(i, .follow, c: i.c)
    case .isAbsent: compute(i, .isAbsent)
    case .isKind: compute(i, .isKind, c: i.c)
    case .add, .subtract, .multiply, .multiplyDecimal, .divide, .divideDecimal, .remainder,
      .floorDivide, .negate, .instantPart, .stringTest, .identifier, .edgeEnd, .edgeTarget:
      scalar(i, opcode, place)
    case .check:
      let (guarding, passes) = (operand(i.b), operand(i.c))
      emit(.check, a: i.a, b: guarding, c: passes)
    case .score:
      overwrite(i.a)
      emit(.score, d: UInt8(i.d), a: i.a, b: i.b, c: i.c)
    default: return addControl(i, opcode, place, held)
    }
    return 1
  }

  private func conjunction(_ left: ExactTree, _ right: ExactTree) -> ExactTree {
    if case .truth(true) = left { return right }
    if case .truth(true) = right { return left }
    return .and(left, right)
  }

  private mutating func compute(_ i: Instruction, _ operation: ExactOperation, c: Int = 0) {
    let operand = operand(i.b)
    overwrite(i.a)
    emit(operation, a: i.a, b: operand, c: c)
  }

  /// Operands stay in the routine's own registers, which the scalar executor's word names.
  private mutating func scalar(_ i: Instruction, _ opcode: Opcode, _ place: Int) {
    settle(i.b)
    if opcode.shape.c == .read { settle(i.c) }
    overwrite(i.a)
    emit(.scalar, a: i.a, b: i.b, c: opcode.shape.c == .read ? i.c : i.b, target: place)
  }

  private mutating func addControl(
    _ i: Instruction, _ opcode: Opcode, _ place: Int, _ held: Int?
  ) -> Int? {
    let target = Target.routine(place + 1 + i.distance)
    switch opcode {
    case .jump:
      flush()
      emitJump(.jump, to: target)
    case .jumpIfFalse, .jumpIfDropped, .jumpIfTrue:
      let tree = take(i.a)
      flush()
      jump(tree, if: opcode == .jumpIfTrue, to: target)
      if opcode != .jumpIfTrue { certain = i.a }
    case .jumpIfAbsent, .jumpIfPresent:
      let register = operand(i.a)
      flush()
      emitJump(.jumpIfAbsence, d: opcode == .jumpIfAbsent ? 1 : 0, a: register, to: target)
    case .halt:
      flush()
      emit(.pass)
    case .emit:
      requireTruth(i.a, held)
      emit(.fire)
    // No set of exact code is open.
    case .emitOpen, .openFrom: certain = held
    case .loop: return addLoop(i, place)
    // `next` and the jump behind it were taken with their loop.
    case .repeat:
      guard let loop = use.loopOfRepeat[place] else { return nil }
      flush()
      toRoutine.append(words.count)
      emit(.next, a: i.a, b: loop.element, target: loop.body)
    default: return addSet(i, opcode, place, held)
    }
    return 1
  }

  /// A loop, the `next` behind it and the jump behind that.
  private mutating func addLoop(_ i: Instruction, _ place: Int) -> Int? {
    guard let loop = use.loops[place], !use.isFlag[i.b] else { return nil }
    flush()
    starts[place + 1] = Int32(words.count)
    overwrite(loop.element)
    emitJump(.loop, a: i.a, b: i.b, c: loop.element, to: .routine(loop.exit))
    return 3
  }

  private mutating func addSet(
    _ i: Instruction, _ opcode: Opcode, _ place: Int, _ held: Int?
  ) -> Int? {
    switch opcode {
    case .clear where use.isFlag[i.a]:
      overwrite(flag(i.a))
      emit(.constant, a: flag(i.a), target: 0)
    case .clear: emit(.clear, a: i.a)
    case .seal: if !use.isFlag[i.a] && !use.isDistinct[i.a] { emit(.distinct, a: i.a) }
    case .append, .appendVia:
      let value = operand(i.b)
      requireTruth(i.c, held)
      addAppend(i, value, place)
    case .isEmpty where use.isFlag[i.b]: define(i.a, .not(.register(flag(i.b))))
    case .isEmpty:
      let (size, none) = (newRegister(), newRegister())
      emit(.count, a: size, b: i.b)
      emit(.constant, a: none, target: 0)
      define(i.a, .compare(.equal, .register(size), .register(none)))
    default:
      guard !use.touchesFlag(i, opcode) else { return nil }
      return addWholeSet(i, opcode, place)
    }
    return 1
  }

  /// The word before has jumped if a truth is not one; else what is not surely true is left to the scalar executor.
  private mutating func requireTruth(_ register: Int, _ held: Int?) {
    if held == register || use.isAlwaysTrue[register] { return }
    emit(.certain, a: operand(register))
  }

  private mutating func addAppend(_ i: Instruction, _ value: Int, _ place: Int) {
    guard use.isFlag[i.a] else { return emit(.append, a: i.a, b: value) }
    overwrite(flag(i.a))
    guard use.isElement[i.b] else { return emit(.appendTruth, a: flag(i.a), b: value) }
    emit(.constant, a: flag(i.a), target: 1)
    // One is enough where the loop does nothing else.
    if let exit = use.exitOfSearch[place] {
      flush()
      emitJump(.jump, to: .routine(exit))
    }
  }

  private mutating func fold(_ operation: ExactOperation, _ i: Instruction) {
    overwrite(i.a)
    emit(operation, a: i.a, b: i.b)
  }

  private mutating func addWholeSet(_ i: Instruction, _ opcode: Opcode, _ place: Int) -> Int? {
    switch opcode {
    case .single: emit(.single, a: i.a, b: operand(i.b))
    case .nodes: emit(.nodes, a: i.a, c: i.c)
    case .fieldSet where use.isLookedIn[i.a]:
      let (owner, member) = (operand(i.b), code[place + 1])
      let value = operand(member.b)
      overwrite(member.a)
      emit(.memberOfField, a: member.a, b: value, c: owner, target: i.c)
      return 2
    case .fieldSet: emit(.fieldSet, a: i.a, b: operand(i.b), c: i.c)
    case .reach:
      guard i.a != i.b else { return nil }
      emit(.reach, d: use.mayRepeat[i.a] ? 1 : 0, a: i.a, b: i.b, c: i.c)
    case .edges:
      guard i.a != i.b else { return nil }
      emit(.edges, a: i.a, b: i.b, c: i.c)
      emit(.distinct, a: i.a)
    case .sum: fold(.sum, i)
    case .least: fold(.least, i)
    case .greatest: fold(.greatest, i)
    case .closure:
      guard i.a != i.b else { return nil }
      emit(.closure, a: i.a, b: i.b, c: i.c)
    case .member:
      let value = operand(i.b)
      overwrite(i.a)
      emit(.member, a: i.a, b: value, c: i.c)
    case .count: fold(.count, i)
    case .copy:
      guard i.a != i.b else { return 1 }
      emit(.copy, a: i.a, b: i.b)
    case .union: emit(.union, a: i.a, b: i.b, c: i.c)
    case .difference: emit(.difference, a: i.a, b: i.b, c: i.c)
    case .intersection: emit(.intersection, a: i.a, b: i.b, c: i.c)
    // Its fuel is spent for the same elements again.
    case .charge: emit(.count, a: newRegister(), b: i.a)
    default: return nil
    }
    return 1
  }
}
