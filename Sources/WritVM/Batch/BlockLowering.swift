// A routine, read once for all rows: which expression each check of a scorecard comes to, or that a clause has a finding.
//
// The routine is followed as the executor would, with expressions in place of values. Both ways of a jump are followed, since
// expressions have no effects. What no block operation can do is `nil`, and so is everything that rests on it; no error.

import WritBytecode

/// A value of the routine as an expression over the rows of a loop, or of the subjects or requests.
struct Symbol: Equatable {
  /// Number in the graph.
  var expression: Int
  /// 0 for the subject or the request, then loops inwards; -1 for what is the same in every row.
  let depth: Int
  /// The conjunction of the expression and that the loop's element is one of the set.
  var isMember = false
}

/// A set of the routine.
struct SymbolicSet {
  enum Form {
    /// The row itself, or the node that an argument of it is.
    case row
    case walk(Int)
    /// The strings of a field of the node that an argument is.
    case strings(field: Int, table: Int, argument: Int)
    /// Is being made of what a walk yields.
    case building(from: Int?, kept: Int?)
  }

  var form: Form
  /// Of the row that it is a set of.
  var depth: Int
  /// The argument whose node it begins at; `nil`: the row's own.
  var start: Int?
  /// The most elements that it has for any row.
  var limit: Double
  /// Conditions that were open when it was begun.
  var conditionCount = 0
}

/// Guard and condition of each check of a scorecard; `nil` where a block cannot tell.
struct LoweredChecks {
  let graph: BlockGraph
  let checks: [(applies: Int, passes: Int)?]
  /// Registers of the routine that hold them in the end.
  let places: [(applies: Int, passes: Int)]
  /// Words that may spend fuel which `fuelLimit` does not count.
  let uncounted: Set<Int>
  /// At least the fuel that the routine spends on any subject, as far as it was followed.
  let fuelLimit: Double
}

/// What a routine is for.
enum LoweredRoutine {
  case scorecard(ScorecardProgram)
  /// A clause of a gate, with the types of its parameters.
  case clause([NamedType])
}

/// Follows one routine.
struct BlockLowering {
  let machine: Machine
  let purpose: LoweredRoutine
  let code: [Instruction]
  let emissions: [Emission]
  var graph = BlockGraph()
  /// Of the loops that are open, the subjects' first.
  var domains: [Domain]
  /// Walk that each open loop is over, and where it begins; none for the subjects.
  var loops: [OpenLoop?] = [nil]
  /// How often the words at hand run for one subject, at most.
  var turns = 1.0
  var fuel = 0.0
  /// Words that were left out and may spend fuel.
  var uncounted: Set<Int> = []
  /// The word at hand.
  var place = 0
  var registers: [Symbol?]
  /// Counts writes, so that a value can be told from a later one in the same register.
  var versions: [Int]
  var sets: [SymbolicSet?]
  var buffers: [[BufferedCheck]]
  /// Registers that hold a score or level.
  var scores: [Int: BufferedScore] = [:]
  /// What must hold for the words at hand to be reached, besides the loops.
  var conditions: [Condition] = []
  /// Changes that the branches at hand have made.
  var changes: [Change] = []
  var checks: [(applies: Int, passes: Int)?]?
  var places: [(applies: Int, passes: Int)] = []
  /// Of a clause: truths of requests that each make a finding where they may hold.
  var findings: [Int] = []
  /// Sets that make a finding where something may be missing, until a loop over them has said so.
  var openSets: [OpenLoop] = []
  /// Words that make findings were left out.
  var hasLostFindings = false

  /// Elements that one step leads to, from the row's own node or from an argument's.
  struct OpenLoop: Equatable {
    let walk: Int
    let start: Int?
  }

  struct BufferedCheck: Equatable {
    let applies: Int
    let appliesVersion: Int
    let passes: Int
    let passesVersion: Int
  }

  struct BufferedScore {
    let isLevel: Bool
    let checks: [BufferedCheck]
    let version: Int
  }

  enum Condition {
    case notDropped(Symbol?)
    case present(Symbol?)
    /// Only decides what a register gets.
    case value
  }

