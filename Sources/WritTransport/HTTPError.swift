// What is wrong with a message, by the status that says so.

/// Why bytes are no message that is taken.
public enum HTTPError: Error, Hashable, Sendable {
  /// Not HTTP/1.1 to the letter; says what was expected.
  case malformed(String)
  /// The first line is longer than `HTTPLimits.startLineByteCount`.
  case startLineTooLong
  /// The head is longer than `HTTPLimits.headByteCount`, or has more than `HTTPLimits.fieldCount`.
  case headTooLong
  /// The body is longer than `HTTPLimits.bodyByteCount`.
  case bodyTooLong
  /// A transfer coding: only `Content-Length` is known.
  case transferCoding
  /// Neither HTTP/1.0 nor HTTP/1.1.
  case version
  /// An expectation other than `100-continue`.
  case expectation
  /// The request did not end in time.
  case timeout
  /// What takes its time is under way for somebody else.
  case busy

  /// What a server answers.
  public var status: Int {
    switch self {
    case .malformed: 400
    case .startLineTooLong: 414
    case .headTooLong: 431
    case .bodyTooLong: 413
    case .transferCoding: 501
    case .version: 505
    case .expectation: 417
    case .timeout: 408
    case .busy: 503
    }
  }
}

extension HTTPError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): "malformed message: \(expectation)"
    case .startLineTooLong: "the first line is too long"
    case .headTooLong: "the head is too long"
    case .bodyTooLong: "the body is too long"
    case .transferCoding: "transfer codings are not known, only Content-Length"
    case .version: "neither HTTP/1.0 nor HTTP/1.1"
    case .expectation: "an expectation that is not known"
    case .timeout: "the request did not end in time"
    case .busy: "something that takes its time is under way for somebody else"
    }
  }
}
