// `writ log clock`: whether a log believes the clock, and a record that it is right.

import WritEvidence
import WritModel

extension Command {
  static let logClock = Command(
    name: "log clock", summary: "compare the clock with a log, or vouch for it",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .flag(
        "--accept", "record that the clock is right, though the log did not expect what it says"),
      .passphrase,
    ],
    details: [
      "A record's time is never before that of the one in front of it, so a clock that is far off is",
      "refused: set forward while the machine ran, or more than five minutes before the newest entry.",
      "Exits 1 if it would be refused. After --accept records are logged by the clock again, or, while",
      "it stands behind the newest entry, at that entry's time.",
      "  writ log clock log",
      "  writ log clock log --accept",
    ],
    run: runLogClock)
}

/// Tells, or records.
private func runLogClock(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let signer = try signer(of: store, invocation)
  let id = try recordID()
  let accepts = invocation.has("--accept")
  let (clock, uptime) = (currentTime(), currentUptime())
  let found = try patiently { () throws(LogError) -> ComparedClock in
    let writer = try RecordWriter(store: store, signer: signer)
    defer { writer.close() }
    var found = ComparedClock(newest: writer.newestTime)
    do throws(LogError) {
      try writer.checkClock(clock, uptime: uptime)
    } catch {
      switch error {
      case .clockWentBack, .clockJumped: found.refusal = error
      default: throw error
      }
    }
    if accepts { found.index = try writer.accept(clock: clock, uptime: uptime, id: id) }
    return found
  }
  return report(found, clock, invocation)
}

/// What a log says of a clock.
private struct ComparedClock {
  let newest: Int64?
  var refusal: LogError?
  /// The record that vouches for it.
  var index: UInt64?
}

private func report(
  _ found: ComparedClock, _ clock: Int64, _ invocation: Invocation
) -> Report {
  let isBelieved = found.refusal == nil || found.index != nil
  let newest = found.newest.map { Instant(microseconds: $0).description }
  let now = Instant(microseconds: clock).description
  if invocation.wantsJSON {
    var report = Report([
      "clock": .string(now), "newest": newest.map { .string($0) } ?? .null,
      "believed": .bool(isBelieved),
      "index": found.index.map { .integer(Int64(clamping: $0)) } ?? .null,
    ])
    report.code = isBelieved ? .done : .refused
    return report
  }
  var report = Report()
  report.print("clock        \(now)")
  report.print("newest entry \(newest ?? "none")")
  if let index = found.index {
    report.print("recorded as entry \(index): the clock is right")
  } else if let refusal = found.refusal {
    let failure = failure(of: refusal)
    report.code = .refused
    report.print("refused: \(failure.message)")
    if let remedy = failure.remedy { report.tell(remedy) }
  } else {
    report.print("believed")
  }
  return report
}
