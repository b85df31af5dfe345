// `writ act`: an action through its gate, under a permit, by a delegate.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritTransport

extension Command {
  static let act = Command(
    name: "act", summary: "do an action: ask its gate, permit it, have a delegate carry it out",
    operands: [.perhaps("ACTION", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph, .request, .argument,
      .required("--caller", "NODE", "who acts"),
      .optional("--actor-key", "KEY", "the key of who acts, where the bundle's registry knows any"),
      .required("--log", "DIR", "where decision, permit and result are recorded"),
      .required("--permit-key", "KEY", "signs permits and nothing else"), .passphrase,
      .required("--delegate", "KEY.pub", "who carries it out: `delegate.pub` of its directory"),
      .required("--listen", "ADDRESS", "where the delegate connects: unix:/run/writ.sock"),
      .optional("--wait", "DURATION", "for the delegate to connect, 30s if not given"),
    ],
    details: [
      "The gate is asked when the delegate is there, and the permit holds for a minute at most.",
      "Exits 0 if the action succeeded, 1 if it was denied or failed, 2 if held.",
      "  writ act deploy --bundle b --graph g --request r.json --caller Identity/bot --log log \\",
      "    --permit-key permit.key --delegate eu-1/delegate.pub --listen unix:/run/writ.sock",
    ],
    run: runAct)
}

/// Asks once so that nobody waits for what is denied, and again when it can be done.
private func runAct(_ invocation: Invocation) throws(Failure) -> Report {
  let inputs = try ActionInputs(invocation)
  var desk = try ActionDesk(inputs, invocation)
  try desk.identify()
  let first = try desk.decide()
  guard first.run.decision.outcome == .allow else { return try desk.refuse(first) }
  _ = try first.known()
  signal(SIGPIPE, SIG_IGN)
  let listener = try desk.listen()
  let line = try desk.meet(listener)
  desk.inputs = try inputs.readAgain(invocation)
  try desk.checkKeys()
  let moment = try desk.decide()
  guard moment.run.decision.outcome == .allow else { return try desk.refuse(moment) }
  let assignment = try moment.known()
  let decision = try desk.record(moment)
  let order = try desk.permit(assignment, decision, moment, line.seen)
  let (result, envelope, last) = try desk.carryOut(order, line, listener)
  return try desk.close(order, result, envelope, moment, decision, last)
}

/// A decision at one moment, and what would be done.
private struct Moment {
  let asking: Asking
  let run: DecisionRun
  let assignment: Result<Assignment, RequestError>

  /// What would be done. Where that cannot be said an allow is none, and is not recorded as one.
  func known() throws(Failure) -> Assignment {
    do throws(RequestError) {
      return try assignment.get()
    } catch {
      throw Failure(
        .refused, "nothing can be done, though the gate allows it: \(error)",
        remedy: "`writ ask` tells what would be run")
    }
  }
}

/// An order with its permit, and what its records are about.
private struct PermittedOrder {
  let order: WorkOrder
  let permit: Permit
  let subjects: [Subject]
  /// The entry that tells of the permit.
  let entry: UInt64
}

/// What one action needs: inputs, keys and the log.
private struct ActionDesk {
  var inputs: ActionInputs
  let invocation: Invocation
  let caller: String
  let store: LogStore
  let signer: NoteSigner
  let permitKey: Ed25519PrivateKey
  let delegate: VerifierKey

  /// Every key in one function only, or nothing is done.
  init(_ inputs: ActionInputs, _ invocation: Invocation) throws(Failure) {
    self.inputs = inputs
    self.invocation = invocation
    caller = try invocation.required("--caller")
    let log = try invocation.required("--log")
    store = LogStore(directory: log)
    signer = try recordSigner(log, inputs.engine.bundle, invocation)
    let path = try invocation.required("--permit-key")
    try refuseInsideLog(path, log)
    permitKey = try readPrivateKey(path, invocation)
    let delegatePath = try invocation.required("--delegate")
    try refuseInsideLog(delegatePath, log)
    delegate = try readVerifierKey(delegatePath)
    try checkKeys()
  }

  /// Every key in one function only, also by the bundle's registry.
  func checkKeys() throws(Failure) {
    let registry = inputs.engine.bundle.registry
    try checkFunctions(registry, [permitKey.publicKey], .permit)
    try checkFunctions(registry, [delegate.publicKey], .delegate)
    try checkFunctions(registry, signer.verifierKeys.map(\.publicKey), .log)
    let logKeys = signer.verifierKeys.map(\.publicKey)
    guard permitKey.publicKey != delegate.publicKey, !logKeys.contains(permitKey.publicKey),
      !logKeys.contains(delegate.publicKey)
    else {
      throw .badInput(
        "one key is there for two of log, permits and delegate",
        remedy: "give each function its own key")
    }
  }

