// Tokens to tree: entry and tokens. One function a production, the production as its comment.

public import WritText

/// Parses a text: always a tree, with everything that is wrong beside it; O(bytes).
///
/// `index` is the file's place in the set that is compiled together: the `file` of every range.
public func parse(_ file: SourceFile, index: Int) -> ParsedFile {
  var sink = DiagnosticSink()
  let text = lex(file, index: index, into: &sink)
  // Of a text that was cut, the lexer has said all that can be said.
  let tokens = text.isCut ? text.tokens.suffix(1) : text.tokens
  var parser = Parser(file: file, index: index, tokens: tokens, sink: sink)
  let tree = parser.file()
  return ParsedFile(
    file: file, index: index, tree: tree, tokens: text.tokens, comments: text.comments,
    diagnostics: parser.sink.sorted)
}

/// The parser at work.
///
/// After an error it panics: it takes every token for the end of the text, so that all productions
/// return what they have, without a word, up to the body or the file, which skips to the next item
/// or declaration and goes on. So each error is reported once.
struct Parser {
  let source: SourceFile
  let index: Int
  /// The last is `.endOfFile`.
  var tokens: [Token]
  /// Index of the next token: `position < tokens.count`.
  var position = 0
  /// Offset behind the last token that was taken.
  var previousEnd = 0
  /// An error was reported and no place to go on has been found yet.
  var isPanicking = false
  /// How many bodies, brackets and prefix operators are open: at most `SyntaxLimits.nesting`.
  var nesting = 0
  /// What may stand behind the expression at hand without a sign between.
  var following = Following.nothing
  /// What the declaration at hand has been reported for, once.
  var isTooDeep = false
  var isTooLong = false
  /// What the end of the tokens is called in messages.
  var endName = "the end of the text"
  var sink: DiagnosticSink

  /// What decides where an expression ends.
  enum Following {
    case nothing
    /// A string that ends the clause is its message, not the id of a node (production Deny).
    case message
    /// Operands in a row are words of a command (production Word).
    case words
    /// A step or an option, which may begin with a name (productions StepOption, Repeat).
    case steps
    /// Another head of a stage, or its steps (production StageHead).
    case heads
  }

  init(file: SourceFile, index: Int, tokens: [Token], sink: DiagnosticSink) {
    source = file
    self.index = index
    self.tokens = tokens
    self.sink = sink
  }
}

// Looking at tokens.
extension Parser {
  /// The next token; the end of the text while panicking.
  var token: Token { isPanicking ? .end(at: Int(tokens[position].start)) : tokens[position] }
  var kind: TokenKind { isPanicking ? .endOfFile : tokens[position].kind }
  var isAtEnd: Bool { kind == .endOfFile }

  /// A token further on, or the last.
  func peek(_ distance: Int) -> Token {
    isPanicking ? token : tokens[min(position + distance, tokens.count - 1)]
  }

  func at(_ wanted: TokenKind) -> Bool { kind == wanted }

  func at(_ keyword: Keyword) -> Bool { token.keyword == keyword }

  func range(of token: Token) -> SourceRange {
    SourceRange(file: index, start: Int(token.start), end: Int(token.end))
  }

  /// From an offset to the end of the last token that was taken.
  func range(from start: Int) -> SourceRange {
    SourceRange(file: index, start: start, end: max(start, previousEnd))
  }

  /// Offset at which the next token starts.
  var mark: Int { Int(tokens[position].start) }

  /// The place behind the last token that was taken.
  var place: SourceRange { SourceRange(file: index, start: previousEnd, end: previousEnd) }

  func text(of token: Token) -> String { source.text(of: range(of: token)) }

  /// A token in the words of a message.
  func described(_ token: Token) -> String {
    switch token.kind {
    case .endOfFile: endName
    case .string: "a string"
    default: "`\(Diagnostic.shortened(text(of: token)))`"
    }
  }

  /// The next token starts a line and an item or a declaration, or ends a body or the text: what
  /// was expected is missing on the line before.
  var isBehindLine: Bool {
    guard position > 0, isFirstOnLine else { return false }
    switch token.kind {
    case .endOfFile, .rightBrace: return true
    default: return isDeclarationStart || isItemStart
    }
  }

  /// Nothing but space stands before the next token on its line.
  var isFirstOnLine: Bool { isFirstOnLine(tokens[position]) }

  /// Nothing but space stands before a token on its line.
  func isFirstOnLine(_ token: Token) -> Bool {
    var place = Int(token.start)
    while place > 0, source.bytes[place - 1] == 0x20 || source.bytes[place - 1] == 0x09 {
      place -= 1
    }
    return place == 0 || source.bytes[place - 1] == 0x0A
  }
}

