// A connection of two: bytes out, bytes in, none of which ever blocks; under TLS where there is a key for it.
import Glibc

/// A stream to an endpoint, closed with the last reference to it. One thread at a time.
public final class StreamConnection {
  /// Where it leads.
  public let endpoint: Endpoint
  private let socket: Socket
  private let channel: TLSChannel?
  /// What is under TLS already and was not sent yet.
  private var unsent: ArraySlice<UInt8> = []
  private let began = monotonicMilliseconds()

  /// Connects to the first address of an endpoint that answers in so many milliseconds.
  ///
  /// - Parameter tls: The key to show, and whose are taken; nothing is sent before both are known. `nil` for no TLS.
  public init(
    to endpoint: Endpoint, milliseconds: Int64, under tls: TLSContext? = nil
  ) throws(TransportError) {
    self.endpoint = endpoint
    channel = tls.map { TLSChannel(client: $0, host: endpoint.hostName) }
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
    channel = nil
  }

  /// A connection that came in.
  init(_ socket: Socket, endpoint: Endpoint, under tls: TLSContext?) {
    self.socket = socket
    self.endpoint = endpoint
    channel = tls.map { TLSChannel(server: $0) }
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

  /// Whether to wait until something can be sent, though all that was handed over was taken.
  public var hasUnsent: Bool { !unsent.isEmpty || (channel?.unsentCount ?? 0) > 0 }

  /// Whether bytes are taken: under TLS, once both sides have shown their keys.
  public var isReady: Bool { channel?.isReady ?? true }

  /// What has come: `nil` for nothing yet, no bytes for the end.
  public func receive() throws(TransportError) -> [UInt8]? {
    guard let channel else { return try receivePlain() }
    try flush()
    guard channel.isReady || monotonicMilliseconds() - began < TLSLimits.handshakeMilliseconds
    else { throw .timeout }
    guard let bytes = try receivePlain() else { return nil }
    guard !bytes.isEmpty else { return [] }
    do throws(TLSError) {
      let plain = try channel.receive(bytes[...])
      try? flush()
      if plain.isEmpty { return channel.isEnded ? [] : nil }
      return plain
    } catch {
      // The peer is told, if it listens.
      try? flush()
      throw .tls(error)
    }
  }

  /// Sends as many bytes as can be sent now, and says how many.
  public func send(_ bytes: ArraySlice<UInt8>) throws(TransportError) -> Int {
    guard let channel else { return try sendPlain(bytes) }
    let count: Int
    do throws(TLSError) {
      count = try channel.send(bytes)
    } catch {
      throw .tls(error)
    }
    try flush()
    return count
  }

  /// Sends what is under TLS already, as far as that can be done now.
  private func flush() throws(TransportError) {
    guard let channel else { return }
    while true {
      if unsent.isEmpty { unsent = channel.unsent()[...] }
      guard !unsent.isEmpty else { return }
      let count = try sendPlain(unsent)
      guard count > 0 else { return }
      unsent = unsent.dropFirst(count)
    }
  }

  private func receivePlain() throws(TransportError) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    switch socket.receive(&buffer) {
    case .count(let count): return Array(buffer[..<count])
    case .later: return nil
    case .failed(let code): throw .system(act: "read from \(endpoint)", code: code)
    }
  }

  private func sendPlain(_ bytes: ArraySlice<UInt8>) throws(TransportError) -> Int {
    switch socket.send(bytes) {
    case .count(let count): return count
    case .later: return 0
    case .failed(let code): throw .system(act: "write to \(endpoint)", code: code)
    }
  }
}
