// `writ approve`: a person's signed yes, or no, bound to one request.

import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritText

extension Command {
  static let approve = Command(
    name: "approve", summary: "sign an approval of a request, or a no to it",
    operands: [],
    options: [
      .bundle, .publisher,
      .required(
        "--request", "FILE", "the request that is approved, or what a run asks for, JSON, or -"),
      .optional(
        "--graph", "SNAPSHOT", "what an action's command, which you agree to, takes words from"),
      .flag("--show", "say what would be signed and sign nothing: needs no key"),
      .optional("--digest", "DIGEST", "sign only what has this digest, as --show tells it"),
      .optional("--role", "ROLE", "in which you approve; needed to sign"),
      .optional("--as", "NODE", "who you are in the graph: Identity/ines; needed to sign"),
      .optional("--key", "KEY", "your signing key; needed to sign"), .passphrase,
      .optional(
        "--no", "TEXT",
        "say no to it, and why; one ends what a run asks for, or, with --log, what `act` asks for"),
      .optional("--for", "DURATION", "how long the approval counts at most, 72h if not given"),
      .optional("-o", "FILE", "write the request with the approval in it, instead of the approval"),
      .optional("--log", "DIR", "record that you approved; without a record there is no approval"),
    ],
    details: [
      "The approval is for this gate, these arguments and these facts, and of an action for the very",
      "command that it comes to; change one and it is void.",
      "What is signed is said on standard error before the key is read. Look first, then sign that:",
      "  writ approve --bundle b --request r.json --show",
      "  writ approve --bundle b --request r.json --digest sha256:… --role legal --as Identity/ines --key K",
      "A no is put where a run looks for approvals, and ends the step that asks, whoever else says yes.",
    ],
    run: runApprove)
}

/// What somebody is asked to approve, as it was read.
struct AskedApproval {
  let json: JSONValue
  let bundle: LoadedBundle
  /// What is asked for: what a no is about. What would be done stands in `undertaking`.
  let gate: String
  let digest: Digest
  /// Of what a run asks at a step of its own.
  let step: StepApproval?
  /// Of what a gate decides on, resolved.
  let request: Request?
  /// What an action would do, or why that is not known; `nil` where there is no action.
  let undertaking: Result<Undertaking, RequestError>?
  /// Whether a graph was there to tell that.
  let hasGraph: Bool

  /// What a yes is for; throws where it is not known what would be done.
  var target: ApprovalTarget {
    get throws(RequestError) {
      ApprovalTarget(gate: gate, digest: digest, does: try undertaking?.get().digest)
    }
  }

  /// - Parameter engine: Over the graph that was given, if one was.
  init(_ path: String, _ bundle: LoadedBundle, _ engine: Engine?) throws(Failure) {
    json = try readJSON(path)
    self.bundle = bundle
    hasGraph = engine != nil
    if json["approve"] == nil { try json.refuseOther(than: "approve") }
    do {
      if json["approve"] != nil {
        let asked = try StepApproval(json)
        guard asked.bundle == bundle.digest else {
          throw RequestError("the run goes by another bundle, \(asked.bundle)")
        }
        (gate, digest, step, request) = (asked.gate, try asked.digest, asked, nil)
        undertaking = nil
        return
      }
      let (bare, resolved) = try bundle.knowingNothing(but: try Request(json.withoutUndertaking))
      let whole = engine ?? bare
      (gate, digest) = try whole.approvalDigest(of: resolved)
      (step, request) = (nil, resolved)
      undertaking =
        resolved.call == nil
        ? nil : try AskedApproval.undertaking(of: resolved, whole, json["does"], hasGraph)
    } catch {
      throw .badInput("\(shownName(path)): \(error)")
    }
  }

  /// What an action would do by a graph; where there is none, what it would do by any, or what whoever asks says of it.
  private static func undertaking(
    of request: Request, _ engine: Engine, _ told: JSONValue?, _ hasGraph: Bool
  ) throws -> Result<Undertaking, RequestError> {
    let clock = currentTime()
    let asking = Asking(caller: nil, now: clock, asOf: clock, isQuestion: true)
    let own: Result<Undertaking, RequestError>
    do throws(RequestError) {
      let decider = Decider(try PreparedEngine(engine))
      own = .success(try decider.undertaking(try decider.prepare(request), asking))
    } catch {
      own = .failure(error)
    }
    guard let told, told.object != nil else { return own }
    // Whatever is told, an approval of it lets nothing else be done.
    let wanted = try Undertaking(told)
    guard hasGraph else { return .success(wanted) }
    if case .success(let own) = own, own.digest != wanted.digest {
      return .failure(
        RequestError(
          "you are asked to agree to \(wanted.digest), and by this graph \(own.digest) would be done"
        ))
    }
    return own
  }
}

