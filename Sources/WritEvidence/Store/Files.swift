// The acts on files that a log needs, each with its error: bounded reads, durable writes.
import Glibc
import WritModel

/// Files by path.
enum Files {
  /// All bytes of a file, `nil` if there is none; a file that is longer than `limit`, or that
  /// changes its length meanwhile, is an error.
  static func read(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) { return nil }
    guard descriptor >= 0 else { throw failure(path, "open") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "look at") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .damaged(path: path, reason: "expected a regular file")
    }
    guard status.st_size <= limit else {
      throw .damaged(path: path, reason: "longer than \(limit) bytes")
    }
    // One byte more than expected, so that a file that grows is seen.
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var at = 0
    while at < bytes.count {
      let room = bytes.count - at
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + at }, room)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(path, "read") }
      if count == 0 { break }
      at += count
    }
    guard at == bytes.count - 1 else {
      throw .damaged(path: path, reason: "changed its length while it was read")
    }
    bytes.removeLast()
    return bytes
  }

  /// Writes all bytes at an offset.
  static func write(
    _ bytes: [UInt8], to descriptor: Int32, at offset: Int, path: String
  ) throws(LogError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        pwrite(
          descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written,
          off_t(offset + written))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(path, "write") }
      written += count
    }
  }

  /// Creates a file of these bytes and makes it durable; its name is durable only with its
  /// directory.
  static func create(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path, "create") }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, at: 0, path: path)
    guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
  }

  static func rename(_ source: String, to target: String) throws(LogError) {
    guard Glibc.rename(source, target) == 0 else { throw failure(target, "rename to") }
  }

  /// Makes the names in a directory durable.
  static func syncDirectory(_ path: String) throws(LogError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
  }

  /// Creates a directory and those above it, durably; those that are there stay.
  static func makeDirectory(_ path: String) throws(LogError) {
    if mkdir(path, 0o755) == 0 {
      try syncDirectory(parent(of: path))
      return
    }
    if errno == EEXIST { return }
    guard errno == ENOENT, parent(of: path) != path else { throw failure(path, "create") }
    try makeDirectory(parent(of: path))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path, "create") }
    try syncDirectory(parent(of: path))
  }

  /// The names in a directory, sorted; none if there is no such directory.
  static func list(_ path: String) throws(LogError) -> [String] {
    guard let directory = opendir(path) else {
      if errno == ENOENT || errno == ENOTDIR { return [] }
      throw failure(path, "open")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file if it is there.
  static func remove(_ path: String) throws(LogError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure(path, "remove") }
  }

  /// Removes a directory of files, if it is there.
  static func removeDirectory(_ path: String) throws(LogError) {
    for name in try list(path) { try remove("\(path)/\(name)") }
    guard rmdir(path) == 0 || errno == ENOENT else { throw failure(path, "remove") }
  }

  /// Everything in front of the last slash.
  static func parent(of path: String) -> String {
    guard let (directory, _) = path.halves(atLast: UInt8(ascii: "/")) else { return "." }
    return directory.isEmpty ? "/" : directory
  }

  static func failure(_ path: String, _ act: String) -> LogError {
    .file(path: path, act: act, code: errno)
  }
}
