// The loop of exact code: no intervals, no causes. Whatever is not known and would decide something ends it.

import WritBytecode

/// Registers, sets and cursors of exact code, over one graph after another. For one thread at a time.
final class ExactExecutor {
  /// Whose executor it is.
  private unowned(unsafe) let machine: Machine
  let registers: UnsafeMutablePointer<ExactValue>
  let sets: UnsafeMutablePointer<ExactSet>
  private let setCount: Int
  private let cursors: UnsafeMutablePointer<ExactCursor>
  var marks = ExactMarks()
  /// A bit for each kind, for each set of kinds.
  private let kindMasks: UnsafeMutablePointer<UInt64>
  let closures: [ClosureReference]
  private let globalCount: Int
  /// Keeps alive what `view` points into.
  private var tables: ExactTables
  private var view: ExactView
  /// Elements and edges that a run has looked at: at least as many as the scalar executor would count.
  var work = 0

  /// More is left to the scalar executor, which may run out of fuel.
  static let workLimit = Int(Limits.fuel / 4)

  init(_ machine: Machine, registerCount: Int, tables: ExactTables) {
    self.machine = machine
    self.tables = tables
    view = tables.view
    let program = machine.program
    registers = .allocate(capacity: registerCount)
    registers.initialize(repeating: .unknown, count: registerCount)
    setCount = program.routines.map(\.setCount).max() ?? 0
    sets = .allocate(capacity: setCount)
    for set in 0..<setCount { (sets + set).initialize(to: ExactSet()) }
    let cursorCount = program.routines.map(\.cursorCount).max() ?? 0
    cursors = .allocate(capacity: cursorCount)
    cursors.initialize(repeating: ExactCursor(set: 0, next: 0), count: cursorCount)
    kindMasks = .allocate(capacity: program.kindSets.count)
    for (place, kinds) in program.kindSets.enumerated() {
      let mask = kinds.reduce(UInt64(0)) { $0 | ($1 < 64 ? 1 << UInt64($1) : 0) }
      (kindMasks + place).initialize(to: mask)
    }
    globalCount = program.globalCount
    closures = program.closures
  }

  deinit {
    for set in 0..<setCount { sets[set].deallocate() }
    marks.deallocate()
    registers.deallocate()
    sets.deallocate()
    cursors.deallocate()
    kindMasks.deallocate()
  }

  /// Makes it answer over other tables, with other values in the registers that every routine shares.
  func bind(_ tables: ExactTables) {
    self.tables = tables
    view = tables.view
    for register in 0..<globalCount {
      registers[register] = ExactValue(machine.registers[register])
    }
  }

  /// Sets the arguments, for any number of routines that take the same ones.
  func set(_ arguments: UnsafeBufferPointer<Slot>) {
    var register = globalCount
    for argument in arguments {
      registers[register] = ExactValue(argument)
      register &+= 1
    }
  }

