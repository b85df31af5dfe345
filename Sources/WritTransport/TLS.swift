// TLS 1.3 (RFC 8446) between two who know each other's keys: no authority signs for anybody.
//
// Each side has one Ed25519 key, shows it in a certificate that this key has signed itself, and takes the
// keys that it was told and no others. Names, dates and issuers in certificates say nothing and are not
// looked at. There are no tickets and no early data: each connection shows both keys anew.
//
// A channel is a value at heart: bytes of the network go in, bytes of the peer and bytes for the network
// come out. It knows no socket and no clock.
//
// Servers of others are vouched for by authorities instead, by name: TLS 1.2 or 1.3, and nothing is shown of ourselves.
import COpenSSL
import COpenSSLTLS
public import WritCrypto

/// Why a peer is not talked to.
public enum TLSError: Error, Hashable, Sendable {
  /// It showed a key that is not one of those that are taken; its bytes, or none where it showed no
  /// Ed25519 key.
  case strangeKey([UInt8])
  /// The handshake is longer than any that is right.
  case handshakeTooLong(byteCount: Int)
  /// No authority that is believed vouches for it by the name that was asked for; in libcrypto's words.
  case notVouchedFor(String)
  /// Authorities cannot be read from a file.
  case noAuthorities(String)
  /// What it sent is not TLS as it is spoken here, or it does not take this side's key; in libssl's words.
  case refused(String)
}

extension TLSError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .strangeKey([]): "the peer shows no Ed25519 key"
    case .strangeKey(let key):
      "the peer shows the TLS key \(Digest(of: key).hex.prefix(16))…, which is not one of those named"
    case .notVouchedFor(let words): "the peer's certificate does not hold: \(words)"
    case .noAuthorities(let path): "no certificates of authorities can be read from \(path)"
    case .handshakeTooLong(let count): "a TLS handshake of more than \(count) bytes"
    case .refused(let words): "no TLS with the peer: \(words)"
    }
  }
}

/// Bounds of TLS.
public enum TLSLimits {
  /// Bytes that a peer may send before it is known.
  public static let handshakeByteCount = 16_384
  /// The same of one that shows certificates of authorities.
  public static let vouchedHandshakeByteCount = 131_072
  /// Milliseconds in which it must be known.
  public static let handshakeMilliseconds: Int64 = 10_000
  /// Bytes that wait to be sent, above which no more are taken.
  static let unsentByteCount = 262_144
}

/// A key of one's own, and those that are taken of others. One thread at a time.
public final class TLSContext {
  let pointer: OpaquePointer
  fileprivate let peers: Set<[UInt8]>
  /// Authorities vouch for the name of the peer.
  fileprivate let isOfAuthorities: Bool
  /// What was shown last and not taken.
  fileprivate var strange: [UInt8]?

  /// - Parameter peers: at least one; whoever has another key is refused.
  public init(key: Ed25519PrivateKey, peers: [Ed25519PublicKey]) {
    precondition(!peers.isEmpty, "somebody to talk to")
    self.peers = Set(peers.map(\.bytes))
    isOfAuthorities = false
    guard let context = SSL_CTX_new(TLS_method()) else {
      preconditionFailure("libssl makes a context")
    }
    pointer = context
    var seed = key.seed
    let pair = EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed, seed.count)
    OPENSSL_cleanse(&seed, seed.count)
    defer { EVP_PKEY_free(pair) }
    let certificate = key.certificate
    let isSet =
      SSL_CTX_use_certificate_ASN1(context, Int32(certificate.count), certificate) == 1
      && SSL_CTX_use_PrivateKey(context, pair) == 1
      && control(SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION)) == 1
      && control(SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION)) == 1
      && control(SSL_CTRL_SET_SIGALGS_LIST, 0, "ed25519") == 1
      && control(SSL_CTRL_SET_GROUPS_LIST, 0, "X25519") == 1
      && SSL_CTX_set_num_tickets(context, 0) == 1
    precondition(isSet, "libssl takes an Ed25519 key and TLS 1.3")
    _ = control(SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF))
    _ = control(SSL_CTRL_SET_MAX_CERT_LIST, TLSLimits.handshakeByteCount)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_cert_verify_callback(
      context, { store, argument in TLSContext.judge(store, argument) },
      Unmanaged.passUnretained(self).toOpaque())
  }

  /// To talk to servers for whose names authorities vouch.
  ///
  /// - Parameter file: The certificates of the authorities, in PEM; `nil` for those of the system.
  public init(authorities file: String?) throws(TLSError) {
    guard let context = SSL_CTX_new(TLS_client_method()) else {
      preconditionFailure("libssl makes a context")
    }
    defer { ERR_clear_error() }
    let isRead =
      file.map { SSL_CTX_load_verify_file(context, $0) }
      ?? SSL_CTX_set_default_verify_paths(context)
    guard isRead == 1 else {
      SSL_CTX_free(context)
      throw .noAuthorities(file ?? "where the system keeps them")
    }
    (pointer, peers, isOfAuthorities) = (context, [], true)
    let isSet =
      control(SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION)) == 1
      && SSL_CTX_set_num_tickets(context, 0) == 1
    precondition(isSet, "libssl takes TLS 1.2 for the oldest")
    _ = control(SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF))
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
  }

  deinit { SSL_CTX_free(pointer) }

  private func control(_ command: Int32, _ number: Int, _ text: String? = nil) -> Int {
    guard let text else { return SSL_CTX_ctrl(pointer, command, number, nil) }
    return text.withCString {
      SSL_CTX_ctrl(pointer, command, number, UnsafeMutableRawPointer(mutating: $0))
    }
  }

  /// Whether the key in a certificate is one of those that are taken: 1 or 0.
  private static func judge(_ store: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32
  {
    guard let argument else { return 0 }
    let context = Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
    var key = [UInt8](repeating: 0, count: 32)
    var count = key.count
    let shown = X509_get0_pubkey(X509_STORE_CTX_get0_cert(store))
    guard EVP_PKEY_is_a(shown, "ED25519") == 1,
      EVP_PKEY_get_raw_public_key(shown, &key, &count) == 1, count == 32
    else {
      context.strange = []
      return 0
    }
    if context.peers.contains(key) { return 1 }
    context.strange = key
    return 0
  }
}

