// The production Primary and what it is made of.

import WritText

extension Parser {
  /// Primary = Literal | "now" | "caller" | "it" | Aggregate | Call | NodeLiteral
  /// | Name | "." Name | "$" Name | "[" ( Expression ( "," Expression )* ","? )? "]"
  /// | "(" Expression ")" ;
  mutating func primary() -> Expression {
    if let literal = literalToken() {
      return Expression(.literal(literal), range: literal.range)
    }
    switch kind {
    case .minus:
      let literal = negativeNumber()
      return Expression(.literal(literal), range: literal.range)
    case .leftParenthesis: return group()
    case .leftBracket: return list()
    case .dot: return prefixed(Expression.Kind.field, "a field of the element after the dot")
    case .dollar: return prefixed(Expression.Kind.outer, "a name from outside after `$`")
    case .word: return word()
    case .quotedName: return named()
    case .broken: return Expression(.missing, range: range(of: advance()))
    default: return noExpression()
    }
  }

  /// Says that no expression starts at the next token, and panics.
  private mutating func noExpression() -> Expression {
    switch token.keyword {
    case .not, .any, .all, .no, .approval:
      fail("expected an operand, in parentheses if need be", .expectedExpression)
    default:
      fail("expected an expression", .expectedExpression)
    }
    return missing()
  }

  /// "now" | "caller" | "it" | Aggregate, or what starts with a name.
  private mutating func word() -> Expression {
    switch token.keyword {
    case .now: return simple(.now)
    case .caller: return simple(.caller)
    case .it: return simple(.element)
    case .count, .sum, .min, .max: return aggregate()
    case .some(let keyword) where keyword.isReserved: return reserved()
    default: return named()
    }
  }

  private mutating func simple(_ kind: Expression.Kind) -> Expression {
    Expression(kind, range: range(of: advance()))
  }

  /// A reserved word where an operand should be: meant as a name where what follows goes on from
  /// one.
  private mutating func reserved() -> Expression {
    let next = peek(1).kind
    guard next == .dot, !isFirstOnLine else { return noExpression() }
    let name = name("an expression")
    return Expression(.name(name), range: name.range)
  }

  /// Call | NodeLiteral | Name
  private mutating func named() -> Expression {
    let start = mark
    let name = name("an expression")
    if at(.leftParenthesis) {
      // Call = Name "(" ( Argument ( "," Argument )* ","? )? ")" ;
      let call = CallSyntax(name: name, arguments: arguments())
      return bounded(.call(call), range(from: start))
    }
    if following == .words { return Expression(.name(name), range: name.range) }
    if at(.string), !(following == .message && endsClause(peek(1))) {
      // NodeLiteral = Name String ;
      let node = NodeLiteral(kind: name, id: string("the node's id"))
      return Expression(.node(node), range: range(from: start))
    }
    if isUnquotedID(after: name) {
      report(.unquotedID(text(of: token), at: range(of: token)))
      let id = self.name(of: advance())
      let node = NodeLiteral(kind: name, id: StringLiteral(value: id.text, range: id.range))
      return Expression(.node(node), range: range(from: start))
    }
    if name.text == "if", !name.isQuoted, startsOperand(token), !isFirstOnLine {
      report(.conditionalExpression(at: name.range))
      isPanicking = true
      return missing()
    }
    return Expression(.name(name), range: name.range)
  }

  /// `Service checkout`, as facts have it: two names in a row, the first with a capital as kinds
  /// have, and no third that would make the second a misspelt operator.
  private func isUnquotedID(after kind: Name) -> Bool {
    guard isAtName, token.keyword == nil, !isFirstOnLine, !kind.isQuoted,
      kind.text.utf8.first.map({ (0x41...0x5A).contains($0) }) == true,
      Keyword(rawValue: text(of: token).lowercased()) == nil
    else { return false }
    switch peek(1).kind {
    case .colon, .arrow, .equal, .leftParenthesis: return false
    default: return !startsOperand(peek(1)) || isFirstOnLine(peek(1))
    }
  }

  /// "." Name | "$" Name
  private mutating func prefixed(
    _ kind: (Name) -> Expression.Kind, _ what: String
  ) -> Expression {
    let start = mark
    let isField = advance().kind == .dot
    let name = isField ? dottedName(what) : name(what)
    return Expression(kind(name), range: range(from: start))
  }

