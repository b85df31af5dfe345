// `writ decide`: a request to a decision.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

extension Command {
  static let decide = Command(
    name: "decide", summary: "ask a gate: allow, hold or deny, and why",
    operands: [],
    options: [
      .bundle, .publisher, .graph, .optional("--request", "FILE", "the request, JSON, or -"),
      .optional("--batch", "FILE", "many requests, one a line, or -: a decision a line"),
      .flag("--brief", "of many requests the outcome and the clauses alone: fast"),
      .waiver,
      .optional("--caller", "NODE", "who asks; recorded as asserted by you"),
      .optional("--now", "TIME", "ask of that time: a question, never a permit"),
      .optional("--as-of", "TIME", "how fresh facts were then: a question too"),
      .flag("--ask", "a question: recorded as one, never a permit"),
      .optional("--log", "DIR", "record the decision; without a record there is no decision"),
      .passphrase,
      .flag("--explain", "tell which facts each clause read, and how old the sources' words are"),
    ],
    details: [
      "Exits 0 if allowed, 1 if denied, 2 if held, or if only the request asks of another time.",
      "With --batch every decision is a question; exits 0 if all lines were decided, 65 if not.",
      "  writ decide --bundle b --graph g --request r.json --caller Identity/deploy-bot --log log",
    ],
    run: runDecide)
}

/// Reads, decides, records, and only then says anything.
private func runDecide(_ invocation: Invocation) throws(Failure) -> Report {
  if let path = invocation.value("--batch") { return try runDecideMany(path, invocation) }
  if invocation.has("--brief") {
    throw .usage("`--brief` is for many requests: `--batch FILE`")
  }
  guard invocation.has("--request") else {
    throw .usage("`writ decide` needs `--request FILE`, or `--batch FILE` for many")
  }
  let (bundle, bundleBytes) = try loadBundle(invocation)
  let graphPath = try invocation.required("--graph")
  let requestPath = try invocation.required("--request")
  let logPath = invocation.value("--log")
  var signer: NoteSigner?
  if let logPath { signer = try recordSigner(logPath, bundle, invocation) }

  // What is recorded is what was decided with, though the file may change meanwhile.
  let snapshotBytes = logPath == nil ? [] : try readFile(graphPath, limit: Limits.graphBytes)
  let snapshot: Snapshot
  if logPath == nil {
    snapshot = try loadSnapshot(graphPath)
  } else {
    do throws(SnapshotError) {
      snapshot = try Snapshot.decode(snapshotBytes)
    } catch {
      throw failure(of: error, graphPath)
    }
  }
  let engine = Engine(bundle: bundle, snapshot: snapshot)
  let granted = try readJSON(requestPath).withGrants(invocation)
  try granted.refuseOther(than: "decide")
  var json = try requestOnWord(granted, engine, invocation)
  var request = try fitting(requestPath) { () throws(RequestError) in try Request(json) }
  let asking = try asking(invocation, request, clock: currentTime())
  // What an action would do is decided on, too.
  func state() throws(Failure) {
    request = try fitting(requestPath) { () throws(RequestError) in
      try engine.stating(try Request(json), asking)
    }
    json = json.stating(request)
  }
  if !asking.isQuestion { try refuseBreakingGlass(request, engine) }
  try state()
  let isTraced = logPath != nil || invocation.has("--explain")
  var run = try fitting(requestPath) { () throws(RequestError) in
    try engine.decide(request, asking, tracing: isTraced ? .on : .off)
  }
  let heard = try countingOnLog(granted, request, invocation)
  if let heard, !heard.notes.isEmpty {
    json = heard.inputs.json
    try state()
    run = try fitting(requestPath) { () throws(RequestError) in
      try engine.decide(request, asking, tracing: isTraced ? .on : .off)
    }
  }

  run = run.refused(by: heard?.no)
  let locked = try lockedVersion(run, request, asking, invocation)
  var recorded: RecordedDecision?
  if let logPath, let signer {
    let inputs = DecisionInputs(bundle: bundleBytes, snapshot: snapshotBytes, request: json)
    recorded = try record(run, of: request, by: engine, inputs, in: logPath, signer)
  }
  var report = report(run, recorded, engine, invocation, locked: locked)
  for note in heard?.notes ?? [] { report.tell("note: " + printable(note)) }
  return report
}

