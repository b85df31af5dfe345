// A journal as bytes.
//
// Integers big endian. A head, then frames up to the end; each frame became durable as a whole:
//
//     head   "WRITRUN2" | digest of the plan 32 | digest of what the run was begun with 32 | byte count of the run's name u16 | name | check 16
//     frame  "wrf1" | byte count of the events u32 | number of the first event u64 | count u32
//            | check of the frame before 16 | head check 8 | events | check 16
//
// A check is the beginning of the SHA-256 of all that stands in front of it in its head or frame; the
// frame before the first is the head. So a frame tells by itself whether it is whole, and all of them hang
// together. The checks find accidents. They are no signature: what must be believed is in the evidence log.
import WritCrypto

/// The head of a journal.
struct JournalHead {
  /// All bytes.
  let bytes: [UInt8]
  private static let magic = Array("WRITRUN2".utf8)

  init(run: String, plan: Digest, beginning: Digest) {
    var bytes = JournalHead.magic
    plan.append(to: &bytes)
    beginning.append(to: &bytes)
    appendBigEndian(UInt64(run.utf8.count), 2, to: &bytes)
    bytes += Array(run.utf8)
    self.bytes = bytes + check(of: bytes[...])
  }

  /// What the first frame hangs on.
  var checkBytes: [UInt8] { Array(bytes.suffix(JournalFrame.checkByteCount)) }

  /// The run, the plan and the beginning that a file is of, if its head is whole.
  static func read(_ file: [UInt8]) -> (run: String, plan: Digest, beginning: Digest)? {
    let (first, second) = (magic.count, magic.count + Digest.byteCount)
    let fixed = second + Digest.byteCount + 2
    guard file.count >= fixed, file.starts(with: magic), let plan = Digest(file[first..<second]),
      let beginning = Digest(file[second..<second + Digest.byteCount])
    else { return nil }
    let end = fixed + Int(file[fixed - 2]) << 8 + Int(file[fixed - 1])
    guard file.count >= end + JournalFrame.checkByteCount,
      let run = String(validating: file[fixed..<end], as: UTF8.self),
      file[end...].starts(with: check(of: file[..<end]))
    else { return nil }
    return (run, plan, beginning)
  }
}

/// Events that became durable together.
struct JournalFrame {
  /// Number of the first event, from 0.
  let start: UInt64
  let count: Int
  let previous: ArraySlice<UInt8>
  let checkBytes: ArraySlice<UInt8>
  /// Where the events stand in the file.
  let events: Range<Int>
  /// The offset behind the frame.
  let end: Int

  static let checkByteCount = 16
  private static let magic = Array("wrf1".utf8)
  private static let fieldByteCount = 36
  private static let headByteCount = 44
  /// The longest frame.
  static let longest = headByteCount + PipelineLimits.frameByteCount + checkByteCount

  /// The bytes of a frame.
  static func seal(
    _ events: [UInt8], start: UInt64, count: Int, previous: [UInt8]
  ) -> [UInt8] {
    var bytes = magic
    bytes.reserveCapacity(headByteCount + events.count + checkByteCount)
    appendBigEndian(UInt64(events.count), 4, to: &bytes)
    appendBigEndian(start, 8, to: &bytes)
    appendBigEndian(UInt64(count), 4, to: &bytes)
    bytes += previous
    bytes += check(of: bytes[...]).prefix(8)
    bytes += events
    return bytes + check(of: bytes[...])
  }

  /// The frame that begins at an offset, if a whole and unharmed one does. The head's own check is cheap, so
  /// that a search for frames costs little at each place.
  init?(in file: [UInt8], at offset: Int) {
    let body = offset + JournalFrame.headByteCount
    guard file.count >= body, file[offset...].starts(with: JournalFrame.magic) else { return nil }
    let fields = file[offset..<offset + JournalFrame.fieldByteCount]
    guard file[fields.endIndex..<body].elementsEqual(check(of: fields).prefix(8)) else {
      return nil
    }
    let byteCount = Int(integer(fields[(offset + 4)..<offset + 8]))
    guard byteCount <= PipelineLimits.frameByteCount,
      file.count - body >= byteCount + JournalFrame.checkByteCount
    else { return nil }
    events = body..<body + byteCount
    end = events.upperBound + JournalFrame.checkByteCount
    checkBytes = file[events.upperBound..<end]
    guard checkBytes.elementsEqual(check(of: file[offset..<events.upperBound])) else { return nil }
    start = integer(fields[(offset + 8)..<offset + 16])
    count = Int(integer(fields[(offset + 16)..<offset + 20]))
    previous = fields[(offset + 20)...]
  }

  /// Whether a whole frame stands anywhere behind an offset.
  static func isAnywhere(in file: [UInt8], behind offset: Int) -> Bool {
    guard offset < file.count else { return false }
    return file[(offset + 1)...].indices.contains { place in
      file[place] == magic[0] && JournalFrame(in: file, at: place) != nil
    }
  }
}

private func check(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  Digest(of: bytes).bytes.prefix(JournalFrame.checkByteCount)
}

private func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reduce(0) { $0 << 8 | UInt64($1) }
}
