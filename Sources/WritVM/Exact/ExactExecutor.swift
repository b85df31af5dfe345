// The loop of exact code: no intervals, no causes. Whatever is not known and would decide something ends it.

import WritBytecode

/// Registers, sets and cursors of exact code, over one graph after another. For one thread at a time.
final class ExactExecutor {
  /// Whose executor it is.
  private unowned(unsafe) let machine: Machine
  private let registers: UnsafeMutablePointer<ExactValue>
  private let sets: UnsafeMutablePointer<ExactSet>
  private let setCount: Int
  private let cursors: UnsafeMutablePointer<ExactCursor>
  private var marks = ExactMarks()
  /// A bit for each kind, for each set of kinds.
  private let kindMasks: UnsafeMutablePointer<UInt64>
  private let closures: [ClosureReference]
  private let globalCount: Int
  /// Keeps alive what `view` points into.
  private var tables: ExactTables
  private var view: ExactView
  /// Elements and edges that a run has looked at: at least as many as the scalar executor would count.
  private var work = 0

  /// More is left to the scalar executor, which may run out of fuel.
  private static let workLimit = Int(Limits.fuel / 4)

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
  func set(_ arguments: [Slot]) {
    var register = globalCount
    for argument in arguments {
      registers[register] = ExactValue(argument)
      register &+= 1
    }
  }

