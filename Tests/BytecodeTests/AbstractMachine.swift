// A machine that runs words without any graph: it takes branches and sizes of sets at random, and
// checks at each step what the verifier promises that an executor need not check.
import WritBytecode

/// A promise that was broken.
struct BrokenPromise: Error, CustomStringConvertible {
  let word: Int
  let description: String
}

struct AbstractMachine {
  private enum SetState { case unwritten, written, collecting }

  private struct Cursor {
    let set: Int
    let version: Int
    var remaining: Int
    var isOnElement = false
  }

  let program: Program
  let routine: Routine
  private var random: Random
  private var written: [Bool]
  private var sets: [SetState]
  /// Counts the writes to each set, so that a loop notices one.
  private var versions: [Int]
  private var layers: [Int]
  private var cursors: [Cursor?]
  private var checks: [Int]
  private var at = 0

  init(program: Program, routine: Routine, seed: UInt64) {
    self.program = program
    self.routine = routine
    random = Random(seed: seed)
    let shared = program.globalCount + routine.inputCount
    written = (0..<routine.registerCount).map { $0 < shared }
    sets = Array(repeating: .unwritten, count: routine.setCount)
    versions = Array(repeating: 0, count: routine.setCount)
    layers = versions
    cursors = Array(repeating: nil, count: routine.cursorCount)
    checks = Array(repeating: 0, count: routine.scoreBufferCount)
  }

  /// Runs to a `halt`; throws if a promise is broken or the end does not come.
  mutating func run() throws(BrokenPromise) {
    for _ in 0..<200_000 {
      try expect(routine.code.indices.contains(at), "the next word is inside")
      let word = routine.code[at]
      guard let opcode = word.opcode else { throw broken("the opcode is known") }
      if opcode == .halt { return }
      try read(opcode, word)
      try step(opcode, word)
    }
    throw broken("the end comes")
  }

  private func broken(_ promise: String) -> BrokenPromise {
    BrokenPromise(word: at, description: "not so: \(promise)")
  }

  private func expect(_ holds: Bool, _ promise: String) throws(BrokenPromise) {
    guard holds else { throw broken(promise) }
  }

  private mutating func read(_ opcode: Opcode, _ word: Instruction) throws(BrokenPromise) {
    let shape = opcode.shape
    for (role, value) in [(shape.a, word.a), (shape.b, word.b), (shape.c, word.c)] {
      switch role {
      case .read: try expect(written[value], "register \(value) was written")
      case .setRead: try expect(sets[value] == .written, "set \(value) was written")
      case .setUpdate where opcode == .openFrom:
        try expect(sets[value] != .unwritten, "set \(value) was written")
      case .setUpdate where !isOfClosure(opcode):
        try expect(sets[value] == .written, "set \(value) was written")
      case .setUpdate: try expect(sets[value] == .collecting, "set \(value) collects")
      default: continue
      }
    }
    if shape.d == .cursor { try expectElement(at: word.d) }
  }

  private func isOfClosure(_ opcode: Opcode) -> Bool {
    [.closureGoal, .closureNext, .closureFound, .closureRepeat, .closureEnd].contains(opcode)
  }

  private func expectElement(at number: Int) throws(BrokenPromise) {
    guard let cursor = cursors[number], cursor.isOnElement else {
      throw broken("cursor \(number) stands on an element")
    }
    try expect(versions[cursor.set] == cursor.version, "nobody changed set \(cursor.set)")
  }

  private mutating func write(set: Int) throws(BrokenPromise) {
    try expect(sets[set] != .collecting, "set \(set) does not collect")
    sets[set] = .written
    versions[set] += 1
  }

  private mutating func step(_ opcode: Opcode, _ word: Instruction) throws(BrokenPromise) {
    at += 1
    switch opcode {
    case .jump: at += word.distance
    case .jumpIfFalse, .jumpIfTrue, .jumpIfDropped, .jumpIfAbsent, .jumpIfPresent:
      if random.below(2) == 0 { at += word.distance }
    case .repeat, .closureRepeat: at -= word.distance + 1
    case .loop:
      cursors[word.a] = Cursor(
        set: word.b, version: versions[word.b], remaining: random.below(3))
    case .next: try next(word)
    case .closureStart:
      try write(set: word.a)
      sets[word.a] = .collecting
      layers[word.a] = random.below(3)
    case .closureNext:
      if layers[word.a] > 0 {
        layers[word.a] -= 1
        try write(set: word.b)
        at += 1
      }
    case .closureFound, .closureGoal, .openFrom: break
    case .closureEnd: sets[word.a] = .written
    case .check: checks[word.a] += 1
    case .score:
      let expected = program.scorecards[word.c].checks.count
      try expect(checks[word.b] == expected, "the checks are all there")
      checks[word.b] = 0
      written[word.a] = true
    case .emit: try emit(routine.emissions[word.c])
    default:
      if opcode.shape.a == .write { written[word.a] = true }
      if opcode.shape.a == .setWrite || opcode.shape.a == .setUpdate { try write(set: word.a) }
    }
  }

  private mutating func next(_ word: Instruction) throws(BrokenPromise) {
    guard var cursor = cursors[word.a] else { throw broken("the loop was begun") }
    try expect(versions[cursor.set] == cursor.version, "nobody changed set \(cursor.set)")
    cursor.isOnElement = cursor.remaining > 0
    if cursor.isOnElement {
      cursor.remaining -= 1
      written[word.b] = true
      written[word.c] = true
      at += 1
    }
    cursors[word.a] = cursor
  }

  private func emit(_ emission: Emission) throws(BrokenPromise) {
    for capture in emission.captures {
      switch capture {
      case .register(let register): try expect(written[register], "register was written")
      case .set(let set): try expect(sets[set] == .written, "set was written")
      }
    }
    for witness in emission.witnesses { try expectElement(at: witness) }
  }
}
