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
    let first = result.range
    let place = range(of: token)
    var isChained = false
    while let next = comparison(of: result) {
      if !isChained { sink.report(.chainedComparison(at: place, first: first)) }
      isChained = true
      result = next
    }
    return result
  }

  /// A comparison with a left side, `nil` where no sign of one follows.
  private mutating func comparison(of left: Expression) -> Expression? {
    if let kind = comparisonOperator {
      if at(.equal) { report(.assignmentForEquality(at: range(of: token))) }
      let sign = advance()
      return binary(kind, sign, left, coalesce())
    }
    if at(.in) || at(.not) && peek(1).keyword == .in { return membership(of: left) }
    if at(.is), peek(1).keyword != .unknown { return test(of: left) }
    return nil
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
