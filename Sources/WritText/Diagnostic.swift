// What is wrong with a text, as a value: code, message, place, notes and fix-its.

/// One thing that is wrong with a text, or that its writer should know.
///
/// Made by a factory in the room that finds it, drawn by `DiagnosticRenderer` alone. Messages are
/// lower case without a full stop; the user's words stand in backticks.
public struct Diagnostic: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable {
    case error
    case warning
  }

  /// The stable code; its page is `docs/diagnostics/<code>.md`.
  public let code: DiagnosticCode
  /// An error keeps the text from being used; a warning does not.
  public let severity: Severity
  /// What was expected and what was found, in one line.
  public let message: String
  /// What the message is about.
  public let range: SourceRange
  /// Other places that matter, such as the declaration it conflicts with.
  public private(set) var notes: [DiagnosticNote]
  /// Changes that surely mend it, each on its own.
  public private(set) var fixIts: [FixIt]

  /// Makes a diagnostic with the severity of its code.
  public init(
    _ code: DiagnosticCode, _ message: String, at range: SourceRange,
    notes: [DiagnosticNote] = [], fixIts: [FixIt] = []
  ) {
    self.code = code
    severity = code.severity
    self.message = message
    self.range = range
    self.notes = notes
    self.fixIts = fixIts
  }

  /// The same diagnostic with a further note.
  public func noting(_ message: String, at range: SourceRange) -> Diagnostic {
    var copy = self
    copy.notes.append(DiagnosticNote(message, at: range))
    return copy
  }

  /// The same diagnostic with a change that surely mends it.
  public func fixing(_ range: SourceRange, with replacement: String) -> Diagnostic {
    var copy = self
    copy.fixIts.append(FixIt(range, with: replacement))
    return copy
  }
}

/// A further place that a diagnostic speaks of.
public struct DiagnosticNote: Hashable, Sendable {
  /// Lower case, no full stop.
  public let message: String
  /// What the note is about.
  public let range: SourceRange

  /// Makes a note.
  public init(_ message: String, at range: SourceRange) {
    self.message = message
    self.range = range
  }
}

/// A change of the text that surely mends what a diagnostic says.
public struct FixIt: Hashable, Sendable {
  /// What is replaced; empty to insert.
  public let range: SourceRange
  /// What it is replaced with; empty to remove.
  public let replacement: String

  /// Makes a fix-it.
  public init(_ range: SourceRange, with replacement: String) {
    self.range = range
    self.replacement = replacement
  }
}
