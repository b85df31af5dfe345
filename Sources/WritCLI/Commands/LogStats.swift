// `writ log stats`: how often each gate and each of its clauses decided something, and which never did.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let logStats = Command(
    name: "log stats", summary: "tell which gates and clauses ever decided something",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--gate", "GATE", "its full name, or what stands after the last dot"),
      .optional("--from", "TIME", "logged then or later"),
      .optional("--to", "TIME", "logged before"),
      .flag("--questions", "count what was only asked, too"), .logKey,
    ],
    details: [
      "A clause that never found anything may say nothing, or have had nothing to say. Which clauses a gate has",
      "is read from what its newest decision read, as long as that is kept. Every entry is verified first.",
      "  writ log stats log --from 2026-01-01T00:00:00Z",
    ],
    run: runLogStats)
}

private func runLogStats(_ invocation: Invocation) throws(Failure) -> Report {
  var filter = RecordFilter()
  filter.gate = invocation.value("--gate")
  filter.from = try invocation.instant("--from")
  filter.to = try invocation.instant("--to")
  let reader = try openLog(invocation)
  let store = LogStore(directory: try invocation.operand(0))
  var tally = GateTallies(countsQuestions: invocation.has("--questions"))
  try withLog { () throws(LogError) in
    for number in 0..<(reader.size + 255) / 256 {
      invocation.errorTerminal.showProgress("reading entries \(number * 256)…")
      for entry in try reader.bundle(number).entries {
        let record = LoggedRecord(entry)
        if record.isDecision, filter.takes(record) { tally.take(record, store) }
      }
    }
  }
  invocation.errorTerminal.showProgress("")
  let gates = tally.gates.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    .map { GateStrength(name: $0.key, $0.value, store) }
  var report = Report()
  if invocation.wantsJSON {
    report.output =
      JSONValue.object([
        JSONMember("log", .string(reader.signed.checkpoint.origin)),
        JSONMember("gates", .array(gates.map(\.json))),
        JSONMember("questions", .integer(Int64(tally.questions))),
      ]).pretty + "\n"
    return report
  }
  for gate in gates { for line in gate.lines(invocation.terminal) { report.print(line) } }
  let clauses = gates.flatMap(\.clauses)
  report.tell(
    "\(counted(gates.count { $0.isIdle }, "gate")) of \(grouped(gates.count)) never held or denied anything, \(counted(clauses.count { $0.isIdle }, "clause")) of \(grouped(clauses.count)) never found anything"
      + (tally.questions > 0 && !invocation.has("--questions")
        ? "; \(counted(tally.questions, "question")) left out" : ""))
  return report
}

/// What is counted of a clause.
private struct ClauseTally {
  var denied = 0
  var owed = 0
  var waived = 0
  /// Decisions in which nothing else denied or was owed.
  var alone = 0
  /// What found something each time that it did.
  var companions: Set<String>?
}

/// What is counted of a gate.
private struct GateTally {
  var outcomes: [String: Int] = [:]
  var clauses: [String: ClauseTally] = [:]
  var newest: LoggedRecord?

  mutating func take(_ record: LoggedRecord, _ store: LogStore) {
    outcomes[record.outcome ?? "", default: 0] += 1
    newest = record
    let found = FoundClauses(record, store)
    let all = found.denied.union(found.owed)
    for name in found.denied { clauses[name, default: ClauseTally()].denied += 1 }
    for name in found.owed { clauses[name, default: ClauseTally()].owed += 1 }
    for name in found.waived { clauses[name, default: ClauseTally()].waived += 1 }
    for name in all {
      if all.count == 1 { clauses[name]?.alone += 1 }
      let others = all.subtracting([name])
      let known = clauses[name]?.companions
      clauses[name]?.companions = known?.intersection(others) ?? others
    }
  }
}

/// Which clauses of a decision found something.
private struct FoundClauses {
  var denied: Set<String> = []
  var owed: Set<String> = []
  var waived: Set<String> = []

