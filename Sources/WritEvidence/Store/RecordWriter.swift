// The one writer of a log's records: each names, for its subjects, the entries before it.
//
// What came before is looked up and the record queued while nobody else can append: the process holds the
// log's lock, the thread that of the writer. Many threads wait together until theirs are durable.
import Glibc
import WritModel

/// Appends records to a log and publishes it; any number of threads.
public final class RecordWriter: @unchecked Sendable {
  /// The log as this writer has it open: what its records name is put there, and kept in packs.
  public let store: LogStore
  private let signer: NoteSigner
  private let log: LogWriter
  private let packer: ObjectPacker
  private let mutex = Mutex()

  // Guarded by `mutex`.
  private var published: SearchIndex
  private var history: RecordHistory
  private var rule: ClockRule
  /// Entries that are durable or queued.
  private var end: UInt64

  /// Opens a log for writing, recovering from a crash; a second writer is refused.
  public init(store: LogStore, signer: NoteSigner) throws(LogError) {
    packer = store.makePacker(packByteCount: Limits.packByteCount)
    let store = store.packing(packer)
    self.store = store
    self.signer = signer
    log = try LogWriter(store: store, signer: signer)
    end = log.size
    do throws(LogError) {
      // What a crash has left is durable, and now also published: everything is in the index.
      _ = try log.publish()
      published = try RecordWriter.index(store, signer)
      if let seal = try published.reader.seal() {
        throw .sealed(next: seal.next.name.description)
      }
      history = try RecordHistory(published.reader, of: store)
      rule = ClockRule(last: store.lastReading(), accepted: nil)
    } catch {
      log.close()
      throw error
    }
  }

  deinit { packer.close() }

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
  /// `clock` is microseconds since the epoch; where it stands a little before the newest entry, that
  /// entry's time is taken. `clockWentBack` where it stands more than `Limits.clockJump` before, and, if
  /// the machine's uptime is given with it, `clockJumped` where it has gone on by so much more than that.
  public func append(
    _ draft: RecordDraft, clock: Int64, uptime: Uptime? = nil
  ) throws(LogError) -> UInt64 {
    try append(group: [draft], clock: clock, uptime: uptime).lowerBound
  }

  /// Makes records durable together and returns their indexes.
  public func append(
    group drafts: [RecordDraft], clock: Int64, uptime: Uptime? = nil
  ) throws(LogError) -> Range<UInt64> {
    let ticket = try queue(drafts, clock, uptime)
    try log.wait(for: ticket)
    return ticket.indexes
  }

  private func queue(
    _ drafts: [RecordDraft], _ clock: Int64, _ uptime: Uptime?
  ) throws(LogError) -> AppendTicket {
    mutex.lock()
    defer { mutex.unlock() }
    try check(clock, uptime)
    let ticket = try queueAlone(drafts, clock)
    if end - leafEnd >= Limits.indexLeafInterval, let last = drafts.last {
      try log.wait(for: ticket)
      try appendLeaf(id: last.id + "-index", clock)
    }
    return ticket
  }

  /// Fixes the newest entry of every subject, unless nothing was appended since that was last done.
  /// Published before this returns.
  public func appendIndexLeaf(id: String, clock: Int64, uptime: Uptime? = nil) throws(LogError) {
    mutex.lock()
    defer { mutex.unlock() }
    try check(clock, uptime)
    if leafEnd < end || leafEnd == 0 { try appendLeaf(id: id, clock) }
    _ = try log.publish()
    rememberReading()
  }

  /// Ends the log: fixes the newest entry of every subject, names the log that follows, and releases the last checkpoint. No
  /// writer takes anything after that.
  public func seal(
    _ seal: ShardSeal, id: String, clock: Int64, uptime: Uptime? = nil
  ) throws(LogError) -> SignedNote {
    mutex.lock()
    defer { mutex.unlock() }
    try check(clock, uptime)
    if leafEnd < end || leafEnd == 0 { try appendLeaf(id: id + "-index", clock) }
    try log.wait(for: try queueAlone([seal.draft(id: id)], clock))
    defer { close() }
    return try log.publish()
  }

