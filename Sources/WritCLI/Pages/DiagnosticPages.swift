// The pages of docs/diagnostics in the program, so that whoever has that alone can read what a message means.

import WritText

/// The pages; the parts are written from docs/diagnostics by the tests.
enum DiagnosticPages {
  /// The page of a code, Markdown without its title; `nil` where there is none.
  static func text(of code: DiagnosticCode) -> String? {
    let title = "# \(code.id): "
    let page = parts.lazy.joined().first { $0.utf8.starts(with: title.utf8) }
    guard let lines = page?.split(separator: "\n", omittingEmptySubsequences: false) else {
      return nil
    }
    return lines.dropFirst().drop(while: \.isEmpty).joined(separator: "\n")
  }

  /// The same for a terminal: examples are indented, links are their words.
  static func shown(_ code: DiagnosticCode) -> String? {
    guard let text = text(of: code) else { return nil }
    var isExample = false
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.utf8.starts(with: "```".utf8) {
        isExample.toggle()
      } else if isExample {
        lines.append(line.isEmpty ? "" : "    " + line)
      } else {
        lines.append(withoutLinks(line))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// `[words](place)` as `words`.
  private static func withoutLinks(_ line: Substring) -> String {
    var text = ""
    var rest = line
    while let open = rest.firstIndex(of: "["), let middle = rest[open...].firstRange(of: "]("),
      let end = rest[middle.upperBound...].firstIndex(of: ")")
    {
      text += rest[..<open] + rest[rest.index(after: open)..<middle.lowerBound]
      rest = rest[rest.index(after: end)...]
    }
    return text + rest
  }
}
