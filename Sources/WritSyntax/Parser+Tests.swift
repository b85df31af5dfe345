// The productions of fixtures and tests.

import WritText

extension Parser {
  /// Fixture = "fixture" Name ( "with" Name ( "," Name )* )? Facts ;
  mutating func fixture() -> FixtureDeclaration {
    let start = mark
    advance()
    let name = name("the fixture's name")
    var bases: [Name] = []
    if take(.with) != nil { bases = oneOrMore { $0.name("a fixture's name") } }
    let facts = facts()
    return FixtureDeclaration(name: name, bases: bases, facts: facts, range: range(from: start))
  }

  /// Test = "test" String "{" "at" Instant Given* Expect+ "}" ;
  mutating func test() -> TestDeclaration {
    let start = mark
    advance()
    let title = string("the test's title in double quotes")
    var now = InstantLiteral(text: nil, range: place)
    var givens: [GivenSyntax] = []
    var expectations: [ExpectSyntax] = []
    var hasTime = false
    let open = token
    body(of: "before `at`", isStart: { $0.at(.given) || $0.at(.expect) || $0.at(.at) }) { parser in
      if parser.at(.at), !hasTime {
        parser.advance()
        hasTime = true
        now = parser.instant("the moment that `now` is")
        return
      }
      if !hasTime {
        hasTime = true
        parser.report(
          .missingTestPart("`at` and a moment first", at: parser.range(of: parser.token)))
      }
      if let given = parser.given(after: expectations) { return givens.append(given) }
      if let expectation = parser.expectation() { expectations.append(expectation) }
    }
    if expectations.isEmpty, !isPanicking {
      report(.missingTestPart("at least one `expect` in the test", at: range(of: open)))
    }
    return TestDeclaration(
      title: title, now: now, givens: givens, expectations: expectations,
      range: range(from: start))
  }

  /// Given = "given" ( Name ( "," Name )* )? ( "with" Facts | Facts )? ;
  private mutating func given(after expectations: [ExpectSyntax]) -> GivenSyntax? {
    let start = mark
    guard at(.given) else { return nil }
    if !expectations.isEmpty {
      report(.missingTestPart("every `given` before the first `expect`", at: range(of: token)))
    }
    advance()
    let fixtures = isAtName && !at(.with) ? oneOrMore { $0.name("a fixture's name") } : []
    let hasWith = take(.with) != nil
    let facts = hasWith || at(.leftBrace) ? facts() : []
    return GivenSyntax(fixtures: fixtures, facts: facts, range: range(from: start))
  }
}

// Facts.
extension Parser {
  /// Facts = "{" Fact* "}" ;
  private mutating func facts() -> [FactSyntax] {
    var facts: [FactSyntax] = []
    body(of: "before the facts", isStart: { $0.isFactStart }) { parser in
      if let fact = parser.fact() { facts.append(fact) }
    }
    return facts
  }

  /// A fact starts here, by its keyword or as `Name NodeID "{"`.
  private var isFactStart: Bool {
    switch token.keyword {
    case .source, .approval: true
    case .waived: isName(peek(1)) && peek(2).keyword == .by || isNodeFactStart
    case .remove: isName(peek(1)) && isNodeID(peek(2)) || isNodeFactStart
    default: isNodeFactStart
    }
  }

  private var isNodeFactStart: Bool {
    isAtName && isNodeID(peek(1)) && peek(2).kind == .leftBrace
  }

  private func isNodeID(_ token: Token) -> Bool { isName(token) || token.kind == .string }

