// The one writer of a log: entries in, indexes and checkpoints out.
//
// An index is given out only when its entry is durable. Callers that come while a write is under
// way wait together, and the next of them writes and syncs for all (group commit, without a timer
// and without a thread of its own). After a failed write or sync nobody knows what the disk holds:
// the writer stops for good, and opening the log again finds out.
import Glibc

/// Appends to a log and publishes it; any number of threads.
public final class LogWriter: @unchecked Sendable {
  private let condition = Condition()
  private let lockFile: LockFile

  // Guarded by `condition`.
  private var queue: [[UInt8]] = []
  private var queuedByteCount = 0
  private var nextIndex: UInt64
  private var durableSize: UInt64
  private var failure: LogError?
  /// Whether some caller has `state` for itself.
  private var isBusy = false

  // Only for the caller that has set `isBusy`.
  private let state: LogState

  /// Opens a log for writing, recovering from a crash; a second writer is refused.
  public init(store: LogStore, signer: NoteSigner) throws(LogError) {
    let configuration = try store.configuration()
    guard KeyName(configuration.origin) == signer.name else {
      throw .wrongKey(origin: configuration.origin, key: signer.name.description)
    }
    lockFile = try LockFile(store.lock)
    state = try LogState(store, signer)
    durableSize = state.size
    nextIndex = state.size
  }

  /// Entries that are durable; their indexes are below this.
  public var size: UInt64 {
    condition.lock()
    defer { condition.unlock() }
    return durableSize
  }

  /// Makes one entry durable and returns its index.
  public func append(_ entry: [UInt8]) throws(LogError) -> UInt64 {
    try append(group: [entry]).lowerBound
  }

  /// Makes entries durable together and returns their indexes.
  public func append(group entries: [[UInt8]]) throws(LogError) -> Range<UInt64> {
    let byteCount = try LogWriter.check(entries)
    condition.lock()
    defer { condition.unlock() }
    // Bounded memory: whoever comes to a full queue waits.
    while failure == nil && queuedByteCount > 0
      && queuedByteCount + byteCount > Limits.groupByteCount
    { condition.wait() }
    guard failure == nil else { throw .stopped }
    let indexes = nextIndex..<nextIndex + UInt64(entries.count)
    nextIndex = indexes.upperBound
    queue += entries
    queuedByteCount += byteCount
    while durableSize < indexes.upperBound && failure == nil {
      if isBusy { condition.wait() } else { commitQueue() }
    }
    if let failure, durableSize < indexes.upperBound { throw failure }
    return indexes
  }

  /// The bytes of a group that may be appended.
  private static func check(_ entries: [[UInt8]]) throws(LogError) -> Int {
    guard entries.count <= Limits.appendCount else { throw .tooMuch }
    var byteCount = 0
    for entry in entries {
      guard entry.count <= Limits.entryByteCount else { throw .entryTooLong(entry.count) }
      byteCount += entry.count + 2
    }
    guard byteCount <= Limits.groupByteCount else { throw .tooMuch }
    return byteCount
  }

  /// Writes all that is queued, for all that wait. Called with the lock, which is let go meanwhile.
  private func commitQueue() {
    let group = queue
    queue = []
    queuedByteCount = 0
    alone {
      do throws(LogError) {
        try state.commit(group)
        return nil
      } catch {
        return error
      }
    }
    durableSize = failure == nil ? durableSize + UInt64(group.count) : durableSize
  }

  /// Does something with `state` without the lock, while others wait; remembers a failure.
  private func alone(_ act: () -> LogError?) {
    isBusy = true
    condition.unlock()
    let error = act()
    condition.lock()
    if let error { failure = failure ?? error }
    isBusy = false
    condition.broadcast()
  }

  /// Signs a checkpoint over all durable entries and releases it, bundles and tiles first.
  ///
  /// Returns the newest checkpoint; where nothing was appended since, that is the one before.
  @discardableResult
  public func publish() throws(LogError) -> SignedNote {
    try publish(until: .trimmed)
  }

  /// Publishes up to a step and stops there for good, as a crash would: for tests of recovery.
  public func crash(after step: PublishStep) throws(LogError) {
    _ = try publish(until: step)
    close()
  }

  private func publish(until last: PublishStep) throws(LogError) -> SignedNote {
    condition.lock()
    defer { condition.unlock() }
    while isBusy { condition.wait() }
    guard failure == nil else { throw .stopped }
    var note: SignedNote?
    alone {
      do throws(LogError) {
        note = try state.publish(until: last)
        return nil
      } catch {
        return error
      }
    }
    guard let note else { throw failure ?? .stopped }
    return note
  }

  /// Waits for what is under way, refuses further work and lets others open the log.
  public func close() {
    condition.lock()
    defer { condition.unlock() }
    while isBusy || !queue.isEmpty && failure == nil { condition.wait() }
    failure = failure ?? .stopped
    lockFile.release()
    condition.broadcast()
  }
}

/// The lock of a log, or of a witness, held from opening to release.
final class LockFile {
  private var descriptor: Int32

  init(_ path: String) throws(LogError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Files.failure(path, "open") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let error = isHeld ? .locked(path: path) : Files.failure(path, "lock")
      Glibc.close(descriptor)
      descriptor = -1
      throw error
    }
  }

  func release() {
    guard descriptor >= 0 else { return }
    // A process that was forked just now holds the file open as well, until it runs another program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
    descriptor = -1
  }

  deinit { release() }
}