  /// Asks clauses of a gate, at most 64: which of them fire, and of which exact code cannot tell.
  ///
  /// - Parameter wanted: Bit c: clause c is asked.
  func run(_ gate: ExactGate, _ wanted: UInt64) -> (fires: UInt64, unsure: UInt64) {
    var (fires, unsure): (UInt64, UInt64) = (0, 0)
    let clauses = gate.clauses
    for place in 0..<gate.clauseCount {
      let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: place)
      guard wanted & bit != 0 else { continue }
      guard let code = clauses[place] else {
        unsure |= bit
        continue
      }
      switch run(code, view) {
      case .passes: break
      case .fires: fires |= bit
      case .unsure: unsure |= bit
      }
    }
    return (fires, unsure)
  }

  @inline(__always)
  private func run(_ code: ExactCode, _ tables: ExactView) -> ExactAnswer {
    let r = registers
    let words = code.words
    var place = 0
    work = 0
    if code.scoreBufferCount > 0 { machine.beginScores() }
    while true {
      let i = words[place]
      place &+= 1
      let (a, b, c) = (Int(i.a), Int(i.b), Int(i.c))
      switch i.operation {
      case .move: r[a] = r[b]
      case .constant: r[a] = ExactValue(number: Int64(i.target))
      case .field: r[a] = field(c, of: r[b], tables)
      case .follow: r[a] = follow(c, from: r[b], tables)
      case .jump: place = Int(i.target)
      case .jumpIf:
        let value = r[a]
        guard value.tag == .known, UInt64(bitPattern: value.number) <= 1 else { return .unsure }
        if value.number == Int64(i.d) { place = Int(i.target) }
      case .jumpIfAbsence:
        guard r[a].tag != .unknown else { return .unsure }
        if (r[a].tag == .absent) == (i.d == 1) { place = Int(i.target) }
      case .jumpIfCompare:
        guard r[b].tag == .known, r[c].tag == .known else { return .unsure }
        let comparison = unsafeBitCast(i.d & 3, to: Comparison.self)
        if comparison(r[b].number, r[c].number) == (i.d & 4 != 0) { place = Int(i.target) }
      case .jumpIfFieldCompare:
        let value = field(b, of: r[a], tables)
        guard value.tag == .known, r[c].tag == .known else { return .unsure }
        let comparison = unsafeBitCast(i.d & 3, to: Comparison.self)
        if comparison(value.number, r[c].number) == (i.d & 4 != 0) { place = Int(i.target) }
      case .loop:
        guard spend(sets[b].count) else { return .unsure }
        cursors[a] = ExactCursor(set: b, next: 1)
        if sets[b].count == 0 {
          place = Int(i.target)
        } else {
          r[c] = ExactValue(number: sets[b][0])
        }
      case .next:
        let cursor = cursors[a]
        guard cursor.next < sets[cursor.set].count else { continue }
        r[b] = ExactValue(number: sets[cursor.set][cursor.next])
        cursors[a].next = cursor.next &+ 1
        place = Int(i.target)
      case .search:
        guard let next = searched(words, place, tables) else { return .unsure }
        place = next
      case .single:
        guard r[b].tag != .unknown else { return .unsure }
        sets[a].clear()
        if r[b].tag == .known { sets[a].append(r[b].number) }
      case .compare: r[a] = compared(r[b], r[c], i.d)
      case .not: r[a] = negated(r[b])
      case .and: r[a] = conjunction(r[b], r[c])
      case .or: r[a] = disjunction(r[b], r[c])
      case .memberOfField:
        guard r[b].tag == .known,
          let isMember = contains(Int(i.target), of: r[c], r[b].number, tables)
        else { return .unsure }
        r[a] = ExactValue(isMember)
      case .reach: guard reach(a, from: b, c, mayRepeat: i.d == 1, tables) else { return .unsure }
      case .pass: return .passes
      case .fire: return .fires
      default: guard perform(i, code, tables) else { return .unsure }
      }
    }
  }

  /// The place of the word that follows a search; `nil` where it is not known what is found. `place` is behind the search.
  @inline(__always)
  private func searched(
    _ words: UnsafePointer<ExactWord>, _ place: Int, _ tables: ExactView
  ) -> Int? {
    let i = words[place &- 1]
    // Read where it stands: it is larger than a few words.
    let set = sets + Int(i.b)
    guard spend(set.pointee.count) else { return nil }
    let found = search(words + place, Int(i.d), set.pointee, tables)
    if found == ExactExecutor.unsure { return nil }
    guard found < set.pointee.count else { return Int(i.target) }
    registers[Int(i.c)] = ExactValue(number: set.pointee[found])
    return place &+ Int(i.d)
  }

  /// What comes less often, and goes on with the next word; false where that is not known.
  private func perform(_ i: ExactWord, _ code: ExactCode, _ tables: ExactView) -> Bool {
    let r = registers
    let (a, b, c) = (Int(i.a), Int(i.b), Int(i.c))
    switch i.operation {
    case .isAbsent: r[a] = r[b].tag == .unknown ? .unknown : ExactValue(r[b].tag == .absent)
    case .isKind: r[a] = isKind(r[b], kindMasks[c], tables)
    case .scalar: r[a] = scalar(code.routine[Int(i.target)], r[b], r[c])
    case .clear: sets[a].clear()
    case .nodes:
      let kind = tables.kinds[c]
      guard kind.isWhole, spend(kind.count) else { return false }
      sets[a].range(from: Int64(kind.first), count: kind.count)
    case .fieldSet: return fieldSet(a, c, of: r[b], tables)
    case .closure: return closure(a, from: b, c, tables)
    case .copy: copy(a, b)
    case .union, .difference, .intersection: return combine(i.operation, a, b, c)
    case .append:
      if r[b].tag == .known { sets[a].append(r[b].number) }
      return r[b].tag != .unknown
    case .appendTruth:
      if r[b].tag == .known { r[a] = ExactValue(true) }
      return r[b].tag != .unknown
    case .certain: return isTruth(r[a], 1)
    case .distinct: sets[a].makeDistinct()
    case .edges: return edges(a, from: b, c, tables)
    case .member:
      guard r[b].tag == .known, spend(sets[c].count) else { return false }
      r[a] = ExactValue(contains(sets[c], r[b].number))
    case .count:
      guard spend(sets[b].count) else { return false }
      r[a] = ExactValue(number: Int64(sets[b].count))
    case .sum, .least, .greatest:
      guard spend(sets[b].count) else { return false }
      r[a] = folded(i.operation, sets[b])
    case .check:
      guard r[b].tag == .known, r[c].tag == .known else { return false }
      machine.scores[a].append(ScoredCheck(applies: r[b].slot, passes: r[c].slot))
    case .score: r[a] = ExactValue(machine.score(buffer: b, scorecard: c, wantsLevel: i.d == 1))
    // The loop does these itself.
    case .move, .constant, .field, .follow, .compare, .not, .and, .or, .jump, .jumpIf,
      .jumpIfAbsence, .jumpIfCompare,
      .jumpIfFieldCompare, .loop, .next, .search, .single, .memberOfField, .reach, .pass, .fire:
      return false
    }
    return true
  }

  @inline(__always)
  func spend(_ count: Int) -> Bool {
    work &+= 1 &+ count
    return work <= ExactExecutor.workLimit
  }

  @inline(never)
  private func contains(_ set: ExactSet, _ number: Int64) -> Bool {
    for place in 0..<set.count where set[place] == number { return true }
    return false
  }
}

