// What is said about imports and limits.

import WritModel
import WritSyntax
import WritText

extension Diagnostic {
  /// `import nothing`
  static func unknownImport(_ name: DottedName, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownImport, "no text has the policy name `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  /// `a` imports `b`, which imports `a`
  static func importCycle(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(.importCycle, "the imports go round: \(quotedChain(cycle))", at: range)
  }

  /// Two texts begin with `policy a version …`.
  static func duplicateModule(_ name: DottedName, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateModule, "two texts have the policy name `\(name.text)`", at: name.range,
      notes: [DiagnosticNote("the first one", at: first)])
  }

  /// `pinned "sha256:12"`
  static func malformedPin(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedPin, "a pin is `sha256:` and 64 digits from 0 to 9 and a to f", at: range)
  }

  /// `pinned "sha256:…"` of another text.
  static func pinMismatch(_ name: DottedName, found: String?, at range: SourceRange) -> Diagnostic {
    let found = found.map { "its digest is `\($0)`" } ?? "its digest was not computed"
    return Diagnostic(
      .pinMismatch, "`\(name.text)` is not the text that is pinned: \(found)", at: range)
  }

  /// More of something than a program may have.
  static func tooMany(_ what: String, limit: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(.tooManyDeclarations, "more than \(limit) \(what)", at: range)
  }

  /// The last one: other errors were left out.
  static func tooManyDiagnostics(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .tooManyDiagnostics, "more than \(Limits.diagnostics) errors; the rest is not shown",
      at: range)
  }

  /// Other warnings were left out.
  static func tooManyWarnings(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .tooManyWarnings, "more than \(Limits.diagnostics) warnings; the rest is not shown",
      at: range)
  }
}

/// `; did you mean …?`, or nothing.
func suggestion(_ nearest: String?) -> String {
  nearest.map { "; did you mean `\($0)`?" } ?? ""
}

/// `a → b → a`, each in backticks.
func quotedChain(_ names: [String]) -> String {
  // A chain may be as long as the program: its ends tell enough.
  let shown =
    names.count <= 8
    ? names.map { "`\($0)`" }
    : names.prefix(4).map { "`\($0)`" } + ["…"] + names.suffix(3).map { "`\($0)`" }
  return shown.joined(separator: " → ")
}

/// `; its members are …`, the first few of them.
func membersHint(_ enumeration: EnumType) -> String {
  let verb = enumeration.members.count == 1 ? "member is" : "members are"
  return enumeration.members.isEmpty
    ? "" : "; its \(verb) \(quotedList(enumeration.members, most: 8))"
}

/// The first few names in order, each in backticks; `…` for the others.
func quotedList(_ names: [String], most: Int) -> String {
  guard names.count > most else { return quotedList(names) }
  return names.prefix(most).map { "`\($0)`" }.joined(separator: ", ") + ", …"
}

/// `a`, `b` and `c`, each in backticks.
func quotedList(_ names: [String], _ conjunction: String = "and") -> String {
  let quoted = names.map { "`\($0)`" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
  return quoted.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}
