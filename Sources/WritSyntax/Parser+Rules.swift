// The productions of params, rules, scorecards and queries.

import WritText

extension Parser {
  /// Param = "param" Name ":" Type "=" Expression ;
  mutating func param() -> ParamDeclaration {
    let start = mark
    advance()
    let name = name("the param's name")
    expect(.colon, ":", "after the param's name")
    let type = type()
    expect(.equal, "=", "before the param's value")
    let value = expression()
    return ParamDeclaration(name: name, type: type, value: value, range: range(from: start))
  }

  /// Rule = "rule" Name Parameters ( "->" Type )? "=" Expression ;
  mutating func rule() -> RuleDeclaration {
    let start = mark
    advance()
    let name = name("the rule's name")
    let parameters = parameters()
    var result: TypeSyntax?
    if take(.arrow) != nil { result = type() }
    expect(.equal, "=", "before what the rule says")
    let body = expression()
    return RuleDeclaration(
      name: name, parameters: parameters, result: result, body: body, range: range(from: start))
  }

  /// Parameters = "(" ( Parameter ( "," Parameter )* ","? )? ")" ;
  mutating func parameters() -> [ParameterSyntax] {
    let open = token
    if at(.leftBrace) || at(.arrow) || at(.equal) {
      report(.missingParameters(at: range(of: token)))
      return []
    }
    guard expect(.leftParenthesis, "(", "before the parameters") else { return [] }
    let parameters = commaSeparated(until: .rightParenthesis) { $0.parameter() }
    close(.rightParenthesis, ")", opened: open, "(")
    return parameters
  }

  /// Parameter = Name ":" Type ;
  private mutating func parameter() -> ParameterSyntax {
    let start = mark
    let name = name("the parameter's name")
    expect(.colon, ":", "after the parameter's name")
    let type = type()
    return ParameterSyntax(name: name, type: type, range: range(from: start))
  }

  /// Let = "let" Name "=" Expression ;
  mutating func binding() -> LetSyntax {
    let start = mark
    advance()
    let name = name("the name to bind")
    expect(.equal, "=", "after the name")
    let value = expression()
    return LetSyntax(name: name, value: value, range: range(from: start))
  }
}

// Scorecards.
extension Parser {
  /// Scorecard = "scorecard" Name Parameters "->" Name "sum"? "{" ( Let | Check | Level )* "}" ;
  mutating func scorecard() -> ScorecardDeclaration {
    let start = mark
    advance()
    let name = name("the scorecard's name")
    let parameters = parameters()
    var result = Name(text: "", range: place)
    if expect(.arrow, "->", "and the enum of its levels after the parameters") {
      result = self.name("the enum of its levels")
    }
    let isSum = take(.sum) != nil
    var items: [ScorecardItem] = []
    body(of: "before the checks", isStart: { $0.isScorecardItemStart }) { parser in
      if let item = parser.scorecardItem() { items.append(item) }
    }
    return ScorecardDeclaration(
      name: name, parameters: parameters, result: result, isSum: isSum, items: items,
      range: range(from: start))
  }

  /// `let`, or `check` or `level` before a name.
  private var isScorecardItemStart: Bool {
    switch token.keyword {
    case .let: true
    case .check, .level: isName(peek(1))
    default: false
    }
  }

  /// Let | Check | Level
  private mutating func scorecardItem() -> ScorecardItem? {
    let keywords: [Keyword] = [.let, .check, .level]
    var keyword = token.keyword
    if keyword.map(keywords.contains) != true {
      keyword = misspelt(as: keywords, expected: "`let`, `check` or `level`")
    }
    switch keyword {
    case .let: return .binding(binding())
    case .check: return .check(check())
    case .level: return .level(level())
    default:
      fail("expected `let`, `check` or `level`", .expectedItem)
      return nil
    }
  }

  /// Check = "check" Name "weight" Integer String? ( "when" Expression )? ":" Expression ;
  private mutating func check() -> CheckSyntax {
    let start = mark
    advance()
    let name = name("the check's name")
    expect(.weight, "after the check's name")
    let weight = integer("the check's weight, an integer")
    var title: StringLiteral?
    if at(.string) { title = string("the check's title") }
    var guardCondition: Expression?
    if take(.when) != nil { guardCondition = expression() }
    expect(.colon, ":", "before what the check asks")
    let condition = expression()
    return CheckSyntax(
      name: name, weight: weight, title: title, guardCondition: guardCondition,
      condition: condition, range: range(from: start))
  }

  /// Level = "level" Name "at" Number ( "with" Name ( "," Name )* )? ;
  private mutating func level() -> LevelSyntax {
    let start = mark
    advance()
    let name = name("the level's name")
    expect(.at, "after the level's name")
    let score = number()
    var checks: [Name] = []
    if take(.with) != nil { checks = oneOrMore { $0.name("a check's name") } }
    return LevelSyntax(name: name, score: score, checks: checks, range: range(from: start))
  }