  func decide() throws(Failure) -> Moment {
    let (asking, run) = try inputs.decide(caller)
    return Moment(asking: asking, run: run, assignment: try inputs.assignment(asking))
  }

  /// Records the decision with the digest of what it is about, as far as that is known.
  func record(_ moment: Moment) throws(Failure) -> RecordedDecision {
    let decided = DecisionInputs(
      bundle: inputs.bundleBytes, snapshot: inputs.snapshotBytes, request: inputs.json)
    return try WritCLI.record(
      moment.run, of: inputs.request, by: inputs.engine, decided, in: store.directory, signer,
      action: try? moment.assignment.get().digest)
  }

  /// Records and reports what is not to be done.
  func refuse(_ moment: Moment) throws(Failure) -> Report {
    let recorded = try record(moment)
    return WritCLI.report(moment.run, recorded, inputs.engine, invocation)
  }
}

// Who acts.
extension ActionDesk {
  /// Has whoever acts sign that they do, where the bundle knows keys to act with: a name alone then gets nothing. Either way it
  /// is on record before the gate is asked.
  func identify() throws(Failure) {
    let registry = inputs.engine.bundle.registry
    guard !registry.keys(function: .actor).isEmpty else {
      guard invocation.value("--actor-key") == nil else {
        throw .badInput(
          "the bundle's registry knows no key to act with",
          remedy: "add a line without roles for it, or leave out --actor-key")
      }
      return
    }
    guard let path = invocation.value("--actor-key") else {
      return try refuseIntent("nobody signed for the caller", "sign with --actor-key")
    }
    let key = try readPrivateKey(path, invocation)
    let now = Instant(microseconds: currentTime())
    let (name, digest) = try withEngine { () throws(RequestError) in
      (inputs.request.call?.name ?? "", try inputs.engine.approvalDigest(of: inputs.request).digest)
    }
    let envelope = Intent(
      action: name, request: digest, caller: caller, id: try recordID(), signedAt: now
    ).signed(by: key).json
    do throws(IntentError) {
      _ = try Intent(envelope, of: caller, for: digest, registry: registry, now: now)
    } catch {
      let why =
        switch error {
        case .unknownCaller: "no key to act with is known of the caller"
        default: "the caller's key did not sign it"
        }
      return try refuseIntent(why, "\(error)")
    }
    try record(.taken(envelope))
  }

  private func refuseIntent(_ why: String, _ detail: String) throws(Failure) {
    try record(.refused(why))
    throw Failure(
      .refused, "`\(caller)` may not act: \(why), and the attempt is on record", remedy: detail)
  }

  private func record(_ outcome: IntentOutcome) throws(Failure) {
    let id = try recordID()
    try append { () throws(RecorderError) in
      try Writ.record(
        ofIntentFor: inputs.request.call?.name ?? "", by: caller, outcome, inputs.engine.bundle,
        in: store, id: id)
    }
  }
}

// The delegate.
extension ActionDesk {
  func listen() throws(Failure) -> Listener {
    let text = try invocation.required("--listen")
    guard let wanted = Endpoint(text) else {
      throw .usage("`--listen \(text)` is no address", remedy: "write it as unix:/run/writ.sock")
    }
    guard case .unix = wanted else {
      throw .usage(
        "`--listen \(text)` is no Unix socket", remedy: "over a network there is no TLS yet")
    }
    do throws(TransportError) {
      return try Listener(wanted)
    } catch {
      throw Failure(.broken, "\(error)")
    }
  }

  func meet(_ listener: Listener) throws(Failure) -> DelegateLine {
    let patience = try invocation.duration("--wait") ?? 30_000_000
    let (deadline, isTooLong) = currentTime().addingReportingOverflow(patience)
    return try DelegateLine.meet(
      delegate, at: listener, permitKey, until: isTooLong ? .max : deadline)
  }

