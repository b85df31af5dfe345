// What the next writer of a log goes by: what was signed last, how far it has come, and the write-ahead log. Without the log's key only
// the shape of the last can be judged; the writer judges the rest, and refuses.
import WritCrypto

extension LogCheckup {
  /// Compares it with the newest checkpoint. A copy that nobody can write to has none of it.
  mutating func compareWriterState(_ store: LogStore, _ reader: LogReader) throws(LogError) {
    guard try store.disk.identity(of: store.configurationFile) != nil else { return }
    try compareSigned(store, reader)
    try compareSegments(store)
  }

  /// Read behind the checkpoint, it is never less: it is written before.
  private mutating func compareSigned(_ store: LogStore, _ reader: LogReader) throws(LogError) {
    let remembered: Checkpoint?
    do throws(LogError) {
      remembered = try store.lastSigned()
    } catch .damaged(_, let reason) {
      return add(".writ/signed", "is not as a writer leaves it: \(reason)")
    }
    guard let remembered else { return add(".writ/signed", "is missing") }
    let checkpoint = reader.signed.checkpoint
    if remembered.size < checkpoint.size {
      add(".writ/signed", "says size \(remembered.size), and \(checkpoint.size) is signed")
    } else if remembered.size == checkpoint.size, remembered.root != checkpoint.root {
      add(".writ/signed", "has another root than was signed for size \(remembered.size)")
    }
    if let reached = try store.reachedSize(), reached > remembered.size {
      add(
        ".writ/reached",
        "says that size \(reached) was released, and the log remembers \(remembered.size): older files were put in place of newer ones"
      )
    }
  }

  private mutating func compareSegments(_ store: LogStore) throws(LogError) {
    let names = try store.disk.names(in: store.wal)
    if names.isEmpty { add(".writ/wal", "is missing, or has no segment") }
    for name in names {
      let path = ".writ/wal/\(name)"
      guard name.utf8.count == 20, let start = UInt64(name) else {
        add(path, "is no segment")
        continue
      }
      let head = try store.disk.read("\(store.wal)/\(name)", 0..<SegmentHead.byteCount)
      // One that was being begun when the machine stopped is passed over where another stands before it.
      let isBegun =
        head.map { $0.count == SegmentHead.byteCount && $0.contains { $0 != 0 } } ?? false
      if head.map({ SegmentHead.isShaped($0, start: start) }) != true,
        isBegun || name == names.first
      {
        add(path, "does not begin as a segment does")
      }
    }
  }
}

extension LogStore {
  /// Puts a write-ahead log that no writer can open out of the way, so that the log goes on behind its newest checkpoint. What was durable
  /// and is under no checkpoint is lost by that. Throws `rolledBack` where more was signed than is published: the log would fork.
  ///
  /// - Returns: Where it lies now; `nil` if there was none.
  public func setWriteAheadLogAside(_ reader: LogReader) throws(LogError) -> String? {
    let lockFile = try disk.lock(lock)
    defer { disk.close(lockFile) }
    let signed = max(try lastSigned()?.size ?? 0, try reachedSize() ?? 0)
    guard signed <= reader.size else {
      throw .rolledBack(signed: signed, found: reader.size)
    }
    let names = try disk.names(in: wal)
    try disk.makeDurableDirectory(wal)
    guard !names.isEmpty else { return nil }
    let aside = try freeName("\(ownDirectory)/wal-\(reader.size)")
    try disk.makeDurableDirectory(aside)
    for name in names { try disk.rename("\(wal)/\(name)", to: "\(aside)/\(name)") }
    try disk.syncDirectory(aside)
    try disk.syncDirectory(wal)
    return aside
  }

  /// The path, with a number behind it where there is something in it.
  private func freeName(_ path: String) throws(LogError) -> String {
    var name = path
    var number = 1
    while !(try disk.names(in: name)).isEmpty {
      number += 1
      name = "\(path)-\(number)"
    }
    return name
  }
}
