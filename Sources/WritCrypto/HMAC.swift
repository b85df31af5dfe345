// HMAC with SHA-256 (RFC 2104, FIPS 198-1) by libcrypto: a check that only the holder of a key can make.
import COpenSSL

/// Authenticates message after message under one key, each given in as many pieces as suits the
/// caller; one thread at a time.
public struct HMAC: ~Copyable {
  private let context: OpaquePointer
  private let key: SecretBytes

  /// An authenticator at the beginning of its first message.
  public init(key: SecretBytes) {
    guard let context = EVP_MAC_CTX_new(algorithm.mac) else {
      preconditionFailure("libcrypto cannot begin an HMAC")
    }
    self.context = context
    self.key = key
    begin()
  }

  deinit { EVP_MAC_CTX_free(context) }

  /// Takes the next bytes of the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    precondition(EVP_MAC_update(context, start, bytes.count) == 1, "HMAC takes bytes")
  }

  /// Takes the next bytes of the message.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes the 32 bytes of a digest as the next bytes of the message.
  public mutating func update(_ digest: Digest) {
    digest.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes over all that was taken; ready for another message under the same key.
  public mutating func finish() -> Digest {
    let code = withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) {
      let out = $0.baseAddress?.assumingMemoryBound(to: UInt8.self)
      var count = 0
      let done = EVP_MAC_final(context, out, &count, Digest.byteCount) == 1
      precondition(done && count == Digest.byteCount, "HMAC ends")
      return Digest(loading: UnsafeRawBufferPointer($0))
    }
    begin()
    return code
  }

  /// The key is given each time: not every libcrypto 3.0 begins again without it.
  private func begin() {
    let done = key.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      var name = Array("SHA256".utf8CString)
      return name.withUnsafeMutableBufferPointer { name in
        let parameters = [
          OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0),
          OSSL_PARAM_construct_end(),
        ]
        return EVP_MAC_init(context, start, bytes.count, parameters)
      }
    }
    precondition(done == 1, "HMAC begins")
  }
}

/// Fetched once. It never changes and libcrypto counts its references atomically, so threads share it.
private let algorithm = Algorithm()

private final class Algorithm: @unchecked Sendable {
  let mac: OpaquePointer

  init() {
    guard let mac = EVP_MAC_fetch(nil, "HMAC", nil) else {
      preconditionFailure("libcrypto has no HMAC")
    }
    self.mac = mac
  }

  deinit { EVP_MAC_free(mac) }
}
