// A request that an action makes over HTTP, as the words of its command: so it is decided on, approved, permitted and
// recorded as every command is, and whoever carries it out reads it from there.
//
//     writ:http POST                                  what it is, and the method
//     url text:https://pager.example/v2/ value:web    texts of the policy, and values between them
//     header:Authorization text:Token␣ secret:pager_key
//     field:service value:web                         a member of a JSON object, or
//     body text:down                                  the body as it is
//     status:202,204                                  which answers are good; 200 to 299 where nothing is said
//     answer:json/data/id                             what of the answer is given out
//
// A word is one text of the policy, or `value:` or `number:` with a value behind it: what a request brings is never taken for
// another part. The first piece of the URL is a text that goes to the end of the host, so no value chooses who is asked.

/// Why words are no request; lower case, no full stop.
public struct HTTPOrderError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// A request over HTTP, before secrets are put into it.
public struct HTTPOrder: Hashable, Sendable {
  /// The first word of its command.
  public static let program = "writ:http"
  public static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
  /// Headers, and fields of a body.
  public static let partLimit = 64
  /// Bytes in a URL.
  public static let targetByteCount = 8_000

  /// A part of a text.
  public enum Piece: Hashable, Sendable {
    /// As the policy says it.
    case text(String)
    /// What a value is.
    case value(String)
    /// A number, `true` or `false`; of fields alone.
    case number(String)
    /// By its name; of headers alone.
    case secret(String)
  }

  /// Something with a name.
  public struct Part: Hashable, Sendable {
    public let name: String
    public internal(set) var pieces: [Piece]
  }

  /// What of an answer is given out, as JSON.
  public enum Answer: Hashable, Sendable {
    case status
    /// As a string.
    case body
    /// The body, or what a pointer (RFC 6901) leads to in it; the empty one leads to all of it.
    case json(pointer: String)
  }

  public let method: String
  public private(set) var url: [Piece] = []
  public private(set) var headers: [Part] = []
  /// `nil`: there is none, or it is made of fields.
  public private(set) var body: [Piece]?
  /// Members of an object; none: there is no such body.
  public private(set) var fields: [Part] = []
  /// Which answers are good; none: 200 to 299 but 206, which is a part.
  public private(set) var statuses: [Int] = []
  public private(set) var answer: Answer?
  /// Whom it asks.
  public private(set) var origin = HTTPOrigin.none

  /// Whether an answer is what was wanted.
  public func isGood(_ status: Int) -> Bool {
    statuses.isEmpty ? 200...299 ~= status && status != 206 : statuses.contains(status)
  }

  /// Reads the words of a command.
  public init(words: [String]) throws(HTTPOrderError) {
    guard words.count >= 3, words[0] == HTTPOrder.program, words[2] == "url" else {
      throw HTTPOrderError("expected `\(HTTPOrder.program)`, a method and a URL")
    }
    guard HTTPOrder.methods.contains(words[1]) else {
      throw HTTPOrderError(
        "no method `\(words[1])`: say one of " + HTTPOrder.methods.joined(separator: ", "))
    }
    method = words[1]
    var section = Section.url
    for word in words.dropFirst(3) {
      if let piece = Piece(word) {
        try add(piece, to: section)
      } else {
        section = try begin(word)
      }
    }
    guard case .text(let start)? = url.first, let origin = HTTPOrigin(startOf: start) else {
      throw HTTPOrderError(
        "the URL begins with `https://host/` or `http://host/`, small letters, which the policy fixes"
      )
    }
    self.origin = origin
    try checkTexts()
  }

  private enum Section { case url, header, body, field, none }

