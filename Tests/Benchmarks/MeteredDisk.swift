// The system's disk, with a count of what the write-ahead log asks of it and, where told so, another
// speed of its syncs.
import Foundation
import Synchronization
import WritEvidence

/// Counts the batches of the write-ahead log.
final class MeteredDisk: Disk {
  private let base = SystemDisk()
  private let writes = Mutex<[Int]>([])
  /// Nanoseconds to sleep in place of a sync, 0 for neither; `nil` syncs.
  private let delay: Int?

  /// A disk that syncs, or that sleeps instead.
  init(delay: Int?) { self.delay = delay }

  /// The bytes of each write to the write-ahead log since the last call.
  func takeBatches() -> [Int] {
    writes.withLock { writes in
      defer { writes = [] }
      return writes
    }
  }

  func sleepOrSync(_ sync: () throws(LogError) -> Void) throws(LogError) {
    guard let delay else { return try sync() }
    if delay == 0 { return }
    var time = timespec(tv_sec: 0, tv_nsec: delay)
    nanosleep(&time, nil)
  }

  func read(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    try base.read(path, limit: limit)
  }
  func read(_ path: String, _ range: Range<Int>) throws(LogError) -> [UInt8]? {
    try base.read(path, range)
  }
  func open(_ path: String) throws(LogError) -> OpenFile { try base.open(path) }
  func create(_ path: String) throws(LogError) -> OpenFile { try base.create(path) }
  func lock(_ path: String) throws(LogError) -> OpenFile { try base.lock(path) }
  func write(
    _ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int
  ) throws(LogError) {
    if file.path.contains("/wal/") { writes.withLock { $0.append(bytes.count) } }
    try base.write(bytes, to: file, at: offset)
  }
  func cut(_ file: OpenFile, to byteCount: Int) throws(LogError) {
    try base.cut(file, to: byteCount)
  }
  func sync(_ file: OpenFile) throws(LogError) {
    try sleepOrSync { () throws(LogError) in try base.sync(file) }
  }
  func close(_ file: OpenFile) { base.close(file) }
  func rename(_ source: String, to target: String) throws(LogError) {
    try base.rename(source, to: target)
  }
  func remove(_ path: String) throws(LogError) { try base.remove(path) }
  func makeDirectory(_ path: String) throws(LogError) -> Bool { try base.makeDirectory(path) }
  func removeDirectory(_ path: String) throws(LogError) { try base.removeDirectory(path) }
  func syncDirectory(_ path: String) throws(LogError) {
    try sleepOrSync { () throws(LogError) in try base.syncDirectory(path) }
  }
  func syncAll(_ file: OpenFile) throws(LogError) {
    try sleepOrSync { () throws(LogError) in try base.syncAll(file) }
  }
  func names(in path: String) throws(LogError) -> [String] { try base.names(in: path) }
  func identity(of path: String) throws(LogError) -> UInt64? { try base.identity(of: path) }
}