  /// A permit for the delegate, recorded before anybody has it.
  func permit(
    _ assignment: Assignment, _ decision: RecordedDecision, _ moment: Moment,
    _ seen: (size: UInt64, fence: Int64)
  ) throws(Failure) -> PermittedOrder {
    let reader = try withLog { () throws(LogError) in
      try LogReader(store: store, keys: signer.verifierKeys)
    }
    let lasting = try withEngine { () throws(RequestError) in
      try inputs.decider.allowance(
        inputs.prepared, moment.asking, limit: WritEvidence.Limits.permitDuration)
    }
    // Its fence is its place in the log, which nothing else has and which only rises.
    let permit = Permit(
      for: assignment, id: try recordID(),
      delegate: DelegateIdentity(name: delegate.name.description, key: delegate.publicKey),
      fence: Int64(clamping: decision.index),
      validity: Instant(
        microseconds: moment.asking.now)..<Instant(
          microseconds: moment.asking.now + max(1, lasting)),
      decision: LogPlace(origin: decision.origin, index: decision.index))
    let (proof, step) = try withLog { () throws(LogError) in
      let proof = try reader.proofBundle(index: decision.index)
      guard seen.size > 0, seen.size < reader.size else { return (proof, nil as CheckpointStep?) }
      let hashes = try reader.consistencyProof(since: seen.size).hashes
      return (proof, CheckpointStep(oldSize: seen.size, hashes: hashes))
    }
    let subjects = try withLog { () throws(LogError) in
      LoggedRecord(try reader.entry(at: decision.index)).statement?.subjects ?? []
    }
    let id = try recordID()
    let recorded = try append { () throws(RecorderError) in
      Writ.record(of: permit, about: subjects, id: id)
    }
    return PermittedOrder(
      order: WorkOrder(
        assignment: assignment, permit: permit.signed(by: permitKey), proof: proof,
        consistency: step),
      permit: permit, subjects: subjects, entry: recorded.index)
  }

  /// Hands the order over and waits for the result. A connection that breaks is made again and the same order offered again: a
  /// delegate does it once, and says what became of it.
  func carryOut(
    _ order: PermittedOrder, _ first: DelegateLine, _ listener: Listener
  ) throws(Failure) -> (StepResult, JSONValue, DelegateLine) {
    var line = first
    var attempt = 1
    while true {
      do throws(Failure) {
        try line.offer(order.order, order.permit)
        let (result, envelope) = try self.result(line, order, isFirst: attempt == 1)
        return (result, envelope, line)
      } catch {
        // A refusal of the first offer is an answer: nothing was done.
        if attempt == 1, error.code != .broken { throw error }
        guard error.code == .broken, attempt < 3 else { throw unknown(order, error) }
        attempt += 1
        do throws(Failure) {
          line = try meet(listener)
        } catch { throw unknown(order, error) }
      }
    }
  }

  private func unknown(_ order: PermittedOrder, _ error: Failure) -> Failure {
    Failure(
      .broken, "nobody knows what became of permit \(order.permit.id): \(error.message)",
      remedy: "ask the delegate's own files; the permit works at most once")
  }

  /// What the program writes goes on as it comes, unless a document is wanted.
  private func result(
    _ line: DelegateLine, _ order: PermittedOrder, isFirst: Bool
  ) throws(Failure) -> (StepResult, JSONValue) {
    var output = ProgramOutput()
    while true {
      switch try line.next() {
      case .result(let result, let envelope):
        output.end()
        return (result, envelope)
      case .refused(let code, let reason):
        // An order that was under way before is refused for another reason than that nothing was done.
        guard isFirst else { throw Failure(.refused, "the delegate refuses it now: \(reason)") }
        let id = try recordID()
        try append { () throws(RecorderError) in
          Writ.record(ofRefusal: code, of: order.permit, about: order.subjects, id: id)
        }
        throw Failure(.refused, "the delegate refuses: \(reason) (\(code))")
      case .output(_, let stream, let bytes):
        if !invocation.wantsJSON { output.show(bytes, stream) }
      case .known, .accepted, .heartbeat: continue
      }
    }
  }

