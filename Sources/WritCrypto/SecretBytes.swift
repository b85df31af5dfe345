// Bytes that nobody finds in memory later: a passphrase, the inside of a key.
import COpenSSL

/// Bytes that are overwritten when nobody needs them any more.
///
/// They lie in one place that never moves, so no copy is left behind; whoever copies them out of it
/// has to see to the copy.
public final class SecretBytes: @unchecked Sendable {
  // Written to only before it is shared.
  private let buffer: UnsafeMutableRawBufferPointer

  /// So many zero bytes, to be filled.
  public init(count: Int) {
    buffer = .allocate(byteCount: count, alignment: 1)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// A copy of these bytes.
  public convenience init(copying bytes: UnsafeRawBufferPointer) {
    self.init(count: bytes.count)
    buffer.copyMemory(from: bytes)
  }

  deinit {
    OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    buffer.deallocate()
  }

  /// How many there are.
  public var count: Int { buffer.count }

  /// Lends the bytes.
  public func withUnsafeBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeRawBufferPointer(buffer))
  }

  /// Lends the bytes to whoever fills them, before they are shared.
  public func withUnsafeMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(buffer)
  }
}
