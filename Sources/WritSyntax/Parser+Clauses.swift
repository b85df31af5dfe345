// The productions of gates: clauses, guards, loops, filters and messages.

import WritText

extension Parser {
  /// Gate = "gate" Name Parameters Waivable? "{" GateItem* "}" ;
  mutating func gate() -> GateDeclaration {
    let start = mark
    advance()
    let name = name("the gate's name")
    let parameters = parameters()
    let waivable = at(.waivable) ? self.waivable() : nil
    let items = gateItems()
    return GateDeclaration(
      name: name, parameters: parameters, waivable: waivable, items: items,
      range: range(from: start))
  }

  /// "{" GateItem* "}"
  private mutating func gateItems() -> [GateItem] {
    var items: [GateItem] = []
    body(of: "before the clauses", isStart: { $0.isGateItemStart }) { parser in
      if let item = parser.gateItem() { items.append(item) }
    }
    return items
  }

  private var isGateItemStart: Bool {
    switch token.keyword {
    case .let, .require, .deny, .when: true
    default: false
    }
  }

  /// GateItem = Let | Require | Deny | When ;
  private mutating func gateItem() -> GateItem? {
    let keywords: [Keyword] = [.let, .require, .deny, .when]
    var keyword = token.keyword
    if at(.word), text(of: token) == "if" {
      report(.foreignWord("if", .when, at: range(of: token)))
      keyword = .when
    } else if keyword.map(keywords.contains) != true {
      keyword = misspelt(as: keywords, expected: "`let`, `require`, `deny` or `when`")
    }
    switch keyword {
    case .let: return .binding(binding())
    case .require: return .clause(require())
    case .deny: return .clause(deny())
    case .when: return .when(when())
    default:
      fail("expected `let`, `require`, `deny` or `when`", .expectedItem)
      return nil
    }
  }

  /// Require = "require" Name ":" ( Loop ":" Expression | Expression ) ( "else" Template )? ;
  private mutating func require() -> ClauseSyntax {
    let start = mark
    advance()
    let name = clauseID("require")
    var loop: LoopSyntax?
    if at(.for) {
      loop = self.loop()
      expect(.colon, ":", "before what is required of each")
    }
    let condition = expression()
    var message: TemplateSyntax?
    if at(.string) {
      report(.missingElse(at: range(of: token)))
      message = template()
    } else if take(.else) != nil {
      message = template()
    }
    return ClauseSyntax(
      polarity: .require, name: name, loop: loop, condition: condition, message: message,
      range: range(from: start))
  }

  /// Deny = "deny" Name ":" ( Loop ( ":" Expression )? | Expression ) Template? ;
  ///
  /// A string that ends the clause is its message.
  private mutating func deny() -> ClauseSyntax {
    let start = mark
    advance()
    let name = clauseID("deny")
    following = .message
    var loop: LoopSyntax?
    if at(.for) { loop = self.loop() }
    let condition = loop == nil || take(.colon) != nil ? expression() : nil
    following = .nothing
    if at(.else), peek(1).kind == .string {
      report(.surplusElse(at: range(of: token)))
      advance()
    }
    let message = at(.string) ? template() : nil
    return ClauseSyntax(
      polarity: .deny, name: name, loop: loop, condition: condition, message: message,
      range: range(from: start))
  }

  /// Name ":"; where a clause goes on at once without an id, that is said, and it is read all the same.
  private mutating func clauseID(_ word: String) -> Name {
    if let keyword = token.keyword, keyword.isReserved, peek(1).kind != .colon,
      keyword == .for || keyword == .approval || startsExpression(keyword)
    {
      report(.missingClauseID(word, before: text(of: token), at: range(of: token)))
      return Name(text: "", range: place)
    }
    let name = name("the clause's id")
    expect(.colon, ":", "after the clause's id, which every clause has: `\(word) id: …`")
    return name
  }

  /// A reserved word that an expression can begin with.
  private func startsExpression(_ keyword: Keyword) -> Bool {
    switch keyword {
    case .not, .any, .all, .no, .count, .sum, .min, .max, .now, .caller, .true, .false: true
    default: false
    }
  }

  /// The token behind a string shows that the string ended its clause.
  func endsClause(_ token: Token) -> Bool {
    switch token.kind {
    case .endOfFile, .rightBrace: return true
    default: break
    }
    switch token.keyword {
    case .let, .require, .deny, .when: return true
    default: return false
    }
  }

  /// When = "when" Expression "{" GateItem* "}" ;
  private mutating func when() -> WhenSyntax {
    let start = mark
    advance()
    let condition = expression()
    var items = gateItems()
    if at(.else) {
      let condition = source.text(of: condition.range)
      report(.elseOfWhen(condition, hasBody: peek(1).kind == .leftBrace, at: range(of: token)))
      advance()
      // Its clauses are clauses of the gate all the same: others may name them.
      if at(.leftBrace) { items += gateItems() }
    }
    return WhenSyntax(condition: condition, items: items, range: range(from: start))
  }

