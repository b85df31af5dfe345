// Bytes to tokens and comments. Any bytes will do: what is wrong becomes a diagnostic.

import WritText

/// What the lexer makes of a text or of a part of one.
struct LexedText {
  /// In order; the last is `.endOfFile`, behind the last byte.
  var tokens: [Token] = []
  var comments: [Comment] = []
  /// The text passes a limit, so that not all of its tokens are here.
  var isCut = false
}

/// Tokens and comments of a whole text, with what is wrong reported to `sink`; O(bytes).
func lex(_ file: SourceFile, index: Int, into sink: inout DiagnosticSink) -> LexedText {
  let count = file.bytes.count
  guard count <= SyntaxLimits.textBytes else {
    sink.report(.textTooLong(count, at: SourceRange(file: index, start: 0, end: 0)))
    return LexedText(tokens: [.end(at: 0)], isCut: true)
  }
  reportBrokenBytes(of: file, index: index, into: &sink)
  return lex(file, index: index, from: 0, to: count, into: &sink)
}

/// Tokens and comments of the bytes `start ..< end`, which lie within the text.
func lex(
  _ file: SourceFile, index: Int, from start: Int, to end: Int, into sink: inout DiagnosticSink
) -> LexedText {
  var lexer = Lexer(bytes: file.bytes, file: index, position: start, end: end, sink: sink)
  lexer.run()
  sink = lexer.sink
  return lexer.result
}

extension Token {
  /// The end of a text.
  static func end(at offset: Int) -> Token {
    Token(
      start: UInt32(clamping: offset), length: 0, kind: .endOfFile, keyword: nil,
      touchesPrevious: false, touchesNext: false)
  }
}

/// The work in hand: a position in the bytes.
struct Lexer {
  let bytes: [UInt8]
  let file: Int
  /// Offset of the next byte to be read: `position ≤ end`.
  var position: Int
  /// Offset behind the last byte of the part that is read: `end ≤ bytes.count`.
  let end: Int
  var sink: DiagnosticSink
  var result = LexedText()

  /// Reads all of the part.
  mutating func run() {
    while let next = current {
      switch next {
      case 0x20, 0x09, 0x0A, 0x0D:
        skipSpace()
      case UInt8(ascii: "/") where byte(at: position + 1) == UInt8(ascii: "/"):
        readComment()
      default:
        guard result.tokens.count < SyntaxLimits.tokens else {
          sink.report(.tooManyTokens(at: range(position, position)))
          position = end
          result.isCut = true
          break
        }
        readToken(next)
      }
    }
    result.tokens.append(.end(at: end))
  }

  /// The byte at the position, `nil` at the end.
  var current: UInt8? { byte(at: position) }

  /// The byte at an offset, `nil` from the end on.
  func byte(at offset: Int) -> UInt8? { offset < end ? bytes[offset] : nil }

  /// The range of the bytes `start ..< end`.
  func range(_ start: Int, _ end: Int) -> SourceRange {
    SourceRange(file: file, start: start, end: end)
  }

  /// Appends the token that ends at the position.
  mutating func append(_ kind: TokenKind, from start: Int, keyword: Keyword? = nil) {
    let touches = result.tokens.last.map { Int($0.end) == start } ?? false
    if touches { result.tokens[result.tokens.count - 1].touchesNext = true }
    result.tokens.append(
      Token(
        start: UInt32(clamping: start), length: UInt32(clamping: position - start), kind: kind,
        keyword: keyword, touchesPrevious: touches, touchesNext: false))
  }

