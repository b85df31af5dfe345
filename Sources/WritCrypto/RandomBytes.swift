// Random bytes from libcrypto's generator, which the kernel seeds.
import COpenSSL

/// Why an act of cryptography could not be done.
public enum CryptoError: Error, Hashable, Sendable {
  /// The machine gave no random bytes.
  case noRandomBytes
  /// The other side's key is one of the few with which everybody shares the same secret.
  case weakKey
}

/// Bytes that nobody can guess.
public func randomBytes(_ count: Int) throws(CryptoError) -> [UInt8] {
  guard count > 0 else { return [] }
  var bytes = [UInt8](repeating: 0, count: count)
  guard let count = Int32(exactly: count), RAND_priv_bytes(&bytes, count) == 1 else {
    throw .noRandomBytes
  }
  return bytes
}
