// UTF-8 and the escapes of strings.

import WritText

/// Length of the well-formed UTF-8 sequence at an offset within the bytes; 0 where there is none.
func lengthOfScalar(_ bytes: [UInt8], at offset: Int) -> Int {
  let span = bytes.span
  let lead = span[offset]
  if lead < 0x80 { return 1 }
  // Table 3-7 of the Unicode Standard: what may follow a lead byte.
  let length: Int
  var second: ClosedRange<UInt8> = 0x80...0xBF
  switch lead {
  case 0xC2...0xDF: length = 2
  case 0xE0: (length, second) = (3, 0xA0...0xBF)
  case 0xED: (length, second) = (3, 0x80...0x9F)
  case 0xE1...0xEF: length = 3
  case 0xF0: (length, second) = (4, 0x90...0xBF)
  case 0xF4: (length, second) = (4, 0x80...0x8F)
  case 0xF1...0xF3: length = 4
  default: return 0
  }
  guard offset + length <= span.count, second.contains(span[offset + 1]) else { return 0 }
  for place in offset + 2..<max(offset + 2, offset + length) where span[place] & 0xC0 != 0x80 {
    return 0
  }
  return length
}

/// Length of a character at an offset that orders text from right to left or back whatever the letters say; 0 where there is none.
///
/// With such a character a text is shown in another order than it is read in: U+202A to U+202E and U+2066 to U+2069.
func lengthOfDirection(_ bytes: [UInt8], at offset: Int) -> Int {
  guard offset + 2 < bytes.count, bytes[offset] == 0xE2 else { return 0 }
  switch (bytes[offset + 1], bytes[offset + 2]) {
  case (0x80, 0xAA...0xAE), (0x81, 0xA6...0xA9): return 3
  default: return 0
  }
}

/// Length of a character at an offset that many programs show as a line break, and that is none here: U+000B, U+000C, U+0085,
/// U+2028, U+2029, and U+000D without U+000A behind it; 0 where there is none.
func lengthOfHiddenBreak(_ bytes: [UInt8], at offset: Int) -> Int {
  let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
  switch bytes[offset] {
  case 0x0B, 0x0C: return 1
  case 0x0D: return next == 0x0A ? 0 : 1
  case 0xC2: return next == 0x85 ? 2 : 0
  case 0xE2:
    guard next == 0x80, offset + 2 < bytes.count else { return 0 }
    return bytes[offset + 2] == 0xA8 || bytes[offset + 2] == 0xA9 ? 3 : 0
  default: return 0
  }
}

/// Reports bytes that are not UTF-8, once for a run of them, U+0000, and what changes the direction of the text.
func reportBrokenBytes(of file: SourceFile, index: Int, into sink: inout DiagnosticSink) {
  let bytes = file.bytes
  var place = 0
  while place < bytes.count, !sink.isFull {
    let byte = bytes[place]
    if byte > 0, byte < 0x80 {
      place += 1
    } else if byte == 0 {
      sink.report(.nulCharacter(at: SourceRange(file: index, start: place, end: place + 1)))
      while place < bytes.count, bytes[place] == 0 { place += 1 }
    } else {
      let length = lengthOfScalar(bytes, at: place)
      if length > 0 {
        if lengthOfDirection(bytes, at: place) > 0 {
          sink.report(
            .hiddenDirection(at: SourceRange(file: index, start: place, end: place + length)))
        }
        place += length
        continue
      }
      let start = place
      while place < bytes.count, bytes[place] >= 0x80, lengthOfScalar(bytes, at: place) == 0 {
        place += 1
      }
      sink.report(
        .invalidUTF8(bytes[start], at: SourceRange(file: index, start: start, end: place)))
    }
  }
}

/// The escape whose `\` stands at an offset: what it means, `nil` if nothing, and where it ends.
///
/// The end never passes a line break or `end`.
func readEscape(_ bytes: [UInt8], at offset: Int, end: Int) -> (value: Unicode.Scalar?, end: Int) {
  guard offset + 1 < end, bytes[offset + 1] != 0x0A else { return (nil, offset + 1) }
  switch bytes[offset + 1] {
  case UInt8(ascii: "\""): return ("\"", offset + 2)
  case UInt8(ascii: "\\"): return ("\\", offset + 2)
  case UInt8(ascii: "n"): return ("\n", offset + 2)
  case UInt8(ascii: "t"): return ("\t", offset + 2)
  case UInt8(ascii: "{"): return ("{", offset + 2)
  case UInt8(ascii: "}"): return ("}", offset + 2)
  case UInt8(ascii: "u"): return readUnicodeEscape(bytes, at: offset, end: end)
  default:
    let length = max(1, lengthOfScalar(bytes, at: offset + 1))
    return (nil, min(end, offset + 1 + length))
  }
}

/// `\u{` HexDigit+ `}`: any character but U+0000 and the surrogates.
private func readUnicodeEscape(
  _ bytes: [UInt8], at offset: Int, end: Int
) -> (value: Unicode.Scalar?, end: Int) {
  var place = offset + 2
  guard place < end, bytes[place] == UInt8(ascii: "{") else { return (nil, place) }
  place += 1
  var value: UInt32 = 0
  var digits = 0
  while place < end, let digit = hexDigit(bytes[place]) {
    // Saturates above every scalar, so that no number of digits overflows.
    value = min(value << 4 | digit, 0x11_0000)
    digits += 1
    place += 1
  }
  guard place < end, bytes[place] == UInt8(ascii: "}"), digits > 0 else { return (nil, place) }
  return (value == 0 ? nil : Unicode.Scalar(value), place + 1)
}

private func hexDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
  default: nil
  }
}

/// What the bytes of a string or a part of one say, escapes replaced. Escapes that do not exist
/// are left out; the lexer has reported them.
func unescape(_ bytes: [UInt8], _ start: Int, _ end: Int) -> String {
  var text: [UInt8] = []
  var place = start
  while place < end {
    guard bytes[place] == UInt8(ascii: "\\") else {
      text.append(bytes[place])
      place += 1
      continue
    }
    let escape = readEscape(bytes, at: place, end: end)
    if let value = escape.value { text.append(contentsOf: Array(String(value).utf8)) }
    place = escape.end
  }
  return String(decoding: text, as: UTF8.self)
}
