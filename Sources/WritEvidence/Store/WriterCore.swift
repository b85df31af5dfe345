// What the threads of one writer share, and who may do what.
//
//     enqueue ──► queue ──► committing ──► pending ──► deriving ──► tiles, checkpoints
//                        (write, sync)   durable:    (hash, write)
//                                        callers go on
//
// Two roles exist once: committing and deriving. Whoever needs its work done and finds it free takes
// a role, works without the lock, and gives it back: a caller that waits for its entry commits for all
// that are queued, and needs no other thread for it. The writer's own threads do what nobody waits
// for. Four buffers go round; none is made per entry.
import WritCrypto

/// The state of one writer, guarded by a monitor.
final class WriterCore: @unchecked Sendable {
  private let monitor = Monitor()
  private let store: LogStore
  private let bounds: WriterBounds

  // Guarded by `monitor`.
  private var lockFile: OpenFile?
  private var queue = EntryBuffer()
  private var pending = EntryBuffer()
  private var durableSize: UInt64
  private var publishedSize: UInt64
  /// The root of the tree then; `nil` where it is not at hand.
  private var publishedRoot: Digest?
  /// The clock of the newest entry in the queue or before it.
  private var logged: Int64
  /// Starts of the segments of the write-ahead log, the open one last.
  private var segments: [UInt64]
  private var failure: LogError?
  /// Groups that were begun to be committed.
  private var groupCount = 0
  /// Index behind the group that is being committed.
  private var committingEnd: UInt64
  private var isCommitting = false
  private var isDeriving = false
  private var isClosing = false
  private var committer: Worker?
  private var deriver: Worker?

  // For the holder of the role of committing.
  private let wal: WriteAheadLog
  private var committing = EntryBuffer()

  // For the holder of the role of deriving.
  private let publisher: Publisher
  private var deriving = EntryBuffer()
  private var unpublishedByteCount = 0

  init(_ store: LogStore, _ lockFile: OpenFile, _ parts: WriterParts, _ bounds: WriterBounds) {
    self.store = store
    self.lockFile = lockFile
    self.bounds = bounds
    wal = parts.wal
    publisher = parts.publisher
    durableSize = wal.end
    committingEnd = wal.end
    publishedSize = publisher.releasedSize
    publishedRoot = publisher.releasedRoot
    logged = wal.logged
    segments = wal.starts
    queue.start = wal.end
  }

  var size: UInt64 {
    monitor.lock()
    defer { monitor.unlock() }
    return durableSize
  }

  var newestLogged: Int64? {
    monitor.lock()
    defer { monitor.unlock() }
    return logged == WriteAheadFrame.noClock ? nil : logged
  }

  /// What the clock of an entry has to be.
  enum Clock {
    case none
    case steady(Int64)
    case jump(Int64)
  }
}

// Queueing.
extension WriterCore {
  /// Hashes an entry without the lock, then queues it.
  func enqueue(_ entry: [UInt8], _ clock: Clock) throws(LogError) -> AppendTicket {
    guard entry.count <= Limits.entryByteCount else { throw .entryTooLong(entry.count) }
    let leaf = Merkle.leafHash(of: entry)
    monitor.lock()
    defer { monitor.unlock() }
    try makeRoom(count: 1, byteCount: entry.count + 2)
    try advance(clock)
    entry.withUnsafeBytes { queue.append($0, leaf: leaf) }
    return AppendTicket(indexes: queue.end - 1..<queue.end)
  }

  /// Queues entries that become durable together.
  func enqueue(group entries: [[UInt8]], _ clock: Clock) throws(LogError) -> AppendTicket {
    guard entries.count <= Limits.appendCount else { throw .tooMuch }
    var byteCount = 0
    for entry in entries {
      guard entry.count <= Limits.entryByteCount else { throw .entryTooLong(entry.count) }
      byteCount += entry.count + 2
    }
    guard byteCount <= Limits.groupByteCount else { throw .tooMuch }
    var hasher = MerkleHasher()
    var leaves: [Digest] = []
    leaves.reserveCapacity(entries.count)
    for entry in entries { leaves.append(hasher.leaf(entry)) }
    monitor.lock()
    defer { monitor.unlock() }
    try makeRoom(count: entries.count, byteCount: byteCount)
    try advance(clock)
    let start = queue.end
    for (entry, leaf) in zip(entries, leaves) {
      entry.withUnsafeBytes { queue.append($0, leaf: leaf) }
    }
    return AppendTicket(indexes: start..<queue.end)
  }

