// How a routine uses its registers, sets and loops: what exact code may leave out, put off or do in another order.

import WritBytecode

/// A loop of a routine, by places of words.
struct ExactLoop {
  let element: Int
  let source: Int
  /// The first word behind the loop's head, its `repeat`, and where it goes on in the end.
  let body: Int
  let back: Int
  let exit: Int

  func contains(_ place: Int) -> Bool { place >= body && place < back }
}

/// What following a routine in another way rests on. Whatever is unusual is refused: the scalar executor then does the clause.
struct ExactUse {
  let registerCount: Int
  /// Words that something jumps to.
  private(set) var isTarget: [Bool]
  /// Loops by the place of their `loop` and of their `repeat`.
  private(set) var loops: [Int: ExactLoop] = [:]
  private(set) var loopOfRepeat: [Int: ExactLoop] = [:]
  /// How often each register is read, but for reads of a truth that the word before has tested.
  private(set) var readCount: [Int]
  private(set) var isWrittenOnce: [Bool]
  /// Registers that say whether a loop's element is surely one.
  private(set) var isAlwaysTrue: [Bool]
  /// Registers of elements of loops.
  private(set) var isElement: [Bool]
  /// Sets of which nothing matters but whether they have an element.
  private(set) var isFlag: [Bool]
  /// Sets in which an element may stand twice, as everything that is done with them may be done twice.
  private(set) var mayRepeat: [Bool]
  /// Sets in which no element stands twice.
  private(set) var isDistinct: [Bool]
  /// Sets of strings of which the word behind each says whether something is in them, and nothing else.
  private(set) var isLookedIn: [Bool]
  /// By the place of an `append` to such a set, where the search for an element ends.
  private(set) var exitOfSearch: [Int: Int] = [:]

  /// For each set, the places that look at it, and those that change it.
  private var readers: [[Int]] = []
  private var writers: [[Int]] = []
  private let code: [Instruction]
  private let opcodes: [Opcode]

  /// `nil` for a routine that exact code cannot follow. O(words x loops).
  init?(_ routine: Routine, _ program: Program) {
    code = routine.code
    let opcodes = code.compactMap(\.opcode)
    guard opcodes.count == code.count else { return nil }
    self.opcodes = opcodes
    // One more: globals may be all that a routine reads.
    registerCount = max(routine.registerCount, program.globalCount + routine.inputCount)
    isTarget = Array(repeating: false, count: code.count + 1)
    readCount = Array(repeating: 0, count: registerCount)
    isWrittenOnce = Array(repeating: false, count: registerCount)
    isAlwaysTrue = Array(repeating: false, count: registerCount)
    isElement = Array(repeating: false, count: registerCount)
    isFlag = Array(repeating: false, count: routine.setCount)
    isLookedIn = isFlag
    mayRepeat = Array(repeating: false, count: routine.setCount)
    isDistinct = Array(repeating: false, count: routine.setCount)
    guard findJumps(), findLoops() else { return nil }
    countRegisters(program.globalCount + routine.inputCount)
    findPlaces(routine.setCount)
    findFlags()
    findLookedIn()
    findRepeats()
    findDistinct()
    let liveness = Liveness(
      code, opcodes, registerCount: registerCount, setCount: routine.setCount)
    guard loops.values.allSatisfy({ keepsToItself($0, liveness) }) else { return nil }
    findSearches()
  }
}

// MARK: Jumps and loops

extension ExactUse {
  private mutating func findJumps() -> Bool {
    for (place, opcode) in opcodes.enumerated() where opcode.shape.b == .forward {
      let target = place + 1 + code[place].distance
      guard target <= code.count else { return false }
      isTarget[target] = true
    }
    return true
  }

  private mutating func findLoops() -> Bool {
    for (place, opcode) in opcodes.enumerated() {
      switch opcode {
      case .loop:
        guard place + 2 < code.count, opcodes[place + 1] == .next, opcodes[place + 2] == .jump,
          code[place + 1].a == code[place].a, !isTarget[place + 1], !isTarget[place + 2],
          let back = (place + 3..<code.count).first(where: {
            opcodes[$0] == .repeat && $0 - code[$0].distance == place + 1
          })
        else { return false }
        let loop = ExactLoop(
          element: code[place + 1].b, source: code[place].b, body: place + 3, back: back,
          exit: place + 3 + code[place + 2].distance)
        guard loop.exit > back else { return false }
        isTarget[loop.body] = true
        loops[place] = loop
        loopOfRepeat[back] = loop
      case .next:
        guard place > 0, opcodes[place - 1] == .loop else { return false }
      case .repeat: guard loopOfRepeat[place] != nil else { return false }
      default: break
      }
    }
    return true
  }

