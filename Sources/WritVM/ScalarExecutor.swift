// The dispatch loop: one subject at a time.

import WritBytecode

/// How a run ended.
public enum RunStatus: Sendable {
  case done
  /// The fuel, or the room for rows, did not suffice: what was emitted says nothing.
  case exhausted
}

extension Machine {
  /// Runs a routine over its inputs. The rows that it emitted are in the result, in the order of the loops.
  public func run(
    _ index: Int, inputs: [Slot], reading: Reading, fuel: Int64 = Limits.fuel
  ) -> (status: RunStatus, rows: [EmittedRow]) {
    let status = start(index, inputs: inputs, reading: reading, fuel: fuel)
    return (status, rows)
  }

  /// Runs a routine over its inputs; what it emitted stands in `rows` until the next run.
  func start(
    _ index: Int, inputs: [Slot], reading: Reading, fuel: Int64 = Limits.fuel
  ) -> RunStatus {
    let code = code[index]
    self.reading = reading
    self.fuel = fuel
    rows.removeAll(keepingCapacity: true)
    missingApprovals.removeAll(keepingCapacity: true)
    toldOpen = 0
    for (offset, input) in inputs.prefix(code.inputCount).enumerated() {
      registers[program.globalCount + offset] = input
    }
    if code.scoreBufferCount > 0 {
      for buffer in scores.indices { scores[buffer].removeAll(keepingCapacity: true) }
    }
    let isDone = code.start.map { execute($0, index) } ?? true
    return isDone ? .done : .exhausted
  }

  /// Runs words of a routine as if they were all of it; what they computed stands in the registers.
  func run(_ code: RoutineCode, _ routine: Int, input: Slot) -> Bool {
    reading = .vouched
    fuel = Limits.fuel
    toldOpen = 0
    registers[program.globalCount] = input
    if code.scoreBufferCount > 0 {
      for buffer in scores.indices { scores[buffer].removeAll(keepingCapacity: true) }
    }
    return code.start.map { execute($0, routine) } ?? true
  }