/// One connection under TLS, without its socket. One thread at a time.
public final class TLSChannel {
  private let context: TLSContext
  private let state: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private var handshakeByteCount = 0
  /// Whether both sides have shown their keys. Of a server that is all; a client learns whether its own
  /// key is taken by what the server says next.
  public private(set) var isReady = false
  /// Whether the peer has said that nothing more will come.
  public private(set) var isEnded = false

  /// The side that connected.
  ///
  /// - Parameter host: The name or number that authorities must vouch for, where the context is of these.
  public convenience init(client context: TLSContext, host: String? = nil) {
    self.init(context)
    if context.isOfAuthorities { expect(host ?? "") }
    SSL_set_connect_state(state)
    SSL_do_handshake(state)
  }

  /// The side that listens.
  public convenience init(server context: TLSContext) {
    self.init(context)
    SSL_set_accept_state(state)
  }

  /// Whom the certificate must name. An empty name is nobody's.
  private func expect(_ host: String) {
    let parameters = SSL_get0_param(state)
    X509_VERIFY_PARAM_set_hostflags(
      parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return }
    let name = host.isEmpty ? "." : host
    let isSet = SSL_set1_host(state, name) == 1
    precondition(isSet, "libssl takes a name")
    name.withCString {
      _ = SSL_ctrl(
        state, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
        UnsafeMutableRawPointer(mutating: $0))
    }
  }

  private init(_ context: TLSContext) {
    self.context = context
    guard let state = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
      let outgoing = BIO_new(BIO_s_mem())
    else { preconditionFailure("libssl makes a connection") }
    (self.state, self.incoming, self.outgoing) = (state, incoming, outgoing)
    // Both belong to the connection from here on.
    SSL_set_bio(state, incoming, outgoing)
  }

  deinit { SSL_free(state) }

  /// Takes bytes of the network; returns those of the peer that are whole by now.
  public func receive(_ bytes: ArraySlice<UInt8>) throws(TLSError) -> [UInt8] {
    if !isReady {
      handshakeByteCount += bytes.count
      let most =
        context.isOfAuthorities
        ? TLSLimits.vouchedHandshakeByteCount : TLSLimits.handshakeByteCount
      guard handshakeByteCount <= most else { throw .handshakeTooLong(byteCount: most) }
    }
    let taken = bytes.withUnsafeBytes { BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
    precondition(Int(taken) == bytes.count, "memory takes bytes")
    if !isReady {
      guard try isDone(SSL_do_handshake(state)) else { return [] }
      isReady = true
    }
    var plain: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while !isEnded {
      let count = SSL_read(state, &buffer, Int32(buffer.count))
      guard try isDone(count) else { break }
      plain += buffer[..<Int(count)]
    }
    return plain
  }

  /// Takes as many bytes for the peer as there is room for, none before both are known; returns how many.
  public func send(_ bytes: ArraySlice<UInt8>) throws(TLSError) -> Int {
    guard isReady, !bytes.isEmpty, BIO_ctrl_pending(outgoing) < TLSLimits.unsentByteCount
    else { return 0 }
    let part = bytes.prefix(TLSLimits.unsentByteCount)
    let count = part.withUnsafeBytes { SSL_write(state, $0.baseAddress, Int32($0.count)) }
    return try isDone(count) ? Int(count) : 0
  }

  /// How many bytes wait for the network.
  var unsentCount: Int { Int(BIO_ctrl_pending(outgoing)) }

  /// Bytes for the network, once.
  public func unsent() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: unsentCount)
    guard !bytes.isEmpty else { return [] }
    let count = BIO_read(outgoing, &bytes, Int32(bytes.count))
    return Array(bytes.prefix(max(0, Int(count))))
  }

  /// Whether a call has done what it should; `false` where it needs more bytes of the peer, or none come.
  private func isDone(_ result: Int32) throws(TLSError) -> Bool {
    defer { ERR_clear_error() }
    if result > 0 { return true }
    switch SSL_get_error(state, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
    case SSL_ERROR_ZERO_RETURN:
      isEnded = true
      return false
    default:
      if let strange = context.strange {
        context.strange = nil
        throw .strangeKey(strange)
      }
      let verdict = SSL_get_verify_result(state)
      if context.isOfAuthorities, verdict != Int(X509_V_OK) {
        throw .notVouchedFor(String(cString: X509_verify_cert_error_string(verdict)))
      }
      let words = ERR_reason_error_string(ERR_peek_error()).map { String(cString: $0) }
      throw .refused(words ?? "the connection is broken")
    }
  }
}