  /// The innermost loop around a word.
  private func innermost(_ place: Int) -> ExactLoop? {
    loops.values.filter { $0.contains(place) }.min { $0.back - $0.body < $1.back - $1.body }
  }
}

// MARK: Registers

extension ExactUse {
  /// Whether a word reads a truth that the word before has found to be true.
  private func isTested(_ register: Int, at place: Int) -> Bool {
    guard place > 0, !isTarget[place] else { return false }
    let before = opcodes[place - 1]
    return (before == .jumpIfDropped || before == .jumpIfFalse) && code[place - 1].a == register
  }

  private mutating func countRegisters(_ inputs: Int) {
    var writes = Array(repeating: 0, count: registerCount)
    for register in 0..<min(inputs, registerCount) { writes[register] = 1 }
    var other = writes
    var (truths, elements) = (other, other)
    for (place, opcode) in opcodes.enumerated() {
      let i = code[place]
      for (role, register) in operands(i, opcode) where role == .read {
        let isRow =
          opcode == .emit && register == i.a
          || (opcode == .append || opcode == .appendVia) && register == i.c && register != i.b
        if isRow && isTested(register, at: place) { continue }
        readCount[register] += 1
      }
      for (role, register) in operands(i, opcode) where role == .write {
        writes[register] += 1
        if opcode != .next { other[register] += 1 }
      }
      if opcode == .next {
        elements[i.b] += 1
        truths[i.c] += 1
      }
    }
    for register in 0..<registerCount {
      isWrittenOnce[register] = writes[register] == 1
      isAlwaysTrue[register] =
        other[register] == 0 && elements[register] == 0 && truths[register] > 0
      isElement[register] =
        other[register] == 0 && truths[register] == 0 && elements[register] > 0
    }
  }

  private func operands(_ i: Instruction, _ opcode: Opcode) -> [(OperandRole, Int)] {
    opcode.operands(of: i)
  }
}

// MARK: Sets

extension ExactUse {
  /// Notes for each set the places that look at it, and those that change it.
  private mutating func findPlaces(_ setCount: Int) {
    readers = Array(repeating: [], count: setCount)
    writers = readers
    for (place, opcode) in opcodes.enumerated() {
      for (role, set) in operands(code[place], opcode) {
        switch role {
        case .setRead: readers[set].append(place)
        case .setWrite, .setUpdate: writers[set].append(place)
        default: break
        }
      }
    }
  }

  /// Whether a word has to do with a set of which only the existence is kept.
  func touchesFlag(_ i: Instruction, _ opcode: Opcode) -> Bool {
    operands(i, opcode).contains { role, set in
      (role == .setRead || role == .setWrite || role == .setUpdate) && isFlag[set]
    }
  }

  private mutating func findLookedIn() {
    for set in isLookedIn.indices {
      isLookedIn[set] =
        writers[set].allSatisfy { opcodes[$0] == .fieldSet }
        && readers[set].allSatisfy { place in
          place > 0 && opcodes[place] == .member && !isTarget[place]
            && opcodes[place - 1] == .fieldSet && code[place - 1].a == set
        }
        // A set that is made and not looked at is made all the same.
        && readers[set].count == writers[set].count
    }
  }

  private mutating func findFlags() {
    for set in isFlag.indices {
      let writers = writers[set]
      isFlag[set] =
        writers.contains { opcodes[$0] == .append || opcodes[$0] == .appendVia }
        && writers.allSatisfy {
          switch opcodes[$0] {
          case .clear, .append, .appendVia, .seal, .openFrom: true
          default: false
          }
        }
        && readers[set].allSatisfy {
          switch opcodes[$0] {
          case .isEmpty, .openFrom, .emitOpen: true
          default: false
          }
        }
    }
  }

