// Codes, suggestions and how diagnostics are shown.

import Testing
import WritText

@Suite struct DiagnosticTests {
  private let file = SourceFile(name: "a.writ", text: "gate g() {\n\tdeny x y\n}\n")

  private func renderer(coloured: Bool = false) -> DiagnosticRenderer {
    DiagnosticRenderer(files: [file], isColoured: coloured)
  }

  private func range(_ start: Int, _ end: Int) -> SourceRange {
    SourceRange(file: 0, start: start, end: end)
  }

  @Test func codesAreUniqueAndOfFourDigits() {
    let ids = DiagnosticCode.allCases.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.count == 5 && $0.hasPrefix("W") })
    #expect(DiagnosticCode.invalidUTF8.id == "W0001")
    #expect(DiagnosticCode.unexpectedToken.id == "W0101")
    #expect(DiagnosticCode.allCases.allSatisfy { !$0.title.isEmpty })
  }

  @Test func aDiagnosticIsALineWithItsPlaceUnderlined() {
    let diagnostic = Diagnostic(.unexpectedToken, "expected `:`, found `y`", at: range(19, 20))
      .noting("the gate starts here", at: range(0, 4))
      .fixing(range(18, 18), with: ":")
    #expect(
      renderer().render(diagnostic) == """
        a.writ:2:9: error W0101: expected `:`, found `y`
           2 |  deny x y
             |         ^
          a.writ:1:1: note: the gate starts here
           1 | gate g() {
             | ^^^^
          fix: insert `:`

        """)
  }

  @Test func aRangeOfSeveralLinesIsUnderlinedOnItsFirst() {
    let shown = renderer().render(Diagnostic(.unclosed, "open", at: range(9, 22)))
    #expect(shown.contains("1 | gate g() {\n     |          ^\n"))
  }

  @Test func aPlaceAtTheEndHasAMark() {
    let shown = renderer().render(Diagnostic(.unclosed, "open", at: range(23, 23)))
    #expect(shown == "a.writ:4:1: error W0107: open\n   4 | \n     | ^\n")
  }

  @Test func longLinesAreCutAroundTheRange() {
    let long = SourceFile(name: "l", text: String(repeating: "a ", count: 5_000) + "HERE b c")
    let renderer = DiagnosticRenderer(files: [long], isColoured: false)
    let shown = renderer.render(Diagnostic(.unclosed, "x", at: range(10_000, 10_004)))
    #expect(shown.split(separator: "\n").allSatisfy { $0.count < 200 })
    let lines = shown.split(separator: "\n")
    // The word is the only one in capitals.
    let marks = lines[2].enumerated().filter { $0.element == "^" }.map(\.offset)
    let word = lines[1].enumerated().filter { $0.element.isUppercase }.map(\.offset)
    #expect(marks.count == 4 && marks == word)
  }

  @Test func noTextSteersATerminal() {
    let evil = SourceFile(name: "\u{1B}[2J", text: "\u{1B}[31m \u{202E}x")
    let renderer = DiagnosticRenderer(files: [evil], isColoured: false)
    let shown = renderer.render(
      Diagnostic(.unclosed, "found `\u{1B}]0;\u{07}`", at: range(0, 1)).fixing(
        range(0, 1), with: "\u{9B}"))
    #expect(
      !shown.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    #expect(!shown.unicodeScalars.contains { $0.properties.generalCategory == .format })
  }

  @Test func coloursAreForTerminalsOnly() {
    let diagnostic = Diagnostic(.unclosed, "open", at: range(0, 4))
    #expect(!renderer().render(diagnostic).contains("\u{1B}"))
    #expect(
      renderer(coloured: true).render(diagnostic).contains("\u{1B}[1;31merror W0107:\u{1B}[0m"))
  }

  @Test func aRangeOfNoFileIsShownWithoutALine() {
    let elsewhere = SourceRange(file: 7, start: 3, end: 4)
    #expect(
      renderer().render(Diagnostic(.unclosed, "open", at: elsewhere)) == "?: error W0107: open\n")
  }

  @Test func programsGetPlainValues() {
    let diagnostic = Diagnostic(.unclosed, "open", at: range(11, 16)).fixing(
      range(11, 12), with: "")
    let described = renderer().describe(diagnostic)
    #expect(described.code == "W0107" && described.severity == "error")
    #expect(described.place.start == SourcePosition(line: 2, column: 1))
    #expect(described.place.end == SourcePosition(line: 2, column: 6))
    #expect(described.place.file == "a.writ" && described.place.endOffset == 16)
    #expect(described.fixIts.map(\.replacement) == [""])
  }
}

@Suite struct SuggestionTests {
  private let names = ["severity", "service", "owner", "isOpen", "x"]

  @Test func theNearestNameIsFound() {
    #expect(nearestName(to: "severty", among: names) == "severity")
    #expect(nearestName(to: "serivce", among: names) == "service")
    #expect(nearestName(to: "isopen", among: names) == "isOpen")
    #expect(nearestName(to: "Owner", among: names) == "owner")
  }

  @Test func aFarNameIsNotSuggested() {
    #expect(nearestName(to: "banana", among: names) == nil)
    #expect(nearestName(to: "", among: names) == nil)
    #expect(nearestName(to: "owner", among: ["owner"]) == nil)
    #expect(nearestName(to: String(repeating: "a", count: 10_000), among: names) == nil)
  }

  @Test func tiesGoToTheFirst() {
    #expect(nearestName(to: "cat", among: ["bat", "hat"]) == "bat")
    #expect(nearestName(to: "cat", among: ["hat", "bat"]) == "hat")
  }
}
