// The acts on files that a log is made of: a seam between the log's order of acts and the system
// that does them.
//
// What the log relies on, and a disk promises:
//
//     write, cut          seen at once by whoever reads; lost by a power failure until `sync`, whole or
//                         in part, in any order
//     sync                what the file holds now is durable, with its length
//     create, rename,     seen at once; durable after `syncDirectory` of the directory, each name by
//     remove              itself, in any order until then
//     rename              replaces at once: a reader finds the old file or the new one
//     syncAll             all of the above, for the whole file system
//
// After an error of a sync nobody knows what is durable, and a second sync may say that all is well
// while it is not. So a log stops, and whoever opens it again writes anew what was in doubt.

import WritModel

/// A file that is open for writing.
public struct OpenFile: Hashable, Sendable {
  /// What the disk knows it by.
  public let descriptor: Int32
  /// What it was opened as.
  public let path: String

  /// A file that a disk has opened under that number.
  public init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }
}

/// Where a log's files lie. Any number of threads may call it at the same time.
public protocol Disk: Sendable {
  /// All bytes of a file, `nil` if there is none; a file that is longer than `limit`, or that
  /// changes its length meanwhile, is an error.
  func read(_ path: String, limit: Int) throws(LogError) -> [UInt8]?

  /// The bytes of a file in that range, fewer where it ends before; `nil` if there is no file.
  func read(_ path: String, _ range: Range<Int>) throws(LogError) -> [UInt8]?

  /// Opens a file that is there, for writing.
  func open(_ path: String) throws(LogError) -> OpenFile

  /// Makes a file and opens it for writing. One that has the name loses it, and is not changed: after
  /// a crash it may have another name as well.
  func create(_ path: String) throws(LogError) -> OpenFile

  /// Opens a file, made if it is missing, and locks it against every other process until it is
  /// closed; `locked` where another holds it.
  func lock(_ path: String) throws(LogError) -> OpenFile

  /// Writes all bytes at an offset.
  func write(
    _ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int) throws(LogError)

  /// Cuts a file, or lengthens it by zeros.
  func cut(_ file: OpenFile, to byteCount: Int) throws(LogError)

  /// Makes what the file holds durable.
  func sync(_ file: OpenFile) throws(LogError)

  /// Lets go of a file, and of its lock.
  func close(_ file: OpenFile)

  /// Gives a file another name, in place of what has it.
  func rename(_ source: String, to target: String) throws(LogError)

  /// Removes a file if it is there.
  func remove(_ path: String) throws(LogError)

  /// Makes a directory; `false` where there is one, an error where there is none above it.
  func makeDirectory(_ path: String) throws(LogError) -> Bool

  /// Removes an empty directory if it is there.
  func removeDirectory(_ path: String) throws(LogError)

  /// Makes the names in a directory durable.
  func syncDirectory(_ path: String) throws(LogError)

  /// Makes everything durable that lies on the file system of an open file, and that was written
  /// since the file was opened.
  func syncAll(_ file: OpenFile) throws(LogError)

  /// The names in a directory, sorted; none if there is no such directory.
  func names(in path: String) throws(LogError) -> [String]

  /// A number that the file keeps while it exists, under whatever name, and that a copy of it does
  /// not have; `nil` if there is no file.
  func identity(of path: String) throws(LogError) -> UInt64?
}

// What is made of those acts.
extension Disk {
  /// Writes all bytes at an offset.
  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(LogError) {
    let result: Result<Void, LogError> = bytes.withUnsafeBytes { buffer in
      do throws(LogError) {
        return .success(try write(buffer, to: file, at: offset))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  /// Makes a file of these bytes, which are not durable.
  func draft(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    let file = try create(path)
    defer { close(file) }
    try write(bytes, to: file, at: 0)
  }

  /// Makes a durable file of these bytes; its name is durable only with its directory.
  func put(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    let file = try create(path)
    defer { close(file) }
    try write(bytes, to: file, at: 0)
    try sync(file)
  }

  /// Makes a directory and those above it. One that is there may have been made by a process that
  /// died before its name was durable: it is synced all the same.
  func makeDurableDirectory(_ path: String) throws(LogError) {
    let above = parentDirectory(of: path)
    do throws(LogError) {
      _ = try makeDirectory(path)
    } catch {
      guard case .file(_, _, let code) = error, code == missingFileCode, above != path else {
        throw error
      }
      try makeDurableDirectory(above)
      _ = try makeDirectory(path)
    }
    try syncDirectory(above)
  }

  /// Removes a directory of files, if it is there.
  func removeFilesAndDirectory(_ path: String) throws(LogError) {
    for name in try names(in: path) { try remove("\(path)/\(name)") }
    try removeDirectory(path)
  }
}

/// `ENOENT`, as `LogError.file` carries it.
private let missingFileCode: Int32 = 2

/// Everything in front of the last slash.
func parentDirectory(of path: String) -> String {
  guard let (directory, _) = path.halves(atLast: UInt8(ascii: "/")) else { return "." }
  return directory.isEmpty ? "/" : directory
}
