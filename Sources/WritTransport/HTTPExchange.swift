// One request to a server that is not ours, and its answer: http:// or https://, on a connection of its own.
//
// Nothing is followed, nothing is kept: a redirect is an answer like any other, cookies are fields. No proxy is asked, whatever
// an environment says.
import Glibc

/// A request on its way.
public struct HTTPExchange: Sendable {
  private let endpoint: Endpoint
  private let limits: HTTPLimits

  /// An exchange within these limits, `HTTPLimits.exchangeMilliseconds` for all of it.
  public init(with endpoint: Endpoint, limits: HTTPLimits) {
    self.endpoint = endpoint
    self.limits = limits
  }

  /// Sends a request and waits for the answer; looking up a host's name comes on top of the time.
  ///
  /// - Parameters:
  ///   - host: What is sent as `Host`.
  ///   - tls: A context of authorities; `nil` for no TLS.
  public func answer(
    to request: HTTPRequest, host: String, under tls: TLSContext?
  ) throws(TransportError) -> HTTPResponse {
    let deadline = monotonicMilliseconds() + limits.exchangeMilliseconds
    let connection = try StreamConnection(
      to: endpoint, milliseconds: limits.exchangeMilliseconds, under: tls)
    // A server may answer, and close, before it has read everything.
    var unsent = request.bytes(host: host)[...]
    var parser = HTTPAnswerParser(to: request.method, limits: limits)
    while true {
      guard let bytes = try connection.receive() else {
        if !unsent.isEmpty, connection.isReady {
          do throws(TransportError) {
            unsent = unsent.dropFirst(try connection.send(unsent))
          } catch .system(act: _, code: EPIPE) {
            unsent = []
          }
        }
        try wait(for: connection, isSending: !unsent.isEmpty, deadline)
        continue
      }
      guard !bytes.isEmpty else { throw .closed }
      parser.append(bytes[...])
      do throws(HTTPError) {
        if let response = try parser.next() { return response }
      } catch {
        throw .message(error)
      }
    }
  }

  private func wait(
    for connection: StreamConnection, isSending: Bool, _ deadline: Int64
  ) throws(TransportError) {
    let sends = connection.hasUnsent || isSending && connection.isReady
    let events = sends ? POLLIN | POLLOUT : POLLIN
    var descriptors = [pollfd(fd: connection.descriptor, events: Int16(events), revents: 0)]
    // Signals interrupt a wait; only the clock ends it.
    while !WritTransport.wait(&descriptors, milliseconds: deadline - monotonicMilliseconds()) {
      guard monotonicMilliseconds() < deadline else { throw .timeout }
    }
  }
}
