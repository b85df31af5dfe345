// The one writer of a log's records: each names, for its subjects, the entries before it.
//
// What came before is looked up and the record queued while nobody else can append: the process holds the
// log's lock, the thread that of the writer. Many threads wait together until theirs are durable.
import Glibc
import WritModel

/// Appends records to a log and publishes it; any number of threads.
public final class RecordWriter: @unchecked Sendable {
  private let store: LogStore
  private let signer: NoteSigner
  private let log: LogWriter
  private let mutex = Mutex()

  // Guarded by `mutex`.
  private var published: SearchIndex
  private var history: RecordHistory
  /// Entries that are durable or queued.
  private var end: UInt64

  /// Opens a log for writing, recovering from a crash; a second writer is refused.
  public init(store: LogStore, signer: NoteSigner) throws(LogError) {
    self.store = store
    self.signer = signer
    log = try LogWriter(store: store, signer: signer)
    end = log.size
    do throws(LogError) {
      // What a crash has left is durable, and now also published: everything is in the index.
      _ = try log.publish()
      published = try RecordWriter.index(store, signer)
      history = try RecordHistory(published.reader, of: store)
    } catch {
      log.close()
      throw error
    }
  }

  private static func index(
    _ store: LogStore, _ signer: NoteSigner
  ) throws(LogError) -> SearchIndex {
    try SearchIndex(LogReader(store: store, keys: signer.verifierKeys), of: store)
  }

  /// Entries, the index leaf included, up to the newest index leaf.
  private var leafEnd: UInt64 { history.leaf.map { $0.size + 1 } ?? 0 }

  /// Entries that are durable.
  public var size: UInt64 { log.size }

  /// Makes a record durable and returns its index.
  ///
  /// `clock` is microseconds since the epoch; where it stands before the newest entry, that entry's time
  /// is taken.
  public func append(_ draft: RecordDraft, clock: Int64) throws(LogError) -> UInt64 {
    try append(group: [draft], clock: clock).lowerBound
  }

  /// Makes records durable together and returns their indexes.
  public func append(
    group drafts: [RecordDraft], clock: Int64
  ) throws(LogError) -> Range<UInt64> {
    let ticket = try queue(drafts, clock)
    try log.wait(for: ticket)
    return ticket.indexes
  }

  private func queue(
    _ drafts: [RecordDraft], _ clock: Int64
  ) throws(LogError) -> AppendTicket {
    mutex.lock()
    defer { mutex.unlock() }
    let ticket = try queueAlone(drafts, clock)
    if end - leafEnd >= Limits.indexLeafInterval, let last = drafts.last {
      try log.wait(for: ticket)
      try appendLeaf(id: last.id + "-index", clock)
    }
    return ticket
  }

  /// Fixes the newest entry of every subject, unless nothing was appended since that was last done.
  /// Published before this returns.
  public func appendIndexLeaf(id: String, clock: Int64) throws(LogError) {
    mutex.lock()
    defer { mutex.unlock() }
    if leafEnd < end || leafEnd == 0 { try appendLeaf(id: id, clock) }
    _ = try log.publish()
  }

  /// Signs a checkpoint over all durable entries and releases it.
  @discardableResult
  public func publish() throws(LogError) -> SignedNote {
    mutex.lock()
    defer { mutex.unlock() }
    let note = try log.publish()
    if log.size / 256 > published.tailStart / 256 { try renewIndex() }
    return note
  }

  /// Refuses further work and lets others open the log.
  public func close() { log.close() }

  private func renewIndex() throws(LogError) {
    published = try RecordWriter.index(store, signer)
  }

  private func appendLeaf(id: String, _ clock: Int64) throws(LogError) {
    // Everything before the leaf must be there to be read: what others have queued, too.
    try log.wait(for: AppendTicket(indexes: end..<end))
    _ = try log.publish()
    try renewIndex()
    let heads = try history.heads(of: end, published.reader, store)
    let leaf = IndexLeaf(heads)
    try log.wait(for: try queueAlone([leaf.draft(id: id)], clock))
    history.take(leaf, heads, store)
  }

  private func queueAlone(
    _ drafts: [RecordDraft], _ clock: Int64
  ) throws(LogError) -> AppendTicket {
    let time = max(clock, history.newestTime ?? clock)
    var added: [[UInt8]: UInt64] = [:]
    var entries: [[UInt8]] = []
    for draft in drafts {
      let record = try draft.record(logged: Instant(microseconds: time)) {
        (name) throws(LogError) in
        let name = Array(name.utf8)
        if let index = added[name] { return index }
        return try history.newest(about: name, published.reader, store)
      }
      for name in draft.names { added[Array(name.utf8)] = end + UInt64(entries.count) }
      entries.append(record.bytes)
    }
    let ticket = try log.queue(group: entries)
    precondition(ticket.indexes.lowerBound == end, "nobody else appends")
    end = ticket.indexes.upperBound
    history.take(added, logged: time)
    return ticket
  }
}

/// A POSIX mutex, never moved.
private final class Mutex: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }

  func unlock() { pthread_mutex_unlock(mutex) }
}
