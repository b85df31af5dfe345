// `writ log reviews`: every time that the glass was broken, and what a second person found, or until when somebody should look.

import Writ
import WritEvidence
import WritModel

extension Command {
  static let logReviews = Command(
    name: "log reviews", summary: "list break-glass, and what of it awaits a review",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .flag("--overdue", "only what nobody has reviewed in time"),
      .perhapsBundle, .publisher, .logKey,
    ],
    details: [
      "Exits 1 if a review is overdue, so that whatever runs it can raise an alarm. With a bundle, a review",
      "counts only if the bundle's registry has the key that signed it, and for as long as its text is there.",
      "  writ log reviews log --overdue",
    ],
    run: runLogReviews)
}

extension Option {
  fileprivate static let perhapsBundle = Option.optional(
    "--bundle", "FILE", "whose registry says whose reviews count")
}

/// One use, as it stands now.
private struct UseState {
  enum Word: String {
    case reviewed, awaiting, overdue
  }

  let use: Deed
  let word: Word
  /// Why a review that is there does not count.
  let flaw: String?
}

private func runLogReviews(_ invocation: Invocation) throws(Failure) -> Report {
  let reader = try openLog(invocation)
  let store = LogStore(directory: try invocation.operand(0))
  let registry =
    invocation.has("--bundle") ? try loadBundle(invocation).bundle.registry : nil
  let now = currentTime()
  let origin = reader.signed.checkpoint.origin
  let uses = try withLog { () throws(LogError) in
    try SubjectReader(reader, of: store).breakGlassUses(of: origin, now: now)
  }
  var states: [UseState] = []
  for use in uses.reversed() {
    var problem: String?
    if let registry, let review = use.review {
      problem = try flaw(of: review, use, origin, reader, store, registry)
    }
    states.append(UseState(use, problem, now: now))
  }
  let overdue = states.count { $0.word == .overdue }
  var report = Report(overdue > 0 ? .refused : .done)
  if invocation.has("--overdue") { states.removeAll { $0.word != .overdue } }
  let personal = try PersonalText(store)
  if invocation.wantsJSON {
    report.output =
      JSONValue.object([
        JSONMember("log", .string(origin)), JSONMember("overdue", .integer(Int64(overdue))),
        JSONMember("uses", .array(states.map { $0.json(personal) })),
      ]).pretty + "\n"
    return report
  }
  for line in aligned(states.map { $0.cells.map(personal.open) }) { report.print(line) }
  for state in states {
    guard let flaw = state.flaw else { continue }
    report.tell("note: the review of entry \(state.use.entry) does not count: \(printable(flaw))")
  }
  report.tell("\(counted(states.count, "use")) of break-glass, \(overdue) overdue")
  return report
}

/// Why a review does not count by a registry; `nil` where it does.
private func flaw(
  of review: FoundRecord, _ use: Deed, _ origin: String, _ reader: LogReader, _ store: LogStore,
  _ registry: KeyRegistry
) throws(Failure) -> String? {
  let record = review.record
  let disclosures = try withLog { () throws(LogError) in try store.disclosures.opened() }
  guard let digest = record.predicate["envelope"]?.string.flatMap({ DisclosureDigest($0) }),
    let envelope = try withLog({ () throws(LogError) in try disclosures.disclosure(digest) })?.value
  else { return "what was signed is not there" }
  let signed: BreakGlassReview
  do throws(SignedWordError) {
    signed = try BreakGlassReview(envelope, registry: registry)
  } catch {
    return "\(error)"
  }
  let entry = try withLog { () throws(LogError) in try reader.entry(at: use.entry) }
  let isOfThis =
    signed.leaf == Merkle.leafHash(of: entry)
    && signed.decision == LogPlace(origin: origin, index: use.entry)
  guard isOfThis else { return "it is a review of something else" }
  let isAsRecorded =
    record.predicate["verdict"]?.string == signed.verdict.rawValue
    && record.predicate["reviewer"]?.string.map(disclosures.open) == signed.reviewer
  guard isAsRecorded else { return "the record says something else than what was signed" }
  guard use.record.breakGlass.map({ hasSameBytes($0.role, signed.role) }) == true else {
    return "it was given in the role `\(signed.role)`"
  }
  guard use.record.caller.map(disclosures.open) != signed.reviewer else {
    return "its giver broke the glass"
  }
  return nil
}

extension UseState {
  fileprivate init(_ use: Deed, _ flaw: String?, now: Int64) {
    self.use = use
    self.flaw = flaw
    guard use.review == nil || flaw != nil else {
      word = .reviewed
      return
    }
    word = use.record.breakGlass?.due.map { $0.microseconds > now } == true ? .awaiting : .overdue
  }

  private var action: String { use.record.predicate["deed"]?["action"]?.string ?? "-" }

  private func said(_ name: String) -> String? { use.review?.record.predicate[name]?.string }

  /// Entry, time, what, by whom, and how it stands.
  fileprivate var cells: [String] {
    let glass = use.record.breakGlass
    let due = glass?.due?.description ?? "-"
    let state =
      switch word {
      case .reviewed:
        "\(said("verdict") ?? "-") by \(said("reviewer") ?? "-"), entry \(use.review?.index ?? 0)"
      case .awaiting: "awaits \(glass?.role ?? "-") until \(due)"
      case .overdue: "OVERDUE since \(due), role \(glass?.role ?? "-")"
      }
    return [
      String(use.entry), Instant(microseconds: use.at).description, action,
      use.record.caller ?? "-", state, glass?.reason?.token ?? "-",
    ]
  }

  fileprivate func json(_ personal: PersonalText) -> JSONValue {
    let glass = use.record.breakGlass
    func opened(_ text: String?) -> JSONValue? { text.map { .string(personal.open($0)) } }
    let members: [(String, JSONValue?)] = [
      ("action", .string(action)),
      ("at", .string(Instant(microseconds: use.at).description)),
      ("caller", opened(use.record.caller)),
      ("due", glass?.due.map { .string($0.description) }),
      ("entry", .integer(Int64(clamping: use.entry))), ("flaw", flaw.map { .string($0) }),
      ("outcome", use.outcome.map { .string($0) }), ("reason", opened(glass?.reason?.token)),
      ("review", use.review.map { .integer(Int64(clamping: $0.index)) }),
      ("reviewer", opened(said("reviewer"))), ("role", glass.map { .string($0.role) }),
      ("state", .string(word.rawValue)), ("verdict", opened(said("verdict"))),
    ]
    return .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
  }
}