extension JSONValue {
  /// A request without what whoever asks says that it would do.
  fileprivate var withoutUndertaking: JSONValue {
    guard self["does"]?.object != nil else { return self }
    return .object((object ?? []).filter { !hasSameBytes($0.name, "does") })
  }
}

private func runApprove(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let engine = try invocation.value("--graph").map { (path) throws(Failure) in
    Engine(bundle: bundle, snapshot: try loadSnapshot(path))
  }
  let asked = try AskedApproval(try invocation.required("--request"), bundle, engine)
  var view = try ApprovalView(asked, engine)
  if let expected = invocation.value("--digest") {
    try asked.require(expected, isNo: invocation.has("--no"))
  }
  if invocation.has("--show") { return try show(&view, invocation) }
  if let reason = invocation.value("--no") {
    return try reject(asked, &view, reason, invocation)
  }
  return try approve(asked, &view, invocation)
}

extension AskedApproval {
  /// Refuses to sign anything else than what was looked at. Who says no to an action says so whatever it would do, and may have
  /// looked at that.
  fileprivate func require(_ expected: String, isNo: Bool) throws(Failure) {
    guard let wanted = Digest(expected) else {
      throw .usage("`--digest \(expected)` is no digest", remedy: "write sha256: and 64 digits")
    }
    let whole = (try? target)?.whole
    if wanted == whole || isNo && wanted == digest { return }
    let text = isNo ? "\(digest)" : whole.map { "\($0)" } ?? "not known"
    throw Failure(
      .refused, "this is not what you want to sign: its digest is \(text)",
      remedy: "look at it again with `--show`")
  }

  /// What a yes is for; refuses one to what nobody knows.
  fileprivate func known() throws(Failure) -> ApprovalTarget {
    do throws(RequestError) {
      return try target
    } catch {
      throw Failure(
        .refused, "nobody can agree to what is not known: \(error)",
        remedy: hasGraph
          ? "correct the request, or name the graph of whoever does it, by which `writ ask` tells what would be done"
          : "name with --graph what the command takes its words from")
    }
  }
}

/// Says what would be signed.
private func show(
  _ view: inout ApprovalView, _ invocation: Invocation
) throws(Failure) -> Report {
  for option in ["-o", "--log", "--key"] where invocation.has(option) {
    throw .usage("`--show` signs nothing: it has no `\(option)`", remedy: "leave one of them out")
  }
  let isNo = invocation.has("--no")
  let until =
    isNo
    ? nil
    : view.asked.end(of: try invocation.validity(hours: 72), in: invocation.value("--role"))
  view.addSignature(
    isNo ? "refuses" : "approves", as: invocation.value("--as"), role: invocation.value("--role"),
    until: until, saying: invocation.value("--no"))
  if invocation.wantsJSON { return Report(view.json) }
  var report = Report()
  for line in view.lines { report.print(line) }
  return report
}

/// Whose signature it is to be.
private struct Signatory {
  let role: String
  let node: String
  private let keyPath: String

  /// What the key's file says of it.
  var stated: Ed25519PublicKey? { statedVerifierKey(of: keyPath)?.publicKey }

  init(_ invocation: Invocation) throws(Failure) {
    role = try Signatory.needed("--role", invocation)
    node = try Signatory.needed("--as", invocation)
    keyPath = try Signatory.needed("--key", invocation)
  }

  private static func needed(
    _ name: String, _ invocation: Invocation
  ) throws(Failure) -> String {
    if let value = invocation.value(name) { return value }
    let option = invocation.command.option(name)
    throw .usage(
      "`writ approve` needs `\(name) \(option?.value ?? "")` to sign",
      remedy: "or say `--show`, and nothing is signed")
  }

  /// The log to record it in, if one was named, and the key: both are opened only now.
  func keys(
    _ invocation: Invocation
  ) throws(Failure) -> (log: (store: LogStore, signer: NoteSigner)?, key: Ed25519PrivateKey) {
    let log = try invocation.value("--log").map { (path) throws(Failure) in
      (
        store: LogStore(directory: path),
        signer: try signer(of: LogStore(directory: path), invocation)
      )
    }
    let key = try readPrivateKey(keyPath, invocation)
    if let log, log.signer.verifierKeys.contains(where: { $0.publicKey == key.publicKey }) {
      throw .badInput("the log's key approves too", remedy: "give each function its own key")
    }
    return (log, key)
  }
}