  /// Records what became of it, tells the delegate so, and reports.
  func close(
    _ order: PermittedOrder, _ result: StepResult, _ envelope: JSONValue, _ moment: Moment,
    _ decision: RecordedDecision, _ line: DelegateLine
  ) throws(Failure) -> Report {
    let recorded = try recordResult(order, result, envelope)
    // The result is recorded whether or not the delegate hears of it.
    try? line.recorded()
    var report = Report(result.outcome == .succeeded ? .done : .refused)
    if result.outcome == .errored { report.code = .broken }
    for note in moment.run.notes { report.tell("note: " + printable(note)) }
    if invocation.wantsJSON {
      report.output = json(order, result, moment, decision, recorded).pretty + "\n"
      return report
    }
    let word = result.outcome.rawValue.uppercased()
    let tone: Tone = result.outcome == .succeeded ? .good : .bad
    report.print("\(invocation.terminal.paint(word, tone))  \(printable(result.action))")
    if let code = result.exitCode, code != 0 { report.print("  exit code \(code)") }
    if !result.reason.isEmpty { report.print("  \(printable(result.reason))") }
    let line =
      "decision, permit and result are entries \(decision.index), \(order.entry) and "
      + "\(recorded.index) of \(recorded.origin)"
    report.print(invocation.terminal.paint(line, .quiet))
    return report
  }

  /// What is done is done, also where the log does not take it any more: then that is what must be said.
  private func recordResult(
    _ order: PermittedOrder, _ result: StepResult, _ envelope: JSONValue
  ) throws(Failure) -> RecordedDecision {
    do throws(Failure) {
      let id = try recordID()
      return try append { () throws(RecorderError) in
        try Writ.record(
          of: result, envelope: envelope, under: order.permit, about: order.subjects, in: store,
          id: id)
      }
    } catch {
      throw Failure(
        .broken,
        "the action was carried out (\(result.outcome.rawValue), permit \(order.permit.id)), and that "
          + "could not be recorded: \(error.message)",
        remedy: "do not do it again; the delegate has the result")
    }
  }

  private func json(
    _ order: PermittedOrder, _ result: StepResult, _ moment: Moment,
    _ decision: RecordedDecision, _ recorded: RecordedDecision
  ) -> JSONValue {
    var members: [JSONMember] = [
      JSONMember("action", .string(result.action)),
      JSONMember("digest", .string(result.digest.description)),
      JSONMember("outcome", .string(result.outcome.rawValue)),
      JSONMember("permit", .string(order.permit.id)),
      JSONMember("delegate", .string(order.permit.delegate.name)),
      JSONMember("expires", .string(order.permit.expires.description)),
      JSONMember(
        "output",
        [
          "bytes": .integer(result.output.byteCount),
          "sha256": .string(result.output.digest.hex),
        ]),
      JSONMember("result", moment.run.decision.json),
      JSONMember(
        "evidence",
        [
          "log": .string(decision.origin), "decision": .integer(Int64(clamping: decision.index)),
          "result": .integer(Int64(clamping: recorded.index)),
        ]),
    ]
    if let code = result.exitCode { members.append(JSONMember("exit", .integer(code))) }
    if !result.reason.isEmpty { members.append(JSONMember("reason", .string(result.reason))) }
    return .object(members)
  }

  @discardableResult
  private func append(
    _ draft: () throws(RecorderError) -> RecordDraft
  ) throws(Failure) -> RecordedDecision {
    try recording { () throws(RecorderError) in
      try Writ.append(
        to: store, signer: signer, clock: currentTime(), uptime: currentUptime(), draft)
    }
  }
}

/// What a program writes, as people see it: line by line, so that it can do nothing to a terminal and a character that came in
/// two pieces is whole.
private struct ProgramOutput {
  private var rest: [OutputStream: [UInt8]] = [:]

  /// The longest line that is waited for.
  private static let lineByteCount = 1 << 16

  mutating func show(_ bytes: [UInt8], _ stream: OutputStream) {
    var waiting = rest[stream, default: []] + bytes
    while let end = waiting.firstIndex(of: 0x0a) {
      tell(waiting[..<end], stream)
      waiting.removeSubrange(...end)
    }
    if waiting.count > ProgramOutput.lineByteCount {
      tell(waiting[...], stream)
      waiting = []
    }
    rest[stream] = waiting
  }

  /// Shows what has no line break behind it.
  mutating func end() {
    for (stream, bytes) in rest where !bytes.isEmpty { tell(bytes[...], stream) }
    rest = [:]
  }

  /// Tabs stay, and a carriage return at the end goes.
  private func tell(_ line: ArraySlice<UInt8>, _ stream: OutputStream) {
    let whole = line.last == 0x0d ? line.dropLast() : line
    let parts = whole.split(separator: 0x09, omittingEmptySubsequences: false)
      .map { printable(String(decoding: $0, as: UTF8.self)) }
    let descriptor = stream == .errors ? STDERR_FILENO : STDOUT_FILENO
    _ = write("  | " + parts.joined(separator: "\t") + "\n", to: descriptor)
  }
}