  /// Number = Integer | Decimal ;
  private mutating func number() -> Literal {
    if at(.integer) || at(.decimal) || at(.broken), let literal = literalToken() {
      return literal
    }
    fail("expected the score, a number")
    return Literal(kind: .integer(nil), range: place)
  }
}

// Queries.
extension Parser {
  /// Query = "query" Name Parameters? ( "{" Column* "}" | "=" ( RowQuery | PathQuery ) ) ;
  mutating func query() -> QueryDeclaration {
    let start = mark
    advance()
    let name = name("the query's name")
    let parameters = at(.leftParenthesis) ? parameters() : nil
    let body = queryBody()
    return QueryDeclaration(
      name: name, parameters: parameters, body: body, range: range(from: start))
  }

  private mutating func queryBody() -> QueryBody {
    if at(.leftBrace) {
      var columns: [ColumnSyntax] = []
      // Column = Name ":" Expression ","? ;
      body(of: "before the columns", isStart: { $0.isMemberStart }) { parser in
        columns.append(parser.column())
        _ = parser.take(.comma)
      }
      return .columns(columns)
    }
    guard expect(.equal, "=", "or `{` after the query's name") else { return .missing }
    if at(.for) { return .rows(rowQuery()) }
    if at(.shortest) { return .path(pathQuery()) }
    fail("expected `for` or `shortest`")
    return .missing
  }

  /// Name ":" Expression
  private mutating func column() -> ColumnSyntax {
    let start = mark
    let name = name("the column's name")
    expect(.colon, ":", "after the column's name")
    let value = expression()
    return ColumnSyntax(name: name, value: value, range: range(from: start))
  }

  /// RowQuery = Loop ( "group" "by" Name ":" Or ( "," Name ":" Or )* )?
  /// "select" "{" SelectItem ( "," SelectItem )* ","? "}"
  /// ( "order" "by" OrderKey ( "," OrderKey )* )? ( "limit" Integer )? ;
  private mutating func rowQuery() -> RowQuery {
    let start = mark
    let loop = loop()
    var keys: [ColumnSyntax] = []
    if take(.group) != nil {
      expect(.by, "after `group`")
      keys = oneOrMore { $0.groupKey() }
    }
    let columns = selection()
    var order: [OrderKey] = []
    if take(.order) != nil {
      expect(.by, "after `order`")
      order = oneOrMore { $0.orderKey() }
    }
    var limit: IntegerLiteral?
    if take(.limit) != nil { limit = integer("how many rows, an integer") }
    return RowQuery(
      loop: loop, keys: keys, columns: columns, order: order, limit: limit,
      range: range(from: start))
  }

  /// Name ":" Or
  private mutating func groupKey() -> ColumnSyntax {
    let start = mark
    let name = name("the group key's name")
    expect(.colon, ":", "after the group key's name")
    let value = or()
    return ColumnSyntax(name: name, value: value, range: range(from: start))
  }

  /// "select" "{" SelectItem ( "," SelectItem )* ","? "}"
  private mutating func selection() -> [SelectItem] {
    guard expect(.select, "and the columns after the loop") else { return [] }
    let open = token
    guard expect(.leftBrace, "{", "before the columns") else { return [] }
    var items = [selectItem()]
    if take(.comma) != nil {
      items += commaSeparated(until: .rightBrace) { $0.selectItem() }
    }
    close(.rightBrace, "}", opened: open, "{")
    return items
  }

  /// SelectItem = Name ( ":" Expression )? ;
  private mutating func selectItem() -> SelectItem {
    let start = mark
    let name = name("the column's name")
    let value = take(.colon) != nil ? expression() : nil
    return SelectItem(name: name, value: value, range: range(from: start))
  }

  /// OrderKey = Name ( "asc" | "desc" )? ;
  private mutating func orderKey() -> OrderKey {
    let start = mark
    var name = name("a column's name")
    if at(.dot) { name = pathForColumn(from: start) }
    let isDescending = take(.desc) != nil
    if !isDescending { _ = take(.asc) }
    return OrderKey(name: name, isDescending: isDescending, range: range(from: start))
  }

  /// `x.tier` where a column must be named.
  private mutating func pathForColumn(from start: Int) -> Name {
    while at(.dot), peek(1).kind == .word || peek(1).kind == .quotedName {
      advance()
      advance()
    }
    let range = range(from: start)
    report(.pathForColumn(source.text(of: range), at: range))
    return Name(text: "", range: range)
  }

  /// PathQuery = "shortest" Postfix "to" Or ;
  private mutating func pathQuery() -> PathQuery {
    let start = mark
    advance()
    let path = postfix()
    expect(.to, "after the path")
    let target = or()
    return PathQuery(path: path, target: target, range: range(from: start))
  }
}