  /// Waits until the queue takes that much; a larger group passes when it is empty.
  private func makeRoom(count: Int, byteCount: Int) throws(LogError) {
    while failure == nil && !queue.isEmpty
      && (queue.leaves.count + count > bounds.queueCount
        || queue.byteCount + byteCount > bounds.queueByteCount)
    {
      if isCommitting { monitor.wait(for: .room) } else { commit() }
    }
    if let failure { throw failure }
  }

  private func advance(_ clock: Clock) throws(LogError) {
    switch clock {
    case .none: return
    case .steady(let offered):
      let (jump, overflow) = offered.subtractingReportingOverflow(logged)
      let isFirst = logged == WriteAheadFrame.noClock
      if offered >= logged, !isFirst, overflow || jump > Limits.clockJump {
        throw .clockJumped(newest: logged, offered: offered)
      }
      fallthrough
    case .jump(let offered):
      guard offered >= logged else { throw .clockWentBack(newest: logged, offered: offered) }
      logged = offered
    }
  }

  /// Waits until all entries below an index are durable.
  func wait(until end: UInt64) throws(LogError) {
    monitor.lock()
    defer { monitor.unlock() }
    while durableSize < end && failure == nil {
      if !isCommitting {
        commit()
      } else {
        // In the group that is being committed, or in the next.
        monitor.wait(for: WriterCore.event(end <= committingEnd ? groupCount : groupCount + 1))
      }
    }
    if durableSize < end, let failure { throw failure }
  }
}

// Committing.
extension WriterCore {
  /// What those wait for whose entries are in the group of that number.
  private static func event(_ group: Int) -> Event { group % 2 == 0 ? .evenGroup : .oddGroup }

  /// Makes all that is queued durable. Called with the lock, which is let go meanwhile.
  private func commit() {
    isCommitting = true
    while failure == nil && pending.byteCount > bounds.pendingByteCount {
      if isDeriving { monitor.wait(for: .role) } else { derive(until: nil) }
    }
    if failure == nil && !queue.isEmpty {
      swap(&queue, &committing)
      queue.start = committing.end
      committingEnd = committing.end
      groupCount += 1
      let (newest, published) = (logged, (size: publishedSize, root: publishedRoot))
      monitor.tell(.room)
      monitor.unlock()
      let error = failing { () throws(LogError) in
        try wal.append(committing, logged: newest, published: published)
      }
      monitor.lock()
      if let error { failure = failure ?? error } else { take() }
    }
    isCommitting = false
    handOn()
  }

  /// Wakes whom the end of a commit concerns: all whose entries it made durable, and one of those who
  /// wait for the next.
  private func handOn() {
    guard failure == nil else {
      for event in Event.allCases { monitor.tell(event) }
      return
    }
    monitor.tell(WriterCore.event(groupCount))
    monitor.tell(.role)
    guard !queue.isEmpty else { return }
    monitor.tellOne(WriterCore.event(groupCount + 1))
    monitor.tell(.queued)
    monitor.tell(.room)
  }

  /// What was committed is durable, and waits to be derived.
  private func take() {
    durableSize = wal.end
    if segments.last != wal.start { segments.append(wal.start) }
    if pending.isEmpty { swap(&pending, &committing) } else { pending.append(committing) }
    committing.removeAll(keeping: bounds.queueByteCount + bounds.pendingByteCount)
    guard bounds.work == .onOwnThreads, isWorthDeriving else { return }
    if deriver == nil { deriver = Worker { [self] in deriveBehind() } }
    monitor.tell(.derivable)
  }