// Taking tokens.
extension Parser {
  /// Takes the next token, which is not the end.
  @discardableResult
  mutating func advance() -> Token {
    let taken = token
    if taken.kind != .endOfFile {
      previousEnd = Int(taken.end)
      position += 1
    }
    return taken
  }

  mutating func take(_ wanted: TokenKind) -> Token? {
    at(wanted) ? advance() : nil
  }

  mutating func take(_ keyword: Keyword) -> Token? {
    at(keyword) ? advance() : nil
  }

  /// Takes the sign that must stand here, or panics; `place` says where "here" is.
  @discardableResult
  mutating func expect(_ wanted: TokenKind, _ spelling: String, _ place: String) -> Bool {
    if take(wanted) != nil { return true }
    fail("expected `\(spelling)` \(place)")
    return false
  }

  /// Takes the keyword that must stand here, or panics.
  @discardableResult
  mutating func expect(_ keyword: Keyword, _ place: String) -> Bool {
    if take(keyword) != nil { return true }
    let expected = "`\(keyword.rawValue)` \(place)"
    if !isPanicking, misspelt(as: [keyword], expected: expected) != nil {
      advance()
      return true
    }
    fail("expected \(expected)")
    return false
  }

  /// Reports that the next token is not what was expected, and panics.
  mutating func fail(_ expected: String, _ code: DiagnosticCode = .unexpectedToken) {
    guard !isPanicking else { return }
    // Of a broken token the lexer has spoken.
    if token.kind != .broken { report(unexpected(token, expected, code)) }
    isPanicking = true
  }

  /// Reports something and goes on.
  mutating func report(_ diagnostic: Diagnostic) {
    guard !isPanicking else { return }
    sink.report(diagnostic)
  }

  /// What to say of a token that is not what was expected: what it most likely is, if that is
  /// known.
  ///
  /// What is missing at the end of a line is said there, not of the line that follows.
  func unexpected(
    _ token: Token, _ expected: String, _ code: DiagnosticCode
  ) -> Diagnostic {
    let range = range(of: token)
    if isBehindLine, code != .expectedDeclaration, code != .expectedItem {
      let found = token.kind == .endOfFile ? endName : "the end of the line"
      return Diagnostic(code, "\(expected), found \(found)", at: place)
    }
    if token.kind == .word, token.keyword == nil,
      let keyword = Keyword(rawValue: text(of: token).lowercased()), keyword.isReserved
    {
      return .keywordCase(text(of: token), keyword, at: range)
    }
    if token.keyword == .is, peek(1).keyword == .unknown {
      return .misplacedUnknown(at: range.union(self.range(of: peek(1))))
    }
    return Diagnostic(code, "\(expected), found \(described(token))", at: range)
  }

  /// Runs a production one level deeper; `nil` and a report where that is too deep.
  mutating func nested<Node>(_ production: (inout Parser) -> Node) -> Node? {
    guard nesting < SyntaxLimits.nesting else {
      if !isTooDeep { report(.nestedTooDeep(at: range(of: token))) }
      isTooDeep = true
      isPanicking = true
      return nil
    }
    nesting += 1
    defer { nesting -= 1 }
    return production(&self)
  }

  /// Items with commas between them, up to a closing sign; a comma may stand behind the last.
  mutating func commaSeparated<Item>(
    until close: TokenKind, _ item: (inout Parser) -> Item
  ) -> [Item] {
    var items: [Item] = []
    while !isAtEnd, !at(close) {
      items.append(item(&self))
      if take(.comma) == nil { break }
    }
    return items
  }

  /// One item or more with commas between them; none behind the last.
  mutating func oneOrMore<Item>(_ item: (inout Parser) -> Item) -> [Item] {
    var items = [item(&self)]
    while take(.comma) != nil { items.append(item(&self)) }
    return items
  }
}

// Names and single literals.
extension Parser {
  /// The next token can be a name: a word that is not reserved, or a quoted name.
  var isAtName: Bool { isName(token) }

  func isName(_ token: Token) -> Bool {
    switch token.kind {
    case .word: !(token.keyword?.isReserved ?? false)
    case .quotedName: true
    default: false
    }
  }

  /// Name = ( Letter | "_" ) ( Letter | Digit | "_" )* | "`" character+ "`" ;
  mutating func name(_ what: String) -> Name {
    if isAtName { return name(of: advance()) }
    guard at(.word), !(isFirstOnLine && (isDeclarationStart || isItemStart)) else {
      if at(.broken) { return name(of: advance()) }
      fail("expected \(what)", .expectedName)
      return Name(text: "", range: place)
    }
    report(.reservedName(text(of: token), what, at: range(of: token)))
    return name(of: advance())
  }

