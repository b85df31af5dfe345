// Every code of the lexer and the parser has a page, whose examples do what they say, and a case.

import Testing
import WritSyntax
import WritTesting
import WritText

@Suite struct DiagnosticPageTests {
  /// Codes of this room.
  private static let codes = DiagnosticCode.allCases.filter { $0.rawValue < 200 }

  /// Codes whose texts are too long, or no texts, so that a page cannot show one.
  private static let withoutExample: Set<DiagnosticCode> = [
    .invalidUTF8, .nulCharacter, .textTooLong, .tooManyTokens, .tooManyDiagnostics, .nestedTooDeep,
    .chainTooLong, .hiddenCharacter,
  ]

  @Test(arguments: codes)
  func everyCodeHasAPage(code: DiagnosticCode) throws {
    let path = "docs/diagnostics/\(code.id).md"
    let page = Corpus.text(path)
    #expect(page.hasPrefix("# \(code.id): \(code.title)\n"), "\(path)")
    var blocks = Self.blocks(of: page)
    guard !Self.withoutExample.contains(code) else { return #expect(blocks.isEmpty, "\(path)") }
    try #require(blocks.map(\.language) == ["writ", "text", "writ"], "\(path)")

    // The first example is answered as the page says, the second is not answered at all.
    let source = SourceFile(name: "example.writ", text: blocks[0].text)
    let diagnostics = parse(source, index: 0).diagnostics
    #expect(diagnostics.map(\.code).contains(code), "\(path)")
    blocks[1].text = DiagnosticRenderer(files: [source], isColoured: false).render(diagnostics)
    let difference = Corpus.difference(ofFile: path, from: Self.replacing(blocks, in: page))
    #expect(difference == nil, "\(difference ?? "")")
    #expect(parsed(blocks[2].text).diagnostics.map(\.message) == [], "\(path)")
  }

  /// What a fix-it promises: one error less, and none that is new.
  @Test func everyFixItMends() {
    var count = 0
    for (path, file) in Corpus.cases(in: "syntax") {
      guard let policy = file["policy"] else { continue }
      let before = parsed(policy).diagnostics
      for fixIt in before.flatMap(\.fixIts) {
        var bytes = Array(policy.utf8)
        bytes.replaceSubrange(
          fixIt.range.start..<fixIt.range.end, with: Array(fixIt.replacement.utf8))
        let after = parsed(bytes).diagnostics
        count += 1
        #expect(after.count == before.count - 1, "\(path): \(fixIt) left \(after.map(\.message))")
      }
    }
    #expect(count > 30)
  }

  @Test func everyCodeHasACase() {
    var shown: Set<String> = []
    for (_, file) in Corpus.cases(in: "syntax") {
      let text = file["diagnostics"] ?? ""
      shown.formUnion(Self.codes.map(\.id).filter { text.contains(" \($0): ") })
    }
    #expect(Self.codes.map(\.id).filter { !shown.contains($0) } == [])
  }

  /// `WRIT_UPDATE=1` writes the index.
  @Test func theIndexIsCurrent() {
    var index =
      "# Diagnostics\n\nWritten by `WRIT_UPDATE=1 swift test`; every code keeps its meaning.\n\n"
    for code in DiagnosticCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
      index += "- [\(code.id)](\(code.id).md) \(code.title)\n"
    }
    let difference = Corpus.difference(ofFile: "docs/diagnostics/README.md", from: index)
    #expect(difference == nil, "\(difference ?? "")")
  }

  /// What `writ help W0102` shows is what the pages say; `WRIT_UPDATE=1` writes it.
  @Test func theProgramHasThePages() {
    var parts: [[String]] = []
    var lines = 0
    for code in DiagnosticCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
      let page = Corpus.text("docs/diagnostics/\(code.id).md")
      let literal = Self.literal(page)
      let count = literal.count { $0 == "\n" }
      if parts.isEmpty || lines + count > 560 {
        parts.append([])
        lines = 0
      }
      parts[parts.count - 1].append(literal)
      lines += count
    }
    for (number, pages) in parts.enumerated() {
      let path = "Sources/WritCLI/Pages/DiagnosticPages+Part\(number).swift"
      let text = Self.source(pages, number, of: parts.count)
      let difference = Corpus.difference(ofFile: path, from: text)
      #expect(difference == nil, "\(difference ?? "")")
    }
    let files = Corpus.files(in: "Sources/WritCLI/Pages", ending: ".swift")
    #expect(files.count == parts.count + 1)
  }

  /// A page as a text of Swift.
  private static func literal(_ page: String) -> String {
    precondition(!page.contains("\"\"\"#"), "a page ends no literal")
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let indented = lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
    return "    #\"\"\"\n\(indented)    \"\"\"#,\n"
  }

  private static func source(_ pages: [String], _ number: Int, of count: Int) -> String {
    let list =
      number == 0
      ? "  /// All parts.\n  static let parts = [\((0..<count).map { "part\($0)" }.joined(separator: ", "))]\n\n"
      : ""
    // The layout of one element has no comma behind it.
    let elements = pages.count == 1 ? pages[0].dropLast(2) + "\n" : pages.joined()[...]
    return "// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.\n\n"
      + "extension DiagnosticPages {\n\(list)  /// As they are there.\n"
      + "  static let part\(number) = [\n\(elements)  ]\n}\n"
  }

  @Test func everyPageHasACode() {
    let ids = Set(DiagnosticCode.allCases.map { "docs/diagnostics/\($0.id).md" })
    let pages = Corpus.files(in: "docs/diagnostics", ending: ".md").filter { $0.contains("/W") }
    #expect(pages.filter { !ids.contains($0) } == [])
  }

  private struct Block {
    let language: String
    var text: String
  }

  /// The fenced blocks of a page.
  private static func blocks(of page: String) -> [Block] {
    var blocks: [Block] = []
    var isOpen = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isOpen.toggle()
        if isOpen { blocks.append(Block(language: String(line.dropFirst(3)), text: "")) }
      } else if isOpen {
        blocks[blocks.count - 1].text += line + "\n"
      }
    }
    return blocks
  }

  /// The page with other texts in its blocks.
  private static func replacing(_ blocks: [Block], in page: String) -> String {
    var result: [String] = []
    var rest = blocks[...]
    var isOpen = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isOpen.toggle()
        result.append(String(line))
        if isOpen, let block = rest.popFirst(), !block.text.isEmpty {
          result.append(String(block.text.dropLast()))
        }
      } else if !isOpen {
        result.append(String(line))
      }
    }
    return result.joined(separator: "\n")
  }
}
