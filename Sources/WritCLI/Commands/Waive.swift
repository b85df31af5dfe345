// `writ waive`: a person's signed leave for a waiver, bound to its text.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let waive = Command(
    name: "waive", summary: "grant a waiver that a policy asks for",
    operands: [.one("WAIVER", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher,
      .required("--role", "ROLE", "in which you grant it: the one that its gate names"),
      .required("--as", "NODE", "who you are in the graph: Identity/ines"),
      .required("--key", "KEY", "your signing key"), .passphrase,
      .optional("--for", "DURATION", "how long it counts; as long as the waiver, if not given"),
      .optional("--log", "DIR", "record that you granted it; without a record there is no grant"),
    ],
    details: [
      "The grant is for this text: findings, nodes, reason and expiry; change one and it is void.",
      "  writ waive W17 --bundle b --role risk --as Identity/ines --key K > grant.json",
      "  writ decide --bundle b --graph g --request r.json --waiver grant.json",
    ],
    run: runWaive)
}

/// Refuses agents; then signs, and holds the signature against the bundle, so that nobody finds out at the gate that it does not
/// count.
private func runWaive(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let text = try waiverText(try invocation.operand(0), bundle)
  let log = try invocation.value("--log").map { (path) throws(Failure) in
    (
      store: LogStore(directory: path),
      signer: try signer(of: LogStore(directory: path), invocation)
    )
  }
  let key = try readPrivateKey(try invocation.required("--key"), invocation)
  try requirePerson(
    try invocation.required("--as"), key, to: "grant a waiver", bundle.registry)
  let grant = WaiverGrant(
    waiver: text.name, digest: text.digest, role: try invocation.required("--role"),
    granter: try invocation.required("--as"), validity: try validity(of: text, invocation))
  let envelope = grant.signed(by: key).json
  try hold(grant, envelope, text, bundle)
  if let log, log.signer.verifierKeys.contains(where: { $0.publicKey == key.publicKey }) {
    throw .badInput("the log's key grants too", remedy: "give each function its own key")
  }
  let recorded = try log.map { (log) throws(Failure) in
    let id = try recordID()
    return try recording { () throws(RecorderError) in
      try append(
        to: log.store, signer: log.signer, clock: currentTime(), uptime: currentUptime()
      ) { (_) throws(RecorderError) in
        try Writ.record(of: grant, envelope, bundle, in: log.store, id: id)
      }
    }
  }
  var report = Report()
  report.print(invocation.wantsJSON ? envelope.pretty : envelope.compact)
  for line in words(grant, text) { report.tell(printable(line)) }
  if let recorded { report.tell("recorded as entry \(recorded.index) of \(recorded.origin)") }
  return report
}

private func waiverText(
  _ name: String, _ bundle: LoadedBundle
) throws(Failure) -> WaiverText {
  do throws(RequestError) {
    return try bundle.waiver(name)
  } catch {
    throw .badInput("\(error)")
  }
}

/// From now until the waiver is over, or earlier where that is asked.
private func validity(
  of text: WaiverText, _ invocation: Invocation
) throws(Failure) -> Range<Instant> {
  let start = Instant(microseconds: currentTime())
  guard start < text.expires else {
    throw Failure(
      .refused, "the waiver `\(text.name)` is over since \(text.expires): nothing is left to grant",
      remedy: "the policy would have to ask for another")
  }
  guard invocation.has("--for") else { return start..<text.expires }
  let asked = try invocation.validity(hours: 1)
  return asked.lowerBound..<min(asked.upperBound, max(asked.lowerBound, text.expires))
}

/// The bundle takes the grant: its key, the role that its signer holds, and the one that the gate names.
private func hold(
  _ grant: WaiverGrant, _ envelope: JSONValue, _ text: WaiverText, _ bundle: LoadedBundle
) throws(Failure) {
  do throws(WaiverGrantError) {
    _ = try WaiverGrant(envelope, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this grant: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  guard hasSameBytes(grant.role, text.role) else {
    throw Failure(
      .refused, "the gate takes grants in the role `\(text.role)`, not `\(grant.role)`",
      remedy: "say --role \(text.role), if you hold it")
  }
}

/// What is waived, for people.
private func words(_ grant: WaiverGrant, _ text: WaiverText) -> [String] {
  func member(_ name: String) -> String { text.json[name]?.string ?? "" }
  let nodes = (text.json["for"]?.array ?? []).compactMap(\.string).joined(separator: " and ")
  return [
    "granted \(text.name) as \(grant.granter), role \(grant.role), until \(grant.expires)",
    "  findings of \(member("gate")), clause \(member("clause")), about \(nodes) do not count",
    "  because: \(member("reason"))",
  ]
}
