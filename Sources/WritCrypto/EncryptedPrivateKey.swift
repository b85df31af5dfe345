// A private key behind a passphrase: PKCS#8 `EncryptedPrivateKeyInfo` (RFC 5958) with PBES2
// (RFC 8018), in PEM.
//
//     SEQUENCE {
//       SEQUENCE { PBES2, SEQUENCE {
//         SEQUENCE { scrypt, SEQUENCE { salt, N, r, p } },      the passphrase becomes a key
//         SEQUENCE { aes256-CBC, iv } } },                      which this cipher is keyed with
//       OCTET STRING }                                          the private key in PKCS#8
//
// That is what is written. Read is also PBKDF2 with HMAC-SHA-256 or -512, and AES-128 and -192: what
// `openssl genpkey -aes256` and its like write. CBC has no tag: half of the seed can be changed
// without anything in here telling, so whoever opens a key compares its public half with one that
// is known from elsewhere.
import COpenSSL
import WritModel

/// A private key that only a passphrase opens.
public struct EncryptedPrivateKey: Hashable, Sendable {
  /// `EncryptedPrivateKeyInfo` in DER.
  public let der: [UInt8]
  /// How the passphrase becomes a key.
  public let derivation: KeyDerivation

  /// Bytes in a passphrase: at least 1, and no more than `openssl` takes.
  public static let passphraseByteCounts = 1...1000

  /// Reads DER; `nil` where it is no such structure, another algorithm than those above, or dearer
  /// than the bounds of `KeyDerivation`.
  public init?(der: [UInt8]) {
    defer { ERR_clear_error() }
    guard der.count <= 4096, let sealed = SealedKey(der), let derivation = sealed.derivation
    else { return nil }
    self.der = der
    self.derivation = derivation
  }

  /// Encrypts a key, whose salt and initialisation vector are fresh.
  public init(
    _ key: Ed25519PrivateKey, passphrase: SecretBytes, cost: ScryptCost
  ) throws(CryptoError) {
    precondition(
      EncryptedPrivateKey.passphraseByteCounts ~= passphrase.count && cost.isAllowed,
      "passphrase and cost are within their bounds")
    defer { ERR_clear_error() }
    guard let sealed = SealedKey(key, passphrase, cost) else { throw .noRandomBytes }
    der = sealed.der
    derivation = .scrypt(cost)
  }

  /// The key, `nil` where the passphrase is another one or the bytes were changed.
  ///
  /// Takes as long as `derivation` says: a quarter of a second for what is written here.
  public func open(with passphrase: SecretBytes) -> Ed25519PrivateKey? {
    defer { ERR_clear_error() }
    guard EncryptedPrivateKey.passphraseByteCounts ~= passphrase.count else { return nil }
    return SealedKey(der)?.open(with: passphrase)
  }

  /// `-----BEGIN ENCRYPTED PRIVATE KEY-----` and so on.
  public var pem: String { WritCrypto.pem(der, label: EncryptedPrivateKey.label) }

  /// Reads what `pem` writes; the last newline may be missing.
  public init?(pem: String) {
    guard let der = WritCrypto.der(pem, label: EncryptedPrivateKey.label) else { return nil }
    self.init(der: der)
  }

  private static let label = "ENCRYPTED PRIVATE KEY"
}

/// `X509_SIG` of libcrypto, which is what an encrypted private key is in memory.
private final class SealedKey {
  private let pointer: OpaquePointer

  /// Only the one encoding of DER.
  init?(_ der: [UInt8]) {
    let decoded = der.withUnsafeBufferPointer { bytes in
      var next = bytes.baseAddress
      return d2i_X509_SIG(nil, &next, bytes.count)
    }
    guard let decoded else { return nil }
    pointer = decoded
    guard self.der == der else { return nil }
  }

  /// Encrypts the key; `nil` where there are no random bytes.
  init?(_ key: Ed25519PrivateKey, _ passphrase: SecretBytes, _ cost: ScryptCost) {
    let opened = EVP_PKEY2PKCS8(key.pair.key)
    defer { PKCS8_PRIV_KEY_INFO_free(opened) }
    let algorithm = PKCS5_pbe2_set_scrypt(
      EVP_aes_256_cbc(), nil, 16, nil, cost.cost, cost.blockSize, cost.parallelism)
    guard let opened, let algorithm else { return nil }
    let sealed = passphrase.withUnsafeBytes { bytes in
      PKCS8_set0_pbe(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), opened,
        algorithm)
    }
    guard let sealed else {
      X509_ALGOR_free(algorithm)
      return nil
    }
    pointer = sealed
  }

  deinit { X509_SIG_free(pointer) }

  var der: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(max(0, i2d_X509_SIG(pointer, nil))))
    bytes.withUnsafeMutableBufferPointer { buffer in
      var next = buffer.baseAddress
      _ = i2d_X509_SIG(pointer, &next)
    }
    return bytes
  }

  /// The algorithm and the encrypted bytes, which the structure keeps.
  private var parts:
    (algorithm: UnsafePointer<X509_ALGOR>, bytes: UnsafePointer<ASN1_OCTET_STRING>)?
  {
    var algorithm: UnsafePointer<X509_ALGOR>?
    var bytes: UnsafePointer<ASN1_OCTET_STRING>?
    X509_SIG_get0(pointer, &algorithm, &bytes)
    guard let algorithm, let bytes else { return nil }
    return (algorithm, bytes)
  }

  var derivation: KeyDerivation? { parts.flatMap { KeyDerivation($0.algorithm) } }

  /// Decrypts, and takes an Ed25519 key in its one encoding, with nothing behind it.
  func open(with passphrase: SecretBytes) -> Ed25519PrivateKey? {
    guard let parts else { return nil }
    var plain: UnsafeMutablePointer<UInt8>?
    var count: Int32 = 0
    let done = passphrase.withUnsafeBytes { word in
      PKCS12_pbe_crypt(
        parts.algorithm, word.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(word.count), ASN1_STRING_get0_data(parts.bytes), ASN1_STRING_length(parts.bytes),
        &plain, &count, 0)
    }
    guard done != nil else { return nil }
    defer { CRYPTO_clear_free(plain, Int(count), nil, 0) }
    return Ed25519PrivateKey(
      pkcs8: UnsafeRawBufferPointer(start: plain, count: Int(max(0, count))))
  }
}
