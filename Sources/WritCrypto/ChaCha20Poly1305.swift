// ChaCha20-Poly1305 (RFC 8439) by libcrypto: a cipher whose text cannot be changed unseen.
import COpenSSL

/// The cipher; one key and nonce must never meet two texts.
public enum ChaCha20Poly1305 {
  /// Bytes in a key.
  public static let keyByteCount = 32
  /// Bytes in a nonce.
  public static let nonceByteCount = 12
  /// Bytes that a sealed text is longer.
  public static let tagByteCount = 16

  /// The text, encrypted, and its tag over both text and what is only authenticated.
  public static func seal(
    _ text: SecretBytes, key: SecretBytes, nonce: [UInt8], authenticating data: [UInt8]
  ) -> [UInt8] {
    precondition(key.count == keyByteCount && nonce.count == nonceByteCount, "fixed lengths")
    var sealed = [UInt8](repeating: 0, count: text.count + tagByteCount)
    let done = withContext(key, nonce, isSealing: true) { context in
      var count: Int32 = 0
      guard EVP_EncryptUpdate(context, nil, &count, data, Int32(data.count)) == 1 else {
        return false
      }
      return sealed.withUnsafeMutableBufferPointer { out in
        text.withUnsafeBytes { bytes in
          let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
          let tag = out.baseAddress.map { $0 + bytes.count }
          return
            (bytes.isEmpty
            || EVP_EncryptUpdate(context, out.baseAddress, &count, start, Int32(bytes.count)) == 1)
            && EVP_EncryptFinal_ex(context, tag, &count) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), tag) == 1
        }
      }
    }
    precondition(done, "libcrypto encrypts")
    return sealed
  }

  /// The text; `nil` where key, nonce, text or what is authenticated is another.
  public static func open(
    _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], authenticating data: [UInt8]
  ) -> SecretBytes? {
    precondition(key.count == keyByteCount && nonce.count == nonceByteCount, "fixed lengths")
    guard sealed.count >= tagByteCount else { return nil }
    defer { ERR_clear_error() }
    let textCount = sealed.count - tagByteCount
    var tag = Array(sealed[textCount...])
    let text = SecretBytes(count: textCount)
    let done = withContext(key, nonce, isSealing: false) { context in
      var count: Int32 = 0
      guard EVP_DecryptUpdate(context, nil, &count, data, Int32(data.count)) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), &tag) == 1
      else { return false }
      return text.withUnsafeMutableBytes { out in
        let start = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var end: (UInt8, UInt8) = (0, 0)
        return
          (textCount == 0
          || EVP_DecryptUpdate(context, start, &count, sealed, Int32(textCount)) == 1)
          && withUnsafeMutableBytes(of: &end) {
            let end = $0.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return EVP_DecryptFinal_ex(context, end, &count) == 1
          }
      }
    }
    // What was decrypted and is not authentic is wiped with its buffer.
    return done ? text : nil
  }

  private static func withContext(
    _ key: SecretBytes, _ nonce: [UInt8], isSealing: Bool, _ body: (OpaquePointer) -> Bool
  ) -> Bool {
    guard let context = EVP_CIPHER_CTX_new() else { return false }
    defer { EVP_CIPHER_CTX_free(context) }
    let isReady = key.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return EVP_CipherInit_ex(
        context, EVP_chacha20_poly1305(), nil, start, nonce, isSealing ? 1 : 0) == 1
    }
    return isReady && body(context)
  }
}
