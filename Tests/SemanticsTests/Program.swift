// Texts, parsed and checked together, as the tests of this room look at them.

import WritSemantics
import WritSyntax
import WritTesting
import WritText

/// A case's texts, checked.
struct Program {
  let parsed: [ParsedFile]
  let result: CheckResult
  private let files: [SourceFile]

  /// Of the sections `policy`, the root, and `policy NAME`, texts that may be imported.
  init(of file: CaseFile) {
    self.init(Self.texts(of: file))
  }

  /// The texts of a case, the root first.
  static func texts(of file: CaseFile) -> [(name: String, text: String)] {
    file.sections.filter { $0.name == "policy" || $0.name.hasPrefix("policy ") }
      .map { ($0.name == "policy" ? "policy.writ" : "\($0.name.dropFirst(7)).writ", $0.text) }
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

  /// Whatever must not be, whatever the text: a program in spite of errors, no program without one,
  /// or a place outside of the texts.
  var flaws: [String] {
    let all = parsed.flatMap(\.diagnostics) + result.diagnostics
    let hasErrors = all.contains { $0.severity == .error }
    var flaws: [String] = []
    if hasErrors, result.program != nil, parsed.allSatisfy(\.isComplete) {
      flaws.append("a program in spite of errors")
    }
    if !hasErrors, result.program == nil { flaws.append("no program, and no error") }
    for place in result.diagnostics.flatMap({ [$0.range] + $0.notes.map(\.range) }) {
      guard files.indices.contains(place.file), place.end <= files[place.file].bytes.count else {
        flaws.append("a place outside of the texts: \(place)")
        continue
      }
    }
    if let program = result.program {
      // Dumping walks everything: an index that is wrong would trap here.
      if dump(program).isEmpty != program.modules.isEmpty { flaws.append("an empty dump") }
      _ = dump(program.schema)
    }
    return flaws
  }
}
