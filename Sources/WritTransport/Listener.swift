// A socket that is listened at.
import CLinux
import Glibc

/// A listening socket; its address is free again when it is closed.
public final class Listener: Sendable {
  /// Where it is reached; the port is the one that the system chose.
  public let endpoint: Endpoint
  let socket: Socket

  /// Begins to listen. A Unix socket is for this user alone; one that nobody answers at any more is
  /// taken over.
  public init(_ wanted: Endpoint) throws(TransportError) {
    guard let address = try SocketAddress.addresses(of: wanted, toListen: true).first else {
      throw .unknownHost("\(wanted)")
    }
    socket = try Socket.open(address.family)
    var one: Int32 = 1
    setsockopt(
      socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    if case .unix(let path) = wanted { try Listener.removeStale(path, address) }
    let descriptor = socket.descriptor
    let mask = umask(0o177)
    let result = address.lend { bind(descriptor, $0, $1) }
    let code = errno
    umask(mask)
    guard result == 0 else {
      throw code == EADDRINUSE
        ? .inUse("\(wanted)") : .system(act: "listen at \(wanted)", code: code)
    }
    guard listen(descriptor, 128) == 0 else {
      throw .system(act: "listen at \(wanted)", code: errno)
    }
    endpoint = Listener.found(wanted, descriptor)
  }

  deinit { if case .unix(let path) = endpoint { unlink(path) } }

  /// Removes a socket file at which nobody answers.
  private static func removeStale(
    _ path: String, _ address: SocketAddress
  ) throws(TransportError) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    let probe = try Socket.open(address.family)
    if address.lend({ connect(probe.descriptor, $0, $1) }) == 0 || errno != ECONNREFUSED {
      throw .inUse("unix:\(path)")
    }
    unlink(path)
  }

  /// The endpoint with the port that is really listened at.
  private static func found(_ wanted: Endpoint, _ descriptor: Int32) -> Endpoint {
    guard case .tcp(let host, 0) = wanted else { return wanted }
    var storage = sockaddr_storage()
    var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(descriptor, $0, &count)
      }
    }
    // The port stands at the same place in addresses of both families.
    let port = withUnsafeBytes(of: storage) {
      UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
    return .tcp(host: host, port: port)
  }

  /// To wait for, beside others.
  public var descriptor: Int32 { socket.descriptor }

  /// The next connection that comes in so many milliseconds; `nil` if none does.
  ///
  /// - Parameter tls: The key to show, and whose are taken; `nil` for no TLS.
  public func connection(
    milliseconds: Int64, under tls: TLSContext? = nil
  ) -> StreamConnection? {
    let deadline = monotonicMilliseconds() + milliseconds
    while true {
      var descriptors = [pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)]
      let left = deadline - monotonicMilliseconds()
      if wait(&descriptors, milliseconds: max(0, left)), case .socket(let found) = accept() {
        return StreamConnection(found, endpoint: endpoint, under: tls)
      }
      if left <= 0 { return nil }
    }
  }

  /// What became of an attempt to take a connection.
  enum Accepted {
    case socket(Socket)
    /// Nobody waits.
    case none
    /// The system has no room for another: asking again at once would ask for ever.
    case exhausted
  }

  /// Takes the next connection that waits.
  func accept() -> Accepted {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = accept4(socket.descriptor, nil, nil, flags)
    guard descriptor >= 0 else {
      return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) ? .exhausted : .none
    }
    let socket = Socket(descriptor)
    if case .tcp = endpoint { socket.sendAtOnce() }
    return .socket(socket)
  }
}