  /// A name behind a dot, where no word is reserved.
  mutating func dottedName(_ what: String) -> Name {
    if at(.word) { return name(of: advance()) }
    return name(what)
  }

  /// The name that a token is.
  func name(of token: Token) -> Name {
    let range = range(of: token)
    if token.kind == .broken {
      // A quoted name without its second backtick, or a literal, which is no name.
      let text = text(of: token)
      return Name(text: text.hasPrefix("`") ? String(text.dropFirst()) : "", range: range)
    }
    guard token.kind == .quotedName else { return Name(text: text(of: token), range: range) }
    let inner = SourceRange(file: index, start: range.start + 1, end: range.end - 1)
    return Name(text: source.text(of: inner), range: range, isQuoted: true)
  }

  /// DottedName = Name ( "." Name )* ;
  mutating func dottedNames(_ what: String) -> DottedName {
    let start = mark
    var parts = [name(what)]
    while take(.dot) != nil { parts.append(dottedName("a name after the dot")) }
    return DottedName(parts: parts, range: range(from: start))
  }

  /// Integer = Digit ( "_"? Digit )* ;
  mutating func integer(_ what: String) -> IntegerLiteral {
    if at(.broken) { return IntegerLiteral(value: nil, range: range(of: advance())) }
    guard let token = take(.integer) else {
      fail("expected \(what)")
      return IntegerLiteral(value: nil, range: place)
    }
    return IntegerLiteral(
      value: value(ofInteger: token, isNegative: false), range: range(of: token))
  }

  /// Duration = Integer ( "us" | "ms" | "s" | "m" | "h" | "d" | "w" ) ;
  mutating func duration(_ what: String) -> DurationLiteral {
    if at(.broken) { return DurationLiteral(microseconds: nil, range: range(of: advance())) }
    guard let token = take(.duration) else {
      fail("expected \(what), such as `24h`")
      return DurationLiteral(microseconds: nil, range: place)
    }
    return DurationLiteral(microseconds: microseconds(of: token), range: range(of: token))
  }

  /// Instant = Date "T" … ( "Z" | … ) ;
  mutating func instant(_ what: String) -> InstantLiteral {
    if at(.broken) { return InstantLiteral(text: nil, range: range(of: advance())) }
    guard let token = take(.instant) else {
      fail("expected \(what), such as `2026-11-19T10:00:00Z`")
      return InstantLiteral(text: nil, range: place)
    }
    return InstantLiteral(text: text(of: token), range: range(of: token))
  }

  /// String = '"' ( character | escape )* '"' ;
  mutating func string(_ what: String) -> StringLiteral {
    guard let token = take(.string) else {
      fail("expected \(what)")
      return StringLiteral(value: "", range: place)
    }
    return StringLiteral(value: value(ofString: token), range: range(of: token))
  }

  /// What a string says.
  func value(ofString token: Token) -> String {
    let (start, end) = contents(ofString: token)
    return unescape(source.bytes, start, end)
  }

  /// The bytes of a string without its quotes; the closing one may be missing.
  func contents(ofString token: Token) -> (start: Int, end: Int) {
    let start = Int(token.start) + 1
    let end = Int(token.end)
    let isClosed = end > start && source.bytes[end - 1] == UInt8(ascii: "\"")
    return (start, isClosed && !isEscaped(end - 1, from: start) ? end - 1 : end)
  }

  /// An odd number of `\` stands before an offset.
  private func isEscaped(_ offset: Int, from start: Int) -> Bool {
    var place = offset
    while place > start, source.bytes[place - 1] == UInt8(ascii: "\\") { place -= 1 }
    return (offset - place) % 2 == 1
  }

  /// The number of an integer token, `nil` and a report where it does not fit in 64 bits.
  mutating func value(ofInteger token: Token, isNegative: Bool) -> Int64? {
    let digits = text(of: token).filter { $0 != "_" }
    let value = Int64((isNegative ? "-" : "") + digits)
    if value == nil { report(.integerOverflow(at: range(of: token))) }
    return value
  }

  /// The microseconds of a duration token, `nil` and a report where they do not fit in 64 bits.
  mutating func microseconds(of token: Token) -> Int64? {
    let text = text(of: token)
    let digits = text.prefix { !$0.isLetter }.filter { $0 != "_" }
    let unit = DurationUnit(rawValue: String(text.drop { !$0.isLetter }))
    let product = Int64(String(digits)).flatMap { count -> Int64? in
      let (value, overflows) = count.multipliedReportingOverflow(by: unit?.microseconds ?? 1)
      return overflows ? nil : value
    }
    if product == nil { report(.durationOverflow(at: range(of: token))) }
    return product
  }
}
