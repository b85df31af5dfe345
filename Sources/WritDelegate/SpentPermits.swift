// Which permits were used: made durable before the program starts, so that no crash forgets it.
import Glibc
import Synchronization
public import WritCrypto
public import WritEvidence
public import WritModel

/// Why a permit is not used.
public enum SpendError: Error, Hashable, Sendable {
  /// It may not be.
  case refused(PermitRefusal)
  /// It cannot be remembered.
  case file(DelegateError)
}

/// A delegate's memory of permits; one process, any number of threads.
public final class SpentPermits: Sendable {
  /// Where it lies.
  public let path: String
  let identity: DelegateIdentity
  /// Bytes that it may have.
  let limit: Int
  private let state: Mutex<State>

  struct State {
    /// Of the file; another one once it is written anew.
    var descriptor: Int32
    var byteCount: Int
    /// From how many bytes on it is worth while to forget.
    var forgetsAt: Int
    var forgotten: ForgottenPermits
    var permits: [String: SpentPermit]
    var results: [String: Range<Int>]
    /// Used by this process and not ended yet.
    var running: Set<String> = []
    var decisions: Set<LogPlace>
    var fence: Int64
    var checkpoint: SeenCheckpoint?
    var isStopped = false
    var isClosed = false
  }

  /// Makes the memory of a new delegate, whose key was never used.
  public static func create(_ path: String, for identity: DelegateIdentity) throws(DelegateError) {
    try PrivateFile.create(path, SpentLine.begin(identity).bytes)
    try PrivateFile.sync(PrivateFile.parent(of: path))
  }

  /// Opens the memory of a delegate; a second process is refused. A line that a crash tore is cut
  /// off: nothing was done for it.
  ///
  /// - Parameter limit: Bytes that it may have.
  public init(
    _ path: String, for identity: DelegateIdentity,
    limit: Int = DelegateLimits.spentFileByteCount
  ) throws(DelegateError) {
    self.path = path
    self.identity = identity
    self.limit = limit
    let descriptor = try PrivateFile.open(path, O_RDWR)
    do throws(DelegateError) {
      state = Mutex(try SpentPermits.read(descriptor, path, identity, limit))
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  private static func read(
    _ descriptor: Int32, _ path: String, _ identity: DelegateIdentity, _ limit: Int
  ) throws(DelegateError) -> State {
    guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      if errno == EWOULDBLOCK { throw .locked(path: path) }
      throw .system(act: "lock \(path)", code: errno)
    }
    // Whoever wrote it anew meanwhile holds the lock of what stands there now.
    guard SpentPermits.stands(descriptor, at: path) else { throw .locked(path: path) }
    let bytes = try PrivateFile.contents(descriptor, path, limit)
    let contents: SpentContents
    do throws(SpentDamage) {
      contents = try SpentContents(bytes)
    } catch {
      throw .damaged(path: path, reason: error.reason + "; make a new delegate, with new keys")
    }
    guard contents.identity == identity else {
      throw .damaged(path: path, reason: "it is of another delegate or another key")
    }
    if contents.byteCount < bytes.count {
      guard ftruncate(descriptor, off_t(contents.byteCount)) == 0, fsync(descriptor) == 0 else {
        throw .system(act: "cut \(path)", code: errno)
      }
    }
    let permits = contents.permits.values
    let forgotten = contents.forgotten ?? ForgottenPermits()
    let checkpoints = permits.compactMap(\.checkpoint) + [forgotten.checkpoint].compactMap { $0 }
    return State(
      descriptor: descriptor, byteCount: contents.byteCount,
      forgetsAt: SpentPermits.forgetsAt(limit), forgotten: forgotten, permits: contents.permits,
      results: contents.results, decisions: Set(permits.map(\.decision)),
      fence: max(permits.map(\.fence).max() ?? 0, forgotten.fence),
      checkpoint: checkpoints.max { $0.size < $1.size })
  }

  /// Whether an open file is the one that a path leads to.
  private static func stands(_ descriptor: Int32, at path: String) -> Bool {
    var (own, there) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && lstat(path, &there) == 0
      && own.st_ino == there.st_ino && own.st_dev == there.st_dev
  }

  deinit { close() }

  /// Lets another process serve the delegate. Nothing is used afterwards.
  public func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      (state.isClosed, state.isStopped) = (true, true)
      // A child that was started just now holds the lock too, until it runs its program.
      flock(state.descriptor, LOCK_UN)
      Glibc.close(state.descriptor)
    }
  }
}

// What was used.
extension SpentPermits {
  /// What a permit's check asks.
  public var test: SpentTest {
    SpentTest(
      isSpent: { id in self.state.withLock { SpentPermits.isSpent(id, $0) } },
      isDecisionSpent: { place in self.state.withLock { SpentPermits.isSpent(place, $0) } })
  }

  private static func isSpent(_ decision: LogPlace, _ state: State) -> Bool {
    state.decisions.contains(decision) || state.forgotten.mayHold(decision)
  }

  /// What an interrupted action that may be done twice was permitted by may be used once more.
  private static func isSpent(_ id: String, _ state: State) -> Bool {
    guard let permit = state.permits[id] else { return false }
    return !permit.isIdempotent || state.results[id] != nil || state.running.contains(id)
  }

