// `writ approve`: a person's signed yes, or no, bound to one request.

import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

extension Command {
  static let approve = Command(
    name: "approve", summary: "sign an approval of a request, or a no to it",
    operands: [],
    options: [
      .bundle, .publisher,
      .required(
        "--request", "FILE", "the request that is approved, or what a run asks for, JSON, or -"),
      .required("--role", "ROLE", "in which you approve"),
      .required("--as", "NODE", "who you are in the graph: Identity/ines"),
      .required("--key", "KEY", "your signing key"), .passphrase,
      .optional(
        "--no", "TEXT",
        "say no to it, and why; one ends what a run asks for, or, with --log, what `act` asks for"),
      .optional("--for", "DURATION", "how long the approval counts, 72h if not given"),
      .optional("-o", "FILE", "write the request with the approval in it, instead of the approval"),
      .optional("--log", "DIR", "record that you approved; without a record there is no approval"),
    ],
    details: [
      "The approval is for this gate, these arguments and these facts; change one and it is void.",
      "A no is put where a run looks for approvals, and ends the step that asks, whoever else says yes.",
      "  writ approve --bundle b --request r.json --role legal --as Identity/ines --key K",
    ],
    run: runApprove)
}

/// Refuses agents; then signs, and holds the signature against the bundle, so that nobody finds out at the
/// gate that it does not count.
private func runApprove(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let log = try invocation.value("--log").map { (path) throws(Failure) in
    (
      store: LogStore(directory: path),
      signer: try signer(of: LogStore(directory: path), invocation)
    )
  }
  let path = try invocation.required("--request")
  let json = try readJSON(path)
  let key = try readPrivateKey(try invocation.required("--key"), invocation)
  try requirePerson(
    try invocation.required("--as"), key, to: invocation.has("--no") ? "say no" : "approve",
    bundle.registry)
  let subject = try approvalSubject(json, bundle, path)
  let step = try? StepApproval(json)
  if let log, log.signer.verifierKeys.contains(where: { $0.publicKey == key.publicKey }) {
    throw .badInput("the log's key approves too", remedy: "give each function its own key")
  }
  if let reason = invocation.value("--no") {
    return try reject(subject, step, reason, key, bundle, log, invocation)
  }
  let validity = try invocation.validity(hours: 72)
  let approval = Approval(
    gate: subject.gate, digest: subject.digest, role: try invocation.required("--role"),
    approver: try invocation.required("--as"),
    validity: validity)
  let envelope = approval.signed(by: key).json
  do throws(ApprovalError) {
    _ = try Approval(envelope, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this approval: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  let recorded = try log.map { (log) throws(Failure) in
    try record(in: log.store, log.signer) { (store, id) throws(RecorderError) in
      try Writ.record(
        of: approval, envelope, bundle, in: store, step: step, id: id)
    }
  }
  var report = try deliver(envelope, approval, json, invocation)
  if let step {
    report.tell(printable("\(step.words), digest \(subject.digest)"))
  }
  if let reason = json["reason"]?.string {
    report.tell(printable("it breaks the glass, because: \(reason)"))
  }
  if let recorded { report.tell("recorded as entry \(recorded.index) of \(recorded.origin)") }
  return report
}

/// Signs a no. It goes into no request: only what waits for people takes it.
private func reject(
  _ subject: (gate: String, digest: Digest), _ step: StepApproval?, _ reason: String,
  _ key: Ed25519PrivateKey, _ bundle: LoadedBundle, _ log: (store: LogStore, signer: NoteSigner)?,
  _ invocation: Invocation
) throws(Failure) -> Report {
  for option in ["--for", "-o"] where invocation.has(option) {
    throw .usage(
      "a no has no `\(option)`",
      remedy: "leave it out: a no does not expire, and is no part of a request")
  }
  let rejection = Rejection(
    of: subject.gate, digest: subject.digest, role: try invocation.required("--role"),
    rejecter: try invocation.required("--as"), reason: reason,
    signedAt: Instant(microseconds: currentTime()))
  guard let rejection else {
    throw .usage(
      "`--no` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes that says something")
  }
  let envelope = rejection.signed(by: key).json
  do throws(SignedWordError) {
    _ = try Rejection(envelope, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this no: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  let recorded = try log.map { (log) throws(Failure) in
    try record(in: log.store, log.signer) { (store, id) throws(RecorderError) in
      try Writ.record(
        of: rejection, envelope, bundle, in: store, step: step, id: id)
    }
  }
  var report = Report()
  report.print(invocation.wantsJSON ? envelope.pretty : envelope.compact)
  report.tell(
    printable("said no to \(subject.gate) as \(rejection.rejecter), role \(rejection.role)"))
  if let step { report.tell(printable(step.words)) }
  if step == nil, log == nil {
    report.tell("note: `act` heeds only a no that is in its log: say `--log`, too")
  }
  if let recorded { report.tell("recorded as entry \(recorded.index) of \(recorded.origin)") }
  return report
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

/// The gate's full name, and the digest that an approval is bound to. Facts of the graph have no
/// part in it.
private func approvalSubject(
  _ json: JSONValue, _ bundle: LoadedBundle, _ path: String
) throws(Failure) -> (gate: String, digest: Digest) {
  do {
    if json["approve"] != nil {
      let asked = try StepApproval(json)
      guard asked.bundle == bundle.digest else {
        throw RequestError("the run goes by another bundle, \(asked.bundle)")
      }
      return (asked.gate, try asked.digest)
    }
    let empty = try SnapshotBuilder(bundle.program.program.schema).build()
    return try Engine(bundle: bundle, snapshot: empty).approvalDigest(of: try Request(json))
  } catch {
    throw .badInput("\(shownName(path)): \(error)")
  }
}

/// Writes the request with the approval in it, or prints the approval.
private func deliver(
  _ envelope: JSONValue, _ approval: Approval, _ request: JSONValue, _ invocation: Invocation
) throws(Failure) -> Report {
  var report = Report()
  let line =
    "approved \(approval.gate) as \(approval.approver), role \(approval.role), "
    + "until \(approval.expires)"
  guard let output = invocation.value("-o") else {
    report.print(invocation.wantsJSON ? envelope.pretty : envelope.compact)
    report.tell(printable(line))
    return report
  }
  var members = request.object ?? []
  let earlier = request["approvals"]?.array ?? []
  members.removeAll { $0.name == "approvals" }
  members.append(JSONMember("approvals", .array(earlier + [envelope])))
  try writeFile(output, Array((JSONValue.object(members).pretty + "\n").utf8))
  if invocation.wantsJSON {
    return Report(["file": .string(output), "approval": envelope])
  }
  report.print(printable(line))
  if !earlier.isEmpty {
    report.tell("the request now holds \(counted(earlier.count + 1, "approval"))")
  }
  return report
}
