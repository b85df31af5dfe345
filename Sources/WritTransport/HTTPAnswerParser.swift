// Reads the answer of a server that is not ours: RFC 9112, chunks among it.
//
//     status ──► field, … ──► body of a known length ─────────────────────────────► answer
//        ▲          │ 1xx ◄─┘ └──► chunk size ──► chunk ──► size 0 ──► trailer, … ──┘
//
// A body must say where it ends: one that ends with the connection could be cut off unseen.

/// Reads one answer.
public struct HTTPAnswerParser: Sendable {
  private enum State {
    case status
    case fields(Int)
    case sized(Int)
    case chunkSize
    case chunk(Int)
    case chunkEnd
    case trailers
    case done
  }

  private let limits: HTTPLimits
  /// The answer has no body, whatever its head says of one.
  private let isOfHead: Bool
  private var buffer = LineBuffer()
  private var state = State.status
  private var head = HTTPHead(takesChunks: true)
  private var status = 0
  /// Of lines, interim answers and trailers among them.
  private var headByteCount = 0
  private var body: [UInt8] = []

  /// A parser in front of an answer.
  ///
  /// - Parameter method: of the request.
  public init(to method: String, limits: HTTPLimits) {
    self.limits = limits
    isOfHead = method == "HEAD"
  }

  /// Takes what has come.
  public mutating func append(_ bytes: ArraySlice<UInt8>) { buffer.append(bytes) }

  /// The answer, once; `nil` until more has come.
  public mutating func next() throws(HTTPError) -> HTTPResponse? {
    while true {
      switch state {
      case .status:
        guard let line = try takeLine() else { return nil }
        status = try HTTPAnswerParser.status(line)
        head = HTTPHead(takesChunks: true)
        state = .fields(status)
      case .fields(let status):
        guard let line = try takeLine() else { return nil }
        if line.isEmpty {
          state = try begin(status)
        } else {
          try head.take(line, limits)
        }
      case .sized(let count):
        guard let bytes = buffer.take(count) else { return nil }
        body = bytes
        state = .done
      case .chunkSize:
        guard let line = try takeLine() else { return nil }
        // The size of a chunk is no part of the head; its line is bounded by itself.
        headByteCount -= line.count + 2
        let size = try HTTPAnswerParser.chunkSize(line)
        guard size <= limits.bodyByteCount - body.count else { throw .bodyTooLong }
        state = size == 0 ? .trailers : .chunk(size)
      case .chunk(let size):
        guard let bytes = buffer.take(size) else { return nil }
        body += bytes
        state = .chunkEnd
      case .chunkEnd:
        guard let bytes = buffer.take(2) else { return nil }
        guard bytes == [0x0d, 0x0a] else { throw .malformed("expected CRLF behind a chunk") }
        state = .chunkSize
      case .trailers:
        guard let line = try takeLine() else { return nil }
        // What they say comes too late to be heeded.
        if line.isEmpty { state = .done }
      case .done:
        return HTTPResponse(status: status, fields: head.fields, body: body)
      }
    }
  }

  private func begin(_ status: Int) throws(HTTPError) -> State {
    guard status >= 200 else {
      guard status != 101 else { throw .malformed("expected no other protocol") }
      return .status
    }
    if isOfHead || status == 204 || status == 304 { return .done }
    if head.isChunked {
      guard head.contentLength == nil else {
        throw .malformed("expected Content-Length or chunks, not both")
      }
      return .chunkSize
    }
    guard let length = head.contentLength else {
      throw .malformed("expected Content-Length or chunks")
    }
    return .sized(length)
  }

  private mutating func takeLine() throws(HTTPError) -> ArraySlice<UInt8>? {
    let (limits, taken) = (limits, headByteCount)
    let line = try buffer.takeLine { (byteCount) throws(HTTPError) in
      guard byteCount <= limits.startLineByteCount,
        taken + byteCount + 2 <= limits.headByteCount
      else { throw .headTooLong }
    }
    headByteCount += line.map { $0.count + 2 } ?? 0
    return line
  }

  /// The code of `HTTP/1.1 200 OK`.
  private static func status(_ line: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2,
      parts[0].elementsEqual("HTTP/1.1".utf8) || parts[0].elementsEqual("HTTP/1.0".utf8)
    else { throw .malformed("expected HTTP/1.1 and a status") }
    guard parts[1].count == 3, parts[1].allSatisfy({ 0x30...0x39 ~= $0 }) else {
      throw .malformed("expected a status of three digits")
    }
    let status = parts[1].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    guard 100...599 ~= status else { throw .malformed("expected a status from 100 to 599") }
    return status
  }

  /// Hexadecimal digits; what stands behind a semicolon says nothing to us.
  private static func chunkSize(_ line: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    let digits = line.prefix { $0 != 0x3b && $0 != 0x20 && $0 != 0x09 }
    let rest = line.dropFirst(digits.count).drop { $0 == 0x20 || $0 == 0x09 }
    guard 1...8 ~= digits.count, rest.isEmpty || rest.first == 0x3b,
      let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), digits.first != 0x2b,
      digits.first != 0x2d
    else { throw .malformed("expected the size of a chunk") }
    return size
  }
}
