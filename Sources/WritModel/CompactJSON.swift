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
  /// Bytes of white space so far.
  private var skippedCount = 0

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
      case 0x20, 0x09, 0x0a, 0x0d:
        at += 1
        skippedCount += 1
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
    skipPlain()
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
    at += 1
    return start..<at - 1
  }

  /// Steps over printable ASCII but quotes and backslashes, eight bytes at a time.
  private mutating func skipPlain() {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return }
    while at &+ 8 <= bytes.count {
      let stops = stops(base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at &+= stops.trailingZeroBitCount &>> 3
      if stops != 0 { return }
    }
    while at < bytes.count, stops(UInt64(bytes[at]) | 0x2020_2020_2020_2000) == 0 { at &+= 1 }
  }

  /// The highest bit of the first byte that is not plain, and perhaps of some behind it; 0 where all eight are plain.
  private func stops(_ word: UInt64) -> UInt64 {
    let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
    let controls = (word &- ones &* 0x20) & ~word
    return tops
      & (word | controls | zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x5c)
        | zeros(word ^ ones &* 0x7f))
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
    skip()
    let start = at
    var isCanonical = true
    guard stepOver(&isCanonical, depth: 0) else { return false }
    return append(start..<at, isCanonical, to: &output)
  }

  /// Appends the canonical form of a value that was stepped over: what stands in that form already is copied.
  private func append(_ value: Range<Int>, _ isCanonical: Bool, to output: inout [UInt8]) -> Bool {
    if isCanonical {
      output.append(contentsOf: self[value])
      return true
    }
    var cursor = self
    cursor.at = value.lowerBound
    guard bytes[cursor.at] == UInt8(ascii: "[") else {
      return cursor.appendObject(to: &output)
    }
    var isFirst = true
    output.append(UInt8(ascii: "["))
    let isWhole = cursor.array { cursor in
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      return cursor.appendCanonical(to: &output)
    }
    output.append(UInt8(ascii: "]"))
    return isWhole
  }

  /// Steps over a value; `isCanonical` becomes false where it does not stand in canonical form. False where something is unusual.
  private mutating func stepOver(_ isCanonical: inout Bool, depth: Int) -> Bool {
    skip()
    guard at < bytes.count, depth < CompactJSON.depth else { return false }
    let skipped = skippedCount
    defer { if skippedCount != skipped { isCanonical = false } }
    switch bytes[at] {
    case UInt8(ascii: "{"):
      var last: Range<Int>?
      return object { name, cursor in
        if let last, !cursor.precedes(last, name) { isCanonical = false }
        last = name
        return cursor.stepOver(&isCanonical, depth: depth + 1)
      }
    case UInt8(ascii: "["): return array { $0.stepOver(&isCanonical, depth: depth + 1) }
    case UInt8(ascii: "\""): return string() != nil
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private struct Member {
    let name: Range<Int>
    let value: Range<Int>
    let isCanonical: Bool
  }

  /// Members that are put in order at once.
  private static let members = 64

  /// Members by the bytes of their names, which in ASCII is their order in UTF-16. False too where a name stands twice.
  private mutating func appendObject(to output: inout [UInt8]) -> Bool {
    withUnsafeTemporaryAllocation(of: Member.self, capacity: CompactJSON.members) { members in
      var count = 0
      let isWhole = object { name, cursor in
        guard count < CompactJSON.members else { return false }
        cursor.skip()
        let start = cursor.at
        var isCanonical = true
        guard cursor.stepOver(&isCanonical, depth: 0) else { return false }
        var place = count
        while place > 0, !cursor.precedes(members[place - 1].name, name) {
          members[place] = members[place - 1]
          place -= 1
        }
        members[place] = Member(name: name, value: start..<cursor.at, isCanonical: isCanonical)
        count += 1
        return true
      }
      guard isWhole else { return false }
      output.append(UInt8(ascii: "{"))
      for index in 0..<count {
        let member = members[index]
        if index > 0 {
          guard precedes(members[index - 1].name, member.name) else { return false }
          output.append(UInt8(ascii: ","))
        }
        output.append(contentsOf: self[member.name.lowerBound - 1..<member.name.upperBound + 1])
        output.append(UInt8(ascii: ":"))
        guard append(member.value, member.isCanonical, to: &output) else { return false }
      }
      output.append(UInt8(ascii: "}"))
      return true
    }
  }

  private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    var place = 0
    while place < min(left.count, right.count) {
      let (one, other) = (bytes[left.lowerBound &+ place], bytes[right.lowerBound &+ place])
      if one != other { return one < other }
      place &+= 1
    }
    return left.count < right.count
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
