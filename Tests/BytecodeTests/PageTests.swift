// docs/bytecode.md is current: its table of opcodes is made from `Opcode.shape` and the comments in
// Opcode.swift.
import Testing
import WritBytecode

/// An opcode's comment, and the heading that it stands under.
private struct Described {
  let opcode: Opcode
  let heading: String
  let text: String
}

@Suite struct PageTests {
  @Test func opcodesOnThePageAreCurrent() throws {
    let page = String(decoding: try #require(Repository.read("docs/bytecode.md")), as: UTF8.self)
    let begin = try #require(page.firstRange(of: "<!-- opcodes"))
    let start = try #require(page[begin.lowerBound...].firstIndex(of: "\n"))
    let end = try #require(page[start...].firstRange(of: "<!-- end -->"))
    let current = page[...start] + table(try described()) + page[end.lowerBound...]
    Repository.expect("docs/bytecode.md", holds: String(current))
  }

  /// The limits that the page tells are those that hold.
  @Test func limitsOnThePageAreCurrent() {
    #expect(Limits.codeWords == 1_048_576)
    #expect(Limits.tableEntries == 65_536 && Limits.registers == 65_536)
    #expect(Limits.enumMembers == 255)
    #expect(Limits.fields == 65_536 && Limits.clauses == 65_536)
    #expect(Limits.sets == 4_096 && Limits.parameters == 4_096)
    #expect(Limits.columns == 4_096 && Limits.messagePieces == 4_096)
    #expect(Limits.cursors == 64 && Limits.scoreBuffers == 64 && Limits.nesting == 128)
    #expect(Limits.emissions == 1_024 && Limits.checks == 1_024 && Limits.weight == 1_000_000)
    #expect(Limits.captures == 2_050 && Limits.approvals == 1_000)
    #expect(Limits.commandWords == 1_024 && Limits.wordBytes == 65_536 && Limits.secrets == 256)
    #expect(Limits.textBytes == 16 << 20 && Limits.typeDepth == 4)
    #expect(Limits.bundleBytes == 64 << 20 && Limits.manifestBytes == 16 << 20)
  }

  private func described() throws -> [Described] {
    let source = try #require(Repository.read("Sources/WritBytecode/Opcode.swift"))
    var heading = ""
    var text = ""
    var found: [Described] = []
    for line in String(decoding: source, as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("  // ") { heading = String(line.dropFirst(5)) }
      if line.hasPrefix("  /// ") { text = String(line.dropFirst(6)) }
      guard line.hasPrefix("  case ") else { continue }
      let name = line.dropFirst(7).filter { $0 != "`" }
      guard let opcode = Opcode.allCases.first(where: { $0.name == name }) else { continue }
      found.append(Described(opcode: opcode, heading: heading, text: text))
    }
    #expect(found.map(\.opcode) == Opcode.allCases)
    return found
  }

  private func table(_ opcodes: [Described]) -> String {
    var text = ""
    var heading = ""
    for item in opcodes {
      if item.heading != heading {
        heading = item.heading
        text += "\n\(heading)\n\n| | words | effect |\n| ---: | --- | --- |\n"
      }
      let effect = item.text.replacing("|", with: "\\|")
      text += "| \(item.opcode.rawValue) | `\(words(item.opcode))` | \(effect) |\n"
    }
    return text + "\n"
  }

  private func words(_ opcode: Opcode) -> String {
    let shape = opcode.shape
    let operands =
      [shape.a, shape.b, shape.c].compactMap(sign) + (choice(opcode).map { [$0] } ?? [])
    return ([opcode.name] + operands).joined(separator: " ")
  }

  private func sign(_ role: OperandRole) -> String? {
    switch role {
    case .unused: nil
    case .write: "R"
    case .read: "r"
    case .setWrite: "S"
    case .setRead: "s"
    case .setUpdate: "Ss"
    case .cursor: "c"
    case .scoreBuffer: "b"
    case .forward, .backward: "L"
    case .field: "fields[]"
    case .step: "steps[]"
    case .kindSet: "kindSets[]"
    case .kind: "kinds[]"
    case .closure: "closures[]"
    case .scorecard: "scorecards[]"
    case .approval: "approvals[]"
    case .emission: "emissions[]"
    }
  }

  private func choice(_ opcode: Opcode) -> String? {
    switch opcode.shape.d {
    case .unused: nil
    case .cursor: "c"
    case .any: "n"
    case .below: opcode.choices.isEmpty ? "n" : opcode.choices.joined(separator: "/")
    }
  }
}
