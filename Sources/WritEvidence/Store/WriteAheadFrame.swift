// One group of entries in the write-ahead log, as bytes.
//
// Integers big endian. A segment begins with a head, frames follow, zeros up to the end:
//
//     head   "WRITWAL1" | start u64 | logged i64 | salt 16 | previous 16 | check 16        72 bytes
//     frame  "wfr1" | length u32 | sequence u64 | count u32 | logged i64 | previous 16     68 bytes
//            | head check 8 | check 16 | payload: count times (length u16, entry)
//
// `start` and `sequence` are indexes of entries; `logged` is the clock of the newest entry so far,
// in microseconds, or -2^63. A check is the beginning of a SHA-256: of a segment's head, over what
// stands in front of it; of a frame, over the salt, the first 44 bytes and, for `check`, the leaf
// hashes of the entries, which bind their bytes and their lengths. `previous` is the check of the
// frame before. So each frame can be checked alone, each hangs on all before it, and no entry can be
// made to look like a frame by one who does not know the salt.
//
// A frame is written by one call and synced before the next is begun: where a frame is bad and a
// good one follows, something was damaged; where nothing good follows, the last write was torn.
import WritCrypto

/// The head of a segment.
struct SegmentHead: Hashable {
  let start: UInt64
  let logged: Int64
  /// 16 random bytes.
  let salt: [UInt8]
  /// The check of the last frame of the segment before, or zeros.
  let previous: [UInt8]

  static let byteCount = 72
  private static let magic = Array("WRITWAL1".utf8)

  init(start: UInt64, logged: Int64, salt: [UInt8], previous: [UInt8]) {
    self.start = start
    self.logged = logged
    self.salt = salt
    self.previous = previous
  }

  /// Reads back what `bytes` writes from the start of a file.
  init?(_ file: [UInt8]) {
    guard file.count >= SegmentHead.byteCount, file.starts(with: SegmentHead.magic) else {
      return nil
    }
    start = integer(file[8..<16])
    logged = Int64(bitPattern: integer(file[16..<24]))
    salt = Array(file[24..<40])
    previous = Array(file[40..<56])
    guard bytes == Array(file[..<SegmentHead.byteCount]) else { return nil }
  }

  var bytes: [UInt8] {
    var content = SegmentHead.magic + bigEndian(start, 8) + bigEndian(UInt64(bitPattern: logged), 8)
    content += salt + previous
    return content + Digest(of: content).bytes[..<16]
  }
}

/// A group of entries that became durable together, as it is read back.
struct WriteAheadFrame {
  /// Index of the first entry.
  let sequence: UInt64
  let logged: Int64
  /// The check of the frame before.
  let previous: [UInt8]
  let check: [UInt8]
  /// Bytes in the file.
  let byteCount: Int
  /// Where the entries stand in the file, without their lengths; at least one.
  let entries: [Range<Int>]
  let leaves: [Digest]

  static let headByteCount = 68
  /// Bytes in front of the checks.
  private static let fieldByteCount = 44
  private static let headCheckByteCount = 8
  static let checkByteCount = 16
  private static let magic = Array("wfr1".utf8)
  /// What a frame begins with.
  static let firstByte = UInt8(ascii: "w")
  /// `logged` of a log whose entries carry no clock.
  static let noClock = Int64.min

  /// Writes the head of a frame in front of the entries of a group; returns its check.
  static func seal(
    _ group: EntryBuffer, logged: Int64, previous: [UInt8], salt: [UInt8],
    with sha: inout SHA256
  ) -> [UInt8] {
    var fields = magic
    fields.reserveCapacity(headByteCount)
    fields += bigEndian(UInt64(group.byteCount), 4) + bigEndian(group.start, 8)
    fields += bigEndian(UInt64(group.leaves.count), 4) + bigEndian(UInt64(bitPattern: logged), 8)
    fields += previous
    let headCheck = headCheck(of: fields[...], salt: salt, with: &sha)
    let check = check(of: fields[...], group.leaves, salt: salt, with: &sha)
    group.head.copyBytes(from: fields + headCheck + check)
    return check
  }

  /// The frame that begins at an offset, if a whole and unharmed one does.
  init?(in file: [UInt8], at offset: Int, salt: [UInt8]) {
    let head = WriteAheadFrame.headByteCount
    guard file.count - offset >= head, file[offset...].starts(with: WriteAheadFrame.magic) else {
      return nil
    }
    var sha = SHA256()
    let fields = file[offset..<offset + WriteAheadFrame.fieldByteCount]
    let checks = file[fields.endIndex..<offset + head]
    let headCheck = WriteAheadFrame.headCheck(of: fields, salt: salt, with: &sha)
    guard checks.prefix(WriteAheadFrame.headCheckByteCount).elementsEqual(headCheck) else {
      return nil
    }
    let length = Int(integer(fields[(offset + 4)..<offset + 8]))
    guard file.count - offset - head >= length,
      let entries = WriteAheadFrame.entries(
        in: file, offset + head..<offset + head + length,
        count: Int(integer(fields[(offset + 16)..<offset + 20])))
    else { return nil }
    var hasher = MerkleHasher()
    self.entries = entries
    leaves = file.withUnsafeBytes { bytes in
      entries.map { hasher.leaf(UnsafeRawBufferPointer(rebasing: bytes[$0])) }
    }
    check = Array(checks.dropFirst(WriteAheadFrame.headCheckByteCount))
    guard check == WriteAheadFrame.check(of: fields, leaves, salt: salt, with: &sha) else {
      return nil
    }
    sequence = integer(fields[(offset + 8)..<offset + 16])
    logged = Int64(bitPattern: integer(fields[(offset + 20)..<offset + 28]))
    previous = Array(fields[(offset + 28)...])
    byteCount = head + length
  }

  /// Over the fields: cheap, so that a search for frames costs little at each place.
  private static func headCheck(
    of fields: ArraySlice<UInt8>, salt: [UInt8], with sha: inout SHA256
  ) -> ArraySlice<UInt8> {
    sha.update(salt)
    sha.update(fields)
    return sha.finish().bytes[..<headCheckByteCount]
  }

  /// Over the fields and the leaf hashes.
  private static func check(
    of fields: ArraySlice<UInt8>, _ leaves: [Digest], salt: [UInt8], with sha: inout SHA256
  ) -> [UInt8] {
    sha.update(salt)
    sha.update(fields)
    for leaf in leaves { sha.update(leaf) }
    return Array(sha.finish().bytes[..<checkByteCount])
  }

  private static func entries(
    in file: [UInt8], _ payload: Range<Int>, count: Int
  ) -> [Range<Int>]? {
    var entries: [Range<Int>] = []
    var at = payload.lowerBound
    while at < payload.upperBound {
      guard payload.upperBound - at >= 2 else { return nil }
      let length = Int(file[at]) << 8 | Int(file[at + 1])
      guard payload.upperBound - at - 2 >= length else { return nil }
      entries.append(at + 2..<at + 2 + length)
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