  /// Loop = "for" Generator ( "," Generator )* Filter* ;
  mutating func loop() -> LoopSyntax {
    let start = mark
    expect(.for, "before the loop")
    let generators = oneOrMore { $0.generator() }
    return LoopSyntax(generators: generators, filters: filters(), range: range(from: start))
  }

  /// Generator = Name "in" Or ;
  private mutating func generator() -> GeneratorSyntax {
    let start = mark
    let name = name("the name of each element")
    expect(.in, "after the element's name")
    let set = or()
    return GeneratorSyntax(name: name, set: set, range: range(from: start))
  }

  /// Filter*
  mutating func filters() -> [FilterSyntax] {
    var filters: [FilterSyntax] = []
    while at(.where) { filters.append(filter()) }
    return filters
  }

  /// Filter = "where" ( "let" Name "=" Or | Or ) ;
  mutating func filter() -> FilterSyntax {
    let start = mark
    advance()
    guard take(.let) != nil else {
      let condition = or()
      return FilterSyntax(kind: .condition(condition), range: range(from: start))
    }
    let name = name("the name to bind")
    expect(.equal, "=", "after the name")
    let value = or()
    return FilterSyntax(kind: .binding(name, value), range: range(from: start))
  }
}

// Messages.
extension Parser {
  /// Template = String ; in which `{` Expression `}` interpolates.
  mutating func template() -> TemplateSyntax? {
    guard let token = take(.string) else {
      fail("expected the message, a string")
      return nil
    }
    let (start, end) = contents(ofString: token)
    var segments: [TemplateSyntax.Segment] = []
    var textStart = start
    var offset = start
    while offset < end {
      switch source.bytes[offset] {
      case UInt8(ascii: "\\"):
        offset = readEscape(source.bytes, at: offset, end: end).end
        continue
      case UInt8(ascii: "{"):
        appendText(textStart, offset, to: &segments)
        offset = interpolation(at: offset, end: end, to: &segments)
        textStart = offset
        continue
      case UInt8(ascii: "}"):
        let range = SourceRange(file: index, start: offset, end: offset + 1)
        report(.strayTemplateBrace(at: range))
      default: break
      }
      offset += 1
    }
    appendText(textStart, end, to: &segments)
    return TemplateSyntax(segments: segments, range: range(of: token))
  }

  private func appendText(
    _ start: Int, _ end: Int, to segments: inout [TemplateSyntax.Segment]
  ) {
    let text = unescape(source.bytes, start, max(start, end))
    if !text.isEmpty { segments.append(.text(text)) }
  }

  /// Parses from a `{` to the next `}` and gives the offset behind it.
  private mutating func interpolation(
    at open: Int, end: Int, to segments: inout [TemplateSyntax.Segment]
  ) -> Int {
    guard let close = source.bytes[open..<end].firstIndex(of: UInt8(ascii: "}")) else {
      report(
        .openTemplateBrace(at: SourceRange(file: index, start: open, end: open + 1)))
      return end
    }
    let whole = SourceRange(file: index, start: open, end: close + 1)
    guard source.bytes[open + 1..<close].contains(where: { $0 != 0x20 }) else {
      report(.emptyInterpolation(at: whole))
      return close + 1
    }
    if source.bytes[open..<close].contains(UInt8(ascii: "\\")) {
      report(.stringInInterpolation(at: whole))
      return close + 1
    }
    let part = lex(source, index: index, from: open + 1, to: close, into: &sink)
    segments.append(.interpolation(parse(interpolation: part.tokens)))
    return close + 1
  }

  /// Parses other tokens than those at hand as one expression, and comes back.
  private mutating func parse(interpolation inner: [Token]) -> Expression {
    var parser = Parser(file: source, index: index, tokens: inner, sink: sink)
    parser.endName = "the `}` of the interpolation"
    parser.nesting = nesting
    parser.previousEnd = Int(inner.first?.start ?? 0)
    let expression = parser.expression()
    if !parser.isAtEnd {
      parser.fail("expected `}` after the interpolated expression", .malformedTemplate)
    }
    sink = parser.sink
    return expression
  }
}

extension Diagnostic {
  fileprivate static func strayTemplateBrace(at range: SourceRange) -> Diagnostic {
    Diagnostic(.malformedTemplate, "`}` closes nothing; a brace in a message is `\\}`", at: range)
      .fixing(range, with: "\\}")
  }

  fileprivate static func openTemplateBrace(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedTemplate,
      "expected `}` and no string before it; a brace in a message is `\\{`", at: range)
  }

  fileprivate static func stringInInterpolation(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .malformedTemplate, "an interpolation can hold neither a string nor a `\\`", at: range)
  }

  fileprivate static func emptyInterpolation(at range: SourceRange) -> Diagnostic {
    Diagnostic(.malformedTemplate, "expected an expression between `{` and `}`", at: range)
  }
}