  /// Fact = NodeFact | RemoveFact | SourceFact | ApprovalFact | WaivedFact ;
  private mutating func fact() -> FactSyntax? {
    if at(.source) { return .source(sourceFact()) }
    if at(.approval) { return .approval(approvalFact()) }
    if at(.waived), !isNodeFactStart { return .waived(waivedFact()) }
    // RemoveFact = "remove" Name NodeID ;
    if at(.remove), !isNodeFactStart {
      advance()
      return .remove(reference())
    }
    guard isAtName else {
      fail("expected a fact: a node, `remove`, `source`, `approval` or `waived`", .expectedItem)
      return nil
    }
    // NodeFact = Name NodeID "{" ( FactValue ","? )* "}" ;
    let start = mark
    let node = reference()
    let values = factValues()
    return .node(NodeFact(node: node, values: values, range: range(from: start)))
  }

  /// Name NodeID
  private mutating func reference() -> NodeReference {
    let start = mark
    let kind = name("the node's kind")
    let id = nodeID()
    return NodeReference(kind: kind, id: id, range: range(from: start))
  }

  /// Name NodeID; where the kind is left out, the id alone: which kind that would be, and that it
  /// is missing, is the checker's to say.
  private mutating func person(before word: Keyword) -> NodeReference {
    guard isNodeID(token), peek(1).keyword == word, peek(2).keyword != word else {
      return reference()
    }
    let id = nodeID()
    return NodeReference(kind: nil, id: id, range: id.range)
  }

  /// NodeID = Name | String ;
  private mutating func nodeID() -> NodeID {
    if let token = take(.string) {
      return NodeID(text: value(ofString: token), range: range(of: token), isString: true)
    }
    let name = name("the node's id")
    return NodeID(text: name.text, range: name.range, isString: false)
  }

  /// "{" ( FactValue ","? )* "}"
  private mutating func factValues() -> [FactValue] {
    var values: [FactValue] = []
    body(of: "before the node's fields and edges", isStart: { $0.isMemberStart }) { parser in
      if let value = parser.factValue() { values.append(value) }
      _ = parser.take(.comma)
    }
    return values
  }

  /// FactValue = Name ":" ( Literal | FactList | "unknown" | "absent" )
  /// | Name "->" ( FactTarget | "[" ( FactTarget ( "," FactTarget )* ","? )? "]" | "unknown" ) ;
  private mutating func factValue() -> FactValue? {
    let start = mark
    let name = name("a field or an edge")
    let kind: FactValue.Kind
    if take(.colon) != nil {
      guard let field = fieldFact() else { return nil }
      kind = .field(field)
    } else if take(.arrow) != nil {
      kind = targets()
    } else {
      fail("expected `:` and a value, or `->` and a node")
      return nil
    }
    return FactValue(name: name, kind: kind, range: range(from: start))
  }

  /// Literal | FactList | "unknown" | "absent"
  private mutating func fieldFact() -> FieldFact? {
    if let word = take(.unknown) { return .unknown(range(of: word)) }
    if let word = take(.absent) { return .absent(range(of: word)) }
    guard at(.leftBracket) else { return factLiteral().map { .value($0) } }
    // FactList = "[" ( Literal ( "," Literal )* ","? )? "]" ;
    let open = advance()
    let literals = listed { $0.factLiteral() }.compactMap(\.self)
    close(.rightBracket, "]", opened: open, "[")
    return .list(literals, range: range(from: Int(open.start)))
  }

  /// Items up to `]`; where a comma is missing between two, that is said and the rest is read.
  private mutating func listed<Item>(_ item: (inout Parser) -> Item) -> [Item] {
    var items: [Item] = []
    while !isAtEnd, !at(.rightBracket) {
      items.append(item(&self))
      guard take(.comma) == nil else { continue }
      guard startsOperand(token), !isMemberStart, !(isFactStart && isFirstOnLine) else { break }
      report(.missingComma(found: described(token), at: range(of: token), place: place))
    }
    return items
  }

  /// Literal = "-"? Number | String | Duration | Instant | Date | "true" | "false" | Name ;
  private mutating func factLiteral() -> FactLiteral? {
    if at(.minus), peek(1).kind == .integer || peek(1).kind == .decimal {
      return .literal(negativeNumber())
    }
    if let literal = literalToken() { return .literal(literal) }
    if isAtName { return .name(name("a value")) }
    fail("expected a value")
    return nil
  }

