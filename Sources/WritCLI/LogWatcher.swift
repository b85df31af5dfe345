// A log under watch: what was seen, what is remembered of it, and what has been told.

@preconcurrency import Glibc
import WritEvidence
import WritModel

/// Something to tell.
struct WatchEvent {
  /// `first`, `unchanged`, `grown`, `fork`, `rollback`, `unproven`, `stall`, `trouble`, `recovered`.
  let kind: String
  /// For people, one line.
  let text: String
  /// For programs, beside kind and time.
  var members: [JSONMember] = []

  /// Whether somebody must look at once.
  var isAlarm: Bool { ["fork", "rollback", "unproven", "stall"].contains(kind) }

  /// The line to print, with its newline.
  func line(_ invocation: Invocation) -> String {
    let time = Instant(microseconds: currentTime() / 1_000_000 * 1_000_000).description
    if invocation.wantsJSON {
      let head = [
        JSONMember("time", .string(time)), JSONMember("event", .string(kind)),
        JSONMember("alarm", .bool(isAlarm)), JSONMember("message", .string(text)),
      ]
      return JSONValue.object(head + members).compact + "\n"
    }
    let word = isAlarm ? invocation.terminal.paint("ALARM \(kind)", .bad) : kind
    return "\(time)  \(word)  \(printable(text))\n"
  }
}

/// Looks at one log, and keeps what it saw in a file.
struct LogWatcher {
  private let source: WatchedSource
  private let keys: LogVerifierKeys
  private let statePath: String
  /// Microseconds without growth that are an alarm; `nil` for never.
  private let stall: Int64?
  private var remembered: FollowedLog?
  /// The alarm or trouble that was told last and still holds.
  private var told: String?
  private var hasToldStall = false

  /// A watch over the log of those keys.
  init(source: WatchedSource, keys: LogVerifierKeys, statePath: String, stall: Int64?) {
    self.source = source
    self.keys = keys
    self.statePath = statePath
    self.stall = stall
  }

  /// Reads what was seen by an earlier run.
  mutating func remember() throws(Failure) {
    var status = stat()
    guard stat(statePath, &status) == 0 else { return }
    let bytes = try readFile(statePath, limit: Limits.documentBytes)
    do throws(CheckpointError) {
      remembered = try FollowedLog(bytes, keys: keys.keys, origin: keys.origin)
    } catch {
      throw .badInput(
        "\(statePath) is not what was seen of `\(keys.origin)`: \(error)",
        remedy: "name another file, or bring back the one that was written")
    }
  }

  /// Looks once, for a program that hears of everything. What cannot be read is an error, as of any
  /// other input, unless it has been so for too long.
  mutating func lookOnce() throws(Failure) -> [WatchEvent] {
    let now = currentTime()
    let (event, error) = try look(now)
    let stalled = stallEvent(now).map { [$0] } ?? []
    if let error, stalled.isEmpty { throw error }
    return [event] + stalled
  }

  /// Looks again. What holds on, and that nothing is new, is told once.
  mutating func lookAgain() throws(Failure) -> [WatchEvent] {
    let now = currentTime()
    let (event, _) = try look(now)
    var events: [WatchEvent] = []
    if event.isAlarm || event.kind == "trouble" {
      if told != event.text { events.append(event) }
      told = event.text
    } else {
      if told != nil { events.append(WatchEvent(kind: "recovered", text: "the log is in order")) }
      told = nil
      if event.kind != "unchanged" { events.append(event) }
    }
    let stalled = stallEvent(now)
    if let stalled, !hasToldStall { events.append(stalled) }
    hasToldStall = stalled != nil
    return events
  }

  /// What is seen now. What was seen is on disk before it is told.
  private mutating func look(_ now: Int64) throws(Failure) -> (WatchEvent, Failure?) {
    let sighting: LogSighting
    let log: FollowedLog
    do throws(LogError) {
      (sighting, log) = try WritEvidence.look(
        at: source, keys: keys.keys, origin: keys.origin, remembered: remembered, now: now)
    } catch {
      let failure = failure(of: error)
      return (WatchEvent(kind: "trouble", text: failure.message), failure)
    }
    if log != remembered { try writeFile(statePath, log.bytes) }
    remembered = log
    if case .unproven(let pending, let reason) = sighting, !sighting.isAlarm {
      let cause = reason.map { failure(of: $0) } ?? .badInput("it shows fewer entries again")
      let text = "\(unproven(pending, log)): \(cause.message)"
      return (
        WatchEvent(kind: "trouble", text: text),
        Failure(cause.code, text, remedy: "what it signed is kept in \(statePath): look again")
      )
    }
    return (try event(sighting, log, now), nil)
  }

