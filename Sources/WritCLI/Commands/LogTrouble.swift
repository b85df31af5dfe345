// `writ log trouble`: what went wrong shortly after something was done, and by which decisions that was let be done.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritVM

extension Command {
  static let logTrouble = Command(
    name: "log trouble", summary: "link incidents to the decisions before them",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional(
        "--within", "DURATION",
        "how long after an action trouble is put down to it, 24h if not given"),
      .optional(
        "--query", "QUERY", "whose rows are incidents, with columns incident, about and at"),
      .optional("--bundle", "BUNDLE", "which has the query"),
      .publisher,
      .optional("--graph", "SNAPSHOT", "which is asked"),
      .optional("--index", "N", "the decision at that entry alone, and what each clause read"),
      .optional("--incident", "NAME", "that incident alone, and what the clauses before it read"),
      .optional("--from", "TIME", "decisions of then or later"),
      .optional("--to", "TIME", "decisions before"), .now, .asOf, .logKey,
    ],
    details: [
      "Actions of kind incident in the log are incidents too. Time runs from the decision to so long after the result.",
      "What an incident is about the policy says, by its query: a row for each node, dependencies as far as it likes.",
      "  writ log trouble log --within 4h --bundle b --graph g --query troubles",
    ],
    run: runLogTrouble)
}

private func runLogTrouble(_ invocation: Invocation) throws(Failure) -> Report {
  let window = try invocation.duration("--within") ?? 24 * 3_600_000_000
  let index = try invocation.number("--index")
  let (from, to) = (try invocation.instant("--from"), try invocation.instant("--to"))
  let told = try incidents(invocation)
  let reader = try openLog(invocation)
  let store = LogStore(directory: try invocation.operand(0))
  let personal = try PersonalText(store)
  let origin = reader.signed.checkpoint.origin
  let deeds = try withLog { () throws(LogError) in
    try SubjectReader(reader, of: store).deeds(
      about: Deed.subjectName(of: origin), now: currentTime(), limit: .max) ?? []
  }
  if let index, !deeds.contains(where: { $0.entry == index }) {
    throw .badInput(
      "entry \(index) is no decision that let something be done",
      remedy: "`writ log search \(store.directory) --kind gate --outcome allow` lists decisions")
  }
  var troubles = deeds.compactMap(\.asTrouble)
  for trouble in told.troubles {
    // Records have a token where the name of a node can be erased.
    let about = trouble.about.union(trouble.about.map(personal.recordedName))
    troubles.append(
      Trouble(trouble.name, at: trouble.at, about: about, doubt: trouble.doubt))
  }
  if let name = invocation.value("--incident") {
    troubles.removeAll { !isNamed($0, name) }
    if troubles.isEmpty {
      throw .badInput("no incident `\(name)`", remedy: "leave out `--incident`")
    }
  }
  let chosen = deeds.reversed().filter { deed in
    (index == nil || deed.entry == index) && deed.at >= from ?? .min && deed.at < to ?? .max
  }
  let found = Deed.aftermaths(of: chosen, among: troubles, within: window)
  let view = AftermathView(
    store: store, personal: personal, terminal: invocation.terminal,
    isDetailed: index != nil || invocation.has("--incident"))
  var report = Report()
  if invocation.wantsJSON {
    report.output =
      JSONValue.object([
        JSONMember("log", .string(origin)),
        JSONMember("within", .string(Duration(microseconds: window).iso8601)),
        JSONMember("decisions", .array(found.map(view.json))),
      ]).pretty + "\n"
  } else {
    for aftermath in found {
      for line in view.lines(aftermath) { report.print(line) }
    }
    let followed = counted(Set(found.flatMap(\.troubles)).count, "incident")
    report.tell(
      "\(counted(found.count, "decision")) of \(grouped(chosen.count)) that let something be done, \(followed) of \(grouped(troubles.count)) after them"
    )
  }
  if let open = told.open { report.tell("note: there may be more incidents: \(open)") }
  return report
}

/// The whole name, or what stands behind the kind.
private func isNamed(_ trouble: Trouble, _ name: String) -> Bool {
  if let entry = trouble.entry, String(entry) == name { return true }
  return hasSameBytes(trouble.name, name)
    || trouble.name.split(separator: "/", maxSplits: 1).last.map(String.init) == name
}

/// The rows of the policy's query; none where no query was named.
private func incidents(
  _ invocation: Invocation
) throws(Failure) -> (troubles: [Trouble], open: String?) {
  guard let name = invocation.value("--query") else {
    if let option = ["--bundle", "--graph", "--publisher", "--now", "--as-of"]
      .first(where: invocation.has)
    {
      throw .usage("`\(option)` is for a query", remedy: "name it with `--query`")
    }
    return ([], nil)
  }
  let engine = try loadEngine(invocation)
  let asking = try invocation.questionTimes()
  let answer = try withEngine { () throws(RequestError) in
    let (result, machine) = try engine.query(name, arguments: [], isStrict: false, asking)
    return QueryAnswer(result, machine, asOf: asking.asOf)
  }
  if let missing = ["incident", "about", "at"].first(where: { !answer.columns.contains($0) }) {
    throw .badInput(
      "`\(name)` has no column `\(missing)`",
      remedy: "a row is an incident, a node that it is about, and at which time it began")
  }
  var byName: [String: (order: Int, at: Int64, about: Set<String>, doubt: String?)] = [:]
  for row in answer.rows {
    let (incident, about) = (row.json["incident"]?.string, row.json["about"]?.string)
    guard let incident, let about, let at = row.json["at"]?.string.flatMap({ Instant($0) }) else {
      throw .badInput(
        "`\(name)` has a row without incident, node or time: \(row.json.compact)",
        remedy: "leave out with `where` what is not known")
    }
    // One that is said to have begun twice began then twice.
    let key = "\(incident) \(at)"
    var known = byName[key] ?? (byName.count, at.microseconds, [], row.unknown)
    known.about.insert(about)
    if row.unknown == nil { known.doubt = nil }
    byName[key] = known
  }
  let troubles = byName.sorted { $0.value.order < $1.value.order }.map { key, value in
    Trouble(
      String(key.split(separator: " ").dropLast().joined(separator: " ")), at: value.at,
      about: value.about, doubt: value.doubt)
  }
  return (troubles, answer.open)
}

