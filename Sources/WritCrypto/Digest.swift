// The SHA-256 of some bytes, as a value.
import WritModel

/// 32 bytes that stand for content, or for a node of a Merkle tree; ordered as bytes.
public struct Digest: Hashable, Sendable {
  /// The bytes as four big-endian words: small, and no allocation.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// Bytes in a digest.
  public static let byteCount = 32

  /// Exactly 32 bytes; any other count is `nil`.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Digest.byteCount else { return nil }
    var iterator = bytes.makeIterator()
    func word() -> UInt64 {
      (0..<8).reduce(0) { word, _ in word << 8 | UInt64(iterator.next() ?? 0) }
    }
    words = (word(), word(), word(), word())
  }

  /// Exactly 32 bytes of a buffer; any other count is `nil`.
  public init?(_ buffer: UnsafeRawBufferPointer) {
    guard buffer.count == Digest.byteCount else { return nil }
    self.init(loading: buffer)
  }

  /// The first 32 bytes of a buffer that has at least as many.
  init(loading buffer: UnsafeRawBufferPointer) {
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Digest.byteCount)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes.
  public func append(to bytes: inout [UInt8]) {
    withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// Lends the 32 bytes.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    let stored = (
      words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
    )
    return Swift.withUnsafeBytes(of: stored, body)
  }

  /// Equal where all 32 bytes are.
  public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

  /// Half of the bytes are enough to spread digests.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}

// As text: 64 lower-case hexadecimal digits, with or without the name of the algorithm.
extension Digest: CustomStringConvertible, Comparable {
  /// 64 lower-case digits.
  public var hex: String { Hex.encode(bytes) }

  /// `sha256:` and 64 lower-case digits: how documents name content.
  public var description: String {
    withUnsafeBytes { bytes in
      String(unsafeUninitializedCapacity: Digest.prefix.utf8.count + bytes.count * 2) { text in
        Hex.write(bytes, to: text, at: text.initialize(fromContentsOf: Digest.prefix.utf8))
      }
    }
  }

  /// The description as a JSON string.
  public var json: [UInt8] {
    withUnsafeBytes { bytes in
      let count = Digest.prefix.utf8.count + bytes.count * 2 + 2
      return [UInt8](unsafeUninitializedCapacity: count) { text, filled in
        text.initialize(repeating: UInt8(ascii: "\""))
        var place = 1
        for byte in Digest.prefix.utf8 {
          text[place] = byte
          place += 1
        }
        _ = Hex.write(bytes, to: text, at: place)
        filled = count
      }
    }
  }

  /// Reads what `hex` writes, from bytes.
  public init?(hexDigits digits: UnsafeBufferPointer<UInt8>) {
    guard digits.count == Digest.byteCount * 2 else { return nil }
    let digits = UnsafeRawBufferPointer(digits)
    var isGood = true
    func word(_ start: Int) -> UInt64 {
      Digest.number(of: digits, at: start, &isGood) << 32
        | Digest.number(of: digits, at: start + 8, &isGood)
    }
    words = (word(0), word(16), word(32), word(48))
    guard isGood else { return nil }
  }

  /// The number that eight digits are, without a branch for each of them.
  private static func number(
    of digits: UnsafeRawBufferPointer, at start: Int, _ isGood: inout Bool
  ) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let text = UInt64(littleEndian: digits.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    // Letters have the bit 0x40. Whatever is no digit is written otherwise than it was read.
    let values = text & (ones &* 0x0f) &+ ((text &>> 6) & ones) &* 9
    let letters = (values &+ ones &* 6) &>> 4 & ones
    let again = values &+ ones &* 0x30 &+ letters &* 0x27
    if again != text || values & (ones &* 0xf0) != 0 { isGood = false }
    let pairs = (values &<< 4 | values &>> 8) & 0x00ff_00ff_00ff_00ff
    let quads = (pairs | pairs &>> 8) & 0x0000_ffff_0000_ffff
    let packed = UInt32(truncatingIfNeeded: quads | quads &>> 16)
    return UInt64(packed.byteSwapped)
  }

  /// Reads what `hex` writes.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// Reads what `description` writes.
  public init?(_ text: String) {
    guard text.utf8.starts(with: Digest.prefix.utf8) else { return nil }
    self.init(hex: String(text.dropFirst(Digest.prefix.count)))
  }

  private static let prefix = "sha256:"

  /// The order of the bytes.
  public static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }
}
