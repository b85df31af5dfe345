// Following a log from outside: each checkpoint must extend the one seen before.
//
//     size             root at the size seen before
//     the same         the same          nothing new
//     the same         another           fork: two roots were signed for one size
//     larger           the same          grown
//     larger           another           fork: the past was rewritten
//     smaller          –                 rollback: what was signed is gone
//     larger           not shown         pending: what was signed is kept until the log shows what it is
//
// A larger checkpoint whose tiles are missing, or do not lead to it, is what a log between two writes can look like, and what a
// fork looks like that nobody is to see. So it is kept: the log has signed it, and whatever the log shows later must extend it too.
// Three looks at which it stays so are an alarm. A server that does not answer is no such look.
//
// What is remembered is, `pending` only where there is one:
//
//     {"checkpoint":"<note>","pending":{"checkpoint":"<note>","looks":1},"since":"<time>"}
public import WritCrypto
import WritModel

/// What a watcher remembers of a log.
public struct FollowedLog: Hashable, Sendable {
  /// The newest checkpoint that extended all before it.
  public let signed: SignedCheckpoint
  /// When the log was first seen to be so large, in microseconds since 1970.
  public let since: Int64
  /// A larger one that the log has signed and not shown to extend it.
  public let pending: PendingCheckpoint?

  /// A log as it was just seen.
  init(signed: SignedCheckpoint, since: Int64, pending: PendingCheckpoint? = nil) {
    self.signed = signed
    self.since = since
    self.pending = pending
  }

  /// Reads back exactly what `bytes` writes; one of the keys must have signed the checkpoint, and it
  /// must be of that origin.
  public init(_ bytes: [UInt8], keys: [VerifierKey], origin: String) throws(CheckpointError) {
    guard let value = try? JSONValue(parsing: bytes), let note = value["checkpoint"]?.string,
      let since = value["since"]?.string.flatMap({ Instant($0) })
    else { throw .malformed }
    signed = try SignedCheckpoint(Array(note.utf8), keys: keys, origin: origin)
    self.since = since.microseconds
    if let json = value["pending"] {
      guard let note = json["checkpoint"]?.string, let looks = json["looks"]?.integer,
        0..<1 << 32 ~= looks
      else { throw .malformed }
      pending = PendingCheckpoint(
        signed: try SignedCheckpoint(Array(note.utf8), keys: keys, origin: origin),
        looks: Int(looks))
    } else {
      pending = nil
    }
    guard self.bytes == bytes else { throw .malformed }
  }

  /// What to keep, as a line of JSON.
  public var bytes: [UInt8] {
    var members = [JSONMember("checkpoint", text(of: signed))]
    if let pending {
      members.append(
        JSONMember(
          "pending",
          ["checkpoint": text(of: pending.signed), "looks": .integer(Int64(pending.looks))]))
    }
    members.append(JSONMember("since", .string(Instant(microseconds: since).description)))
    return Array((JSONValue.object(members).compact + "\n").utf8)
  }

  private func text(of signed: SignedCheckpoint) -> JSONValue {
    .string(String(decoding: signed.note.bytes, as: UTF8.self))
  }
}

/// What a log has signed and not shown.
public struct PendingCheckpoint: Hashable, Sendable {
  /// The first one that was not shown to extend what was seen before.
  public let signed: SignedCheckpoint
  /// Looks since, with that one, at which files were missing or not what was signed.
  public let looks: Int

  /// So many looks are an alarm.
  public static let alarmingLooks = 3

  /// Whether a log that is only being written would have shown it by now.
  public var isOverdue: Bool { looks >= PendingCheckpoint.alarmingLooks }
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
  /// seen before, or signed before and not shown.
  case fork(seen: SignedCheckpoint, offered: SignedCheckpoint, root: Digest)
  /// The log shows fewer entries than it had signed.
  case rollback(offered: SignedCheckpoint)
  /// The log has signed more entries, and does not show that they extend those seen before: why, or `nil` where it shows fewer
  /// again than it has signed.
  case unproven(PendingCheckpoint, LogError?)

  /// Whether somebody must be told at once.
  public var isAlarm: Bool {
    switch self {
    case .first, .unchanged, .grown: false
    case .fork, .rollback: true
    case .unproven(let pending, _): pending.isOverdue
    }
  }
}

/// Looks at a log once and compares it with what is remembered.
///
/// Every hash that is used is compared with the root that was signed, so that wrong tiles are never taken for a fork. After an
/// alarm what was remembered stays.
///
/// - Parameter now: microseconds since 1970.
/// - Throws: Where there is no checkpoint that a key has signed, or of a log that was never seen no tree below it.
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
  for seen in [remembered.signed, remembered.pending?.signed].compactMap({ $0 })
  where seen.checkpoint.size == checkpoint.size && seen.checkpoint.root != checkpoint.root {
    return (.fork(seen: seen, offered: signed, root: checkpoint.root), remembered)
  }
  if checkpoint.size == old.size {
    return remembered.pending == nil ? (.unchanged, remembered) : remembered.waiting(for: signed)
  }
  do throws(LogError) {
    let tree = try TileTree(of: checkpoint, in: source)
    for seen in [remembered.signed, remembered.pending?.signed].compactMap({ $0 })
    where seen.checkpoint.size <= checkpoint.size {
      let root = try tree.root(of: seen.checkpoint.size)
      guard root == seen.checkpoint.root else {
        return (.fork(seen: seen, offered: signed, root: root), remembered)
      }
    }
  } catch {
    return remembered.waiting(for: signed, error)
  }
  let grown = FollowedLog(signed: signed, since: now, pending: remembered.pending)
  if let pending = remembered.pending, pending.signed.checkpoint.size > checkpoint.size {
    return grown.waiting(for: signed)
  }
  return (.grown(from: old.size), FollowedLog(signed: signed, since: now))
}

extension FollowedLog {
  /// The log has signed more than it shows. What it signed first of that is kept; whether this look counts is the reason's to say.
  fileprivate func waiting(
    for offered: SignedCheckpoint, _ reason: LogError? = nil
  ) -> (sighting: LogSighting, log: FollowedLog) {
    let counts =
      switch reason {
      case nil, .missing, .damaged: true
      default: false
      }
    let pending = PendingCheckpoint(
      signed: self.pending?.signed ?? offered,
      looks: min((self.pending?.looks ?? 0) + (counts ? 1 : 0), 1 << 31))
    return (
      .unproven(pending, reason), FollowedLog(signed: signed, since: since, pending: pending)
    )
  }
}