  /// What stands behind the arrow of an edge.
  private mutating func targets() -> FactValue.Kind {
    if take(.unknown) != nil { return .unknownTargets }
    guard at(.leftBracket) else { return .targets([target()], isList: false) }
    let open = advance()
    let targets = listed { $0.target() }
    close(.rightBracket, "]", opened: open, "[")
    return .targets(targets, isList: true)
  }

  /// FactTarget = ( Name )? NodeID ( "{" ( FactValue ","? )* "}" )? ;
  private mutating func target() -> FactTarget {
    let start = mark
    let node = shortReference()
    let values = at(.leftBrace) ? factValues() : []
    return FactTarget(node: node, values: values, range: range(from: start))
  }

  /// ( Name )? NodeID, where a name before `:` or `->` is the next field or edge.
  private mutating func shortReference() -> NodeReference {
    let start = mark
    let next = peek(2).kind
    let isNext = isName(peek(1)) && (next == .colon || next == .arrow)
    if isAtName, isNodeID(peek(1)), !isNext { return reference() }
    let id = nodeID()
    return NodeReference(kind: nil, id: id, range: range(from: start))
  }

  /// SourceFact = "source" Name ( "silent" | "at" Instant ( "covers" Name NodeID? )? ) ;
  private mutating func sourceFact() -> SourceFact {
    let start = mark
    advance()
    let name = name("the source's name")
    var kind = SourceFact.Kind.silent
    if take(.silent) == nil {
      expect(.at, "and a moment, or `silent`, after the source's name")
      let spoke = instant("when the source last spoke")
      var covered: Name?
      var node: NodeID?
      if take(.covers) != nil {
        covered = self.name("the kind that the source spoke of")
        if at(.string) || isAtName && !isFactStart { node = nodeID() }
      }
      kind = .spoke(spoke, kind: covered, node: node)
    }
    return SourceFact(name: name, kind: kind, range: range(from: start))
  }

  /// ApprovalFact = "approval" "by" Name NodeID "as" Name ( "at" Instant )? ( "until" Instant )? ;
  private mutating func approvalFact() -> ApprovalFact {
    let start = mark
    advance()
    expect(.by, "after `approval`")
    let approver = person(before: .as)
    expect(.as, "and a role after the approver")
    let role = name("the role's name")
    let at = take(.at) != nil ? instant("when it was given") : nil
    let until = take(.until) != nil ? instant("when it ends") : nil
    return ApprovalFact(
      approver: approver, role: role, at: at, until: until, range: range(from: start))
  }
}

// Waivers, granted.
extension Parser {
  /// WaivedFact = "waived" Name "by" Name NodeID "as" Name ( "at" Instant )? ( "until" Instant )? ;
  private mutating func waivedFact() -> WaivedFact {
    let start = mark
    advance()
    let waiver = name("the waiver's name")
    expect(.by, "and a person after the waiver's name")
    let granter = person(before: .as)
    expect(.as, "and a role after the person")
    let role = name("the role's name")
    let at = take(.at) != nil ? instant("when it was granted") : nil
    let until = take(.until) != nil ? instant("when it ends") : nil
    return WaivedFact(
      waiver: waiver, granter: granter, role: role, at: at, until: until,
      range: range(from: start))
  }
}

