// Walks corpus/syntax: every case shows the tree, the layout and the diagnostics of a text.

import Testing
import WritSyntax
import WritTesting
import WritText

@Suite struct CorpusCheck {
  @Test(arguments: Corpus.cases(in: "syntax").map(\.path))
  func syntaxCase(path: String) throws {
    let file = CaseFile(name: path, text: Corpus.text(path))
    let bytes = try #require(policy(of: file), "no policy in \(path)")
    let source = SourceFile(name: "policy.writ", bytes: bytes)
    let parsed = parse(source, index: 0)
    let renderer = DiagnosticRenderer(files: [source], isColoured: false)
    let layout = format(parsed)
    let difference = Corpus.difference(
      of: file, at: path,
      [
        ("diagnostics", parsed.diagnostics.isEmpty ? nil : renderer.render(parsed.diagnostics)),
        ("tree", dump(parsed.tree)),
        ("format", layout == bytes ? nil : String(decoding: layout, as: UTF8.self)),
      ])
    #expect(difference == nil, "\(difference ?? "")")
    #expect(flaws(of: parsed) == [], "\(path)")
  }

  @Test(arguments: Corpus.files(in: "policies", ending: ".writ"))
  func policiesOfTheProjectParse(path: String) {
    let file = parsed(Corpus.bytes(path))
    #expect(file.diagnostics.map(\.message) == [], "\(path)")
    #expect(flaws(of: file) == [], "\(path)")
  }

  /// The text of a case: `policy` as it stands, `bytes` in hexadecimal, or `repeat`, a count and
  /// what stands so many times.
  private func policy(of file: CaseFile) -> [UInt8]? {
    if let text = file["policy"] { return Array(text.utf8) }
    if let digits = file["bytes"] {
      return digits.split { $0.isWhitespace }.compactMap { UInt8($0, radix: 16) }
    }
    let words = file["repeat"]?.split { $0.isWhitespace } ?? []
    guard words.count == 2, let count = Int(words[0]) else { return nil }
    return Array(String(repeating: String(words[1]), count: count).utf8)
  }

  @Test func thereAreCases() {
    #expect(Corpus.cases(in: "syntax").count > 40)
  }
}
