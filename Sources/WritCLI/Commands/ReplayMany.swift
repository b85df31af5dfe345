// `writ replay --all` and `--from … --to …`: many recorded decisions, made again on several threads.

import Synchronization
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

/// The bundles of entries are dealt out to threads; what they find is put together in the order of the log, so that it does not
/// depend on their number.
func runReplayOfMany(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let keys = try keysOfLog(invocation)
  let reader = try withLog { () throws(LogError) in try LogReader(store: store, keys: keys) }
  let range = try entries(invocation, reader)
  let jobs = try invocation.number("--jobs") ?? UInt64(processorCount)
  guard 1...256 ~= jobs else {
    throw .usage("`--jobs \(jobs)` is no number of threads", remedy: "there may be 1 to 256")
  }
  let replay = RangeReplay(store, keys, range, invocation.errorTerminal)
  onThreads(min(Int(jobs), max(1, replay.partCount))) { _ in replay.work() }
  invocation.errorTerminal.showProgress("")
  let summary = try replay.summary()
  return invocation.wantsJSON
    ? Report(summary.json(range), summary.exitCode) : report(summary, range, invocation.terminal)
}

/// The entries that are asked for.
private func entries(
  _ invocation: Invocation, _ reader: LogReader
) throws(Failure) -> Range<UInt64> {
  if invocation.has("--all") {
    if let other = ["--from", "--to"].first(where: invocation.has) {
      throw .usage("`--all` is every entry, `\(other)` is some of them; leave one out")
    }
    return 0..<reader.size
  }
  let from = try place("--from", invocation, reader) ?? 0
  let to = try place("--to", invocation, reader) ?? reader.size
  guard from <= reader.size, to <= reader.size else {
    throw failure(of: .outOfRange(index: max(from, to), size: reader.size))
  }
  guard from <= to else {
    throw .usage("`--from` is behind `--to`", remedy: "give the earlier one first")
  }
  return from..<to
}

/// An entry by its index, or the first one that was logged at a time or later.
private func place(
  _ option: String, _ invocation: Invocation, _ reader: LogReader
) throws(Failure) -> UInt64? {
  guard let text = invocation.value(option) else { return nil }
  if text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) { return try invocation.number(option) }
  guard let time = Instant(startOrTime: text) else {
    throw .usage(
      "`\(option) \(text)` is neither an entry, an RFC 3339 time nor a day",
      remedy: "write 17, 2026-11-19T10:00:00Z or 2026-11-19")
  }
  return try withLog { () throws(LogError) in
    try firstEntry(loggedAt: time.microseconds, in: reader)
  }
}

/// What records say of when they were logged never goes back, so halving finds it. One that says nothing counts as the next that does.
private func firstEntry(
  loggedAt time: Int64, in reader: LogReader
) throws(LogError) -> UInt64 {
  var (low, high) = (UInt64(0), reader.size)
  while low < high {
    let middle = low + (high - low) / 2
    var next = middle
    var logged: Int64?
    while next < high, logged == nil {
      logged = LoggedRecord(try reader.entry(at: next)).logged
      next += 1
    }
    if let logged, logged < time { low = next } else { high = middle }
  }
  return low
}

/// A range of entries that several threads replay. What one of them writes stands behind a lock.
private final class RangeReplay: Sendable {
  private let store: LogStore
  private let keys: [VerifierKey]
  private let range: Range<UInt64>
  private let terminal: Terminal
  private let snapshots = SnapshotCache()
  private let nextPart = Atomic<Int>(0)
  private let state: Mutex<State>

  private struct State {
    var summaries: [ReplaySummary?]
    var failure: LogError?
    var doneParts = 0
  }

  /// Entries of a bundle, which is what a part holds at most.
  private static let partSize: UInt64 = 256

  init(_ store: LogStore, _ keys: [VerifierKey], _ range: Range<UInt64>, _ terminal: Terminal) {
    self.store = store
    self.keys = keys
    self.range = range
    self.terminal = terminal
    let first = range.lowerBound / RangeReplay.partSize
    let end = (range.upperBound + RangeReplay.partSize - 1) / RangeReplay.partSize
    let count = range.isEmpty ? 0 : Int(end - first)
    state = Mutex(State(summaries: Array(repeating: nil, count: count)))
    partCount = count
  }

  /// Bundles that hold some of the entries.
  let partCount: Int

  /// Takes part after part until there are no more, or a thread has failed.
  func work() {
    do throws(LogError) {
      let reader = try LogReader(store: store, keys: keys)
      let replayer = Replayer(
        objects: store.objects, disclosures: store.disclosures, snapshots: snapshots,
        other: { index in index < reader.size ? try reader.entry(at: index) : nil })
      while let part = takePart() {
        let summary = try self.summary(of: part, reader, replayer)
        finish(part, summary)
      }
    } catch {
      state.withLock { $0.failure = $0.failure ?? error }
    }
  }

  private func takePart() -> Int? {
    let part = nextPart.add(1, ordering: .relaxed).oldValue
    let hasFailed = state.withLock { $0.failure != nil }
    return part < partCount && !hasFailed ? part : nil
  }