  enum Change {
    case register(Int, Symbol?)
    case set(Int, SymbolicSet?)
  }

  /// `nil` if the routine is none that this can follow at all.
  static func lower(_ machine: Machine, scorecard index: Int, kind: Int) -> LoweredChecks? {
    let scorecard = machine.program.scorecards[index]
    let routine = machine.program.routines[scorecard.routine]
    guard routine.inputCount == 1, routine.code.count <= maximumWords else { return nil }
    var lowering = BlockLowering(
      machine, .scorecard(scorecard), routine, BlockGraph(), .nodes(kind))
    let subject = lowering.graph.add(.element, .nodes(kind), .number)
    lowering.registers[machine.program.globalCount] = Symbol(expression: subject, depth: 0)
    guard lowering.follow(0..<routine.code.count), let checks = lowering.checks else { return nil }
    return LoweredChecks(
      graph: lowering.graph, checks: checks, places: lowering.places,
      uncounted: lowering.uncounted, fuelLimit: lowering.fuel)
  }

  /// A longer routine is left to the scalar executor.
  static let maximumWords = 1 << 15

  init(
    _ machine: Machine, _ purpose: LoweredRoutine, _ routine: Routine, _ graph: BlockGraph,
    _ domain: Domain
  ) {
    self.machine = machine
    self.purpose = purpose
    self.graph = graph
    code = routine.code
    emissions = routine.emissions
    domains = [domain]
    registers = Array(repeating: nil, count: routine.registerCount + 1)
    versions = Array(repeating: 0, count: routine.registerCount + 1)
    sets = Array(repeating: nil, count: routine.setCount)
    buffers = Array(repeating: [], count: routine.scoreBufferCount)
    let globals = machine.program.globalCount
    for register in 0..<globals {
      let constant = self.graph.constant(machine.registers[register])
      registers[register] = Symbol(expression: constant, depth: -1)
    }
  }

  /// Of the words at hand.
  var depth: Int { domains.count - 1 }

  mutating func set(_ register: Int, _ symbol: Symbol?) {
    changes.append(.register(register, registers[register]))
    registers[register] = symbol
    versions[register] += 1
    scores[register] = nil
  }

  mutating func setSet(_ set: Int, _ value: SymbolicSet?) {
    changes.append(.set(set, sets[set]))
    sets[set] = value
  }

  mutating func spend(_ count: Double) {
    fuel += turns * (1 + count)
  }

  /// Words in order; false if they are of no shape that can be followed.
  mutating func follow(_ range: Range<Int>) -> Bool {
    var place = range.lowerBound
    while place < range.upperBound {
      self.place = place
      guard let opcode = code[place].opcode, checks == nil || opcode == .halt else { return false }
      switch opcode {
      case .jumpIfFalse, .jumpIfTrue, .jumpIfDropped, .jumpIfAbsent, .jumpIfPresent:
        let target = code[place].target(from: place)
        guard target <= range.upperBound else { return false }
        if let slot = constant(registers[code[place].a]) {
          place = isTaken(opcode, slot) ? target : place + 1
          continue
        }
        guard branch(code[place], opcode, place + 1..<target) else { return false }
        place = target
      case .loop, .closureNext:
        guard let end = loop(at: place, opcode, within: range.upperBound) else { return false }
        place = end
      case .jump, .next, .repeat, .closureRepeat: return false
      case .halt: return place == code.count - 1 && domains.count == 1
      case .emit, .emitOpen:
        guard emit(code[place], opcode) else { return false }
        place += 1
      default:
        step(code[place], opcode)
        place += 1
      }
    }
    return true
  }
}

extension BlockLowering {
  /// A value that is the same for all subjects.
  private func constant(_ symbol: Symbol?) -> Slot? {
    guard let symbol, !symbol.isMember else { return nil }
    return graph.constant(symbol.expression)
  }

  /// As the dispatch loop jumps.
  private func isTaken(_ opcode: Opcode, _ test: Slot) -> Bool {
    switch opcode {
    case .jumpIfFalse: test == .no
    case .jumpIfTrue: test == .yes
    case .jumpIfDropped: test.upper == 0
    case .jumpIfAbsent: test.isAbsent
    default: !test.isAbsent
    }
  }

