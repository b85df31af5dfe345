// One group of entries in the write-ahead log, as bytes.
//
// Integers big endian. A segment begins with a head, frames follow, zeros up to the end:
//
//     head   "WRITWAL2" or "WRITWAL3" | start u64 | logged i64 | salt 16 | previous 16 | check 16        72 bytes
//     frame  "wfr1" | length u32 | sequence u64 | count u32 | logged i64 | previous 16     68 bytes
//            | head check 8 | check 16 | payload: count times (length u16, entry)
//
// `start` and `sequence` are indexes of entries; `logged` is the clock of the newest entry so far,
// in microseconds, or -2^63. A check is the beginning of an HMAC-SHA-256 under the secret of the
// segment (SegmentKey.swift): of a segment's head, over what stands in front of it; of a frame, over
// the first 44 bytes and, for `check`, the leaf hashes of the entries, which bind their bytes and
// their lengths. `previous` is the check of the frame before. So each frame can be checked alone, each
// hangs on all before it, and only who has the log's key can make one. In a head of "WRITWAL3" `previous` is the beginning of the
// root of the tree of `start` entries instead: all of them were published, so the frame before may be gone, and a segment of
// another history of the log, which is as long by chance or by design, is told by that.
//
// A frame is written by one call and synced before the next is begun: where a frame is bad and a
// good one follows, something was damaged; where nothing good follows, the last write was torn.
import WritCrypto

/// The head of a segment.
struct SegmentHead {
  let start: UInt64
  let logged: Int64
  /// The check of the last frame of the segment before, or zeros; where it is rooted, the beginning of the tree's root.
  let previous: [UInt8]
  /// Whether it says of which history it is.
  let isRooted: Bool
  /// What the checks of the segment are made with.
  let key: SegmentKey
  /// As it stands in the file.
  let bytes: [UInt8]

  static let byteCount = 72
  private static let chainedMagic = Array("WRITWAL2".utf8)
  private static let rootedMagic = Array("WRITWAL3".utf8)
  private static let checkOffset = byteCount - WriteAheadFrame.checkByteCount

  /// The head of a new segment.
  ///
  /// Of several keys the oldest makes the secret: the log remembers it for sure, while the newest may
  /// be one that is just coming in.
  ///
  /// - Parameter root: Of the tree of `start` entries, where it is known.
  init(
    start: UInt64, logged: Int64, previous: [UInt8], root: Digest?, signer: NoteSigner
  ) throws(CryptoError) {
    let salt = try randomBytes(16)
    self.start = start
    self.logged = logged
    self.previous = root.map(SegmentHead.mark(of:)) ?? previous
    isRooted = root != nil
    key = SegmentKey(signer.keys[0], origin: signer.name, salt: salt)
    let magic = isRooted ? SegmentHead.rootedMagic : SegmentHead.chainedMagic
    var content = magic + bigEndian(start, 8) + bigEndian(UInt64(bitPattern: logged), 8)
    content += salt + self.previous
    bytes = content + key.check(of: content[...]).prefix(WriteAheadFrame.checkByteCount)
  }

  /// Whether bytes have the form of the head of a segment that begins there; whose it is, only its key tells.
  static func isShaped(_ bytes: [UInt8], start: UInt64) -> Bool {
    guard bytes.count == byteCount else { return false }
    let magic = bytes.prefix(8)
    return (magic == chainedMagic[...] || magic == rootedMagic[...])
      && bytes[8..<16] == bigEndian(start, 8)[...]
  }

  /// What a head says of the root of a tree.
  static func mark(of root: Digest) -> [UInt8] {
    Array(root.bytes.prefix(WriteAheadFrame.checkByteCount))
  }

  /// Reads back what `bytes` holds from the start of a file; `nil` unless one of the keys made it.
  init?(_ file: [UInt8], signer: NoteSigner) {
    guard file.count >= SegmentHead.byteCount else { return nil }
    isRooted = file.starts(with: SegmentHead.rootedMagic)
    guard isRooted || file.starts(with: SegmentHead.chainedMagic) else { return nil }
    let salt = Array(file[24..<40])
    let content = file[..<SegmentHead.checkOffset]
    let check = file[SegmentHead.checkOffset..<SegmentHead.byteCount]
    let keys = signer.keys.lazy.map { SegmentKey($0, origin: signer.name, salt: salt) }
    guard let key = keys.first(where: { $0.check(of: content).starts(with: check) }) else {
      return nil
    }
    self.key = key
    start = integer(file[8..<16])
    logged = Int64(bitPattern: integer(file[16..<24]))
    previous = Array(file[40..<56])
    bytes = Array(file[..<SegmentHead.byteCount])
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
    _ group: EntryBuffer, logged: Int64, previous: [UInt8], key: SegmentKey
  ) -> [UInt8] {
    var fields = magic
    fields.reserveCapacity(headByteCount)
    fields += bigEndian(UInt64(group.byteCount), 4) + bigEndian(group.start, 8)
    fields += bigEndian(UInt64(group.leaves.count), 4) + bigEndian(UInt64(bitPattern: logged), 8)
    fields += previous
    let headCheck = key.check(of: fields[...]).prefix(headCheckByteCount)
    let check = Array(key.check(of: fields[...], group.leaves).prefix(checkByteCount))
    group.head.copyBytes(from: fields + headCheck + check)
    return check
  }

  /// The frame that begins at an offset, if a whole and unharmed one does. The head's own check is cheap,
  /// so that a search for frames costs little at each place.
  init?(in file: [UInt8], at offset: Int, key: SegmentKey) {
    let head = WriteAheadFrame.headByteCount
    guard file.count - offset >= head, file[offset...].starts(with: WriteAheadFrame.magic) else {
      return nil
    }
    let fields = file[offset..<offset + WriteAheadFrame.fieldByteCount]
    let checks = file[fields.endIndex..<offset + head]
    guard key.check(of: fields).starts(with: checks.prefix(WriteAheadFrame.headCheckByteCount))
    else {
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
    guard key.check(of: fields, leaves).starts(with: check) else { return nil }
    sequence = integer(fields[(offset + 8)..<offset + 16])
    logged = Int64(bitPattern: integer(fields[(offset + 20)..<offset + 28]))
    previous = Array(fields[(offset + 28)...])
    byteCount = head + length
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

extension WriteAheadFrame {
  /// The index behind the last entry of a segment as its bytes say without any proof, and whether anything
  /// stands behind; `nil` where the head is none of any release.
  ///
  /// Only to tell whether something would be lost: nothing else may be made of it.
  static func claimedEnd(of file: [UInt8]) -> (end: UInt64, isTorn: Bool)? {
    guard file.count >= SegmentHead.byteCount, file.starts(with: Array("WRITWAL".utf8)) else {
      return nil
    }
    var end = integer(file[8..<16])
    var offset = SegmentHead.byteCount
    while file.count - offset >= headByteCount, file[offset...].starts(with: magic) {
      let length = Int(integer(file[(offset + 4)..<offset + 8]))
      let (next, overflow) = end.addingReportingOverflow(integer(file[(offset + 16)..<offset + 20]))
      guard file.count - offset - headByteCount >= length, !overflow else { break }
      end = next
      offset += headByteCount + length
    }
    return (end, file[offset...].contains { $0 != 0 })
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