/// Where a loop stands.
private struct ExactCursor {
  var set: Int
  var next: Int
}

// MARK: Whole sets

extension ExactExecutor {
  /// Larger ones are left to the scalar executor, which has them in order.
  private static let combinedLimit = 64

  @inline(never)
  private func copy(_ set: Int, _ other: Int) {
    sets[set].clear()
    for place in 0..<sets[other].count { sets[set].append(sets[other][place]) }
  }

  /// The sum, unknown where it does not fit; the least or greatest, absent where there is none.
  @inline(never)
  private func folded(_ operation: ExactOperation, _ set: ExactSet) -> ExactValue {
    guard set.count > 0 else { return operation == .sum ? ExactValue(number: 0) : .absent }
    var result = set[0]
    for place in 1..<set.count {
      switch operation {
      case .least: result = min(result, set[place])
      case .greatest: result = max(result, set[place])
      default:
        let (sum, isTooLarge) = result.addingReportingOverflow(set[place])
        if isTooLarge { return .unknown }
        result = sum
      }
    }
    return ExactValue(number: result)
  }

  /// Of sets without an order, each element of one is looked for in the other.
  @inline(never)
  private func combine(
    _ operation: ExactOperation, _ set: Int, _ left: Int, _ right: Int
  ) -> Bool {
    let (first, second) = (sets[left], sets[right])
    guard set != left, set != right, first.count <= ExactExecutor.combinedLimit,
      second.count <= ExactExecutor.combinedLimit, spend(first.count + second.count)
    else { return false }
    sets[set].clear()
    for place in 0..<first.count {
      let element = first[place]
      if operation == .union || contains(second, element) == (operation == .intersection) {
        sets[set].append(element)
      }
    }
    if operation == .union {
      for place in 0..<second.count where !contains(first, second[place]) {
        sets[set].append(second[place])
      }
      // A list on the left may have an element twice.
      sets[set].makeDistinct()
    }
    return true
  }
}