  /// The highest fence of a permit that was used.
  public var fence: Int64 { state.withLock(\.fence) }

  /// The highest fence of a permit that was used and forgotten; -1 where none was.
  public var forgotten: Int64 { state.withLock(\.forgotten.fence) }

  /// The newest checkpoint that was taken with a permit, of a log with that origin.
  public func checkpoint(origin: String) -> Checkpoint? {
    state.withLock(\.checkpoint).map {
      Checkpoint(origin: origin, size: $0.size, root: $0.root)
    }
  }

  /// The recorded result of a permit, an envelope.
  public func result(of id: String) throws(DelegateError) -> JSONValue? {
    let bytes = state.withLock { state in
      state.isClosed ? nil : state.results[id].map { state.bytes(at: $0) }
    }
    guard let bytes else { return nil }
    guard case .result(id, let envelope)? = SpentLine(bytes[...]) else {
      throw .damaged(path: path, reason: "the result of \(id) cannot be read")
    }
    return envelope
  }

  /// Results that nobody will have: of actions that may be done once only, under way when an
  /// earlier process ended. To be recorded as errored, their effect unknown.
  public func interrupted() -> [InterruptedStep] {
    state.withLock { state in
      state.permits.values
        .filter { state.results[$0.id] == nil && !state.running.contains($0.id) }
        .filter { !$0.isIdempotent }
        .sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
        .map {
          InterruptedStep(
            action: $0.action, digest: $0.digest, permit: $0.id, fence: $0.fence, at: $0.at)
        }
    }
  }
}

/// An action of which nobody knows whether it was done.
public struct InterruptedStep: Hashable, Sendable {
  /// Its full name.
  public let action: String
  /// The action digest.
  public let digest: Digest
  /// The number of its permit.
  public let permit: String
  /// The permit's.
  public let fence: Int64
  /// When its permit was used.
  public let at: Instant
}

// Using.
extension SpentPermits {
  /// Remembers that the order's permit is used, durably; only then may its program start. Of two
  /// callers with one permit one is refused.
  public func spend(_ order: AcceptedOrder, at now: Instant) throws(SpendError) {
    let permit = SpentPermit(order, at: now)
    // A `Mutex` hands on results, not typed errors.
    let result: Result<Void, SpendError> = state.withLock { state in
      if SpentPermits.isSpent(permit.id, state) {
        return .failure(.refused(.alreadySpent(id: permit.id)))
      }
      guard permit.fence >= state.fence else {
        return .failure(.refused(.fenceTooOld(seen: state.fence, found: permit.fence)))
      }
      guard permit.fence > state.forgotten.fence else {
        return .failure(.refused(.forgotten(id: permit.id)))
      }
      guard permit.isIdempotent || !SpentPermits.isSpent(permit.decision, state) else {
        return .failure(.refused(.decisionSpent(permit.decision)))
      }
      do throws(DelegateError) {
        try forget(&state, at: now)
        _ = try append(.spent(permit), &state, leaving: DelegateLimits.spentResultByteCount)
      } catch {
        return .failure(.file(error))
      }
      state.permits[permit.id] = permit
      state.running.insert(permit.id)
      state.decisions.insert(permit.decision)
      state.fence = permit.fence
      if let seen = permit.checkpoint, seen.size >= state.checkpoint?.size ?? 0 {
        state.checkpoint = seen
      }
      return .success(())
    }
    try result.get()
  }

  /// Remembers what became of a permit that was used, durably.
  public func record(_ envelope: Envelope, of id: String) throws(DelegateError) {
    let result: Result<Void, DelegateError> = state.withLock { state in
      precondition(state.permits[id] != nil, "a result is of a permit that was used")
      do throws(DelegateError) {
        let line = SpentLine.result(id: id, envelope: envelope.json)
        state.results[id] = try append(line, &state)
      } catch {
        return .failure(error)
      }
      state.running.remove(id)
      return .success(())
    }
    try result.get()
  }

  /// Appends a line and syncs it; its place without the end.
  ///
  /// - Parameter rest: Bytes that must be left behind it.
  private func append(
    _ line: SpentLine, _ state: inout State, leaving rest: Int = 0
  ) throws(DelegateError) -> Range<Int> {
    guard !state.isStopped else { throw .stopped }
    let bytes = line.bytes
    guard state.byteCount + bytes.count + rest <= limit else {
      throw .damaged(
        path: path, reason: "it is full of permits that cannot be forgotten yet; try again later")
    }
    // Whatever fails from here on, nobody knows what is durable.
    state.isStopped = true
    var written = 0
    while written < bytes.count {
      let place = off_t(state.byteCount + written)
      let count = bytes.withUnsafeBytes { buffer in
        retrying {
          pwrite(
            state.descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, place
          )
        }
      }
      guard count > 0 else {
        throw .system(act: "write \(path)", code: count < 0 ? errno : EIO)
      }
      written += count
    }
    guard fdatasync(state.descriptor) == 0 else { throw .system(act: "sync \(path)", code: errno) }
    state.isStopped = false
    let place = state.byteCount..<state.byteCount + bytes.count - 1
    state.byteCount += bytes.count
    return place
  }
}