  private mutating func begin(_ word: String) throws(HTTPOrderError) -> Section {
    let (tag, rest, hasRest) = HTTPOrder.parted(word)
    switch tag {
    case "header":
      guard HTTPOrder.isHeader(rest) else {
        throw HTTPOrderError("`\(rest)` is no name of a header, or one that is made by itself")
      }
      try check(rest, isNewIn: headers, "header", HTTPOrder.hasSameLetters)
      headers.append(Part(name: rest, pieces: []))
      return .header
    case "field":
      guard !rest.isEmpty else { throw HTTPOrderError("a field has a name") }
      try check(rest, isNewIn: fields, "field") { hasSameBytes($0, $1) }
      fields.append(Part(name: rest, pieces: []))
      return .field
    case "body" where !hasRest && body == nil:
      body = []
      return .body
    case "status" where statuses.isEmpty:
      let numbers = rest.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      statuses = numbers.compactMap { $0 }.filter { 200...599 ~= $0 }
      guard statuses.count == numbers.count, Set(statuses).count == numbers.count else {
        throw HTTPOrderError("a status is a number from 200 to 599, and said once")
      }
      return .none
    case "answer" where answer == nil:
      answer = try HTTPOrder.answer(rest)
      return .none
    default: throw HTTPOrderError("`\(word)` says nothing of a request, or says it again")
    }
  }

  /// What stands before the first colon, and behind it. By bytes: a value may begin with a mark that combines with the colon.
  fileprivate static func parted(_ word: String) -> (tag: String, rest: String, hasRest: Bool) {
    let bytes = Array(word.utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return (word, "", false) }
    return (
      String(decoding: bytes[..<colon], as: UTF8.self),
      String(decoding: bytes[(colon + 1)...], as: UTF8.self), true
    )
  }

  private func check(
    _ name: String, isNewIn parts: [Part], _ what: String, _ isSame: (String, String) -> Bool
  ) throws(HTTPOrderError) {
    guard parts.count < HTTPOrder.partLimit else {
      throw HTTPOrderError("more than \(HTTPOrder.partLimit) \(what)s")
    }
    guard !parts.contains(where: { isSame($0.name, name) }) else {
      throw HTTPOrderError("a second \(what) `\(name)`")
    }
  }

  private static func answer(_ rest: String) throws(HTTPOrderError) -> Answer {
    switch rest {
    case "status": return .status
    case "body": return .body
    default:
      let pointer = String(rest.dropFirst("json".utf8.count))
      guard rest.hasPrefix("json"), pointer.isEmpty || pointer.hasPrefix("/") else {
        throw HTTPOrderError("an answer is `status`, `body`, `json` or `json \"/member/…\"`")
      }
      return .json(pointer: pointer)
    }
  }

  private mutating func add(_ piece: Piece, to section: Section) throws(HTTPOrderError) {
    switch (section, piece) {
    case (.url, .text), (.url, .value): url.append(piece)
    case (.header, .text), (.header, .value), (.header, .secret):
      headers[headers.count - 1].pieces.append(piece)
    case (.body, .text), (.body, .value): body?.append(piece)
    case (.field, .number):
      guard fields[fields.count - 1].pieces.isEmpty else {
        throw HTTPOrderError("a number beside a text")
      }
      fields[fields.count - 1].pieces.append(piece)
    case (.field, .text), (.field, .value):
      if case .number? = fields[fields.count - 1].pieces.first {
        throw HTTPOrderError("a text beside a number")
      }
      fields[fields.count - 1].pieces.append(piece)
    case (_, .secret): throw HTTPOrderError("a secret goes into a header, and nowhere else")
    default: throw HTTPOrderError("a value that belongs to nothing")
    }
  }

