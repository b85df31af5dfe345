// Tokens: what the lexer makes of the bytes.

/// A word or sign of the text. What lies between two tokens is white space or a comment.
public struct Token: Hashable, Sendable {
  /// Offset of the first byte.
  public let start: UInt32
  /// Length in bytes.
  public let length: UInt32
  /// What it is.
  public let kind: TokenKind
  /// Which keyword it is, if a bare word is one.
  public let keyword: Keyword?
  /// The byte before it is the end of another token.
  public let touchesPrevious: Bool
  /// The byte behind it is the start of another token.
  public internal(set) var touchesNext: Bool

  /// Offset behind the last byte.
  public var end: UInt32 { start + length }
}

/// What a token is.
public enum TokenKind: UInt8, Hashable, Sendable {
  case endOfFile
  /// A bare word; `Token.keyword` says whether it is a keyword.
  case word
  /// A name in backticks.
  case quotedName
  case integer
  case decimal
  case duration
  case date
  case instant
  case string
  /// Something that is broken, of which the lexer has spoken: the parser takes it for any literal,
  /// and says no more of it elsewhere.
  case broken

  case leftBrace
  case rightBrace
  case leftParenthesis
  case rightParenthesis
  case leftBracket
  case rightBracket
  case colon
  case comma
  case dot
  case dotDot
  case dotDotLess
  case arrow
  case pipe
  case question
  case questionQuestion
  case dollar
  case equal
  case equalEqual
  case notEqual
  case less
  case lessEqual
  case greater
  case greaterEqual
  case plus
  case minus
  case star
  case slash
  case percent
  case ampersand
  // Signs of other languages, read so that they can be answered by name.
  case ampersandAmpersand
  case pipePipe
  case bang
}
