// One broken rule a test: words and control. The place and the rule must be the right ones.
import Testing
import WritBytecode
import WritModel

/// A routine's text that breaks one rule, at a word of it.
struct BrokenRoutine: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// Lines of assembly, separated by `|`.
  let body: String
  /// `nil`: said of the whole routine.
  let word: Int?
  let problem: VerifyProblem

  init(_ name: String, _ body: String, _ word: Int?, _ problem: VerifyProblem) {
    testDescription = name
    self.body = body
    self.word = word
    self.problem = problem
  }
}

/// Globals of the corpus program are registers 0 to 14, the routine's inputs 15 and 16, its own
/// begin at 17.
private let firstOwn = 17

/// The corpus program with routine 5 made of these lines: two inputs, plenty of everything.
private func program(withRoutine body: String) throws -> String {
  let bytes = try #require(Repository.read("corpus/ir/every-opcode.asm"))
  var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  let starts = lines.indices.filter { lines[$0].hasPrefix("routine") }
  let routine =
    ["routine inputs 2 registers 9 sets 9 cursors 4 buffers 2", "emission r8 witness c3"]
    + ["emission", "emission s8"] + body.split(separator: "|").map(String.init)
  lines.replaceSubrange(starts[5]..<starts[6], with: routine)
  // The clause that calls the routine takes nothing from it, and neither does the waiver.
  lines = lines.map { $0.hasPrefix("  deny") ? "  deny \"x\" routine 12 at \"\"" : $0 }
  lines = lines.map {
    $0.hasPrefix("waiver") ? $0.replacing(" routine 5 ", with: " routine 12 ") : $0
  }
  return (lines + ["routine inputs 2 registers 0 sets 0 cursors 0 buffers 0", "emission", "halt"])
    .joined(separator: "\n")
}

private let operandRules = [
  BrokenRoutine("writes an input", "move i0 k1|halt", 0, .writesShared(15)),
  BrokenRoutine("writes now", "move now k1|halt", 0, .writesShared(0)),
  BrokenRoutine("writes a constant", "move k1 k1|halt", 0, .writesShared(7)),
  BrokenRoutine("reads first", "move r0 r1|halt", 0, .unassigned("register", 18)),
  BrokenRoutine(
    "reads what one way writes", "jumpIfTrue k1 L|move r0 k1|L:|move r1 r0|halt", 2,
    .unassigned("register", 17)),
  BrokenRoutine(
    "reads what a loop may not write",
    "nodes s0 kinds[0]|loop c0 s0 free|N:|next c0 r0 r1|jump E|repeat c0 N|E:|move r2 r0|halt",
    5, .unassigned("register", 17)),
  BrokenRoutine("reads no set", "count r0 s1|halt", 0, .unassigned("set", 1)),
  BrokenRoutine("updates no set", "append s1 k1 k1 set|halt", 0, .unassigned("set", 1)),
  BrokenRoutine("divides by an input", "floorDivide r0 k1 i0|halt", 0, .badDivisor(15)),
  BrokenRoutine("divides by zero", "floorDivide r0 k1 k0|halt", 0, .badDivisor(6)),
  BrokenRoutine("divides by a negative", "floorDivide r0 k1 k3|halt", 0, .badDivisor(9)),
  BrokenRoutine("divides by a string", "floorDivide r0 k1 k5|halt", 0, .badDivisor(11)),
  BrokenRoutine("scalar of a set field", "field r0 i0 fields[1]|halt", 0, .wrongField(1)),
  BrokenRoutine("scalar of a set, edge", "field r0 i0 fields[3]|halt", 0, .wrongField(3)),
  BrokenRoutine("set of a scalar field", "fieldSet s0 i0 fields[0]|halt", 0, .wrongField(0)),
  BrokenRoutine("follows many", "follow r0 i0 steps[0]|halt", 0, .wrongStep(0)),
  BrokenRoutine("follows backwards", "follow r0 i0 steps[2]|halt", 0, .wrongStep(2)),
  BrokenRoutine("copies onto itself", "clear s0|copy s0 s0|halt", 1, .aliased(0)),
  BrokenRoutine("edges onto itself", "clear s0|edges s0 s0 steps[0]|halt", 1, .aliased(0)),
  BrokenRoutine(
    "union onto itself", "clear s0|clear s1|union s0 s1 s0 numbers|halt", 2, .aliased(0)),
  BrokenRoutine("no such set", "clear s9|halt", 0, .noSuch("set", 9)),
  BrokenRoutine("no such register", "move r9 k1|halt", 0, .noSuch("register", 26)),
  BrokenRoutine("no such buffer", "check b2 k1 k1|halt", 0, .noSuch("score buffer", 2)),
  BrokenRoutine("captures nothing yet", "emit k1 emissions[2]|halt", 0, .unassigned("set", 8)),
  BrokenRoutine(
    "captures no register", "emit k1 emissions[0]|halt", 0, .unassigned("register", 25)),
  BrokenRoutine(
    "witness of no loop", "move r8 k1|emit k1 emissions[0]|halt", 1, .cursorNotOpen(3)),
  BrokenRoutine(
    "via no loop", "clear s0|appendVia s0 k1 k1 c0|halt", 1, .cursorNotOpen(0)),
]