// Expectations.
extension Parser {
  /// Expect = "expect" Name "(" ( FactArgument ( "," FactArgument )* )? ")" ( "by" Name NodeID )?
  /// "is" Verdict | "expect" Expression ( "is" "unknown" )? ;
  private mutating func expectation() -> ExpectSyntax? {
    let start = mark
    guard at(.expect) || misspelt(as: [.expect, .given], expected: "`given` or `expect`") != nil
    else {
      fail("expected `given` or `expect`", .expectedItem)
      return nil
    }
    advance()
    if asksGate {
      let call = gateCall()
      expect(.is, "and a verdict after the call")
      let verdict = verdict()
      return ExpectSyntax(kind: .verdict(call, verdict), range: range(from: start))
    }
    let condition = expression()
    guard at(.is), peek(1).keyword == .unknown else {
      return ExpectSyntax(kind: .holds(condition), range: range(from: start))
    }
    advance()
    advance()
    return ExpectSyntax(kind: .isUnknown(condition), range: range(from: start))
  }

  /// A call follows that ends in `by`, or in `is` and a verdict or something near one.
  private var asksGate: Bool {
    guard isAtName, peek(1).kind == .leftParenthesis else { return false }
    var distance = 2
    var depth = 1
    while depth > 0 {
      let next = peek(distance)
      if next.kind == .endOfFile || next.kind == .rightBrace || next.keyword == .expect {
        return false
      }
      if next.kind == .leftParenthesis { depth += 1 }
      if next.kind == .rightParenthesis { depth -= 1 }
      distance += 1
    }
    if peek(distance).keyword == .by { return true }
    let word = peek(distance + 1)
    guard peek(distance).keyword == .is, word.kind == .word else { return false }
    let verdicts: [Keyword] = [.allowed, .denied, .held]
    if let keyword = word.keyword { return verdicts.contains(keyword) }
    return nearestName(to: text(of: word), among: verdicts.map(\.rawValue)) != nil
  }

  private mutating func gateCall() -> GateCall {
    let start = mark
    let gate = name("the gate's name")
    let open = token
    expect(.leftParenthesis, "(", "after the gate's name")
    let arguments = commaSeparated(until: .rightParenthesis) { $0.factArgument() }
    close(.rightParenthesis, ")", opened: open, "(")
    let caller = take(.by) != nil ? person(before: .is) : nil
    return GateCall(gate: gate, arguments: arguments, caller: caller, range: range(from: start))
  }

  /// FactArgument = Name ":" ( ( Name )? NodeID | Literal ) ;
  private mutating func factArgument() -> FactArgument {
    let start = mark
    let name = name("the argument's name")
    expect(.colon, ":", "after the argument's name")
    let value: FactArgument.Value
    if isAtName, isNodeID(peek(1)) {
      value = .node(reference())
    } else {
      value = .literal(factLiteral() ?? .name(Name(text: "", range: place)))
    }
    return FactArgument(name: name, value: value, range: range(from: start))
  }

  /// Verdict = ( "allowed" | "denied" ( "by" Name ( "," Name )* )?
  /// | "held" ( "by" Name ( "," Name )* )? ) ( "waiving" Name ( "," Name )* )? ;
  private mutating func verdict() -> VerdictSyntax {
    let start = mark
    let keywords: [Keyword] = [.allowed, .denied, .held]
    var keyword = token.keyword
    if keyword.map(keywords.contains) != true {
      keyword = misspelt(as: keywords, expected: "`allowed`, `denied` or `held`")
    }
    let outcome = keyword.flatMap { VerdictSyntax.Outcome(rawValue: $0.rawValue) }
    guard let outcome else {
      fail("expected `allowed`, `denied` or `held`")
      return VerdictSyntax(outcome: nil, clauses: nil, waived: nil, range: place)
    }
    advance()
    var clauses: [Name]?
    if outcome != .allowed, take(.by) != nil { clauses = oneOrMore { $0.name("a clause's id") } }
    let waived = take(.waiving) != nil ? oneOrMore { $0.name("a clause's id") } : nil
    return VerdictSyntax(
      outcome: outcome, clauses: clauses, waived: waived, range: range(from: start))
  }
}

extension Diagnostic {
  fileprivate static func missingTestPart(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.missingExpectation, "expected \(what)", at: range)
  }
}
