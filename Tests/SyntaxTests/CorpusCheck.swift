// Walks corpus/syntax: every case shows the tree, the layout and the diagnostics of a text.

import Testing
import WritSyntax
import WritTesting
import WritText

@Suite struct CorpusCheck {
  @Test(arguments: Corpus.cases(in: "syntax").map(\.path))
  func syntaxCase(path: String) throws {
    let file = CaseFile(name: path, text: Corpus.text(path))
    let policy = try #require(file["policy"], "no policy in \(path)")
    let source = SourceFile(name: "policy.writ", text: policy)
    let parsed = parse(source, index: 0)
    let renderer = DiagnosticRenderer(files: [source], isColoured: false)
    let layout = String(decoding: format(parsed), as: UTF8.self)
    let difference = Corpus.difference(
      of: file, at: path,
      [
        ("diagnostics", parsed.diagnostics.isEmpty ? nil : renderer.render(parsed.diagnostics)),
        ("tree", dump(parsed.tree)),
        ("format", layout == policy ? nil : layout),
      ])
    #expect(difference == nil, "\(difference ?? "")")
    #expect(flaws(of: parsed) == [], "\(path)")
  }

  @Test func thereAreCases() {
    #expect(Corpus.cases(in: "syntax").count > 40)
  }
}
