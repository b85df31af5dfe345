// Sockets of the system: to listen at, to connect, to send and receive, none of which ever blocks.
import CLinux
import Glibc

/// Why a socket could not be had or used.
public enum TransportError: Error, Hashable, Sendable {
  /// The system refused an act; the code is an `errno`.
  case system(act: String, code: Int32)
  /// No such host.
  case unknownHost(String)
  /// A server answers at that address already.
  case inUse(String)
  /// The peer did not answer in time.
  case timeout
  /// The peer closed the connection before it had answered.
  case closed
  /// What the peer sent is no answer that is taken.
  case message(HTTPError)
  /// There is no TLS with the peer.
  case tls(TLSError)
}

extension TransportError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .system(let act, let code):
      "cannot \(act): "
        + (strerror(code).map { String(cString: $0) } ?? "error \(code)").lowercased()
    case .unknownHost(let host): "no host `\(host)` is known"
    case .inUse(let address): "something answers at \(address) already"
    case .timeout: "no answer in time"
    case .closed: "the connection was closed before the answer"
    case .message(let error): error.description
    case .tls(let error): error.description
    }
  }
}

/// An open socket, closed with the last reference to it.
final class Socket: Sendable {
  let descriptor: Int32

  /// Takes a socket over.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// What became of an attempt to send or receive.
  enum Outcome {
    case count(Int)
    /// Nothing can be done now.
    case later
    case failed(Int32)
  }

  /// Receives at most as many bytes as the buffer has; 0 at the end.
  func receive(_ buffer: inout [UInt8]) -> Outcome {
    outcome(recv(descriptor, &buffer, buffer.count, 0))
  }

  /// Sends some of the bytes.
  func send(_ bytes: ArraySlice<UInt8>) -> Outcome {
    outcome(
      bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      })
  }

  private func outcome(_ count: Int) -> Outcome {
    if count >= 0 { return .count(count) }
    return errno == EAGAIN || errno == EINTR ? .later : .failed(errno)
  }

  /// Tells the peer that nothing more will be sent.
  func shutSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// A new socket that never blocks.
  static func open(_ family: Int32) throws(TransportError) -> Socket {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw .system(act: "open a socket", code: errno) }
    return Socket(descriptor)
  }

  /// Sends small answers at once.
  func sendAtOnce() {
    var one: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }
}

/// An address as the system wants it.
struct SocketAddress {
  let family: Int32
  private var storage = sockaddr_storage()
  private var byteCount: socklen_t = 0

  /// The addresses of an endpoint, best first. Asking for a name may wait for a name server.
  static func addresses(
    of endpoint: Endpoint, toListen: Bool
  ) throws(TransportError) -> [SocketAddress] {
    switch endpoint {
    case .unix(let path): return [SocketAddress(path)]
    case .tcp(let host, let port):
      var hints = addrinfo()
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
      hints.ai_flags = toListen ? AI_PASSIVE : 0
      var list: UnsafeMutablePointer<addrinfo>?
      guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw .unknownHost(host) }
      defer { freeaddrinfo(list) }
      let found = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
      return found.compactMap { $0.flatMap { SocketAddress($0.pointee) } }
    }
  }

  private init?(_ info: addrinfo) {
    guard let address = info.ai_addr, Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
    else { return nil }
    family = info.ai_family
    byteCount = info.ai_addrlen
    withUnsafeMutableBytes(of: &storage) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
    }
  }

  /// The address of a Unix socket; the path is no longer than `Endpoint.pathByteCount`.
  private init(_ path: String) {
    precondition(path.utf8.count <= Endpoint.pathByteCount, "an endpoint's path fits an address")
    family = AF_UNIX
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    byteCount = socklen_t(MemoryLayout<sockaddr_un>.size)
    withUnsafeMutableBytes(of: &storage) { target in
      withUnsafeBytes(of: &address) { target.copyMemory(from: $0) }
    }
  }

  /// Lends the address to a call of the system.
  func lend(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, byteCount) }
    }
  }
}

/// Milliseconds of a clock that never goes back.
func monotonicMilliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Waits until something can be done on one of these descriptors; `false` if time has run out.
func wait(_ descriptors: inout [pollfd], milliseconds: Int64) -> Bool {
  let count = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: max(0, milliseconds)))
  return count > 0
}
