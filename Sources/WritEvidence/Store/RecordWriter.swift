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
  /// Subjects of entries that are not in `published`, each with the newest of them.
  private var recent: [[UInt8]: UInt64] = [:]
  /// What was looked up in `published`; bounded.
  private var known: [[UInt8]: UInt64?] = [:]
  private var newestTime: Int64?
  /// Entries that are durable or queued.
  private var end: UInt64
  /// Entries, the index leaf included, up to the newest index leaf.
  private var leafEnd: UInt64

  private static let knownCount = 65_536

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
      newestTime = try published.newestTime()
      leafEnd = try published.newestIndexLeaf().map { $0.size + 1 } ?? 0
      if let seal = try published.reader.seal() {
        throw .sealed(next: seal.next.name.description)
      }
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

  /// Ends the log: fixes the newest entry of every subject, names the log that follows, and releases the last checkpoint. No
  /// writer takes anything after that.
  public func seal(_ seal: ShardSeal, id: String, clock: Int64) throws(LogError) -> SignedNote {
    mutex.lock()
    defer { mutex.unlock() }
    if leafEnd < end || leafEnd == 0 { try appendLeaf(id: id + "-index", clock) }
    try log.wait(for: try queueAlone([seal.draft(id: id)], clock))
    defer { log.close() }
    return try log.publish()
  }

  /// Names the log that this one goes on from. Only an empty log can.
  public func open(_ opening: ShardOpening, id: String, clock: Int64) throws(LogError) {
    guard end == 0 else { throw .alreadyALog(path: store.directory) }
    _ = try append(opening.draft(id: id), clock: clock)
    try publish()
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
    let size = published.reader.size
    // What is queued and not yet published is in no index.
    recent = recent.filter { $0.value >= size }
    known = [:]
  }

  private func appendLeaf(id: String, _ clock: Int64) throws(LogError) {
    // Everything before the leaf must be there to be read: what others have queued, too.
    try log.wait(for: AppendTicket(indexes: end..<end))
    _ = try log.publish()
    try renewIndex()
    let heads = try published.heads(of: end)
    let ticket = try queueAlone([IndexLeaf(heads).draft(id: id)], clock)
    try log.wait(for: ticket)
    store.keep(heads)
    leafEnd = ticket.indexes.upperBound
  }

  private func queueAlone(
    _ drafts: [RecordDraft], _ clock: Int64
  ) throws(LogError) -> AppendTicket {
    let time = max(clock, newestTime ?? clock)
    var added: [[UInt8]: UInt64] = [:]
    var entries: [[UInt8]] = []
    for draft in drafts {
      let record = try draft.record(logged: Instant(microseconds: time)) {
        (name) throws(LogError) in
        let name = Array(name.utf8)
        if let index = added[name] { return index }
        return try newest(name)
      }
      for name in draft.names { added[Array(name.utf8)] = end + UInt64(entries.count) }
      entries.append(record.bytes)
    }
    let ticket = try log.queue(group: entries)
    precondition(ticket.indexes.lowerBound == end, "nobody else appends")
    end = ticket.indexes.upperBound
    newestTime = time
    recent.merge(added) { _, new in new }
    return ticket
  }

  /// The newest entry about a subject.
  private func newest(_ name: [UInt8]) throws(LogError) -> UInt64? {
    if let index = recent[name] { return index }
    if let index = known[name] { return index }
    let index = try published.newest(about: String(decoding: name, as: UTF8.self))
    if known.count >= RecordWriter.knownCount { known.removeAll(keepingCapacity: true) }
    known[name] = .some(index)
    return index
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
