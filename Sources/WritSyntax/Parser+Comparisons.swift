// The production Comparison and its forms.

import WritText

extension Parser {
  /// Comparison = Coalesce ( ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) Coalesce
  /// | "not"? "in" Sum ( ( "..<" | ".." ) Sum )?
  /// | "is" "not"? ( "absent" | "empty" | Name ( "|" Name )* )
  /// | "within" Coalesce
  /// | ( "starts" | "ends" | "contains" | "like" ) Coalesce )? ;
  mutating func comparison() -> Expression {
    let left = coalesce()
    guard var result = comparison(of: left) else { return left }
    let first = result
    let place = range(of: token)
    var count = 1
    while let next = comparison(of: result) {
      count += 1
      result = next
    }
    guard count > 1 else { return result }
    // Of a side that could not be read it has been said already what is wrong.
    if case .binary(_, _, let side) = first.kind, side.kind.isMissing { return first }
    let range = count == 2 ? rangeTest(result) : nil
    sink.report(
      .chainedComparison(at: place, first: first.range, whole: result.range, range: range))
    // Of the others nothing can be said: the side that they share has no type of its own.
    return first
  }

  /// `b in a .. c` for `a <= b <= c`, which says the same; `nil` for other chains.
  private func rangeTest(_ chain: Expression) -> String? {
    guard case .binary(let second, let inner, let last) = chain.kind,
      case .binary(let first, let start, let middle) = inner.kind,
      chain.range.count <= SyntaxLimits.rewrittenBytes,
      !start.kind.isDefault, !last.kind.isDefault,
      ![start, middle, last].contains(where: { $0.kind.isMissing })
    else { return nil }
    let texts = [start, middle, last].map { source.text(of: $0.range) }
    switch (first.kind, second.kind) {
    case (.lessOrEqual, .lessOrEqual): return "\(texts[1]) in \(texts[0]) .. \(texts[2])"
    case (.lessOrEqual, .less): return "\(texts[1]) in \(texts[0]) ..< \(texts[2])"
    case (.greaterOrEqual, .greaterOrEqual): return "\(texts[1]) in \(texts[2]) .. \(texts[0])"
    case (.greater, .greaterOrEqual): return "\(texts[1]) in \(texts[2]) ..< \(texts[0])"
    default: return nil
    }
  }

  /// A comparison with a left side, `nil` where no sign of one follows.
  private mutating func comparison(of left: Expression) -> Expression? {
    if isComparedWithAbsent { return absence(of: left) }
    if let kind = comparisonOperator {
      if at(.equal) { report(.assignmentForEquality(at: range(of: token))) }
      let sign = advance()
      return binary(kind, sign, left, coalesce())
    }
    if at(.in) || at(.not) && peek(1).keyword == .in { return membership(of: left) }
    if at(.is), peek(1).keyword != .unknown { return test(of: left) }
    return missingTest(of: left)
  }

  /// `ship failed`, where `ship is failed` was meant: of a pipeline only, as elsewhere a name can follow one.
  private mutating func missingTest(of left: Expression) -> Expression? {
    guard following == .steps || following == .heads, at(.word), case .name(let part) = left.kind,
      ["failed", "succeeded", "errored", "denied", "expired", "cancelled", "skipped"]
        .contains(text(of: token)), peek(1).kind != .leftParenthesis, peek(1).kind != .colon
    else { return nil }
    let place = range(of: token)
    report(.missingIs(part.text, text(of: token), at: place))
    let form = TestForm(
      value: left, isNegated: false, kind: .kinds(alternatives("how it ended")),
      operatorRange: place)
    return bounded(.test(form), range(from: left.range.start))
  }

  /// `== absent`, `!= absent`: equality is for values that are there.
  private var isComparedWithAbsent: Bool {
    (at(.equalEqual) || at(.notEqual) || at(.equal)) && peek(1).keyword == .absent
  }

  /// The test that was meant by a comparison with `absent`.
  private mutating func absence(of left: Expression) -> Expression {
    let isNegated = at(.notEqual)
    let sign = token
    let operatorRange = range(of: sign).union(range(of: peek(1)))
    report(
      .foreignOperator(
        "\(text(of: sign)) absent", isNegated ? "is not absent" : "is absent", at: operatorRange,
        replacement: (sign.touchesPrevious ? " " : "") + (isNegated ? "is not absent" : "is absent")
      ))
    advance()
    advance()
    let form = TestForm(
      value: left, isNegated: isNegated, kind: .absent, operatorRange: operatorRange)
    return bounded(.test(form), range(from: left.range.start))
  }

  /// The next token as an operator between two sides.
  private var comparisonOperator: BinaryOperator.Kind? {
    switch kind {
    case .equalEqual, .equal: return .equal
    case .notEqual: return .notEqual
    case .less: return .less
    case .lessEqual: return .lessOrEqual
    case .greater: return .greater
    case .greaterEqual: return .greaterOrEqual
    default: break
    }
    switch token.keyword {
    case .within: return .within
    // Before a colon the word is the name of the next column.
    case .starts where peek(1).kind != .colon: return .starts
    case .ends where peek(1).kind != .colon: return .ends
    case .contains where peek(1).kind != .colon: return .contains
    case .like where peek(1).kind != .colon: return .like
    default: return nil
    }
  }

  /// "not"? "in" Sum ( ( "..<" | ".." ) Sum )?
  private mutating func membership(of left: Expression) -> Expression {
    let start = mark
    let isNegated = take(.not) != nil
    advance()
    let operatorRange = range(from: start)
    let first = sum()
    let container: MembershipSyntax.Container
    if take(.dotDotLess) != nil {
      container = .halfOpen(first, sum())
    } else if take(.dotDot) != nil {
      container = .closed(first, sum())
    } else {
      container = .set(first)
    }
    let syntax = MembershipSyntax(
      value: left, isNegated: isNegated, container: container, operatorRange: operatorRange)
    return bounded(.membership(syntax), range(from: left.range.start))
  }

  /// "is" "not"? ( "absent" | "empty" | Name ( "|" Name )* )
  private mutating func test(of left: Expression) -> Expression {
    let start = mark
    advance()
    let isNegated = take(.not) != nil
    let operatorRange = range(from: start)
    let kind: TestForm.Kind
    if take(.absent) != nil {
      kind = .absent
    } else if take(.empty) != nil {
      kind = .empty
    } else if isNegated, at(.unknown) {
      report(.misplacedUnknown(at: operatorRange.union(range(of: advance()))))
      return Expression(.missing, range: range(from: left.range.start))
    } else {
      kind = .kinds(alternatives("`absent`, `empty` or a kind of node"))
    }
    let form = TestForm(
      value: left, isNegated: isNegated, kind: kind, operatorRange: operatorRange)
    return bounded(.test(form), range(from: left.range.start))
  }
}

extension Expression.Kind {
  /// `a ?? b`, which cannot be a bound of a range without parentheses.
  fileprivate var isDefault: Bool {
    if case .binary(let sign, _, _) = self { sign.kind == .coalesce } else { false }
  }

  /// What stands here could not be read.
  fileprivate var isMissing: Bool {
    if case .missing = self { true } else { false }
  }
}
