// The one writer of a log: entries in, indexes and checkpoints out.

/// Appends to a log and publishes it; any number of threads.
///
/// An index is given out only when its entry is durable. Callers that come while a write is under way
/// wait together, and the next write is for all of them, whatever has come: there is no timer.
/// After a failed write or sync nobody knows what the disk holds: every later call fails at once with
/// that first error, and opening the log again finds out.
public final class LogWriter: Sendable {
  private let core: WriterCore

  /// Opens a log for writing, recovering from a crash; a second writer is refused.
  public convenience init(store: LogStore, signer: NoteSigner) throws(LogError) {
    try self.init(store: store, signer: signer, bounds: WriterBounds())
  }

  /// Opens a log for writing within other bounds than usual.
  public init(store: LogStore, signer: NoteSigner, bounds: WriterBounds) throws(LogError) {
    let configuration = try store.configuration()
    guard KeyName(configuration.origin) == signer.name else {
      throw .wrongKey(origin: configuration.origin, key: signer.name.description)
    }
    let lockFile = try store.disk.lock(store.lock)
    do throws(LogError) {
      try store.checkHome()
      core = WriterCore(store, lockFile, try WriterParts(store, signer, bounds), bounds)
    } catch {
      store.disk.close(lockFile)
      throw error
    }
  }

  deinit { core.close() }

  /// Entries that are durable; their indexes are below this.
  public var size: UInt64 { core.size }

  /// The clock of the newest entry that came with one, in microseconds since 1970; `nil` if none did.
  public var newestLogged: Int64? { core.newestLogged }

  /// Makes one entry durable and returns its index.
  public func append(_ entry: [UInt8]) throws(LogError) -> UInt64 {
    let ticket = try core.enqueue(entry, .none)
    try wait(for: ticket)
    return ticket.indexes.lowerBound
  }

  /// Makes entries durable together and returns their indexes.
  public func append(group entries: [[UInt8]]) throws(LogError) -> Range<UInt64> {
    let ticket = try core.enqueue(group: entries, .none)
    try wait(for: ticket)
    return ticket.indexes
  }

  /// Makes one entry durable that says when it was logged, in microseconds since 1970, and returns
  /// its index.
  ///
  /// That clock never goes back, so a jump forward is for ever: `clockWentBack` where a newer entry
  /// says a later time, `clockJumped` where this one says more than `Limits.clockJump` beyond the
  /// newest. Nothing is appended then. For entries that come all the time; `RecordWriter` knows a jump
  /// from a pause.
  public func append(_ entry: [UInt8], logged: Int64) throws(LogError) -> UInt64 {
    let ticket = try core.enqueue(entry, .steady(logged))
    try wait(for: ticket)
    return ticket.indexes.lowerBound
  }

  /// Makes the entry durable that vouches for a jump of the clock: that time is the newest from now
  /// on. That somebody signed it is the caller's care.
  public func append(clockChange entry: [UInt8], logged: Int64) throws(LogError) -> UInt64 {
    let ticket = try core.enqueue(entry, .jump(logged))
    try wait(for: ticket)
    return ticket.indexes.lowerBound
  }

  /// Queues one entry. Nothing may be claimed of it before `wait` has returned for its ticket.
  ///
  /// Waits where the queue is full; nothing is ever dropped.
  public func enqueue(_ entry: [UInt8]) throws(LogError) -> AppendTicket {
    let ticket = try core.enqueue(entry, .none)
    core.startCommitting()
    return ticket
  }

  /// Queues entries that become durable together, for whoever then waits for them, and who has seen to it
  /// that they may say that time.
  func queue(group entries: [[UInt8]], logged: Int64) throws(LogError) -> AppendTicket {
    try core.enqueue(group: entries, .jump(logged))
  }

  /// Waits until what was queued is durable.
  public func wait(for ticket: AppendTicket) throws(LogError) {
    try core.wait(until: ticket.indexes.upperBound)
  }

  /// Signs a checkpoint over all durable entries and releases it, bundles and tiles first.
  ///
  /// Returns the newest checkpoint; where nothing was appended since, that is the one before.
  @discardableResult
  public func publish() throws(LogError) -> SignedNote {
    try core.publish(until: .trimmed)
  }

  /// Publishes up to a step and stops there for good, as a crash would: for tests of recovery.
  public func crash(after step: PublishStep) throws(LogError) {
    _ = try core.publish(until: step)
    close()
  }

  /// Makes durable what is queued, refuses further work and lets others open the log.
  public func close() { core.close() }
}

/// Entries on their way into a log.
public struct AppendTicket: Hashable, Sendable {
  /// The indexes that the entries have once they are durable.
  public let indexes: Range<UInt64>
}