  private func checkTexts() throws(HTTPOrderError) {
    guard body == nil || fields.isEmpty else {
      throw HTTPOrderError("a body is said as it is or by its fields, not both")
    }
    guard body == nil && fields.isEmpty || method != "GET" && method != "HEAD" else {
      throw HTTPOrderError("`\(method)` has no body")
    }
    if method == "HEAD", let answer, answer != .status {
      throw HTTPOrderError("`HEAD` is answered without a body")
    }
    for case .text(let text) in url {
      guard text.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != 0x23 && $0 != 0x5c }) else {
        throw HTTPOrderError("a URL is ASCII without spaces, `#` and `\\`")
      }
      guard HTTPOrder.hasWholeCodes(text) else {
        throw HTTPOrderError("a `%` in a URL has two hexadecimal digits behind it")
      }
    }
    for case .text(let text) in headers.flatMap(\.pieces) {
      guard HTTPOrder.isHeaderText(text) else {
        throw HTTPOrderError("a header is one line of ASCII")
      }
    }
  }

  /// Whether no code is left open, which a value would end.
  private static func hasWholeCodes(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.indices.allSatisfy { place in
      bytes[place] != UInt8(ascii: "%")
        || place + 2 < bytes.count
          && bytes[(place + 1)...(place + 2)].allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
            default: false
            }
          }
    }
  }

  /// A token that says nothing of the message's length, its way or its connection.
  private static func isHeader(_ name: String) -> Bool {
    let isToken = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
      default: false
      }
    }
    let own = [
      "host", "content-length", "transfer-encoding", "connection", "expect", "te", "trailer",
      "upgrade", "keep-alive", "proxy-authorization", "proxy-connection",
    ]
    return isToken && 1...128 ~= name.utf8.count && !own.contains { hasSameLetters($0, name) }
  }

  private static func hasSameLetters(_ one: String, _ other: String) -> Bool {
    one.utf8.lazy.map(small).elementsEqual(other.utf8.lazy.map(small))
  }

  private static func small(_ byte: UInt8) -> UInt8 { 0x41...0x5a ~= byte ? byte | 0x20 : byte }

  /// Visible ASCII, spaces and tabs: what stays within a header.
  public static func isHeaderText(_ text: String) -> Bool {
    text.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x09 }
  }
}

extension HTTPOrder.Piece {
  /// `nil`: the word begins a part.
  init?(_ word: String) {
    let (tag, rest, hasRest) = HTTPOrder.parted(word)
    guard hasRest else { return nil }
    switch tag {
    case "text": self = .text(rest)
    case "value": self = .value(rest)
    case "number": self = .number(rest)
    case "secret" where ActionSecret.isName(rest): self = .secret(rest)
    default: return nil
    }
  }
}

// What is sent.
extension HTTPOrder {
  /// Path and query. Values are percent-encoded, so that each stays in the place where the policy has it.
  public func target() throws(HTTPOrderError) -> String {
    var text = ""
    for piece in url {
      switch piece {
      case .text(let part): text += part
      case .value(let value):
        // Without it the path would lead to what stands above, such as all of a collection.
        guard !value.isEmpty || text.utf8.contains(UInt8(ascii: "?")) else {
          throw HTTPOrderError("a value in the URL's path is empty")
        }
        text += HTTPOrder.encoded(value)
      case .number, .secret: break
      }
    }
    guard text.utf8.count <= HTTPOrder.targetByteCount else {
      throw HTTPOrderError("the URL is longer than \(HTTPOrder.targetByteCount) bytes")
    }
    let target = text.dropFirst(origin.startByteCount)
    let path = target.prefix { $0 != "?" }
    for segment in path.split(separator: "/") {
      // Some take what stands behind a `;` for no part of the name.
      let plain = segment.prefix { $0 != ";" }
        .replacing("%2e", with: ".").replacing("%2E", with: ".")
      guard plain != ".", plain != ".." else {
        throw HTTPOrderError("the URL has a segment `\(segment)`, which leads elsewhere")
      }
    }
    return String(target)
  }

