// The disk of the machine: each act as system calls.
//
// A call that a signal interrupted is made again, and a write that took less than it was given goes
// on behind it. A sync is never made again: after its first error nobody knows what is durable.
import CLinux
import Glibc

/// Files by path, as the system has them.
public struct SystemDisk: Disk {
  /// The one disk there is.
  public init() {}

  public func read(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    // Without O_NONBLOCK, opening a pipe that somebody put there would wait for a writer.
    let descriptor = retrying { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) { return nil }
    guard descriptor >= 0 else { throw failure(path, "open") }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "look at") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .damaged(path: path, reason: "expected a regular file")
    }
    let size = Int(status.st_size)
    guard size <= limit else { throw .damaged(path: path, reason: "longer than \(limit) bytes") }
    var error: LogError?
    // One byte more than expected, so that a file that grows is seen.
    let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      while count < buffer.count {
        let room = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        let got = Glibc.read(descriptor, room.baseAddress, room.count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { error = failure(path, "read") }
        if got <= 0 { return }
        count += got
        // Less than there was room for is all that there is.
        if got < room.count { return }
      }
    }
    if let error { throw error }
    guard bytes.count == size else {
      throw .damaged(path: path, reason: "changed its length while it was read")
    }
    return bytes
  }

  public func read(_ path: String, _ range: Range<Int>) throws(LogError) -> [UInt8]? {
    let descriptor = retrying { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) { return nil }
    guard descriptor >= 0 else { throw failure(path, "open") }
    defer { Glibc.close(descriptor) }
    var error: LogError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      while count < buffer.count {
        let room = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        let got = pread(
          descriptor, room.baseAddress, room.count, off_t(range.lowerBound + count))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { error = failure(path, "read") }
        if got <= 0 { return }
        count += got
      }
    }
    if let error { throw error }
    return bytes
  }

  public func open(_ path: String) throws(LogError) -> OpenFile {
    try file(path, O_RDWR, "open")
  }

  public func create(_ path: String) throws(LogError) -> OpenFile {
    let flags = O_WRONLY | O_CREAT | O_EXCL
    do throws(LogError) {
      return try file(path, flags, "create")
    } catch {
      guard case .file(_, _, let code) = error, code == EEXIST else { throw error }
      try remove(path)
      return try file(path, flags, "create")
    }
  }

  public func lock(_ path: String) throws(LogError) -> OpenFile {
    let file = try file(path, O_RDWR | O_CREAT, "open")
    guard retrying({ flock(file.descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      let error: LogError = errno == EWOULDBLOCK ? .locked(path: path) : failure(path, "lock")
      close(file)
      throw error
    }
    return file
  }

  private func file(_ path: String, _ flags: Int32, _ act: String) throws(LogError) -> OpenFile {
    let descriptor = retrying { Glibc.open(path, flags | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw failure(path, act) }
    return OpenFile(descriptor: descriptor, path: path)
  }

  public func write(
    _ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int
  ) throws(LogError) {
    var rest = bytes
    while !rest.isEmpty {
      let at = off_t(offset + bytes.count - rest.count)
      let count = pwrite(file.descriptor, rest.baseAddress, rest.count, at)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(file.path, "write") }
      // A disk that takes nothing would be asked for ever.
      guard count > 0 else { throw .file(path: file.path, act: "write", code: EIO) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  public func cut(_ file: OpenFile, to byteCount: Int) throws(LogError) {
    guard retrying({ ftruncate(file.descriptor, off_t(byteCount)) }) == 0 else {
      throw failure(file.path, "cut")
    }
  }

  public func sync(_ file: OpenFile) throws(LogError) {
    guard fdatasync(file.descriptor) == 0 else { throw failure(file.path, "sync") }
  }

  public func close(_ file: OpenFile) {
    // A process that was forked just now holds the file, and its lock, until it runs another program.
    flock(file.descriptor, LOCK_UN)
    Glibc.close(file.descriptor)
  }

  public func rename(_ source: String, to target: String) throws(LogError) {
    guard retrying({ Glibc.rename(source, target) }) == 0 else {
      throw failure(target, "rename to")
    }
  }

  public func remove(_ path: String) throws(LogError) {
    guard retrying({ unlink(path) }) == 0 || errno == ENOENT else {
      throw failure(path, "remove")
    }
  }

  public func makeDirectory(_ path: String) throws(LogError) -> Bool {
    if retrying({ mkdir(path, 0o755) }) == 0 { return true }
    guard errno == EEXIST else { throw failure(path, "create") }
    return false
  }

  public func removeDirectory(_ path: String) throws(LogError) {
    guard retrying({ rmdir(path) }) == 0 || errno == ENOENT else {
      throw failure(path, "remove")
    }
  }

  public func syncDirectory(_ path: String) throws(LogError) {
    let descriptor = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw failure(path, "open") }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
  }

  public func syncAll(_ file: OpenFile) throws(LogError) {
    guard syncfs(file.descriptor) == 0 else { throw failure(file.path, "sync all around") }
  }

  public func names(in path: String) throws(LogError) -> [String] {
    // What is listed may be removed: a link to elsewhere is not followed.
    let descriptor = retrying { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW) }
    guard descriptor >= 0, let directory = fdopendir(descriptor) else {
      if errno == ENOTDIR && isLink(path) { throw .damaged(path: path, reason: "is a link") }
      if errno == ENOENT || errno == ENOTDIR { return [] }
      throw failure(path, "open")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      // Both the end and an error are `nil`.
      errno = 0
      guard let entry = readdir(directory) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw failure(path, "list") }
    return names.sorted()
  }

  public func identity(of path: String) throws(LogError) -> UInt64? {
    var status = stat()
    if stat(path, &status) == 0 { return UInt64(status.st_ino) }
    guard errno == ENOENT || errno == ENOTDIR else { throw failure(path, "look at") }
    return nil
  }
}

private func isLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}

/// Makes a call again as long as signals interrupt it.
private func retrying(_ call: () -> Int32) -> Int32 {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

private func failure(_ path: String, _ act: String) -> LogError {
  .file(path: path, act: act, code: errno)
}