  /// The program was verified: opcodes, registers, tables and jumps are in bounds, and every way ends.
  private func execute(_ start: UnsafePointer<Instruction>, _ routine: Int) -> Bool {
    let r = registers
    var pc = start
    var steps = 0
    defer { stepCount += steps }
    while true {
      let i = pc.pointee
      pc += 1
      steps &+= 1
      let opcode = unsafeBitCast(UInt8(truncatingIfNeeded: i.word >> 56), to: Opcode.self)
      switch opcode {
      case .move: r[i.a] = r[i.b]
      case .present: r[i.a] = r[i.b].present
      case .alternative: r[i.a] = .alternative(to: r[i.b], r[i.c])
      case .equal:
        if i.d != 0 { noteTime(r[i.b], r[i.c], mark: i.d) }
        r[i.a] = .equal(r[i.b], r[i.c])
      case .notEqual:
        if i.d != 0 { noteTime(r[i.b], r[i.c], mark: i.d) }
        r[i.a] = .not(.equal(r[i.b], r[i.c]))
      case .less:
        if i.d != 0 { noteTime(r[i.b], r[i.c], mark: i.d) }
        r[i.a] = .less(r[i.b], r[i.c])
      case .lessOrEqual:
        if i.d != 0 { noteTime(r[i.b], r[i.c], mark: i.d) }
        r[i.a] = .lessOrEqual(r[i.b], r[i.c])
      case .not: r[i.a] = .not(r[i.b])
      case .and: r[i.a] = .and(r[i.b], r[i.c])
      case .or: r[i.a] = .or(r[i.b], r[i.c])
      case .negate: r[i.a] = .negate(r[i.b])
      case .add:
        r[i.a] = .add(r[i.b], r[i.c])
        if i.d != 0 { noteTime(r[i.a]) }
      case .subtract:
        r[i.a] = .subtract(r[i.b], r[i.c])
        if i.d != 0 { noteTime(r[i.a]) }
      case .multiply: r[i.a] = .multiply(r[i.b], r[i.c])
      case .multiplyDecimal: r[i.a] = .multiplyDecimal(r[i.b], r[i.c])
      case .divide: r[i.a] = .divide(r[i.b], r[i.c])
      case .divideDecimal: r[i.a] = .divideDecimal(r[i.b], r[i.c])
      case .remainder: r[i.a] = .remainder(r[i.b], r[i.c])
      case .floorDivide: r[i.a] = .floorDivide(r[i.b], r[i.c])

      case .identifier: r[i.a] = identifier(r[i.b])
      case .field: r[i.a] = field(r[i.b], i.c)
      case .follow: r[i.a] = follow(r[i.b], i.c)
      case .edgeEnd: r[i.a] = edgeEnd(r[i.b], i.d)
      case .edgeTarget: r[i.a] = edgeTarget(r[i.b], i.c)
      case .isKind: r[i.a] = isKind(r[i.b], i.c)
      case .instantPart: r[i.a] = instantPart(r[i.b], i.d)
      case .stringTest: r[i.a] = stringTest(r[i.b], r[i.c], i.d)
      case .isAbsent: r[i.a] = isAbsent(r[i.b])
      case .approval: r[i.a] = approval(sets[i.b], i.c, isBeside: i.d == 1)
      case .check: scores[i.a].append(ScoredCheck(applies: r[i.b], passes: r[i.c]))
      case .score: r[i.a] = score(buffer: i.b, scorecard: i.c, wantsLevel: i.d == 1)

      case .jump: pc += i.distance
      case .jumpIfFalse: if r[i.a] == .no { pc += i.distance }
      case .jumpIfTrue: if r[i.a] == .yes { pc += i.distance }
      case .jumpIfDropped: if r[i.a].upper == 0 { pc += i.distance }
      case .jumpIfAbsent: if r[i.a].isAbsent { pc += i.distance }
      case .jumpIfPresent: if !r[i.a].isAbsent { pc += i.distance }
      case .halt: return true

      case .loop:
        if i.d == 0 && !spend(sets[i.b].count) { return false }
        cursors[i.a] = LoopCursor(set: i.b, next: 0)
      case .next:
        let cursor = cursors[i.a]
        if cursor.next < sets[cursor.set].count {
          let element = sets[cursor.set].elements[cursor.next]
          cursors[i.a].next = cursor.next &+ 1
          r[i.b] = value(of: element)
          r[i.c] = element.isDefinite ? .yes : .unknownTruth(element.cause)
          pc += 1
        }
      case .repeat, .closureRepeat: pc -= i.distance + 1

      case .clear: sets[i.a].clear()
      case .single: single(i.a, r[i.b])
      case .nodes: if !nodes(i.a, kind: i.c) { return false }
      case .fieldSet: fieldSet(i.a, r[i.b], i.c)
      case .edges: if !edges(i.a, from: i.b, step: i.c) { return false }
      case .reach: if !reach(i.a, from: i.b, step: i.c) { return false }
      case .closure: if !closure(i.a, from: i.b, program.closures[i.c]) { return false }
      case .closureStart: closureStart(i.a, from: i.b, program.closures[i.c])
      case .closureGoal: closures[i.a].seek(sets[i.b], found: &sets[i.a])
      case .closureNext: if closureNext(i.a, into: i.b) { pc += 1 }
      case .closureFound: closureFound(i.a, r[i.b], r[i.c], cursor: i.d)
      case .closureEnd: closureEnd(i.a)
      case .append:
        append(r[i.b], to: i.a, row: r[i.c], Appending(rawValue: i.d) ?? .toSet, via: -1)
      case .appendVia:
        append(r[i.b], to: i.a, row: r[i.c], .toSet, via: via(ofElementAt: i.d))
      case .openFrom: sets[i.a].open(by: sets[i.b].open)
      case .seal: seal(&sets[i.a], strings: i.d == 1)
      case .copy: if i.a != i.b { sets[i.a].copy(sets[i.b]) }
      case .union: if !union(i.a, i.b, i.c, strings: i.d == 1) { return false }
      case .difference: if !difference(i.a, i.b, i.c, strings: i.d == 1) { return false }
      case .intersection: if !intersection(i.a, i.b, i.c, strings: i.d == 1) { return false }
      case .member:
        if !spend(sets[i.c].count) { return false }
        r[i.a] = member(r[i.b], sets[i.c])
      case .isEmpty: r[i.a] = isEmpty(sets[i.b])
      case .count:
        if !spend(sets[i.b].count) { return false }
        r[i.a] = count(sets[i.b])
      case .sum:
        if !spend(sets[i.b].count) { return false }
        r[i.a] = sum(sets[i.b])
      case .least:
        if !spend(sets[i.b].count) { return false }
        r[i.a] = extreme(sets[i.b], members: i.d, isGreatest: false)
      case .greatest:
        if !spend(sets[i.b].count) { return false }
        r[i.a] = extreme(sets[i.b], members: i.d, isGreatest: true)
      case .charge: if !spend(sets[i.a].count) { return false }

      case .emit:
        if r[i.a].upper != 0 && !emitRow(r[i.a], program.routines[routine].emissions[i.c]) {
          return false
        }
      case .emitOpen:
        if !sets[i.a].open.isNone {
          emitOpen(r[i.b], sets[i.a].open, generator: i.d, program.routines[routine].emissions[i.c])
        }
      }
    }
  }

  /// The value of an element. Whether it is merely possible is told by the loop's other register.
  @inline(__always)
  private func value(of element: Element) -> Slot {
    let isPoint = element.lower == element.upper
    return Slot(
      element.lower, element.upper,
      isPoint && !element.isDefinite ? .none : element.cause)
  }
}
