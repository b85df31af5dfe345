// A key as TLS wants it: in a certificate that it has signed itself (RFC 5280).
//
//     version 3, serial number: 16 bytes of the SHA-256 of the public key
//     issuer and subject: CN=writ
//     valid from 2020-01-01 to 9999-12-31, which stands for no end (RFC 5280, 4.1.2.5)
//     Ed25519 key and signature (RFC 8410), no extensions
//
// Nothing in it says more than the key. Whoever verifies it compares the key with the one that they were
// told, and trusts nobody who signs for others. Signatures of Ed25519 are deterministic, so the same key
// makes the same certificate each time and none has to be kept.
import COpenSSL

extension Ed25519PrivateKey {
  /// The certificate of the key, in PEM.
  public var certificatePEM: String { WritCrypto.pem(certificate, label: "CERTIFICATE") }

  /// The certificate of the key, DER.
  public var certificate: [UInt8] {
    let certificate = X509_new()
    defer { X509_free(certificate) }
    let name = X509_get_subject_name(certificate)
    let serial = Digest(of: publicKey.bytes).bytes.prefix(16)
    let number = BN_bin2bn(Array(serial), Int32(serial.count), nil)
    defer { BN_free(number) }
    let isFilled =
      X509_set_version(certificate, 2) == 1
      && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
      && X509_NAME_add_entry_by_txt(
        name, "CN", V_ASN1_UTF8STRING, Array("writ".utf8), 4, -1, 0) == 1
      && X509_set_issuer_name(certificate, name) == 1
      && ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "200101000000Z") == 1
      && ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "99991231235959Z") == 1
      && X509_set_pubkey(certificate, pair.key) == 1
      && X509_sign(certificate, pair.key, nil) > 0
    precondition(isFilled, "libcrypto makes a certificate of an Ed25519 key")
    var pointer: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(certificate, &pointer)
    defer { CRYPTO_free(pointer, nil, 0) }
    precondition(count > 0, "libcrypto writes a certificate")
    return Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
  }
}