  /// Names the log that this one goes on from. Only an empty log can.
  public func open(
    _ opening: ShardOpening, id: String, clock: Int64, uptime: Uptime? = nil
  ) throws(LogError) {
    guard end == 0 else { throw .alreadyALog(path: store.directory) }
    _ = try append(opening.draft(id: id), clock: clock, uptime: uptime)
    try publish()
  }

  /// Signs a checkpoint over all durable entries and releases it.
  @discardableResult
  public func publish() throws(LogError) -> SignedNote {
    mutex.lock()
    defer { mutex.unlock() }
    let note = try log.publish()
    rememberReading()
    if log.size / 256 > published.tailStart / 256 { try renewIndex() }
    return note
  }

  /// Refuses further work and lets others open the log.
  public func close() {
    // Packs are for the holder of the lock.
    packer.close()
    log.close()
  }

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
    let ticket = try log.queue(group: entries, logged: time)
    precondition(ticket.indexes.lowerBound == end, "nobody else appends")
    end = ticket.indexes.upperBound
    history.take(added, logged: time)
    return ticket
  }
}

// The clock that records are logged by.
extension RecordWriter {
  /// Throws what `append` would throw of that clock.
  public func checkClock(_ clock: Int64, uptime: Uptime?) throws(LogError) {
    mutex.lock()
    defer { mutex.unlock() }
    try judge(clock, uptime)
  }

  /// When the newest entry was logged, in microseconds since the epoch; `nil` if none says.
  public var newestTime: Int64? {
    mutex.lock()
    defer { mutex.unlock() }
    return history.newestTime
  }

  /// Records that the clock is right though the log did not expect it, publishes that, and returns the
  /// index of the record. Records are logged by it from then on, or, while it stands behind the newest
  /// entry, at that entry's time.
  public func accept(clock: Int64, uptime: Uptime?, id: String) throws(LogError) -> UInt64 {
    mutex.lock()
    defer { mutex.unlock() }
    let newest = history.newestTime ?? clock
    let record = ClockRecord(
      clock: Instant(microseconds: clock), newest: Instant(microseconds: newest))
    rule.last = uptime.map { ClockReading(wall: clock, uptime: $0) }
    let ticket = try queueAlone([record.draft(origin: signer.name, id: id)], clock)
    try log.wait(for: ticket)
    rule.accepted = (record, max(clock, newest))
    _ = try log.publish()
    rememberReading()
    return ticket.indexes.lowerBound
  }

  /// Takes a reading as the last one, if it is to be believed.
  private func check(_ clock: Int64, _ uptime: Uptime?) throws(LogError) {
    try judge(clock, uptime)
    if let uptime { rule.last = ClockReading(wall: clock, uptime: uptime) }
  }

  private func judge(_ clock: Int64, _ uptime: Uptime?) throws(LogError) {
    do throws(LogError) {
      try rule.check(clock, uptime, newest: history.newestTime)
    } catch {
      // Looked up only now: hardly any log has such a record.
      guard case .clockWentBack = error, rule.accepted == nil else { throw error }
      rule.accepted = try acceptedClock()
      try rule.check(clock, uptime, newest: history.newestTime)
    }
  }

  private func rememberReading() {
    if let last = rule.last { store.remember(last) }
  }

  /// The newest record of a clock from before this writer; all of those are published.
  private func acceptedClock() throws(LogError) -> (record: ClockRecord, logged: Int64)? {
    let name = Array(ClockRecord.subjectName(of: signer.name).utf8)
    guard let index = try history.newest(about: name, published.reader, store) else { return nil }
    let record = LoggedRecord(try published.reader.entry(at: index))
    guard let clock = ClockRecord(record), let logged = record.logged else { return nil }
    return (clock, logged)
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
