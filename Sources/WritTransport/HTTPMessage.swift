// Requests and responses of HTTP/1.1 as values: RFC 9110, RFC 9112.

/// One line of a head.
public struct HTTPField: Hashable, Sendable {
  /// As it was written; compared without regard to case.
  public let name: String
  /// Without white space around it.
  public let value: String

  /// A field as it will be sent.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [HTTPField] {
  /// The value of the first field of that name; names are compared without regard to case.
  public func value(of name: String) -> String? {
    let wanted = lowercase(name)
    return first { lowercase($0.name) == wanted }?.value
  }
}

/// A text with ASCII letters made small, as bytes: field names are ASCII.
func lowercase(_ text: some StringProtocol) -> [UInt8] {
  text.utf8.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 }
}

/// A request, whole.
public struct HTTPRequest: Hashable, Sendable {
  /// A token: `GET`, `POST`.
  public let method: String
  /// Path and query, beginning with `/`; visible ASCII.
  public let target: String
  /// In the order of the message.
  public let fields: [HTTPField]
  /// At most `HTTPLimits.bodyByteCount`.
  public let body: [UInt8]
  /// Whether the peer will send another request on the connection.
  public let keepsConnection: Bool

  /// A request of these parts.
  public init(
    method: String, target: String, fields: [HTTPField] = [], body: [UInt8] = [],
    keepsConnection: Bool = false
  ) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
    self.keepsConnection = keepsConnection
  }

  /// The bytes to send to that host, with the fields that HTTP asks for.
  public func bytes(host: String) -> [UInt8] {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
    for field in fields { head += "\(field.name): \(field.value)\r\n" }
    let hasBody = !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method)
    if hasBody { head += "Content-Length: \(body.count)\r\n" }
    if !keepsConnection { head += "Connection: close\r\n" }
    return Array((head + "\r\n").utf8) + body
  }
}

/// An answer, whole.
public struct HTTPResponse: Hashable, Sendable {
  /// `100 ≤ status ≤ 599`
  public let status: Int
  /// In the order of the message.
  public let fields: [HTTPField]
  /// What the answer says.
  public let body: [UInt8]

  /// An answer of these parts.
  public init(status: Int, fields: [HTTPField] = [], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// An answer of plain text.
  public init(status: Int, text: String) {
    self.init(
      status: status, fields: [HTTPField("Content-Type", "text/plain; charset=utf-8")],
      body: Array(text.utf8))
  }

  /// The bytes to send. An answer to `HEAD` tells the length of the body and leaves it out.
  public func bytes(keepsConnection: Bool, leavesOutBody: Bool = false) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(HTTPResponse.reason(status))\r\n"
    for field in fields { head += "\(field.name): \(field.value)\r\n" }
    head += "Content-Length: \(body.count)\r\n"
    if !keepsConnection { head += "Connection: close\r\n" }
    return Array((head + "\r\n").utf8) + (leavesOutBody ? [] : body)
  }

  /// What RFC 9110 calls a status.
  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 422: "Unprocessable Content"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: "Answer"
    }
  }
}