  /// RFC 3986, section 2.3: what is unreserved stays.
  private static func encoded(_ value: String) -> String {
    var text = ""
    for byte in value.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "%" + Hex.encode([byte]).uppercased()
      }
    }
    return text
  }

  /// The body; `nil` where there is none.
  public func bodyText() throws(HTTPOrderError) -> String? {
    if let body { return HTTPOrder.text(of: body) }
    guard !fields.isEmpty else { return nil }
    var members: [JSONMember] = []
    for field in fields {
      guard case .number(let digits)? = field.pieces.first else {
        members.append(JSONMember(field.name, .string(HTTPOrder.text(of: field.pieces))))
        continue
      }
      do throws(JSONError) {
        members.append(JSONMember(field.name, try JSONValue(parsing: Array(digits.utf8))))
      } catch {
        throw HTTPOrderError("the field `\(field.name)` is no number: \(error)")
      }
    }
    return JSONValue.object(members).compact
  }

  /// Without secrets, which it has none of.
  private static func text(of pieces: [Piece]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text), .value(let text), .number(let text): text
      case .secret: ""
      }
    }.joined()
  }
}

/// Whom a request asks: scheme, host and port.
public struct HTTPOrigin: Hashable, Sendable, CustomStringConvertible {
  public let isSecure: Bool
  /// A name or an IPv4 number in small letters, or an IPv6 number.
  public let host: String
  public let port: UInt16
  /// Bytes in front of the path.
  let startByteCount: Int

  static let none = HTTPOrigin(isSecure: true, host: "", port: 0, startByteCount: 0)

  private init(isSecure: Bool, host: String, port: UInt16, startByteCount: Int) {
    (self.isSecure, self.host, self.port) = (isSecure, host, port)
    self.startByteCount = startByteCount
  }

  /// Reads `https://host`, `http://host:8080`, `https://[2001:db8::7]:8443`, as `description` writes it.
  public init?(_ text: String) {
    guard let origin = HTTPOrigin(startOf: text + "/"), origin.description == text else {
      return nil
    }
    self = origin
  }

  /// Reads the start of a URL, whose host must be whole.
  init?(startOf url: String) {
    let isSecure = url.hasPrefix("https://")
    guard isSecure || url.hasPrefix("http://") else { return nil }
    let schemeCount = isSecure ? 8 : 7
    let rest = url.utf8.dropFirst(schemeCount)
    guard let slash = rest.firstIndex(of: 0x2f) else { return nil }
    let authority = Substring(rest[..<slash])
    let isBracketed = authority.hasPrefix("[")
    let hostEnd = isBracketed ? authority.firstIndex(of: "]") : authority.firstIndex(of: ":")
    var host = authority[..<(hostEnd ?? authority.endIndex)]
    var tail = authority[(hostEnd ?? authority.endIndex)...]
    if isBracketed {
      guard hostEnd != nil else { return nil }
      host = host.dropFirst()
      tail = tail.dropFirst()
    }
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x61...0x7a, 0x2e: true
      case 0x2d: !isBracketed
      case 0x3a: isBracketed
      default: false
      }
    }
    guard isPlain, 1...253 ~= host.utf8.count, host.first != ".", host.first != "-" else {
      return nil
    }
    var port: UInt16 = isSecure ? 443 : 80
    if !tail.isEmpty {
      guard let number = UInt16(tail.dropFirst()), number > 0, tail == ":\(number)" else {
        return nil
      }
      port = number
    }
    self.init(
      isSecure: isSecure, host: String(host), port: port,
      startByteCount: schemeCount + authority.utf8.count)
  }

  public static func == (one: HTTPOrigin, other: HTTPOrigin) -> Bool {
    one.isSecure == other.isSecure && hasSameBytes(one.host, other.host) && one.port == other.port
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(isSecure)
    hasher.combine(ByteText(host))
    hasher.combine(port)
  }

  /// Without a port that goes without saying.
  public var description: String {
    let isUsual = port == (isSecure ? 443 : 80)
    return (isSecure ? "https://" : "http://") + authority(isUsual)
  }

  /// What is sent as `Host`.
  public var hostField: String { authority(port == (isSecure ? 443 : 80)) }

  private func authority(_ isUsual: Bool) -> String {
    (host.contains(":") ? "[\(host)]" : host) + (isUsual ? "" : ":\(port)")
  }
}