/// A loop over every service: words 0 to 3, then the body.
private func loop(_ body: String, then rest: String = "halt") -> String {
  "nodes s0 kinds[0]|loop c0 s0 charged|N:|next c0 r0 r1|jump E|\(body)|repeat c0 N|E:|\(rest)"
}

private let loopRules = [
  BrokenRoutine("no halt", "halt|move r0 k1", nil, .noHalt),
  BrokenRoutine("nothing at all", "", nil, .noHalt),
  BrokenRoutine("changes its set", loop("append s0 r0 r1 set"), 4, .setInUse(0)),
  BrokenRoutine("clears its set", loop("clear s0"), 4, .setInUse(0)),
  BrokenRoutine("seals its set", loop("seal s0 numbers"), 4, .setInUse(0)),
  BrokenRoutine(
    "restarts itself", loop("loop c0 s0 free|M:|next c0 r2 r3|jump F|repeat c0 M|F:|not r4 r1"),
    4, .cursorInUse(0)),
  BrokenRoutine("loop without next", "clear s0|loop c0 s0 free|halt", 1, .brokenLoop),
  BrokenRoutine(
    "next of another", "clear s0|loop c0 s0 free|N:|next c1 r0 r1|jump E|repeat c1 N|E:|halt", 1,
    .brokenLoop),
  BrokenRoutine("next without loop", "N:|next c0 r0 r1|jump E|repeat c0 N|E:|halt", 0, .brokenLoop),
  BrokenRoutine(
    "next without jump", "clear s0|loop c0 s0 free|N:|next c0 r0 r1|repeat c0 N|halt|halt", 2,
    .brokenLoop),
  BrokenRoutine(
    "repeat to its loop", "clear s0|L:|loop c0 s0 free|next c0 r0 r1|jump E|repeat c0 L|E:|halt", 4,
    .strayRepeat),
  BrokenRoutine(
    "repeat to its jump", "clear s0|loop c0 s0 free|next c0 r0 r1|J:|jump E|repeat c0 J|E:|halt", 4,
    .strayRepeat),
  BrokenRoutine("repeat of another", loop("repeat c1 N"), 4, .strayRepeat),
  BrokenRoutine("repeat alone", "N:|not r0 k1|repeat c0 N|halt", 1, .strayRepeat),
  BrokenRoutine(
    "loops cross", loop("loop c1 s0 free|M:|next c1 r2 r3|jump E|repeat c0 N|repeat c1 M"), 7,
    .strayRepeat),
  BrokenRoutine(
    "exit stays inside",
    "clear s0|loop c0 s0 free|N:|next c0 r0 r1|jump E|E:|not r2 k1|repeat c0 N|halt", 5, .badExit(4)
  ),
  BrokenRoutine(
    "exit onto repeat", "clear s0|loop c0 s0 free|N:|next c0 r0 r1|jump E|E:|repeat c0 N|halt", 4,
    .badExit(4)),
  BrokenRoutine(
    "no repeat", "clear s0|loop c0 s0 free|next c0 r0 r1|jump E|E:|halt", nil, .unclosed(2)),
  BrokenRoutine(
    "jumps into a body", "jumpIfTrue k1 X|" + loop("X:|not r2 k1"), 5, .jumpIntoLoop(0)),
  BrokenRoutine(
    "jumps to next",
    "clear s0|jumpIfTrue k1 N|loop c0 s0 free|N:|next c0 r0 r1|jump E|repeat c0 N|E:|halt", 3,
    .jumpIntoLoop(1)),
  BrokenRoutine(
    "jumps to repeat", "clear s0|jumpIfTrue k1 R|" + loop("R:"), 6, .jumpIntoLoop(1)),
  BrokenRoutine(
    "leaves one loop for another",
    loop("jumpIfTrue k1 X", then: "loop c1 s0 free|M:|next c1 r2 r3|jump F|X:|repeat c1 M|F:|halt"),
    9, .jumpIntoLoop(4)),
  BrokenRoutine(
    "via a loop that is over", loop("not r2 k1", then: "clear s1|appendVia s1 k1 k1 c0|halt"), 7,
    .cursorNotOpen(0)),
]