  /// "(" ( Argument ( "," Argument )* ","? )? ")"
  mutating func arguments() -> [ArgumentSyntax] {
    let open = advance()
    let arguments = bracketed { parser in
      parser.commaSeparated(until: .rightParenthesis) { $0.argument() }
    }
    close(.rightParenthesis, ")", opened: open, "(")
    return arguments ?? []
  }

  /// Argument = ( Name ":" )? Expression ;
  private mutating func argument() -> ArgumentSyntax {
    var label: Name?
    if peek(1).kind == .colon {
      label = name("the argument's label")
      advance()
    }
    return ArgumentSyntax(label: label, value: expression())
  }

  /// "(" Expression ")"
  private mutating func group() -> Expression {
    let open = advance()
    let inner = bracketed { $0.expression() } ?? missing()
    close(.rightParenthesis, ")", opened: open, "(")
    return bounded(.group(inner), range(from: Int(open.start)))
  }

  /// "[" ( Expression ( "," Expression )* ","? )? "]"
  private mutating func list() -> Expression {
    let open = advance()
    let elements = bracketed { parser in
      parser.commaSeparated(until: .rightBracket) { $0.expression() }
    }
    close(.rightBracket, "]", opened: open, "[")
    return bounded(.list(elements ?? []), range(from: Int(open.start)))
  }

  /// Aggregate = ( "count" | "sum" | "min" | "max" ) "(" "distinct"? Expression ")" ;
  private mutating func aggregate() -> Expression {
    guard peek(1).kind == .leftParenthesis else { return reserved() }
    let word = advance()
    let open = advance()
    let isDistinct = take(.distinct) != nil
    let argument = bracketed { $0.expression() } ?? missing()
    close(.rightParenthesis, ")", opened: open, "(")
    let syntax = AggregateSyntax(
      function: AggregateSyntax.Function(rawValue: text(of: word)) ?? .count,
      functionRange: range(of: word), isDistinct: isDistinct, argument: argument)
    return bounded(.aggregate(syntax), range(from: Int(word.start)))
  }

  /// Approval = "approval" "by" "role" Name ( "count" Integer )? ( "except" Sum )?
  /// ( "within" Duration )? ;
  mutating func approval() -> Expression {
    let start = mark
    advance()
    expect(.by, "after `approval`")
    expect(.role, "after `by`")
    let role = name("the role's name")
    let count = take(.count) != nil ? integer("how many people, an integer") : nil
    let except = at(.except) && peek(1).kind != .colon ? exception() : nil
    let within = take(.within) != nil ? duration("how old the approval may be") : nil
    let term = ApprovalTerm(role: role, count: count, except: except, within: within)
    return bounded(.approval(term), range(from: start))
  }

  /// "except" Sum
  private mutating func exception() -> Expression {
    advance()
    return nestedExpression { $0.sum() }
  }
}

// Literals.
extension Parser {
  /// Takes a literal that is one token; `nil` where none follows.
  mutating func literalToken() -> Literal? {
    let token = token
    let literal: Literal.Kind
    switch token.kind {
    case .integer: literal = .integer(value(ofInteger: token, isNegative: false))
    case .decimal: literal = .decimal(digits(of: token))
    case .string: literal = .string(value(ofString: token))
    case .duration: literal = .duration(microseconds(of: token))
    case .date: literal = .date(text(of: token))
    case .instant: literal = .instant(text(of: token))
    case .word where token.keyword == .true: literal = .boolean(true)
    case .word where token.keyword == .false: literal = .boolean(false)
    default: return nil
    }
    return Literal(kind: literal, range: range(of: advance()))
  }

  /// "-" Number, whose two tokens are known to follow.
  mutating func negativeNumber() -> Literal {
    let start = mark
    advance()
    let isInteger = at(.integer)
    let number = token
    let kind: Literal.Kind =
      isInteger
      ? .integer(value(ofInteger: number, isNegative: true)) : .decimal("-" + digits(of: number))
    advance()
    return Literal(kind: kind, range: range(from: start))
  }

  /// The digits and the point of a decimal.
  private func digits(of token: Token) -> String { text(of: token).filter { $0 != "_" } }
}
