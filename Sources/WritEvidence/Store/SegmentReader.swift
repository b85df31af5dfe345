// Recovery of the write-ahead log: what is whole is read, a torn end is found, damage is an error.

/// Reads segments in order.
struct SegmentReader {
  let directory: String
  /// Entries below it are published, and skipped.
  let first: UInt64
  /// Entries from `first` on.
  private(set) var entries: [[UInt8]] = []
  /// Index behind the last entry; `nil` before a segment was read.
  private(set) var end: UInt64?
  /// Check of the last frame.
  private(set) var previous = [UInt8](repeating: 0, count: WriteAheadFrame.checkByteCount)
  /// The last segment, if frames can be appended to it.
  private(set) var last: Last?

  /// Where a segment can be continued.
  struct Last {
    let head: SegmentHead
    /// Offset behind the last good frame.
    let end: Int
    let previous: [UInt8]
    /// Whether something stands there that is no frame.
    let isTorn: Bool
    let byteCount: Int
  }

  init(directory: String, first: UInt64) {
    self.directory = directory
    self.first = first
  }

  mutating func read(_ start: UInt64, isLast: Bool) throws(LogError) {
    let path = WriteAheadLog.path(directory, start)
    let limit = 2 * Limits.segmentByteCount + 2 * Limits.groupByteCount
    guard let file = try Files.read(path, limit: limit) else { throw .missing(path: path) }
    last = nil
    guard let head = SegmentHead(file), head.start == start else {
      // The head is durable before a frame is written: without frames it may be torn.
      guard isLast, file.dropFirst(SegmentHead.byteCount).allSatisfy({ $0 == 0 }) else {
        throw .damaged(path: path, reason: "its head was changed")
      }
      return
    }
    try follow(head, path)
    var offset = SegmentHead.byteCount
    while let frame = WriteAheadFrame(in: file, at: offset, salt: head.salt) {
      guard frame.sequence == end, frame.previous == previous else {
        throw .damaged(path: path, reason: "the frame at byte \(offset) does not follow")
      }
      take(frame)
      offset += frame.byteCount
    }
    let isTorn = file[offset...].contains { $0 != 0 }
    if isTorn { try checkTear(in: file, at: offset, head, isLast: isLast, path) }
    last = Last(
      head: head, end: offset, previous: previous, isTorn: isTorn, byteCount: file.count)
  }

  /// A segment begins where the one before ended; the first, at or below what is published.
  private mutating func follow(_ head: SegmentHead, _ path: String) throws(LogError) {
    if let end {
      guard head.start == end, head.previous == previous else {
        throw .damaged(path: path, reason: "does not follow the segment before")
      }
    } else {
      guard head.start <= first else {
        throw .damaged(path: path, reason: "entries from \(first) on are missing in front of it")
      }
      end = head.start
      previous = head.previous
    }
  }

  private mutating func take(_ frame: WriteAheadFrame) {
    for (position, entry) in frame.entries.enumerated()
    where frame.sequence + UInt64(position) >= first {
      entries.append(entry)
    }
    end = frame.sequence + UInt64(frame.entries.count)
    previous = frame.check
  }

  /// Throws unless what stands behind the last good frame is one torn write.
  private func checkTear(
    in file: [UInt8], at offset: Int, _ head: SegmentHead, isLast: Bool, _ path: String
  ) throws(LogError) {
    let hasLaterFrame = (offset + 1..<file.count).contains {
      file[$0] == WriteAheadFrame.firstByte
        && WriteAheadFrame(in: file, at: $0, salt: head.salt) != nil
    }
    guard isLast && !hasLaterFrame else {
      throw .damaged(path: path, reason: "entry \(end ?? first) was changed")
    }
  }
}