/// A request for an action without the approvals that a log knows not to count, as when it is done: somebody said no, or what they
/// let be done was done; and who has said no to it. `nil` where the log is not asked.
private func countingOnLog(
  _ json: JSONValue, _ request: Request, _ invocation: Invocation
) throws(Failure) -> HeardWord? {
  guard invocation.has("--log"), request.call != nil, request.now == nil else { return nil }
  return try ActionInputs(any: json, try LoadedEngine(invocation)).asked(invocation)
}

/// What is locked of that which an action would put somewhere, as the log of `--log` tells.
private func lockedVersion(
  _ run: DecisionRun, _ request: Request, _ asking: Asking, _ invocation: Invocation
) throws(Failure) -> LockedVersion? {
  guard request.call != nil, run.decision.outcome != .deny, invocation.has("--log") else {
    return nil
  }
  let loaded = try LoadedEngine(invocation)
  let salt = try actionSalt()
  let assignment: Result<Assignment, RequestError>
  do throws(RequestError) {
    let prepared = try loaded.decider.prepare(try loaded.engine.resolved(request))
    assignment = .success(try loaded.decider.assignment(prepared, asking, salt: salt))
  } catch {
    assignment = .failure(error)
  }
  return try LockedVersion.asked(assignment, loaded.engine.bundle, invocation)
}

/// Leave to break the glass is given to those who sign for the action, say why and are on record with both: as an answer of its gate,
/// or of the action to whoever names a caller, nothing would ask for its review.
private func refuseBreakingGlass(_ request: Request, _ engine: Engine) throws(Failure) {
  let action: String?
  if let call = request.call {
    action = engine.breakGlass(ofAction: call.name) == nil ? nil : call.name
  } else {
    action = engine.breakGlassAction(behind: request.gate)
  }
  guard let action else { return }
  throw .badInput(
    "`\(action)` breaks the glass, and `decide` gives no leave to do that",
    remedy: "ask for it with `writ act \(action) --reason …`; or say --ask, for a question")
}

/// Whether who runs the command, and not only who wrote the request, knows that it is a question.
private func isAsked(_ invocation: Invocation) -> Bool {
  invocation.has("--ask") || invocation.has("--now") || invocation.has("--as-of")
}

/// Runs what refuses a request, and says of which file it was.
private func fitting<Value>(
  _ path: String, _ body: () throws(RequestError) -> Value
) throws(Failure) -> Value {
  do throws(RequestError) {
    return try body()
  } catch {
    throw .badInput("\(error.isAboutCaller ? "--caller" : shownName(path)): \(error)")
  }
}

/// Who asks, and of when: any time that is given makes it a question.
private func asking(
  _ invocation: Invocation, _ request: Request, clock: Int64
) throws(Failure) -> Asking {
  let now = try invocation.instant("--now") ?? request.now
  let asOf = try invocation.instant("--as-of")
  return Asking(
    caller: invocation.value("--caller"), now: now ?? clock, asOf: asOf ?? clock,
    isQuestion: now != nil || asOf != nil || invocation.has("--ask"))
}

/// The keys of the log, before anything is decided. Refused where the bundle lets one of them
/// approve, or where the publisher's is one of them.
func recordSigner(
  _ path: String, _ bundle: LoadedBundle, _ invocation: Invocation
) throws(Failure) -> NoteSigner {
  let signer: NoteSigner
  do throws(Failure) {
    signer = try WritCLI.signer(of: LogStore(directory: path), invocation)
  } catch {
    throw unrecorded(error)
  }
  let keys = signer.verifierKeys.map(\.publicKey)
  try checkFunctions(bundle.registry, keys, .log)
  if let publisher = invocation.value("--publisher"),
    keys.contains(try readVerifierKey(publisher).publicKey)
  {
    throw .badInput(
      "the log's key signs bundles too", remedy: "give each function its own key")
  }
  return signer
}

