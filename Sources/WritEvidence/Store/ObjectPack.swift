// Many small objects in one file.
//
//     head       "WRITOBJ1"
//     then, one object behind the other,
//       "WOBJ" | group u32 | length u32 | SHA-256 of the content, 32 bytes | the content
//     then zeros, which were written ahead, or nothing
//
// Integers big endian. Objects of one group were written together and synced before the next group was written, so
// only the last group of the newest pack can be torn. A pack is only ever appended to, and only the newest one; where
// something stands behind the last object that is neither zero nor an object, the next pack is begun instead of writing
// over it.
//
// An object is what its SHA-256 says. Where it lies says nothing: packs are found in by an index that can be made anew
// (ObjectPackIndex.swift), and every content is compared with the digest that was asked for.
public import WritCrypto

/// The bytes of a pack, or a part of one; what it holds is found by stepping from object to object.
public struct ObjectPack: Sendable {
  let bytes: [UInt8]
  /// Where in the pack the bytes begin: all offsets are from the pack's start.
  private let base: Int

  static let magic = Array("WRITOBJ1".utf8)
  static let objectMagic = Array("WOBJ".utf8)
  /// In front of an object's content.
  static let headByteCount = 44

  /// One object of a pack.
  public struct Place: Hashable, Sendable {
    /// Of what stands in front of the content.
    public let offset: Int
    /// Bytes of the content; at most `Limits.packedByteCount`.
    public let count: Int
    let group: UInt32
    /// As it is written in front of the content, which may be another one.
    public let digest: Digest

    /// Where the next object would begin.
    var end: Int { offset + ObjectPack.headByteCount + count }
  }

  /// `nil` where the bytes are no pack.
  public init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: ObjectPack.magic) else { return nil }
    self.bytes = bytes
    base = 0
  }

  /// What stands in a pack from an offset on, which is that of an object.
  init(part bytes: [UInt8], at offset: Int) {
    self.bytes = bytes
    base = offset
  }

  /// The offset of the first object.
  static var start: Int { magic.count }

  /// The object that begins at an offset; `nil` where none does.
  func place(at offset: Int) -> Place? {
    guard offset >= max(ObjectPack.start, base) else { return nil }
    return bytes.withUnsafeBytes { bytes in
      let start = offset - base
      guard bytes.count - ObjectPack.headByteCount >= start else { return nil }
      func integer(_ place: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start + place, as: UInt32.self))
      }
      // "WOBJ"
      guard integer(0) == 0x574f_424a else { return nil }
      let count = Int(integer(8))
      guard count <= Limits.packedByteCount,
        bytes.count - start - ObjectPack.headByteCount >= count,
        let digest = Digest(
          UnsafeRawBufferPointer(rebasing: bytes[start + 12..<start + ObjectPack.headByteCount]))
      else { return nil }
      return Place(offset: offset, count: count, group: integer(4), digest: digest)
    }
  }

  /// All objects, in the order in which they were put. O(their number).
  public var places: [Place] {
    var places: [Place] = []
    var offset = ObjectPack.start
    while let place = place(at: offset) {
      places.append(place)
      offset = place.end
    }
    return places
  }

  /// Where the content of a place is in the bytes.
  private func range(of place: Place) -> Range<Int> {
    place.offset + ObjectPack.headByteCount - base..<place.end - base
  }

  /// What stands in a place; `nil` where that is other content than is written in front of it.
  public func content(of place: Place) -> [UInt8]? {
    bytes.withUnsafeBytes { bytes in
      let content = UnsafeRawBufferPointer(rebasing: bytes[range(of: place)])
      return Digest(of: content) == place.digest ? Array(content) : nil
    }
  }

  /// Whether these bytes stand in a place.
  func holds(_ content: [UInt8], in place: Place) -> Bool {
    place.count == content.count
      && bytes.withUnsafeBytes {
        UnsafeRawBufferPointer(rebasing: $0[range(of: place)]).elementsEqual(content)
      }
  }

  /// Whether nothing but zeros stands behind an offset.
  func isZero(from offset: Int) -> Bool {
    bytes[offset...].withUnsafeBytes { bytes in
      var offset = 0
      while bytes.count - offset >= 8 {
        if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return false }
        offset += 8
      }
      return bytes[offset...].allSatisfy { $0 == 0 }
    }
  }

  /// A pack of these objects, each at most `Limits.packedByteCount` bytes.
  public static func bytes(of contents: [[UInt8]]) -> [UInt8] {
    var bytes = magic
    for content in contents {
      content.withUnsafeBytes { append($0, Digest(of: $0), group: 1, to: &bytes) }
    }
    return bytes
  }

  /// Appends an object as it stands in a pack.
  static func append(
    _ content: UnsafeRawBufferPointer, _ digest: Digest, group: UInt32, to bytes: inout [UInt8]
  ) {
    precondition(content.count <= Limits.packedByteCount, "long objects have files of their own")
    bytes.append(contentsOf: objectMagic)
    for value in [group, UInt32(content.count)] {
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
    digest.append(to: &bytes)
    bytes.append(contentsOf: content)
  }
}
