// Every diagnostic code, once, with its title; each has a page in docs/diagnostics.

/// A stable code, `W0123`. A number is never given a second meaning.
///
/// Blocks: W00xx lexer, W01xx parser, W02xx names, W03xx types, W04xx schema, W05xx gates,
/// scorecards, queries and tests, W06xx warnings, W07xx compiler limits, W08xx imports and graph.
public enum DiagnosticCode: Int, CaseIterable, Hashable, Sendable {
  // Lexer.
  case invalidUTF8 = 1
  case nulCharacter = 2
  case unknownCharacter = 3
  case unterminatedString = 4
  case unknownEscape = 5
  case unterminatedName = 6
  case malformedNumber = 7
  case unknownUnit = 8
  case malformedTime = 9
  case textTooLong = 10
  case tooManyTokens = 11
  case tooManyDiagnostics = 12

  // Parser.
  case unexpectedToken = 101
  case expectedDeclaration = 102
  case expectedItem = 103
  case expectedName = 104
  case reservedName = 105
  case expectedExpression = 106
  case unclosed = 107
  case assignmentForEquality = 108
  case foreignOperator = 109
  case gluedOperator = 110
  case missingElse = 111
  case keywordCase = 112
  case chainedComparison = 113
  case nestedTooDeep = 114
  case chainTooLong = 115
  case integerOverflow = 116
  case malformedTemplate = 117
  case misplacedUnknown = 118
  case memberCall = 119
  case mixedEnumSeparators = 120
  case misplacedHeader = 121
  case missingExpectation = 122

  // Names.

  // Types.

  // Schema.

  // Gates, scorecards, queries, tests.

  // Warnings.

  // Compiler limits.

  // Imports and graph.
}

extension DiagnosticCode {
  /// The code as people write it: `W0123`.
  public var id: String {
    let digits = String(rawValue)
    return "W" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Codes W06xx are warnings, all others are errors.
  public var severity: Diagnostic.Severity {
    (600..<700).contains(rawValue) ? .warning : .error
  }

  /// What the code means, in a few words: the title of its page.
  public var title: String {
    switch self {
    // Lexer.
    case .invalidUTF8: "the text is not UTF-8"
    case .nulCharacter: "the text has a U+0000"
    case .unknownCharacter: "a character that means nothing here"
    case .unterminatedString: "a string that does not end on its line"
    case .unknownEscape: "an escape that does not exist"
    case .unterminatedName: "a quoted name that does not end"
    case .malformedNumber: "a number that cannot be read"
    case .unknownUnit: "a duration whose unit does not exist"
    case .malformedTime: "a date or time that does not exist"
    case .textTooLong: "the text is too long"
    case .tooManyTokens: "the text has too many words and signs"
    case .tooManyDiagnostics: "too many errors to go on"

    // Parser.
    case .unexpectedToken: "something else was expected here"
    case .expectedDeclaration: "a declaration was expected"
    case .expectedItem: "an item of a body was expected"
    case .expectedName: "a name was expected"
    case .reservedName: "a reserved word used as a name"
    case .expectedExpression: "an expression was expected"
    case .unclosed: "a bracket that is not closed"
    case .assignmentForEquality: "`=` where `==` is meant"
    case .foreignOperator: "an operator of another language"
    case .gluedOperator: "a sign that touches on its left alone"
    case .missingElse: "`else` missing before a message, or one too many"
    case .keywordCase: "a keyword in the wrong case or misspelt"
    case .chainedComparison: "comparisons in a row"
    case .nestedTooDeep: "nesting that is too deep"
    case .chainTooLong: "an expression with too many terms in a row"
    case .integerOverflow: "a number that does not fit in 64 bits"
    case .malformedTemplate: "a message whose braces cannot be read"
    case .misplacedUnknown: "`is unknown` outside of `expect`"
    case .memberCall: "a rule called behind a dot"
    case .mixedEnumSeparators: "`<` and `,` mixed in one enum"
    case .misplacedHeader: "a header or import behind a declaration"
    case .missingExpectation: "a test that is not complete"

    // Names.

    // Types.

    // Schema.

    // Gates, scorecards, queries, tests.

    // Warnings.

    // Compiler limits.

    // Imports and graph.
    }
  }
}
