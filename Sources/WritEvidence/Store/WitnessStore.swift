// What a witness remembers, on disk: for each log the checkpoint that it cosigned last.
//
//     lock                               flock of the one server
//     tmp/                               files that are not yet in their place
//     <hex SHA-256 of origin>/checkpoint the newest one, with the log's line and the witness's
//     <hex SHA-256 of origin>/fork       the first checkpoint that contradicts it, signed by the log
//
// A cosignature leaves the witness only after the checkpoint under it is durable: draft, fsync,
// rename, fsync of the directory. After a crash the file is the old one or the new one, and a client
// that got no answer asks again. The store is a witness's whole worth: one that is put back from an
// older copy can be led to cosign a fork.
import Glibc
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
public final class WitnessStore: @unchecked Sendable {
  /// The path of the directory.
  public let directory: String
  private let signer: CosignatureSigner
  private let logs: [VerifierKey]
  private let lockFile: LockFile
  private let condition = Condition()

  // Guarded by `condition`.
  /// After a failed write nobody knows what is durable: no cosignature until the store is reopened.
  private var failure: LogError?

  /// Opens the memory of a witness, made if there is none; a second server on it is refused.
  ///
  /// - Parameter logs: keys of the logs that are cosigned; their names are the origins.
  public init(
    directory: String, signer: CosignatureSigner, logs: [VerifierKey]
  ) throws(LogError) {
    self.directory = directory
    self.signer = signer
    self.logs = logs
    try Files.makeDirectory("\(directory)/tmp")
    lockFile = try LockFile("\(directory)/lock")
    for log in logs { _ = try latest(origin: log.name.description) }
  }

  /// The checkpoint of that origin that was cosigned last, with the witness's line and the log's;
  /// `nil` if none was.
  public func latest(origin: String) throws(LogError) -> SignedCheckpoint? {
    let path = "\(place(of: origin))/checkpoint"
    guard let bytes = try Files.read(path, limit: Limits.noteByteCount) else { return nil }
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
    condition.lock()
    defer { condition.unlock() }
    guard failure == nil else { throw .store(.stopped) }
    let latest: Checkpoint?
    do throws(LogError) {
      latest = try self.latest(origin: submission.checkpoint.origin)?.checkpoint
    } catch {
      throw .store(error)
    }
    do throws(WitnessRefusal) {
      try submission.judge(latest: latest)
    } catch {
      if case .forked = error { keepFork(submission) }
      throw .refused(error)
    }
    let line = signer.cosign(submission.note.text, at: time)
    try replace(submission, line)
    return (line, submission.checkpoint)
  }

  /// Puts the new checkpoint in place of the old one, durably.
  private func replace(
    _ submission: WitnessSubmission, _ line: NoteSignature
  ) throws(WitnessError) {
    guard let note = submission.note.adding([line]) else {
      throw .refused(.malformed("at most \(Limits.noteSignatures) signatures"))
    }
    do throws(LogError) {
      try put(note.bytes, as: "checkpoint", of: submission.checkpoint.origin)
    } catch {
      failure = error
      throw .store(error)
    }
  }

  /// Keeps what proves to anybody that the log has signed two histories; the first is enough. That
  /// it cannot be kept changes nothing about the refusal.
  private func keepFork(_ submission: WitnessSubmission) {
    let origin = submission.checkpoint.origin
    guard access("\(place(of: origin))/fork", F_OK) != 0 else { return }
    try? put(submission.note.bytes, as: "fork", of: origin)
  }

  private func put(_ bytes: [UInt8], as name: String, of origin: String) throws(LogError) {
    let place = place(of: origin)
    let draft = "\(directory)/tmp/\(name)"
    try Files.makeDirectory(place)
    try Files.create(draft, bytes)
    try Files.rename(draft, to: "\(place)/\(name)")
    try Files.syncDirectory(place)
  }

  private func place(of origin: String) -> String {
    "\(directory)/\(Digest(of: Array(origin.utf8)).hex)"
  }

  /// Lets another server open the memory; no request is answered afterwards.
  public func close() {
    condition.lock()
    defer { condition.unlock() }
    failure = failure ?? .stopped
    lockFile.release()
  }
}
