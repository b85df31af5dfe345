// The write-ahead log: entries are durable here before anybody is told their index.
import WritCrypto

/// The segments of a write-ahead log, opened for appending; for the holder of the lock only.
final class WriteAheadLog {
  /// Index of the entry that comes next.
  private(set) var end: UInt64
  /// Starts of the segments that were found, the open one last.
  let starts: [UInt64]
  /// Start of the open segment.
  private(set) var start: UInt64
  /// The clock of the newest entry, `WriteAheadFrame.noClock` if none has one.
  private(set) var logged: Int64
  private let disk: any Disk
  private let directory: String
  private let signer: NoteSigner
  private let segmentByteCount: Int
  private var segment: Segment

  /// The file that is appended to.
  private struct Segment {
    let file: OpenFile
    let key: SegmentKey
    var previous: [UInt8]
    /// Where the next frame goes.
    var offset: Int
    /// Bytes that were written with zeros, so that syncing a frame changes no metadata.
    var prepared: Int
  }

  /// Opens the segments, cuts a torn last frame, and hands over all entries from `first` on.
  ///
  /// `first` is the size that is published: entries below it need not be here any more. Entries that
  /// none of the signer's keys has sealed are an error, `unvouched`. What it still has of the last published bundle comes as
  /// leaf hashes, by index: that these are the signed ones is the caller's to check.
  ///
  /// - Parameter root: Of the tree of the log, by which a segment of another history is told.
  static func open(
    _ store: LogStore, _ signer: NoteSigner, from first: UInt64, segmentByteCount: Int,
    root: @escaping RootOfTree
  ) throws(LogError) -> (log: WriteAheadLog, recovered: EntryBuffer, published: [UInt64: Digest]) {
    let starts = try segmentStarts(store)
    var reader = SegmentReader(directory: store.wal, signer: signer, first: first, root: root)
    for start in try needed(starts, first, store, signer) {
      try reader.read(try file(store, start), start: start, isLast: start == starts.last)
    }
    let end = reader.end ?? first
    guard end >= first else { throw .rolledBack(signed: first, found: end) }
    let log = try WriteAheadLog(store, reader, end, starts, segmentByteCount)
    return (log, reader.entries, reader.published)
  }

  private init(
    _ store: LogStore, _ reader: SegmentReader, _ end: UInt64, _ starts: [UInt64],
    _ segmentByteCount: Int
  ) throws(LogError) {
    disk = store.disk
    directory = store.wal
    signer = reader.signer
    self.end = end
    self.segmentByteCount = segmentByteCount
    logged = reader.logged
    let start = reader.last?.head.start ?? end
    segment =
      if let last = reader.last {
        try WriteAheadLog.reopen(last, store)
      } else {
        try WriteAheadLog.begin(
          at: end, logged, previous: reader.previous, root: reader.root(end, reader.entries.leaves),
          signer, store.wal, store.disk)
      }
    self.start = start
    self.starts = starts.filter { $0 != start } + [start]
  }

  /// Lets go of the open segment; nothing may be appended any more.
  func close() { disk.close(segment.file) }

  private static func segmentStarts(_ store: LogStore) throws(LogError) -> [UInt64] {
    var starts: [UInt64] = []
    for name in try store.disk.names(in: store.wal) {
      guard name.utf8.count == 20, let start = UInt64(name) else {
        throw .damaged(path: "\(store.wal)/\(name)", reason: "is no segment")
      }
      starts.append(start)
    }
    return starts
  }

  /// The segments from the one on that the published size lies in. Those before are left over from a
  /// trim that a crash has cut short, in whatever order they went.
  private static func needed(
    _ starts: [UInt64], _ first: UInt64, _ store: LogStore, _ signer: NoteSigner
  ) throws(LogError) -> ArraySlice<UInt64> {
    guard var index = starts.lastIndex(where: { $0 <= first }) else { return starts[...] }
    // A segment that was being begun says nothing about the frame before.
    if index > 0, starts[index] == starts.last,
      SegmentHead(try file(store, starts[index]), signer: signer) == nil
    {
      index -= 1
    }
    return starts[index...]
  }

  private static func file(_ store: LogStore, _ start: UInt64) throws(LogError) -> [UInt8] {
    let path = path(store.wal, start)
    let limit = 2 * Limits.segmentByteCount + 2 * Limits.groupByteCount
    guard let file = try store.disk.read(path, limit: limit) else { throw .missing(path: path) }
    return file
  }

