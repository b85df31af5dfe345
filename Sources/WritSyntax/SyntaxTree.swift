// A file as the parser leaves it: text, tokens, comments, tree and diagnostics.

public import WritText

/// What the parser makes of a text: always a tree, however broken the text.
public struct ParsedFile: Sendable {
  /// The text that was parsed. Ranges of the tree, the tokens and the comments lie within it.
  public let file: SourceFile
  /// Index of the file in the set that is compiled together: the `file` of every range.
  public let index: Int
  /// The declarations that could be made out.
  public let tree: SyntaxTree
  /// All tokens in order, the last of them `.endOfFile`; what lies between two is space or comment.
  public let tokens: [Token]
  /// All comments in order.
  public let comments: [Comment]
  /// In the order of their ranges; at most `Limits.diagnostics` and one that says so.
  public let diagnostics: [Diagnostic]

  /// No diagnostic is an error, so the tree is all that the text says.
  public var isComplete: Bool { diagnostics.allSatisfy { $0.severity != .error } }
}

/// A comment, from `//` to before the line break.
public struct Comment: Hashable, Sendable {
  /// Where it stands, `//` included.
  public let range: SourceRange
  /// Nothing but space stands before it on its line.
  public let isAlone: Bool
}

/// The header, imports and declarations of a text, in order.
public struct SyntaxTree: Sendable {
  /// `policy a.b version 3`, if the text has one.
  public let header: Header?
  /// In the order of the text.
  public let imports: [Import]
  /// In the order of the text.
  public let declarations: [Declaration]
}

/// `policy a.b version 3 callers unsigned`
public struct Header: Sendable {
  /// What it is called.
  public let name: DottedName
  /// The number behind `version`.
  public let version: IntegerLiteral
  /// What stands behind `callers`; `nil` without it.
  public let callers: CallersSyntax?
  /// From its first token to its last.
  public let range: SourceRange
}

/// Whether whoever acts signs that they do.
public enum CallersSyntax: Sendable {
  case signed, unsigned
}

/// `import a.b pinned "sha256:…"`
public struct Import: Sendable {
  /// What it is called.
  public let name: DottedName
  /// The pin as written, without its quotes; the checker reads it.
  public let pin: StringLiteral?
  /// From its first token to its last.
  public let range: SourceRange
}

/// A name as the text has it.
public struct Name: Hashable, Sendable {
  /// Without backticks; empty where the parser expected a name and found none (and said so).
  public let text: String
  /// With backticks.
  public let range: SourceRange
  /// It stands in backticks, so it is no keyword.
  public let isQuoted: Bool

  /// Makes a name.
  public init(text: String, range: SourceRange, isQuoted: Bool = false) {
    self.text = text
    self.range = range
    self.isQuoted = isQuoted
  }

  /// The parser found no name here and has said so: say nothing more about it.
  public var isMissing: Bool { text.isEmpty }
}

/// `a.b.c`, never empty.
public struct DottedName: Hashable, Sendable {
  /// The names between the dots.
  public let parts: [Name]
  /// From its first token to its last.
  public let range: SourceRange

  /// The parts with dots between them.
  public var text: String { parts.map(\.text).joined(separator: ".") }
}

/// A whole number that the grammar asks for by itself.
public struct IntegerLiteral: Hashable, Sendable {
  /// `nil` where it is missing or does not fit in 64 bits; the parser has said so.
  public let value: Int64?
  /// From its first token to its last.
  public let range: SourceRange
}

/// A string without interpolations.
public struct StringLiteral: Hashable, Sendable {
  /// What it says, escapes replaced.
  public let value: String
  /// With its quotes.
  public let range: SourceRange
}

/// A span of time as a whole number of microseconds.
public struct DurationLiteral: Hashable, Sendable {
  /// `nil` where it is missing or does not fit in 64 bits; the parser has said so.
  public let microseconds: Int64?
  /// From its first token to its last.
  public let range: SourceRange
}

/// A moment, `2026-11-19T10:00:00Z`.
public struct InstantLiteral: Hashable, Sendable {
  /// As written, in the grammar's form, with a day and a time that exist; `nil` where it is
  /// missing.
  public let text: String?
  /// From its first token to its last.
  public let range: SourceRange
}
