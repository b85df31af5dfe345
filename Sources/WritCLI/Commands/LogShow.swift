// `writ log show`: one record of a log, as a person reads it.

import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let logShow = Command(
    name: "log show", summary: "tell what one record says",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--index", "N", "of the entry, from 0"), .logKey,
      .flag("--disclosures", "list what can be erased of it: digest, name and value"),
    ],
    details: [
      "What can be erased stands in the record as a digest, and is shown as long as it is there.",
      "The entry is verified first. --json prints the whole statement, as it was logged.",
      "  writ log show log --index 42",
    ],
    run: runLogShow)
}

/// Shows what the record itself says; whether it comes out the same again, `replay` says.
private func runLogShow(_ invocation: Invocation) throws(Failure) -> Report {
  let index = try invocation.number("--index") ?? 0
  let reader = try openLog(invocation)
  let entry = try withLog { () throws(LogError) in try reader.entry(at: index) }
  let statement: Statement
  do throws(StatementError) {
    statement = try Statement(parsing: entry)
  } catch {
    throw .badInput("entry \(index) is no statement: \(error)")
  }
  let personal = try PersonalText(LogStore(directory: try invocation.operand(0)))
  if invocation.has("--disclosures") {
    return try personal.list(statement, reader, asJSON: invocation.wantsJSON)
  }
  if invocation.wantsJSON { return Report(statement.json) }
  var report = Report()
  let record = LoggedRecord(entry)
  let store = LogStore(directory: try invocation.operand(0))
  let text = RecordText(
    record, record.words(opening: personal.value), action: actionText(of: record, store),
    invocation.terminal)
  report.print("entry \(index) of \(reader.signed.checkpoint.origin)")
  for line in text.lines { report.print(personal.open(line)) }
  for line in stepLines(of: record, store) { report.print(line) }
  for line in try personal.erased(of: statement, reader) { report.print(line) }
  return report
}

/// What became of each step of a run that has ended, as it is kept beside the log; nothing of any other record.
private func stepLines(of record: LoggedRecord, _ store: LogStore) -> [String] {
  guard hasSameBytes(record.type, PredicateType.runEnded),
    let digest = record.predicate["results"]?.string.flatMap({ Digest($0) })
  else { return [] }
  guard let bytes = try? store.objects.get(digest), let json = try? JSONValue(parsing: bytes),
    let steps = json["steps"]?.array
  else { return ["  what became of its steps is not in the content store, or is damaged"] }
  return steps.map { step in
    "  \(printable(step["result"]?.string ?? "-"))  \(printable(step["step"]?.string ?? "-"))"
  }
}

/// What an action that was decided about is called: of one that was let be done the record says it, of any other the request, as
/// long as that is kept.
private func actionText(of record: LoggedRecord, _ store: LogStore) -> String? {
  record.deedText ?? actionName(of: record, store)
}

/// The same without what kind of action it is.
func actionName(of record: LoggedRecord, _ store: LogStore) -> String? {
  if let deed = record.predicate["deed"]?["action"]?.string { return deed }
  guard record.action != nil,
    let digest = record.predicate["replay"]?["request"]?.string.flatMap({ Digest($0) }),
    let bytes = try? store.objects.get(digest), let request = try? JSONValue(parsing: bytes)
  else { return nil }
  return request["action"]?["name"]?.string
}

/// Writes a record for people, from its JSON alone: the policy that it was decided by may be long gone.
private struct RecordText {
  private let record: LoggedRecord
  /// What the record says, a sentence each.
  private let words: [String]
  /// What the action that it is about is called.
  private let action: String?
  private let terminal: Terminal

  init(_ record: LoggedRecord, _ words: [String], action: String?, _ terminal: Terminal) {
    self.record = record
    self.words = words
    self.action = action
    self.terminal = terminal
  }

  /// The outcome, why, and what it was a function of.
  var lines: [String] {
    guard let outcome = record.outcome.flatMap(Outcome.init(rawValue:)), let result = record.result
    else { return linesOfOther }
    let mark = record.isQuestion ? "?" : ""
    let word = terminal.paint(outcome.rawValue.uppercased() + mark, outcome.tone)
    var lines = ["\(word)  \(printable(record.gate ?? ""))"]
    for argument in record.predicate["arguments"]?.object ?? [] {
      lines.append(row(argument.name, argument.value.string ?? argument.value.compact))
    }
    if let digest = record.action {
      lines.append(row("action", (action.map { "\($0), " } ?? "") + digest))
    }
    lines += words.dropFirst(record.deedText == nil ? 0 : 1).map { "  " + printable($0) }
    if let glass = record.breakGlass {
      let due = glass.due.map { " until \($0)" } ?? "; nothing was let be done"
      lines.append(row("breakGlass", "reviewed by role \(glass.role)\(due)"))
      if let reason = glass.reason { lines.append(row("because", reason.token)) }
    }
    lines.append(row("caller", record.caller ?? "nobody was named"))
    lines += represented
    if record.isUnsigned { lines.append(row("unsigned", "who acts did not sign")) }
    lines += (result["reasons"]?.array ?? []).flatMap(reason)
    lines += (result["waived"]?.array ?? []).flatMap(waived)
    lines += (result["obligations"]?.array ?? []).flatMap(obligation)
    lines += (result["approvals"]?.array ?? []).map(approval)
    if result["reasons"] == nil {
      lines.append("  the reasons lie in the content store: `writ replay` tells them")
    }
    if record.predicate["replay"]?["needs"] != nil {
      lines.append("  the policy read what can be erased: until then `writ replay` tells the rest")
    }
    let names = ["now", "asOf", "bundle", "snapshot", "request"]
    lines += names.compactMap { name in result[name]?.string.map { row(name, $0) } }
    if let logged = record.predicate["logged"]?.string { lines.append(row("logged", logged)) }
    return lines
  }