/// A filtered closure from every service: words 0 to 3, then the body.
private func closure(_ body: String, end: String = "closureEnd s1 closures[0]|halt") -> String {
  "nodes s0 kinds[0]|closureStart s1 s0 closures[0]|N:|closureNext s1 s2|jump E|\(body)"
    + "|closureRepeat s1 N|E:|\(end)"
}

private let closureRules = [
  BrokenRoutine(
    "start without next", "clear s0|closureStart s1 s0 closures[0]|halt", 1, .brokenLoop),
  BrokenRoutine("goal without start", "clear s0|clear s1|closureGoal s0 s1|halt", 2, .brokenLoop),
  BrokenRoutine(
    "goal that is itself",
    "nodes s0 kinds[0]|closureStart s1 s0 closures[0]|closureGoal s1 s1|N:|closureNext s1 s2|jump E"
      + "|closureRepeat s1 N|E:|closureEnd s1 closures[0]|halt", 2, .unassigned("set", 1)),
  BrokenRoutine(
    "jump past the goal",
    "nodes s0 kinds[0]|jumpIfTrue k1 G|closureStart s1 s0 closures[0]|G:|closureGoal s1 s0|N:"
      + "|closureNext s1 s2|jump E|closureRepeat s1 N|E:|closureEnd s1 closures[0]|halt", 3,
    .jumpIntoLoop(1)),
  BrokenRoutine("next without start", "N:|closureNext s1 s2|jump E|E:|halt", 0, .brokenLoop),
  BrokenRoutine("reads what collects", closure("count r0 s1"), 4, .setInUse(1)),
  BrokenRoutine("writes what collects", closure("clear s1"), 4, .setInUse(1)),
  BrokenRoutine("opens by what collects", closure("openFrom s2 s1"), 4, .setInUse(1)),
  BrokenRoutine(
    "captures what collects",
    "nodes s0 kinds[0]|closureStart s8 s0 closures[0]|N:|closureNext s8 s2|jump E"
      + "|emit k1 emissions[2]|closureRepeat s8 N|E:|closureEnd s8 closures[0]|halt", 4,
    .setInUse(8)),
  BrokenRoutine(
    "layer onto itself",
    "clear s0|closureStart s1 s0 closures[0]|N:|closureNext s1 s1|jump E|closureRepeat s1 N|E:|"
      + "closureEnd s1 closures[0]|halt", 2, .aliased(1)),
  BrokenRoutine(
    "starts onto itself",
    "clear s0|closureStart s0 s0 closures[0]|N:|closureNext s0 s1|jump E|closureRepeat s0 N|E:|"
      + "closureEnd s0 closures[0]|halt", 1, .aliased(0)),
  BrokenRoutine(
    "finds for another",
    closure(
      "loop c0 s2 free|M:|next c0 r0 r1|jump F|closureFound s0 r0 r1 c0|repeat c0 M|F:|not r2 k1"),
    7, .strayClosure(0)),
  BrokenRoutine("finds via nothing", closure("closureFound s1 k1 k1 c0"), 4, .cursorNotOpen(0)),
  BrokenRoutine(
    "leaves", closure("jumpIfTrue k1 X", end: "closureEnd s1 closures[0]|X:|halt"), 4,
    .jumpOutOfClosure(7)),
  BrokenRoutine("leaves for its end", closure("jumpIfTrue k1 E"), 4, .jumpOutOfClosure(6)),
  BrokenRoutine(
    "no end", closure("not r0 k1", end: "halt"), 5, .badExit(6)),
  BrokenRoutine(
    "end elsewhere", closure("not r0 k1", end: "closureEnd s2 closures[0]|halt"), 5, .badExit(6)),
  BrokenRoutine(
    "end of another", closure("not r0 k1", end: "closureEnd s1 closures[1]|halt"), 6,
    .strayClosure(1)),
  BrokenRoutine(
    "ends twice",
    closure("not r0 k1", end: "closureEnd s1 closures[0]|closureEnd s1 closures[0]|halt"), 7,
    .strayClosure(1)),
  BrokenRoutine(
    "exit beyond the end",
    "clear s0|closureStart s1 s0 closures[0]|N:|closureNext s1 s2|jump E|closureRepeat s1 N|"
      + "closureEnd s1 closures[0]|E:|halt", 4, .badExit(6)),
  BrokenRoutine("repeat of another", closure("closureRepeat s2 N"), 4, .strayRepeat),
  BrokenRoutine(
    "jumps to the end", "clear s0|jumpIfTrue k1 E|" + closure("not r0 k1"), 8, .jumpIntoLoop(1)),
  BrokenRoutine(
    "unclosed", "clear s0|closureStart s1 s0 closures[0]|closureNext s1 s2|jump E|E:|halt", nil,
    .unclosed(2)),
]

