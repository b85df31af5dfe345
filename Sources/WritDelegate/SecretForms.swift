// The forms in which a secret may show up in what a program writes.
//
// As it is; hexadecimal; base64 in both alphabets, wherever in a longer text it begins, padded or
// not; percent-encoded, as the common encoders do; escaped as in JSON, as the common encoders do, once
// or twice. A form that was otherwise encoded twice, or in another way, is not found: redaction is the second line.

enum SecretForms {
  /// All forms, without line breaks: these are passed over when forms are looked for.
  static func all(of secret: [UInt8]) -> [[UInt8]] {
    var forms = [secret] + lines(of: secret)
    forms += [hex(secret, digits: lowerDigits), hex(secret, digits: upperDigits)]
    for alphabet in [standardAlphabet, urlAlphabet] {
      for phase in 0..<3 { forms += base64(secret, phase: phase, alphabet) }
    }
    for digits in [lowerDigits, upperDigits] {
      for kept in percentSets { forms.append(percent(secret, keeping: kept, digits, plus: false)) }
      forms.append(percent(secret, keeping: formSet, digits, plus: true))
      for style in JSONStyle.all {
        let once = escaped(secret, style, digits)
        forms.append(once)
        // A server's JSON that is given out as a text is JSON in JSON.
        for other in JSONStyle.all { forms.append(escaped(once, other, digits)) }
      }
    }
    var found: [[UInt8]] = []
    for form in forms {
      let bare = form.filter { !isBreak($0) }
      if bare.count >= 4 && !found.contains(bare) { found.append(bare) }
    }
    for index in forms.indices { wipe(&forms[index]) }
    return found
  }

  static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

  /// Lines of a longer secret, such as a key in PEM, which programs print with something before each.
  private static func lines(of secret: [UInt8]) -> [[UInt8]] {
    let lines = secret.split(whereSeparator: isBreak)
    guard lines.count > 1 else { return [] }
    return lines.filter { $0.count >= 16 && !$0.starts(with: "-----".utf8) }.map(Array.init)
  }

  private static let lowerDigits = Array("0123456789abcdef".utf8)
  private static let upperDigits = Array("0123456789ABCDEF".utf8)

  private static func hex(_ bytes: [UInt8], digits: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }
}

// base64.
extension SecretForms {
  private static let standardAlphabet = alphabet("+/")
  private static let urlAlphabet = alphabet("-_")

  private static func alphabet(_ last: String) -> [UInt8] {
    Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + Array(last.utf8)
  }

  /// The digits that show a secret which begins `phase` bytes behind a multiple of three: those
  /// that hold bits of it alone, and the same with the last one as it is where nothing follows.
  private static func base64(
    _ bytes: [UInt8], phase: Int, _ alphabet: [UInt8]
  ) -> [[UInt8]] {
    var padded = [UInt8](repeating: 0, count: phase) + bytes
    defer { wipe(&padded) }
    func digit(_ index: Int) -> UInt8 {
      let bit = index * 6
      let high = UInt16(padded[bit / 8]) << 8
      let low = bit / 8 + 1 < padded.count ? UInt16(padded[bit / 8 + 1]) : 0
      return alphabet[Int((high | low) >> UInt16(10 - bit % 8) & 63)]
    }
    let first = (phase * 8 + 5) / 6
    let whole = padded.count * 8 / 6
    let all = (padded.count * 8 + 5) / 6
    guard whole > first else { return [] }
    let digits = (first..<whole).map(digit)
    guard all > whole else { return [digits] }
    // The last digit with its zero bits, and the padding, which tells how long the secret is.
    let ending = digits + [digit(all - 1)]
    let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - all % 4) % 4)
    return [digits, ending, ending + padding]
  }
}

// Percent-encoding.
extension SecretForms {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
  /// What encoders leave as it is: RFC 3986, ECMAScript's for parts and for wholes, nothing.
  private static let percentSets: [Set<UInt8>] = [
    Set(letters + Array("-._~".utf8)), Set(letters + Array("-_.!~*'()".utf8)),
    Set(letters + Array("-_.!~*'();/?:@&=+$,#".utf8)), Set(letters + Array("-._~/".utf8)), [],
  ]
  /// HTML forms, where a space is a plus.
  private static let formSet = Set(letters + Array("*-._".utf8))

  private static func percent(
    _ bytes: [UInt8], keeping kept: Set<UInt8>, _ digits: [UInt8], plus: Bool
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 3)
    for byte in bytes {
      if kept.contains(byte) {
        text.append(byte)
      } else if plus && byte == 0x20 {
        text.append(UInt8(ascii: "+"))
      } else {
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return text
  }
}

/// What an encoder of JSON escapes beyond what it must.
private struct JSONStyle {
  var slash = false
  var beyondASCII = false
  var markup = false
  var short = true

  static let all: [JSONStyle] = [
    JSONStyle(), JSONStyle(slash: true), JSONStyle(beyondASCII: true), JSONStyle(markup: true),
    JSONStyle(slash: true, beyondASCII: true), JSONStyle(short: false),
  ]
}

// As in JSON.
extension SecretForms {
  private static let shortEscapes: [UInt8: UInt8] = [
    0x08: UInt8(ascii: "b"), 0x09: UInt8(ascii: "t"), 0x0a: UInt8(ascii: "n"),
    0x0c: UInt8(ascii: "f"), 0x0d: UInt8(ascii: "r"),
  ]

  private static func escaped(
    _ bytes: [UInt8], _ style: JSONStyle, _ digits: [UInt8]
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 6)
    func unit(_ value: UInt16) {
      text += Array("\\u".utf8)
      for shift in [12, 8, 4, 0] as [UInt16] { text.append(digits[Int(value >> shift & 15)]) }
    }
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    decoding: while true {
      let scalar: Unicode.Scalar
      switch decoder.decode(&iterator) {
      case .scalarValue(let next): scalar = next
      case .emptyInput: break decoding
      // What is no text is in no JSON.
      case .error: return []
      }
      let value = scalar.value
      if value == 0x22 || value == 0x5c || style.slash && value == 0x2f {
        text += [UInt8(ascii: "\\"), UInt8(value)]
      } else if value < 0x20, style.short, let short = shortEscapes[UInt8(value)] {
        text += [UInt8(ascii: "\\"), short]
      } else if value < 0x20 || style.markup && [0x26, 0x3c, 0x3e, 0x2028, 0x2029].contains(value)
        || style.beyondASCII && value >= 0x7f
      {
        for part in UTF16.encode(scalar) ?? UTF16.EncodedScalar() { unit(part) }
      } else {
        text += Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
      }
    }
    return text
  }
}
