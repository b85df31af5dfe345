// What the documents show is true: their blocks of Writ compile and pass, and their links lead somewhere.

import Testing
import Writ
import WritTesting
import WritText

private let documents = ["README.md"] + Corpus.files(in: "docs", ending: ".md")

/// A page of a diagnostic shows what is wrong: its blocks are not meant to compile.
private let manuals = documents.filter { !$0.contains("/diagnostics/") }

@Suite struct DocumentTests {
  /// The first block of a document is a whole text; the others are declarations behind it, all of them one text.
  @Test(arguments: manuals)
  func blocksCompileAndPass(_ path: String) throws {
    let blocks = blocks(of: Corpus.text(path))
    guard let first = blocks.first else { return }
    try check(first, path)
    if blocks.count > 1 { try check(blocks.joined(separator: "\n"), path) }
  }

  private func check(_ text: String, _ path: String) throws {
    let compilation = compile([SourceFile(name: path, text: text)], root: 0)
    #expect(compilation.diagnostics.isEmpty, "\(rendered(compilation))")
    let typed = try #require(compilation.typed)
    let program = try #require(compilation.program)
    for result in runTests(typed, program) {
      #expect(result.hasPassed, "\(path): \(result.title)")
    }
  }

  /// What stands between a line "```writ" and the next "```".
  private func blocks(of text: String) -> [String] {
    var blocks: [String] = []
    var open: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let lines = open, line == "```" {
        blocks.append(lines.joined(separator: "\n") + "\n")
        open = nil
      } else if open != nil {
        open?.append(line)
      } else if line == "```writ" {
        open = []
      }
    }
    return blocks
  }

  /// A text without its `policy` line, and an empty one, are refused, as their page says.
  @Test func theHeaderIsNeeded() {
    let page = blocks(of: Corpus.text("docs/diagnostics/W0806.md"))
    #expect(page.count == 2)
    for (text, codes) in [
      (page[0], ["W0806"]), (page[1], []), ("", ["W0806"]), ("// a\n", ["W0806"]),
    ] {
      let compilation = compile([SourceFile(name: "a.writ", text: text)], root: 0)
      #expect(compilation.diagnostics.map(\.code.id) == codes, "\(text)")
      #expect(compilation.program == nil || codes.isEmpty)
    }
  }

  @Test func thereAreBlocks() {
    for path in ["README.md", "docs/tutorial.md", "docs/language.md"] {
      #expect(!blocks(of: Corpus.text(path)).isEmpty, "\(path)")
    }
  }

  /// Only links inside of the project are followed.
  @Test(arguments: documents)
  func linksLeadSomewhere(_ path: String) {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    for target in links(in: Corpus.text(path)) where !target.contains("://") {
      let file = target.split(separator: "#", omittingEmptySubsequences: false)[0]
      guard !file.isEmpty else { continue }
      let found = resolve(String(file), from: folder)
      #expect(exists(found), "\(path) links to \(found)")
    }
  }

  /// The targets of `[text](target)`.
  private func links(in text: String) -> [String] {
    var targets: [String] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "](") {
      rest = rest[start.upperBound...]
      guard let end = rest.firstIndex(of: ")") else { break }
      targets.append(String(rest[..<end]))
      rest = rest[end...]
    }
    return targets
  }

  private func resolve(_ target: String, from folder: String) -> String {
    var parts = folder.split(separator: "/").map(String.init)
    for part in target.split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// A file of the project, or a folder with files in it.
  private func exists(_ path: String) -> Bool {
    !Corpus.bytes(path).isEmpty || !Corpus.files(in: path, ending: "").isEmpty
  }
}
