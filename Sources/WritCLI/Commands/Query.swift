// `writ query`: a question with a table for an answer.

import Writ
import WritModel
import WritVM

extension Command {
  static let query = Command(
    name: "query", summary: "ask a question of the graph",
    operands: [.one("QUERY", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph,
      .repeated("--arg", "name=value", "an argument; a node is Kind/id"), .now,
      .asOf, .flag("--csv", "comma-separated values"),
      .flag("--strict", "leave out rows that rest on what is not vouched for"),
    ],
    details: [
      "Queries decide nothing: they read last known values, and mark rows that are only possible.",
      "  writ query --bundle b --graph g dependencies --arg service=Service/checkout",
    ],
    run: runQuery)
}

/// Asks and shows rows in the form that was wanted.
private func runQuery(_ invocation: Invocation) throws(Failure) -> Report {
  let engine = try loadEngine(invocation)
  let name = try invocation.operand(0)
  let arguments = try invocation.pairs("--arg").map { pair in
    JSONMember(pair.name, .string(pair.value))
  }
  let asking = try invocation.questionTimes()
  let answer = try withEngine { () throws(RequestError) in
    let (result, machine) = try engine.query(
      name, arguments: arguments, isStrict: invocation.has("--strict"), asking)
    return QueryAnswer(result, machine, asOf: asking.asOf)
  }
  var report = Report()
  if invocation.wantsJSON {
    for row in answer.rows { report.print(row.json.compact) }
    if let open = answer.open { report.tell("there may be more rows: \(open)") }
  } else if invocation.has("--csv") {
    report.output = csvLine(answer.columns + ["possible"])
    for row in answer.rows {
      report.output += csvLine(row.cells + [row.unknown == nil ? "" : "possible"])
    }
  } else {
    answer.describe(invocation.terminal, &report)
  }
  return report
}

/// The answer to a query as texts.
struct QueryAnswer {
  struct Row {
    let cells: [String]
    let json: JSONValue
    /// Why the row is only possible.
    let unknown: String?
  }

  let columns: [String]
  let rows: [Row]
  /// Why there may be rows that are not here.
  let open: String?

  /// Turns values into texts and JSON while the machine that knows their names is at hand.
  init(_ result: QueryResult, _ machine: Machine, asOf: Int64) {
    columns = result.columns.map(\.name)
    open = result.open.map { described($0, asOf: asOf) }
    rows = result.rows.map { row in
      let pairs = zip(result.columns, row.values)
      var members = pairs.map { JSONMember($0.name, machine.json($1, $0.type)) }
      if row.isPossible {
        members.append(JSONMember("possible", .bool(true)))
        if let unknown = row.unknown { members.append(JSONMember("unknown", unknown.json)) }
      }
      let why = row.unknown.map { described($0, asOf: asOf) } ?? "something is not known"
      return Row(
        cells: pairs.map { machine.text($1, $0.type, .cell) }, json: .object(members),
        unknown: row.isPossible ? why : nil)
    }
  }

  /// An aligned table; why a row is only possible stands behind it.
  func describe(_ terminal: Terminal, _ report: inout Report) {
    let hasPossible = rows.contains { $0.unknown != nil }
    let cells = rows.map { row in
      row.cells + (hasPossible ? [row.unknown.map { "possible: \($0)" } ?? ""] : [])
    }
    let lines = aligned(cells, header: columns + (hasPossible ? [""] : []))
    for (index, line) in lines.enumerated() {
      report.print(index == 0 ? terminal.paint(line, .strong) : line)
    }
    report.tell(
      counted(rows.count, "row") + (open.map { "; there may be more: \($0)" } ?? ""))
  }
}
