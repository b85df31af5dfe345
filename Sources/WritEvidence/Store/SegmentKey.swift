// What the checks in a segment of the write-ahead log are made with: a secret that only the holder of
// the log's key can make again, so that nobody else can add a frame that the log would then sign.
//
//     message   "writ write-ahead key v1" 00 | origin 00 | salt 16 | 00
//     secret    SHA-256(Ed25519 signature of the message)
//     check     the first bytes of HMAC-SHA-256 under the secret
//
// Ed25519 is deterministic (RFC 8032), so the secret is stored nowhere; a key that a device holds must
// sign so, too. The signature itself is never shown to anybody.
//
// Whoever writes the directory chooses the salt, and with it a part of what is signed. No such signature
// is one of anything else: the text of a note or checkpoint ends in a newline and has no byte below 0x20
// beside it, a cosignature begins "cosignature/v1", and an envelope, such as an approval, "DSSEv1".
import WritCrypto

/// The secret of one segment; one thread at a time.
final class SegmentKey {
  private var code: HMAC

  /// The secret that a key makes of a salt of 16 bytes.
  init(_ key: Ed25519PrivateKey, origin: KeyName, salt: [UInt8]) {
    let message =
      Array("writ write-ahead key v1\0".utf8) + Array(origin.description.utf8) + [0] + salt + [0]
    let secret = Digest(of: key.sign(message))
    code = HMAC(key: secret.withUnsafeBytes { SecretBytes(copying: $0) })
  }

  /// The code of some fields and the leaf hashes behind them. Checks of several kinds never stand for
  /// each other: a segment's head and a frame begin with different magic numbers, and a frame has entries.
  func check(of fields: ArraySlice<UInt8>, _ leaves: [Digest] = []) -> ArraySlice<UInt8> {
    code.update(fields)
    for leaf in leaves { code.update(leaf) }
    return code.finish().bytes[...]
  }
}
