// Walks corpus/semantics: every case shows what a program becomes, or what is wrong with it.

import Testing
import WritSemantics
import WritSyntax
import WritTesting
import WritText

@Suite struct CorpusCheck {
  @Test(arguments: Corpus.cases(in: "semantics").map(\.path))
  func semanticsCase(path: String) throws {
    let file = CaseFile(name: path, text: Corpus.text(path))
    let compiled = Program(of: file)
    try #require(!compiled.parsed.isEmpty, "no policy in \(path)")
    let difference = Corpus.difference(
      of: file, at: path,
      [
        ("diagnostics", compiled.diagnostics),
        ("schema", file["schema"] == nil ? nil : compiled.result.program.map { dump($0.schema) }),
        ("program", file["program"] == nil ? nil : compiled.result.program.map { dump($0) }),
      ])
    #expect(difference == nil, "\(difference ?? "")")
  }

  @Test func everyCodeHasACase() {
    let rendered = Corpus.cases(in: "semantics").compactMap(\.file["diagnostics"]).joined()
    let missing = DiagnosticCode.allCases.filter {
      $0.rawValue > 200 && !rendered.contains($0.id) && !Self.hasTestOfItsOwn.contains($0)
    }
    #expect(missing.map(\.id) == [])
  }

  /// Limits: a case that hits them would be too long to read.
  private static let hasTestOfItsOwn: Set<DiagnosticCode> = [
    .tooManyDeclarations, .tooManyFacts, .programTooLarge,
  ]
}
