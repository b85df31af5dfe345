// What the lexer says.

import WritText

extension Diagnostic {
  static func invalidUTF8(_ byte: UInt8, at range: SourceRange) -> Diagnostic {
    let hex = String(byte, radix: 16, uppercase: true)
    return Diagnostic(.invalidUTF8, "expected UTF-8, found the byte `0x\(hex)`", at: range)
  }

  static func nulCharacter(at range: SourceRange) -> Diagnostic {
    Diagnostic(.nulCharacter, "U+0000 cannot stand in a text", at: range)
      .fixing(range, with: "")
  }

  static func hiddenDirection(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .hiddenCharacter,
      "a character that changes the direction of the text shows it in another order than it has",
      at: range
    )
    .fixing(range, with: "")
  }

  static func hiddenBreak(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .hiddenCharacter, "a character that looks like a line break and is none here", at: range)
  }

  static func unknownCharacter(_ text: String, at range: SourceRange) -> Diagnostic {
    switch text {
    case ";":
      return Diagnostic(
        .unknownCharacter, "`;` means nothing here: nothing need end a line", at: range
      )
      .fixing(range, with: "")
    case "#":
      return Diagnostic(
        .unknownCharacter, "`#` means nothing here: a comment starts with `//`", at: range
      )
      .fixing(range, with: "//")
    default:
      return Diagnostic(.unknownCharacter, "\(named(text)) means nothing here", at: range)
    }
  }

  /// Characters as they are, or the number of the first if it cannot be seen.
  private static func named(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return "nothing" }
    switch first.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse,
      .unassigned, .nonspacingMark, .enclosingMark:
      let digits = String(first.value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    default:
      return "`\(shortened(text))`"
    }
  }

  static func foreignQuotes(at range: SourceRange) -> Diagnostic {
    Diagnostic(.unknownCharacter, "expected a string in double quotes, `\"…\"`", at: range)
  }

  static func unterminatedString(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unterminatedString, "expected `\"` at the end of the string, found the end of the line",
      at: range)
  }

  static func unknownEscape(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownEscape,
      #"expected one of `\"`, `\\`, `\n`, `\t`, `\{`, `\}`, `\u{…}` with a character's number"#,
      at: range)
  }

  static func unterminatedName(at range: SourceRange) -> Diagnostic {
    Diagnostic(.unterminatedName, "expected a backtick at the end of the quoted name", at: range)
  }

  static func emptyQuotedName(at range: SourceRange) -> Diagnostic {
    Diagnostic(.unterminatedName, "expected a name between two backticks", at: range)
  }

  static func strayUnderscore(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedNumber, "expected `_` only between two digits before the point", at: range)
  }

  static func tooManyDecimals(_ count: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedNumber, "expected at most six digits after the point, found \(count)", at: range)
  }

  static func letterBehindDecimal(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedNumber,
      "expected no letter after a decimal: a duration is a whole number of its unit",
      at: range)
  }

  static func unknownUnit(_ unit: String, at range: SourceRange) -> Diagnostic {
    let units = DurationUnit.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    return Diagnostic(
      .unknownUnit, "`\(shortened(unit))` is no unit of time: expected one of \(units)", at: range)
  }

  static func noSuchDate(at range: SourceRange) -> Diagnostic {
    Diagnostic(.malformedTime, "there is no such day", at: range)
  }

  static func noSuchInstant(at range: SourceRange) -> Diagnostic {
    Diagnostic(.malformedTime, "there is no such moment", at: range)
  }

  static func malformedInstant(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedTime, "expected a moment such as `2026-11-19T10:00:00Z`, with a zone", at: range)
  }

  static func textTooLong(_ count: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .textTooLong,
      "expected a text of at most \(SyntaxLimits.textBytes) bytes, found \(count)", at: range)
  }

  static func tooManyTokens(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .tooManyTokens, "expected at most \(SyntaxLimits.tokens) words and signs in a text", at: range
    )
  }

  static func tooManyDiagnostics(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .tooManyDiagnostics,
      "there are more than \(SyntaxLimits.diagnostics) errors; the rest is not shown",
      at: range)
  }

  /// A word of the text, cut so that a message stays a line.
  static func shortened(_ text: String) -> String {
    text.unicodeScalars.count <= 40
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(39))) + "…"
  }
}
