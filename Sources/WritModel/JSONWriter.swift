// JSON values as text for people and programs: members in the order given.

extension JSONValue {
  /// One line without white space.
  public var compact: String {
    var bytes: [UInt8] = []
    appendCompact(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A line for each element and member, two spaces a level; no newline at the end.
  public var pretty: String {
    var bytes: [UInt8] = []
    appendPretty(to: &bytes, depth: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends `compact` as bytes.
  public func appendCompact(to bytes: inout [UInt8]) {
    switch self {
    case .null, .bool, .number, .string: appendScalar(to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.appendCompact(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        appendJSONString(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.appendCompact(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private func appendPretty(to bytes: inout [UInt8], depth: Int) {
    switch self {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        appendLineStart(index, depth + 1, to: &bytes)
        element.appendPretty(to: &bytes, depth: depth + 1)
      }
      appendLineStart(0, depth, to: &bytes)
      bytes.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        appendLineStart(index, depth + 1, to: &bytes)
        appendJSONString(member.name, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        member.value.appendPretty(to: &bytes, depth: depth + 1)
      }
      appendLineStart(0, depth, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    default: appendCompact(to: &bytes)
    }
  }

  private func appendLineStart(_ index: Int, _ depth: Int, to bytes: inout [UInt8]) {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(0x0a)
    for _ in 0..<depth { bytes.append(contentsOf: [0x20, 0x20]) }
  }

  /// Appends what is neither array nor object.
  func appendScalar(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let number): bytes.append(contentsOf: number.text.utf8)
    case .string(let text): appendJSONString(text, to: &bytes)
    case .array, .object: appendCompact(to: &bytes)
    }
  }
}

/// Appends a string in double quotes, escaping only what must be (RFC 8785, section 3.2.2.2).
public func appendJSONString(_ text: String, to bytes: inout [UInt8]) {
  var text = text
  text.withUTF8 { appendJSONString($0, to: &bytes) }
}

/// The same of a text as UTF-8.
public func appendJSONString(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "\""))
  // Nearly all texts need no escape and are appended at once.
  var start = 0
  while let place = placeOfEscaped(in: text, from: start) {
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<place]))
    appendEscape(of: text[place], to: &bytes)
    start = place + 1
  }
  bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
  bytes.append(UInt8(ascii: "\""))
}

/// Where the first byte stands that must be escaped, eight at a time; `nil` where there is none.
private func placeOfEscaped(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
  let raw = UnsafeRawBufferPointer(text)
  var place = start
  while place + 8 <= raw.count,
    !mayNeedEscapes(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  {
    place += 8
  }
  while place < raw.count {
    let byte = raw[place]
    if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return place }
    place += 1
  }
  return nil
}

/// Whether one of eight bytes is below 0x20, a quote or a backslash; true too often at worst.
private func mayNeedEscapes(_ word: UInt64) -> Bool {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let quotes = word ^ (ones &* 0x22)
  let escapes = word ^ (ones &* 0x5c)
  let found =
    (word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes | (escapes &- ones) & ~escapes
  return found & (ones &* 0x80) != 0
}

private func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
  switch byte {
  case 0x08: bytes.append(contentsOf: "\\b".utf8)
  case 0x09: bytes.append(contentsOf: "\\t".utf8)
  case 0x0a: bytes.append(contentsOf: "\\n".utf8)
  case 0x0c: bytes.append(contentsOf: "\\f".utf8)
  case 0x0d: bytes.append(contentsOf: "\\r".utf8)
  case 0x00..<0x20:
    bytes.append(contentsOf: "\\u00".utf8)
    bytes.append(contentsOf: Hex.encode([byte]).utf8)
  default: bytes.append(contentsOf: [0x5c, byte])
  }
}
