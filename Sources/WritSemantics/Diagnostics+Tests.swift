// What is said about fixtures and tests.

import WritSyntax
import WritText

extension Diagnostic {
  static func undefinedNode(
    _ kind: String, _ id: String, nearest: String?, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .undefinedNode, "no fact of this test makes a `\(kind)` `\(id)`\(suggestion(nearest))",
      at: range)
  }

  static func kindNeeded(_ kinds: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .kindNeeded, "say of which kind: \(quotedList(Array(kinds.prefix(6))))", at: range)
  }

  static func fieldNotEdge(_ name: Name) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is a field: say `\(name.text): …`", at: name.range)
  }

  static func edgeNotField(_ name: Name) -> Diagnostic {
    Diagnostic(.factForm, "`\(name.text)` is an edge: say `\(name.text) -> …`", at: name.range)
  }

  static func inverseFact(_ name: Name, _ edge: String) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is the edge `\(edge)` seen from its target: say it there",
      at: name.range)
  }

  static func keyFact(_ name: Name) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is the id of the node, which stands before the brace",
      at: name.range)
  }

  static func neverAbsentField(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is never absent: its type has no `?`", at: range)
  }

  static func cannotBeUnknown(_ name: Name, _ instead: String, at range: SourceRange) -> Diagnostic
  {
    Diagnostic(
      .factForm,
      "`\(name.text)` without a fact is \(instead), not unknown: silence its source instead",
      at: range)
  }

  static func tooManyTargets(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(.factForm, "`\(name.text)` leads to one node at most", at: range)
  }

  static func targetNeeded(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` leads to exactly one node; say `unknown` to leave it out",
      at: range)
  }

  static func unknownClause(_ name: Name, of gate: String, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownClause, "the gate `\(gate)` has no clause `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  static func neverHeld(_ name: Name, declared: SourceRange) -> Diagnostic {
    Diagnostic(
      .neverHeld, "`\(name.text)` asks for no approval, so nothing is held by it",
      at: name.range, notes: [DiagnosticNote("the clause", at: declared)])
  }

  static func unknownSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownSet, "a set is never unknown as a whole; say what of it is: `count(…)`", at: range)
  }

  static func tooManyFacts(limit: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(.tooManyFacts, "more than \(limit) facts, with those of the fixtures", at: range)
  }
}
