// A log as one file: what its checkpoint needs, and what its records name (D15).
import WritCrypto

/// What an archive holds.
public struct LogArchive: Hashable, Sendable {
  /// The log as it stood.
  public let checkpoint: Checkpoint
  /// Files in the archive.
  public let fileCount: Int
  /// Objects among them.
  public let objectCount: Int
  /// Bytes of the archive.
  public let byteCount: Int
}

/// What comes of an attempt to archive a log.
public enum LogArchiveResult: Sendable {
  case done(LogArchive)
  /// The log is not as it was signed; no archive was made.
  case damaged([LogFinding])
}

/// Writes a log, at its newest checkpoint, into a tar archive.
///
/// Extracted anywhere, it verifies, is searched, proved from and, with the objects, replayed as the log is. Every tile, entry
/// and object is compared with what it must be first. Personal values are left out: an archive cannot forget.
///
/// - Parameters:
///   - keys: One of them must have signed the checkpoint of the log of that origin.
///   - withObjects: Whether what the records name goes in too; without it, nothing can be replayed.
///   - progress: Is told how many entries are in.
public func archive(
  _ store: LogStore, keys: [VerifierKey], origin: String, to path: String, withObjects: Bool,
  progress: (UInt64) -> Void
) throws(LogError) -> LogArchiveResult {
  let verified = try verifyLog(store, keys: keys, origin: origin, since: nil)
  guard verified.isWhole, let signed = verified.signed else { return .damaged(verified.findings) }
  var tar = try TarWriter(path, on: store.disk)
  do throws(LogError) {
    var archive = try ArchiveDraft(store: store, signed: signed, keys: keys, tar: tar)
    defer { tar = archive.tar }
    try archive.addCheckpoints()
    try archive.addTiles(progress)
    let objectCount = withObjects ? try archive.addObjects() : 0
    return .done(
      LogArchive(
        checkpoint: signed.checkpoint, fileCount: archive.tar.count, objectCount: objectCount,
        byteCount: try archive.tar.finish()))
  } catch {
    tar.abandon()
    throw error
  }
}

/// One archive under way.
private struct ArchiveDraft {
  let store: LogStore
  let signed: SignedCheckpoint
  var tar: TarWriter
  private let files: TileFiles
  private let reader: LogReader

  init(
    store: LogStore, signed: SignedCheckpoint, keys: [VerifierKey], tar: TarWriter
  ) throws(LogError) {
    reader = try LogReader(store: store, keys: keys)
    self.store = store
    self.signed = signed
    self.tar = tar
    files = TileFiles(store: store)
  }

  /// The newest one, and those that were released before it.
  mutating func addCheckpoints() throws(LogError) {
    try tar.add("checkpoint", signed.note.bytes)
    let sizes = try store.disk.names(in: store.checkpoints).compactMap { UInt64($0) }
    for size in sizes.sorted() where size > 0 && size <= signed.checkpoint.size {
      let path = store.archived(size)
      let bytes = try store.disk.read(path, limit: Limits.noteByteCount)
      // What is there in place of a checkpoint of this log stays behind.
      guard let bytes, let note = try? SignedNote(bytes), let old = Checkpoint(note.text),
        old.origin == signed.checkpoint.origin, old.size == size,
        try reader.root(of: size) == old.root
      else { continue }
      try tar.add(".writ/checkpoints/\(size)", bytes)
    }
  }

  /// Exactly the tiles of the tree.
  mutating func addTiles(_ progress: (UInt64) -> Void) throws(LogError) {
    let size = signed.checkpoint.size
    for number in 0..<(size + 255) / 256 {
      progress(number * 256)
      guard let path = TilePath.inTree(.entries, index: number, size: size) else { break }
      try tar.add(path.description, try files.bundle(path).bytes)
    }
    for level in 0..<TileEdge.levelCount(size) {
      var number: UInt64 = 0
      while let path = TilePath.inTree(.level(level), index: number, size: size) {
        try tar.add(path.description, try files.tile(path).bytes)
        number += 1
      }
    }
  }

  /// Everything in the content store, each compared with its name and in a file of its own; returns how many.
  mutating func addObjects() throws(LogError) -> Int {
    let objects = store.objects
    let digests = try objects.digests()
    for digest in digests {
      let name = "\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
      try tar.add(".writ/objects/sha256/\(name)", try objects.get(digest))
    }
    return digests.count
  }
}