  /// Asks the clauses of a gate, at most 64: which of them fire, and of which exact code cannot tell.
  func run(_ gate: ExactGate) -> (fires: UInt64, unsure: UInt64) {
    var (fires, unsure): (UInt64, UInt64) = (0, 0)
    let clauses = gate.clauses
    for place in 0..<gate.clauseCount {
      let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: place)
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
      case .compare: r[a] = compared(r[b], r[c], i.d)
      case .not: r[a] = negated(r[b])
      case .and: r[a] = conjunction(r[b], r[c])
      case .or: r[a] = disjunction(r[b], r[c])
      case .isAbsent: r[a] = r[b].tag == .unknown ? .unknown : ExactValue(r[b].tag == .absent)
      case .isKind:
        let kind = r[b].tag == .known ? tables.kind(of: r[b].number) : -1
        r[a] = kind < 0 ? .unknown : ExactValue(kindMasks[c] >> UInt64(kind) & 1 == 1)
      case .scalar: r[a] = scalar(code.routine[Int(i.target)], r[b], r[c])
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
        let comparison = unsafeBitCast(i.d & 3, to: ExactComparison.self)
        if comparison(r[b].number, r[c].number) == (i.d & 4 != 0) { place = Int(i.target) }
      case .jumpIfFieldCompare:
        let value = field(b, of: r[a], tables)
        guard value.tag == .known, r[c].tag == .known else { return .unsure }
        let comparison = unsafeBitCast(i.d & 3, to: ExactComparison.self)
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
        if cursor.next < sets[cursor.set].count {
          r[b] = ExactValue(number: sets[cursor.set][cursor.next])
          cursors[a].next = cursor.next &+ 1
          place = Int(i.target)
        }
      case .search:
        guard spend(sets[b].count) else { return .unsure }
        let found = search(words + place, Int(i.d), sets[b], tables)
        if found == ExactExecutor.unsure { return .unsure }
        if found < sets[b].count {
          r[c] = ExactValue(number: sets[b][found])
          place &+= Int(i.d)
        } else {
          place = Int(i.target)
        }
      case .clear: sets[a].clear()
      case .single:
        guard r[b].tag != .unknown else { return .unsure }
        sets[a].clear()
        if r[b].tag == .known { sets[a].append(r[b].number) }
      case .nodes:
        let kind = tables.kinds[c]
        guard kind.isWhole, spend(kind.count) else { return .unsure }
        sets[a].range(from: Int64(kind.first), count: kind.count)
      case .fieldSet: guard fieldSet(a, c, of: r[b], tables) else { return .unsure }
      case .reach: guard reach(a, from: b, c, mayRepeat: i.d == 1, tables) else { return .unsure }
      case .closure: guard closure(a, from: b, c, tables) else { return .unsure }
      case .copy: copy(a, b)
      case .union, .difference, .intersection:
        guard combine(i.operation, a, b, c) else { return .unsure }
      case .append:
        guard r[b].tag != .unknown else { return .unsure }
        if r[b].tag == .known { sets[a].append(r[b].number) }
      case .appendTruth:
        guard r[b].tag != .unknown else { return .unsure }
        if r[b].tag == .known { r[a] = ExactValue(true) }
      case .certain: guard isTruth(r[a], 1) else { return .unsure }
      case .distinct: sets[a].makeDistinct()
      case .edges: guard edges(a, from: b, c, tables) else { return .unsure }
      case .sum, .least, .greatest:
        guard spend(sets[b].count) else { return .unsure }
        r[a] = folded(i.operation, sets[b])
      case .check:
        guard r[b].tag == .known, r[c].tag == .known else { return .unsure }
        machine.scores[a].append(ScoredCheck(applies: r[b].slot, passes: r[c].slot))
      case .score:
        r[a] = ExactValue(machine.score(buffer: b, scorecard: c, wantsLevel: i.d == 1))
      case .member:
        guard r[b].tag == .known, spend(sets[c].count) else { return .unsure }
        r[a] = ExactValue(contains(sets[c], r[b].number))
      case .count:
        guard spend(sets[b].count) else { return .unsure }
        r[a] = ExactValue(number: Int64(sets[b].count))
      case .pass: return .passes
      case .fire: return .fires
      }
    }
  }

  @inline(__always)
  private func spend(_ count: Int) -> Bool {
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

// MARK: Searches

/// A condition on a field of an element, ready to be tried on many: whether the value lies in a range is `isIn`.
private struct ExactCondition {
  let values: UnsafeRawPointer
  let first: Int
  let count: Int
  let width: Int
  let lower: Int64
  /// How far above `lower` the range goes.
  let span: UInt64
  let isIn: Bool

  /// That comparing a value with the number does not yield what leaves the search.
  init(_ column: ExactColumn, _ comparison: ExactComparison, _ number: Int64, leaves: Bool) {
    values = column.values
    first = column.first
    count = column.count
    width = column.width
    if comparison == .less && number == .min {
      // No value is less.
      (lower, span, isIn) = (.min, .max, leaves)
      return
    }
    lower = comparison == .equal ? number : .min
    let upper = comparison == .less ? number &- 1 : number
    span = UInt64(bitPattern: upper &- lower)
    isIn = !leaves
  }

  @inline(__always)
  func holds(_ row: Int) -> Bool {
    let value: Int64 =
      switch width {
      case 1: Int64(values.load(fromByteOffset: row, as: UInt8.self))
      case 4: Int64(values.load(fromByteOffset: row &* 4, as: UInt32.self))
      default: values.load(fromByteOffset: row &* 8, as: Int64.self)
      }
    return (UInt64(bitPattern: value &- lower) <= span) == isIn
  }
}

extension ExactExecutor {
  fileprivate static let unsure = -1
  private static let conditionRoom = 4

  /// The place of the first element of a set that meets all conditions, or their number; `unsure` where a condition is not known.
  @inline(never)
  private func search(
    _ words: UnsafePointer<ExactWord>, _ count: Int, _ set: ExactSet, _ tables: ExactView
  ) -> Int {
    if set.count == 0 { return 0 }
    guard count <= ExactExecutor.conditionRoom else { return slowSearch(words, count, set, tables) }
    return withUnsafeTemporaryAllocation(
      of: ExactCondition.self, capacity: ExactExecutor.conditionRoom
    ) { room -> Int in
      let conditions = room.baseAddress.unsafelyUnwrapped
      for place in 0..<count {
        let i = words[place]
        let field = tables.fields[Int(i.b)]
        let column = tables.columns + Int(field.first)
        let other = registers[Int(i.c)]
        guard field.count == 1, column.pointee.presence == nil, column.pointee.width > 0,
          other.tag == .known
        else { return slowSearch(words, count, set, tables) }
        (conditions + place).initialize(
          to: ExactCondition(
            column.pointee, unsafeBitCast(i.d & 3, to: ExactComparison.self), other.number,
            leaves: i.d & 4 != 0))
      }
      return set.first { element -> Bool? in
        var place = 0
        repeat {
          let row = Int(element) &- conditions[place].first
          guard row >= 0, row < conditions[place].count else { return nil }
          if !conditions[place].holds(row) { return false }
          place &+= 1
        } while place < count
        return true
      } ?? ExactExecutor.unsure
    }
  }

  /// The same for any columns.
  @inline(never)
  private func slowSearch(
    _ conditions: UnsafePointer<ExactWord>, _ count: Int, _ set: ExactSet, _ tables: ExactView
  ) -> Int {
    set.first { number -> Bool? in
      let element = ExactValue(number: number)
      for condition in 0..<count {
        let i = conditions[condition]
        let value = field(Int(i.b), of: element, tables)
        let other = registers[Int(i.c)]
        guard value.tag == .known, other.tag == .known else { return nil }
        let comparison = unsafeBitCast(i.d & 3, to: ExactComparison.self)
        if comparison(value.number, other.number) == (i.d & 4 != 0) { return false }
      }
      return true
    } ?? ExactExecutor.unsure
  }
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
    }
    return true
  }
}

