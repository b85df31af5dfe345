// Tree to documents: the one layout that a text can have.

import WritText

/// The text in the one layout there is. A text with errors comes back as it is; O(bytes).
///
/// Comments stay where they are, empty lines stay between items, one at most; the tree of the
/// result is the tree of the text, and formatting the result changes nothing.
public func format(_ parsed: ParsedFile) -> [UInt8] {
  guard parsed.isComplete else { return parsed.file.bytes }
  var formatter = Formatter(parsed)
  formatter.file(parsed.tree)
  // All tokens have been passed; were it not so, the text as it is would be the safe answer.
  guard formatter.isAtEnd else { return parsed.file.bytes }
  return layOut(formatter.pieces, of: parsed.file.bytes, width: 100)
}

/// Walks tree and tokens together: the tree says what comes, the tokens are what is written.
struct Formatter {
  private let source: [UInt8]
  private let tokens: [Token]
  private let comments: [Comment]
  private var cursor = 0
  private var commentCursor = 0
  /// Offset behind the last token or comment that was passed.
  private var lastEnd = 0
  private(set) var pieces: [Piece] = []
  /// The operators of the next chain stand below its first operand, as the chain is indented
  /// already.
  var isIndented = false

  init(_ parsed: ParsedFile) {
    source = parsed.file.bytes
    tokens = parsed.tokens
    comments = parsed.comments
  }

  var isAtEnd: Bool { at(.endOfFile) }
}

// Passing tokens and comments.
extension Formatter {
  func at(_ kind: TokenKind) -> Bool { tokens[cursor].kind == kind }

  func at(_ keyword: Keyword) -> Bool { tokens[cursor].keyword == keyword }

  mutating func add(_ piece: Piece) { pieces.append(piece) }

  /// Writes the next token, with the comments before it and the one behind it on its line.
  mutating func token() {
    leadingComments()
    let token = tokens[cursor]
    guard token.kind != .endOfFile else { return }
    add(.source(start: Int(token.start), end: Int(token.end)))
    pass(token)
  }

  /// Writes some tokens with nothing between them.
  mutating func tokens(_ count: Int) {
    for _ in 0..<count { token() }
  }

  /// Writes some tokens with a space between each two.
  mutating func words(_ count: Int) {
    for index in 0..<count {
      if index > 0 { add(.space) }
      token()
    }
  }

  /// Passes over a comma if there is one, keeping its comments.
  mutating func dropComma() {
    guard at(.comma) else { return }
    leadingComments()
    pass(tokens[cursor])
  }

  private mutating func pass(_ token: Token) {
    cursor += 1
    lastEnd = Int(token.end)
    let next = Int(tokens[cursor].start)
    guard commentCursor < comments.count else { return }
    let comment = comments[commentCursor]
    if !comment.isAlone, comment.range.start < next {
      write(comment, trails: true)
    }
  }

  /// Writes the comments that stand before the next token on lines of their own.
  mutating func leadingComments() {
    let next = Int(tokens[cursor].start)
    while commentCursor < comments.count, comments[commentCursor].range.start < next {
      write(comments[commentCursor], trails: false)
    }
  }

  private mutating func write(_ comment: Comment, trails: Bool) {
    commentCursor += 1
    lastEnd = comment.range.end
    let blank = !trails && hasBlankAhead && !isBeforeEnd
    add(.comment(start: comment.range.start, end: comment.range.end, trails: trails, blank: blank))
  }

  var hasLeadingComments: Bool {
    commentCursor < comments.count
      && comments[commentCursor].range.start < Int(tokens[cursor].start)
  }

  /// The next thing is a closing bracket or the end of the text.
  private var isBeforeEnd: Bool {
    !hasLeadingComments
      && (at(.rightBrace) || at(.rightParenthesis) || at(.rightBracket) || at(.endOfFile))
  }

  /// An empty line stands before the next token or comment.
  private var hasBlankAhead: Bool {
    let next =
      hasLeadingComments ? comments[commentCursor].range.start : Int(tokens[cursor].start)
    var breaks = 0
    for byte in source[min(lastEnd, next)..<next] where byte == 0x0A { breaks += 1 }
    return breaks > 1
  }

  /// A line break between two items, with an empty line if there was one or if it must be.
  mutating func separator(forcingBlank: Bool = false) {
    add(.hard(blank: forcingBlank || hasBlankAhead))
  }
}

// Shapes that many productions share.
extension Formatter {
  /// Pieces of a group.
  mutating func group(_ content: (inout Formatter) -> Void) {
    add(.open)
    content(&self)
    add(.close)
  }

  /// Pieces further to the right.
  mutating func indented(_ content: (inout Formatter) -> Void) {
    add(.indent)
    content(&self)
    add(.dedent)
  }

  /// Items with commas between them, a break behind each; a comma behind the last goes.
  mutating func commaSeparated<Item>(
    _ items: [Item], _ write: (inout Formatter, Item) -> Void
  ) {
    for (index, item) in items.enumerated() {
      write(&self, item)
      if index < items.count - 1 {
        token()
        add(.line)
      }
    }
    dropComma()
  }

  /// Names with commas between them, on one line.
  mutating func names(_ count: Int) {
    for index in 0..<count {
      token()
      if index < count - 1 {
        token()
        add(.space)
      }
    }
  }

  /// Names with `|` between them.
  mutating func alternatives(_ count: Int) { words(2 * count - 1) }

  /// A bracket, what it holds, a bracket; on one line where it fits, with nothing at the brackets.
  mutating func bracketed(_ content: (inout Formatter) -> Void) {
    group { formatter in
      formatter.token()
      formatter.indented { formatter in
        formatter.add(.soft)
        content(&formatter)
        formatter.leadingComments()
      }
      formatter.add(.soft)
      formatter.token()
    }
  }

  /// Braces around what fits on one line, with a space at each brace, or around lines of it.
  mutating func braced(isEmpty: Bool, _ content: (inout Formatter) -> Void) {
    group { formatter in
      formatter.token()
      if !isEmpty {
        formatter.indented { formatter in
          formatter.add(.line)
          content(&formatter)
          formatter.leadingComments()
        }
        formatter.add(.line)
      }
      formatter.token()
    }
  }

  /// Braces around items, each on lines of its own.
  mutating func body<Item>(_ items: [Item], _ write: (inout Formatter, Item) -> Void) {
    token()
    add(.indent)
    for (index, item) in items.enumerated() {
      if index == 0 { add(.hard(blank: false)) } else { separator() }
      write(&self, item)
    }
    if hasLeadingComments {
      if items.isEmpty { add(.hard(blank: false)) } else { separator() }
      leadingComments()
    }
    add(.dedent)
    if !items.isEmpty { add(.hard(blank: false)) }
    token()
  }
}
