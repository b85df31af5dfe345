// The productions of expressions, loosest first, down to postfix.

import WritText

extension Parser {
  /// Expression = Or ( Filter | "select" Or )* ;
  mutating func expression() -> Expression {
    var result = or()
    while true {
      if at(.where) {
        let base = result
        let filter = filter()
        result = bounded(.filter(base, filter), base.range.union(filter.range))
      } else if at(.select) {
        advance()
        let base = result
        let value = or()
        result = bounded(.select(base, value), base.range.union(value.range))
      } else {
        return result
      }
    }
  }

  /// Or = And ( "or" And )* ;
  mutating func or() -> Expression {
    var left = and()
    while at(.or) || at(.pipePipe) || isMiscased("or") {
      let sign = joining(.or)
      left = binary(.or, sign, left, and())
    }
    return left
  }

  /// And = Not ( "and" Not )* ;
  private mutating func and() -> Expression {
    var left = not()
    while at(.and) || at(.ampersandAmpersand) || isMiscased("and") {
      let sign = joining(.and)
      left = binary(.and, sign, left, not())
    }
    return left
  }

  /// Takes a connective, in this language's spelling or another's.
  private mutating func joining(_ keyword: Keyword) -> Token {
    if at(.word), token.keyword != keyword {
      report(.keywordCase(text(of: token), keyword, at: range(of: token)))
    } else if token.keyword != keyword {
      reportForeign(keyword)
    }
    return advance()
  }

  /// The next token is a short keyword in the wrong case.
  private func isMiscased(_ word: String) -> Bool {
    at(.word) && token.keyword == nil && Int(token.length) == word.utf8.count
      && text(of: token).lowercased() == word
  }

  /// Says that the next token is another language's spelling of a keyword.
  private mutating func reportForeign(_ keyword: Keyword) {
    let before = token.touchesPrevious ? " " : ""
    let behind = token.touchesNext ? " " : ""
    report(
      .foreignOperator(
        text(of: token), keyword.rawValue, at: range(of: token),
        replacement: before + keyword.rawValue + behind))
  }

  /// Not = "not" Not | Quantified | Approval | Comparison ;
  private mutating func not() -> Expression {
    switch token.keyword {
    case .not: return negation(.not) { $0.not() }
    case .any, .all, .no: return nestedExpression { $0.quantified() }
    case .approval: return approval()
    default: break
    }
    if isMiscased("not"), peek(1).kind == .word, startsOperand(peek(1)) {
      report(.keywordCase(text(of: token), .not, at: range(of: token)))
      return negation(.not) { $0.not() }
    }
    guard at(.bang) else { return comparison() }
    reportForeign(.not)
    return negation(.not) { $0.not() }
  }

  /// A prefix operator and its operand.
  private mutating func negation(
    _ kind: UnaryOperator.Kind, _ operand: (inout Parser) -> Expression
  ) -> Expression {
    let sign = range(of: advance())
    let value = nestedExpression(operand)
    return bounded(.unary(UnaryOperator(kind: kind, range: sign), value), sign.union(value.range))
  }

  /// Quantified = ( "any" | "all" | "no" ) ( Name "in" )? Sum "has" Or ;
  private mutating func quantified() -> Expression {
    let start = mark
    let word = advance()
    let quantifier = QuantifiedSyntax.Quantifier(rawValue: text(of: word)) ?? .any
    var variable: Name?
    if isAtName, peek(1).keyword == .in {
      variable = name("the name of each element")
      advance()
    }
    let set = sum()
    expect(.has, "and a condition after the set")
    let condition = or()
    let syntax = QuantifiedSyntax(
      quantifier: quantifier, variable: variable, set: set, condition: condition,
      operatorRange: range(of: word))
    return bounded(.quantified(syntax), range(from: start))
  }

  /// Coalesce = Sum ( "??" Coalesce )? ;
  mutating func coalesce() -> Expression {
    let left = sum()
    guard at(.questionQuestion) else { return left }
    let sign = advance()
    let right = nestedExpression { $0.coalesce() }
    return binary(.coalesce, sign, left, right)
  }

  /// Sum = Product ( ( "+" | "-" ) Product )* ;
  mutating func sum() -> Expression {
    var left = product()
    while at(.plus) || at(.minus) || at(.pipe) {
      let sign = advance()
      guard sign.kind != .pipe else {
        report(.pipeInExpression(at: range(of: sign)))
        left = Expression(.missing, range: left.range.union(product().range))
        continue
      }
      left = binary(sign.kind == .plus ? .add : .subtract, sign, left, product())
    }
    return left
  }

  /// Product = Unary ( ( "*" | "/" | "%" | "&" ) Unary )* ;
  private mutating func product() -> Expression {
    var left = unary()
    while let kind = productOperator(kind) {
      let sign = advance()
      left = binary(kind, sign, left, unary())
    }
    return left
  }

  private func productOperator(_ kind: TokenKind) -> BinaryOperator.Kind? {
    switch kind {
    case .star: .multiply
    case .slash: .divide
    case .percent: .remainder
    case .ampersand: .intersect
    default: nil
    }
  }

  /// Unary = "-" Unary | Postfix ;
  private mutating func unary() -> Expression {
    guard at(.minus) else { return postfix() }
    let next = peek(1).kind
    // A sign before a number is the literal's.
    if next == .integer || next == .decimal { return postfix() }
    return negation(.negate) { $0.unary() }
  }

  /// Postfix = ( "."? Name Closure | Primary )
  /// ( ( "." Name | "." "(" Name Filter* ")" ) Closure? )* ;
  mutating func postfix() -> Expression {
    var base = primary()
    while true {
      if at(.dot) {
        base = peek(1).kind == .leftParenthesis ? step(base) : member(base)
      } else if isClosure(behind: base) {
        base = closure(base)
      } else {
        return base
      }
    }
  }