  /// Of what is no decision: its kind, what it says, what it is about.
  private var linesOfOther: [String] {
    guard !words.isEmpty else {
      return [printable(record.type)]
        + record.predicate.pretty.split(separator: "\n").map(String.init)
    }
    let kind = record.predicate["kind"]?.string ?? record.type
    let word =
      record.isRefused
      ? terminal.paint("REFUSED", .bad) : terminal.paint(printable(kind.uppercased()), .strong)
    var lines = ["\(word)  \(printable(record.type))"]
    lines += words.map { "  " + printable($0) }
    lines += represented
    if record.isUnsigned { lines.append(row("unsigned", "who acts did not sign")) }
    if let glass = record.breakGlass {
      let due = glass.due.map { " until \($0)" } ?? "; nothing was let be done"
      lines.append(row("breakGlass", "reviewed by role \(glass.role)\(due)"))
    }
    lines += record.subjects.map { row("about", $0) }
    lines += ["bundle", "logged"].compactMap { name in
      record.predicate[name]?.string.map { row(name, $0) }
    }
    return lines
  }

  /// Who gave the token under which it is asked or done.
  private var represented: [String] {
    let givers = record.onBehalfOf
    return givers.isEmpty ? [] : [row("onBehalfOf", givers.joined(separator: ", then "))]
  }

  private func row(_ name: String, _ text: String) -> String {
    let padding = String(repeating: " ", count: max(1, 10 - name.utf8.count))
    return "  " + terminal.paint(printable(name), .quiet) + padding + printable(text)
  }

  private func reason(_ reason: JSONValue) -> [String] {
    let kind = terminal.paint(reason["kind"]?.string ?? "deny", .bad)
    let clause = terminal.paint(printable(reason["clause"]?.string ?? ""), .strong)
    var lines = ["  \(kind) \(clause): \(printable(reason["message"]?.string ?? ""))"]
    let subjects = (reason["subjects"]?.array ?? []).compactMap(\.string)
    if !subjects.isEmpty { lines.append("  " + row("of", subjects.joined(separator: ", "))) }
    let way = (reason["witness"]?.array ?? []).compactMap(\.string)
    if way.count > 1 {
      lines.append("  " + row("by", way.map(identifier).joined(separator: " → ")))
    }
    if let place = reason["at"]?.string { lines.append("  " + row("at", place)) }
    return lines
  }

  private func waived(_ finding: JSONValue) -> [String] {
    let word = terminal.paint("waived", .waiting)
    let clause = terminal.paint(printable(finding["clause"]?.string ?? ""), .strong)
    let message = finding["message"]?.string.map { ": \(printable($0))" } ?? ""
    var lines = ["  \(word) \(clause)\(message)"]
    guard let waiver = finding["waiver"] else { return lines }
    let parts = [
      waiver["name"]?.string, waiver["granter"]?.string.map { "granted by \($0)" },
      waiver["role"]?.string.map { "role \($0)" },
      waiver["expires"]?.string.map { "until \($0)" },
    ]
    lines.append("  " + row("by", parts.compactMap { $0 }.joined(separator: ", ")))
    if let why = waiver["reason"]?.string { lines.append("  " + row("why", why)) }
    return lines
  }

  private func obligation(_ obligation: JSONValue) -> [String] {
    let clause = terminal.paint(printable(obligation["clause"]?.string ?? ""), .strong)
    let count = obligation["count"]?.integer ?? 1
    let what = count == 1 ? "an approval" : "\(count) approvals"
    let role = printable(obligation["role"]?.string ?? "")
    let word = terminal.paint("await", .waiting)
    return ["  \(word) \(clause): \(what) by role \(role)"]
      + (obligation["message"]?.string.map { ["    " + printable($0)] } ?? [])
  }

  private func approval(_ approval: JSONValue) -> String {
    let who = printable(approval["approver"]?.string ?? "")
    let role = printable(approval["role"]?.string ?? "")
    let time = printable(approval["signedAt"]?.string ?? "")
    return "  \(terminal.paint("approved", .good)) by \(who), role \(role), at \(time)"
  }
}
