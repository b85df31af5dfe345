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

  /// What a fix-it promises: one error less, and none that is new.
  @Test func everyFixItMends() {
    var count = 0
    for (path, file) in Corpus.cases(in: "semantics") {
      let texts = Program.texts(of: file)
      guard let first = texts.first else { continue }
      let before = Program(of: file)
      for fixIt in before.result.diagnostics.flatMap(\.fixIts) where fixIt.range.file == 0 {
        var bytes = Array(first.text.utf8)
        bytes.replaceSubrange(
          fixIt.range.start..<fixIt.range.end, with: Array(fixIt.replacement.utf8))
        let mended = Program(
          [(first.name, String(decoding: bytes, as: UTF8.self))] + texts.dropFirst())
        count += 1
        #expect(
          mended.codes.count == before.codes.count - 1,
          "\(path): \(fixIt) left \(mended.diagnostics ?? "")")
      }
    }
    #expect(count > 20)
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
    // The compiler says it: the checker takes parts of texts too.
    .missingHeader,
    // Said only where a time is given.
    .expiredWaiver,
  ]
}
