// What is said about fixtures and tests.

import WritSyntax
import WritText

extension Diagnostic {
  /// `expect g(s: nothing)`
  static func undefinedNode(
    _ kind: String, _ id: String, nearest: String?, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .undefinedNode, "no fact of this test makes a `\(kind)` `\(id)`\(suggestion(nearest))",
      at: range)
  }

  /// `edge -> id` where the edge leads to several kinds.
  static func kindNeeded(_ kinds: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .kindNeeded, "say of which kind: \(quotedList(Array(kinds.prefix(6)), "or"))", at: range)
  }

  /// `by ann`, `approval by ann as lead`
  static func personWithoutKind(
    _ id: String, _ kinds: [String], at range: SourceRange
  ) -> Diagnostic {
    guard kinds.count == 1, let kind = kinds.first else {
      return Diagnostic(
        .kindNeeded,
        "expected a kind of node before the id `\(id)`\(kinds.isEmpty ? "" : ": ")"
          + quotedList(Array(kinds.prefix(6)), "or"), at: range)
    }
    return Diagnostic(
      .kindNeeded, "expected the kind of node before its id: `\(kind) \(id)`", at: range
    )
    .fixing(range.startPlace, with: "\(kind) ")
  }

  /// `edge -> [x y]`
  static func missingComma(_ target: NodeReference, isSure: Bool) -> Diagnostic {
    let first = target.kind?.text ?? ""
    let diagnostic = Diagnostic(
      .factForm,
      "expected `,` between two nodes, or a kind of node before its id: "
        + "`\(first)` is no kind of node", at: target.range)
    guard isSure, let kind = target.kind else { return diagnostic }
    return diagnostic.fixing(kind.range.endPlace, with: ",")
  }

  /// Two tests with one title in a text.
  static func duplicateTitle(_ title: StringLiteral, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateTitle, "a second test has this title: results are told apart by it",
      at: title.range, notes: [DiagnosticNote("the first one", at: first)])
  }

  /// `tier -> a`
  static func fieldNotEdge(_ name: Name) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is a field: say `\(name.text): …`", at: name.range)
  }

  /// `owner: a`
  static func edgeNotField(_ name: Name) -> Diagnostic {
    Diagnostic(.factForm, "`\(name.text)` is an edge: say `\(name.text) -> …`", at: name.range)
  }

  /// `dependents -> a`
  static func inverseFact(_ name: Name, _ edge: String) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is the edge `\(edge)` seen from its target: say it there",
      at: name.range)
  }

  /// `name: "a"` of the node `a`
  static func keyFact(_ name: Name) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is the id of the node, which stands before the brace",
      at: name.range)
  }

  /// `tier: absent`
  static func neverAbsentField(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` is never absent: its type has no `?`", at: range)
  }

  /// `score: unknown` where its type is optional.
  static func cannotBeUnknown(_ name: Name, _ instead: String, at range: SourceRange) -> Diagnostic
  {
    Diagnostic(
      .factForm,
      "`\(name.text)` without a fact is \(instead), not unknown: silence its source instead",
      at: range)
  }

  /// `owner -> [a, b]`
  static func tooManyTargets(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(.factForm, "`\(name.text)` leads to one node at most", at: range)
  }

  /// `owner -> []`
  static func targetNeeded(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .factForm, "`\(name.text)` leads to exactly one node; say `unknown` to leave it out",
      at: range)
  }

  /// `is denied by nothing`
  static func unknownClause(_ name: Name, of gate: String, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownClause, "the gate `\(gate)` has no clause `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  /// `is held by c`, a `deny`
  static func neverHeld(_ name: Name, declared: SourceRange) -> Diagnostic {
    Diagnostic(
      .neverHeld, "`\(name.text)` asks for no approval, so nothing is held by it",
      at: name.range, notes: [DiagnosticNote("the clause", at: declared)])
  }

  /// `expect Service is unknown`
  static func unknownSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownSet, "a set is never unknown as a whole; say what of it is: `count(…)`", at: range)
  }

  /// More than a test may have, or all of them together.
  static func tooManyFacts(limit: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(.tooManyFacts, "more than \(limit) facts, with those of the fixtures", at: range)
  }
}
