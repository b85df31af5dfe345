// Where a server is reached: a TCP port, or a Unix socket; and URLs of HTTP.

/// An address to listen at or to connect to: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/writ.sock`.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A name or number of a host, and a port; 0 lets the system choose one to listen at.
  case tcp(host: String, port: UInt16)
  /// The path of a socket, at most 107 bytes.
  case unix(path: String)

  /// Reads what `description` writes.
  public init?(_ text: String) {
    if text.utf8.starts(with: "unix:".utf8) {
      let path = String(text.dropFirst(5))
      guard 1...Endpoint.pathByteCount ~= path.utf8.count, !path.utf8.contains(0) else {
        return nil
      }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits), String(port) == digits,
      let host = Endpoint.host(String(text[..<colon]))
    else { return nil }
    self = .tcp(host: host, port: port)
  }

  /// Bytes in the path of a Unix socket.
  static let pathByteCount = 107

  /// The name or number of a host; `nil` of a Unix socket.
  var hostName: String? {
    switch self {
    case .tcp(let host, _): host
    case .unix: nil
    }
  }

  /// Whether a host is this machine, whatever a name server says: `localhost`, `127.x.y.z` or `::1`.
  public static func isLoopback(host: String) -> Bool {
    if lowercase(host) == Array("localhost".utf8) || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { part in UInt8(part).map { String($0) == part } ?? false }
  }

  /// As it is written on a command line.
  public var description: String {
    switch self {
    case .tcp(let host, let port): Endpoint.shown(host) + ":\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// A host as it stands in front of a port: an IPv6 number between brackets.
  static func shown(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

  /// The host in what stands in front of a port.
  static func host(_ text: String) -> String? {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    let host = isBracketed ? String(text.dropFirst().dropLast()) : text
    let isAllowed = host.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: !isBracketed || byte != 0x2d
      case 0x3a: isBracketed
      default: false
      }
    }
    return isAllowed && 1...255 ~= host.utf8.count ? host : nil
  }
}

/// Why a text is no URL that can be asked.
public enum URLError: Error, Hashable, Sendable {
  /// Another scheme than `http`.
  case scheme
  /// Not `http://host[:port][/path]`.
  case malformed
}

extension URLError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .scheme: "only http:// is spoken, without TLS"
    case .malformed: "expected http://host[:port][/path]"
    }
  }
}

/// `http://host[:port][/path]`, without user, query and fragment.
public struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
  /// Where the server is.
  public let endpoint: Endpoint
  /// What is sent as `Host`.
  public let host: String
  /// Begins with `/`; never ends in one but for the root.
  public let path: String

  /// Reads a URL; slashes at its end are left out.
  public init(_ text: String) throws(URLError) {
    guard let scheme = text.firstRange(of: "://") else { throw .malformed }
    guard lowercase(text[..<scheme.lowerBound]).elementsEqual("http".utf8) else { throw .scheme }
    let rest = text[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    var path = rest.dropFirst(authority.count)
    while path.hasSuffix("/") { path.removeLast() }
    let isPlain = path.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != 0x23 && $0 != 0x3f }
    let isIPv6Alone = authority.hasPrefix("[") && authority.hasSuffix("]")
    let hasPort = authority.contains(":") && !isIPv6Alone
    let full = hasPort ? String(authority) : authority + ":80"
    guard isPlain, case .tcp(let host, let port)? = Endpoint(full), port > 0 else {
      throw .malformed
    }
    endpoint = .tcp(host: host, port: port)
    self.host = String(authority)
    self.path = path.isEmpty ? "/" : String(path)
  }

  /// The URL of something below this one.
  public func appending(_ name: String) -> HTTPURL {
    HTTPURL(endpoint, host, path == "/" ? "/\(name)" : "\(path)/\(name)")
  }

  private init(_ endpoint: Endpoint, _ host: String, _ path: String) {
    self.endpoint = endpoint
    self.host = host
    self.path = path
  }

  /// The URL as text.
  public var description: String { "http://\(host)\(path == "/" ? "" : path)" }
}
