// The productions of a file, its header, and the declarations of the schema.

import WritText

extension Parser {
  /// File = Header? Import* Declaration* ;
  mutating func file() -> SyntaxTree {
    var header: Header?
    var imports: [Import] = []
    var declarations: [Declaration] = []
    while tokens[position].kind != .endOfFile {
      (isTooDeep, isTooLong) = (false, false)
      let keyword = opening()
      switch keyword {
      case .policy:
        if header != nil || !imports.isEmpty || !declarations.isEmpty {
          report(.misplacedHeader("`policy` stands once, at the top", at: range(of: token)))
        }
        let found = self.header()
        header = header ?? found
      case .import:
        if !declarations.isEmpty {
          report(
            .misplacedHeader("`import` stands before all declarations", at: range(of: token)))
        }
        imports.append(self.imported())
      default:
        if let declaration = declaration(keyword) { declarations.append(declaration) }
      }
      if isPanicking { recoverDeclaration() }
    }
    return SyntaxTree(header: header, imports: imports, declarations: declarations)
  }

  /// Header = "policy" DottedName "version" Integer ( "callers" ( "signed" | "unsigned" ) )? ;
  private mutating func header() -> Header {
    let start = mark
    advance()
    let name = dottedNames("the policy's name")
    expect(.version, "after the policy's name")
    let version = integer("the version, an integer")
    let callers = take(.callers) != nil ? self.callers() : nil
    return Header(name: name, version: version, callers: callers, range: range(from: start))
  }

  /// "signed" | "unsigned"
  private mutating func callers() -> CallersSyntax? {
    if take(.signed) != nil { return .signed }
    if take(.unsigned) != nil { return .unsigned }
    fail("expected `signed` or `unsigned` after `callers`")
    return nil
  }

  /// Import = "import" DottedName ( "pinned" String )? ;
  private mutating func imported() -> Import {
    let start = mark
    advance()
    let name = dottedNames("the name of the policy to import")
    var pin: StringLiteral?
    if take(.pinned) != nil { pin = string("the digest in double quotes, `\"sha256:…\"`") }
    return Import(name: name, pin: pin, range: range(from: start))
  }

  /// The keyword that a declaration, header or import starts with, also where it is misspelt.
  private mutating func opening() -> Keyword? {
    let starts: [Keyword] = [
      .policy, .import, .enum, .source, .role, .node, .param, .rule, .scorecard, .gate, .waiver,
      .query, .action, .pipeline, .fixture, .test,
    ]
    if let keyword = token.keyword, starts.contains(keyword) { return keyword }
    if at(.word), isName(peek(1)), peek(2).kind == .leftParenthesis,
      foreignRules.contains(text(of: token))
    {
      report(.foreignWord(text(of: token), .rule, at: range(of: token)))
      return .rule
    }
    // Only before what can follow a keyword, so that a stray word is not taken for one.
    let follows = isName(peek(1)) || peek(1).kind == .string
    return follows ? misspelt(as: starts, expected: "a declaration") : nil
  }

  /// Declaration = Enum | Source | Role | Node | Param | Rule | Scorecard | Gate | Waiver | Query
  /// | Action | Pipeline | Fixture | Test ;
  private mutating func declaration(_ keyword: Keyword?) -> Declaration? {
    switch keyword {
    case .enum: return .enumeration(enumeration())
    case .source: return .source(sourceDeclaration())
    case .role: return .roles(roles())
    case .node: return .node(node())
    case .param: return .param(param())
    case .rule: return .rule(rule())
    case .scorecard: return .scorecard(scorecard())
    case .gate: return .gate(gate())
    case .waiver: return .waiver(waiver())
    case .query: return .query(query())
    case .action: return .action(action())
    case .pipeline: return .pipeline(pipeline())
    case .fixture: return .fixture(fixture())
    case .test: return .test(test())
    default:
      noDeclaration()
      return nil
    }
  }