private let scoreRules = [
  BrokenRoutine(
    "a check on one way", "jumpIfTrue k1 L|check b0 k1 k1|L:|halt", 2, .buffersDiffer),
  BrokenRoutine("a check in each round", loop("check b0 r1 r1"), 5, .buffersDiffer),
  BrokenRoutine(
    "a check in each layer", closure("check b0 k1 k1"), 5, .buffersDiffer),
  BrokenRoutine(
    "too few checks", "check b0 k1 k1|score r0 b0 scorecards[0] score|halt", 1,
    .checks(1, expected: 2)),
  BrokenRoutine(
    "checks of another buffer", "check b1 k1 k1|score r0 b0 scorecards[1] level|halt", 1,
    .checks(0, expected: 1)),
  BrokenRoutine(
    "the same checks twice",
    "check b0 k1 k1|score r0 b0 scorecards[1] score|score r1 b0 scorecards[1] level|halt", 2,
    .checks(0, expected: 1)),
]

@Suite struct VerifierTests {
  @Test(arguments: operandRules + loopRules + closureRules + scoreRules)
  func brokenRuleIsFoundWhereItIsBroken(_ broken: BrokenRoutine) throws {
    let text = try program(withRoutine: broken.body)
    let place: VerifyPlace =
      broken.word.map { .word(routine: 5, word: $0) } ?? .entry(.routines, 5)
    do {
      _ = try assemble(Array(text.utf8))
      Issue.record("accepted")
    } catch {
      #expect(error.expectation == VerifyError(place, broken.problem).description)
    }
  }

  /// What looks like a broken rule and is none.
  @Test(arguments: [
    loop("not r2 k1", then: "loop c0 s0 free|M:|next c0 r0 r1|jump F|repeat c0 M|F:|clear s0|halt"),
    loop("jumpIfTrue k1 X", then: "X:|halt"),
    loop("jumpIfTrue k1 X|not r2 r0|X:"),
    loop("halt"),
    loop("jump X|not r8 r8|X:"),
    closure("openFrom s1 s2"),
    closure("clear s2"),
    closure("halt"),
    "jumpIfTrue k1 L|move r0 k1|jump M|L:|move r0 k0|M:|move r1 r0|halt",
    "check b0 k1 k1|jumpIfTrue k1 L|score r0 b0 scorecards[1] score|halt|L:|halt",
    "jump L|move r0 r1|L:|halt",
  ])
  func accepted(body: String) throws {
    _ = try assemble(Array(try program(withRoutine: body).utf8))
  }

  @Test func loopsNestToALimit() throws {
    func nested(_ loops: Int, _ closures: Int) -> String {
      var lines = ["routine inputs 2 registers 9 sets 199 cursors 64 buffers 0", "emission"]
      lines.append("nodes s0 kinds[0]")
      for index in 0..<loops {
        lines += ["loop c\(index) s0 free", "N\(index):", "next c\(index) r0 r1", "jump E\(index)"]
      }
      for index in 1...closures {
        lines += [
          "closureStart s\(2 * index) s0 closures[0]", "M\(index):",
          "closureNext s\(2 * index) s\(2 * index + 1)", "jump F\(index)",
        ]
      }
      for index in (1...closures).reversed() {
        lines += [
          "closureRepeat s\(2 * index) M\(index)", "F\(index):",
          "closureEnd s\(2 * index) closures[0]",
        ]
      }
      for index in (0..<loops).reversed() { lines += ["repeat c\(index) N\(index)", "E\(index):"] }
      return (lines + ["halt"]).joined(separator: "\n")
    }
    let base = try program(withRoutine: "halt")
    _ = try assemble(Array((base + "\n" + nested(64, 64)).utf8))
    do {
      _ = try assemble(Array((base + "\n" + nested(64, 65)).utf8))
      Issue.record("accepted")
    } catch {
      #expect(error.expectation.hasSuffix(VerifyProblem.tooNested.description))
    }
  }
}

// Words that the assembler cannot write.
extension VerifierTests {
  private func refusal(of code: [Instruction], registers: Int = 30) throws -> VerifyError? {
    var program = try everything().program.program
    program.routines[5] = Routine(
      inputCount: 2, registerCount: registers, setCount: 4, cursorCount: 2, scoreBufferCount: 1,
      emissions: [Emission(captures: [], witnesses: [])], code: code)
    do {
      _ = try VerifiedProgram(verifying: program)
      return nil
    } catch {
      return error
    }
  }

