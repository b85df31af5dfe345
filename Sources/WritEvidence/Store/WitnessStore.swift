// What a witness remembers, on disk: for each log the checkpoint that it cosigned last.
//
//     lock                               flock of the one server
//     home                               the number of the lock's inode: a copy has another
//     tmp/                               files that are not yet in their place
//     <hex SHA-256 of origin>/checkpoint the newest one, with the log's line and the witness's
//     <hex SHA-256 of origin>/fork       the first checkpoint that contradicts it, signed by the log
//
// A cosignature leaves the witness only after the checkpoint under it is durable: draft, fsync,
// rename, fsync of the directory. After a crash the file is the old one or the new one, and a client
// that got no answer asks again. The store is a witness's whole worth: one that is put back from an
// older copy can be led to cosign a fork.
import Synchronization
public import WritCrypto

/// Why a witness gave no cosignature.
public enum WitnessError: Error, Hashable, Sendable {
  /// The request does not deserve one.
  case refused(WitnessRefusal)
  /// The memory cannot be read or written.
  case store(LogError)
}

extension WitnessError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .store: "what was cosigned cannot be remembered"
    }
  }
}

/// A witness with its memory; any number of threads.
public final class WitnessStore: Sendable {
  /// The path of the directory.
  public let directory: String
  private let signer: CosignatureSigner
  private let logs: [VerifierKey]
  private let disk: any Disk
  private let lockFile: OpenFile

  private let state = Mutex(State())

  private struct State {
    /// After a failed write nobody knows what is durable: no cosignature until the store is reopened.
    var failure: LogError?
    var isClosed = false
    /// Directories whose names are durable.
    var places: Set<String> = []
  }

  /// Opens the memory of a witness, made if there is none; a second server on it is refused, and so
  /// is a copy (`restored`), which may have forgotten what was cosigned.
  ///
  /// - Parameter logs: keys of the logs that are cosigned; their names are the origins.
  public init(
    directory: String, signer: CosignatureSigner, logs: [VerifierKey],
    disk: any Disk = SystemDisk()
  ) throws(LogError) {
    self.directory = directory
    self.signer = signer
    self.logs = logs
    self.disk = disk
    try disk.makeDurableDirectory("\(directory)/tmp")
    lockFile = try disk.lock("\(directory)/lock")
    // Everything is set: whatever throws from here on lets `deinit` close the lock, once.
    try checkHome()
    for log in logs { _ = try latest(origin: log.name.description) }
  }

  /// Takes a memory for the newest one though it lies elsewhere than it did: for whoever has moved it
  /// whole, and knows that nothing was cosigned since. Not while it is open.
  public static func readmit(
    directory: String, disk: any Disk = SystemDisk()
  ) throws(LogError) {
    try disk.remove("\(directory)/home")
  }

  /// A memory remembers the inode of its lock before it remembers a checkpoint; what remembers
  /// another one is a copy.
  private func checkHome() throws(LogError) {
    let path = "\(directory)/home"
    guard let number = try disk.identity(of: lockFile.path) else {
      throw .missing(path: lockFile.path)
    }
    let own = Array(String(number).utf8)
    if let home = try disk.read(path, limit: 64) {
      guard home == own else { throw .restored(path: directory) }
      return
    }
    // The lock keeps its inode only if its name is durable.
    try disk.syncDirectory(directory)
    try put(own, as: path)
  }

  /// The checkpoint of that origin that was cosigned last, with the witness's line and the log's;
  /// `nil` if none was.
  public func latest(origin: String) throws(LogError) -> SignedCheckpoint? {
    let path = "\(place(of: origin))/checkpoint"
    guard let bytes = try disk.read(path, limit: Limits.noteByteCount) else { return nil }
    do throws(CheckpointError) {
      // Either may have a new key since; neither may be wrong.
      return try SignedCheckpoint(bytes, keys: logs + [signer.verifierKey], origin: origin)
    } catch {
      throw .damaged(path: path, reason: "\(error)")
    }
  }

