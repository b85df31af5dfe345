// The pages of docs/diagnostics from W0201 on: one a code, with examples that are what they say.

import Testing
import WritModel
import WritSemantics
import WritSyntax
import WritTesting
import WritText

@Suite struct PagesTests {
  @Test func everyCodeHasAPage() {
    for code in codes {
      let page = Corpus.text("docs/diagnostics/\(code.id).md")
      #expect(page.hasPrefix("# \(code.id): \(code.title)\n"), "\(code.id) \(code)")
      #expect(blocks(of: page).count == 2, "\(code.id) \(code)")
    }
  }

  @Test func examplesShowWhatTheySay() {
    let schema = blocks(of: Corpus.text("docs/diagnostics/schema.md")).joined()
    for code in codes where !Self.cannotBeShown.contains(code) {
      let examples = blocks(of: Corpus.text("docs/diagnostics/\(code.id).md"))
      guard examples.count == 2 else { continue }
      let wrong = program(examples[0], schema)
      #expect(
        wrong.codes.allSatisfy { $0 == code.id } && !wrong.codes.isEmpty,
        "\(code.id): \(wrong.codes)")
      let right = program(examples[1], schema)
      #expect(right.codes == [], "\(code.id): \(right.diagnostics ?? "")")
    }
  }

  @Test func aWaiverIsOverWhenItSays() throws {
    let schema = blocks(of: Corpus.text("docs/diagnostics/schema.md")).joined()
    let examples = blocks(of: Corpus.text("docs/diagnostics/W0611.md"))
    let over = try #require(Instant("2026-12-01T00:00:00Z")).microseconds
    for (example, expected) in zip(examples, [1, 0]) {
      let typed = try #require(program(example, schema).result.program)
      #expect(expiredWaivers(in: typed, at: over - 1) == [])
      #expect(expiredWaivers(in: typed, at: over).map(\.code.id).count == expected)
    }
  }

  private var codes: [DiagnosticCode] { DiagnosticCode.allCases.filter { $0.rawValue > 200 } }

  /// The example as a text that imports the schema, which has the digest that pins may name.
  private func program(_ example: String, _ schema: String) -> Program {
    let isWhole = example.hasPrefix("policy ") || example.hasPrefix("import base")
    let text = isWhole ? example : "import base\n" + example
    return Program([("example.writ", text), ("base.writ", schema)])
  }

  /// The texts between ```` ```writ ```` and ```` ``` ````.
  private func blocks(of page: String) -> [String] {
    var blocks: [String] = []
    var isInside = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```writ" {
        isInside = true
        blocks.append("")
      } else if line == "```" {
        isInside = false
      } else if isInside {
        blocks[blocks.count - 1] += line + "\n"
      }
    }
    return blocks
  }

  /// They take several texts, or too long a one, or are the compiler's to say.
  private static let cannotBeShown: Set<DiagnosticCode> = [
    .notImported, .tooManyWarnings, .tooManyDeclarations, .tooManyFacts, .programTooLarge,
    .importCycle,
    .missingHeader,
    // Said only where a time is given; a test of its own shows it.
    .expiredWaiver,
  ]
}