/// What is shown of a decision and of what came after it.
private struct AftermathView {
  let store: LogStore
  let personal: PersonalText
  let terminal: Terminal
  /// With what each clause read.
  let isDetailed: Bool

  /// The decision, what went wrong after it, and where it is asked for on which facts it was let be done.
  func lines(_ aftermath: Aftermath) -> [String] {
    let deed = aftermath.deed
    let record = deed.record
    let words = [
      "entry \(deed.entry)", Instant(microseconds: deed.at).description, deed.action ?? "-",
      record.arguments.joined(separator: " "),
      record.caller.map { "by \($0)" } ?? "by nobody who was named",
    ]
    var lines = [
      terminal.paint(printable(personal.open(words.joined(separator: "  "))), .strong)
    ]
    lines.append(
      printable("  allowed by \(record.gate ?? "-"), \(deed.outcome ?? "no result yet")"))
    for giver in record.onBehalfOf { lines.append(printable(personal.open("  for \(giver)"))) }
    for approval in approvals(of: record) { lines.append("  approved by \(approval)") }
    for trouble in aftermath.troubles {
      let about = trouble.about.filter { record.subjects.contains($0) }.sorted()
      let entry = trouble.entry.map { ", entry \($0)" } ?? ""
      let doubt = trouble.doubt.map { ", perhaps: \($0)" } ?? ""
      let line =
        "\(trouble.name) \(shownAge(trouble.at - deed.at)) later, about \(about.joined(separator: ", "))\(entry)\(doubt)"
      lines.append("  " + terminal.paint(printable(personal.open(line)), .bad))
    }
    return isDetailed ? lines + clauseLines(of: record) : lines
  }

  private func clauseLines(of record: LoggedRecord) -> [String] {
    guard let trace = trace(of: record) else {
      return ["  what its clauses read is no longer kept"]
    }
    var lines: [String] = []
    for clause in trace.clauses {
      let name = clause["clause"]?.string ?? "-"
      lines.append(printable("  \(clause["outcome"]?.string ?? "-") \(name)"))
      for fact in clause["facts"]?.array ?? [] {
        let member = fact["member"]?.string.map { ".\($0)" } ?? ""
        let said = (fact["vouched"]?.array ?? []).compactMap { voucher -> String? in
          guard let source = voucher["source"]?.string else { return nil }
          return "\(source) \(voucher["at"]?.string ?? "never")"
        }
        let source = said.isEmpty ? "" : "  (\(said.joined(separator: ", ")))"
        let value = fact["value"]?.string ?? "-"
        lines.append(
          printable(personal.open("    \(fact["fact"]?.string ?? "-")\(member)  \(value)\(source)"))
        )
      }
    }
    return lines
  }

  private func trace(of record: LoggedRecord) -> DecisionTrace? {
    DecisionTrace(record) { try? store.objects.get($0) }
  }

  private func approvals(of record: LoggedRecord) -> [String] {
    (record.result?["approvals"]?.array ?? []).map { approval in
      printable(
        personal.open(
          "\(approval["approver"]?.string ?? "-") as \(approval["role"]?.string ?? "-")"))
    }
  }

  func json(_ aftermath: Aftermath) -> JSONValue {
    let deed = aftermath.deed
    let record = deed.record
    func text(_ value: String?) -> JSONValue? { value.map { .string(personal.open($0)) } }
    let members: [(String, JSONValue?)] = [
      ("entry", .integer(Int64(clamping: deed.entry))),
      ("at", text(Instant(microseconds: deed.at).description)),
      ("action", text(deed.action)), ("gate", text(record.gate)), ("caller", text(record.caller)),
      ("onBehalfOf", .array(record.onBehalfOf.compactMap(text))),
      ("arguments", .array(record.arguments.compactMap(text))),
      ("result", text(deed.outcome)),
      ("approvals", record.result?["approvals"]),
      ("clauses", trace(of: record).map { .array($0.clauses) }),
      ("incidents", .array(aftermath.troubles.map { json($0, after: deed) })),
    ]
    return .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
  }

  private func json(_ trouble: Trouble, after deed: Deed) -> JSONValue {
    let about = trouble.about.filter { deed.record.subjects.contains($0) }.sorted()
    let members: [(String, JSONValue?)] = [
      ("incident", .string(personal.open(trouble.name))),
      ("at", .string(Instant(microseconds: trouble.at).description)),
      ("after", .string(Duration(microseconds: trouble.at - deed.at).iso8601)),
      ("about", .array(about.map { .string(personal.open($0)) })),
      ("entry", trouble.entry.map { .integer(Int64(clamping: $0)) }),
      ("perhaps", trouble.doubt.map { .string($0) }),
    ]
    return .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
  }
}
