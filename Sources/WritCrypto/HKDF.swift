// HKDF with SHA-256 (RFC 5869) by libcrypto: keys from a secret that is not evenly random.
import COpenSSL

/// Derives as many bytes as asked for, at most 255 times 32; what `info` differs in has nothing in
/// common.
public func hkdf(secret: SecretBytes, salt: [UInt8], info: [UInt8], count: Int) -> SecretBytes {
  precondition(1...255 * 32 ~= count, "HKDF yields up to 8,160 bytes")
  guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else {
    preconditionFailure("libcrypto has no HKDF")
  }
  defer { EVP_PKEY_CTX_free(context) }
  let derived = SecretBytes(count: count)
  let done = secret.withUnsafeBytes { key in
    let start = key.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard EVP_PKEY_derive_init(context) == 1,
      EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1,
      EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1,
      EVP_PKEY_CTX_set1_hkdf_key(context, start, Int32(key.count)) == 1,
      EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1
    else { return false }
    return derived.withUnsafeMutableBytes { buffer in
      var length = buffer.count
      let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return EVP_PKEY_derive(context, start, &length) == 1 && length == count
    }
  }
  precondition(done, "HKDF derives")
  return derived
}