  /// Says that no declaration starts at the next token, and panics.
  private mutating func noDeclaration() {
    if at(.rightBrace) {
      report(.strayClose("}", at: range(of: token)))
      isPanicking = true
    } else if at(.callers) {
      report(
        .misplacedHeader(
          "`callers` stands at the top, behind the policy's version", at: range(of: token)))
      isPanicking = true
    } else {
      fail("expected a declaration, such as `gate` or `rule`", .expectedDeclaration)
    }
    // The token starts nothing, so the way on is behind it.
    if tokens[position].kind != .endOfFile { position += 1 }
  }
}

// The schema.
extension Parser {
  /// Enum = "enum" Name "{" Name ( ( "<" Name )* | ( "," Name )* ) ","? "}" ;
  private mutating func enumeration() -> EnumDeclaration {
    let start = mark
    advance()
    let name = name("the enum's name")
    let open = token
    expect(.leftBrace, "{", "before the members")
    var members = [self.name("a member's name")]
    let isOrdered = at(.less)
    while at(.comma) || at(.less) {
      if at(.comma), peek(1).kind == .rightBrace {
        advance()
        break
      }
      if at(.less) != isOrdered {
        report(.mixedEnumSeparators(at: range(of: token), ordered: isOrdered))
      }
      advance()
      members.append(self.name("a member's name"))
    }
    close(.rightBrace, "}", opened: open, "{")
    return EnumDeclaration(
      name: name, members: members.filter { !$0.isMissing }, isOrdered: isOrdered,
      range: range(from: start))
  }

  /// Source = "source" Name ( "fresh" Duration )? ;
  private mutating func sourceDeclaration() -> SourceDeclaration {
    let start = mark
    advance()
    let name = name("the source's name")
    var fresh: DurationLiteral?
    if take(.fresh) != nil { fresh = duration("how long its facts stay fresh") }
    return SourceDeclaration(name: name, fresh: fresh, range: range(from: start))
  }

  /// Role = "role" Name ( "," Name )* ;
  private mutating func roles() -> RoleDeclaration {
    let start = mark
    advance()
    let names = oneOrMore { $0.name("the role's name") }
    return RoleDeclaration(names: names.filter { !$0.isMissing }, range: range(from: start))
  }

  /// Node = "node" Name Origin? "{" ( Field | Edge )* "}" ;
  private mutating func node() -> NodeDeclaration {
    let start = mark
    advance()
    let name = name("the node's name")
    let origin = origin()
    var members: [NodeMember] = []
    var commas: [Token] = []
    body(of: "before the fields and edges", isStart: { $0.isMemberStart }) { parser in
      if let member = parser.member() { members.append(member) }
      if let comma = parser.take(.comma) { commas.append(comma) }
    }
    reportCommas(commas)
    return NodeDeclaration(
      name: name, origin: origin, members: members, range: range(from: start))
  }

  /// Reports the commas of one body, where none belong, as one slip.
  private mutating func reportCommas(_ commas: [Token]) {
    guard let first = commas.first, let last = commas.last else { return }
    let whole = range(of: first).union(range(of: last))
    var replacement: [UInt8] = []
    var place = whole.start
    for comma in commas {
      replacement += source.bytes[place..<Int(comma.start)]
      if comma.touchesNext { replacement.append(0x20) }
      place = Int(comma.end)
    }
    sink.report(
      .commasInBody(
        at: range(of: first), whole: whole,
        replacement: String(decoding: replacement, as: UTF8.self)))
  }

  /// Origin = "from" ( "request" | Name ( "|" Name )* ) ;
  private mutating func origin() -> OriginSyntax? {
    let start = mark
    guard take(.from) != nil else { return nil }
    if take(.request) != nil { return OriginSyntax(kind: .request, range: range(from: start)) }
    let sources = alternatives("the source's name, or `request`")
    return OriginSyntax(kind: .sources(sources), range: range(from: start))
  }

