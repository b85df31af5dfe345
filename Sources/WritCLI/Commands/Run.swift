// `writ run`: a pipeline, step by step, each action through its gate and by a delegate.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline
import WritTransport

extension Option {
  /// Where all runs have their folders.
  static let runs = Option.optional(
    "--runs", "DIR", "where runs are kept, `runs` beside the log if not given")
}

extension Command {
  static let run = Command(
    name: "run", summary: "carry out a pipeline; every action goes through its gate",
    operands: [.perhaps("PIPELINE", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph,
      .optional(
        "--request", "FILE", "pipeline, arguments and facts, JSON, or -; instead of PIPELINE"),
      .argument,
      .required("--caller", "NODE", "who asks for the run: a node of the graph"),
      .actorKey, .token, .actingLog, .permitKey, .passphrase, .delegate, .listen, .tlsKey,
      .delegateTLS, .route,
      .optional("--wait", "DURATION", "for the delegate to connect, 30s if not given"),
      .runs,
      .optional("--resume", "RUN", "take up a run that was left, instead of PIPELINE"),
      .optional("--approvals", "DIR", "where approvals are looked for, not in the run's folder"),
      .optional("--hold", "DURATION", "how long people have where a gate holds, 24h if not given"),
      .optional(
        "--rollbacks", "N", "lock a version that was taken back so often: 1, 2, or 3 if not given"),
      .optional("--work", "DIR", "where programs of `run` steps work, here if not given"),
      .mayRead, .mayWrite, .limit, .confined,
      .repeated("--agent", "NAME=PROGRAM", "the program of an agent of the pipeline"),
      .repeated("--agent-as", "NAME=NODE", "who that agent is; by that its questions are asked"),
      .repeated(
        "--agent-speaks", "NAME=PROTOCOL", "lines, or mcp for a client of MCP; lines if not given"),
      .flag("--plan", "show what would be done, as `writ plan`, and do nothing"),
    ],
    details: [
      "Interrupted once, a run stops what works, cleans up and undoes; twice, it stops at once.",
      "Exits 0 if the run succeeded, 1 if it failed, was denied or its time was up, 3 if it was",
      "cancelled, 74 if a step could not be done or the run was left; then --resume goes on.",
      "  writ run releaseCheckout --bundle b --graph g --request r.json --caller Identity/bot \\",
      "    --log log --permit-key permit.key --delegate eu-1/delegate.pub --listen unix:/run/w.sock",
    ],
    run: runPipeline)

  static let runCancel = Command(
    name: "run cancel", summary: "stop a run, whoever carries it out",
    operands: [.one("RUN", "its name, or its folder")],
    options: [
      .runsFolder,
      .optional("--mode", "MODE", "drain, cleanup or now; cleanup if not given"),
      .optional("--as", "NODE", "who you are in the graph, to sign it"),
      .optional("--key", "KEY", "your key, by the bundle an actor's or an approver's, to sign it"),
      .passphrase,
      .optional("--bundle", "BUNDLE", "a file of `writ build`, to sign by"), .publisher,
    ],
    details: [
      "drain lets what works finish, cleanup stops it and undoes what was done, now stops it.",
      "Who stopped it is in the journal, in the log and in `run show`: who signed, or that nobody did.",
      "  writ run cancel 20261129-171500123-3f9a2c --runs /var/lib/writ/runs",
    ],
    run: runRunCancel)
}

extension Option {
  /// The same for commands that know no log.
  static let runsFolder = Option.optional(
    "--runs", "DIR", "where runs are kept, to name one by its name")
}

private func runPipeline(_ invocation: Invocation) throws(Failure) -> Report {
  if invocation.has("--plan") {
    let bundle = try loadBundle(invocation).bundle
    return try plan(of: try askedFor(invocation).name, bundle, invocation)
  }
  let beside = directory(of: try invocation.required("--log")) + "/runs"
  let runs = invocation.value("--runs") ?? beside
  let run: Run
  let folder: RunFolder
  try closeMemory()
  try checkOptions(invocation)
  if let name = invocation.value("--resume") {
    guard invocation.operands.isEmpty, invocation.values("--arg").isEmpty,
      invocation.value("--request") == nil
    else {
      throw .usage(
        "a run goes on with what it was begun with",
        remedy: "leave out PIPELINE, --arg and --request, or --resume")
    }
    folder = try RunFolder(name, in: runs)
    run = try resume(folder, in: runs, invocation)
  } else {
    (folder, run) = try begin(in: runs, invocation)
  }
  return report(run, folder, invocation)
}

/// What would stop a run in its middle is refused before there is one.
private func checkOptions(_ invocation: Invocation) throws(Failure) {
  _ = try invocation.duration("--hold")
  _ = try invocation.duration("--wait")
  _ = try invocation.rollbackLimit()
  _ = try invocation.programLimits()
  for option in ["--work", "--approvals"] {
    guard let path = invocation.value(option), !isDirectory(path) else { continue }
    throw Failure(.noInput, "`\(option) \(path)` is no directory")
  }
}

private func begin(
  in runs: String, _ invocation: Invocation
) throws(Failure) -> (RunFolder, Run) {
  let request = try askedFor(invocation)
  let inputs = try PipelineInputs(invocation, request)
  let bundle = inputs.loaded.engine.bundle
  try requireAgents(of: inputs.lowered, inputs.loaded.engine, invocation)
  let keys = try ActingKeys(invocation, bundle)
  let caller = try ActingCaller(invocation)
  let head = try RunHead(
    id: try newRunID(), request: request, caller: caller, bundle: bundle.digest,
    plan: inputs.lowered.plan.digest, log: keys.signer)
  try keys.identify(caller, for: inputs.lowered.program.name, head, inputs.loaded.engine)
  try keys.requireVerification(of: inputs.lowered, by: caller, head, bundle)
  try keys.requireDelegates(
    for: inputs.lowered, caller, bundle, try DelegateRoutes(invocation, keys.delegates, bundle))
  // Before there is anything of it, so that nobody is stopped half-way through the beginning.
  let signals = try stopSignals()
  let folder = try RunFolder(new: head, plan: inputs.lowered.plan, in: runs)
  let desk = try PipelineDesk(invocation, inputs, head, folder, keys)
  return (folder, try carryOut(desk, in: runs, invocation, signals))
}

extension ActingKeys {
  /// Refuses, on record, an agent that begins a pipeline of which nothing looks at what it has done to production: a person may leave that
  /// out, and answers for it.
  fileprivate func requireVerification(
    of lowered: LoweredPipeline, by caller: ActingCaller, _ head: RunHead, _ bundle: LoadedBundle
  ) throws(Failure) {
    guard lowered.program.isUnverified, bundle.registry.isAgent(caller.name) else { return }
    let why = "an agent begins no pipeline that is `unverified`"
    let entry = try record(
      .refused(why), of: caller, for: lowered.program.name, bundle,
      RunContext.subject(ofRun: head.id, head: try head.digest()))
    throw Failure(
      .refused, "`\(caller.name)` may not run `\(lowered.program.name)`: \(why)",
      remedy: "let a step behind the last action look at what came of it, or a person begin it"
    ).onRecord(entry)
  }
}

/// An agent is somebody whom the graph has, and never a person: whoever lent their name could agree to what it says.
private func requireNoPerson(
  _ identity: String, as name: String, _ engine: Engine
) throws(Failure) {
  let isKnown = try withEngine { () throws(RequestError) in try engine.knows(caller: identity) }
  guard isKnown else {
    throw .badInput(
      "--agent-as \(name): the graph does not have `\(identity)`",
      remedy: "name the node of the agent itself")
  }
  let registry = engine.bundle.registry
  let isRegistered = KeyFunction.allCases.contains { function in
    registry.keys(function: function).contains { hasSameBytes($0.node ?? "", identity) }
  }
  guard !isRegistered || registry.isAgent(identity) else {
    throw Failure(
      .refused,
      "--agent-as \(name): `\(identity)` is no agent by the bundle's registry, and no agent acts as a person",
      remedy: "name the node of the agent itself; `\"agent\":true` marks it in the registry")
  }
}

/// Every agent that the pipeline names is one that somebody has named.
private func requireAgents(
  of lowered: LoweredPipeline, _ engine: Engine, _ invocation: Invocation
) throws(Failure) {
  let agents = try invocation.agents()
  for (name, agent) in agents.sorted(by: { $0.key < $1.key }) {
    try requireNoPerson(agent.identity, as: name, engine)
  }
  for case .agent(let step) in lowered.steps.values where agents[step.name] == nil {
    throw .usage(
      "the pipeline has a task for the agent `\(step.name)`, and it is not said which program that is",
      remedy: "add `--agent \(step.name)=PROGRAM --agent-as \(step.name)=NODE`")
  }
}

private func resume(
  _ folder: RunFolder, in runs: String, _ invocation: Invocation
) throws(Failure) -> Run {
  let head = try folder.head()
  guard let place = resolvedPath(folder.path), hasSameBytes(lastComponent(of: place), head.id)
  else {
    throw .badInput(
      "\(folder.path) is a copy, or has another name than its run, \(head.id)",
      remedy: "take up the run in its own folder, so that it goes on once")
  }
  let inputs = try PipelineInputs(invocation, head.request)
  let bundle = inputs.loaded.engine.bundle
  guard bundle.digest == head.bundle else {
    throw .badInput(
      "the run was begun with another bundle, \(head.bundle): approvals and plan are of that one",
      remedy: "bring it back, or begin a new run")
  }
  try requireAgents(of: inputs.lowered, inputs.loaded.engine, invocation)
  let keys = try ActingKeys(invocation, bundle)
  let caller = try ActingCaller(invocation)
  guard hasSameBytes(caller.name, head.caller) else {
    throw Failure(
      .refused, "the run is `\(head.caller)`'s, not `\(caller.name)`'s",
      remedy: "who began it takes it up")
  }
  guard caller.token?.digest == head.token else {
    throw Failure(
      .refused,
      "the run was begun \(head.token == nil ? "without a token" : "under another token")",
      remedy: head.token == nil ? "leave out --token" : "present that one with --token")
  }
  guard hasSameBytes(keys.signer.name.description, head.log) else {
    throw .badInput("the run's decisions are in the log `\(head.log)`, not in this one")
  }
  guard keys.signer.verifierKeys.contains(where: { head.logKeys.contains($0.description) }) else {
    throw .badInput(
      "the run's decisions are in a log of that name with another key",
      remedy: "name the log that it was begun with")
  }
  try keys.identify(caller, for: inputs.lowered.program.name, head, inputs.loaded.engine)
  try keys.requireDelegates(
    for: inputs.lowered, caller, bundle, try DelegateRoutes(invocation, keys.delegates, bundle))
  let desk = try PipelineDesk(invocation, inputs, head, folder, keys)
  return try carryOut(desk, in: runs, invocation, try stopSignals())
}

private func carryOut(
  _ desk: PipelineDesk, in runs: String, _ invocation: Invocation, _ signals: StopSignal
) throws(Failure) -> Run {
  let tell = RunTeller(desk.head, invocation)
  // Whoever reads slowly delays the end of the program, and nothing else.
  defer { tell.drain(unless: signals.descriptor) }
  let queue = try desk.lowered.plan.concurrency.map { (concurrency) throws(Failure) in
    try RunQueue(concurrency, desk.folder, desk.head.id, in: runs)
  }
  if let queue { try wait(in: queue, desk, tell, signals) }
  let begun = try desk.begin()
  let givers =
    try PresentedToken(invocation)?.givers(by: desk.inputs.loaded.engine.bundle.registry) ?? []
  let start = RunStart(requester: desk.caller, contributors: givers)
  let loop: RunLoop
  do throws(Failure) {
    loop = try RunLoop(invocation, desk, start, tell, signals: signals)
  } catch {
    // What never began keeps nobody waiting.
    let run = try? desk.folder.run(desk.head, desk.lowered.plan)
    if run?.start == nil { try? queue?.leave() }
    throw error
  }
  // A run that is left keeps its place.
  let run = try loop.carryOut()
  try desk.end(run, begun)
  try queue?.leave()
  return run
}

/// Until the run is the next of its group.
private func wait(
  in queue: RunQueue, _ desk: PipelineDesk, _ tell: RunTeller, _ signals: StopSignal
) throws(Failure) {
  let folder = desk.folder
  while true {
    switch try queue.standing() {
    case .begins: return
    case .superseded(let newer):
      throw Failure(.cancelled, "the newer run \(newer) has taken this one's place in line")
    case .waits(let count): tell.note("waits behind \(counted(count, "run")) of its group")
    }
    let isInterrupted = signals.wait(milliseconds: 250)
    let wanted = folder.wantedCancel
    guard !isInterrupted, wanted == nil else {
      try queue.leave()
      let canceller: Canceller
      if isInterrupted {
        canceller = signals.takeGiven().map { .signal($0.words) } ?? .unsaid
      } else {
        canceller = folder.canceller(wanted ?? .cleanup, desk.head, desk.bundle.registry)
      }
      throw Failure(.cancelled, "the run was stopped before it began \(canceller)")
    }
  }
}

private func stopSignals() throws(Failure) -> StopSignal {
  do throws(TransportError) {
    return try StopSignal.ofProcess()
  } catch {
    throw Failure(.broken, "\(error)")
  }
}

/// What the command line, or a file, asks for.
private func askedFor(_ invocation: Invocation) throws(Failure) -> PipelineRequest {
  let name = invocation.operands.first
  if let path = invocation.value("--request") {
    let json = try readJSON(path)
    if json["pipeline"] == nil, let action = json["action"]?.string ?? json["gate"]?.string {
      throw .badInput(
        "the request is for `\(action)` and names no pipeline",
        remedy:
          "`writ \(json["action"] == nil ? "decide" : "act") --request FILE` takes it; or name a `pipeline`"
      )
    }
    try requireSame(name, json["pipeline"]?.string, "pipeline", invocation)
    return try withEngine { () throws(RequestError) in try PipelineRequest(json) }
  }
  guard let name else {
    throw .usage("no pipeline is named", remedy: "name one, or a request with --request")
  }
  let arguments = try invocation.pairs("--arg").map { JSONMember($0.name, .string($0.value)) }
  return PipelineRequest(name: name, arguments: arguments, facts: [])
}

/// Sorts by time, to the millisecond, and is unlike any other: `20261129-171500123-3f9a2c`.
private func newRunID() throws(Failure) -> String {
  let now = MachineClock().microseconds
  let digits = Instant(microseconds: now).description.utf8.prefix { $0 != UInt8(ascii: ".") }
    .filter { 0x30...0x39 ~= $0 }
  let milliseconds = String(1_000 + now / 1_000 % 1_000).dropFirst()
  do throws(CryptoError) {
    return String(decoding: digits.prefix(8), as: UTF8.self) + "-"
      + String(decoding: digits.dropFirst(8), as: UTF8.self) + milliseconds + "-"
      + Hex.encode(try randomBytes(3))
  } catch {
    throw Failure(.broken, "the system gives no random bytes")
  }
}

private func runRunCancel(_ invocation: Invocation) throws(Failure) -> Report {
  let folder = try RunFolder(try invocation.operand(0), in: invocation.value("--runs"))
  let word = invocation.value("--mode") ?? CancelMode.cleanup.rawValue
  guard let wanted = CancelMode(rawValue: word) else {
    throw .usage("`--mode \(word)` is none", remedy: "write drain, cleanup or now")
  }
  let head = try folder.head()
  if let run = try? folder.run(head, try folder.plan()), run.verdict != nil {
    throw Failure(.refused, "the run \(head.id) has ended already: nothing is left to stop")
  }
  let (envelope, signer) = try signedCancellation(wanted, head, invocation)
  let mode = try folder.want(wanted, envelope)
  let isKept = mode != wanted || folder.cancelEnvelope != envelope
  if invocation.wantsJSON {
    var members = [
      JSONMember("run", .string(head.id)), JSONMember("mode", .string(mode.rawValue)),
    ]
    if let signer { members.append(JSONMember("canceller", .string(signer))) }
    if isKept { members.append(JSONMember("earlier", true)) }
    return Report(.object(members))
  }
  var report = Report()
  let who = signer.map { ", by \(printable($0))" } ?? ", unsigned"
  report.print(
    "run \(head.id) is to be stopped: \(mode.rawValue)"
      + (isKept ? ", as somebody has said before" : who))
  return report
}

/// The word that a run is to stop, signed, and by whom; `nil` where no key is named.
private func signedCancellation(
  _ mode: CancelMode, _ head: RunHead, _ invocation: Invocation
) throws(Failure) -> (envelope: JSONValue?, signer: String?) {
  let (node, path) = (invocation.value("--as"), invocation.value("--key"))
  guard node != nil || path != nil else { return (nil, nil) }
  guard let node, let path, invocation.has("--bundle") else {
    throw .usage(
      "to sign it `writ run cancel` needs --as, --key and --bundle",
      remedy: "add what is missing, or leave all out: then it is unsigned")
  }
  let registry = try loadBundle(invocation).bundle.registry
  let digest = try head.digest()
  let word = RunCancellation(
    run: head.id, head: digest, mode: mode.rawValue, canceller: node,
    signedAt: Instant(microseconds: currentTime()))
  let envelope = word.signed(by: try readPrivateKey(path, invocation)).json
  do throws(SignedWordError) {
    _ = try RunCancellation(envelope, run: head.id, head: digest, registry: registry)
  } catch {
    throw Failure(
      .refused, "the run would not know who says so: \(error)",
      remedy: "take the key that the bundle has of you; without --as and --key it is unsigned")
  }
  return (envelope, node)
}
