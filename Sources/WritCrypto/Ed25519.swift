// Ed25519 (RFC 8032): keys that sign, keys that verify, and their raw form.
//
// Signatures are deterministic. What libcrypto 3.0 accepts is accepted: it refuses a non-canonical
// R and takes other odd encodings of points (corpus/evidence/vectors/ed25519 says which).
import COpenSSL

/// A key that verifies.
public struct Ed25519PublicKey: Hashable, Sendable {
  /// 32 bytes, as RFC 8032 encodes a point; whether they are one shows when something is verified.
  public let bytes: [UInt8]

  /// Exactly 32 bytes; any other count is `nil`.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Whether that is this key's signature of the message.
  public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == Ed25519PrivateKey.signatureByteCount,
      let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count)
    else { return false }
    defer { EVP_PKEY_free(key) }
    return WritCrypto.verify(signature, of: message, key: key, digest: nil)
  }
}

/// A key that signs. Its secret half is never part of a description.
public struct Ed25519PrivateKey: Sendable {
  let pair: KeyPair
  /// The half that everybody may have.
  public let publicKey: Ed25519PublicKey

  /// Bytes in a signature.
  public static let signatureByteCount = 64

  /// The key that RFC 8032 derives from a seed of 32 bytes; any other count is `nil`.
  public init?(seed: [UInt8]) {
    guard let key = seed.withUnsafeBytes({ Ed25519PrivateKey(seedBytes: $0) }) else { return nil }
    self = key
  }

  /// The same, without a copy of the seed that stays behind.
  init?(seedBytes seed: UnsafeRawBufferPointer) {
    let bytes = seed.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard seed.count == 32,
      let key = EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, bytes, seed.count)
    else { return nil }
    pair = KeyPair(key)
    guard let bytes = pair.raw(EVP_PKEY_get_raw_public_key),
      let publicKey = Ed25519PublicKey(bytes)
    else { return nil }
    self.publicKey = publicKey
  }

  /// A key that nobody had before.
  public static func generate() throws(CryptoError) -> Ed25519PrivateKey {
    guard let key = Ed25519PrivateKey(seed: try randomBytes(32)) else { throw .noRandomBytes }
    return key
  }

  /// The 32 secret bytes that the key is derived from.
  public var seed: [UInt8] { pair.raw(EVP_PKEY_get_raw_private_key) ?? [] }

  /// The 64 bytes that only this key can make for this message.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Ed25519PrivateKey.signatureByteCount)
    var count = signature.count
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    let done =
      EVP_DigestSignInit_ex(context, nil, nil, nil, nil, pair.key, nil) == 1
      && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    precondition(done && count == signature.count, "libcrypto signs with an Ed25519 key")
    return signature
  }
}

/// A key pair that libcrypto holds. It never changes once made, so threads share it; making one
/// costs as much as a signature.
final class KeyPair: @unchecked Sendable {
  let key: OpaquePointer

  init(_ key: OpaquePointer) { self.key = key }

  deinit { EVP_PKEY_free(key) }

  /// The 32 bytes of one half.
  func raw(
    _ read: (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?) -> Int32
  ) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = bytes.count
    return read(key, &bytes, &count) == 1 && count == bytes.count ? bytes : nil
  }
}

/// One verification by libcrypto; `digest` is nil where the scheme hashes by itself.
func verify(
  _ signature: [UInt8], of message: [UInt8], key: OpaquePointer, digest: String?
) -> Bool {
  let context = EVP_MD_CTX_new()
  defer {
    EVP_MD_CTX_free(context)
    // A signature that fails leaves reasons in the thread's queue; nobody reads them.
    ERR_clear_error()
  }
  guard EVP_DigestVerifyInit_ex(context, nil, digest, nil, nil, key, nil) == 1 else { return false }
  return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
}
