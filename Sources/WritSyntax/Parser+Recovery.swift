// Where the parser goes on after an error.

import WritText

extension Parser {
  /// The next token starts a declaration, by all that can be seen from its keyword and what
  /// follows.
  var isDeclarationStart: Bool { isDeclarationStart(at: position) }

  private func isDeclarationStart(at position: Int) -> Bool {
    guard !isPanicking, let keyword = tokens[position].keyword else { return false }
    let next = tokens[min(position + 1, tokens.count - 1)]
    // A reserved word before `:` or `->` is meant as the name of a field or an edge.
    if next.kind == .colon || next.kind == .arrow { return false }
    switch keyword {
    case .policy, .import, .enum, .node, .param, .rule, .scorecard, .gate, .query, .fixture:
      return true
    case .source:
      // In facts: `source scanner silent`.
      let third = tokens[min(position + 2, tokens.count - 1)].keyword
      return third != .silent && third != .at
    case .role:
      return position == 0 || tokens[position - 1].keyword != .by
    case .test:
      return next.kind == .string
    case .waiver:
      return isName(next) && tokens[min(position + 2, tokens.count - 1)].keyword == .of
    case .action, .pipeline:
      return isName(next)
        && tokens[min(position + 2, tokens.count - 1)].kind == .leftParenthesis
    default:
      return false
    }
  }

  /// The next token starts an item of some body.
  var isItemStart: Bool {
    // A reserved word before `:` or `->` is meant as the name of a field or an edge.
    if peek(1).kind == .colon || peek(1).kind == .arrow { return false }
    switch token.keyword {
    case .let, .require, .deny, .when, .given, .expect, .source: return true
    case .approval: return peek(1).keyword == .by && peek(2).keyword != .role
    default: return false
    }
  }

  /// Ends a panic at the next declaration outside of braces, or at one that starts a line without
  /// indentation, whatever the braces say.
  mutating func recoverDeclaration() {
    isPanicking = false
    var depth = 0
    while tokens[position].kind != .endOfFile {
      if isDeclarationStart, depth == 0 || isUnindented { return }
      if at(.leftBrace) { depth += 1 }
      if at(.rightBrace) { depth = max(0, depth - 1) }
      advance()
    }
  }

  /// Ends a panic within a body: at its end, at an item that starts a line or is known by its
  /// keyword, or at a declaration.
  ///
  /// - Parameter isStart: the token starts an item of this body, by its looks.
  mutating func recoverItem(_ isStart: (Parser) -> Bool) {
    isPanicking = false
    var depth = 0
    while tokens[position].kind != .endOfFile {
      if isDeclarationStart, isUnindented { return }
      if depth == 0, at(.rightBrace) || isStart(self) || isDeclarationStart { return }
      if at(.leftBrace) { depth += 1 }
      if at(.rightBrace) { depth -= 1 }
      advance()
    }
  }

  /// The next token stands at the start of a line.
  var isUnindented: Bool { mark == 0 || source.bytes[mark - 1] == 0x0A }

  /// "{" item* "}": a body. `owner` names what it is of, `isStart` says where an item can start
  /// after an error.
  mutating func body(
    of owner: String, isStart: (Parser) -> Bool, _ item: (inout Parser) -> Void
  ) {
    let open = token
    guard expect(.leftBrace, "{", owner) else { return }
    let inner: ()? = nested { parser in
      while !parser.isAtEnd, !parser.at(.rightBrace), !parser.isBehindBody(isStart) {
        let start = parser.position
        item(&parser)
        guard parser.isPanicking else {
          // Every item takes a token or panics; this holds should one do neither.
          if parser.position == start { parser.advance() }
          continue
        }
        parser.recoverItem(isStart)
        if parser.position == start { parser.advance() }
        // An error that runs into the next declaration took the closing brace with it.
        if !parser.at(.rightBrace), !isStart(parser) {
          parser.isPanicking = true
          return
        }
      }
    }
    guard inner != nil, !isPanicking else { return }
    close(.rightBrace, "}", opened: open, "{")
  }

  /// A declaration starts here, which can be no item of the body.
  private func isBehindBody(_ isStart: (Parser) -> Bool) -> Bool {
    isDeclarationStart && (isUnindented || !isStart(self))
  }

  /// Takes a closing sign, or reports that its opening one is not closed and panics.
  mutating func close(
    _ close: TokenKind, _ spelling: String, opened open: Token, _ opening: String
  ) {
    guard take(close) == nil, !isPanicking else { return }
    defer { isPanicking = true }
    if at(.broken) { return }
    let opened = range(of: open)
    if at(.is), peek(1).keyword == .unknown {
      report(.misplacedUnknown(at: range(of: token).union(range(of: peek(1)))))
    } else if isBehindLine, close != .rightBrace, !isAtEnd {
      report(
        .unclosed(opening, spelling, found: "the end of the line", at: place, opened: opened))
    } else {
      report(
        .unclosed(
          opening, spelling, found: described(token), at: range(of: token), opened: opened))
    }
  }

  /// Takes a word that is near a keyword of a place, reports it, and gives the keyword.
  mutating func misspelt(as keywords: [Keyword], expected: String) -> Keyword? {
    guard at(.word) else { return nil }
    let word = text(of: token)
    let names = keywords.map(\.rawValue)
    guard let nearest = nearestName(to: word, among: names), let found = Keyword(rawValue: nearest)
    else { return nil }
    report(.misspeltKeyword(word, found, expected: expected, at: range(of: token)))
    return found
  }
}