  private func event(
    _ sighting: LogSighting, _ log: FollowedLog, _ now: Int64
  ) throws(Failure) -> WatchEvent {
    let seen = log.signed.checkpoint
    let size = counted(Int(clamping: seen.size), "entry", plural: "entries")
    let members = [
      JSONMember("log", .string(seen.origin)),
      JSONMember("size", .integer(Int64(clamping: seen.size))),
      JSONMember("root", .string(seen.root.hex)),
    ]
    switch sighting {
    case .first:
      return WatchEvent(kind: "first", text: "\(seen.origin): \(size), believed", members: members)
    case .unchanged:
      return WatchEvent(kind: "unchanged", text: "\(seen.origin): \(size)", members: members)
    case .grown(let old):
      return WatchEvent(
        kind: "grown", text: "\(seen.origin): \(size), \(grouped(Int(clamping: old))) before",
        members: members + [JSONMember("from", .integer(Int64(clamping: old)))])
    case .unproven(let pending, let reason):
      let file = try keepEvidence("unproven", pending.signed, root: nil, log.signed, now)
      let why = reason.map { failure(of: $0).message } ?? "it shows fewer entries again"
      return WatchEvent(
        kind: "unproven",
        text:
          "\(unproven(pending, log)), looked at \(PendingCheckpoint.alarmingLooks) times or more: \(why); "
          + "both checkpoints in \(file)",
        members: members + [JSONMember("evidence", .string(file))])
    case .fork(let earlier, let offered, let root):
      let file = try keepEvidence("fork", offered, root: root.hex, earlier, now)
      let size = counted(Int(clamping: earlier.checkpoint.size), "entry", plural: "entries")
      return WatchEvent(
        kind: "fork",
        text:
          "\(seen.origin) has signed two histories: of the \(size) \(earlier == log.signed ? "seen" : "signed") before, the log of "
          + "\(grouped(Int(clamping: offered.checkpoint.size))) shown now has others; both in \(file)",
        members: members + [JSONMember("evidence", .string(file))])
    case .rollback(let offered):
      let file = try keepEvidence("rollback", offered, root: nil, log.signed, now)
      return WatchEvent(
        kind: "rollback",
        text: "\(seen.origin) had \(size), and shows "
          + "\(grouped(Int(clamping: offered.checkpoint.size))) now; both checkpoints in \(file)",
        members: members + [JSONMember("evidence", .string(file))])
    }
  }

  /// What the log has signed and does not show.
  private func unproven(_ pending: PendingCheckpoint, _ log: FollowedLog) -> String {
    let (new, old) = (pending.signed.checkpoint, log.signed.checkpoint)
    return
      "\(new.origin) has signed \(counted(Int(clamping: new.size), "entry", plural: "entries")) and does not show that "
      + "they extend the \(grouped(Int(clamping: old.size))) seen before"
  }

  /// Keeps both checkpoints, which the log itself has signed, where they are not kept yet.
  private func keepEvidence(
    _ kind: String, _ offered: SignedCheckpoint, root: String?, _ seen: SignedCheckpoint,
    _ now: Int64
  ) throws(Failure) -> String {
    let new = offered.checkpoint
    let path = "\(statePath).\(kind)-\(new.size)-\(new.root.hex.prefix(8))"
    var status = stat()
    if stat(path, &status) == 0 { return path }
    var members = [
      JSONMember("found", .string(Instant(microseconds: now).description)),
      JSONMember("kind", .string(kind)),
      JSONMember("offered", .string(String(decoding: offered.note.bytes, as: UTF8.self))),
      JSONMember("seen", .string(String(decoding: seen.note.bytes, as: UTF8.self))),
    ]
    if let root { members.append(JSONMember("rootOfOfferedAtSeenSize", .string(root))) }
    try writeFile(path, Array((JSONValue.object(members).pretty + "\n").utf8))
    return path
  }

  /// The alarm that nothing was added for too long.
  private func stallEvent(_ now: Int64) -> WatchEvent? {
    guard let stall, let remembered, now - remembered.since >= stall else { return nil }
    let checkpoint = remembered.signed.checkpoint
    return WatchEvent(
      kind: "stall",
      text: "\(checkpoint.origin) has not grown since "
        + Instant(microseconds: remembered.since).description,
      members: [
        JSONMember("log", .string(checkpoint.origin)),
        JSONMember("size", .integer(Int64(clamping: checkpoint.size))),
        JSONMember("since", .string(Instant(microseconds: remembered.since).description)),
      ])
  }
}