  /// FieldOrigin = "from" ( "request" | Name ) ;
  private mutating func fieldOrigin() -> OriginSyntax? {
    let start = mark
    // `from: Instant` is the next field.
    guard at(.from), !isMemberStart else { return nil }
    advance()
    if take(.request) != nil { return OriginSyntax(kind: .request, range: range(from: start)) }
    let source = name("the source's name, or `request`")
    return OriginSyntax(kind: .sources([source]), range: range(from: start))
  }

  /// Name ( "|" Name )*
  mutating func alternatives(_ what: String) -> [Name] {
    var names = [name(what)]
    while take(.pipe) != nil { names.append(name(what)) }
    return names
  }

  /// A field or an edge starts here: a name, even a reserved one, before `:` or `->`.
  var isMemberStart: Bool {
    let next = peek(1).kind
    return (at(.word) || at(.quotedName)) && (next == .colon || next == .arrow)
  }

  /// Field | Edge
  private mutating func member() -> NodeMember? {
    let start = mark
    let name = name("a field or an edge")
    if take(.colon) != nil { return .field(field(name, from: start)) }
    if take(.arrow) != nil { return .edge(edge(name, from: start)) }
    fail("expected `:` and a type, or `->` and a kind")
    return nil
  }

  /// Field = Name ":" Type "key"? "personal"? FieldOrigin? ; from behind the colon.
  private mutating func field(_ name: Name, from start: Int) -> FieldDeclaration {
    let type = type()
    let isKey = at(.key) && !isMemberStart
    if isKey { advance() }
    let isPersonal = at(.personal) && !isMemberStart
    if isPersonal { advance() }
    let origin = fieldOrigin()
    return FieldDeclaration(
      name: name, type: type, isKey: isKey, isPersonal: isPersonal, origin: origin,
      range: range(from: start))
  }

  /// Edge = Name "->" "many"? Name ( "|" Name )* "?"? FieldOrigin? ( "inverse" Name )?
  /// ( "{" Field* "}" )? ; from behind the arrow.
  private mutating func edge(_ name: Name, from start: Int) -> EdgeDeclaration {
    let isMany = at(.many) && isName(peek(1))
    if isMany { advance() }
    let targets = alternatives("the kind of node that the edge leads to")
    let isOptional = take(.question) != nil
    let origin = fieldOrigin()
    var inverse: Name?
    if at(.inverse), !isMemberStart {
      advance()
      inverse = self.name("the inverse edge's name")
    }
    var fields: [FieldDeclaration] = []
    var commas: [Token] = []
    if at(.leftBrace) {
      body(of: "before the edge's fields", isStart: { $0.isMemberStart }) { parser in
        let start = parser.mark
        let name = parser.name("a field")
        guard parser.expect(.colon, ":", "after the field's name") else { return }
        fields.append(parser.field(name, from: start))
        if let comma = parser.take(.comma) { commas.append(comma) }
      }
    }
    reportCommas(commas)
    return EdgeDeclaration(
      name: name, isMany: isMany, targets: targets, isOptional: isOptional, origin: origin,
      inverse: inverse, fields: fields, range: range(from: start))
  }

  /// Type = ( Name ( "|" Name )* | ( "Set" | "List" ) "<" Type ">" ) "?"? ;
  mutating func type() -> TypeSyntax {
    let start = mark
    let kind: TypeSyntax.Kind
    if at(.setType) || at(.listType), peek(1).kind == .less {
      let isSet = advance().keyword == .setType
      advance()
      let element = nested { $0.type() }
      expect(.greater, ">", "after the element's type")
      kind = element.map { isSet ? .set($0) : .list($0) } ?? .missing
    } else {
      let names = alternatives("a type")
      kind = names.contains { $0.isMissing } ? .missing : .named(names)
    }
    let isOptional = take(.question) != nil
    return TypeSyntax(kind: kind, isOptional: isOptional, range: range(from: start))
  }
}
