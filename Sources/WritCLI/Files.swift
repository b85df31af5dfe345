// Files: read with a limit, written whole or not at all, directories walked in order.

@preconcurrency import Glibc
import WritModel

/// Bounds on what is read from files.
enum Limits {
  /// Bytes in a policy text.
  static let textBytes = 16 << 20
  /// Bytes in a request, a key, a registry or any other small document.
  static let documentBytes = 64 << 20
  /// Bytes in one message of an agent.
  static let messageBytes = 4 << 20
  /// Bytes of a program's output that an agent is told, from its beginning.
  static let toolOutputBytes = 64 << 10
  /// Bytes in a file of many requests.
  static let batchBytes = 1 << 30
  /// Bytes in a bundle.
  static let bundleBytes = 128 << 20
  /// Bytes in a file of facts, or in the text of a bundle.
  static let graphBytes = 4 << 30
  /// Directories inside one another.
  static let directoryDepth = 32
  /// Files that one command takes.
  static let fileCount = 100_000
}

/// What `-` is called in messages.
let standardInputName = "<standard input>"

/// The name of a file as messages show it.
func shownName(_ path: String) -> String { path == "-" ? standardInputName : path }

/// All bytes of a file, or of standard input for `-`.
func readFile(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
  if path == "-" { return try readAll(STDIN_FILENO, path, limit: limit) }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
  guard descriptor >= 0 else { throw cannotRead(path, errno) }
  defer { close(descriptor) }
  return try readAll(descriptor, path, limit: limit)
}

/// The same of a file that others put there: a pipe or a device is refused, and nobody waits for who would write to it.
///
/// - Parameter followsLinks: Whether it may be a link to a file elsewhere. Not where whoever put it there may read less than this process.
func readRegularFile(
  _ path: String, limit: Int, followsLinks: Bool = true
) throws(Failure) -> [UInt8] {
  let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW)
  let descriptor = open(path, flags)
  guard descriptor >= 0 else { throw cannotRead(path, errno) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
    followsLinks || status.st_nlink == 1
  else {
    throw .badInput("\(path) is no regular file\(followsLinks ? "" : " of its own")")
  }
  return try readAll(descriptor, path, limit: limit)
}

/// Reads to the end. A size that is known beforehand saves rounds, and is never trusted.
private func readAll(_ descriptor: Int32, _ path: String, limit: Int) throws(Failure) -> [UInt8] {
  var status = stat()
  let isKnown = fstat(descriptor, &status) == 0
  if isKnown, status.st_mode & S_IFMT == S_IFDIR { throw cannotRead(path, EISDIR) }
  let size = isKnown && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  guard size <= limit else { throw tooLarge(path, limit) }
  var bytes: [UInt8] = []
  var failure: Int32 = 0
  // One more than the size, so that the end is seen without another round.
  var room = size > 0 ? size + 1 : 1 << 16
  while failure == 0 {
    let start = bytes.count
    let wanted = min(room, limit + 1 - start)
    var count = 0
    bytes.append(contentsOf: repeatElement(0, count: wanted))
    bytes.withUnsafeMutableBytes { buffer in
      repeat {
        count = read(descriptor, buffer.baseAddress.map { $0 + start }, wanted)
      } while count < 0 && errno == EINTR
      if count < 0 { failure = errno }
    }
    bytes.removeLast(wanted - max(count, 0))
    guard count > 0 else { break }
    guard bytes.count <= limit else { throw tooLarge(path, limit) }
    room = max(1 << 16, bytes.count)
  }
  guard failure == 0 else { throw cannotRead(path, failure) }
  return bytes
}

/// More than the limit of what is read there.
private func tooLarge(_ path: String, _ limit: Int) -> Failure {
  // Every limit is a whole number of them.
  .badInput("\(shownName(path)) is larger than \(limit >> 20) MiB, the most that is read")
}

