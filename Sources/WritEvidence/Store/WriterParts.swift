// Opening a log for writing: recovery from a crash is the same act.

/// What a writer works on, brought to the state that the files say it had.
struct WriterParts {
  let wal: WriteAheadLog
  let publisher: Publisher

  /// For the holder of the lock.
  ///
  /// The process before may have died between giving names and syncing them. What is read here is
  /// built upon, so it is made durable first.
  init(_ store: LogStore, _ signer: NoteSigner, _ bounds: WriterBounds) throws(LogError) {
    for directory in [store.directory, store.ownDirectory, store.wal] {
      try store.disk.syncDirectory(directory)
    }
    publisher = try Publisher(store, signer)
    do throws(LogError) {
      let opened = try WriteAheadLog.open(
        store, from: publisher.releasedSize, segmentByteCount: bounds.segmentByteCount)
      wal = opened.log
      do throws(LogError) {
        try publisher.checkReaches(wal.end)
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