/// Signs first and then holds the signature against the bundle, so that nobody finds out at the
/// gate that it does not count.
private func approve(
  _ asked: AskedApproval, _ view: inout ApprovalView, _ invocation: Invocation
) throws(Failure) -> Report {
  let signatory = try Signatory(invocation)
  try asked.requireRole(signatory.role)
  let registry = asked.bundle.registry
  try requirePerson(signatory.node, stated: signatory.stated, to: "approve", registry)
  let target = try asked.known()
  let approval = Approval(
    gate: target.gate, digest: target.digest, does: target.does, role: signatory.role,
    approver: signatory.node, validity: try invocation.validity(hours: 72))
  var report = Report()
  if let note = asked.note(onRole: signatory.role) { report.tell(note) }
  view.addSignature(
    "approves", as: approval.approver, role: approval.role,
    until: asked.end(of: approval.signedAt..<approval.expires, in: approval.role))
  report.tellAtOnce(view.lines)
  let (log, key) = try signatory.keys(invocation)
  try requirePerson(signatory.node, key, to: "approve", registry)
  let envelope = approval.signed(by: key).json
  do throws(ApprovalError) {
    _ = try Approval(envelope, registry: registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this approval: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  let recorded = try log.map { (log) throws(Failure) in
    try record(in: log.store, log.signer) { (store, id) throws(RecorderError) in
      try Writ.record(
        of: approval, envelope, asked.bundle, in: store, step: asked.step, id: id)
    }
  }
  try deliver(envelope, approval, asked, view, invocation, &report)
  if let recorded { report.tell("recorded as entry \(recorded.index) of \(recorded.origin)") }
  return report
}

/// Signs a no. It goes into no request: only what waits for people takes it.
private func reject(
  _ asked: AskedApproval, _ view: inout ApprovalView, _ reason: String, _ invocation: Invocation
) throws(Failure) -> Report {
  for option in ["--for", "-o"] where invocation.has(option) {
    throw .usage(
      "a no has no `\(option)`",
      remedy: "leave it out: a no does not expire, and is no part of a request")
  }
  let signatory = try Signatory(invocation)
  let registry = asked.bundle.registry
  try requirePerson(signatory.node, stated: signatory.stated, to: "say no", registry)
  let rejection = Rejection(
    of: asked.gate, digest: asked.digest, role: signatory.role, rejecter: signatory.node,
    reason: reason, signedAt: Instant(microseconds: currentTime()))
  guard let rejection else {
    throw .usage(
      "`--no` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes that says something")
  }
  if asked.step == nil { try asked.refuseUselessNo(inRole: rejection.role) }
  var report = Report()
  view.addSignature(
    "refuses", as: rejection.rejecter, role: rejection.role, until: nil,
    saying: rejection.reason)
  report.tellAtOnce(view.lines)
  let (log, key) = try signatory.keys(invocation)
  try requirePerson(signatory.node, key, to: "say no", registry)
  let envelope = rejection.signed(by: key).json
  do throws(SignedWordError) {
    _ = try Rejection(envelope, registry: registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this no: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  let recorded = try log.map { (log) throws(Failure) in
    try record(in: log.store, log.signer) { (store, id) throws(RecorderError) in
      try Writ.record(
        of: rejection, envelope, asked.bundle, in: store, step: asked.step, id: id)
    }
  }
  report.print(invocation.wantsJSON ? envelope.pretty : envelope.compact)
  report.tell(
    printable("said no to \(asked.words) as \(rejection.rejecter), role \(rejection.role)"))
  if asked.step == nil, log == nil {
    report.tell("note: `act` heeds only a no that is in its log: say `--log`, too")
  }
  if let recorded { report.tell("recorded as entry \(recorded.index) of \(recorded.origin)") }
  return report
}

/// Until when an approval counts, and why it is not what it is signed for.
struct ApprovalEnd {
  let time: String
  let why: String?
}

extension AskedApproval {
  /// Until when an approval would count that is signed for a time: a gate may take it for less.
  func end(of validity: Range<Instant>, in role: String?) -> ApprovalEnd {
    let (end, age) = bundle.program.program.end(
      ofApprovalTo: gate, in: role ?? "", signedAt: validity.lowerBound.microseconds,
      expires: validity.upperBound.microseconds)
    return ApprovalEnd(
      time: Instant(microseconds: end).description,
      why: age.map { "as the gate takes one for \(Duration(microseconds: $0))" })
  }

  /// In which roles a gate, or a step, asks.
  private var askedRoles: [String] {
    guard let step else { return bundle.program.program.roles(askedByGate: gate) }
    let lowered = try? bundle.lowered(try bundle.pipeline(step.pipeline))
    guard case .approval(let approval)? = lowered?.steps[step.step] else { return [] }
    return approval.rules.map(\.role)
  }

  /// What is asked for instead where nobody asks in that role; `nil` where somebody does.
  private func wordsOfOthers(than role: String) -> String? {
    let roles = askedRoles
    guard !roles.containsBytes(of: role) else { return nil }
    let asked =
      roles.isEmpty ? "nobody's approval" : "an approval by " + roles.joined(separator: ", ")
    let hint = nearestName(to: role, among: roles).map { "; did you mean `\($0)`?" } ?? ""
    return "`\(step?.step ?? gate)` asks for \(asked)\(hint)"
  }

  /// That nobody asks for a yes in that role; `nil` where somebody does.
  fileprivate func note(onRole role: String) -> String? {
    wordsOfOthers(than: role).map {
      printable("note: a yes in role `\(role)` counts for nothing here: \($0)")
    }
  }

  /// Refuses a role that the policy does not know: nobody could hold it.
  fileprivate func requireRole(_ role: String) throws(Failure) {
    let known = bundle.program.program.roles
    guard !known.containsBytes(of: role) else { return }
    let hint = nearestName(to: role, among: known).map { "did you mean `\($0)`?" }
    throw Failure(
      .refused, "the bundle would not take this approval: the policy has no role `\(role)`",
      remedy: hint ?? (known.isEmpty ? nil : "it has " + known.joined(separator: ", ")))
  }

  /// What is approved, in words: what is done, where an action is asked for.
  fileprivate var words: String {
    if let call = request?.call { return "the action \(call.name)" }
    if let step { return "step \(step.step) of \(step.pipeline)" }
    return gate
  }

  /// A no is heard in the roles that the gate asks: in another, or where it asks for none, it would end nothing.
  fileprivate func refuseUselessNo(inRole role: String) throws(Failure) {
    guard let others = wordsOfOthers(than: role) else { return }
    throw Failure(
      .refused, printable("a no in role `\(role)` ends nothing: \(others)"),
      remedy: "say it in a role that is asked, or change the policy, a freeze or the graph")
  }
}

/// Records what was signed before anybody has it.
private func record(
  in store: LogStore, _ signer: NoteSigner,
  _ draft: (LogStore, String) throws(RecorderError) -> RecordDraft
) throws(Failure) -> RecordedDecision {
  let id = try recordID()
  return try recording { () throws(RecorderError) in
    try append(to: store, signer: signer, clock: currentTime(), uptime: currentUptime()) {
      (store) throws(RecorderError) in try draft(store, id)
    }
  }
}

/// Writes the request with the approval in it, or prints the approval.
private func deliver(
  _ envelope: JSONValue, _ approval: Approval, _ asked: AskedApproval, _ view: ApprovalView,
  _ invocation: Invocation, _ report: inout Report
) throws(Failure) {
  let request = asked.json
  let end = asked.end(of: approval.signedAt..<approval.expires, in: approval.role)
  let line =
    "approved \(asked.words) as \(approval.approver), role \(approval.role), "
    + "until \(end.time)" + (end.why.map { ", \($0)" } ?? "")
  guard let output = invocation.value("-o") else {
    report.print(invocation.wantsJSON ? envelope.pretty : envelope.compact)
    report.tell(printable(line))
    return
  }
  var members = request.object ?? []
  let earlier = request["approvals"]?.array ?? []
  members.removeAll { $0.name == "approvals" || $0.name == "does" }
  members.append(JSONMember("approvals", .array(earlier + [envelope])))
  try writeFile(output, Array((JSONValue.object(members).pretty + "\n").utf8))
  if invocation.wantsJSON {
    let written: JSONValue = [
      "file": .string(output), "approval": envelope, "approves": view.json,
    ]
    report.print(written.pretty)
    return
  }
  report.print(printable(line))
  if !earlier.isEmpty {
    report.tell("the request now holds \(counted(earlier.count + 1, "approval"))")
  }
}
