// X25519 (RFC 7748): keys that others seal to, in raw form and as PEM (RFC 8410).
import COpenSSL
import WritModel

private let publicPrefix: [UInt8] = [
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00,
]
private let privatePrefix: [UInt8] = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
]

/// A key that is sealed to.
public struct X25519PublicKey: Hashable, Sendable {
  /// The u-coordinate, 32 bytes.
  public let bytes: [UInt8]

  /// Exactly 32 bytes; any other count is `nil`.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// `-----BEGIN PUBLIC KEY-----` and so on.
  public var pem: String { WritCrypto.pem(publicPrefix + bytes, label: "PUBLIC KEY") }

  /// Reads what `pem` writes; the last newline may be missing.
  public init?(pem: String) {
    guard let der = der(pem, label: "PUBLIC KEY"), der.starts(with: publicPrefix) else {
      return nil
    }
    self.init(Array(der.dropFirst(publicPrefix.count)))
  }

  /// Lower-case hexadecimal SHA-256 of the SPKI.
  public var fingerprint: String { Digest(of: publicPrefix + bytes).hex }
}

/// A key that opens what was sealed. Its secret half is never part of a description.
public struct X25519PrivateKey: Sendable {
  private let pair: KeyPair
  /// The half that everybody may have.
  public let publicKey: X25519PublicKey

  /// The key of 32 bytes, which RFC 7748 clamps; any other count is `nil`.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 32,
      let key = EVP_PKEY_new_raw_private_key_ex(nil, "X25519", nil, bytes, bytes.count)
    else { return nil }
    pair = KeyPair(key)
    guard let bytes = pair.raw(EVP_PKEY_get_raw_public_key), let own = X25519PublicKey(bytes)
    else { return nil }
    publicKey = own
  }

  /// A key that nobody had before.
  public static func generate() throws(CryptoError) -> X25519PrivateKey {
    guard let key = X25519PrivateKey(try randomBytes(32)) else { throw .noRandomBytes }
    return key
  }

  /// The 32 bytes that only the owner of the other key gets as well; `nil` for the few public keys
  /// with which they would be zeros (RFC 7748, section 6.1).
  public func sharedSecret(with other: X25519PublicKey) -> SecretBytes? {
    defer { ERR_clear_error() }
    guard
      let peer = EVP_PKEY_new_raw_public_key_ex(
        nil, "X25519", nil, other.bytes, other.bytes.count)
    else { return nil }
    defer { EVP_PKEY_free(peer) }
    guard let context = EVP_PKEY_CTX_new_from_pkey(nil, pair.key, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1 else {
      return nil
    }
    let secret = SecretBytes(count: 32)
    let done = secret.withUnsafeMutableBytes { buffer in
      var count = buffer.count
      let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return EVP_PKEY_derive(context, start, &count) == 1 && count == 32
    }
    let isZero = secret.withUnsafeBytes { $0.allSatisfy { $0 == 0 } }
    return done && !isZero ? secret : nil
  }

  /// `-----BEGIN PRIVATE KEY-----` and so on: a secret.
  public var pem: String {
    let bytes = pair.raw(EVP_PKEY_get_raw_private_key) ?? []
    return WritCrypto.pem(privatePrefix + bytes, label: "PRIVATE KEY")
  }

  /// Reads what `pem` writes; the last newline may be missing.
  public init?(pem: String) {
    guard let der = der(pem, label: "PRIVATE KEY"), der.starts(with: privatePrefix) else {
      return nil
    }
    self.init(Array(der.dropFirst(privatePrefix.count)))
  }
}
