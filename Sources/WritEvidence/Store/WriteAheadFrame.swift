// One group of entries in the write-ahead log, as bytes.
//
// Integers big endian. A segment begins with a head, frames follow, zeros up to the end:
//
//     head   "WRITWAL1" | start u64 | salt 16 | previous 16 | check 16                     64 bytes
//     frame  "wfr1" | length u32 | sequence u64 | count u32 | previous 16                 60 bytes
//            | head check 8 | check 16 | payload: count times (length u16, entry)
//
// `start` and `sequence` are indexes of entries. A check is the beginning of a SHA-256: of a
// segment's head, over what stands in front of it; of a frame, over the salt, the first 36 bytes
// and, for `check`, the payload. `previous` is the check of the frame before. So each frame can be
// checked alone, each hangs on all before it, and no entry can be made to look like a frame by one
// who does not know the salt.
//
// A frame is written by one call and synced before the next is begun: where a frame is bad and a
// good one follows, something was damaged; where nothing good follows, the last write was torn.
import WritCrypto

/// The head of a segment.
struct SegmentHead: Hashable {
  let start: UInt64
  /// 16 random bytes.
  let salt: [UInt8]
  /// The check of the last frame of the segment before, or zeros.
  let previous: [UInt8]

  static let byteCount = 64
  private static let magic = Array("WRITWAL1".utf8)

  init(start: UInt64, salt: [UInt8], previous: [UInt8]) {
    self.start = start
    self.salt = salt
    self.previous = previous
  }

  /// Reads back what `bytes` writes from the start of a file.
  init?(_ file: [UInt8]) {
    guard file.count >= SegmentHead.byteCount, file.starts(with: SegmentHead.magic) else {
      return nil
    }
    start = integer(file[8..<16])
    salt = Array(file[16..<32])
    previous = Array(file[32..<48])
    guard bytes == Array(file[..<SegmentHead.byteCount]) else { return nil }
  }

  var bytes: [UInt8] {
    let content = SegmentHead.magic + bigEndian(start, 8) + salt + previous
    return content + Digest(of: content).bytes[..<16]
  }
}

/// A group of entries that became durable together.
struct WriteAheadFrame: Hashable {
  /// Index of the first entry.
  let sequence: UInt64
  /// At least one.
  let entries: [[UInt8]]
  /// The check of the frame before.
  let previous: [UInt8]
  let check: [UInt8]
  /// Bytes in the file.
  let byteCount: Int

  static let headByteCount = 60
  /// Bytes in front of the checks.
  private static let fieldByteCount = 36
  static let checkByteCount = 16
  private static let magic = Array("wfr1".utf8)
  /// What a frame begins with.
  static let firstByte = UInt8(ascii: "w")

  /// The bytes of a frame behind the one with that check.
  static func bytes(
    _ entries: [[UInt8]], sequence: UInt64, previous: [UInt8], salt: [UInt8]
  ) -> (bytes: [UInt8], check: [UInt8]) {
    let length = entries.reduce(0) { $0 + $1.count + 2 }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headByteCount + length)
    bytes += magic + bigEndian(UInt64(length), 4) + bigEndian(sequence, 8)
    bytes += bigEndian(UInt64(entries.count), 4) + previous
    bytes += headCheck(of: bytes[...], salt: salt)
    let checkStart = bytes.count
    bytes += [UInt8](repeating: 0, count: checkByteCount)
    for entry in entries { EntryBundle.append(entry, to: &bytes) }
    let check = check(of: bytes[...], salt: salt)
    bytes.replaceSubrange(checkStart..<checkStart + checkByteCount, with: check)
    return (bytes, check)
  }

  /// The frame that begins at an offset, if a whole and unharmed one does.
  init?(in file: [UInt8], at offset: Int, salt: [UInt8]) {
    let head = WriteAheadFrame.headByteCount
    guard file.count - offset >= head, file[offset...].starts(with: WriteAheadFrame.magic),
      file[offset + WriteAheadFrame.fieldByteCount..<offset + head - WriteAheadFrame.checkByteCount]
        .elementsEqual(WriteAheadFrame.headCheck(of: file[offset...], salt: salt))
    else { return nil }
    let length = Int(integer(file[offset + 4..<offset + 8]))
    guard file.count - offset - head >= length else { return nil }
    let frame = file[offset..<offset + head + length]
    check = Array(file[offset + head - WriteAheadFrame.checkByteCount..<offset + head])
    guard check == WriteAheadFrame.check(of: frame, salt: salt) else { return nil }
    sequence = integer(file[offset + 8..<offset + 16])
    previous = Array(file[offset + 20..<offset + 36])
    byteCount = frame.count
    guard
      let entries = WriteAheadFrame.entries(
        frame[(offset + head)...], count: Int(integer(file[offset + 16..<offset + 20])))
    else { return nil }
    self.entries = entries
  }

  /// Over the fields: cheap, so that a search for frames costs little at each place.
  private static func headCheck(of frame: ArraySlice<UInt8>, salt: [UInt8]) -> [UInt8] {
    Array(Digest(of: salt + frame.prefix(fieldByteCount)).bytes[..<8])
  }

  /// Over the fields and the payload.
  private static func check(of frame: ArraySlice<UInt8>, salt: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(salt)
    hasher.update(frame.prefix(fieldByteCount))
    hasher.update(frame.dropFirst(headByteCount))
    return Array(hasher.finish().bytes[..<checkByteCount])
  }

  private static func entries(_ payload: ArraySlice<UInt8>, count: Int) -> [[UInt8]]? {
    var entries: [[UInt8]] = []
    var at = payload.startIndex
    while at < payload.endIndex {
      guard payload.endIndex - at >= 2 else { return nil }
      let length = Int(payload[at]) << 8 | Int(payload[at + 1])
      guard payload.endIndex - at - 2 >= length else { return nil }
      entries.append(Array(payload[at + 2..<at + 2 + length]))
      at += 2 + length
    }
    return entries.count == count && count > 0 ? entries : nil
  }
}

/// The value of up to eight bytes, big endian.
private func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reduce(0) { $0 << 8 | UInt64($1) }
}

/// The last bytes of a value, big endian.
private func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
}
