// Following a log from outside: each checkpoint must extend the one seen before.
//
//     size             root at the size seen before
//     the same         the same          nothing new
//     the same         another           fork: two roots were signed for one size
//     larger           the same          grown
//     larger           another           fork: the past was rewritten
//     smaller          –                 rollback: what was signed is gone
//
// What is remembered is:
//
//     {"checkpoint":"<note>","since":"<time>"}
public import WritCrypto
import WritModel

/// What a watcher remembers of a log.
public struct FollowedLog: Hashable, Sendable {
  /// The newest checkpoint that extended all before it.
  public let signed: SignedCheckpoint
  /// When the log was first seen to be so large, in microseconds since 1970.
  public let since: Int64

  /// A log as it was just seen.
  init(signed: SignedCheckpoint, since: Int64) {
    self.signed = signed
    self.since = since
  }

  /// Reads back exactly what `bytes` writes; one of the keys must have signed the checkpoint, and it
  /// must be of that origin.
  public init(_ bytes: [UInt8], keys: [VerifierKey], origin: String) throws(CheckpointError) {
    guard let value = try? JSONValue(parsing: bytes), let note = value["checkpoint"]?.string,
      let since = value["since"]?.string.flatMap({ Instant($0) })
    else { throw .malformed }
    signed = try SignedCheckpoint(Array(note.utf8), keys: keys, origin: origin)
    self.since = since.microseconds
    guard self.bytes == bytes else { throw .malformed }
  }

  /// What to keep, as a line of JSON.
  public var bytes: [UInt8] {
    let value: JSONValue = [
      "checkpoint": .string(String(decoding: signed.note.bytes, as: UTF8.self)),
      "since": .string(Instant(microseconds: since).description),
    ]
    return Array((value.compact + "\n").utf8)
  }
}

/// What was seen when a log was looked at.
public enum LogSighting: Hashable, Sendable {
  /// The log is seen for the first time: it is believed, and remembered.
  case first
  /// No new entries.
  case unchanged
  /// New entries behind those of that size.
  case grown(from: UInt64)
  /// The log has signed another history. `root` is what the checkpoint offered now has at the size
  /// seen before.
  case fork(offered: SignedCheckpoint, root: Digest)
  /// The log shows fewer entries than it had signed.
  case rollback(offered: SignedCheckpoint)

  /// Whether somebody must be told at once.
  public var isAlarm: Bool {
    switch self {
    case .first, .unchanged, .grown: false
    case .fork, .rollback: true
    }
  }
}

/// Looks at a log once and compares it with what is remembered.
///
/// Every hash that is used is compared with the root that was signed, so that wrong tiles are an
/// error (`damaged`) and never an alarm. After an alarm what was remembered stays.
///
/// - Parameter now: microseconds since 1970.
public func look<Source: LogSource>(
  at source: Source, keys: [VerifierKey], origin: String, remembered: FollowedLog?, now: Int64
) throws(LogError) -> (sighting: LogSighting, log: FollowedLog) {
  guard let bytes = try source.file("checkpoint", limit: Limits.noteByteCount) else {
    throw .missing(path: "checkpoint")
  }
  let signed: SignedCheckpoint
  do throws(CheckpointError) {
    signed = try SignedCheckpoint(bytes, keys: keys, origin: origin)
  } catch {
    throw .damaged(path: "checkpoint", reason: "\(error)")
  }
  let checkpoint = signed.checkpoint
  guard let remembered else {
    _ = try TileTree(of: checkpoint, in: source)
    return (.first, FollowedLog(signed: signed, since: now))
  }
  let old = remembered.signed.checkpoint
  if checkpoint.size < old.size { return (.rollback(offered: signed), remembered) }
  if checkpoint.size == old.size {
    guard checkpoint.root == old.root else {
      return (.fork(offered: signed, root: checkpoint.root), remembered)
    }
    return (.unchanged, remembered)
  }
  let root = try TileTree(of: checkpoint, in: source).root(of: old.size)
  guard root == old.root else { return (.fork(offered: signed, root: root), remembered) }
  return (.grown(from: old.size), FollowedLog(signed: signed, since: now))
}
