// Putting cosignatures below the newest checkpoint of a log that others may be writing to.
import WritCrypto

extension LogStore {
  /// Adds cosignatures to the newest checkpoint, if that is still the one that was cosigned: at
  /// once, durably, and holding the log's lock no longer than that takes. The kept copy gets them
  /// too.
  ///
  /// `nil` where the log has gone on meanwhile: nothing is changed then. `locked` while a writer is
  /// at work.
  public func addCosignatures(
    _ lines: [NoteSignature], below checkpoint: SignedCheckpoint
  ) throws(LogError) -> SignedNote? {
    let lockFile = try disk.lock(lock)
    defer { disk.close(lockFile) }
    guard let bytes = try disk.read(self.checkpoint, limit: Limits.noteByteCount) else {
      throw .missing(path: self.checkpoint)
    }
    guard let current = try? SignedNote(bytes) else {
      throw .damaged(path: self.checkpoint, reason: "it is no signed note")
    }
    guard current.text.utf8.elementsEqual(checkpoint.note.text.utf8) else { return nil }
    guard let note = current.adding(lines) else { throw .tooMuch }
    try replace(archived(checkpoint.checkpoint.size), note.bytes)
    try replace(self.checkpoint, note.bytes)
    return note
  }
}
