// What is said about break-glass.

import WritSyntax
import WritText

extension Diagnostic {
  /// `breakGlass …` and no `guarded by`
  static func unguardedBreakGlass(_ name: Name) -> Diagnostic {
    Diagnostic(
      .breakGlassForm,
      "the action `\(name.text)` breaks the glass, and a gate of its own decides on that too: "
        + "say `guarded by gate(…)`", at: name.range)
  }

  /// `breakGlass reviewed by role r within 0s`
  static func reviewTime(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .breakGlassForm, "a review is due after more than nothing and at most `30d`", at: range)
  }

  /// `guarded by ship(…)`, of an action that breaks the glass and of one that does not
  static func sharedBreakGlassGate(_ name: Name, gate: String, other: Name) -> Diagnostic {
    Diagnostic(
      .breakGlassForm,
      "break-glass has a gate of its own, and `\(gate)` decides on `\(other.text)` too",
      at: name.range
    ).noting("this action goes the usual way", at: other.range)
  }

  /// An action that breaks the glass as a step, or as what takes another back
  static func misplacedBreakGlass(
    _ name: String, _ what: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .misplacedBreakGlass,
      "`\(name)` breaks the glass: a person does that and says why, so it is never \(what)",
      at: range)
  }
}
