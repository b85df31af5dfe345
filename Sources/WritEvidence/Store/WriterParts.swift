// Opening a log for writing: recovery from a crash is the same act.

/// What a writer works on, brought to the state that the files say it had.
struct WriterParts {
  let wal: WriteAheadLog
  let publisher: Publisher

  /// For the holder of the lock.
  ///
  /// The process before may have died between giving names and syncing them. What is built upon is
  /// made durable first: here the names in `.writ`, unless a checkpoint shows that they were synced
  /// before it was released; segments by `WriteAheadLog`, the checkpoint's by `Publisher`.
  init(_ store: LogStore, _ signer: NoteSigner, _ bounds: WriterBounds) throws(LogError) {
    if try store.disk.identity(of: store.checkpoint) == nil {
      try store.disk.syncDirectory(store.ownDirectory)
    }
    publisher = try Publisher(store, signer)
    do throws(LogError) {
      let publisher = publisher
      let opened = try WriteAheadLog.open(
        store, signer, from: publisher.releasedSize, segmentByteCount: bounds.segmentByteCount
      ) { (size, leaves) throws(LogError) in try publisher.root(of: size, behind: leaves) }
      wal = opened.log
      do throws(LogError) {
        try publisher.checkReaches(wal.end)
        try publisher.checkHolds(opened.published)
        try publisher.derive(opened.recovered)
      } catch {
        wal.close()
        throw error
      }
    } catch {
      publisher.close()
      throw error
    }
  }
}
