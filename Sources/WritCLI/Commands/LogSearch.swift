// `writ log search`: the records of a log that are about something.

import Writ
import WritEvidence
import WritModel

extension Command {
  static let logSearch = Command(
    name: "log search", summary: "list the records of a log",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--gate", "GATE", "its full name, or what stands after the last dot"),
      .optional("--subject", "NODE", "what records are about: Kind/id, or the id of any kind"),
      .flag("--agents", "what agents asked to do, and what came of it"),
      .optional("--run", "RUN", "the name of a run: all that belongs to it"),
      .optional("--kind", "KIND", "gate, approval, waiver, override, review and so on"),
      .optional("--actor", "NODE", "who asked, of decisions"),
      .optional(
        "--person", "NODE",
        "who asked, agreed, said no, granted, unlocked, overrode, reviewed, revoked"),
      .optional("--from", "TIME", "logged then or later"),
      .optional("--to", "TIME", "logged before"),
      .optional("--outcome", "OUTCOME", "allow, hold, deny or refused"),
      .flag("--full", "read every entry, whatever the index says"), .logKey,
    ],
    details: [
      "One line a record, oldest first. Every entry that is listed is verified first.",
      "The index can hide a record, never make one up; --full does without it.",
      "A TIME is as 2026-11-19T10:00:00Z, or a day, 2026-11-19, for its start in UTC.",
      "  writ log search log --subject Service/checkout --from 2026-11-17",
    ],
    run: runLogSearch)
}

/// Finds by the index, or with `--full` by reading all; what is listed was verified either way.
private func runLogSearch(_ invocation: Invocation) throws(Failure) -> Report {
  var filter = try filter(of: invocation)
  let reader = try openLog(invocation)
  let store = LogStore(directory: try invocation.operand(0))
  if invocation.has("--agents") { filter.subject = try agentSubject(of: invocation, reader) }
  let personal = try PersonalText(store)
  var found: [FoundRecord] = []
  for filter in personal.filters(filter) {
    found += try records(filter, reader, store, invocation)
  }
  // One record may be found under a name and under its token.
  var seen: Set<UInt64> = []
  found = found.sorted { $0.index < $1.index }.filter { seen.insert($0.index).inserted }
  var report = Report()
  if invocation.wantsJSON {
    for row in found {
      let line: JSONValue = [
        "index": .integer(Int64(clamping: row.index)), "type": .string(row.record.type),
        "record": row.record.predicate,
      ]
      report.print(line.compact)
    }
    return report
  }
  let cells = found.map { row in
    row.record.cells(index: row.index, action: actionName(of: row.record, store))
      .map(personal.open)
  }
  let lines = aligned(cells, widest: 48)
  for (line, row) in zip(lines, found) {
    report.print(row.record.painted(line, invocation.terminal))
  }
  report.tell("\(counted(found.count, "record")) of \(grouped(Int(clamping: reader.size)))")
  if found.isEmpty, let person = invocation.value("--person") {
    report.tell(
      "note: no record that was looked at names `\(printable(person))`; names are as records have them"
    )
  }
  return report
}

/// What agents did by way of a log, as its records call it: what `--agents` asks for, in place of `--subject`.
func agentSubject(of invocation: Invocation, _ reader: LogReader) throws(Failure) -> String {
  guard !invocation.has("--subject") else {
    throw .usage("`--agents` is a subject of its own", remedy: "leave out `--subject`")
  }
  return AgentWork.subjectName(of: reader.signed.checkpoint.origin)
}

private func records(
  _ filter: RecordFilter, _ reader: LogReader, _ store: LogStore, _ invocation: Invocation
) throws(Failure) -> [FoundRecord] {
  guard invocation.has("--full") else {
    return try withLog { () throws(LogError) in
      try SearchIndex(reader, of: store).records(filter)
    }
  }
  let found = try withLog { () throws(LogError) in
    try reader.records(filter) { invocation.errorTerminal.showProgress("reading entries \($0)…") }
  }
  invocation.errorTerminal.showProgress("")
  return found
}

/// What records must be to be listed.
private func filter(of invocation: Invocation) throws(Failure) -> RecordFilter {
  var filter = RecordFilter()
  filter.gate = invocation.value("--gate")
  filter.subject = invocation.value("--subject")
  filter.run = invocation.value("--run")
  filter.caller = invocation.value("--actor")
  filter.person = invocation.value("--person")
  for option in ["--person", "--actor"] {
    guard let name = invocation.value(option), !name.utf8.contains(UInt8(ascii: "/")) else {
      continue
    }
    throw .usage("`\(option)` is a node such as Identity/ann, not `\(name)`")
  }
  filter.outcome = invocation.value("--outcome")
  filter.kind = invocation.value("--kind")
  filter.from = try invocation.moment("--from")
  filter.to = try invocation.moment("--to")
  if let outcome = filter.outcome, Outcome(rawValue: outcome) == nil, outcome != "refused" {
    throw .usage("no outcome `\(outcome)`", remedy: "there are allow, hold, deny and refused")
  }
  if let kind = filter.kind, RecordKind(rawValue: kind) == nil {
    let kinds = RecordKind.allCases.map(\.rawValue).joined(separator: ", ")
    throw .usage("no kind of record `\(kind)`", remedy: "there are \(kinds)")
  }
  return filter
}

// How a record is told in a line.
extension LoggedRecord {
  private static let refusedText = "REFUSED"

  /// Index, time, outcome, gate and for which action it was asked, arguments, caller, clauses, before them that the glass was broken; of
  /// what is no decision its type and subjects, and why it was refused.
  func cells(index: UInt64, action: String?) -> [String] {
    let time = logged.map { Instant(microseconds: $0 / 1_000_000 * 1_000_000).description } ?? "-"
    guard let outcome else {
      if isRefused {
        return [
          String(index), time, LoggedRecord.refusedText, type, subjects.joined(separator: " "),
          predicate["caller"]?.string ?? "-", refusal ?? "-",
        ]
      }
      return [String(index), time, "-", type, subjects.joined(separator: " ")]
    }
    let clauses = (result?["reasons"]?.array ?? []).compactMap { $0["clause"]?.string }
    let owed = (result?["obligations"]?.array ?? []).compactMap { $0["clause"]?.string }
    var names: [String] = breakGlass == nil ? [] : ["break-glass"]
    for name in clauses + owed where !names.containsBytes(of: name) { names.append(name) }
    return [
      String(index), time, outcome.uppercased() + (isQuestion ? "?" : ""),
      (gate ?? "-") + (action.map { " for \($0)" } ?? ""),
      arguments.joined(separator: " "), caller ?? "-", names.joined(separator: ","),
    ]
  }

  /// The line of the cells with its outcome in colour.
  func painted(_ line: String, _ terminal: Terminal) -> String {
    let outcome = outcome.flatMap(Outcome.init(rawValue:))
    guard isRefused || outcome != nil else { return line }
    let word = outcome?.rawValue.uppercased() ?? LoggedRecord.refusedText
    // The first three cells hold no space: the outcome is the third word.
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
    guard terminal.isColoured, words.count > 2, words[2].hasPrefix(word) else { return line }
    let start = words[2].startIndex
    let end = line.index(start, offsetBy: word.count)
    return line[..<start] + terminal.paint(word, outcome?.tone ?? .bad) + line[end...]
  }
}

extension Outcome {
  /// The colour in which the outcome is shown.
  var tone: Tone {
    switch self {
    case .allow: .good
    case .hold: .waiting
    case .deny: .bad
    }
  }
}