  /// Sees to it that what is queued is committed though nobody waits for it.
  func startCommitting() {
    guard bounds.work == .onOwnThreads else { return }
    monitor.lock()
    defer { monitor.unlock() }
    guard !isCommitting, !queue.isEmpty, failure == nil else { return }
    if committer == nil { committer = Worker { [self] in commitBehind() } }
    monitor.tell(.queued)
  }

  private func commitBehind() {
    monitor.lock()
    defer { monitor.unlock() }
    while !isClosing {
      if isCommitting || queue.isEmpty || failure != nil {
        monitor.wait(for: .queued)
      } else {
        commit()
      }
    }
  }
}

// Deriving and publishing.
extension WriterCore {
  /// Whether a bundle is full, about.
  private var isWorthDeriving: Bool {
    pending.leaves.count >= TilePath.fullWidth || pending.byteCount >= bounds.queueByteCount
  }

  private func deriveBehind() {
    monitor.lock()
    defer { monitor.unlock() }
    while !isClosing {
      if isDeriving || !isWorthDeriving || failure != nil {
        monitor.wait(for: .derivable)
      } else {
        derive(until: nil)
      }
    }
  }

  /// Derives all that is pending; publishes up to `last`, or unasked where much is not published.
  /// Called with the lock, which is let go meanwhile.
  @discardableResult
  private func derive(until last: PublishStep?) -> SignedNote? {
    isDeriving = true
    swap(&pending, &deriving)
    monitor.unlock()
    var note: SignedNote?
    let error = failing { () throws(LogError) in
      try publisher.derive(deriving)
      unpublishedByteCount += deriving.byteCount
      if let last = last ?? (isPublicationDue ? .trimmed : nil) {
        note = try publisher.publish(until: last)
        unpublishedByteCount = 0
        if last == .trimmed { try trim() }
      }
    }
    deriving.removeAll(keeping: bounds.queueByteCount + bounds.pendingByteCount)
    monitor.lock()
    isDeriving = false
    if let error {
      failure = failure ?? error
      for event in Event.allCases { monitor.tell(event) }
    }
    monitor.tell(.role)
    if deriver != nil && isWorthDeriving { monitor.tell(.derivable) }
    return error == nil ? note : nil
  }

  /// Whether so much is durable without a checkpoint that recovery would take long.
  private var isPublicationDue: Bool {
    publisher.size - publisher.releasedSize >= UInt64(bounds.unpublishedCount)
      || unpublishedByteCount >= Limits.unpublishedByteCount
  }

  /// Removes the segments of the write-ahead log whose entries are all published.
  private func trim() throws(LogError) {
    monitor.lock()
    publishedSize = publisher.releasedSize
    publishedRoot = publisher.releasedRoot
    let count = segments.dropFirst().prefix { $0 <= publishedSize }.count
    let done = segments.prefix(count)
    segments.removeFirst(count)
    monitor.unlock()
    for start in done { try store.disk.remove(WriteAheadLog.path(store.wal, start)) }
  }

  /// Derives and publishes all that is durable.
  func publish(until last: PublishStep) throws(LogError) -> SignedNote {
    monitor.lock()
    defer { monitor.unlock() }
    while isDeriving && failure == nil { monitor.wait(for: .role) }
    if let failure { throw failure }
    guard let note = derive(until: last) else { throw failure ?? .stopped }
    return note
  }
}

// Closing.
extension WriterCore {
  /// Commits what is queued and lets go of everything; again does nothing.
  func close() {
    monitor.lock()
    while isCommitting || isDeriving || (!queue.isEmpty && failure == nil) {
      if isCommitting || isDeriving { monitor.wait(for: .role) } else { commit() }
    }
    failure = failure ?? .stopped
    isClosing = true
    for event in Event.allCases { monitor.tell(event) }
    let workers = [committer, deriver]
    (committer, deriver) = (nil, nil)
    let held = lockFile
    lockFile = nil
    monitor.unlock()
    for worker in workers { worker?.join() }
    guard let held else { return }
    wal.close()
    publisher.close()
    store.disk.close(held)
  }
}

/// Runs what may fail, and returns why it did.
func failing(_ act: () throws(LogError) -> Void) -> LogError? {
  do throws(LogError) {
    try act()
    return nil
  } catch {
    return error
  }
}
