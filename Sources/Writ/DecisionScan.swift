// What a replay needs of a decision's record, found in its bytes without making values of the rest.

import WritModel

/// Places in an entry that is spelled as a log writes it; see `EvidenceRecord`.
///
/// Whoever finds anything unusual reads the record whole instead: this reader says `nil` rather than judge. It does not look
/// into what it steps over.
public struct DecisionScan: Sendable {
  /// The texts of the digests that `replay` names.
  public private(set) var bundle = 0..<0
  public private(set) var snapshot = 0..<0
  public private(set) var request = 0..<0
  public private(set) var resultDigest = 0..<0
  /// What stands between the brackets of the list of what each clause read.
  public private(set) var trace = 0..<0
  /// `nil` of inputs that are kept as they were.
  public private(set) var form: Range<Int>?
  /// `nil` where the result is not only an outline.
  public private(set) var needs: Range<Int>?
  /// By which digest the result names the bundle.
  public private(set) var namedBundle = 0..<0
  /// By which engine; never empty in a scan that was made.
  public private(set) var engine = 0..<0
  /// As the record has it.
  public private(set) var fuel: Int64 = -1
  /// The whole object.
  public private(set) var result = 0..<0
  /// The same; empty where the record has none.
  public private(set) var arguments = 0..<0
  /// Texts of the result.
  public private(set) var now = 0..<0
  public private(set) var asOf = 0..<0
  /// `nil` where nobody was named.
  public private(set) var caller: Range<Int>?
  /// Never `nil` in a scan that was made.
  public private(set) var isQuestion: Bool?
  private var isDecision = false
  private var hasTrace = false

  /// `nil` for another kind of record, and for one that must be read whole: also one that names no list of readings.
  public init?(_ entry: UnsafeBufferPointer<UInt8>) {
    var cursor = CanonicalCursor(entry)
    let isWhole = cursor.object { name, cursor in
      if cursor.has("predicate", at: name) { return predicate(&cursor) }
      guard cursor.has("predicateType", at: name) else { return cursor.skip() }
      guard let type = cursor.string() else { return false }
      isDecision = cursor.has("urn:writ:decision:v1", at: type)
      return true
    }
    let isComplete =
      isDecision && !bundle.isEmpty && !snapshot.isEmpty && !request.isEmpty
      && !resultDigest.isEmpty && fuel >= 0 && !now.isEmpty && !asOf.isEmpty && isQuestion != nil
      && !engine.isEmpty && hasTrace
    guard isWhole, cursor.isAtEnd, isComplete else { return nil }
  }

  private mutating func predicate(_ cursor: inout CanonicalCursor) -> Bool {
    cursor.object { name, cursor in
      if cursor.has("replay", at: name) { return replay(&cursor) }
      // What it says is worked out anew.
      if cursor.has("breakGlass", at: name) || cursor.has("labels", at: name) { return false }
      let start = cursor.at
      if cursor.has("arguments", at: name) {
        guard cursor.skip() else { return false }
        arguments = start..<cursor.at
        return true
      }
      guard cursor.has("result", at: name) else { return cursor.skip() }
      guard result(&cursor) else { return false }
      result = start..<cursor.at
      return true
    }
  }

  private mutating func replay(_ cursor: inout CanonicalCursor) -> Bool {
    cursor.object { name, cursor in
      // By length first: few names have the same.
      switch name.count {
      case 4:
        if cursor.has("fuel", at: name) { return cursor.whole(into: &fuel) }
        guard cursor.has("form", at: name) else { return cursor.skip() }
        form = cursor.string()
        return form != nil
      case 5:
        if cursor.has("trace", at: name) {
          hasTrace = cursor.list(into: &trace)
          return hasTrace
        }
        guard cursor.has("needs", at: name) else { return cursor.skip() }
        needs = cursor.string()
        return needs != nil
      case 6:
        if cursor.has("bundle", at: name) { return cursor.string(into: &bundle) }
        if cursor.has("result", at: name) { return cursor.string(into: &resultDigest) }
        if cursor.has("engine", at: name) { return cursor.string(into: &engine) }
      case 7: if cursor.has("request", at: name) { return cursor.string(into: &request) }
      case 8: if cursor.has("snapshot", at: name) { return cursor.string(into: &snapshot) }
      default: break
      }
      return cursor.skip()
    }
  }

  private mutating func result(_ cursor: inout CanonicalCursor) -> Bool {
    cursor.object { name, cursor in
      if cursor.has("now", at: name) { return cursor.string(into: &now) }
      if cursor.has("asOf", at: name) { return cursor.string(into: &asOf) }
      if cursor.has("bundle", at: name) { return cursor.string(into: &namedBundle) }
      if cursor.has("caller", at: name) {
        caller = cursor.string()
        return caller != nil
      }
      // Whom a decision is for besides is read whole.
      if cursor.has("onBehalfOf", at: name) { return false }
      if cursor.has("question", at: name) {
        isQuestion = cursor.truth()
        return isQuestion != nil
      }
      return cursor.skip()
    }
  }
}