  @Test func unknownOpcodesAreRefused() throws {
    for code in UInt64(Opcode.allCases.count)...255 {
      let error = try refusal(of: [Instruction(word: code << 56), Instruction(.halt)])
      #expect(error == VerifyError(.word(routine: 5, word: 0), .unknownOpcode(Int(code))))
    }
  }

  @Test func jumpsStayInside() throws {
    for (distance, target) in [(UInt32(1), 2), (UInt32.max, 1 + Int(UInt32.max))] {
      let error = try refusal(of: [Instruction(.jump, distance: distance), Instruction(.halt)])
      #expect(error == VerifyError(.word(routine: 5, word: 0), .jumpOutside(target)))
    }
    let back = [Instruction(.repeat, distance: .max), Instruction(.halt)]
    #expect(try refusal(of: back) == VerifyError(.word(routine: 5, word: 0), .strayRepeat))
  }

  @Test func routinesHaveLimits() throws {
    let halt = Instruction(.halt)
    let long = Array(repeating: halt, count: Limits.codeWords)
    #expect(try refusal(of: long) == nil)
    let problem = VerifyProblem.tooMany(
      "words", count: Limits.codeWords + 1, limit: Limits.codeWords)
    #expect(
      try refusal(of: long + [halt]) == VerifyError(.entry(.routines, 5), problem))
    #expect(try refusal(of: [halt], registers: Limits.registers) == nil)
    #expect(try refusal(of: [halt], registers: Limits.registers + 1) != nil)
    #expect(
      try refusal(of: [halt], registers: 16)
        == VerifyError(.entry(.routines, 5), .outOfBounds("registers", 16)))
    #expect(
      try refusal(of: [halt], registers: -1)
        == VerifyError(.entry(.routines, 5), .outOfBounds("registers", -1)))
  }

  @Test func manyOpenJumpsOverManyRegistersAreTooComplex() throws {
    let count = 5_000
    let far = Instruction(.jumpIfTrue, a: 7, distance: UInt32(count))
    let moves = Array(repeating: Instruction(.move, a: 20, b: 7), count: count)
    let code = Array(repeating: far, count: count) + moves + [Instruction(.halt)]
    #expect(try refusal(of: code) == nil)
    #expect(
      try refusal(of: code, registers: Limits.registers)
        == VerifyError(.entry(.routines, 5), .tooComplex))
    let near = Array(repeating: Instruction(.jumpIfTrue, a: 7, distance: 0), count: count)
    #expect(try refusal(of: near + [Instruction(.halt)], registers: Limits.registers) == nil)
  }

  /// In every word of the corpus program, every operand in turn: out of range, or not 0 where it is
  /// unused.
  @Test func everyOperandOfEveryOpcodeIsChecked() throws {
    let program = try everything().program.program
    for (number, routine) in program.routines.enumerated() {
      for (index, word) in routine.code.enumerated() {
        let opcode = try #require(word.opcode)
        let shape = opcode.shape
        for (role, shift) in [(shape.a, UInt64(0)), (shape.b, 16), (shape.c, 32)] {
          if role == .forward || role == .backward || (shift == 32 && shape.b == .forward) {
            continue
          }
          if shift == 32 && shape.b == .backward { continue }
          try expectRefusal(
            of: Instruction(word: word.word | 0xffff << shift), at: index, number, program)
        }
        if shape.d == .any { continue }
        try expectRefusal(
          of: Instruction(word: word.word | 0xff << 48), at: index, number, program)
      }
    }
  }

  private func expectRefusal(
    of word: Instruction, at index: Int, _ number: Int, _ program: Program
  ) throws {
    var program = program
    var code = program.routines[number].code
    code[index] = word
    program.routines[number] = program.routines[number].with(code: code)
    let name = "\(word.opcode.map(\.name) ?? "") \(String(word.word, radix: 16))"
    do {
      _ = try VerifiedProgram(verifying: program)
      Issue.record("accepted \(name)")
    } catch {
      let isOfTheOperand =
        switch error.problem {
        case .noSuch, .unusedOperand, .outOfBounds, .brokenLoop, .badExit: true
        default: false
        }
      #expect(isOfTheOperand, "\(name): \(error)")
    }
  }
}

extension Routine {
  /// The same routine with other words.
  func with(code: [Instruction]) -> Routine {
    Routine(
      inputCount: inputCount, registerCount: registerCount, setCount: setCount,
      cursorCount: cursorCount, scoreBufferCount: scoreBufferCount, emissions: emissions,
      code: code)
  }
}
