// How much a peer may ask of an HTTP server or client.

/// The bounds of one server or client; each has a name in what goes wrong beyond it.
public struct HTTPLimits: Sendable {
  /// Bytes in the first line of a message: 414 beyond, for a request.
  public var startLineByteCount = 8 << 10
  /// Bytes in all of a head, the first line with it: 431 beyond.
  public var headByteCount = 16 << 10
  /// Fields in a head: 431 beyond.
  public var fieldCount = 100
  /// Bytes in a body: 413 beyond.
  public var bodyByteCount = 1 << 20
  /// Connections at a time. A further one takes the place of the one that is idle longest, or waits
  /// in the system's queue.
  public var connectionCount = 64
  /// Milliseconds from the first byte of a request to its last: 408 beyond. A peer that sends one
  /// byte at a time gets no more than that.
  public var requestMilliseconds: Int64 = 10_000
  /// Milliseconds without a request before a connection is closed.
  public var idleMilliseconds: Int64 = 30_000
  /// Milliseconds that a peer may take to read an answer.
  public var answerMilliseconds: Int64 = 10_000
  /// Milliseconds that a closing connection is still read from, so that the last answer is not lost.
  public var lingerMilliseconds: Int64 = 2_000
  /// Milliseconds that a client gives one exchange, from connecting to the last byte.
  public var exchangeMilliseconds: Int64 = 10_000

  /// The usual bounds.
  public init() {}
}