  /// Twenty digits, so that names sort as numbers do.
  static func path(_ directory: String, _ start: UInt64) -> String {
    let digits = String(start)
    return "\(directory)/" + String(repeating: "0", count: 20 - digits.utf8.count) + digits
  }

  /// Opens the segment that recovery ended in, cut behind its last good frame.
  ///
  /// The process before may have died, or have been told of an error, between writing the last frame
  /// and its sync: it is read, and is not durable. So it is written once more before it counts.
  private static func reopen(
    _ last: SegmentReader.Last, _ store: LogStore
  ) throws(LogError) -> Segment {
    let disk = store.disk
    let file = try disk.open(path(store.wal, last.head.start))
    do throws(LogError) {
      if last.isTorn { try disk.cut(file, to: last.end) }
      try disk.write(last.head.bytes, to: file, at: 0)
      try disk.write(Array(last.tail), to: file, at: last.end - last.tail.count)
      try disk.sync(file)
      // A frame is written only after the name of its segment was synced.
      if last.tail.isEmpty { try disk.syncDirectory(store.wal) }
    } catch {
      disk.close(file)
      throw error
    }
    return Segment(
      file: file, key: last.head.key, previous: previous(of: last), offset: last.end,
      prepared: last.isTorn ? last.end : last.byteCount)
  }

  private static func previous(of last: SegmentReader.Last) -> [UInt8] {
    guard !last.tail.isEmpty else { return last.head.previous }
    let head = last.tail.prefix(WriteAheadFrame.headByteCount)
    return Array(head.suffix(WriteAheadFrame.checkByteCount))
  }

  /// Begins a segment; its head is durable before a frame is written.
  private static func begin(
    at start: UInt64, _ logged: Int64, previous: [UInt8], root: Digest?, _ signer: NoteSigner,
    _ directory: String, _ disk: any Disk
  ) throws(LogError) -> Segment {
    let path = path(directory, start)
    let head: SegmentHead
    do throws(CryptoError) {
      head = try SegmentHead(
        start: start, logged: logged, previous: previous, root: root, signer: signer)
    } catch {
      throw .file(path: path, act: "salt", code: 11)
    }
    let file = try disk.create(path)
    do throws(LogError) {
      try disk.write(head.bytes, to: file, at: 0)
      try disk.sync(file)
      try disk.syncDirectory(directory)
    } catch {
      disk.close(file)
      throw error
    }
    return Segment(
      file: file, key: head.key, previous: head.previous, offset: SegmentHead.byteCount,
      prepared: SegmentHead.byteCount)
  }

  /// Makes a group durable as one frame. After an error the log must not be used again: what the
  /// disk holds is not known.
  ///
  /// - Parameters:
  ///   - logged: The clock of the group's newest entry.
  ///   - published: Entries below its size are in tiles that a checkpoint stands for.
  func append(
    _ group: EntryBuffer, logged: Int64, published: (size: UInt64, root: Digest?)
  ) throws(LogError) {
    precondition(group.start == end && !group.isEmpty, "groups follow one another")
    try change(published)
    let check = WriteAheadFrame.seal(
      group, logged: logged, previous: segment.previous, key: segment.key)
    let byteCount = WriteAheadFrame.headByteCount + group.byteCount
    let zeros = zeros(behind: byteCount)
    try disk.write(group.frame(zeros: zeros), to: segment.file, at: segment.offset)
    try disk.sync(segment.file)
    segment.offset += byteCount
    segment.prepared = max(segment.prepared, segment.offset + zeros)
    segment.previous = check
    self.logged = logged
    end = group.end
  }

  /// Begins another segment when this one is full, or when nothing in it is needed any more: what
  /// recovery has to read stays small.
  private func change(_ published: (size: UInt64, root: Digest?)) throws(LogError) {
    let isFull = segment.offset >= segmentByteCount
    let isDone =
      published.size == end && segment.offset >= min(Limits.doneByteCount, segmentByteCount)
    guard isFull || isDone else { return }
    let next = try WriteAheadLog.begin(
      at: end, logged, previous: segment.previous,
      root: published.size == end ? published.root : nil, signer, directory, disk)
    disk.close(segment.file)
    segment = next
    start = end
  }

  /// Zeros to write behind a small frame, in steps that double up to 1 MiB; a large frame carries the
  /// cost of the metadata itself.
  private func zeros(behind byteCount: Int) -> Int {
    guard segment.offset + byteCount > segment.prepared, byteCount < Limits.preparedByteCount else {
      return 0
    }
    return min(max(segment.prepared, 1 << 16), Limits.preparedByteCount)
  }
}
