// `writ replay`: a recorded decision, made again from what the log kept.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let replayDecision = Command(
    name: "replay", summary: "make recorded decisions again, byte for byte",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--index", "N", "one decision: its entry, from 0"),
      .flag("--all", "every decision of the log"),
      .optional("--from", "N|TIME", "from that entry on, or from those logged then or later"),
      .optional("--to", "N|TIME", "before that entry, or logged before"),
      .optional("--jobs", "N", "threads for many, if not one a processor"), .logKey,
      .optional(
        "--publisher", "PUB", "with --index: the verifier key that must have signed the bundle"),
      .optional("--signature", "BUNDLE.sig", "where it has; kept from when the bundle was used"),
    ],
    details: [
      "Compares result, reasons, fuel and what was read; tells where they part, on which fact and why.",
      "Exits 0 if all is the same to the byte, 1 if one differs; else 65 or 66 where inputs are damaged or gone.",
      "Entries that are no decisions are counted. A hundred findings are told.",
      "A TIME is as 2026-11-19T10:00:00Z, or a day, 2026-11-19, for its start in UTC.",
      "  writ replay log --from 2026-11-17 --to 2026-11-18",
    ],
    run: runReplay)
}

/// Needs nothing but the log: bundle, snapshot and request lie in it by their digests.
private func runReplay(_ invocation: Invocation) throws(Failure) -> Report {
  let range = ["--all", "--from", "--to"].first(where: invocation.has)
  if invocation.has("--index") {
    if let other = range ?? ["--jobs"].first(where: invocation.has) {
      throw .usage("`--index` replays one entry, `\(other)` is for many; leave one out")
    }
    return try runReplayOfOne(invocation)
  }
  guard range != nil else {
    throw .usage(
      "`writ replay` needs `--index N`, `--from` and `--to`, or `--all`",
      remedy: "say which decisions to make again")
  }
  if let option = ["--publisher", "--signature"].first(where: invocation.has) {
    throw .usage("`\(option)` is about one bundle: it needs `--index N`")
  }
  return try runReplayOfMany(invocation)
}

private func runReplayOfOne(_ invocation: Invocation) throws(Failure) -> Report {
  let index = try invocation.number("--index") ?? 0
  let store = LogStore(directory: try invocation.operand(0))
  let reader = try openLog(invocation)
  if let publisher = invocation.value("--publisher") {
    guard let signature = invocation.value("--signature") else {
      throw .usage("`--publisher` needs `--signature BUNDLE.sig`")
    }
    guard let bundle = try bundle(of: index, reader, store) else {
      throw Failure(
        .noInput,
        "the bundle of entry \(index) can no longer be put together: one of its approvers was erased"
      )
    }
    try checkPublisher(bundle, publisher, signature: signature)
  }
  if let decision = try decision(ofPermit: index, reader) {
    return try replayPermit(index, upon: decision, reader, store, invocation)
  }
  return report(
    try replayed(index, reader, store), index: index, store, reader, invocation)
}

/// The entry of the decision that a permit was given upon; `nil` where the entry is no permit's.
private func decision(ofPermit index: UInt64, _ reader: LogReader) throws(Failure) -> UInt64? {
  let record = LoggedRecord(
    try withLog { () throws(LogError) in try reader.entry(at: index) })
  guard hasSameBytes(record.type, PredicateType.permitIssued) else { return nil }
  return record.predicate["decision"]?.integer.flatMap { UInt64(exactly: $0) }
}

/// Holds a permit against the decision that it was given upon, and makes that again.
private func replayPermit(
  _ index: UInt64, upon decision: UInt64, _ reader: LogReader, _ store: LogStore,
  _ invocation: Invocation
) throws(Failure) -> Report {
  let replayer = Replayer(
    objects: store.objects, disclosures: store.disclosures, snapshots: SnapshotCache(),
    other: { other in other < reader.size ? try reader.entry(at: other) : nil })
  var summary = ReplaySummary()
  let entry = try withLog { () throws(LogError) in try reader.entry(at: index) }
  replayer.replay(entry, at: index, into: &summary)
  if case .different(let parting)? = summary.findings.first?.verdict {
    return report(.different(parting), index: index, store, reader, invocation)
  }
  guard decision < index else {
    throw .badInput("entry \(index) is a permit upon entry \(decision), which is not before it")
  }
  var report = report(
    try replayed(decision, reader, store), index: decision, store, reader, invocation)
  if !invocation.wantsJSON {
    report.print("  entry \(index), a permit upon it, is for a delegate that its action asks for")
  }
  return report
}

