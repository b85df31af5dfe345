// `writ log search`: the records of a log that are about something.

import WritEvidence
import WritModel

extension Command {
  static let logSearch = Command(
    name: "log search", summary: "list the records of a log",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--gate", "GATE", "its full name, or what stands after the last dot"),
      .optional("--subject", "NODE", "an argument, or a node that a reason is about"),
      .optional("--actor", "NODE", "who asked"),
      .optional("--from", "TIME", "logged then or later"),
      .optional("--to", "TIME", "logged before"),
      .optional("--outcome", "OUTCOME", "allow, hold or deny"), .logKey,
    ],
    details: [
      "One line a record, oldest first. Every entry that is looked at is verified first.",
      "  writ log search log --subject Service/checkout --from 2026-11-17T00:00:00Z",
    ],
    run: runLogSearch)
}

/// Reads all entries in order. There is no index that could be wrong: what is listed was verified.
private func runLogSearch(_ invocation: Invocation) throws(Failure) -> Report {
  let filter = try RecordFilter(invocation)
  let reader = try openLog(invocation)
  var report = Report()
  var rows: [(index: UInt64, record: LoggedRecord)] = []
  for number in 0..<(reader.size + 255) / 256 {
    invocation.errorTerminal.showProgress("reading entries \(number * 256)…")
    let bundle = try withLog { () throws(LogError) in try reader.bundle(number) }
    for (position, entry) in bundle.entries.enumerated() {
      let record = LoggedRecord(entry)
      if filter.takes(record) { rows.append((number * 256 + UInt64(position), record)) }
    }
  }
  invocation.errorTerminal.showProgress("")
  if invocation.wantsJSON {
    for row in rows {
      let line: JSONValue = [
        "index": .integer(Int64(clamping: row.index)), "type": .string(row.record.type),
        "record": row.record.predicate,
      ]
      report.print(line.compact)
    }
    return report
  }
  let lines = aligned(rows.map { row in row.record.cells(index: row.index) })
  for (line, row) in zip(lines, rows) {
    report.print(row.record.painted(line, invocation.terminal))
  }
  report.tell("\(counted(rows.count, "record")) of \(grouped(Int(clamping: reader.size)))")
  return report
}

/// What a record must be to be listed.
private struct RecordFilter {
  let gate: String?
  let subject: String?
  let actor: String?
  let outcome: String?
  let from: Int64?
  let to: Int64?

  /// Reads the options; a filter that nobody gave takes everything.
  init(_ invocation: Invocation) throws(Failure) {
    gate = invocation.value("--gate")
    subject = invocation.value("--subject")
    actor = invocation.value("--actor")
    outcome = invocation.value("--outcome")
    from = try invocation.instant("--from")
    to = try invocation.instant("--to")
    if let outcome, Outcome(rawValue: outcome) == nil {
      throw .usage("no outcome `\(outcome)`", remedy: "there are allow, hold and deny")
    }
  }

  /// Whether the record passes every filter; one that says nothing of a filter's subject does not.
  func takes(_ record: LoggedRecord) -> Bool {
    if let gate, !record.isOf(gate: gate) { return false }
    if let subject, !record.subjects.containsBytes(of: subject) { return false }
    if let actor, record.caller.map({ hasSameBytes($0, actor) }) != true { return false }
    if let outcome, record.outcome != outcome { return false }
    if let from, record.logged.map({ $0 < from }) ?? true { return false }
    if let to, record.logged.map({ $0 >= to }) ?? true { return false }
    return true
  }
}

/// A record as the log holds it, as far as it can be told.
struct LoggedRecord {
  let type: String
  let predicate: JSONValue

  /// Takes any bytes; what is no statement shows as unreadable.
  init(_ entry: [UInt8]) {
    let statement = try? Statement(parsing: entry)
    type = statement?.predicateType ?? "unreadable"
    predicate = statement?.predicate ?? .null
  }

  var result: JSONValue? { predicate["result"] }
  var outcome: String? { result?["outcome"]?.string }
  var gate: String? { result?["gate"]?.string }
  var caller: String? { result?["caller"]?.string }

  /// Whether that is the gate's full name, or its own.
  func isOf(gate name: String) -> Bool {
    guard let gate else { return false }
    return hasSameBytes(gate, name) || gate.endsWithBytes(of: "." + name)
  }

  var isQuestion: Bool { result?["question"]?.bool ?? false }

  /// Microseconds since the epoch.
  var logged: Int64? {
    predicate["logged"]?.string.flatMap { Instant($0) }?.microseconds
  }

  /// Arguments that are texts, in order.
  var arguments: [String] { (predicate["arguments"]?.object ?? []).compactMap(\.value.string) }

  /// Nodes that the record is about: its arguments, and what its reasons name.
  var subjects: [String] {
    let reasons = result?["reasons"]?.array ?? []
    return arguments
      + reasons.flatMap { ($0["subjects"]?.array ?? []).compactMap(\.string) }
      + reasons.flatMap { ($0["witness"]?.array ?? []).compactMap(\.string) }
  }

  /// Index, time, outcome, gate, arguments, caller, clauses.
  func cells(index: UInt64) -> [String] {
    let time = logged.map { Instant(microseconds: $0 / 1_000_000 * 1_000_000).description } ?? "-"
    guard let outcome else { return [String(index), time, "-", type] }
    let clauses = (result?["reasons"]?.array ?? []).compactMap { $0["clause"]?.string }
    let owed = (result?["obligations"]?.array ?? []).compactMap { $0["clause"]?.string }
    var names: [String] = []
    for name in clauses + owed where !names.containsBytes(of: name) { names.append(name) }
    return [
      String(index), time, outcome.uppercased() + (isQuestion ? "?" : ""), gate ?? "-",
      arguments.joined(separator: " "), caller ?? "-", names.joined(separator: ","),
    ]
  }

  /// The line of the cells with its outcome in colour.
  func painted(_ line: String, _ terminal: Terminal) -> String {
    guard let outcome = outcome.flatMap(Outcome.init(rawValue:)) else { return line }
    let word = outcome.rawValue.uppercased()
    // The first three cells hold no space: the outcome is the third word.
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
    guard terminal.isColoured, words.count > 2, words[2].hasPrefix(word) else { return line }
    let start = words[2].startIndex
    let end = line.index(start, offsetBy: word.count)
    return line[..<start] + terminal.paint(word, outcome.tone) + line[end...]
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
