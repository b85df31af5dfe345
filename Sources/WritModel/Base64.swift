// Bytes as base64: RFC 4648, one spelling for each sequence of bytes.

/// Standard alphabet with padding, and the URL-safe alphabet where a format asks for it.
public enum Base64 {
  /// Standard alphabet, padded.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: encode(bytes, alphabet: standard, isPadded: true), as: UTF8.self)
  }

  /// URL-safe alphabet, not padded (RFC 7515, section 2).
  public static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: encode(bytes, alphabet: urlSafe, isPadded: false), as: UTF8.self)
  }

  /// Reads what `encode` writes: padded, no white space, no stray bits; otherwise `nil`.
  public static func decode(_ text: String) -> [UInt8]? {
    decode(Array(text.utf8), alphabet: standard, isPadded: true)
  }

  /// Reads what `encodeURL` writes; otherwise `nil`.
  public static func decodeURL(_ text: String) -> [UInt8]? {
    decode(Array(text.utf8), alphabet: urlSafe, isPadded: false)
  }

  /// Reads either alphabet, padded, never both in one text; for DSSE, which allows the two.
  public static func decodeEither(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    return decode(characters, alphabet: standard, isPadded: true)
      ?? decode(characters, alphabet: urlSafe, isPadded: true)
  }

  private static let standard = alphabet("+/")
  private static let urlSafe = alphabet("-_")
  private static let padding = UInt8(ascii: "=")

  private static func alphabet(_ last: String) -> [UInt8] {
    let letters = Array(UInt8(ascii: "A")...UInt8(ascii: "Z"))
    let digits = Array(UInt8(ascii: "0")...UInt8(ascii: "9"))
    return letters + letters.map { $0 + 0x20 } + digits + Array(last.utf8)
  }

  private static func encode(
    _ bytes: some Collection<UInt8>, alphabet: [UInt8], isPadded: Bool
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(alphabet[Int(bits >> UInt32(bitCount) & 63)])
      }
      bits &= 63
    }
    if bitCount > 0 { text.append(alphabet[Int(bits << UInt32(6 - bitCount) & 63)]) }
    while isPadded && !text.count.isMultiple(of: 4) { text.append(padding) }
    return text
  }

  private static func decode(
    _ text: [UInt8], alphabet: [UInt8], isPadded: Bool
  ) -> [UInt8]? {
    var values = [UInt8](repeating: 0xff, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    var digits = text[...]
    if isPadded {
      guard text.count.isMultiple(of: 4) else { return nil }
      for _ in 0..<2 where digits.last == padding { digits.removeLast() }
    }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count * 3 / 4)
    var bits: UInt32 = 0
    var bitCount = 0
    for digit in digits {
      let value = values[Int(digit)]
      guard value != 0xff else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
      bits &= 1 << UInt32(bitCount) - 1
    }
    // Bits that stand for no byte must be zero, or one sequence would have several spellings.
    return bits == 0 ? bytes : nil
  }
}
