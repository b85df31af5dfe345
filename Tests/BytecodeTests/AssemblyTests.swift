// The assembly language: each way is the other's inverse, and mistakes are told with their place.
import Testing
import WritBytecode
import WritModel

@Suite struct AssemblyTests {
  @Test func corpusProgramIsWrittenAsTheDisassemblerWritesIt() throws {
    let text = disassemble(try everything())
    Repository.expect("corpus/ir/every-opcode.asm", holds: text)
  }

  @Test func assemblingTheDisassemblyGivesTheSameBundle() throws {
    let bundle = try everything()
    let again = try assemble(Array(disassemble(bundle).utf8))
    #expect(again == bundle)
    #expect(try again.encoded() == bundle.encoded())
  }

  @Test func everyOpcodeIsCovered() throws {
    let routines = try everything().program.program.routines
    let used = Set(routines.flatMap(\.code).compactMap(\.opcode))
    #expect(Opcode.allCases.filter { !used.contains($0) } == [])
  }

  @Test func everyChoiceHasAName() {
    for opcode in Opcode.allCases {
      guard case .below(let bound) = opcode.shape.d, opcode != .emitOpen else {
        #expect(opcode.choices.isEmpty)
        continue
      }
      #expect(opcode.choices.count == Int(bound), "\(opcode)")
    }
  }

  /// A change to one line of the corpus program, and the place and text of the mistake.
  @Test(arguments: [
    ("writ-bundle 1", "writ-bundle 2", 13, "expected `1`"),
    ("revision 7", "revision 07", 10, "expected a number"),
    ("revision 7", "revision -1", 1, "manifest: revision: expected 0 or more"),
    ("role \"lead\"", "rolle \"lead\"", 1, "`rolle` cannot stand here"),
    ("language \"1\"", "language \"1", 10, "this text has no closing quote"),
    ("language \"1\"", "language \"\\q\"", 12, "expected one of the escapes `\"\\/bfnrtu`"),
    ("language \"1\"", "language \"1\" x", 14, "expected the end of the line"),
    ("language \"1\"", "language é", 10, "expected a word, a number or a text"),
    ("source \"cmdb\"", "source cmdb", 8, "expected a text in double quotes"),
    ("  field \"id\" string key", "  field \"id\" text", 14, "expected a type"),
    (
      "  field \"id\" string key", "  field \"id\" set set set set int", 30,
      "at most 4 types inside one another"
    ),
    ("edge \"lead\" of 1 optional", "edge \"lead\" of 1 few", 18, "expected one, optional or many"),
    ("fieldref edge 0.0", "fieldref edge 00.0", 15, "expected two numbers with a dot"),
    ("  move r0 i0", "  mov r0 i0", 3, "`mov` is no opcode"),
    ("  move r0 i0", "  move r0", 10, "expected a register"),
    ("  move r0 i0", "  move r0 i2", 11, "expected a register"),
    ("  move r0 i0", "  move r0 k9", 11, "expected a register"),
    ("  move r0 i0", "  move r0 i0 i0", 14, "expected the end of the line"),
    ("  nodes s0 kinds[0]", "  nodes s0 kinds[0", 12, "expected `kinds[…]`"),
    ("  nodes s0 kinds[0]", "  nodes c0 kinds[0]", 9, "expected `s…`"),
    ("  nodes s0 kinds[0]", "  nodes s0 kinds[99]", 1, "there is no kind 99"),
    ("  edgeEnd r29 r26 to", "  edgeEnd r29 r26 up", 19, "expected from, to"),
    ("  greatest r9 s1 255", "  greatest r9 s1 256", 18, "expected a number below 256"),
    ("  jumpIfAbsent p1 L0", "  jumpIfAbsent p1 L99", 19, "expected a label further on"),
    ("  repeat c1 L9", "  repeat c1 L11", 13, "expected a label before"),
    ("L1:", "L0:", 1, "a label of this name exists"),
  ])
  func mistakesHaveAPlace(
    old: String, new: String, column: Int, expectation: String
  ) throws {
    let bytes = try #require(Repository.read("corpus/ir/every-opcode.asm"))
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let index = try #require(lines.firstIndex { $0.hasPrefix(old) })
    lines[index] = new
    do {
      _ = try assemble(Array(lines.joined(separator: "\n").utf8))
      Issue.record("assembled")
    } catch {
      #expect(error.line == index + 1, "\(error)")
      #expect(error.column == column, "\(error)")
      #expect(error.expectation.contains(expectation), "\(error)")
    }
  }

  @Test func bytesThatAreNoTextAreRefused() {
    for bytes in [[], [0], [0xff, 0x0a], Array("writ-bundle 1".utf8), [UInt8(ascii: "\"")]] {
      #expect(throws: AssemblyError.self) { try assemble(bytes) }
    }
  }

  /// Random damage to the corpus program never traps, and what is still read is read the same
  /// again.
  @Test(arguments: [1, 2, 3])
  func damagedTextNeverTraps(seed: UInt64) throws {
    let text = try #require(Repository.read("corpus/ir/every-opcode.asm"))
    var random = Random(seed: seed)
    let spares = Array("0123456789 \n\";~.:[]rskicbLpn".utf8)
    for _ in 0..<120 {
      var damaged = text
      for _ in 0...random.below(2) {
        let at = random.below(damaged.count)
        switch random.below(3) {
        case 0: damaged[at] = spares[random.below(spares.count)]
        case 1: damaged.remove(at: at)
        default: damaged.insert(spares[random.below(spares.count)], at: at)
        }
      }
      guard let bundle = try? assemble(damaged) else { continue }
      #expect(try assemble(Array(disassemble(bundle).utf8)) == bundle, "seed \(seed)")
    }
  }
}
