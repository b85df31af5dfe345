// What is said about waivers.

import WritModel
import WritSyntax
import WritText

extension Diagnostic {
  /// A gate without `waivable`.
  static func gateNotWaivable(_ gate: Name, declared: SourceRange) -> Diagnostic {
    Diagnostic(
      .notWaivable,
      "nobody grants waivers of the gate `\(gate.text)`; it says who does: `waivable by role …`",
      at: gate.range, notes: [DiagnosticNote("the gate", at: declared)])
  }

  /// A clause that asks for an approval.
  static func approvalNotWaivable(_ clause: Name, declared: SourceRange) -> Diagnostic {
    Diagnostic(
      .notWaivable, "`\(clause.text)` asks for an approval, which no waiver stands for",
      at: clause.range, notes: [DiagnosticNote("the clause", at: declared)])
  }

  /// A node of which no finding of the clause can speak.
  static func waivedNode(
    _ kind: Name, _ clause: String, known: [String], declared: SourceRange
  ) -> Diagnostic {
    let hint = known.isEmpty ? "of no node" : "of " + known.joined(separator: ", ")
    return Diagnostic(
      .waivedNode,
      "no finding of `\(clause)` is about a `\(kind.text)`: it speaks \(hint)", at: kind.range,
      notes: [DiagnosticNote("the clause", at: declared)])
  }

  /// A node whose id is whatever the request calls it.
  static func waivedRequest(_ kind: Name) -> Diagnostic {
    Diagnostic(
      .waivedNode,
      "a `\(kind.text)` comes with a request, which calls it what it likes: no waiver is for one",
      at: kind.range)
  }

  /// The same node twice.
  static func waivedTwice(at range: SourceRange) -> Diagnostic {
    Diagnostic(.waivedNode, "the waiver names this node twice", at: range)
  }

  /// More nodes than a finding is about.
  static func waivedNodes(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .waivedNode,
      "a waiver names \(Limits.waivedNodes) nodes at most: a finding is about all of them",
      at: range)
  }

  /// `reason ""`
  static func waiverReason(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .waiverText,
      "a waiver says why, in 1 to \(Limits.waiverReason) bytes without line breaks", at: range)
  }

  /// One that was over when somebody asked.
  static func expiredWaiver(_ waiver: TypedWaiver) -> Diagnostic {
    Diagnostic(
      .expiredWaiver,
      "`\(waiver.name)` is over since \(Instant(microseconds: waiver.expires)): it waives nothing",
      at: waiver.range)
  }
}