  /// What is done with the elements may be done twice with one of them: only whether something is found comes out.
  private mutating func findRepeats() {
    for set in mayRepeat.indices {
      mayRepeat[set] =
        !isFlag[set]
        && writers[set].allSatisfy {
          switch opcodes[$0] {
          case .reach, .openFrom, .single: true
          default: false
          }
        }
    }
    var isChanged = true
    while isChanged {
      isChanged = false
      for set in mayRepeat.indices where mayRepeat[set] {
        let isHarmless = readers[set].allSatisfy { place in
          switch opcodes[place] {
          case .openFrom, .emitOpen, .charge: true
          case .reach: mayRepeat[code[place].a]
          case .loop: loops[place].map(isIdempotent) ?? false
          default: false
          }
        }
        if !isHarmless {
          mayRepeat[set] = false
          isChanged = true
        }
      }
    }
  }

  private func isIdempotent(_ loop: ExactLoop) -> Bool {
    (loop.body..<loop.back).allSatisfy { place in
      switch opcodes[place] {
      case .append, .appendVia: isFlag[code[place].a]
      case .check, .score: false
      default: true
      }
    }
  }

  /// Whatever makes a set or adds to it leaves it distinct: the greatest such sets, as one may be made of another.
  private mutating func findDistinct() {
    for set in isDistinct.indices { isDistinct[set] = !isFlag[set] && !mayRepeat[set] }
    var isChanged = true
    while isChanged {
      isChanged = false
      for set in isDistinct.indices where isDistinct[set] && !keepsDistinct(set) {
        isDistinct[set] = false
        isChanged = true
      }
    }
  }

  private func keepsDistinct(_ set: Int) -> Bool {
    let appends = writers[set].filter { opcodes[$0] == .append || opcodes[$0] == .appendVia }
    if let append = appends.first {
      return appends.count == 1 && addsElementsOnce(append, to: set)
    }
    return writers[set].allSatisfy { place in
      let i = code[place]
      switch opcodes[place] {
      // What stands in the graph, and what exact code makes distinct itself.
      case .clear, .single, .nodes, .fieldSet, .edges, .reach, .closure, .union, .seal, .openFrom:
        return true
      case .copy, .difference, .intersection: return isDistinct[i.b]
      default: return false
      }
    }
  }

  /// Whether an `append` adds the elements of one loop over a distinct set, to a set that was cleared for that loop.
  private func addsElementsOnce(_ append: Int, to set: Int) -> Bool {
    guard let loop = innermost(append), code[append].b == loop.element, loop.source != set,
      isDistinct[loop.source]
    else { return false }
    let around = innermost(loop.body - 3)?.body
    return writers[set].allSatisfy { place in
      switch opcodes[place] {
      case .append, .appendVia, .seal, .openFrom: true
      case .clear: place < loop.body && innermost(place)?.body == around
      default: false
      }
    }
  }
}

// MARK: What loops leave behind

extension ExactUse {
  /// What is written for an element is looked at for that element only: not behind the loop, and not for the next one. What is
  /// collected in sets may be.
  private func keepsToItself(_ loop: ExactLoop, _ liveness: Liveness) -> Bool {
    for place in loop.body - 2..<loop.back {
      let opcode = opcodes[place]
      for (role, operand) in operands(code[place], opcode) {
        if role == .write {
          if liveness.isLive(register: operand, at: loop.exit) { return false }
          // The element, and whether it is one, are told anew with each.
          if opcode != .next && liveness.isLive(register: operand, at: loop.body) { return false }
        }
        // What only adds to a set, or puts it in order, does so whatever the order.
        if role == .setWrite {
          if liveness.isLive(set: operand, at: loop.exit) { return false }
          if liveness.isLive(set: operand, at: loop.body) { return false }
        }
      }
    }
    return true
  }

  /// A loop that does nothing but look for one element ends where it finds one.
  private mutating func findSearches() {
    for place in code.indices where opcodes[place] == .append || opcodes[place] == .appendVia {
      guard isFlag[code[place].a], let loop = innermost(place) else { continue }
      let isSearch = (loop.body..<loop.back).allSatisfy { other in
        switch opcodes[other] {
        case .append, .appendVia: code[other].a == code[place].a
        default:
          operands(code[other], opcodes[other]).allSatisfy { role, _ in
            switch role {
            case .setWrite, .setRead, .setUpdate, .cursor, .emission: false
            default: true
            }
          }
        }
      }
      if isSearch { exitOfSearch[place] = loop.exit }
    }
  }
}
