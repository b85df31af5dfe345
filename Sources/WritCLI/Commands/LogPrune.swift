// `writ log prune`: what a written policy no longer keeps is removed, and the log says so.

import WritEvidence
import WritModel

extension Command {
  static let logPrune = Command(
    name: "log prune", summary: "remove what a retention policy no longer keeps",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--retention", "FILE", "how long each class of objects is kept"),
      .flag("--dry-run", "only tell what would be removed"), .successor, .passphrase,
    ],
    details: [
      "FILE is {\"keep\": {\"request\": \"400d\", \"snapshot\": \"400d\"}}; the classes are bundle, snapshot,",
      "request, trace and result, and what is not named is kept for ever. Entries are never removed: every",
      "record still proves, and can no longer be replayed once one of its objects is gone. Without its trace",
      "no claim about a clause can be shown.",
      "  writ log prune log --retention retention.json --dry-run",
    ],
    run: runLogPrune)
}

/// Plans while nobody else can append, so that no new record comes to name what goes.
private func runLogPrune(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let path = try invocation.required("--retention")
  let policy = try readFile(path, limit: 1 << 16)
  let retention: Retention
  do throws(RetentionError) {
    retention = try Retention(policy)
  } catch {
    throw .badInput(
      "\(shownName(path)): \(error)", remedy: "`writ log prune --help` has an example")
  }
  let place = try recordingLog(for: store, invocation)
  let keys = try verifierKeys(of: store, invocation)
  let origin = try withLog { () throws(LogError) in try store.configuration() }.origin
  let id = try recordID()
  let now = currentTime()
  let isDry = invocation.has("--dry-run")
  let plan = try withLog { () throws(LogError) in
    let writer = try RecordWriter(store: place.store, signer: place.signer)
    defer { writer.close() }
    let plan = try PruningPlan(
      LogReader(store: store, keys: keys), store.objects, retention, now: now
    ) { invocation.errorTerminal.showProgress("reading records \($0)…") }
    if !isDry && plan.count > 0 {
      try plan.carryOut(
        in: store, recordedIn: place.store, by: writer, policy: policy, log: origin, id: id,
        clock: now, uptime: currentUptime())
    }
    return plan
  }
  invocation.errorTerminal.showProgress("")
  return report(plan, isDry: isDry, store, invocation)
}

private func report(
  _ plan: PruningPlan, isDry: Bool, _ store: LogStore, _ invocation: Invocation
) -> Report {
  let counts = ObjectClass.allCases.map { ($0, plan.objects[$0]?.count ?? 0) }
  if invocation.wantsJSON {
    let members = counts.map { JSONMember($0.0.rawValue, .integer(Int64($0.1))) }
    return Report(["removed": .object(members), "dryRun": .bool(isDry)])
  }
  var report = Report()
  let told = counts.filter { $0.1 > 0 }.map { counted($0.1, $0.0.rawValue) }
  let what = told.isEmpty ? "nothing" : told.joined(separator: ", ")
  report.print("\(store.directory): \(isDry ? "would remove" : "removed") \(what)")
  return report
}
