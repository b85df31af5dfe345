// One connection of a server as a value: bytes and times in, bytes and deadlines out. It opens no
// socket and reads no clock, so that every way in which a peer can misbehave is a test.
//
//     idle ──► reading a request ─┬────────────────► answering ──► idle …
//                     │           └─► awaiting ────────► │
//                     └─► error answer ──────────────────┴─► lingering ──► finished
//
// While an answer is worked out, or waits to be sent, nothing is read: a peer that asks and does not listen
// fills its own buffers, not ours.

/// What a server knows of one peer.
public struct HTTPConnection: Sendable {
  private enum Phase {
    case idle
    case reading
    /// The answer is being worked out elsewhere.
    case awaiting
    case answering
    /// Everything is sent: what still comes is thrown away, so that the answer is not lost.
    case lingering
    case finished
  }

  private let limits: HTTPLimits
  private let refusal: @Sendable (HTTPError) -> HTTPResponse
  private var parser: HTTPRequestParser
  private var phase = Phase.idle
  /// When the connection is given up, or the request answered with a time-out.
  public private(set) var deadline: Int64
  /// Whether the connection ends with the answer at hand.
  private var isLast = false
  /// Of the request whose answer is awaited.
  private var asked: HTTPRequest?
  private var output: [UInt8] = []
  private var sentCount = 0

  /// A connection that has just been opened; times are milliseconds of one clock.
  ///
  /// - Parameter refusal: The answer to what is no request that is taken.
  public init(
    limits: HTTPLimits, now: Int64,
    refusal: @escaping @Sendable (HTTPError) -> HTTPResponse = HTTPResponse.init(refusing:)
  ) {
    self.limits = limits
    self.refusal = refusal
    parser = HTTPRequestParser(limits: limits)
    deadline = now + limits.idleMilliseconds
  }

  /// What is to be sent now.
  public var unsent: ArraySlice<UInt8> { output[sentCount...] }
  /// Whether the next thing to do is to receive.
  public var wantsInput: Bool { unsent.isEmpty && phase != .finished && phase != .awaiting }
  /// Whether the answer is being worked out elsewhere: neither is there anything to send, nor is anything read.
  public var isAwaiting: Bool { phase == .awaiting }
  /// Whether no request is under way.
  public var isIdle: Bool { phase == .idle }
  /// Whether the sending side is to be shut.
  public var isLingering: Bool { phase == .lingering }
  /// Whether the connection is to be closed.
  public var isFinished: Bool { phase == .finished }

  /// Takes what was received and answers what is whole of it.
  ///
  /// - Parameter handler: `nil` for an answer that `answer` brings later.
  public mutating func receive(
    _ bytes: ArraySlice<UInt8>, now: Int64, handler: (HTTPRequest) -> HTTPResponse?
  ) {
    guard phase != .lingering, phase != .finished else { return }
    parser.append(bytes)
    proceed(now, handler)
  }

  /// Brings the answer that was awaited.
  public mutating func answer(_ response: HTTPResponse, now: Int64) {
    guard phase == .awaiting, let asked else { return }
    answer(asked, response, now)
  }

  /// The peer has gone, or has shut its side: nothing is read before what it asked is answered, so
  /// nothing is owed to it.
  public mutating func end() { phase = .finished }

  /// Takes note that some of `unsent` was sent, and answers what was waiting behind it.
  public mutating func sent(_ count: Int, now: Int64, handler: (HTTPRequest) -> HTTPResponse?) {
    sentCount += count
    guard unsent.isEmpty else { return }
    (output, sentCount) = ([], 0)
    guard phase == .answering else { return }
    if isLast {
      phase = .lingering
      deadline = now + limits.lingerMilliseconds
    } else {
      phase = .idle
      deadline = now + limits.idleMilliseconds
      proceed(now, handler)
    }
  }

  /// The deadline has passed.
  public mutating func expire(now: Int64) {
    // A request that was begun gets an answer, once; everything else just ends.
    guard phase == .reading, unsent.isEmpty else {
      phase = .finished
      return
    }
    answer(refusal(.timeout), now, isLast: true)
  }

  /// Answers the next request if it is whole.
  private mutating func proceed(_ now: Int64, _ handler: (HTTPRequest) -> HTTPResponse?) {
    guard phase != .awaiting else { return }
    do throws(HTTPError) {
      guard let request = try parser.next() else {
        if parser.isInsideRequest && phase == .idle {
          phase = .reading
          deadline = now + limits.requestMilliseconds
        }
        if parser.takeContinue() { output += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8) }
        return
      }
      guard let response = handler(request) else {
        (phase, asked, deadline) = (.awaiting, request, .max)
        return
      }
      answer(request, response, now)
    } catch {
      answer(refusal(error), now, isLast: true)
    }
  }

  private mutating func answer(_ request: HTTPRequest, _ response: HTTPResponse, _ now: Int64) {
    asked = nil
    answer(
      response, now, isLast: !request.keepsConnection, leavesOutBody: request.method == "HEAD")
  }

  private mutating func answer(
    _ response: HTTPResponse, _ now: Int64, isLast: Bool, leavesOutBody: Bool = false
  ) {
    output += response.bytes(keepsConnection: !isLast, leavesOutBody: leavesOutBody)
    self.isLast = self.isLast || isLast
    phase = .answering
    deadline = now + limits.answerMilliseconds
  }
}

extension HTTPResponse {
  /// Says in plain text why something is no request that is taken.
  public init(refusing error: HTTPError) {
    self.init(status: error.status, text: "\(error)\n")
  }
}
