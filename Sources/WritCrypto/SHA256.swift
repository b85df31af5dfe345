// SHA-256 by libcrypto: one algorithm fetched once, one context a hasher, reused for each message.
import COpenSSL

/// Hashes message after message, each given in as many pieces as suits the caller.
///
/// One thread at a time. Reusing a hasher saves two thirds of the cost of a short message
/// (docs/performance.md), so whoever hashes much keeps one.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// A hasher at the beginning of its first message.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, algorithm.md, nil) == 1 else {
      preconditionFailure("libcrypto cannot begin a SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes the next bytes of the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    precondition(EVP_DigestUpdate(context, start, bytes.count) == 1, "SHA-256 takes bytes")
  }

  /// Takes the next bytes of the message.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes the next bytes of the message.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes the next byte of the message.
  public mutating func update(byte: UInt8) {
    withUnsafeBytes(of: byte) { update($0) }
  }

  /// Takes the 32 bytes of a digest as the next bytes of the message.
  public mutating func update(_ digest: Digest) {
    digest.withUnsafeBytes { update($0) }
  }

  /// The digest of all that was taken; the hasher is then ready for another message.
  public mutating func finish() -> Digest {
    let digest = withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) {
      let out = $0.baseAddress?.assumingMemoryBound(to: UInt8.self)
      precondition(EVP_DigestFinal_ex(context, out, nil) == 1, "SHA-256 ends")
      return Digest(loading: UnsafeRawBufferPointer($0))
    }
    precondition(EVP_DigestInit_ex2(context, nil, nil) == 1, "SHA-256 begins again")
    return digest
  }
}

extension Digest {
  /// The SHA-256 of these bytes.
  public init(of bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { Digest(of: $0) }
  }

  /// The SHA-256 of these bytes.
  public init(of bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes { Digest(of: $0) }
  }

  /// The SHA-256 of these bytes.
  public init(of bytes: UnsafeRawBufferPointer) {
    self = withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) {
      let out = $0.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let done = EVP_Digest(bytes.baseAddress, bytes.count, out, nil, algorithm.md, nil)
      precondition(done == 1, "libcrypto digests")
      return Digest(loading: UnsafeRawBufferPointer($0))
    }
  }
}

/// SHA-256, fetched once: an implicit fetch would cost more than the hash of a short message.
private let algorithm = Algorithm("SHA256")

/// A fetched `EVP_MD`. It never changes and libcrypto counts its references atomically, so threads
/// share it.
private final class Algorithm: @unchecked Sendable {
  let md: OpaquePointer

  init(_ name: String) {
    guard let md = EVP_MD_fetch(nil, name, nil) else {
      preconditionFailure("libcrypto has no \(name)")
    }
    self.md = md
  }

  deinit { EVP_MD_free(md) }
}
