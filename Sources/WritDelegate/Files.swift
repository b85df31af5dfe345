// Files of a delegate: for the owner alone, replaced at once or not at all.
import Glibc

/// Calls again what a signal interrupted.
func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

enum PrivateFile {
  /// The bytes of a regular file that only the owner may read and write.
  static func read(_ path: String, limit: Int) throws(DelegateError) -> [UInt8] {
    let descriptor = try open(path, O_RDONLY)
    defer { close(descriptor) }
    return try contents(descriptor, path, limit)
  }

  /// Opens a file that only the owner may read and write; follows no link.
  static func open(_ path: String, _ flags: Int32) throws(DelegateError) -> Int32 {
    let descriptor = retrying {
      Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }
    if descriptor < 0 && errno == ENOENT { throw .missing(path: path) }
    guard descriptor >= 0 else { throw .system(act: "open \(path)", code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .damaged(path: path, reason: "expected a regular file")
    }
    guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
      close(descriptor)
      throw .open(path: path)
    }
    return descriptor
  }

  /// The rest of an open file.
  static func contents(
    _ descriptor: Int32, _ path: String, _ limit: Int
  ) throws(DelegateError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = retrying { Glibc.read(descriptor, &buffer, buffer.count) }
      guard count >= 0 else { throw .system(act: "read \(path)", code: errno) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
    throw .damaged(path: path, reason: "longer than \(limit) bytes")
  }

  /// Puts a file in place of an older one, durably; a crash leaves the one or the other.
  static func replace(_ path: String, _ bytes: [UInt8]) throws(DelegateError) {
    let directory = parent(of: path)
    let draft = "\(directory)/.draft-\(path.dropFirst(directory.utf8.count + 1))"
    unlink(draft)
    try create(draft, bytes)
    guard rename(draft, path) == 0 else {
      throw .system(act: "rename \(draft) to \(path)", code: errno)
    }
    try sync(directory)
  }

  /// Writes a file that must not be there, durably but for its name.
  static func create(
    _ path: String, _ bytes: [UInt8], mode: mode_t = 0o600
  ) throws(DelegateError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let descriptor = retrying { Glibc.open(path, flags, mode) }
    if descriptor < 0 && errno == EEXIST { throw .exists(path: path) }
    guard descriptor >= 0 else { throw .system(act: "create \(path)", code: errno) }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, path)
    guard fsync(descriptor) == 0 else { throw .system(act: "sync \(path)", code: errno) }
  }

  static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(DelegateError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        retrying {
          Glibc.write(
            descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        }
      }
      guard count > 0 else { throw .system(act: "write \(path)", code: count < 0 ? errno : EIO) }
      written += count
    }
  }

  /// Makes the names in a directory durable.
  static func sync(_ directory: String) throws(DelegateError) {
    let descriptor = retrying { Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .system(act: "open \(directory)", code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(act: "sync \(directory)", code: errno) }
  }

  /// Makes a directory for the owner alone, if there is none.
  static func makeDirectory(_ path: String) throws(DelegateError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .system(act: "create \(path)", code: errno)
    }
  }

  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return String(decoding: path.utf8[..<slash], as: UTF8.self)
  }
}

/// Overwrites bytes that were a secret's.
func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { buffer in
    if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
  }
}