/// The decision at an index, made again.
private func replayed(
  _ index: UInt64, _ reader: LogReader, _ store: LogStore
) throws(Failure) -> ReplayResult {
  let result: ReplayResult
  do {
    result = try replay(index, of: reader, in: store)
  } catch let error as LogError {
    throw unreplayable(index, error)
  } catch {
    throw .badInput("entry \(index) cannot be replayed: \(error)")
  }
  if case .needsErased(let digest) = result {
    throw Failure(
      .noInput,
      "entry \(index) cannot be replayed: the policy read what was erased, \(erasureText(digest, store, reader))",
      remedy: "the record still proves how it came out: `writ log show`")
  }
  return result
}

/// The bundle that the decision at an index was made with, `nil` where one of its approvers was erased.
private func bundle(
  of index: UInt64, _ reader: LogReader, _ store: LogStore
) throws(Failure) -> [UInt8]? {
  do {
    return try recordedBundle(index, of: reader, in: store)
  } catch let error as LogError {
    throw unreplayable(index, error)
  } catch {
    throw .badInput("entry \(index) names no bundle: \(error)")
  }
}

/// An input that the record names by its digest is gone or not itself: the record still proves, but cannot be replayed.
private func unreplayable(_ index: UInt64, _ error: LogError) -> Failure {
  switch error {
  case .missing(let path) where path.contains("/.writ/objects/"):
    Failure(
      .noInput, "entry \(index) cannot be replayed: what it was decided with is gone, \(path)",
      remedy: "bring the file back from a copy of the log")
  case .damaged(let path, _) where path.contains("/.writ/objects/"):
    .badInput(
      "entry \(index) cannot be replayed: \(path) does not hold what its name says",
      remedy: "bring the file back from a copy of the log")
  default: failure(of: error)
  }
}

/// Same to the byte, or the first place where the two part.
private func report(
  _ result: ReplayResult, index: UInt64, _ store: LogStore, _ reader: LogReader,
  _ invocation: Invocation
) -> Report {
  let terminal = invocation.terminal
  switch result {
  case .same(let run): return same(run, nil, index: index, invocation)
  case .sameWithout(let digest, let run):
    return same(run, erasureText(digest, store, reader), index: index, invocation)
  case .needsErased(let digest):
    // Told as a failure by whoever calls.
    return Report(
      [
        "same": .null, "index": .integer(Int64(clamping: index)),
        "needs": .string(digest.description),
      ], .noInput)
  case .different(let parting):
    if invocation.wantsJSON {
      let members = [
        JSONMember("same", false), JSONMember("index", .integer(Int64(clamping: index))),
      ]
      return Report(.object(members + (parting.json.object ?? [])), .refused)
    }
    var report = Report(.refused)
    report.print(parting, at: index, terminal)
    return report
  }
}

extension Report {
  /// A decision that came out otherwise: where, what stands on either side, in which clause, on which fact and why.
  mutating func print(_ parting: Parting, at index: UInt64, _ terminal: Terminal) {
    print("\(terminal.paint("DIFFERENT", .bad))  entry \(index), at \(printable(parting.path))")
    print("  recorded \(printable(parting.recorded)), by engine \(printable(parting.engineThen))")
    print("  replayed \(printable(parting.replayed)), by engine \(Versions.engine)")
    if let step = parting.step {
      let binding = step.binding.isEmpty ? "" : " for " + step.binding.joined(separator: ", ")
      let place = step.position.map { " [\($0)]" } ?? ""
      print("  clause   " + printable("\(step.clause)\(binding)\(place)"))
    }
    if let fact = parting.fact {
      print("  fact     " + printable("\(fact.subject)\(fact.member.map { " \($0)" } ?? "")"))
      print("    then   " + printable(fact.recorded ?? "not read"))
      print("    now    " + printable(fact.replayed ?? "not read"))
    }
    print("  because  \(parting.cause.explanation)")
  }
}

/// The same to the byte; `without` tells what of the inputs was erased.
private func same(
  _ run: DecisionRun, _ without: String?, index: UInt64, _ invocation: Invocation
) -> Report {
  if invocation.wantsJSON {
    var members = [
      JSONMember("same", true), JSONMember("index", .integer(Int64(clamping: index))),
      JSONMember("result", run.decision.json),
    ]
    if let without { members.append(JSONMember("without", .string(without))) }
    return Report(.object(members))
  }
  let terminal = invocation.terminal
  var report = Report()
  let outcome = run.decision.outcome
  let mark = run.decision.isQuestion ? "?" : ""
  let word = terminal.paint(outcome.rawValue.uppercased() + mark, outcome.tone)
  report.print("\(terminal.paint("SAME", .good))  entry \(index): \(word) \(run.decision.gate)")
  if let without {
    report.print(
      "  without what was erased, \(printable(without)); approvals as they were recorded")
  }
  return report
}
