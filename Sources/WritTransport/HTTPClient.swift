// One request to a server and its answer, within one deadline. Only http://: no TLS.
import Glibc

/// Asks servers, each time on a connection of its own.
public struct HTTPClient: Sendable {
  private let limits: HTTPLimits

  /// A client that takes answers within these limits.
  public init(limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
  }

  /// What stands at a URL.
  public func get(_ url: HTTPURL) throws(TransportError) -> HTTPResponse {
    try send(HTTPRequest(method: "GET", target: url.path), to: url.endpoint, host: url.host)
  }

  /// Sends a body to a URL.
  public func post(
    _ body: [UInt8], type: String, to url: HTTPURL
  ) throws(TransportError) -> HTTPResponse {
    let request = HTTPRequest(
      method: "POST", target: url.path, fields: [HTTPField("Content-Type", type)], body: body)
    return try send(request, to: url.endpoint, host: url.host)
  }

  /// Sends a request and waits for the answer, `HTTPLimits.exchangeMilliseconds` for all of it;
  /// looking up a host's name comes on top of that.
  public func send(
    _ request: HTTPRequest, to endpoint: Endpoint, host: String
  ) throws(TransportError) -> HTTPResponse {
    let addresses = try SocketAddress.addresses(of: endpoint, toListen: false)
    let deadline = monotonicMilliseconds() + limits.exchangeMilliseconds
    let socket = try connect(addresses, endpoint, deadline)
    // A server may answer, and close, before it has read everything.
    var unsent = request.bytes(host: host)[...]
    var parser = HTTPResponseParser(limits: limits)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let events = unsent.isEmpty ? POLLIN : POLLIN | POLLOUT
      var descriptors = [pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)]
      try waitUntilReady(&descriptors, deadline)
      if !unsent.isEmpty, descriptors[0].revents & Int16(POLLOUT) != 0 {
        switch socket.send(unsent) {
        case .count(let count): unsent = unsent.dropFirst(count)
        case .later: break
        // What was answered may still be read.
        case .failed: unsent = []
        }
      }
      guard descriptors[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { continue }
      switch socket.receive(&buffer) {
      case .later: break
      case .failed(let code): throw .system(act: "read from \(endpoint)", code: code)
      case .count(0): throw .closed
      case .count(let count):
        parser.append(buffer[..<count])
        do throws(HTTPError) {
          if let response = try parser.next() { return response }
        } catch {
          throw .message(error)
        }
      }
    }
  }

  /// Connects to the first address that answers.
  private func connect(
    _ addresses: [SocketAddress], _ endpoint: Endpoint, _ deadline: Int64
  ) throws(TransportError) -> Socket {
    var failure = TransportError.unknownHost("\(endpoint)")
    for address in addresses {
      let socket = try Socket.open(address.family)
      if address.lend({ Glibc.connect(socket.descriptor, $0, $1) }) == 0 { return socket }
      guard errno == EINPROGRESS else {
        failure = .system(act: "connect to \(endpoint)", code: errno)
        continue
      }
      var descriptors = [pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)]
      try waitUntilReady(&descriptors, deadline)
      var code: Int32 = 0
      var count = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &count)
      if code == 0 { return socket }
      failure = .system(act: "connect to \(endpoint)", code: code)
    }
    throw failure
  }

  private func waitUntilReady(
    _ descriptors: inout [pollfd], _ deadline: Int64
  ) throws(TransportError) {
    // Signals interrupt a wait; only the clock ends it.
    while !wait(&descriptors, milliseconds: deadline - monotonicMilliseconds()) {
      guard monotonicMilliseconds() < deadline else { throw .timeout }
    }
  }
}