/// A file that is missing or may not be read is one thing, a disk that fails another.
func cannotRead(_ path: String, _ error: Int32) -> Failure {
  let code: ExitCode = error == EIO || error == ENOMEM || error == EMFILE ? .broken : .noInput
  return Failure(
    code, "cannot read \(shownName(path)): \(reason(error))",
    remedy: error == EISDIR ? "name a file" : nil)
}

/// A disk that is full, a directory that is missing or may not be written: all the same to a
/// script.
func cannotWrite(_ path: String, _ error: Int32) -> Failure {
  Failure(.broken, "cannot write \(path): \(reason(error))")
}

/// What the system says of an error, in lower case.
func reason(_ error: Int32) -> String {
  guard let text = strerror(error).map({ String(cString: $0) }) else { return "error \(error)" }
  return text.prefix(1).lowercased() + text.dropFirst()
}

/// How a file is put in its place.
enum Placing {
  /// Over what stands there; a new file has the mode 0666 less the umask.
  case replacing
  /// Over what stands there, for the owner's eyes only whatever mode it had.
  case secret
  /// Only where nothing stands, with that mode.
  case new(mode: mode_t)
}

/// Writes a file whole or not at all: beside its place first, synced, then renamed.
func writeFile(_ path: String, _ bytes: [UInt8], _ placing: Placing = .replacing) throws(Failure) {
  var status = stat()
  let exists = stat(path, &status) == 0
  if case .new = placing, exists {
    throw Failure(
      .usage, "\(path) is already there", remedy: "name another file, or move that one away")
  }
  // A device or a pipe cannot be replaced, only written to.
  if exists, status.st_mode & S_IFMT != S_IFREG { return try writeThrough(path, bytes) }
  let temporary = "\(directory(of: path))/.\(lastComponent(of: path)).\(getpid()).tmp"
  let mode: mode_t
  switch placing {
  case .replacing: mode = exists ? status.st_mode & 0o777 : 0o666
  case .secret: mode = 0o600
  case .new(let wanted): mode = wanted
  }
  do throws(Failure) {
    try writeSynced(temporary, bytes, mode: mode, for: path)
    try move(temporary, to: path, placing)
  } catch {
    unlink(temporary)
    throw error
  }
  syncDirectory(directory(of: path))
}

/// Writes into what is there: a device, a pipe.
private func writeThrough(_ path: String, _ bytes: [UInt8]) throws(Failure) {
  let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
  guard descriptor >= 0 else { throw cannotWrite(path, errno) }
  defer { close(descriptor) }
  guard writeAll(bytes, to: descriptor) else { throw cannotWrite(path, errno) }
}

/// Writes the temporary file and makes its bytes durable.
private func writeSynced(
  _ temporary: String, _ bytes: [UInt8], mode: mode_t, for path: String
) throws(Failure) {
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
  guard descriptor >= 0 else { throw cannotWrite(path, errno) }
  let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
  let error = errno
  guard close(descriptor) == 0, isWritten else { throw cannotWrite(path, error) }
}

/// Gives the file its name, at once.
private func move(_ temporary: String, to path: String, _ placing: Placing) throws(Failure) {
  switch placing {
  case .replacing, .secret:
    guard rename(temporary, path) == 0 else { throw cannotWrite(path, errno) }
  case .new:
    // A link fails where a rename would replace.
    guard link(temporary, path) == 0 else { throw cannotWrite(path, errno) }
    unlink(temporary)
  }
}

/// A name is durable only when its directory is; a file system that cannot say so is taken as it
/// is.
private func syncDirectory(_ path: String) {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

/// What stands in front of the last `/`, `.` where there is none.
func directory(of path: String) -> String {
  guard let (directory, _) = path.halves(atLast: UInt8(ascii: "/")) else { return "." }
  return directory.isEmpty ? "/" : directory
}

/// What stands behind the last `/`.
func lastComponent(of path: String) -> String {
  path.halves(atLast: UInt8(ascii: "/"))?.behind ?? path
}

/// Whether a directory stands there.
func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether something that is written through, not replaced, is there: a terminal, a pipe, `/dev/null`.
func isDevice(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG && !isDirectory(path)
}
