// The write-ahead log: entries are durable here before anybody is told their index.
import Glibc
import WritCrypto

/// The segments of a write-ahead log, opened for appending; for the holder of the lock only.
final class WriteAheadLog {
  /// Index of the entry that comes next.
  private(set) var end: UInt64
  /// Entries that were found when the log was opened, until they are taken.
  private var recovered: [[UInt8]]
  private let directory: String
  private var segment: Segment
  /// Starts of the segments before the open one.
  private var closed: [UInt64]

  /// The file that is appended to.
  private struct Segment {
    let start: UInt64
    let path: String
    let descriptor: Int32
    let salt: [UInt8]
    var previous: [UInt8]
    /// Where the next frame goes.
    var offset: Int
    /// Bytes that were written with zeros, so that syncing a frame changes no metadata.
    var prepared: Int
  }

  /// Opens the segments, cuts a torn last frame, and reads all entries from `first` on.
  ///
  /// `first` is the size that is published: entries below it need not be here any more.
  init(_ directory: String, from first: UInt64) throws(LogError) {
    var starts: [UInt64] = []
    for name in try Files.list(directory) {
      guard name.utf8.count == 20, let start = UInt64(name) else {
        throw .damaged(path: "\(directory)/\(name)", reason: "is no segment")
      }
      starts.append(start)
    }
    var reader = SegmentReader(directory: directory, first: first)
    for start in starts { try reader.read(start, isLast: start == starts.last) }
    let end = reader.end ?? first
    guard end >= first else { throw .rolledBack(signed: first, found: end) }
    let segment =
      if let last = reader.last {
        try WriteAheadLog.reopen(last, directory)
      } else {
        try WriteAheadLog.begin(at: end, previous: reader.previous, directory)
      }
    self.end = end
    self.directory = directory
    self.segment = segment
    closed = starts.filter { $0 != segment.start }
    recovered = reader.entries
  }

  deinit { close(segment.descriptor) }

  /// Twenty digits, so that names sort as numbers do.
  static func path(_ directory: String, _ start: UInt64) -> String {
    let digits = String(start)
    return "\(directory)/" + String(repeating: "0", count: 20 - digits.utf8.count) + digits
  }

  /// Opens the segment that recovery ended in, cut behind its last good frame.
  private static func reopen(
    _ last: SegmentReader.Last, _ directory: String
  ) throws(LogError) -> Segment {
    let path = path(directory, last.head.start)
    let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw Files.failure(path, "open") }
    guard !last.isTorn || ftruncate(descriptor, off_t(last.end)) == 0 && fsync(descriptor) == 0
    else {
      defer { close(descriptor) }
      throw Files.failure(path, "cut")
    }
    return Segment(
      start: last.head.start, path: path, descriptor: descriptor, salt: last.head.salt,
      previous: last.previous,
      offset: last.end, prepared: last.isTorn ? last.end : last.byteCount)
  }

  /// Begins a segment; its head is durable before a frame is written.
  private static func begin(
    at start: UInt64, previous: [UInt8], _ directory: String
  ) throws(LogError) -> Segment {
    let path = path(directory, start)
    let salt: [UInt8]
    do throws(CryptoError) {
      salt = try randomBytes(16)
    } catch {
      throw .file(path: path, act: "salt", code: EAGAIN)
    }
    try Files.create(path, SegmentHead(start: start, salt: salt, previous: previous).bytes)
    try Files.syncDirectory(directory)
    let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw Files.failure(path, "open") }
    return Segment(
      start: start, path: path, descriptor: descriptor, salt: salt, previous: previous,
      offset: SegmentHead.byteCount, prepared: SegmentHead.byteCount)
  }

  /// The entries from `first` on that were found when the log was opened; once.
  func takeRecovered() -> [[UInt8]] {
    defer { recovered = [] }
    return recovered
  }

  /// Makes entries durable as one frame. After an error the log must not be used again: what the
  /// disk holds is not known.
  func append(_ entries: [[UInt8]]) throws(LogError) {
    if segment.offset >= Limits.segmentByteCount {
      let next = try WriteAheadLog.begin(at: end, previous: segment.previous, directory)
      closed.append(segment.start)
      close(segment.descriptor)
      segment = next
    }
    let frame = WriteAheadFrame.bytes(
      entries, sequence: end, previous: segment.previous, salt: segment.salt)
    try prepare(segment.offset + frame.bytes.count)
    try Files.write(
      frame.bytes, to: segment.descriptor, at: segment.offset, path: segment.path)
    guard fdatasync(segment.descriptor) == 0 else { throw Files.failure(segment.path, "sync") }
    segment.offset += frame.bytes.count
    segment.previous = frame.check
    end += UInt64(entries.count)
  }

  /// Writes zeros ahead, in steps that double up to 4 MiB.
  private func prepare(_ needed: Int) throws(LogError) {
    guard needed > segment.prepared else { return }
    let step = min(max(segment.prepared, 1 << 16), 1 << 22)
    let target = max(needed, segment.prepared + step)
    try Files.write(
      [UInt8](repeating: 0, count: target - segment.prepared), to: segment.descriptor,
      at: segment.prepared, path: segment.path)
    guard fsync(segment.descriptor) == 0 else { throw Files.failure(segment.path, "sync") }
    segment.prepared = target
  }

  /// Removes the segments whose entries all lie below a published size.
  func trim() throws(LogError) {
    for start in closed { try Files.remove(WriteAheadLog.path(directory, start)) }
    closed = []
  }
}