  /// The checkpoint that was cosigned last, by the lower-case hexadecimal SHA-256 of its origin.
  public func latest(originDigest: Digest) throws(LogError) -> SignedCheckpoint? {
    let log = logs.first { Digest(of: Array($0.name.description.utf8)) == originDigest }
    guard let log else { return nil }
    return try latest(origin: log.name.description)
  }

  /// Answers an add-checkpoint request. The comparison with what was cosigned last and its durable
  /// replacement are one step; the line is returned only after both.
  ///
  /// - Parameter time: POSIX seconds, `0 < time < 2^63`.
  public func cosign(
    _ request: [UInt8], at time: UInt64
  ) throws(WitnessError) -> (line: NoteSignature, checkpoint: Checkpoint) {
    let submission: WitnessSubmission
    do throws(WitnessRefusal) {
      submission = try WitnessSubmission(request, logs: logs)
    } catch {
      throw .refused(error)
    }
    // A `Mutex` hands on results, not typed errors.
    let result: Result<NoteSignature, WitnessError> = state.withLock { state in
      do throws(WitnessError) {
        return .success(try cosign(submission, at: time, &state))
      } catch {
        return .failure(error)
      }
    }
    return (try result.get(), submission.checkpoint)
  }

  /// Compares, remembers, and only then makes the line, while nobody else does.
  private func cosign(
    _ submission: WitnessSubmission, at time: UInt64, _ state: inout State
  ) throws(WitnessError) -> NoteSignature {
    guard state.failure == nil else { throw .store(.stopped) }
    let origin = submission.checkpoint.origin
    let latest: Checkpoint?
    do throws(LogError) {
      latest = try self.latest(origin: origin)?.checkpoint
    } catch {
      throw .store(error)
    }
    do throws(WitnessRefusal) {
      try submission.judge(latest: latest)
    } catch {
      if case .forked = error { keepFork(submission, &state) }
      throw .refused(error)
    }
    let line = signer.cosign(submission.note.text, at: time)
    guard let note = submission.note.adding([line]) else {
      throw .refused(.malformed("at most \(Limits.noteSignatures) signatures"))
    }
    do throws(LogError) {
      try put(note.bytes, as: "checkpoint", of: origin, &state)
    } catch {
      state.failure = error
      throw .store(error)
    }
    return line
  }

  /// Keeps what proves to anybody that the log has signed two histories; the first is enough. That
  /// it cannot be kept changes nothing about the refusal.
  private func keepFork(_ submission: WitnessSubmission, _ state: inout State) {
    let origin = submission.checkpoint.origin
    do throws(LogError) {
      guard try disk.identity(of: "\(place(of: origin))/fork") == nil else { return }
      try put(submission.note.bytes, as: "fork", of: origin, &state)
    } catch {
      state.failure = error
    }
  }

  /// Puts a file into the directory of a log, at once and durably.
  private func put(
    _ bytes: [UInt8], as name: String, of origin: String, _ state: inout State
  ) throws(LogError) {
    let place = place(of: origin)
    if !state.places.contains(place) { try disk.makeDurableDirectory(place) }
    state.places.insert(place)
    try put(bytes, as: "\(place)/\(name)")
  }

  private func put(_ bytes: [UInt8], as path: String) throws(LogError) {
    let draft = "\(directory)/tmp/draft"
    try disk.put(draft, bytes)
    try disk.rename(draft, to: path)
    try disk.syncDirectory(parentDirectory(of: path))
  }

  private func place(of origin: String) -> String {
    "\(directory)/\(Digest(of: Array(origin.utf8)).hex)"
  }

  /// Lets another server open the memory; no request is answered afterwards.
  public func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      state.failure = state.failure ?? .stopped
      disk.close(lockFile)
    }
  }

  deinit { close() }
}
