// `writ log review`: a second person says, signed and on record, whether it was right to break the glass.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let logReview = Command(
    name: "log review", summary: "say whether it was right to break the glass, on record",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--index", "N", "of the decision, from 0"), .bundle, .publisher,
      .required("--role", "ROLE", "in which you review: the one that the action names"),
      .required("--as", "NODE", "who you are in the graph: Identity/erik"),
      .required("--key", "KEY", "your signing key"), .passphrase,
      .required("--verdict", "VERDICT", "justified or unjustified"),
      .required("--note", "TEXT", "what you looked at; it can be erased with you"),
    ],
    details: [
      "Whoever broke the glass does not review it, and nobody reviews it twice. Nothing is undone or",
      "allowed by a review. `log reviews` lists what awaits one.",
      "  writ log review log --index 41 --bundle b --role incident_commander --as Identity/erik --key K \\",
      #"    --verdict justified --note "the outage of 10:40; the scan was run behind it""#,
    ],
    run: runLogReview)
}

/// Signs what the entry says, holds the signature against the bundle, and records it while nobody else can review.
private func runLogReview(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let bundle = try loadBundle(invocation).bundle
  let signer = try recordSigner(store.directory, bundle, invocation)
  let key = try readPrivateKey(try invocation.required("--key"), invocation)
  guard !signer.verifierKeys.contains(where: { $0.publicKey == key.publicKey }) else {
    throw .badInput("the log's key reviews too", remedy: "give each function its own key")
  }
  try requirePerson(
    try invocation.required("--as"), key, to: "review the breaking of glass", bundle.registry)
  let (review, use) = try review(bundle, store, signer, invocation)
  let envelope = review.signed(by: key).json
  do throws(SignedWordError) {
    _ = try BreakGlassReview(envelope, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this review: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  let recorded = try record(review, envelope, of: use, bundle, store, signer)
  if invocation.wantsJSON {
    return Report([
      "log": .string(recorded.origin), "index": .integer(Int64(clamping: recorded.index)),
      "decision": .integer(Int64(clamping: use.index)), "review": envelope,
    ])
  }
  var report = Report()
  report.print(
    "entry \(recorded.index) of \(recorded.origin): \(printable(review.reviewer)) finds entry \(use.index), "
      + "\(printable(review.action)), \(review.verdict.rawValue)")
  return report
}

/// What would be signed of a decision that let the glass be broken, and that decision.
private func review(
  _ bundle: LoadedBundle, _ store: LogStore, _ signer: NoteSigner, _ invocation: Invocation
) throws(Failure) -> (BreakGlassReview, FoundRecord) {
  let word = try invocation.required("--verdict")
  guard let verdict = BreakGlassVerdict(rawValue: word) else {
    throw .usage("no verdict `\(word)`", remedy: "there are justified and unjustified")
  }
  let index = try invocation.number("--index") ?? 0
  let reader = try withLog { () throws(LogError) in
    try LogReader(store: store, keys: signer.verifierKeys)
  }
  let entry = try withLog { () throws(LogError) in try reader.entry(at: index) }
  let use = FoundRecord(index: index, record: LoggedRecord(entry))
  let (role, reviewer) = (try invocation.required("--role"), try invocation.required("--as"))
  try hold(use, reviewer, in: role, bundle, store)
  let review = BreakGlassReview(
    of: LogPlace(origin: reader.signed.checkpoint.origin, index: index),
    action: use.record.predicate["deed"]?["action"]?.string ?? "", leaf: Merkle.leafHash(of: entry),
    reviewer: reviewer, role: role, verdict: verdict, note: try invocation.required("--note"),
    signedAt: Instant(microseconds: currentTime()))
  guard let review else {
    throw .usage(
      "`--note` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes that says something"
    )
  }
  return (review, use)
}

/// There is something to review, and it is not the caller who does, nor somebody in another role, nor by a bundle that did not decide.
private func hold(
  _ use: FoundRecord, _ reviewer: String, in role: String, _ bundle: LoadedBundle,
  _ store: LogStore
) throws(Failure) {
  guard let glass = use.record.breakGlass, use.record.isDecision else {
    throw .badInput(
      "entry \(use.index) is no decision that breaks the glass",
      remedy: "`writ log reviews` lists those that do")
  }
  guard use.record.predicate["deed"] != nil else {
    throw .badInput("entry \(use.index) lets nothing be done: there is nothing to review")
  }
  guard hasSameBytes(glass.role, role) else {
    throw Failure(
      .refused, "entry \(use.index) is reviewed in the role `\(glass.role)`, not `\(role)`",
      remedy: "say --role \(glass.role), if you hold it")
  }
  guard let decided = use.record.decidingBundle,
    hasSameBytes(decided, bundle.digest.description)
  else {
    throw Failure(
      .refused, "entry \(use.index) was decided by another bundle than `--bundle`",
      remedy: "review by \(use.record.decidingBundle ?? "the one that decided"): it says who may")
  }
  let disclosures = try withLog { () throws(LogError) in try store.disclosures.opened() }
  let caller = use.record.caller.map(disclosures.open) ?? ""
  guard DisclosureDigest.all(in: caller).isEmpty, !caller.isEmpty else {
    throw Failure(
      .refused, "who broke the glass was erased, so nobody can show that it was not them",
      remedy: "review before people are erased")
  }
  guard !hasSameBytes(caller, reviewer) else {
    throw Failure(
      .refused, "`\(reviewer)` broke the glass, and somebody else reviews that",
      remedy: "ask another who holds the role `\(role)`")
  }
}

/// Records the review, unless there is one when nobody else can add to the log.
private func record(
  _ review: BreakGlassReview, _ envelope: JSONValue, of use: FoundRecord, _ bundle: LoadedBundle,
  _ store: LogStore, _ signer: NoteSigner
) throws(Failure) -> RecordedDecision {
  let id = try recordID()
  let subjects = use.record.statement?.subjects ?? []
  let name = BreakGlassMark.subjectName(of: review.decision.origin)
  var earlier: UInt64?
  do throws(Failure) {
    return try recording { () throws(RecorderError) in
      try append(
        inTurnTo: store, signer: signer, clock: currentTime, uptime: currentUptime
      ) { (turn) throws(RecorderError) in
        do throws(LogError) {
          earlier = try turn.history().review(of: use, about: name)?.index
        } catch {
          throw .log(error)
        }
        guard earlier == nil else { throw .request(RequestError("it is reviewed")) }
        return try Writ.record(
          of: review, envelope, about: subjects, bundle, in: turn.store, id: id)
      }
    }
  } catch {
    guard let earlier else { throw error }
    throw Failure(
      .refused, "entry \(use.index) was reviewed by entry \(earlier), and the first review stands",
      remedy: "`writ log show --index \(earlier)` tells what it says")
  }
}
