// `writ log override`: a person answers, signed and on record, for what was done against a decision.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let logOverride = Command(
    name: "log override", summary: "answer for what was done against a decision, on record",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--index", "N", "of the decision, from 0"), .bundle, .publisher,
      .required("--role", "ROLE", "in which you answer"),
      .required("--as", "NODE", "who you are in the graph: Identity/ines"),
      .required("--key", "KEY", "your signing key"), .passphrase,
      .required("--reason", "TEXT", "why; it can be erased with you"),
      .optional("--for", "DURATION", "how long it may be done so, 24h if not given"),
    ],
    details: [
      "Nothing is allowed by it: the decision stays, and no delegate takes it for a permit. Who asks for",
      "the history of what was decided about finds decision and override together.",
      "  writ log override log --index 41 --bundle b --role owner --as Identity/ines --key K \\",
      #"    --reason "the fix for the outage of 10:40, scanned by hand""#,
    ],
    run: runLogOverride)
}

private func runLogOverride(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let bundle = try loadBundle(invocation).bundle
  let signer = try recordSigner(store.directory, bundle, invocation)
  let key = try readPrivateKey(try invocation.required("--key"), invocation)
  guard !signer.verifierKeys.contains(where: { $0.publicKey == key.publicKey }) else {
    throw .badInput("the log's key answers too", remedy: "give each function its own key")
  }
  try requirePerson(
    try invocation.required("--as"), key, to: "answer for an override", bundle.registry)
  let (override, subjects) = try override(store, signer, invocation)
  let envelope = override.signed(by: key).json
  do throws(SignedWordError) {
    _ = try Override(envelope, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this override: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  let id = try recordID()
  let recorded = try recording { () throws(RecorderError) in
    try append(to: store, signer: signer, clock: currentTime(), uptime: currentUptime()) {
      (store) throws(RecorderError) in
      try Writ.record(of: override, envelope, about: subjects, bundle, in: store, id: id)
    }
  }
  if invocation.wantsJSON {
    return Report([
      "log": .string(recorded.origin), "index": .integer(Int64(clamping: recorded.index)),
      "decision": .integer(Int64(clamping: override.decision.index)), "override": envelope,
    ])
  }
  var report = Report()
  report.print(
    "entry \(recorded.index) of \(recorded.origin): \(printable(override.overrider)) answers for entry "
      + "\(override.decision.index), \(override.outcome) of \(printable(override.gate)), until \(override.expires)"
  )
  return report
}

/// What would be signed of a decision that allowed nothing, and what that one was about.
private func override(
  _ store: LogStore, _ signer: NoteSigner, _ invocation: Invocation
) throws(Failure) -> (Override, [Subject]) {
  let index = try invocation.number("--index") ?? 0
  let reader = try withLog { () throws(LogError) in
    try LogReader(store: store, keys: signer.verifierKeys)
  }
  let entry = try withLog { () throws(LogError) in try reader.entry(at: index) }
  let record = LoggedRecord(entry)
  guard let outcome = record.outcome, let gate = record.result?["gate"]?.string else {
    throw .badInput("entry \(index) is no decision", remedy: "`writ log search` finds them")
  }
  guard outcome != Outcome.allow.rawValue else {
    throw .badInput(
      "entry \(index) allows it: there is nothing to override",
      remedy: "`writ log search --outcome deny` finds those that do not")
  }
  let validity = try invocation.validity(hours: 24)
  let override = Override(
    of: LogPlace(origin: reader.signed.checkpoint.origin, index: index), by: gate,
    leaf: Merkle.leafHash(of: entry), outcome: outcome,
    overrider: try invocation.required("--as"), role: try invocation.required("--role"),
    reason: try invocation.required("--reason"), signedAt: validity.lowerBound,
    expires: validity.upperBound)
  guard let override else {
    throw .usage("`--reason` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes")
  }
  return (override, record.statement?.subjects ?? [])
}
