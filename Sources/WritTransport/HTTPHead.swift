// The fields of a head, and what they say of the message's length and of the connection.
//
// Strict, so that nobody in between can read two messages where one was meant: a field is a token, a
// colon and visible text; lines are not folded; there is one Content-Length, in digits, or none; a
// transfer coding is refused.

/// The fields of a head, as they come line by line.
struct HTTPHead: Sendable {
  private(set) var fields: [HTTPField] = []
  /// `nil` where none was said.
  private(set) var contentLength: Int?
  private(set) var hostCount = 0
  private var saysClose = false
  private(set) var expectsContinue = false
  /// The body comes in chunks; only where that is taken.
  private(set) var isChunked = false
  private let takesChunks: Bool

  /// - Parameter takesChunks: A transfer coding is taken if it is `chunked` and nothing else; otherwise none is.
  init(takesChunks: Bool = false) { self.takesChunks = takesChunks }

  /// Takes `Name: value`.
  mutating func take(_ line: ArraySlice<UInt8>, _ limits: HTTPLimits) throws(HTTPError) {
    guard fields.count < limits.fieldCount else { throw .headTooLong }
    guard let colon = line.firstIndex(of: 0x3a), colon > line.startIndex,
      line[..<colon].allSatisfy(isTokenByte)
    else { throw .malformed("expected a field name and a colon") }
    var value = line[(colon + 1)...]
    while let first = value.first, isSpace(first) { value.removeFirst() }
    while let last = value.last, isSpace(last) { value.removeLast() }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
      throw .malformed("expected no control characters in a field")
    }
    let name = line[..<colon]
    fields.append(
      HTTPField(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    try heed(name, value, limits)
  }

  /// What the fields that HTTP itself knows mean.
  private mutating func heed(
    _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, _ limits: HTTPLimits
  ) throws(HTTPError) {
    let text = String(decoding: lowercase(String(decoding: value, as: UTF8.self)), as: UTF8.self)
    switch String(decoding: lowercase(String(decoding: name, as: UTF8.self)), as: UTF8.self) {
    case "content-length": try takeLength(value, limits)
    case "transfer-encoding":
      guard takesChunks, text == "chunked", !isChunked else { throw .transferCoding }
      isChunked = true
    case "host":
      guard value.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2c }) else {
        throw .malformed("expected one host")
      }
      hostCount += 1
    case "connection":
      for option in text.split(separator: ",") {
        let option = option.drop { $0 == " " || $0 == "\t" }
        saysClose = saysClose || option.prefix { $0 != " " && $0 != "\t" } == "close"
      }
    case "expect":
      guard text == "100-continue" else { throw .expectation }
      expectsContinue = true
    default: break
    }
  }

  private mutating func takeLength(
    _ value: ArraySlice<UInt8>, _ limits: HTTPLimits
  ) throws(HTTPError) {
    guard contentLength == nil, !value.isEmpty, value.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      throw .malformed("expected one Content-Length in digits")
    }
    guard value.count <= 18 else { throw .bodyTooLong }
    let length = value.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    guard length <= limits.bodyByteCount else { throw .bodyTooLong }
    contentLength = length
  }

  /// Whether another message follows: only in HTTP/1.1, and there unless it is said otherwise.
  func keepsConnection(minorVersion: Int) -> Bool { minorVersion == 1 && !saysClose }
}

/// A byte of a method or a field name: RFC 9110, section 5.6.2.
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
  case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e...0x60, 0x7c, 0x7e: true
  default: false
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