// MARK: Truths

extension ExactExecutor {
  @inline(__always)
  private func compared(_ left: ExactValue, _ right: ExactValue, _ d: UInt8) -> ExactValue {
    guard left.tag == .known, right.tag == .known else { return .unknown }
    return ExactValue(unsafeBitCast(d, to: ExactComparison.self)(left.number, right.number))
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

// MARK: Facts

extension ExactExecutor {
  /// The field of a node; unknown for a node that no column has.
  @inline(__always)
  private func field(_ field: Int, of node: ExactValue, _ tables: ExactView) -> ExactValue {
    guard node.tag == .known else { return .unknown }
    let range = tables.fields[field]
    var table = Int(range.first)
    let end = table &+ Int(range.count)
    while table < end {
      let column = tables.columns + table
      let row = Int(node.number) &- column.pointee.first
      if row >= 0 && row < column.pointee.count { return load(column, row) }
      table &+= 1
    }
    return .unknown
  }

  @inline(__always)
  private func load(_ column: UnsafePointer<ExactColumn>, _ row: Int) -> ExactValue {
    if let presence = column.pointee.presence, presence[row >> 6] >> UInt64(row & 63) & 1 == 0 {
      return column.pointee.isOptional ? .absent : .unknown
    }
    let values = column.pointee.values
    switch column.pointee.width {
    case 1: return ExactValue(number: Int64(values.load(fromByteOffset: row, as: UInt8.self)))
    case 4: return ExactValue(number: Int64(values.load(fromByteOffset: row * 4, as: UInt32.self)))
    case 8: return ExactValue(number: values.load(fromByteOffset: row * 8, as: Int64.self))
    default: return .unknown
    }
  }

  private func fieldSet(
    _ set: Int, _ field: Int, of node: ExactValue, _ tables: ExactView
  ) -> Bool {
    guard node.tag == .known else { return false }
    let range = tables.fields[field]
    for table in Int(range.first)..<Int(range.first &+ range.count) {
      let column = tables.columns + table
      let row = Int(node.number) &- column.pointee.first
      guard row >= 0, row < column.pointee.count else { continue }
      guard let offsets = column.pointee.offsets else { return false }
      let strings = column.pointee.values.assumingMemoryBound(to: UInt32.self)
      let first = Int(offsets[row])
      sets[set].look(at: strings + first, count: Int(offsets[row &+ 1]) &- first)
      return true
    }
    return false
  }

  @inline(__always)
  private func follow(_ step: Int, from node: ExactValue, _ tables: ExactView) -> ExactValue {
    guard node.tag == .known else { return .unknown }
    let range = tables.steps[step]
    for table in Int(range.first)..<Int(range.first &+ range.count) {
      let edges = tables.edges + table
      let row = Int(node.number) &- edges.pointee.firstNode
      guard row >= 0, row < edges.pointee.nodeCount else { continue }
      guard edges.pointee.isPlain else { return .unknown }
      let place = Int(edges.pointee.offsets[row])
      if place < Int(edges.pointee.offsets[row &+ 1]) {
        return ExactValue(number: Int64(edges.pointee.ends[place]))
      }
      return edges.pointee.isOptional ? .absent : .unknown
    }
    return .unknown
  }
}

// MARK: Walks

extension ExactExecutor {
  /// Calls with each table of edges that leave a node, and where in it they are; false if not all is vouched for.
  @inline(__always)
  private func edges(
    _ step: Int, from node: Int64, _ tables: ExactView,
    _ body: (UnsafePointer<UInt32>, _ count: Int) -> Void
  ) -> Bool {
    let range = tables.steps[step]
    for table in Int(range.first)..<Int(range.first &+ range.count) {
      let edges = tables.edges + table
      let row = Int(node) &- edges.pointee.firstNode
      guard row >= 0, row < edges.pointee.nodeCount else { continue }
      guard edges.pointee.isPlain else { return false }
      let first = Int(edges.pointee.offsets[row])
      let count = Int(edges.pointee.offsets[row &+ 1]) &- first
      if count == 0 && edges.pointee.mustHaveOne { return false }
      work &+= count
      body(edges.pointee.ends + first, count)
    }
    return true
  }

  private func reach(
    _ set: Int, from start: Int, _ step: Int, mayRepeat: Bool, _ tables: ExactView
  ) -> Bool {
    guard spend(0) else { return false }
    sets[set].clear()
    let sets = sets
    if sets[start].count == 1 && tables.steps[step].count == 1 {
      var isView = true
      let isKnown = edges(step, from: sets[start][0], tables) { ends, count in
        isView = mayRepeat || ExactExecutor.isRising(ends, count)
        if isView { sets[set].look(at: ends, count: count) }
      }
      if !isKnown || isView { return isKnown && work <= ExactExecutor.workLimit }
    }
    if !mayRepeat { marks.begin(tables.nodeCount) }
    for index in 0..<sets[start].count {
      let isKnown = edges(step, from: sets[start][index], tables) { ends, count in
        for place in 0..<count where mayRepeat || marks.meet(Int(ends[place])) {
          sets[set].append(Int64(ends[place]))
        }
      }
      guard isKnown, work <= ExactExecutor.workLimit else { return false }
    }
    return true
  }

  /// The edges themselves.
  @inline(never)
  private func edges(_ set: Int, from start: Int, _ step: Int, _ tables: ExactView) -> Bool {
    guard spend(0) else { return false }
    sets[set].clear()
    let range = tables.steps[step]
    for index in 0..<sets[start].count {
      for table in Int(range.first)..<Int(range.first &+ range.count) {
        let edges = tables.edges[table]
        let row = Int(sets[start][index]) &- edges.firstNode
        guard row >= 0, row < edges.nodeCount else { continue }
        guard edges.isPlain else { return false }
        let places = Int(edges.offsets[row])..<Int(edges.offsets[row &+ 1])
        guard spend(places.count), !places.isEmpty || !edges.mustHaveOne else { return false }
        for place in places {
          let number = edges.numbers.map { Int64($0[place]) } ?? Int64(place)
          sets[set].append(edges.firstEdge &+ number)
        }
      }
    }
    return true
  }

  /// Whether no number comes twice among some that stand in order.
  @inline(__always)
  private static func isRising(_ numbers: UnsafePointer<UInt32>, _ count: Int) -> Bool {
    var place = 1
    while place < count {
      if numbers[place] <= numbers[place &- 1] { return false }
      place &+= 1
    }
    return true
  }

  /// Breadth first. The start is found only if the closure includes it or leads back to it.
  private func closure(
    _ set: Int, from start: Int, _ number: Int, _ tables: ExactView
  ) -> Bool {
    let closure = closures[number]
    guard spend(sets[start].count) else { return false }
    sets[set].clear()
    marks.begin(tables.nodeCount)
    var included = 0
    if closure.includesStart {
      for index in 0..<sets[start].count {
        let node = sets[start][index]
        guard node >= 0, node < Int64(tables.nodeCount) else { return false }
        if marks.meet(Int(node)) { sets[set].append(node) }
      }
      included = sets[set].count
    }
    // Whatever the starts lead to is found; the starts themselves need not be.
    guard expand(set, start, 0..<sets[start].count, closure.step, tables) else { return false }
    var done = included
    var layers = (closure.layerLimit ?? .max) - 1
    while layers > 0 && done < sets[set].count {
      let layer = done..<sets[set].count
      done = layer.upperBound
      guard expand(set, set, layer, closure.step, tables) else { return false }
      layers -= 1
    }
    return true
  }

  /// Adds to a set what one step leads to from some elements of another or its own, as far as it is new.
  private func expand(
    _ set: Int, _ from: Int, _ layer: Range<Int>, _ step: Int, _ tables: ExactView
  ) -> Bool {
    guard spend(layer.count) else { return false }
    let sets = sets
    for index in layer {
      let isKnown = edges(step, from: sets[from][index], tables) { ends, count in
        for place in 0..<count where marks.meet(Int(ends[place])) {
          sets[set].append(Int64(ends[place]))
        }
      }
      guard isKnown, work <= ExactExecutor.workLimit else { return false }
    }
    return true
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