  init(_ record: LoggedRecord, _ store: LogStore) {
    func names(_ list: String) -> Set<String> {
      Set((record.result?[list]?.array ?? []).compactMap { $0["clause"]?.string })
    }
    (owed, waived) = (names("obligations"), names("waived"))
    guard record.result?["reasons"] == nil else {
      denied = names("reasons")
      return
    }
    // Too long a result keeps its reasons elsewhere.
    let trace = DecisionTrace(record) { try? store.objects.get($0) }
    for clause in trace?.clauses ?? [] {
      guard let name = clause["clause"]?.string else { continue }
      switch clause["outcome"]?.string {
      case "failed": denied.insert(name)
      case "owed": owed.insert(name)
      case "waived": waived.insert(name)
      default: break
      }
    }
  }
}

private struct GateTallies {
  let countsQuestions: Bool
  private(set) var gates: [String: GateTally] = [:]
  private(set) var questions = 0

  init(countsQuestions: Bool) {
    self.countsQuestions = countsQuestions
  }

  mutating func take(_ record: LoggedRecord, _ store: LogStore) {
    guard let gate = record.gate else { return }
    if record.isQuestion {
      questions += 1
      guard countsQuestions else { return }
    }
    gates[gate, default: GateTally()].take(record, store)
  }
}

/// A clause and what it did.
private struct ClauseStrength {
  let name: String
  let tally: ClauseTally

  var isIdle: Bool { tally.denied == 0 && tally.owed == 0 && tally.waived == 0 }

  /// Never alone, and always beside the same: whatever it found was found without it.
  var shadows: [String] { tally.alone > 0 ? [] : (tally.companions ?? []).sorted() }

  var words: String {
    guard !isIdle else { return "never found anything" }
    let counts = [
      (tally.denied, "denied"), (tally.owed, "owed"), (tally.waived, "waived"),
    ].filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }
    let alone =
      shadows.isEmpty ? "" : "; never without \(shadows.joined(separator: ", "))"
    return counts.joined(separator: ", ") + alone
  }

  var json: JSONValue {
    [
      "clause": .string(name), "denied": .integer(Int64(tally.denied)),
      "owed": .integer(Int64(tally.owed)), "waived": .integer(Int64(tally.waived)),
      "alone": .integer(Int64(tally.alone)),
      "neverWithout": .array(shadows.map { .string($0) }),
    ]
  }
}

/// A gate, its clauses in its order, and what they did.
private struct GateStrength {
  let name: String
  let clauses: [ClauseStrength]
  private let outcomes: [String: Int]
  /// Of the newest decision it can no longer be told which clauses there are.
  private let isPartial: Bool

  init(name: String, _ tally: GateTally, _ store: LogStore) {
    self.name = name
    outcomes = tally.outcomes
    let trace = tally.newest.flatMap { DecisionTrace($0) { try? store.objects.get($0) } }
    isPartial = trace == nil
    let listed = (trace?.clauses ?? []).compactMap { $0["clause"]?.string }
    let others = Set(tally.clauses.keys).subtracting(listed).sorted()
    clauses = (listed + others).map {
      ClauseStrength(name: $0, tally: tally.clauses[$0] ?? ClauseTally())
    }
  }

  private func count(_ outcome: Outcome) -> Int { outcomes[outcome.rawValue] ?? 0 }

  var isIdle: Bool { count(.hold) == 0 && count(.deny) == 0 }

  func lines(_ terminal: Terminal) -> [String] {
    let all = outcomes.values.reduce(0, +)
    let counts =
      "\(grouped(count(.allow))) allowed, \(grouped(count(.hold))) held, \(grouped(count(.deny))) denied"
    var lines = [
      terminal.paint(printable(name), .strong) + "  \(counted(all, "decision")): \(counts)"
    ]
    let rows = clauses.map { ["  " + $0.name, $0.words] }
    for (line, clause) in zip(aligned(rows), clauses) {
      lines.append(clause.isIdle ? terminal.paint(line, .waiting) : line)
    }
    if isPartial { lines.append("  which other clauses it has is no longer kept") }
    return lines
  }

  var json: JSONValue {
    [
      "gate": .string(name), "allowed": .integer(Int64(count(.allow))),
      "held": .integer(Int64(count(.hold))), "denied": .integer(Int64(count(.deny))),
      "clauses": .array(clauses.map(\.json)), "allClausesKnown": .bool(!isPartial),
    ]
  }
}
