// Where a routine compares with the time: read off its instructions, so that a run can tell for how long its answer holds.

import WritBytecode

/// How a value moves with the time.
private enum Motion {
  case still
  /// As fast as the time.
  case forward
  /// As fast, and back.
  case backward
  /// Otherwise, or now so and now so.
  case unclear

  var reversed: Motion {
    switch self {
    case .forward: .backward
    case .backward: .forward
    case .still, .unclear: self
    }
  }
}

/// What an executor notes at an instruction, in the bits of `d` that the instruction does not use.
enum TimeMark {
  /// `b` moves forward; backward; `c` moves forward; backward.
  static let forwardLeft = 1
  static let backwardLeft = 2
  static let forwardRight = 3
  static let backwardRight = 4
  /// The result of a sum moves. One that is only turned round is no larger than it was.
  static let sum = 1
  /// Beside the part of an instant.
  static let part = 8
}

extension Program {
  /// The words of a routine with a mark at each that looks at the time; `nil` where one looks at it in a way that no mark tells, and
  /// for a routine that does not look at it.
  func markedCode(of index: Int) -> [Instruction]? {
    guard readsTime(index) else { return nil }
    let routine = routines[index]
    var finder = MotionFinder(
      registerCount: max(globalCount + routine.inputCount, routine.registerCount),
      given: globalCount + routine.inputCount)
    guard finder.follow(routine.code), !finder.tellsMoving(routine.emissions) else { return nil }
    return routine.code.map { finder.marked($0) }
  }
}

/// Follows values that move with the time through the registers.
private struct MotionFinder {
  /// `nil`: never written to, so far.
  private var motions: [Motion?]

  /// - Parameter given: Registers that have a value when the routine begins.
  init(registerCount: Int, given: Int) {
    motions = Array(repeating: nil, count: registerCount)
    for register in 0..<given { motions[register] = .still }
    motions[Program.nowRegister] = .forward
  }

  private func motion(_ register: Int) -> Motion { motions[register] ?? .still }

  /// False where what moves goes where it cannot be followed. Each pass can only make a register less clear, so it ends.
  mutating func follow(_ code: [Instruction]) -> Bool {
    var isNews = true
    while isNews {
      isNews = false
      for word in code {
        guard let opcode = word.opcode, let written = motion(writtenBy: word, opcode) else {
          return false
        }
        guard case .register(let register, let motion) = written else { continue }
        guard motion != .unclear else { return false }
        guard let known = motions[register] else {
          motions[register] = motion
          isNews = true
          continue
        }
        if known != motion { return false }
      }
    }
    return true
  }

  private enum Written {
    case nothing
    case register(Int, Motion)
  }

  /// What an instruction leaves in a register; `nil` where it takes what moves elsewhere.
  private func motion(writtenBy word: Instruction, _ opcode: Opcode) -> Written? {
    switch opcode {
    case .move, .present: return .register(word.a, motion(word.b))
    case .negate: return .register(word.a, motion(word.b).reversed)
    case .add: return .register(word.a, MotionFinder.sum(motion(word.b), motion(word.c)))
    case .subtract:
      return .register(word.a, MotionFinder.sum(motion(word.b), motion(word.c).reversed))
    case .equal, .notEqual, .less, .lessOrEqual:
      let isTold = motion(word.b) == .still || motion(word.c) == .still
      return .register(word.a, isTold ? .still : .unclear)
    case .instantPart: return .register(word.a, motion(word.b) == .backward ? .unclear : .still)
    default: return readsMoving(word, opcode) ? nil : written(word, opcode)
    }
  }

  private func written(_ word: Instruction, _ opcode: Opcode) -> Written? {
    let shape = opcode.shape
    let roles = [(shape.a, word.a), (shape.b, word.b), (shape.c, word.c)]
    let places = roles.filter { $0.0 == .write }.map(\.1)
    // `next` writes two, both of them still.
    for place in places where motion(place) != .still { return nil }
    return places.first.map { .register($0, .still) } ?? .nothing
  }

  private func readsMoving(_ word: Instruction, _ opcode: Opcode) -> Bool {
    let shape = opcode.shape
    return shape.a == .read && motion(word.a) != .still
      || shape.b == .read && motion(word.b) != .still
      || shape.c == .read && motion(word.c) != .still
  }

  private static func sum(_ left: Motion, _ right: Motion) -> Motion {
    switch (left, right) {
    case (.still, let other), (let other, .still): other
    default: .unclear
    }
  }

  /// Whether a message or a reason would show what moves.
  func tellsMoving(_ emissions: [Emission]) -> Bool {
    emissions.contains { emission in
      emission.captures.contains {
        if case .register(let register) = $0 { return motion(register) != .still }
        return false
      }
    }
  }

  func marked(_ word: Instruction) -> Instruction {
    guard let opcode = word.opcode, let mark = mark(word, opcode) else { return word }
    return Instruction(word: word.word | UInt64(mark) << 48)
  }

  private func mark(_ word: Instruction, _ opcode: Opcode) -> Int? {
    switch opcode {
    case .equal, .notEqual, .less, .lessOrEqual:
      switch (motion(word.b), motion(word.c)) {
      case (.forward, _): TimeMark.forwardLeft
      case (.backward, _): TimeMark.backwardLeft
      case (_, .forward): TimeMark.forwardRight
      case (_, .backward): TimeMark.backwardRight
      default: nil
      }
    case .add, .subtract: motion(word.a) == .still ? nil : TimeMark.sum
    case .instantPart: motion(word.b) == .still ? nil : TimeMark.part
    default: nil
    }
  }
}

extension Machine {
  /// Notes until when a comparison with the time comes out the same.
  @inline(never)
  func noteTime(_ left: Slot, _ right: Slot, mark: Int) {
    let isLeft = mark <= TimeMark.backwardLeft
    let isForward = mark == TimeMark.forwardLeft || mark == TimeMark.forwardRight
    span.noteComparison(
      of: isLeft ? left : right, with: isLeft ? right : left, isForward: isForward,
      at: now)
  }

  @inline(never)
  func noteTime(_ sum: Slot) {
    span.noteSum(sum, at: now)
  }

  @inline(never)
  func noteTime(_ instant: Slot, part: Int) {
    span.notePart(part, of: instant, at: now)
  }
}
