// Where the objects of a pack lie, so that they can be found without reading the pack.
//
//     "WRITOBX1" | number of the pack u64 | its byte count u64 | object count u32
//     first 16 bytes of the SHA-256 of the above and of what follows
//     for each object, by rising key: first 8 bytes of its SHA-256, u64 | offset u32
//
// Integers big endian. It can be made from the pack at any time, and is where it is missing or damaged. It is not
// believed: what stands at an offset must have the digest that was looked for.
public import WritCrypto

/// The objects of one pack by the beginnings of their digests.
public struct ObjectPackIndex: Hashable, Sendable {
  /// Of the pack.
  let number: UInt64
  /// Bytes of the pack up to behind its last object.
  let packByteCount: Int
  /// Rising.
  private var keys: [UInt64]
  private var offsets: [UInt32]

  private static let magic = Array("WRITOBX1".utf8)
  private static let checkByteCount = 16
  private static let headByteCount = 28
  private static let pairByteCount = 12

  /// Of all objects that are found in a pack. O(n log n) in their number.
  public init(of pack: ObjectPack, number: UInt64) { self.init(of: pack.places, number: number) }

  /// Of the objects of a pack, in their order.
  init(of places: [ObjectPack.Place], number: UInt64) {
    self.number = number
    let pairs = places.map { (key: ObjectPackIndex.key(of: $0.digest), offset: $0.offset) }
      .sorted { ($0.key, $0.offset) < ($1.key, $1.offset) }
    packByteCount = places.last?.end ?? ObjectPack.start
    keys = pairs.map(\.key)
    offsets = pairs.map { UInt32($0.offset) }
  }

  /// Reads what `bytes` writes; anything else is `nil`.
  public init?(_ file: [UInt8]) {
    let start = ObjectPackIndex.headByteCount + ObjectPackIndex.checkByteCount
    guard file.count >= start, file.starts(with: ObjectPackIndex.magic) else { return nil }
    let head = file[..<ObjectPackIndex.headByteCount]
    let pairs = file[start...]
    number = integer(head, at: 8)
    let packByteCount: UInt64 = integer(head, at: 16)
    let count: UInt32 = integer(head, at: 24)
    guard pairs.count == Int(count) * ObjectPackIndex.pairByteCount,
      packByteCount <= UInt64(Limits.packFileByteCount),
      file[ObjectPackIndex.headByteCount..<start].elementsEqual(
        ObjectPackIndex.check(head, pairs))
    else { return nil }
    self.packByteCount = Int(packByteCount)
    (keys, offsets) = ([], [])
    keys.reserveCapacity(Int(count))
    offsets.reserveCapacity(Int(count))
    for pair in 0..<Int(count) {
      keys.append(integer(pairs, at: pair * ObjectPackIndex.pairByteCount))
      offsets.append(integer(pairs, at: pair * ObjectPackIndex.pairByteCount + 8))
    }
    guard zip(keys, keys.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
  }

  /// The file of the index.
  public var bytes: [UInt8] {
    var head = ObjectPackIndex.magic
    append(number, to: &head)
    append(UInt64(packByteCount), to: &head)
    append(UInt32(keys.count), to: &head)
    var pairs: [UInt8] = []
    pairs.reserveCapacity(keys.count * ObjectPackIndex.pairByteCount)
    for (key, offset) in zip(keys, offsets) {
      append(key, to: &pairs)
      append(offset, to: &pairs)
    }
    return head + ObjectPackIndex.check(head[...], pairs[...]) + pairs
  }

  private static func check(
    _ head: ArraySlice<UInt8>, _ pairs: ArraySlice<UInt8>
  ) -> ArraySlice<UInt8> {
    var hasher = SHA256()
    hasher.update(head)
    hasher.update(pairs)
    return hasher.finish().bytes[..<checkByteCount]
  }

  private static func key(of digest: Digest) -> UInt64 {
    digest.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
  }

  /// Where an object of that digest may lie. O(log n).
  public func offsets(of digest: Digest) -> some Sequence<Int> {
    let key = ObjectPackIndex.key(of: digest)
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return (low..<keys.count).lazy.prefix { keys[$0] == key }.map { Int(offsets[$0]) }
  }

  /// Offsets of all objects, rising.
  public var allOffsets: [Int] { offsets.map { Int($0) }.sorted() }
}

/// The value that stands at a place, big endian.
private func integer<Value: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, at place: Int) -> Value {
  bytes.withUnsafeBytes {
    Value(bigEndian: $0.loadUnaligned(fromByteOffset: place, as: Value.self))
  }
}

private func append<Value: FixedWidthInteger>(_ value: Value, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
}