  /// "." Name
  private mutating func member(_ base: Expression) -> Expression {
    advance()
    let name = dottedName("a field or an edge after the dot")
    let result = bounded(.member(base, name), base.range.union(name.range))
    guard at(.leftParenthesis), token.touchesPrevious else { return result }
    return memberCall(base, name)
  }

  /// `x.f(…)`, which is no call here: what was meant is said, and nothing is made of it.
  private mutating func memberCall(_ base: Expression, _ name: Name) -> Expression {
    let open = range(of: token)
    _ = arguments()
    let range = range(from: base.range.start)
    guard !isPanicking, range.count <= SyntaxLimits.rewrittenBytes else {
      sink.report(.memberCall(name.text, say: nil, at: open, whole: range))
      return Expression(.missing, range: range)
    }
    let inner = SourceRange(file: index, start: open.end, end: previousEnd - 1)
    let say = ownCall(
      of: name.text, on: source.text(of: base.range), arguments: source.text(of: inner))
    report(.memberCall(name.text, say: say, at: open, whole: range))
    return Expression(.missing, range: range)
  }

  /// "." "(" Name Filter* ")"
  private mutating func step(_ base: Expression) -> Expression {
    advance()
    let open = advance()
    let edge = name("the edge's name")
    let filters = bracketed { $0.filters() } ?? []
    close(.rightParenthesis, ")", opened: open, "(")
    let step = StepSyntax(edge: edge, filters: filters)
    return bounded(.step(base, step), range(from: base.range.start))
  }

  /// Closure = ( "+" | "*" ) ( "up" "to" Integer )? ;
  private mutating func closure(_ base: Expression) -> Expression {
    let sign = advance()
    var bound: IntegerLiteral?
    if at(.up), peek(1).keyword == .to {
      advance()
      advance()
      bound = integer("how many steps, an integer")
    }
    let closure = ClosureSyntax(
      includesStart: sign.kind == .star, bound: bound, operatorRange: range(of: sign))
    return bounded(.closure(base, closure), range(from: base.range.start))
  }

  /// The next token is a closure sign: it touches the edge before it and no operand behind it.
  ///
  /// A sign that touches on its left alone, but has an operand behind it or no edge before it, is
  /// reported and left to be a binary operator.
  private mutating func isClosure(behind base: Expression) -> Bool {
    guard at(.plus) || at(.star), token.touchesPrevious else { return false }
    let next = peek(1)
    if token.touchesNext, startsOperand(next) { return false }
    let isEdge = base.kind.canBeEdge
    if isEdge, following == .words || following == .steps { return true }
    if isEdge, !isSurelyOperand(next, peek(2)) { return true }
    if startsOperand(next) {
      report(.gluedOperator(text(of: token), isEdge: isEdge, at: range(of: token)))
    }
    return false
  }

  /// An operand can start with a token. A dot cannot count: it goes on from a closure.
  func startsOperand(_ token: Token) -> Bool {
    switch token.kind {
    case .word:
      switch token.keyword {
      case .true, .false, .now, .caller, .it, .approval, .count, .sum, .min, .max: true
      case let keyword: keyword?.isReserved != true
      }
    case .quotedName, .integer, .decimal, .duration, .date, .instant, .string, .broken,
      .leftParenthesis, .leftBracket, .dollar, .minus:
      true
    default: false
    }
  }

  /// A token that cannot stand behind an expression, so that it must be an operand.
  private func isSurelyOperand(_ token: Token, _ next: Token) -> Bool {
    switch token.kind {
    case .integer, .decimal, .duration, .date, .instant, .leftParenthesis, .leftBracket, .dollar:
      true
    case .word, .quotedName:
      // A word that is no keyword, and no name of the next column, field or edge.
      token.keyword == nil && next.kind != .colon && next.kind != .arrow
    default: false
    }
  }
}

// Making nodes.
extension Parser {
  /// Left and right with an operator between them.
  func range(_ left: Expression, _ right: Expression) -> SourceRange {
    left.range.union(right.range)
  }

  mutating func binary(
    _ kind: BinaryOperator.Kind, _ sign: Token, _ left: Expression, _ right: Expression
  ) -> Expression {
    let operation = BinaryOperator(kind: kind, range: range(of: sign))
    return bounded(.binary(operation, left, right), range(left, right))
  }

  /// An expression that is no deeper than the limit; one that is becomes `.missing`.
  mutating func bounded(_ kind: Expression.Kind, _ range: SourceRange) -> Expression {
    let expression = Expression(kind, range: range)
    guard expression.depth > SyntaxLimits.depth else { return expression }
    if !isTooLong { report(.chainTooLong(at: range)) }
    isTooLong = true
    return Expression(.missing, range: range)
  }

  /// Runs a production of expressions one level deeper.
  mutating func nestedExpression(_ production: (inout Parser) -> Expression) -> Expression {
    nested(production) ?? missing()
  }

  /// Runs a production within brackets: a level deeper, where no message can follow.
  mutating func bracketed<Node>(_ production: (inout Parser) -> Node) -> Node? {
    let outer = following
    following = .nothing
    defer { following = outer }
    return nested(production)
  }

  /// What stands for an expression that is not there.
  func missing() -> Expression { Expression(.missing, range: place) }
}

extension Expression.Kind {
  /// It ends in the name of an edge or in a step.
  fileprivate var canBeEdge: Bool {
    switch self {
    case .name, .field, .member, .step: true
    default: false
    }
  }
}
