// A connection that this side began: bytes out, bytes in, none of which ever blocks.
import Glibc

/// A stream to an endpoint, closed with the last reference to it.
public final class StreamConnection: Sendable {
  /// Where it leads.
  public let endpoint: Endpoint
  private let socket: Socket

  /// Connects to the first address of an endpoint that answers in so many milliseconds.
  public init(to endpoint: Endpoint, milliseconds: Int64) throws(TransportError) {
    self.endpoint = endpoint
    let deadline = monotonicMilliseconds() + milliseconds
    var failure = TransportError.unknownHost("\(endpoint)")
    for address in try SocketAddress.addresses(of: endpoint, toListen: false) {
      let socket = try Socket.open(address.family)
      var code: Int32 = 0
      if address.lend({ connect(socket.descriptor, $0, $1) }) != 0 { code = errno }
      if code == EINPROGRESS { code = try StreamConnection.outcome(socket, deadline) }
      if code == 0 {
        if case .tcp = endpoint { socket.sendAtOnce() }
        self.socket = socket
        return
      }
      failure = .system(act: "connect to \(endpoint)", code: code)
    }
    throw failure
  }

  /// Takes over a connected socket that never blocks.
  public init(descriptor: Int32, endpoint: Endpoint) {
    self.endpoint = endpoint
    socket = Socket(descriptor)
  }

  /// A connection that came in.
  init(_ socket: Socket, endpoint: Endpoint) {
    self.socket = socket
    self.endpoint = endpoint
  }

  private static func outcome(
    _ socket: Socket, _ deadline: Int64
  ) throws(TransportError) -> Int32 {
    var descriptors = [pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)]
    while !wait(&descriptors, milliseconds: deadline - monotonicMilliseconds()) {
      guard monotonicMilliseconds() < deadline else { throw .timeout }
    }
    var code: Int32 = 0
    var count = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &count)
    return code
  }

  /// To wait for, beside others.
  public var descriptor: Int32 { socket.descriptor }

  /// What has come: `nil` for nothing yet, no bytes for the end.
  public func receive() throws(TransportError) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    switch socket.receive(&buffer) {
    case .count(let count): return Array(buffer[..<count])
    case .later: return nil
    case .failed(let code): throw .system(act: "read from \(endpoint)", code: code)
    }
  }

  /// Sends as many bytes as can be sent now, and says how many.
  public func send(_ bytes: ArraySlice<UInt8>) throws(TransportError) -> Int {
    switch socket.send(bytes) {
    case .count(let count): return count
    case .later: return 0
    case .failed(let code): throw .system(act: "write to \(endpoint)", code: code)
    }
  }
}