// MARK: Truths

extension ExactExecutor {
  @inline(__always)
  private func compared(_ left: ExactValue, _ right: ExactValue, _ d: UInt8) -> ExactValue {
    guard left.tag == .known, right.tag == .known else { return .unknown }
    return ExactValue(unsafeBitCast(d, to: Comparison.self)(left.number, right.number))
  }

  @inline(__always)
  private func isKind(_ node: ExactValue, _ mask: UInt64, _ tables: ExactView) -> ExactValue {
    let kind = node.tag == .known ? tables.kind(of: node.number) : -1
    return kind < 0 ? .unknown : ExactValue(mask >> UInt64(kind) & 1 == 1)
  }

  /// Only 0 and 1 are truths; a bundle from elsewhere may ask of anything.
  @inline(__always)
  private func isTruth(_ value: ExactValue, _ truth: Int64) -> Bool {
    value.tag == .known && value.number == truth
  }

  @inline(__always)
  private func negated(_ value: ExactValue) -> ExactValue {
    isTruth(value, 0) ? ExactValue(true) : isTruth(value, 1) ? ExactValue(false) : .unknown
  }

  @inline(__always)
  private func conjunction(_ left: ExactValue, _ right: ExactValue) -> ExactValue {
    if isTruth(left, 0) || isTruth(right, 0) { return ExactValue(false) }
    return isTruth(left, 1) && isTruth(right, 1) ? ExactValue(true) : .unknown
  }

  @inline(__always)
  private func disjunction(_ left: ExactValue, _ right: ExactValue) -> ExactValue {
    if isTruth(left, 1) || isTruth(right, 1) { return ExactValue(true) }
    return isTruth(left, 0) && isTruth(right, 0) ? ExactValue(false) : .unknown
  }

  /// An operation that is rare: by the scalar executor's own function.
  @inline(never)
  private func scalar(
    _ instruction: Instruction, _ left: ExactValue, _ right: ExactValue
  ) -> ExactValue {
    guard left.tag == .known, right.tag == .known, let opcode = instruction.opcode else {
      return .unknown
    }
    return ExactValue(machine.scalar(opcode, left.slot, right.slot, instruction))
  }
}

extension Machine {
  fileprivate func beginScores() {
    reading = .vouched
    for buffer in scores.indices { scores[buffer].removeAll(keepingCapacity: true) }
  }

  /// A word on scalars alone, for exact code.
  fileprivate func scalar(_ opcode: Opcode, _ left: Slot, _ right: Slot, _ i: Instruction)
    -> Slot
  {
    switch opcode {
    case .add: .add(left, right)
    case .subtract: .subtract(left, right)
    case .multiply: .multiply(left, right)
    case .multiplyDecimal: .multiplyDecimal(left, right)
    case .divide: .divide(left, right)
    case .divideDecimal: .divideDecimal(left, right)
    case .remainder: .remainder(left, right)
    case .floorDivide: .floorDivide(left, right)
    case .negate: .negate(left)
    case .instantPart: instantPart(left, i.d & ~TimeMark.part)
    case .stringTest: stringTest(left, right, i.d)
    case .identifier: identifier(left)
    case .edgeEnd: edgeEnd(left, i.d)
    case .edgeTarget: edgeTarget(left, i.c)
    default: .unknownNumber(Cause(.absentOperand))
    }
  }
}