  private mutating func readToken(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      readWord()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      readNumber()
    case UInt8(ascii: "\""):
      readString()
    case UInt8(ascii: "`"):
      readQuotedName()
    default:
      guard let sign = sign(byte) else { return readUnknown() }
      let start = position
      position += sign.length
      append(sign.kind, from: start)
    }
  }

  private mutating func skipSpace() { position = spaceEnd(from: position) }

  private func spaceEnd(from offset: Int) -> Int {
    let span = bytes.span
    var place = offset
    while place < end {
      let byte = span[place]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
      place += 1
    }
    return place
  }

  /// From `//` to before the line break.
  private mutating func readComment() {
    let start = position
    position = lineEnd(from: start)
    // A carriage return before the line break is the break's.
    var stop = position
    while stop > start, bytes[stop - 1] == 0x0D { stop -= 1 }
    reportHiddenBreaks(from: start, to: position)
    result.comments.append(Comment(range: range(start, stop), isAlone: isFirstOnLine(start)))
  }

  /// What stands behind them would look like the next line, and is none.
  private mutating func reportHiddenBreaks(from start: Int, to end: Int) {
    var place = start
    while place < end, !sink.isFull {
      let length = lengthOfHiddenBreak(bytes, at: place)
      if length > 0 { sink.report(.hiddenBreak(at: range(place, place + length))) }
      place += max(1, length)
    }
  }

  /// Nothing but space stands before an offset on its line.
  private func isFirstOnLine(_ offset: Int) -> Bool {
    var place = offset
    while place > 0, bytes[place - 1] == 0x20 || bytes[place - 1] == 0x09 { place -= 1 }
    return place == 0 || bytes[place - 1] == 0x0A
  }

  /// Offset of the next line break, or the end.
  func lineEnd(from offset: Int) -> Int {
    let span = bytes.span
    var place = offset
    while place < end, span[place] != 0x0A { place += 1 }
    return place
  }

  /// `( Letter | "_" ) ( Letter | Digit | "_" )*`
  private mutating func readWord() {
    let start = position
    skipWord()
    append(
      .word, from: start, keyword: KeywordTable.keyword(bytes.span.extracting(start..<position)))
  }

  /// Moves behind letters, digits and `_`.
  mutating func skipWord() { position = wordEnd(from: position) }

  private func wordEnd(from offset: Int) -> Int {
    let span = bytes.span
    var place = offset
    while place < end, isWordByte(span[place]) { place += 1 }
    return place
  }

  /// "`" character+ "`", on one line.
  private mutating func readQuotedName() {
    let start = position
    position += 1
    // No further than to the second backtick: a line may hold many names.
    while let byte = current, byte != 0x0A, byte != UInt8(ascii: "`") { position += 1 }
    if current == UInt8(ascii: "`"), position > start + 1 {
      position += 1
      reportHiddenBreaks(from: start, to: position)
      return append(.quotedName, from: start)
    }
    // What can be a name behind the backtick is taken for the name that was meant.
    position = start + 1
    skipWord()
    if position == start + 1 {
      if byte(at: position) == UInt8(ascii: "`") { position += 1 }
      sink.report(.emptyQuotedName(at: range(start, position)))
    } else {
      sink.report(.unterminatedName(at: range(start, position)))
      append(.broken, from: start)
    }
  }

  /// `"` to `"` on one line; escapes are looked at, not replaced.
  private mutating func readString() {
    let start = position
    position += 1
    while let byte = current, byte != 0x0A {
      if byte == UInt8(ascii: "\"") {
        position += 1
        reportHiddenBreaks(from: start, to: position)
        return append(.string, from: start)
      }
      if byte == UInt8(ascii: "\\") {
        let escape = readEscape(bytes, at: position, end: end)
        if escape.value == nil { sink.report(.unknownEscape(at: range(position, escape.end))) }
        position = escape.end
      } else {
        position += 1
      }
    }
    if position > start + 1, bytes[position - 1] == 0x0D { position -= 1 }
    sink.report(.unterminatedString(at: range(start, position)))
    append(.string, from: start)
  }

  /// Whatever is no token: reported once for a run of such characters. Quotes of other languages
  /// are read as a string, `#` as a comment, so that what they hold is not reported as well.
  private mutating func readUnknown() {
    let start = position
    let first = scalar(at: start)
    switch first.value {
    case "'", "\u{2018}", "\u{201C}":
      position = endOfForeignString(from: start + first.length, opened: first.value ?? "'")
      sink.report(.foreignQuotes(at: range(start, position)))
      return append(.broken, from: start)
    case "#":
      sink.report(.unknownCharacter("#", at: range(start, start + 1)))
      position = lineEnd(from: start)
      return
    case ";":
      sink.report(.unknownCharacter(";", at: range(start, start + 1)))
      position += 1
      return
    default: readUnknownRun()
    }
  }

  private mutating func readUnknownRun() {
    let start = position
    var place = start
    var isValid = true
    while let byte = byte(at: place), !isKnown(byte) {
      let next = scalar(at: place)
      // Bytes that are no UTF-8, U+0000, and changes of direction have been reported by then.
      isValid =
        isValid && next.value != nil && byte != 0 && lengthOfDirection(bytes, at: place) == 0
      place += next.length
    }
    position = max(place, start + 1)
    if isValid {
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      sink.report(.unknownCharacter(text, at: range(start, position)))
    }
    append(.broken, from: start)
  }

  /// A token, a space or a comment can start with a byte.
  private func isKnown(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: ";"): true
    default: isWordByte(byte) || sign(byte) != nil
    }
  }

  /// Behind the closing quote, or the end of the line.
  private func endOfForeignString(from offset: Int, opened: Unicode.Scalar) -> Int {
    let closing: Unicode.Scalar =
      switch opened {
      case "\u{2018}": "\u{2019}"
      case "\u{201C}": "\u{201D}"
      default: "'"
      }
    var place = offset
    // No further than to the quote: a line may hold many.
    while let byte = byte(at: place), byte != 0x0A {
      let next = scalar(at: place)
      place += next.length
      if next.value == closing { return place }
    }
    return place
  }

  /// The character at an offset before the end, `nil` and one byte where it is no UTF-8.
  private func scalar(at offset: Int) -> (value: Unicode.Scalar?, length: Int) {
    let length = lengthOfScalar(bytes, at: offset)
    guard length > 0, offset + length <= end else { return (nil, 1) }
    let text = String(decoding: bytes[offset..<offset + length], as: UTF8.self)
    return (text.unicodeScalars.first, length)
  }

  /// The sign that starts with a byte, the longest one.
  private func sign(_ byte: UInt8) -> (kind: TokenKind, length: Int)? {
    let next = self.byte(at: position + 1)
    let third = self.byte(at: position + 2)
    func pair(_ second: Character, _ long: TokenKind, _ short: TokenKind) -> (TokenKind, Int) {
      next == second.asciiValue ? (long, 2) : (short, 1)
    }
    switch byte {
    case UInt8(ascii: "{"): return (.leftBrace, 1)
    case UInt8(ascii: "}"): return (.rightBrace, 1)
    case UInt8(ascii: "("): return (.leftParenthesis, 1)
    case UInt8(ascii: ")"): return (.rightParenthesis, 1)
    case UInt8(ascii: "["): return (.leftBracket, 1)
    case UInt8(ascii: "]"): return (.rightBracket, 1)
    case UInt8(ascii: ":"): return (.colon, 1)
    case UInt8(ascii: ","): return (.comma, 1)
    case UInt8(ascii: "$"): return (.dollar, 1)
    case UInt8(ascii: "+"): return (.plus, 1)
    case UInt8(ascii: "*"): return (.star, 1)
    case UInt8(ascii: "/"): return (.slash, 1)
    case UInt8(ascii: "%"): return (.percent, 1)
    case UInt8(ascii: "-"): return pair(">", .arrow, .minus)
    case UInt8(ascii: "?"): return pair("?", .questionQuestion, .question)
    case UInt8(ascii: "="): return pair("=", .equalEqual, .equal)
    case UInt8(ascii: "!"): return pair("=", .notEqual, .bang)
    case UInt8(ascii: "<"): return pair("=", .lessEqual, .less)
    case UInt8(ascii: ">"): return pair("=", .greaterEqual, .greater)
    case UInt8(ascii: "&"): return pair("&", .ampersandAmpersand, .ampersand)
    case UInt8(ascii: "|"): return pair("|", .pipePipe, .pipe)
    case UInt8(ascii: "."):
      if next == byte, third == UInt8(ascii: "<") { return (.dotDotLess, 3) }
      return pair(".", .dotDot, .dot)
    default: return nil
    }
  }
}

/// A letter, a digit or `_`.
func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
    true
  default:
    false
  }
}

/// Finds the keyword that a word is.
private enum KeywordTable {
  /// The keywords by their first byte, which is below 128.
  private static let buckets: [[(text: [UInt8], keyword: Keyword)]] = {
    var buckets = [[(text: [UInt8], keyword: Keyword)]](repeating: [], count: 128)
    for keyword in Keyword.allCases {
      let text = Array(keyword.rawValue.utf8)
      buckets[Int(text[0])].append((text, keyword))
    }
    return buckets
  }()

  static func keyword(_ word: Span<UInt8>) -> Keyword? {
    for entry in buckets[Int(word[0] & 0x7F)] where entry.text.count == word.count {
      if entry.text.indices.allSatisfy({ entry.text[$0] == word[$0] }) { return entry.keyword }
    }
    return nil
  }
}
