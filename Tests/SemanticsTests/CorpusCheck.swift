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
    #expect(missing == [])
  }

  @Test func everyCodeHasAPage() {
    for code in DiagnosticCode.allCases where code.rawValue > 200 {
      let page = Corpus.text("docs/diagnostics/\(code.id).md")
      #expect(page.hasPrefix("# \(code.id): \(code.title)\n"), "\(code.id) \(code)")
      #expect(page.split(separator: "\n").count >= 8, "\(code.id) \(code)")
    }
  }

  /// Limits: a case that hits them would be too long to read.
  private static let hasTestOfItsOwn: Set<DiagnosticCode> = [.tooManyDeclarations, .tooManyFacts]
}

/// A case's texts, checked.
struct Program {
  let parsed: [ParsedFile]
  let result: CheckResult
  private let files: [SourceFile]

  /// Of the sections `policy`, the root, and `policy NAME`, texts that may be imported.
  init(of file: CaseFile) {
    self.init(
      file.sections.filter { $0.name == "policy" || $0.name.hasPrefix("policy ") }
        .map { ($0.name == "policy" ? "policy.writ" : "\($0.name.dropFirst(7)).writ", $0.text) })
  }

  /// The first text is the root. Digests are all ones for the second text, all twos for the third.
  init(_ texts: [(name: String, text: String)]) {
    files = texts.map { SourceFile(name: $0.name, text: $0.text) }
    parsed = files.enumerated().map { parse($1, index: $0) }
    let digests = files.indices.map { index -> String? in
      index == 0 ? nil : "sha256:" + String(repeating: "\(index)", count: 64)
    }
    result = check(parsed, roots: files.isEmpty ? [] : [0], digests: digests)
  }

  init(_ text: String) {
    self.init([("policy.writ", text)])
  }

  /// As people see them; `nil` if there are none.
  var diagnostics: String? {
    let all = parsed.flatMap(\.diagnostics) + result.diagnostics
    guard !all.isEmpty else { return nil }
    return DiagnosticRenderer(files: files, isColoured: false).render(all)
  }

  /// The codes of all diagnostics, in order.
  var codes: [String] {
    (parsed.flatMap(\.diagnostics) + result.diagnostics).map(\.code.id)
  }
}
