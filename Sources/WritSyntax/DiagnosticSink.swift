// Where lexer and parser put what they find, up to a limit.

import WritText

/// Diagnostics of one text: at most `SyntaxLimits.diagnostics`, then one that says that there are
/// more.
struct DiagnosticSink {
  private(set) var diagnostics: [Diagnostic] = []

  /// No more will be taken.
  var isFull: Bool { diagnostics.count > SyntaxLimits.diagnostics }

  /// Takes a diagnostic, or the one that says that there are too many, or nothing.
  mutating func report(_ diagnostic: Diagnostic) {
    guard !isFull else { return }
    guard diagnostics.count < SyntaxLimits.diagnostics else {
      diagnostics.append(.tooManyDiagnostics(at: diagnostic.range))
      return
    }
    diagnostics.append(diagnostic)
  }

  /// All diagnostics by their place in the text; last the one that says that there are more.
  var sorted: [Diagnostic] {
    let shown = diagnostics.prefix(SyntaxLimits.diagnostics).enumerated()
    // The offset keeps the order of those that stand at one place.
    let ordered = shown.sorted { ($0.element.range, $0.offset) < ($1.element.range, $1.offset) }
    return ordered.map(\.element) + diagnostics.dropFirst(SyntaxLimits.diagnostics)
  }
}
