// Whether a log lies where it was made. A copy, or a backup that was brought back, may have forgotten
// what the log has signed since: written to, it would sign second roots for sizes that others have
// seen. So it is only read until it is shown the newest checkpoint that was seen outside.
//
// A backup that is copied over the log keeps its inodes. It writes over files, and does not remove those that came since: so the size
// that was reached stands in the name of one, not in its contents.
import WritCrypto

extension LogStore {
  /// Remembers the inode of the lock, which no copy has. For the holder of the lock.
  func settle() throws(LogError) {
    try replace(home, Array(String(try lockIdentity()).utf8))
  }

  /// Throws `restored` unless the log lies where it was made. For the holder of the lock.
  func checkHome() throws(LogError) {
    let identity = Array(String(try lockIdentity()).utf8)
    guard try disk.read(home, limit: 64) == identity else { throw .restored(path: directory) }
  }

  private func lockIdentity() throws(LogError) -> UInt64 {
    guard let identity = try disk.identity(of: lock) else { throw .missing(path: lock) }
    return identity
  }

  /// Lets a copied or restored log be written to again, once it is shown the newest checkpoint of
  /// it that was seen outside.
  ///
  /// The log must reach that checkpoint and extend it: `rolledBack` where it has forgotten entries
  /// that were signed, `wouldFork` where it holds others. Then it stays as it is; bring back a newer
  /// copy, or begin a new log.
  public func readmit(newest bytes: [UInt8], signer: NoteSigner) throws(LogError) {
    let origin = signer.name.description
    let shown: Checkpoint
    do throws(CheckpointError) {
      shown = try SignedCheckpoint(bytes, keys: signer.verifierKeys, origin: origin).checkpoint
    } catch {
      throw .damaged(path: "the newest checkpoint", reason: "this log has not signed it")
    }
    let lockFile = try disk.lock(lock)
    defer { disk.close(lockFile) }
    try checkExtends(shown, keys: signer.verifierKeys)
    let remembered = try lastSigned()
    if remembered.map({ $0.size < shown.size }) ?? true {
      try replace(signed, Array(shown.text.utf8))
    }
    // Opening compares what was remembered with what the durable entries lead to.
    let parts = try WriterParts(self, signer, WriterBounds())
    parts.publisher.close()
    parts.wal.close()
    try settle()
  }

  /// Compares the checkpoint with the published part of the log, as far as that reaches.
  private func checkExtends(_ shown: Checkpoint, keys: [VerifierKey]) throws(LogError) {
    if let remembered = try lastSigned(), remembered.size == shown.size {
      guard remembered.root == shown.root else { throw .wouldFork(size: shown.size) }
    }
    guard try disk.identity(of: checkpoint) != nil else { return }
    let reader = try LogReader(store: self, keys: keys)
    guard shown.size <= reader.size else { return }
    guard try reader.root(of: shown.size) == shown.root else {
      throw .wouldFork(size: shown.size)
    }
  }

  /// The largest size that the log is marked to have reached; `nil` of one that no release has marked.
  func reachedSize() throws(LogError) -> UInt64? {
    try disk.names(in: reached).compactMap { UInt64($0) }.max()
  }

  /// Marks a size as reached. Not made durable: what was signed is remembered before, so a mark that a crash takes back is only too
  /// low. Two system calls at most but for the first.
  func mark(reached size: UInt64, insteadOf old: UInt64?) throws(LogError) {
    let name = "\(reached)/\(size)"
    if let old { return try disk.rename("\(reached)/\(old)", to: name) }
    try disk.makeDurableDirectory(reached)
    try disk.put(name, [])
  }
}
