// Random damage: the verifier never traps, and what it passes keeps its promises.
import Testing
import WritBytecode
import WritModel

@Suite struct MutationTests {
  /// A word with some operand, opcode or distance changed, mostly to something near by.
  private func damaged(_ word: Instruction, _ random: inout Random) -> Instruction {
    switch random.below(5) {
    case 0: return Instruction(word: word.word ^ 1 << UInt64(random.below(64)))
    case 1:
      let shift = UInt64([0, 16, 32, 48][random.below(4)])
      return Instruction(
        word: word.word & ~(0xff << shift) | UInt64(random.below(24)) << shift)
    case 2:
      let opcode = UInt64(random.below(Opcode.allCases.count))
      return Instruction(word: word.word & ~(0xff << 56) | opcode << 56)
    case 3:
      let step = random.below(2) == 0 ? word.word &+ 1 << 16 : word.word &- 1 << 16
      return Instruction(word: step)
    default: return word
    }
  }

  private func damage(_ code: [Instruction], _ random: inout Random) -> [Instruction] {
    var code = code
    for _ in 0...random.below(3) {
      let at = random.below(code.count)
      switch random.below(4) {
      case 0: code.swapAt(at, random.below(code.count))
      case 1 where code.count > 1: code.remove(at: at)
      case 2: code.insert(damaged(code[random.below(code.count)], &random), at: at)
      default: code[at] = damaged(code[at], &random)
      }
    }
    return code
  }

  @Test(arguments: [11, 12, 13, 14])
  func whatIsPassedKeepsItsPromises(seed: UInt64) throws {
    let original = try everything().program.program
    var random = Random(seed: seed)
    var passed = 0
    for _ in 0..<1_500 {
      var program = original
      let index = random.below(3) == 0 ? random.below(program.routines.count) : 0
      let routine = program.routines[index]
      program.routines[index] = routine.with(code: damage(routine.code, &random))
      guard let verified = try? VerifiedProgram(verifying: program) else { continue }
      passed += 1
      for _ in 0..<4 {
        var machine = AbstractMachine(
          program: verified.program, routine: verified.program.routines[index],
          seed: random.next())
        do {
          try machine.run()
        } catch {
          let code = verified.program.routines[index].code.map { String($0.word, radix: 16) }
          Issue.record("seed \(seed), word \(error.word): \(error); \(code)")
        }
      }
    }
    #expect(passed > 30, "too few pass for the test to say anything")
  }

  @Test func undamagedRoutinesKeepTheirPromises() throws {
    let program = try everything().program.program
    for (index, routine) in program.routines.enumerated() {
      for seed in 1...100 {
        var machine = AbstractMachine(
          program: program, routine: routine, seed: UInt64(seed + 1_000 * index))
        try machine.run()
      }
    }
  }
}