  /// Follows what a jump may leave out, and joins both ways.
  private mutating func branch(
    _ jump: Instruction, _ opcode: Opcode, _ range: Range<Int>
  ) -> Bool {
    let test = registers[jump.a]
    switch opcode {
    case .jumpIfDropped: conditions.append(.notDropped(test))
    case .jumpIfAbsent: conditions.append(.present(test))
    default: conditions.append(.value)
    }
    let outer = changes
    changes = []
    let isFollowed = follow(range)
    conditions.removeLast()
    let inner = changes
    changes = outer
    guard isFollowed, checks == nil else { return false }
    for (register, after) in restoreRegisters(inner) {
      let before = registers[register]
      set(register, before == after ? after : join(before, after, opcode, test))
    }
    for (set, after) in restoreSets(inner) { setSet(set, kept(sets[set], after)) }
    return true
  }

  /// Takes changes back; what the registers held with them.
  private mutating func restoreRegisters(_ changes: [Change]) -> [Int: Symbol?] {
    var after: [Int: Symbol?] = [:]
    for case .register(let register, let before) in changes.reversed() {
      if after[register] == nil { after[register] = .some(registers[register]) }
      registers[register] = before
    }
    return after
  }

  private mutating func restoreSets(_ changes: [Change]) -> [Int: SymbolicSet?] {
    var after: [Int: SymbolicSet?] = [:]
    for case .set(let set, let before) in changes.reversed() {
      if after[set] == nil { after[set] = .some(sets[set]) }
      sets[set] = before
    }
    return after
  }

  /// What is known of a set behind a branch or loop: what was added to it was seen to be added in every case that counts.
  private func kept(_ before: SymbolicSet?, _ after: SymbolicSet?) -> SymbolicSet? {
    guard let before, let after, case .building(let from, nil) = before.form,
      case .building(from, _?) = after.form, before.depth == after.depth,
      before.conditionCount == after.conditionCount
    else { return nil }
    return after
  }

  /// What a register holds where a branch ends, by the shapes in which a compiler writes conditions.
  private mutating func join(
    _ before: Symbol?, _ after: Symbol?, _ opcode: Opcode, _ test: Symbol?
  ) -> Symbol? {
    guard let before, let after, let test else { return nil }
    switch (opcode, graph.entries[after.expression].expression) {
    case (.jumpIfFalse, .and(let left, _)) where left == test.expression:
      return before == test ? after : nil
    case (.jumpIfTrue, .or(let left, _)) where left == test.expression:
      return before == test ? after : nil
    case (.jumpIfPresent, .coalesce(let left, let right)) where left == test.expression:
      if before == test { return after }
      // The doubt whether the first is there went with it.
      guard case .present(left) = graph.entries[before.expression].expression else { return nil }
      let whole = graph.add(
        .coalesce(before.expression, right), graph.entries[after.expression].domain,
        graph.types[after.expression])
      return Symbol(expression: whole, depth: after.depth)
    default: return nil
    }
  }

  /// Follows a loop from its first word to behind its last, whose place it returns; `nil` if it is of another shape.
  private mutating func loop(at place: Int, _ opcode: Opcode, within end: Int) -> Int? {
    let first = opcode == .loop ? place + 1 : place
    guard first + 1 < end, code[first + 1].opcode == .jump else { return nil }
    let exit = code[first + 1].target(from: first + 1)
    guard exit <= end, exit - 1 > first + 1 else { return nil }
    let body = first + 2..<exit - 1
    guard opcode == .loop, code[first].opcode == .next, code[exit - 1].opcode == .repeat,
      let range = sets[code[place].b], case .walk(let walk) = range.form, range.depth == depth,
      range.start == nil || depth == 0
    else {
      poison(place..<exit)
      return exit
    }
    if code[place].d == 0 { spend(range.limit) }
    guard let elements = graph.walks[walk].elements else {
      poison(place..<exit)
      return exit
    }
    let outer = (turns, changes)
    changes = []
    // What one turn leaves to the next is not followed.
    poison(body, butSetsThatGrow: true)
    turns *= max(1, range.limit)
    domains.append(elements)
    loops.append(OpenLoop(walk: walk, start: range.start))
    set(
      code[first].b,
      Symbol(expression: graph.add(.element, elements, .number), depth: depth))
    set(
      code[first].c, Symbol(expression: graph.constant(.yes), depth: depth, isMember: true))
    let isFollowed = follow(body)
    domains.removeLast()
    loops.removeLast()
    turns = outer.0
    let inner = changes
    changes = outer.1
    guard isFollowed else { return nil }
    for (register, _) in restoreRegisters(inner) { set(register, nil) }
    for (set, after) in restoreSets(inner) { setSet(set, kept(sets[set], after)) }
    return exit
  }

