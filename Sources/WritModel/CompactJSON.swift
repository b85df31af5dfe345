// Plain JSON as bytes: stepped through and put into canonical form without making values.

/// Steps through a document in the form in which nearly all are that a program wrote: nothing but printable ASCII, no escapes, no
/// numbers but small whole ones, and no white space unless that is asked for.
///
/// Whoever finds anything else reads the document whole instead: this reader says `nil` rather than judge. What it accepts,
/// `JSONValue` reads too.
public struct CompactJSON {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let skipsWhiteSpace: Bool
  public private(set) var at = 0

  /// Objects and arrays inside one another that are stepped over.
  private static let depth = 16
  /// Digits of a number, so that it is exact in any reader.
  private static let digits = 15

  public init(_ bytes: UnsafeBufferPointer<UInt8>, skippingWhiteSpace: Bool = false) {
    self.bytes = bytes
    skipsWhiteSpace = skippingWhiteSpace
  }

  /// Whether nothing comes any more.
  public var isAtEnd: Bool {
    mutating get {
      skip()
      return at == bytes.count
    }
  }

  /// The bytes of a place that was stepped over.
  public subscript(place: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[place])
  }

  private mutating func skip() {
    guard skipsWhiteSpace else { return }
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0a, 0x0d: at += 1
      default: return
      }
    }
  }

  /// Steps over that byte if it comes next.
  public mutating func take(_ byte: Unicode.Scalar) -> Bool {
    skip()
    guard at < bytes.count, bytes[at] == UInt8(ascii: byte) else { return false }
    at += 1
    return true
  }

  /// Whether the text stands in that place and nothing else.
  public func has(_ text: StaticString, at place: Range<Int>) -> Bool {
    place.count == text.utf8CodeUnitCount
      && text.withUTF8Buffer { bytes[place].elementsEqual($0) }
  }

  /// The place of a string's text; `nil` where it is none, or has a byte that is not printable ASCII, or a backslash.
  public mutating func string() -> Range<Int>? {
    guard take("\"") else { return nil }
    let start = at
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return start..<at - 1
      case UInt8(ascii: "\\"): return nil
      case 0x20...0x7e: at += 1
      default: return nil
      }
    }
    return nil
  }

  /// The value of a whole number; stays where it is if there is none.
  public mutating func integer() -> Int64? {
    skip()
    let start = at
    guard number() else {
      at = start
      return nil
    }
    let isNegative = bytes[start] == UInt8(ascii: "-")
    let value = bytes[(isNegative ? start + 1 : start)..<at].reduce(Int64(0)) {
      $0 * 10 + Int64($1 - UInt8(ascii: "0"))
    }
    return isNegative ? -value : value
  }

  /// Calls `body` with the place of each name, in the order in which they stand; it must step over the value. False where something is
  /// unusual. Whether a name stands twice is not looked at.
  public mutating func object(_ body: (Range<Int>, inout CompactJSON) -> Bool) -> Bool {
    guard take("{") else { return false }
    if take("}") { return true }
    repeat {
      guard let name = string(), take(":"), body(name, &self) else { return false }
    } while take(",")
    return take("}")
  }

  /// Calls `body` in front of each element, which it must step over; false where something is unusual.
  public mutating func array(_ body: (inout CompactJSON) -> Bool) -> Bool {
    guard take("[") else { return false }
    if take("]") { return true }
    repeat {
      guard body(&self) else { return false }
    } while take(",")
    return take("]")
  }

  /// Steps over a value and appends its canonical form (RFC 8785); false where something is unusual, and then what was appended is of
  /// no use.
  public mutating func appendCanonical(to output: inout [UInt8]) -> Bool {
    appendCanonical(to: &output, depth: 0)
  }

  private mutating func appendCanonical(to output: inout [UInt8], depth: Int) -> Bool {
    skip()
    guard at < bytes.count, depth < CompactJSON.depth else { return false }
    let start = at
    switch bytes[at] {
    case UInt8(ascii: "{"): return appendObject(to: &output, depth)
    case UInt8(ascii: "["):
      var isFirst = true
      output.append(UInt8(ascii: "["))
      let isWhole = array { cursor in
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        return cursor.appendCanonical(to: &output, depth: depth + 1)
      }
      output.append(UInt8(ascii: "]"))
      return isWhole
    case UInt8(ascii: "\""): guard string() != nil else { return false }
    case UInt8(ascii: "t"): guard word("true") else { return false }
    case UInt8(ascii: "f"): guard word("false") else { return false }
    case UInt8(ascii: "n"): guard word("null") else { return false }
    default: guard number() else { return false }
    }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<at]))
    return true
  }

  /// Members by the bytes of their names, which in ASCII is their order in UTF-16.
  private mutating func appendObject(to output: inout [UInt8], _ depth: Int) -> Bool {
    var members: [(name: Range<Int>, value: Range<Int>)] = []
    // Values are written behind what is wanted, and then put in order.
    var values: [UInt8] = []
    var isRising = true
    let isWhole = object { name, cursor in
      let start = values.count
      guard cursor.appendCanonical(to: &values, depth: depth + 1) else { return false }
      if let last = members.last, !cursor.precedes(last.name, name) { isRising = false }
      members.append((name, start..<values.count))
      return true
    }
    guard isWhole else { return false }
    if !isRising {
      members.sort { precedes($0.name, $1.name) }
      // No name stands twice.
      for (left, right) in zip(members, members.dropFirst())
      where !precedes(left.name, right.name) { return false }
    }
    output.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      let quoted = member.name.lowerBound - 1..<member.name.upperBound + 1
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[quoted]))
      output.append(UInt8(ascii: ":"))
      output.append(contentsOf: values[member.value])
    }
    output.append(UInt8(ascii: "}"))
    return true
  }

  private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    bytes[left].lexicographicallyPrecedes(bytes[right])
  }

  /// Steps over a word if it comes next.
  public mutating func word(_ text: StaticString) -> Bool {
    skip()
    let end = at + text.utf8CodeUnitCount
    guard end <= bytes.count, has(text, at: at..<end) else { return false }
    at = end
    return true
  }

  /// A whole number in its shortest form.
  private mutating func number() -> Bool {
    let isNegative = take("-")
    let start = at
    while at < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[at] { at += 1 }
    guard 1...CompactJSON.digits ~= at - start else { return false }
    return bytes[start] != UInt8(ascii: "0") || (at == start + 1 && !isNegative)
  }
}
