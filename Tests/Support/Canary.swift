// A secret that is put somewhere so that it can be looked for, in all the forms in which it could come out.
//
// Made here by other means than the redactor's, which must find them.
import Foundation

/// A value, and what it looks like once somebody has encoded it.
public struct Canary: Sendable {
  /// As it is.
  public let value: String

  public init(_ value: String) { self.value = value }

  /// Raw and backwards; hexadecimal; base64 of both alphabets, wherever it begins; percent-encoded as the common encoders do, whole and twice;
  /// escaped as in JSON as the common encoders do, whole and twice. Each at least 8 characters, each once, with its name.
  public var forms: [(name: String, text: String)] {
    let bytes = Array(value.utf8)
    let hex = bytes.map { String(format: "%02x", $0) }.joined()
    var forms = [
      ("raw", value), ("backwards", String(value.reversed())), ("hex", hex),
      ("HEX", hex.uppercased()),
    ]
    for phase in 0..<3 {
      let text = Data([UInt8](repeating: 0x78, count: phase) + bytes).base64EncodedString()
      // Digits at either end hold bits of what stands beside it.
      let digits = text.filter { $0 != "=" }.dropFirst(phase == 0 ? 0 : phase + 1).dropLast()
      forms.append(("base64, \(phase) behind", String(digits)))
      forms.append(("base64url, \(phase) behind", Canary.urlAlphabet(String(digits))))
    }
    let all = bytes.map { String(format: "%%%02X", $0) }.joined()
    forms += [
      ("percent, all of it", all), ("percent in small letters, all of it", all.lowercased()),
    ]
    for (name, kept) in Canary.keptByPercent {
      let once = Canary.percent(value, keeping: kept)
      forms.append((name, once))
      forms.append(("\(name), small", Canary.lowercasedEscapes(once)))
      forms.append(("\(name), twice", Canary.percent(once, keeping: kept)))
      forms.append(("\(name), spaces as plus", once.replacing("%20", with: "+")))
    }
    let units = value.utf16.map { String(format: "\\u%04x", $0) }.joined()
    forms += [
      ("JSON, all of it", units),
      ("JSON in capitals", units.uppercased().replacing("\\U", with: "\\u")),
    ]
    for (name, once) in Canary.json(value) {
      forms.append((name, once))
      for (other, twice) in Canary.json(once) { forms.append(("\(name), then \(other)", twice)) }
    }
    var seen: Set<String> = []
    return forms.filter { $0.1.utf8.count >= 8 && seen.insert($0.1).inserted }
  }

  /// The forms that some bytes have, by their names.
  public func found(in bytes: some Collection<UInt8>) -> [String] {
    let bytes = Array(bytes)
    return bytes.withUnsafeBytes { bytes in
      forms.filter { Canary.holds(bytes, Array($0.text.utf8)) }.map(\.name)
    }
  }

  /// The forms that files below a folder have, in their bytes or in their names, each with the file.
  public func found(below path: String) -> [String] {
    var found: [String] = []
    let files = FileManager.default.enumerator(atPath: path)
    for case let name as String in files ?? .init() {
      var isFolder: ObjCBool = false
      let whole = path + "/" + name
      guard FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder) else { continue }
      let bytes = isFolder.boolValue ? nil : FileManager.default.contents(atPath: whole)
      found += self.found(in: Array(name.utf8) + [0] + (bytes ?? Data())).map { "\($0) in \(name)" }
    }
    return found
  }

  /// In C where it can be, as tests are not optimised.
  private static func holds(_ bytes: UnsafeRawBufferPointer, _ form: [UInt8]) -> Bool {
    guard var place = bytes.baseAddress, let first = form.first else { return false }
    let end = place + bytes.count
    while end - place >= form.count, let found = memchr(place, Int32(first), end - place) {
      let start = UnsafeRawPointer(found)
      if end - start >= form.count, memcmp(start, form, form.count) == 0 { return true }
      place = start + 1
    }
    return false
  }

  private static func urlAlphabet(_ text: String) -> String {
    text.replacing("+", with: "-").replacing("/", with: "_")
  }

  private static let keptByPercent: [(String, CharacterSet)] = {
    let plain = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    func with(_ more: String) -> CharacterSet { plain.union(CharacterSet(charactersIn: more)) }
    return [
      ("percent, RFC 3986", with("-._~")), ("percent, of a path", with("-._~/")),
      ("percent, ECMAScript", with("-_.!~*'()")),
      ("percent, of a URI", with("-_.!~*'();/?:@&=+$,#")),
      ("percent, of a form", with("-._*")),
    ]
  }()

  private static func percent(_ text: String, keeping kept: CharacterSet) -> String {
    text.addingPercentEncoding(withAllowedCharacters: kept) ?? text
  }

  private static func lowercasedEscapes(_ text: String) -> String {
    text.replacing(/%[0-9A-F]{2}/) { String($0.output).lowercased() }
  }

  private static func json(_ text: String) -> [(String, String)] {
    let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let markup = quoted.replacing("&", with: "\\u0026").replacing("<", with: "\\u003c")
      .replacing(">", with: "\\u003e")
    return [
      ("JSON", quoted), ("JSON with slashes", quoted.replacing("/", with: "\\/")),
      ("JSON for markup", markup),
    ]
  }
}