/// Steps through canonical JSON: no white space, names rising, so that none stands twice.
struct CanonicalCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var at = 0

  /// Objects and arrays inside one another that are stepped over.
  private static let depth = 64

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { at == bytes.count }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: byte) else { return false }
    at += 1
    return true
  }

  /// Whether the text stands in that place and nothing else.
  func has(_ text: StaticString, at place: Range<Int>) -> Bool {
    guard place.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { text in
      for index in 0..<text.count where bytes[place.lowerBound + index] != text[index] {
        return false
      }
      return true
    }
  }

  /// Calls `body` with the place of each name, which must step over the value; false where something is unusual.
  mutating func object(_ body: (Range<Int>, inout CanonicalCursor) -> Bool) -> Bool {
    guard take("{") else { return false }
    if take("}") { return true }
    var last = 0..<0
    repeat {
      guard let name = string(), take(":"), last.isEmpty || precedes(last, name),
        body(name, &self)
      else { return false }
      last = name
    } while take(",")
    return take("}")
  }

  private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    let count = min(left.count, right.count)
    for offset in 0..<count {
      let (one, other) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
      if one != other { return one < other }
    }
    return left.count < right.count
  }

  /// The place of a string's text; `nil` where it has escapes.
  mutating func string() -> Range<Int>? {
    guard take("\"") else { return nil }
    let start = at
    guard let end = quoteOrEscape(from: at), bytes[end] == UInt8(ascii: "\"") else { return nil }
    at = end + 1
    return start..<end
  }

  mutating func string(into place: inout Range<Int>) -> Bool {
    guard let string = string() else { return false }
    place = string
    return true
  }

  /// A list of strings without escapes: what stands between its brackets.
  mutating func list(into place: inout Range<Int>) -> Bool {
    guard take("[") else { return false }
    let start = at
    if !take("]") {
      repeat {
        guard string() != nil else { return false }
      } while take(",")
      guard take("]") else { return false }
    }
    place = start..<at - 1
    return true
  }

  /// A whole number that is not negative.
  mutating func whole(into value: inout Int64) -> Bool {
    let start = at
    var number: Int64 = 0
    while at < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[at], at - start < 16 {
      number = number * 10 + Int64(bytes[at] - UInt8(ascii: "0"))
      at += 1
    }
    guard at > start, bytes[start] != UInt8(ascii: "0") || at == start + 1 else { return false }
    value = number
    return true
  }

  mutating func truth() -> Bool? {
    if has("true", at: at..<min(bytes.count, at + 4)) {
      at += 4
      return true
    }
    guard has("false", at: at..<min(bytes.count, at + 5)) else { return nil }
    at += 5
    return false
  }

  /// Steps over a value.
  mutating func skip() -> Bool {
    var depth = 0
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""): guard skipString() else { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        guard depth <= CanonicalCursor.depth else { return false }
        at += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        guard depth >= 0 else { return false }
        at += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { return false }
        at += 1
        continue
      default: guard skipWord() else { return false }
      }
      if depth == 0 { return true }
    }
    return false
  }

  /// A number, `true`, `false` or `null`.
  private mutating func skipWord() -> Bool {
    let start = at
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"):
        at += 1
      default: return at > start
      }
    }
    return at > start
  }

  private mutating func skipString() -> Bool {
    at += 1
    while let end = quoteOrEscape(from: at) {
      at = end + 1
      if bytes[end] == UInt8(ascii: "\"") { return true }
      at += 1
    }
    return false
  }

  /// Where the next quote or backslash stands, eight bytes at a time.
  private func quoteOrEscape(from start: Int) -> Int? {
    var place = start
    let ones: UInt64 = 0x0101_0101_0101_0101
    while place + 8 <= bytes.count {
      let word = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
        .loadUnaligned(fromByteOffset: place, as: UInt64.self)
      let quotes = word ^ (ones &* 0x22)
      let escapes = word ^ (ones &* 0x5c)
      let found =
        ((quotes &- ones) & ~quotes | (escapes &- ones) & ~escapes) & (ones &* 0x80)
      // A byte above the first that fits may be marked by its borrow; the lowest is sure.
      if found != 0 { return place + UInt64(littleEndian: found).trailingZeroBitCount / 8 }
      place += 8
    }
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "\\") { return place }
      place += 1
    }
    return nil
  }
}
