// ECDSA over P-256 with SHA-256, to verify attestations that other tools signed; Writ never signs
// so.
import COpenSSL

/// A P-256 key that verifies.
public struct P256PublicKey: Hashable, Sendable {
  /// The uncompressed point: `04`, x, y; 65 bytes.
  public let point: [UInt8]

  /// Any 65 bytes that begin with `04`; whether they lie on the curve shows when something is
  /// verified.
  public init?(point: [UInt8]) {
    guard point.count == 65, point[0] == 0x04 else { return nil }
    self.point = point
  }

  /// Whether that is this key's signature, in DER, of the message.
  public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let key = libcryptoKey() else {
      ERR_clear_error()
      return false
    }
    defer { EVP_PKEY_free(key) }
    return WritCrypto.verify(signature, of: message, key: key, digest: "SHA256")
  }

  /// The point as a key of libcrypto, which checks that it lies on the curve.
  private func libcryptoKey() -> OpaquePointer? {
    let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_fromdata_init(context) == 1 else { return nil }
    var group = Array("prime256v1".utf8CString)
    var point = point
    var key: OpaquePointer?
    let done = group.withUnsafeMutableBufferPointer { group in
      point.withUnsafeMutableBytes { point in
        var parameters = [
          OSSL_PARAM_construct_utf8_string(pointer("group"), group.baseAddress, 0),
          OSSL_PARAM_construct_octet_string(pointer("pub"), point.baseAddress, point.count),
          OSSL_PARAM_construct_end(),
        ]
        return EVP_PKEY_fromdata(context, &key, publicKeySelection, &parameters)
      }
    }
    return done == 1 ? key : nil
  }
}

/// `EVP_PKEY_PUBLIC_KEY`, a macro that Swift does not take over: the public key (2) and all
/// parameters of its group (4 and 128).
private let publicKeySelection: Int32 = 0x86

/// The bytes of a constant: a parameter keeps the pointer to its name, so a bridged `String` would
/// not do.
private func pointer(_ name: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}
