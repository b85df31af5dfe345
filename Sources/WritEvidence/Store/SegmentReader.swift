// Recovery of the write-ahead log: what is whole is read, a torn end is found, damage is an error.

import WritCrypto

/// The root of a tree, by its size and the leaf hashes behind what is published.
typealias RootOfTree = (UInt64, [Digest]) throws(LogError) -> Digest

/// Reads segments in order.
struct SegmentReader {
  let directory: String
  /// Whose frames are believed.
  let signer: NoteSigner
  /// Entries below it are published, and skipped.
  let first: UInt64
  /// The root of the tree of so many entries: published ones, and of those behind them the ones that were read.
  let root: RootOfTree
  /// Leaf hashes of entries below `first` that are here too, of those in its last bundle.
  private(set) var published: [UInt64: Digest] = [:]
  /// Entries from `first` on.
  let entries = EntryBuffer()
  /// Index behind the last entry; `nil` before a segment was read.
  private(set) var end: UInt64?
  /// Check of the last frame.
  private(set) var previous = [UInt8](repeating: 0, count: WriteAheadFrame.checkByteCount)
  /// The clock of the newest entry.
  private(set) var logged = WriteAheadFrame.noClock
  /// The last segment, if frames can be appended to it.
  private(set) var last: Last?

  /// Where a segment can be continued.
  struct Last {
    let head: SegmentHead
    /// Offset behind the last good frame.
    let end: Int
    /// The bytes of the last good frame, none if there is none.
    let tail: ArraySlice<UInt8>
    /// Whether something stands there that is no frame.
    let isTorn: Bool
    let byteCount: Int
  }

  init(directory: String, signer: NoteSigner, first: UInt64, root: @escaping RootOfTree) {
    self.root = root
    self.directory = directory
    self.signer = signer
    self.first = first
    entries.start = first
  }

  /// Reads the bytes of one segment.
  mutating func read(_ file: [UInt8], start: UInt64, isLast: Bool) throws(LogError) {
    let path = WriteAheadLog.path(directory, start)
    last = nil
    guard let head = SegmentHead(file, signer: signer), head.start == start else {
      // The head is durable before a frame is written: without frames it may be torn.
      if isLast, isZero(file, from: SegmentHead.byteCount) { return }
      return try passOver(file, start: start, path)
    }
    try follow(head, path)
    var offset = SegmentHead.byteCount
    var tail = offset..<offset
    while let frame = WriteAheadFrame(in: file, at: offset, key: head.key) {
      guard frame.sequence == end, frame.previous == previous else {
        throw .damaged(path: path, reason: "the frame at byte \(offset) does not follow")
      }
      take(frame, of: file)
      tail = offset..<offset + frame.byteCount
      offset = tail.upperBound
    }
    let isTorn = !isZero(file, from: offset)
    if isTorn { try checkTear(in: file, at: offset, head, isLast: isLast, path) }
    last = Last(
      head: head, end: offset, tail: file[tail], isTorn: isTorn, byteCount: file.count)
  }

  /// A segment that no key of this log has made, or whose head was changed, is worth nothing. It does no
  /// harm where the signed checkpoint stands for all that it could hold, as after a change of keys or of
  /// release; what else it holds might have been acknowledged, or might be anybody's.
  private func passOver(
    _ file: [UInt8], start: UInt64, _ path: String
  ) throws(LogError) {
    guard let claimed = WriteAheadFrame.claimedEnd(of: file) else {
      throw .damaged(path: path, reason: "its head was changed")
    }
    guard end == nil, !claimed.isTorn, max(start, claimed.end) <= first else {
      throw .unvouched(path: path, from: max(start, first))
    }
  }

  /// A segment begins where the one before ended; the first, at or below what is published.
  private mutating func follow(_ head: SegmentHead, _ path: String) throws(LogError) {
    if let end {
      guard head.start == end, head.isRooted || head.previous == previous else {
        throw .damaged(path: path, reason: "does not follow the segment before")
      }
    } else {
      guard head.start <= first else {
        throw .damaged(path: path, reason: "entries from \(first) on are missing in front of it")
      }
      end = head.start
    }
    if head.isRooted, try SegmentHead.mark(of: root(head.start, entries.leaves)) != head.previous {
      throw .damaged(path: path, reason: "is of another history of this log")
    }
    previous = head.previous
    logged = head.logged
  }

  private mutating func take(_ frame: WriteAheadFrame, of file: [UInt8]) {
    file.withUnsafeBytes { bytes in
      for (position, entry) in frame.entries.enumerated() {
        let index = frame.sequence + UInt64(position)
        if index >= first {
          let bytes = UnsafeRawBufferPointer(rebasing: bytes[entry])
          entries.append(bytes, leaf: frame.leaves[position])
        } else if index / 256 == (first - 1) / 256 {
          published[index] = frame.leaves[position]
        }
      }
    }
    end = frame.sequence + UInt64(frame.entries.count)
    previous = frame.check
    logged = frame.logged
  }

  /// Throws unless what stands behind the last good frame is one torn write.
  private func checkTear(
    in file: [UInt8], at offset: Int, _ head: SegmentHead, isLast: Bool, _ path: String
  ) throws(LogError) {
    let hasLaterFrame = (offset + 1..<file.count).contains {
      file[$0] == WriteAheadFrame.firstByte
        && WriteAheadFrame(in: file, at: $0, key: head.key) != nil
    }
    guard isLast && !hasLaterFrame else {
      throw .damaged(path: path, reason: "entry \(end ?? first) was changed")
    }
  }
}

/// Whether nothing but zeros stands from an offset on.
private func isZero(_ file: [UInt8], from offset: Int) -> Bool {
  guard offset < file.count else { return true }
  return file.withUnsafeBytes { bytes in
    var at = offset
    while at + 8 <= bytes.count {
      if bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) != 0 { return false }
      at += 8
    }
    return bytes[at...].allSatisfy { $0 == 0 }
  }
}
