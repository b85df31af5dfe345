// Keys as PEM: SPKI for public keys, PKCS#8 for private ones (RFC 8410, RFC 7468).
//
// Every key that is read has one DER form of fixed length, so reading is comparing with a prefix:
//
//     Ed25519 public    30 2a 30 05 06 03 2b 65 70 03 21 00             || 32 bytes
//     Ed25519 private   30 2e 02 01 00 30 05 06 03 2b 65 70 04 22 04 20 || 32 bytes of seed
//     P-256 public      30 59 30 13 06 07 2a 86 48 ce 3d 02 01
//                       06 08 2a 86 48 ce 3d 03 01 07 03 42 00          || 65 bytes of point
import WritModel

private let ed25519PublicPrefix: [UInt8] = [
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
]
private let ed25519PrivatePrefix: [UInt8] = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]
private let p256PublicPrefix: [UInt8] = [
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
  0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]

/// A public key of either kind that attestations are signed with.
public enum PublicKey: Hashable, Sendable {
  case ed25519(Ed25519PublicKey)
  case p256(P256PublicKey)

  /// Whether that is this key's signature of the message.
  public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    switch self {
    case .ed25519(let key): key.verify(signature, of: message)
    case .p256(let key): key.verify(signature, of: message)
    }
  }

  /// The SubjectPublicKeyInfo in DER.
  public var spki: [UInt8] {
    switch self {
    case .ed25519(let key): ed25519PublicPrefix + key.bytes
    case .p256(let key): p256PublicPrefix + key.point
    }
  }

  /// Reads what `spki` writes.
  public init?(spki: [UInt8]) {
    if let bytes = spki.after(ed25519PublicPrefix), let key = Ed25519PublicKey(bytes) {
      self = .ed25519(key)
    } else if let bytes = spki.after(p256PublicPrefix), let key = P256PublicKey(point: bytes) {
      self = .p256(key)
    } else {
      return nil
    }
  }

  /// Lower-case hexadecimal SHA-256 of the SPKI: the `keyid` of Writ's envelopes.
  public var fingerprint: String { Digest(of: spki).hex }

  /// `-----BEGIN PUBLIC KEY-----` and so on.
  public var pem: String { WritCrypto.pem(spki, label: "PUBLIC KEY") }

  /// Reads what `pem` writes; the last newline may be missing.
  public init?(pem: String) {
    guard let der = der(pem, label: "PUBLIC KEY") else { return nil }
    self.init(spki: der)
  }
}

extension Ed25519PublicKey {
  /// Lower-case hexadecimal SHA-256 of the SPKI.
  public var fingerprint: String { PublicKey.ed25519(self).fingerprint }
}

extension Ed25519PrivateKey {
  /// `-----BEGIN PRIVATE KEY-----` and so on: a secret.
  public var pem: String { WritCrypto.pem(ed25519PrivatePrefix + seed, label: "PRIVATE KEY") }

  /// Reads what `pem` writes; the last newline may be missing.
  public init?(pem: String) {
    guard let der = der(pem, label: "PRIVATE KEY"), let seed = der.after(ed25519PrivatePrefix)
    else { return nil }
    self.init(seed: seed)
  }

  /// Reads PKCS#8 in DER: the prefix above and a seed, nothing else.
  init?(pkcs8 der: UnsafeRawBufferPointer) {
    guard der.starts(with: ed25519PrivatePrefix) else { return nil }
    self.init(seedBytes: UnsafeRawBufferPointer(rebasing: der[ed25519PrivatePrefix.count...]))
  }
}

extension [UInt8] {
  /// What follows the prefix, `nil` where another begins.
  fileprivate func after(_ prefix: [UInt8]) -> [UInt8]? {
    starts(with: prefix) ? Array(dropFirst(prefix.count)) : nil
  }
}

/// DER between its lines, 64 characters of base64 a line.
func pem(_ der: [UInt8], label: String) -> String {
  let characters = Array(Base64.encode(der).utf8)
  let lines = stride(from: 0, to: characters.count, by: 64).map { start in
    String(decoding: characters[start..<min(start + 64, characters.count)], as: UTF8.self)
  }
  return "-----BEGIN \(label)-----\n" + lines.map { $0 + "\n" }.joined()
    + "-----END \(label)-----\n"
}

/// Reads what `pem` writes, by writing it again.
func der(_ text: String, label: String) -> [UInt8]? {
  guard text.utf8.count <= 4096 else { return nil }
  let lines = text.utf8.split(separator: 0x0a)
  let body = lines.dropFirst().dropLast().flatMap { $0 }
  guard let der = Base64.decode(String(decoding: body, as: UTF8.self)) else { return nil }
  let written = pem(der, label: label)
  return hasSameBytes(text, written) || hasSameBytes(text + "\n", written) ? der : nil
}
