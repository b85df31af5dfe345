// Snapshots as files: written whole or not at all, read into private memory and checked. The only
// file here that touches the world.

import Glibc
public import WritCrypto
public import WritModel

/// An open snapshot file of which only the head was read.
///
/// Opening takes a time that does not depend on how many facts there are. Nothing of the file is
/// mapped: what was read and checked stays as it was, whatever somebody else then does to the file.
public struct SnapshotFile: ~Copyable {
  /// The schema that the facts were read by.
  public var schema: Schema { head.schema }
  /// What the file says that its facts come to; `Snapshot.verifyRootDigest` works it out.
  public var rootDigest: Digest { head.rootDigest }
  /// Bytes of the whole file.
  public var byteCount: Int { head.fileByteCount }
  /// Nodes of all kinds.
  public var nodeCount: Int { head.places[1].count }

  private let path: String
  private let descriptor: Int32
  private let head: SnapshotHead

  /// Opens a file and checks its head.
  public init(opening path: String) throws(SnapshotError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, code: errno) }
    let head: SnapshotHead
    do throws(SnapshotError) {
      head = try readHead(descriptor, path)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    self.head = head
  }

  deinit { close(descriptor) }

  /// Reads all facts and checks them.
  public func load() throws(SnapshotError) -> Snapshot {
    let digests = try readBytes(
      descriptor, path, at: head.headByteCount, count: head.dataOffset - head.headByteCount)
    try checkLength(descriptor, path, head.fileByteCount)
    let memory = GraphMemory(byteCount: head.dataByteCount)
    let target = UnsafeMutableRawBufferPointer(start: memory.base, count: head.dataByteCount)
    try readBytes(descriptor, path, at: head.dataOffset, into: target)
    return try head.snapshot(digests: digests, memory)
  }
}

extension Snapshot {
  /// Reads a snapshot file and checks everything in it.
  public static func load(_ path: String) throws(SnapshotError) -> Snapshot {
    try SnapshotFile(opening: path).load()
  }

  /// Writes the snapshot's file: a file that is there keeps its contents until the new one is whole
  /// and on disk.
  public func write(to path: String) throws(SnapshotError) {
    let temporary = "\(path).tmp-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .failed(path: temporary, code: errno) }
    do throws(SnapshotError) {
      defer { close(descriptor) }
      try writeBytes(descriptor, temporary, headBytes)
      try writeBytes(descriptor, temporary, table.memory.base, count: dataByteCount)
      guard fsync(descriptor) == 0 else { throw .failed(path: temporary, code: errno) }
      guard rename(temporary, path) == 0 else { throw .failed(path: path, code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }
}

/// A name is on disk only when its folder is.
private func syncFolder(of path: String) throws(SnapshotError) {
  let folder = path.utf8.lastIndex(of: 47).map { String(path[..<$0]) } ?? "."
  let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .failed(path: folder, code: errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw .failed(path: folder, code: errno) }
}

private func checkLength(
  _ descriptor: Int32, _ path: String, _ expected: Int
) throws(SnapshotError) {
  let length = try length(descriptor, path)
  guard length == expected else {
    throw .wrongLength(expected: UInt64(expected), found: UInt64(length))
  }
}

private func readHead(
  _ descriptor: Int32, _ path: String
) throws(SnapshotError) -> SnapshotHead {
  let length = try length(descriptor, path)
  // Most heads are read at once.
  let first = try readBytes(
    descriptor, path, at: 0, count: max(SnapshotHead.fixedByteCount, min(length, 1 << 13)),
    of: length)
  let count = try SnapshotHead.byteCount(fixed: first)
  let bytes =
    count <= first.count
    ? Array(first[..<count]) : try readBytes(descriptor, path, at: 0, count: count, of: length)
  let head = try SnapshotHead(bytes)
  guard length == head.fileByteCount else {
    throw .wrongLength(expected: UInt64(head.fileByteCount), found: UInt64(length))
  }
  return head
}

private func length(_ descriptor: Int32, _ path: String) throws(SnapshotError) -> Int {
  let length = lseek(descriptor, 0, SEEK_END)
  guard length >= 0 else { throw .unreadable(path: path, code: errno) }
  return length
}

private func readBytes(
  _ descriptor: Int32, _ path: String, at offset: Int, count: Int
) throws(SnapshotError) -> [UInt8] {
  try readBytes(
    descriptor, path, at: offset, count: count, of: try length(descriptor, path))
}

/// - Parameter length: Of the file, so that no number in it makes us allocate more than it has.
private func readBytes(
  _ descriptor: Int32, _ path: String, at offset: Int, count: Int, of length: Int
) throws(SnapshotError) -> [UInt8] {
  guard length >= offset + count else {
    guard length >= 8 else { throw .notASnapshot }
    throw .wrongLength(expected: UInt64(offset + count), found: UInt64(length))
  }
  var bytes = [UInt8](repeating: 0, count: count)
  var failure: SnapshotError?
  bytes.withUnsafeMutableBytes { buffer in
    do throws(SnapshotError) {
      try readBytes(descriptor, path, at: offset, into: buffer)
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return bytes
}

private func readBytes(
  _ descriptor: Int32, _ path: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
) throws(SnapshotError) {
  var done = 0
  while done < buffer.count {
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
    let count = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 26), off_t(offset + done))
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw .failed(path: path, code: errno) }
    guard count > 0 else {
      throw .wrongLength(expected: UInt64(offset + buffer.count), found: UInt64(offset + done))
    }
    done += count
  }
}

private func writeBytes(
  _ descriptor: Int32, _ path: String, _ bytes: [UInt8]
) throws(SnapshotError) {
  let isWritten = bytes.withUnsafeBytes { writeAll(descriptor, $0) }
  guard isWritten else { throw .failed(path: path, code: errno) }
}

private func writeBytes(
  _ descriptor: Int32, _ path: String, _ start: UnsafeRawPointer, count: Int
) throws(SnapshotError) {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  guard writeAll(descriptor, bytes) else { throw .failed(path: path, code: errno) }
}

private func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
  var done = 0
  while done < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
    let count = Glibc.write(descriptor, rest.baseAddress, min(rest.count, 1 << 26))
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}
