// What the parser says, but for the plain "expected this, found that".

import WritText

extension Diagnostic {
  static func keywordCase(_ word: String, _ keyword: Keyword, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .keywordCase, "keywords are lower case: expected `\(keyword.rawValue)`, found `\(word)`",
      at: range
    )
    .fixing(range, with: keyword.rawValue)
  }

  static func misspeltKeyword(
    _ word: String, _ keyword: Keyword, expected: String, at range: SourceRange
  ) -> Diagnostic {
    guard word.lowercased() != keyword.rawValue else {
      return keywordCase(word, keyword, at: range)
    }
    return Diagnostic(
      .keywordCase,
      "expected \(expected), found `\(shortened(word))`; did you mean `\(keyword.rawValue)`?",
      at: range
    )
    .fixing(range, with: keyword.rawValue)
  }

  static func reservedName(_ word: String, _ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .reservedName, "expected \(what), found the reserved word `\(word)`; put it in backticks",
      at: range
    )
    .fixing(range, with: "`\(word)`")
  }

  static func missingClauseID(
    _ word: String, before found: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .expectedName,
      "a clause has an id, by which decisions and tests name it: expected `\(word) id: \(found) …`, found `\(word) \(found)`",
      at: range)
  }

  static func foreignHook(_ word: String, _ keyword: Keyword, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .foreignWord,
      "expected `\(keyword.rawValue)`, found `\(shortened(word))`: what is done once a stage or a step has ended stands in `onSuccess`, `onFailure`, `onError`, `onAbort` or `ensure`",
      at: range
    )
    .fixing(range, with: keyword.rawValue)
  }

  /// `said` is what stands there, `own` the nearest name without signs.
  static func dashedName(
    _ what: String, _ said: String, _ own: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .expectedName,
      "expected \(what), of letters, digits and `_`, found `\(shortened(said))`: say `\(shortened(own))`",
      at: range
    )
    .fixing(range, with: own)
  }

  static func missingIs(_ part: String, _ result: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unexpectedToken,
      "expected `is` before how `\(shortened(part))` ended: say `\(shortened(part)) is \(result)`",
      at: range
    )
    .fixing(range.startPlace, with: "is ")
  }

  static func unclosed(
    _ open: String, _ close: String, found: String, at range: SourceRange, opened: SourceRange
  ) -> Diagnostic {
    Diagnostic(.unclosed, "expected `\(close)`, found \(found)", at: range)
      .noting("`\(open)` is opened here", at: opened)
  }

  static func strayClose(_ close: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.unclosed, "`\(close)` closes nothing", at: range)
  }

  static func assignmentForEquality(at range: SourceRange) -> Diagnostic {
    Diagnostic(.assignmentForEquality, "expected `==` to compare, found `=`", at: range)
      .fixing(range, with: "==")
  }

  static func foreignOperator(
    _ found: String, _ own: String, at range: SourceRange, replacement: String
  ) -> Diagnostic {
    Diagnostic(.foreignOperator, "expected `\(own)`, found `\(found)`", at: range)
      .fixing(range, with: replacement)
  }

  static func gluedOperator(_ sign: String, isEdge: Bool, at range: SourceRange) -> Diagnostic {
    let message =
      isEdge
      ? "`\(sign)` touches the name before it, so it means reachability, but an operand follows"
      : "expected space on both sides of `\(sign)` or on neither"
    return Diagnostic(.gluedOperator, message, at: range).fixing(range.startPlace, with: " ")
  }

  static func missingElse(at range: SourceRange) -> Diagnostic {
    Diagnostic(.missingElse, "expected `else` before the message of a `require`", at: range)
      .fixing(range.startPlace, with: "else ")
  }

  static func surplusElse(at range: SourceRange) -> Diagnostic {
    Diagnostic(.missingElse, "the message of a `deny` stands without `else`", at: range)
      .fixing(range, with: "")
  }

  /// `range` is the test that says what the whole chain means, where there is one.
  static func chainedComparison(
    at place: SourceRange, first: SourceRange, whole: SourceRange, range: String?
  ) -> Diagnostic {
    let way = range.map { "say `\(shortened($0))`" } ?? "join two of them with `and`"
    let diagnostic = Diagnostic(
      .chainedComparison, "comparisons do not chain: \(way)", at: place
    )
    .noting("the first comparison is this", at: first)
    return range.map { diagnostic.fixing(whole, with: $0) } ?? diagnostic
  }

  static func nestedTooDeep(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedTooDeep, "expected at most \(SyntaxLimits.nesting) levels of nesting", at: range)
  }

  static func chainTooLong(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .chainTooLong,
      "expected at most \(SyntaxLimits.depth) terms in a row or within each other", at: range)
  }

  static func integerOverflow(at range: SourceRange) -> Diagnostic {
    Diagnostic(.integerOverflow, "expected an integer of 64 bits, found a larger one", at: range)
  }

  static func durationOverflow(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .integerOverflow, "expected a duration whose microseconds fit in 64 bits", at: range)
  }

  static func misplacedUnknown(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedUnknown,
      "`is unknown` stands only at the end of an `expect`: no expression can ask for it", at: range)
  }

  /// `say` is what the whole call means here, where it is known.
  static func memberCall(
    _ name: String, say: String?, at range: SourceRange, whole: SourceRange
  ) -> Diagnostic {
    guard let say else {
      return Diagnostic(
        .memberCall, "rules are called by their name: `\(name)(x)`, not `x.\(name)()`", at: range)
    }
    return Diagnostic(
      .memberCall, "nothing is called after a dot: say `\(shortened(say))`", at: range
    )
    .fixing(whole, with: say)
  }

  static func foreignWord(_ word: String, _ keyword: Keyword, at range: SourceRange) -> Diagnostic {
    Diagnostic(.foreignWord, "expected `\(keyword.rawValue)`, found `\(word)`", at: range)
      .fixing(range, with: keyword.rawValue)
  }

  static func conditionalExpression(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .foreignWord,
      "no expression starts with `if`: say `not a or b`, or put the clause in `when a { … }`",
      at: range)
  }

  static func elseOfWhen(_ condition: String, hasBody: Bool, at range: SourceRange) -> Diagnostic {
    let diagnostic = Diagnostic(
      .missingElse, "a `when` has no `else`: put the other clauses in a `when not (…)`", at: range)
    return hasBody ? diagnostic.fixing(range, with: "when not (\(condition))") : diagnostic
  }

  static func pipeInExpression(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .foreignOperator, "expected `+` between sets or `or` between conditions, found `|`", at: range
    )
  }

  static func unquotedID(_ id: String, at range: SourceRange) -> Diagnostic {
    let bare = id.hasPrefix("`") ? String(id.dropFirst().dropLast()) : id
    return Diagnostic(
      .unquotedID, "expected the node's id in double quotes, found `\(shortened(bare))`",
      at: range
    )
    .fixing(range, with: "\"\(bare)\"")
  }

  static func pathForColumn(_ path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownColumn,
      "expected the name of a column to order by, found `\(shortened(path))`: select it as one",
      at: range)
  }

  static func missingComma(
    found: String, at range: SourceRange, place: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .missingComma, "expected `,` between two elements of a list, found \(found)", at: range
    )
    .fixing(place, with: ",")
  }

  static func commasInBody(
    at range: SourceRange, whole: SourceRange, replacement: String
  ) -> Diagnostic {
    Diagnostic(
      .foreignWord, "fields and edges stand without commas between them", at: range
    )
    .fixing(whole, with: replacement)
  }

  static func mixedEnumSeparators(at range: SourceRange, ordered: Bool) -> Diagnostic {
    let (own, other) = ordered ? ("<", ",") : (",", "<")
    return Diagnostic(
      .mixedEnumSeparators,
      "expected `\(own)` as between the first two members, found `\(other)`", at: range
    )
    .fixing(range, with: ordered ? " <" : ",")
  }

  static func missingParameters(at range: SourceRange) -> Diagnostic {
    Diagnostic(.unexpectedToken, "expected the parameters in parentheses, `()` if none", at: range)
      .fixing(range.startPlace, with: "() ")
  }

  static func misplacedHeader(_ message: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.misplacedHeader, message, at: range)
  }
}
