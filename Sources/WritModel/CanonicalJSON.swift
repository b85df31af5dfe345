// The one canonical byte form of JSON: RFC 8785 (JCS).
//
// No white space; members sorted by the UTF-16 units of their names; strings escape `"`, `\` and
// what is below U+0020 alone; numbers as ECMAScript prints an IEEE double.

/// Why a value has no canonical form.
public enum CanonicalJSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An object has two members of this name.
  case repeatedName(String)
  /// The number is too large for an IEEE double.
  case numberOutOfRange(String)
  /// A number of a document that may hold whole numbers of at most 2^53 - 1 only.
  case notSafeInteger(String)

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .repeatedName(let name): "two members are named `\(name)`"
    case .numberOutOfRange(let number): "`\(number)` is too large for a double"
    case .notSafeInteger(let number): "`\(number)` is no whole number of at most 2^53 - 1"
    }
  }
}

extension JSONValue {
  /// The canonical bytes by RFC 8785.
  public func canonicalBytes() throws(CanonicalJSONError) -> [UInt8] {
    var bytes: [UInt8] = []
    try appendCanonical(to: &bytes)
    return bytes
  }

  /// The canonical bytes of a document of Writ's own, where every number is whole and within
  /// ±(2^53 - 1); decimals and larger numbers are strings there.
  public func ownCanonicalBytes() throws(CanonicalJSONError) -> [UInt8] {
    try checkSafeIntegers()
    return try canonicalBytes()
  }

  private func appendCanonical(to bytes: inout [UInt8]) throws(CanonicalJSONError) {
    switch self {
    case .null, .bool, .string: appendScalar(to: &bytes)
    case .number(let number):
      guard let text = number.canonicalText else {
        throw .numberOutOfRange(number.text)
      }
      bytes.append(contentsOf: text.utf8)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        try element.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      if let index = firstRepeatedName(in: members) {
        throw .repeatedName(members[index].name)
      }
      bytes.append(UInt8(ascii: "{"))
      let sorted = members.sorted { precedesInUTF16($0.name, $1.name) }
      for (index, member) in sorted.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        appendJSONString(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        try member.value.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private func checkSafeIntegers() throws(CanonicalJSONError) {
    switch self {
    case .null, .bool, .string: return
    case .number(let number):
      guard number.isSafeInteger else { throw .notSafeInteger(number.text) }
    case .array(let elements):
      for element in elements { try element.checkSafeIntegers() }
    case .object(let members):
      for member in members { try member.value.checkSafeIntegers() }
    }
  }
}

/// Whether one name comes before another in UTF-16 units, which is not the order of code points:
/// U+E000…U+FFFF come after the surrogates.
///
/// Bytes of UTF-8 sort by code point, so it is enough to lift the two leading bytes of
/// U+E000…U+FFFF, `EE` and `EF`, above the leading bytes of four, `F0…F4`.
func precedesInUTF16(_ left: String, _ right: String) -> Bool {
  func rank(_ byte: UInt8) -> UInt8 { byte == 0xee || byte == 0xef ? byte + 0x10 : byte }
  return left.utf8.lexicographicallyPrecedes(right.utf8) { rank($0) < rank($1) }
}

extension JSONNumber {
  /// Whole, in shortest form, within ±(2^53 - 1): a number that every reader of JSON keeps.
  public var isSafeInteger: Bool {
    guard let value = Int64(text), value.magnitude <= 1 << 53 - 1 else { return false }
    return hasSameBytes(String(value), text)
  }

  /// The text of ECMAScript's `Number::toString`, `nil` beyond the range of an IEEE double.
  ///
  /// This is the only place in the house where a binary floating-point number appears.
  var canonicalText: String? {
    if isSafeInteger { return text }
    guard let value = Double(text), value.isFinite else { return nil }
    if value == 0 { return "0" }
    // Swift prints the shortest digits that read back, as ECMAScript does, but lays them out in its
    // own way: only the digits and the place of the point are taken.
    guard let printed = JSONNumber.Shortest(value.magnitude.description) else { return nil }
    return (value < 0 ? "-" : "") + printed.ecmaScript
  }

  /// The digits of a number, without zeros at the ends, and where the point stands in them.
  private struct Shortest {
    let digits: [UInt8]
    /// Digits in front of the point; may be negative or more than there are.
    let point: Int

    init?(_ printed: String) {
      let halves = printed.split(separator: "e")
      let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
      guard let exponent = halves.count > 1 ? Int(halves[1]) : 0 else { return nil }
      var digits = Array(parts.joined().utf8)
      let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
      digits.removeFirst(zeros)
      while digits.last == UInt8(ascii: "0") { digits.removeLast() }
      self.digits = digits
      point = parts[0].utf8.count - zeros + exponent
    }

    /// ECMA-262, `Number::toString`, steps 5 to 10, with k digits and n = `point`.
    var ecmaScript: String {
      func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Array(bytes), as: UTF8.self)
      }
      let count = digits.count
      if count <= point && point <= 21 {
        return text(digits) + String(repeating: "0", count: point - count)
      }
      if 0 < point && point <= 21 {
        return text(digits[..<point]) + "." + text(digits[point...])
      }
      if -6 < point && point <= 0 {
        return "0." + String(repeating: "0", count: -point) + text(digits)
      }
      let exponent = point - 1
      let mantissa = count == 1 ? text(digits) : text(digits[..<1]) + "." + text(digits[1...])
      return mantissa + "e" + (exponent < 0 ? "-" : "+") + String(abs(exponent))
    }
  }
}
