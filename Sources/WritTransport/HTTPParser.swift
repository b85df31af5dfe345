// Bytes to messages: a state machine that is fed and asked, and never waits.
//
//     start line ──► field, field, … ──► empty line ──► body ──► message, and again
//
// After an error nothing is read any more: nobody knows where the next message would begin.

/// What requests and responses have in common.
private struct MessageParser: Sendable {
  private enum State {
    case startLine
    case fields(ArraySlice<UInt8>)
    case body(ArraySlice<UInt8>, byteCount: Int)
  }

  let limits: HTTPLimits
  var buffer = LineBuffer()
  private var state = State.startLine
  private(set) var head = HTTPHead()
  /// Bytes of the head that were taken.
  private var headByteCount = 0
  private var error: HTTPError?

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// Whether a message has begun and not ended.
  var isInside: Bool {
    if case .startLine = state { return buffer.count > 0 }
    return true
  }

  /// Whether the head is whole and the body is not.
  var isInBody: Bool {
    if case .body = state { return true }
    return false
  }

  /// The start line, the head and the body of the next message; `nil` until more has come.
  ///
  /// - Parameter length: what the body's length is, once the head is whole.
  mutating func next(
    length: (ArraySlice<UInt8>, HTTPHead) throws(HTTPError) -> Int
  ) throws(HTTPError) -> (line: ArraySlice<UInt8>, head: HTTPHead, body: [UInt8])? {
    if let error { throw error }
    do throws(HTTPError) {
      while true {
        switch state {
        case .startLine:
          guard let line = try takeLine() else { return nil }
          head = HTTPHead()
          state = .fields(line)
        case .fields(let line):
          guard let field = try takeLine() else { return nil }
          if field.isEmpty {
            state = .body(line, byteCount: try length(line, head))
          } else {
            try head.take(field, limits)
          }
        case .body(let line, let byteCount):
          guard let body = buffer.take(byteCount) else { return nil }
          (state, headByteCount) = (.startLine, 0)
          return (line, head, body)
        }
      }
    } catch {
      self.error = error
      throw error
    }
  }

  /// The next line of the head; `nil` until its end has come.
  private mutating func takeLine() throws(HTTPError) -> ArraySlice<UInt8>? {
    let (limits, taken) = (limits, headByteCount)
    let line = try buffer.takeLine { (byteCount) throws(HTTPError) in
      if taken == 0 && byteCount > limits.startLineByteCount { throw .startLineTooLong }
      guard taken + byteCount + 2 <= limits.headByteCount else { throw .headTooLong }
    }
    headByteCount += line.map { $0.count + 2 } ?? 0
    return line
  }
}

/// Reads the requests of one connection.
public struct HTTPRequestParser: Sendable {
  private var parser: MessageParser
  private var hasContinued = false

  /// A parser at the beginning of a connection.
  public init(limits: HTTPLimits) {
    parser = MessageParser(limits)
  }

  /// Takes what has come.
  public mutating func append(_ bytes: ArraySlice<UInt8>) { parser.buffer.append(bytes) }

  /// Whether a request has begun and not ended.
  public var isInsideRequest: Bool { parser.isInside }

  /// Whether the peer waits to be told that it may send the body: `true` once a request.
  public mutating func takeContinue() -> Bool {
    guard parser.isInBody, parser.head.expectsContinue, !hasContinued else { return false }
    hasContinued = true
    return true
  }

  /// The next request; `nil` until more has come. Once it has thrown it always throws.
  public mutating func next() throws(HTTPError) -> HTTPRequest? {
    let message = try parser.next { (line, head) throws(HTTPError) in
      let start = try RequestLine(line)
      guard head.hostCount == 1 || (head.hostCount == 0 && start.minorVersion == 0) else {
        throw .malformed("expected one Host")
      }
      return head.contentLength ?? 0
    }
    guard let message else { return nil }
    hasContinued = false
    let start = try RequestLine(message.line)
    return HTTPRequest(
      method: start.method, target: start.target, fields: message.head.fields, body: message.body,
      keepsConnection: message.head.keepsConnection(minorVersion: start.minorVersion))
  }
}

/// `METHOD /target HTTP/1.x`
private struct RequestLine {
  let method: String
  let target: String
  let minorVersion: Int

  init(_ line: ArraySlice<UInt8>) throws(HTTPError) {
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(isTokenByte) else {
      throw .malformed("expected a method, a target and a version")
    }
    guard parts[1].first == 0x2f, parts[1].allSatisfy({ 0x21...0x7e ~= $0 && $0 != 0x23 }) else {
      throw .malformed("expected a path")
    }
    method = String(decoding: parts[0], as: UTF8.self)
    target = String(decoding: parts[1], as: UTF8.self)
    minorVersion = try HTTPVersion.minor(parts[2])
  }
}

private enum HTTPVersion {
  /// 0 or 1 of `HTTP/1.0` or `HTTP/1.1`.
  static func minor(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    if bytes.elementsEqual("HTTP/1.1".utf8) { return 1 }
    if bytes.elementsEqual("HTTP/1.0".utf8) { return 0 }
    guard bytes.starts(with: "HTTP/".utf8) else { throw .malformed("expected HTTP/1.1") }
    throw .version
  }
}

/// Reads one response.
public struct HTTPResponseParser: Sendable {
  private var parser: MessageParser

  /// A parser in front of a response.
  public init(limits: HTTPLimits) {
    parser = MessageParser(limits)
  }

  /// Takes what has come.
  public mutating func append(_ bytes: ArraySlice<UInt8>) { parser.buffer.append(bytes) }

  /// The response; `nil` until more has come. Its length must be said: a body that ends with the
  /// connection could be cut off unseen.
  public mutating func next() throws(HTTPError) -> HTTPResponse? {
    let message = try parser.next { (line, head) throws(HTTPError) in
      let status = try HTTPResponseParser.status(line)
      if status == 204 || status == 304 { return 0 }
      guard let length = head.contentLength else { throw .malformed("expected Content-Length") }
      return length
    }
    guard let message else { return nil }
    return HTTPResponse(
      status: try HTTPResponseParser.status(message.line), fields: message.head.fields,
      body: message.body)
  }

  /// The code of `HTTP/1.1 200 OK`; interim answers are none that were asked for.
  private static func status(_ line: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2 else { throw .malformed("expected a version and a status") }
    _ = try HTTPVersion.minor(parts[0])
    guard parts[1].count == 3, parts[1].allSatisfy({ 0x30...0x39 ~= $0 }) else {
      throw .malformed("expected a status of three digits")
    }
    let status = parts[1].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    guard 200...599 ~= status else { throw .malformed("expected a status from 200 to 599") }
    return status
  }
}