  /// Nothing is known of what these words write.
  mutating func poison(_ range: Range<Int>, butSetsThatGrow: Bool = false) {
    for place in range {
      guard let opcode = code[place].opcode else { continue }
      if !butSetsThatGrow, opcode == .emit || opcode == .emitOpen { hasLostFindings = true }
      if butSetsThatGrow && (opcode == .append || opcode == .appendVia) { continue }
      if !butSetsThatGrow && opcode.spendsFuel { uncounted.insert(place) }
      let shape = opcode.shape
      for (role, operand) in [(shape.a, code[place].a), (shape.b, code[place].b)]
        + [(shape.c, code[place].c)]
      {
        switch role {
        case .write: set(operand, nil)
        case .setWrite, .setUpdate: setSet(operand, nil)
        case .scoreBuffer: buffers[operand].removeAll()
        default: break
        }
      }
    }
  }
}

extension BlockLowering {
  private mutating func emit(_ word: Instruction, _ opcode: Opcode) -> Bool {
    switch purpose {
    case .scorecard(let scorecard): opcode == .emit && emit(word, of: scorecard)
    case .clause: emitFinding(word, opcode)
    }
  }

  /// The one row that a scorecard emits; false if it is another one than its compiler writes.
  private mutating func emit(_ word: Instruction, of scorecard: ScorecardProgram) -> Bool {
    guard domains.count == 1, conditions.isEmpty,
      registers[word.a].flatMap({ graph.constant($0.expression) }) == .yes
    else { return false }
    let captures = emissions[word.c].captures
    let count = scorecard.checks.count
    guard captures.count == 2 * count + 2 else { return false }
    var places: [Int] = []
    for capture in captures {
      guard case .register(let register) = capture else { return false }
      places.append(register)
    }
    let expected = (0..<count).map { check in
      BufferedCheck(
        applies: places[2 * check], appliesVersion: versions[places[2 * check]],
        passes: places[2 * check + 1], passesVersion: versions[places[2 * check + 1]])
    }
    for (place, isLevel) in [(places[2 * count], false), (places[2 * count + 1], true)] {
      guard let score = scores[place], score.isLevel == isLevel, score.checks == expected,
        score.version == versions[place]
      else { return false }
    }
    self.places = expected.map { ($0.applies, $0.passes) }
    checks = expected.map { check in
      guard let applies = truth(registers[check.applies]),
        let passes = truth(registers[check.passes])
      else { return nil }
      return (applies, passes)
    }
    return true
  }

  /// Of the subjects, and never absent.
  private func truth(_ symbol: Symbol?) -> Int? {
    guard let symbol, symbol.depth <= 0, !symbol.isMember,
      graph.types[symbol.expression] == .truth
    else { return nil }
    return symbol.expression
  }

  mutating func buffer(_ word: Instruction) {
    buffers[word.a].append(
      BufferedCheck(
        applies: word.b, appliesVersion: versions[word.b], passes: word.c,
        passesVersion: versions[word.c]))
  }

  mutating func score(_ word: Instruction) {
    let buffered = buffers[word.b]
    buffers[word.b].removeAll()
    set(word.a, nil)
    guard case .scorecard(let scorecard) = purpose,
      machine.program.scorecards[word.c] == scorecard
    else { return }
    scores[word.a] = BufferedScore(
      isLevel: word.d == 1, checks: buffered, version: versions[word.a])
  }
}
