// Lines of the assembly language: words, numbers and quoted texts, each with its column.
import WritModel

/// Where a program's text is wrong, and what was expected there.
public struct AssemblyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1.
  public let line: Int
  /// In bytes, from 1.
  public let column: Int
  /// What would have been right; lower case, no full stop.
  public let expectation: String

  public var description: String { "line \(line), column \(column): \(expectation)" }
}

/// One line, read from left to right.
struct AssemblyLine {
  /// A word, or a text in quotes.
  struct Token {
    let text: String
    let isQuoted: Bool
    let column: Int
  }

  let number: Int
  let keyword: String
  private let tokens: [Token]
  private let end: Int
  private var at = 1

  /// `nil` for a line that holds nothing but a comment.
  init?(_ bytes: ArraySlice<UInt8>, number: Int) throws(AssemblyError) {
    var tokenizer = Tokenizer(bytes: bytes, number: number)
    tokens = try tokenizer.tokens()
    guard let first = tokens.first else { return nil }
    guard !first.isQuoted else {
      throw AssemblyError(line: number, column: first.column, expectation: "expected a word")
    }
    self.number = number
    keyword = first.text
    end = bytes.count + 1
  }

  private var next: Token? { at < tokens.count ? tokens[at] : nil }

  /// An error at the next token.
  func error(_ expectation: String) -> AssemblyError {
    AssemblyError(line: number, column: next?.column ?? end, expectation: expectation)
  }

  /// An error at the token that was read last.
  func errorBefore(_ expectation: String) -> AssemblyError {
    AssemblyError(line: number, column: tokens[at - 1].column, expectation: expectation)
  }

  /// Steps over that word if it comes next.
  mutating func take(_ word: String) -> Bool {
    guard let next, !next.isQuoted, next.text == word else { return false }
    at += 1
    return true
  }

  /// Steps over that word, which must come next.
  mutating func expect(_ word: String) throws(AssemblyError) {
    guard take(word) else { throw error("expected `\(word)`") }
  }

  /// The next word, whatever it is.
  mutating func word(_ what: String) throws(AssemblyError) -> String {
    guard let next, !next.isQuoted else { throw error("expected \(what)") }
    at += 1
    return next.text
  }

  /// The next token, which must be in quotes.
  mutating func text() throws(AssemblyError) -> String {
    guard let next, next.isQuoted else { throw error("expected a text in double quotes") }
    at += 1
    return next.text
  }

  /// Texts up to the next word.
  mutating func texts() throws(AssemblyError) -> [String] {
    var texts: [String] = []
    while let next, next.isQuoted { texts.append(try text()) }
    return texts
  }

  /// The next word as a number in its shortest form.
  mutating func number64() throws(AssemblyError) -> Int64 {
    guard let next, !next.isQuoted, let number = Int64(next.text), String(number) == next.text
    else { throw error("expected a number") }
    at += 1
    return number
  }

  /// A number that is an index or a count.
  mutating func index() throws(AssemblyError) -> Int {
    guard let index = Int(exactly: try number64()) else { throw errorBefore("expected a number") }
    return index
  }

  /// Numbers up to whatever is none.
  mutating func indexes() throws(AssemblyError) -> [Int] {
    var indexes: [Int] = []
    while let next, !next.isQuoted, Int64(next.text) != nil { indexes.append(try index()) }
    return indexes
  }

  /// What follows the word, if the word comes next.
  mutating func optional<Value>(
    _ word: String, _ read: (inout AssemblyLine) throws(AssemblyError) -> Value
  ) throws(AssemblyError) -> Value? {
    take(word) ? try read(&self) : nil
  }

  /// The word and the number behind it.
  mutating func index(_ word: String) throws(AssemblyError) -> Int {
    try expect(word)
    return try index()
  }

  var hasMore: Bool { at < tokens.count }

  /// Nothing more may stand in the line.
  func finish() throws(AssemblyError) {
    guard !hasMore else { throw error("expected the end of the line") }
  }
}

/// Cuts a line into tokens.
private struct Tokenizer {
  let bytes: ArraySlice<UInt8>
  let number: Int
  private var at: Int

  init(bytes: ArraySlice<UInt8>, number: Int) {
    self.bytes = bytes
    self.number = number
    at = bytes.startIndex
  }

  /// Up to a comment or the end.
  mutating func tokens() throws(AssemblyError) -> [AssemblyLine.Token] {
    var tokens: [AssemblyLine.Token] = []
    while at < bytes.endIndex {
      switch bytes[at] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): at += 1
      case UInt8(ascii: ";"): return tokens
      case UInt8(ascii: "\""): tokens.append(try text())
      default: tokens.append(try word())
      }
    }
    return tokens
  }

  private func column(of place: Int) -> Int { place - bytes.startIndex + 1 }

  private func error(_ expectation: String, at place: Int) -> AssemblyError {
    AssemblyError(line: number, column: column(of: place), expectation: expectation)
  }

  /// The reader of JSON reads texts here too.
  private mutating func text() throws(AssemblyError) -> AssemblyLine.Token {
    let start = at
    at += 1
    while at < bytes.endIndex, bytes[at] != UInt8(ascii: "\"") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard at < bytes.endIndex else { throw error("this text has no closing quote", at: start) }
    at += 1
    do {
      let value = try JSONValue(parsing: Array(bytes[start..<at]))
      return AssemblyLine.Token(
        text: value.string ?? "", isQuoted: true, column: column(of: start))
    } catch {
      throw self.error(error.expectation, at: start + error.offset)
    }
  }

  private mutating func word() throws(AssemblyError) -> AssemblyLine.Token {
    let start = at
    while at < bytes.endIndex, isWordByte(bytes[at]) { at += 1 }
    guard at > start else { throw error("expected a word, a number or a text", at: start) }
    return AssemblyLine.Token(
      text: String(decoding: bytes[start..<at], as: UTF8.self), isQuoted: false,
      column: column(of: start))
  }

  /// Printable ASCII but the quote and the semicolon.
  private func isWordByte(_ byte: UInt8) -> Bool {
    (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: ";")
  }
}

/// The lines of a text, with the next one at hand.
struct AssemblyLines {
  private let bytes: [UInt8]
  private var at = 0
  private var lineNumber = 0
  private(set) var next: AssemblyLine?

  init(_ bytes: [UInt8]) throws(AssemblyError) {
    self.bytes = bytes
    try advance()
  }

  /// The line, or the one behind the last: where an error is that no line has.
  var number: Int { next?.number ?? lineNumber + 1 }

  /// Steps over lines that hold nothing.
  private mutating func advance() throws(AssemblyError) {
    next = nil
    while next == nil && at < bytes.count {
      let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      lineNumber += 1
      next = try AssemblyLine(bytes[at..<end], number: lineNumber)
      at = end + 1
    }
  }

  /// The next line, if its keyword is among these.
  mutating func take(_ keywords: String...) throws(AssemblyError) -> AssemblyLine? {
    guard let line = next, keywords.contains(line.keyword) else { return nil }
    try advance()
    return line
  }

  /// Whatever line comes next.
  mutating func takeAny() throws(AssemblyError) -> AssemblyLine? {
    let line = next
    try advance()
    return line
  }

  mutating func expect(_ keyword: String) throws(AssemblyError) -> AssemblyLine {
    guard let line = try take(keyword) else { throw unexpected("expected `\(keyword)`") }
    return line
  }

  func unexpected(_ expectation: String) -> AssemblyError {
    AssemblyError(line: number, column: 1, expectation: expectation)
  }
}
