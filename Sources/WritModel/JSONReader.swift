// Bytes to JSON values: strict, bounded, with the place of the first mistake.

/// How much a document may ask of its reader.
public struct JSONLimits: Hashable, Sendable {
  /// Arrays and objects inside one another; at most 64 are allowed by `standard`.
  public let depth: Int
  /// Bytes in the document.
  public let byteCount: Int

  /// Bounds of the caller's own.
  public init(depth: Int, byteCount: Int) {
    self.depth = depth
    self.byteCount = byteCount
  }

  /// 64 levels, 16 MiB.
  public static let standard = JSONLimits(depth: 64, byteCount: 16 << 20)
}

/// Where a text stopped being JSON, and what was expected there.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Bytes in front of the mistake.
  public let offset: Int
  /// From 1.
  public let line: Int
  /// In bytes, from 1.
  public let column: Int
  /// What would have been right, or what is not allowed; lower case, no full stop.
  public let expectation: String

  /// Line, column and expectation.
  public var description: String { "line \(line), column \(column): \(expectation)" }
}

extension JSONValue {
  /// Reads one document of at most 16 MiB and 64 levels.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    try self.init(parsing: bytes, limits: .standard)
  }

  /// Reads one document; white space may stand around it, nothing else.
  ///
  /// Refused beside what RFC 8259 refuses: names that appear twice in an object, lone surrogates,
  /// U+0000 and bytes that are no UTF-8.
  public init(parsing bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
    var reader = JSONReader(bytes: bytes, limits: limits)
    self = try reader.document()
  }
}

/// A recursive-descent reader; its recursion is bounded by `limits.depth`.
private struct JSONReader {
  let bytes: [UInt8]
  let limits: JSONLimits
  var at = 0

  mutating func document() throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.byteCount else {
      throw error("at most \(limits.byteCount) bytes", at: limits.byteCount)
    }
    let value = try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw error("expected the end of the document") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    guard at < bytes.count else { throw error("expected a value, found the end") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error("expected a value")
    }
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let isHere = text.withUTF8Buffer { bytes[at...].starts(with: $0) }
    guard isHere else {
      // One letter in common is chance.
      let isMeant = text.withUTF8Buffer { bytes[at...].starts(with: $0.prefix(2)) }
      throw error(isMeant ? "expected `\(text)`" : "expected a value")
    }
    at += text.utf8CodeUnitCount
    return value
  }

  private mutating func number() throws(JSONError) -> JSONNumber {
    guard let end = JSONNumber.end(in: bytes, from: at) else { throw error("expected a number") }
    guard end - at <= JSONNumber.longest else {
      throw error("expected a number of at most \(JSONNumber.longest) bytes")
    }
    defer { at = end }
    return JSONNumber(measured: String(decoding: bytes[at..<end], as: UTF8.self))
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
    try open(depth)
    var elements: [JSONValue] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth)) } while take(",")
    guard take("]") else { throw error("expected `,` or `]`") }
    return elements
  }

  private mutating func members(depth: Int) throws(JSONError) -> [JSONMember] {
    try open(depth)
    var members: [JSONMember] = []
    var offsets: [Int] = []
    if take("}") { return members }
    members.reserveCapacity(4)
    offsets.reserveCapacity(4)
    repeat {
      skipSpace()
      offsets.append(at)
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
        throw error("expected a name in double quotes")
      }
      let name = try string()
      guard take(":") else { throw error("expected `:`") }
      members.append(JSONMember(name, try value(depth: depth)))
    } while take(",")
    guard take("}") else { throw error("expected `,` or `}`") }
    if let index = firstRepeatedName(in: members) {
      throw error("the name `\(members[index].name)` stands here twice", at: offsets[index])
    }
    return members
  }

  private mutating func open(_ depth: Int) throws(JSONError) {
    guard depth <= limits.depth else {
      throw error("at most \(limits.depth) arrays and objects inside one another")
    }
    at += 1
  }

  private mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      at += 1
    }
  }

  /// Steps over that byte, and the white space in front of it, if it comes next.
  private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    skipSpace()
    guard at < bytes.count, bytes[at] == UInt8(ascii: wanted) else { return false }
    at += 1
    return true
  }

  private func error(_ expectation: String) -> JSONError { error(expectation, at: at) }

  func error(_ expectation: String, at offset: Int) -> JSONError {
    let before = bytes.prefix(offset)
    let line = before.count { $0 == 0x0a } + 1
    let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    return JSONError(
      offset: offset, line: line, column: offset - lineStart + 1, expectation: expectation)
  }
}

// Strings: UTF-8 between quotes, with escapes.
extension JSONReader {
  mutating func string() throws(JSONError) -> String {
    let opening = at
    at += 1
    let start = at
    // Most strings have no escape and are taken whole.
    while at < bytes.count, !isSpecial(bytes[at]) { at += 1 }
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
      defer { at += 1 }
      return try text(bytes[start..<at], from: start)
    }
    var content = Array(bytes[start..<at])
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return try text(content[...], from: start)
      }
      guard byte >= 0x20 else { throw error("control characters must be escaped", at: at) }
      at += 1
      if byte == UInt8(ascii: "\\") {
        content.append(contentsOf: try escape())
      } else {
        content.append(byte)
      }
    }
    throw error("this string has no closing quote", at: opening)
  }

  private func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private func text(_ content: ArraySlice<UInt8>, from start: Int) throws(JSONError) -> String {
    // ASCII needs no second look, and most strings are.
    if content.allSatisfy({ $0 < 0x80 }) { return String(decoding: content, as: UTF8.self) }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw error("expected UTF-8 in this string", at: start)
    }
    return text
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(JSONError) -> [UInt8] {
    guard at < bytes.count else { throw error("expected an escape", at: at) }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("expected one of the escapes `\"\\/bfnrtu`", at: at - 1)
    }
  }

  /// Reads `XXXX`, and a second `\uXXXX` where the first is a high surrogate.
  private mutating func unicodeEscape() throws(JSONError) -> [UInt8] {
    let start = at
    let unit = try fourHexDigits()
    var scalar = UInt32(unit)
    if UTF16.isLeadSurrogate(unit) {
      guard bytes[at...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
        throw error("expected the second half of a surrogate pair", at: at)
      }
      at += 2
      let second = try fourHexDigits()
      guard UTF16.isTrailSurrogate(second) else {
        throw error("expected the second half of a surrogate pair", at: at - 4)
      }
      scalar = 0x10000 + (UInt32(unit & 0x3ff) << 10) + UInt32(second & 0x3ff)
    }
    guard scalar != 0 else { throw error("U+0000 is not allowed", at: start) }
    guard let character = Unicode.Scalar(scalar) else {
      throw error("expected a surrogate pair, found its second half", at: start)
    }
    return Array(UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard at < bytes.count, let digit = Hex.value(of: bytes[at]) else {
        throw error("expected four hexadecimal digits", at: at)
      }
      value = value << 4 | UInt16(digit)
      at += 1
    }
    return value
  }
}

/// The index of the first member whose name an earlier one has too.
func firstRepeatedName(in members: [JSONMember]) -> Int? {
  if members.count <= 16 {
    return members.indices.first { later in
      members[..<later].contains { hasSameBytes($0.name, members[later].name) }
    }
  }
  let sorted = members.indices.sorted { left, right in
    if hasSameBytes(members[left].name, members[right].name) { return left < right }
    return precedesInUTF16(members[left].name, members[right].name)
  }
  return zip(sorted, sorted.dropFirst())
    .filter { hasSameBytes(members[$0].name, members[$1].name) }.map(\.1).min()
}