  private func summary(
    of part: Int, _ reader: LogReader, _ replayer: Replayer
  ) throws(LogError) -> ReplaySummary {
    let number = range.lowerBound / RangeReplay.partSize + UInt64(part)
    var summary = ReplaySummary()
    try reader.forEachEntry(ofBundle: number) { index, entry in
      if range.contains(index) { replayer.replay(entry, at: index, into: &summary) }
    }
    return summary
  }

  private func finish(_ part: Int, _ summary: ReplaySummary) {
    state.withLock { state in
      state.summaries[part] = summary
      state.doneParts += 1
      if state.doneParts.isMultiple(of: 16) {
        terminal.showProgress("replayed \(state.doneParts * 100 / max(1, partCount)) %…")
      }
    }
  }

  /// All of it, once every thread is done.
  func summary() throws(Failure) -> ReplaySummary {
    let (failed, summaries) = state.withLock { ($0.failure, $0.summaries) }
    if let failed { throw failure(of: failed) }
    var whole = ReplaySummary()
    for summary in summaries.compactMap({ $0 }) { whole.append(summary) }
    return whole
  }
}

extension ReplaySummary {
  /// A difference weighs more than what could not be looked at, and what was changed more than what is gone.
  fileprivate var exitCode: ExitCode {
    if different > 0 { return .refused }
    if unreplayable[.damaged] != nil || unreplayable[.unfit] != nil { return .badInput }
    return unreplayable[.missing] != nil || unreplayable[.erased] != nil ? .noInput : .done
  }

  fileprivate func json(_ range: Range<UInt64>) -> JSONValue {
    let causes = UnreplayableCause.allCases.map { cause in
      JSONMember(cause.rawValue, .integer(Int64(unreplayable[cause] ?? 0)))
    }
    let kinds = sortedKinds.map { JSONMember($0.kind, .integer(Int64($0.count))) }
    return [
      "from": .integer(Int64(clamping: range.lowerBound)),
      "to": .integer(Int64(clamping: range.upperBound)),
      "same": .integer(Int64(same)), "different": .integer(Int64(different)),
      "unreplayable": .object(causes), "skipped": .object(kinds),
      "findings": .array(findings.map(\.json)), "untold": .integer(Int64(untold)),
    ]
  }

  /// Whether there was anything to make again.
  fileprivate var hasDecisions: Bool { same + different > 0 || !unreplayable.isEmpty }

  /// By the bytes of their names.
  fileprivate var sortedKinds: [(kind: String, count: Int)] {
    skipped.map { ($0.key, $0.value) }.sorted { precedesByBytes($0.0, $1.0) }
  }

  /// Findings that are counted only.
  fileprivate var untold: Int {
    different + unreplayable.values.reduce(0, +) - findings.count
  }
}

extension ReplayFinding {
  fileprivate var json: JSONValue {
    let members = [JSONMember("index", .integer(Int64(clamping: index)))]
    switch verdict {
    case .different(let parting):
      return .object(
        members + [JSONMember("verdict", "different")] + (parting.json.object ?? []))
    case .unreplayable(let cause, let reason):
      return .object(
        members + [
          JSONMember("verdict", "unreplayable"), JSONMember("cause", .string(cause.rawValue)),
          JSONMember("reason", .string(reason)),
        ])
    }
  }
}

/// The findings, and what was counted.
private func report(
  _ summary: ReplaySummary, _ range: Range<UInt64>, _ terminal: Terminal
) -> Report {
  var report = Report(summary.exitCode)
  for finding in summary.findings {
    switch finding.verdict {
    case .different(let parting): report.print(parting, at: finding.index, terminal)
    case .unreplayable(let cause, let reason):
      let word = terminal.paint("UNREPLAYABLE", .waiting)
      report.print("\(word)  entry \(finding.index), \(cause.rawValue): \(printable(reason))")
    }
  }
  if summary.untold > 0 { report.print("and \(grouped(summary.untold)) more") }
  let others = summary.sortedKinds.map { "\(grouped($0.count)) \(printable($0.kind))" }
  guard summary.hasDecisions else {
    report.print(
      "\(terminal.paint("NOTHING", .waiting))  to make again: "
        + counted(summary.entries, "entry", plural: "entries") + ", no decision among them")
    if !others.isEmpty { report.print("no decisions: " + others.joined(separator: ", ")) }
    return report
  }
  let word =
    summary.different > 0
    ? terminal.paint("DIFFERENT", .bad)
    : summary.exitCode == .done
      ? terminal.paint("SAME", .good) : terminal.paint("UNREPLAYABLE", .waiting)
  var parts = ["\(grouped(summary.same)) the same", "\(grouped(summary.different)) different"]
  for cause in UnreplayableCause.allCases {
    if let count = summary.unreplayable[cause] {
      parts.append("\(grouped(count)) \(cause.rawValue)")
    }
  }
  report.print(
    "\(word)  \(counted(summary.entries, "entry", plural: "entries")): "
      + parts.joined(separator: ", "))
  if !others.isEmpty { report.print("no decisions: " + others.joined(separator: ", ")) }
  return report
}