/// A decision that cannot be recorded is none.
func unrecorded(_ error: Failure) -> Failure {
  Failure(
    .broken, "the decision could not be recorded, so there is none: \(error.message)",
    remedy: error.remedy)
}

/// Records a decision, or fails: a decision without evidence is none.
func record(
  _ run: DecisionRun, of request: Request, by engine: Engine, _ inputs: DecisionInputs,
  in path: String, _ signer: NoteSigner, notes: DecisionNotes = DecisionNotes()
) throws(Failure) -> RecordedDecision {
  let store = LogStore(directory: path)
  do throws(Failure) {
    let id = try recordID()
    return try recording { () throws(RecorderError) in
      try engine.record(
        run, of: request, inputs, in: store, signer: signer, clock: currentTime(),
        uptime: currentUptime(), id: id, notes: notes)
    }
  } catch {
    // What a disk refused half-way may yet be found on it, and is then a record like any other.
    guard error.code == .broken else { throw unrecorded(error) }
    throw Failure(
      .broken, "the decision may not be recorded, so nobody may act on it: \(error.message)",
      remedy: error.remedy)
  }
}

/// The decision for people or for programs; what else is worth knowing on standard error.
///
/// - Parameter locked: For what nothing will be done all the same.
func report(
  _ run: DecisionRun, _ recorded: RecordedDecision?, _ engine: Engine, _ invocation: Invocation,
  locked: LockedVersion? = nil
) -> Report {
  var report = Report(locked == nil ? run.decision.outcome.exitCode : .refused)
  if let locked { report.tell("note: " + printable(locked.note)) }
  if run.decision.outcome == .allow, run.decision.isQuestion, !isAsked(invocation) {
    // Whoever writes the request must not be able to turn a denial into leave to go on.
    report.code = .held
    report.tell(
      "note: the request asks of another time, so this is no leave to act: exit code 2. "
        + "Say --ask, --now or --as-of if a question is meant")
  }
  for note in run.notes { report.tell("note: " + printable(note)) }
  if invocation.wantsJSON {
    let members = run.json(recorded, showsTrace: invocation.has("--explain")).object ?? []
    let lock = locked.map { [JSONMember("locked", $0.json)] } ?? []
    report.output = JSONValue.object(members + lock).pretty + "\n"
    return report
  }
  let text = DecisionText(run, engine, invocation)
  report.output = text.whole
  if let recorded {
    let line = "recorded as entry \(recorded.index) of \(recorded.origin)"
    report.print(invocation.terminal.paint(line, .quiet))
  }
  return report
}

extension Outcome {
  /// What `writ decide` returns.
  var exitCode: ExitCode {
    switch self {
    case .allow: .done
    case .hold: .held
    case .deny: .refused
    }
  }
}

extension DecisionRun {
  /// `result` is what is compared and logged; the rest tells of this run. Whoever asks gets this, by whichever door.
  func json(_ recorded: RecordedDecision?, showsTrace: Bool) -> JSONValue {
    var members = [
      JSONMember("decision", .string(decision.outcome.rawValue)),
      JSONMember("result", decision.json), JSONMember("engine", .string(Versions.engine)),
      JSONMember("steps", .integer(Int64(steps))), JSONMember("fuel", .integer(fuel)),
    ]
    if !notes.isEmpty {
      members.append(JSONMember("notes", .array(notes.map { .string($0) })))
    }
    if let saidNo {
      members.append(
        JSONMember(
          "refused",
          [
            "by": .string(saidNo.person), "entry": .integer(Int64(clamping: saidNo.entry)),
          ]))
    }
    if showsTrace, !trace.isEmpty { members.append(JSONMember("trace", .array(trace.map(\.json)))) }
    if let recorded {
      members.append(
        JSONMember(
          "evidence",
          [
            "log": .string(recorded.origin), "index": .integer(Int64(clamping: recorded.index)),
          ]))
    }
    return .object(members)
  }
}
