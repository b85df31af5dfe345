// What a witness says of a checkpoint: C2SP tlog-cosignature, version 1, Ed25519.
//
// "At that time this is the largest consistent tree of this origin that I have seen." Signature
// bytes: the time as 64 bits, big endian, then Ed25519 over
//
//     cosignature/v1
//     time <POSIX seconds, decimal>
//     <the whole text of the checkpoint>
//
// ML-DSA-44 cosignatures (type 0x06) are carried and ignored like any unknown line: libcrypto
// verifies them from 3.5 on.
public import WritCrypto

/// A witness's time and signature.
public struct Cosignature: Hashable, Sendable {
  /// POSIX seconds: `0 < time < 2^63`.
  public let time: UInt64
  /// 64 bytes.
  public let signature: [UInt8]

  /// Reads the 72 bytes behind the key ID.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 72 else { return nil }
    time = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    signature = Array(bytes[8...])
    guard 0 < time, time < 1 << 63 else { return nil }
  }

  /// The witness's word at that time for the note text of a checkpoint.
  public init(of text: [UInt8], at time: UInt64, by key: Ed25519PrivateKey) {
    self.time = time
    signature = key.sign(Cosignature.message(text, time))
  }

  /// The 72 bytes behind the key ID.
  public var bytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) } + signature
  }

  /// Whether that key has signed that text at this time.
  public func verify(of text: [UInt8], by key: Ed25519PublicKey) -> Bool {
    key.verify(signature, of: Cosignature.message(text, time))
  }

  private static func message(_ text: [UInt8], _ time: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(time)\n".utf8) + text
  }
}
