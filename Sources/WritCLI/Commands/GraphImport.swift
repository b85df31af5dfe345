// `writ graph import`: facts to a snapshot.

import WritGraph
import WritModel
import WritText

extension Command {
  static let graphImport = Command(
    name: "graph import", summary: "read facts into a snapshot",
    operands: [
      .many("FILE", "facts, one JSON object a line; what ends in .writ is more of the schema")
    ],
    options: [
      .repeatedRequired("--schema", "PATH", "policy texts, or directories, that declare the kinds"),
      .required("-o", "SNAPSHOT", "the file to write"),
      .optional("--format", "NAME", "of the facts: jsonl"),
      .repeated("--lenient", "WHAT", "leave out unknown-props or unknown-kinds, and count them"),
    ],
    details: [
      "Any problem in the facts is told with its line, and no snapshot is written.",
      "  writ graph import --schema policies/checkout facts.jsonl -o company.graph",
    ],
    run: runGraphImport)
}

/// Takes the schema from policies and the facts from files; all or nothing.
private func runGraphImport(_ invocation: Invocation) throws(Failure) -> Report {
  if let format = invocation.value("--format"), format != "jsonl" {
    throw .usage("no format `\(format)`", remedy: "there is jsonl")
  }
  let lenience = try lenience(invocation.values("--lenient"))
  let output = try invocation.required("-o")
  // A policy text among the facts is more of the schema: `--schema a.writ b.writ facts.jsonl`.
  let texts = invocation.operands.filter { $0.hasSuffix(".writ") }
  let files = invocation.operands.filter { !$0.hasSuffix(".writ") }
  guard !files.isEmpty else { throw .usage("no file with facts is named") }

  var report = Report()
  let modules = try Modules(invocation.values("--schema") + texts)
  let terminal = invocation.errorTerminal
  guard let program = try checkedProgram(modules, terminal, &report) else { return report }

  let facts = try FactFiles(files)
  var reading = FactImport(program.schema, facts.inputs, lenience: lenience)
  let snapshot: Snapshot
  do throws(FactImport.Failure) {
    snapshot = try reading.snapshot(whenRead: facts.progress(on: terminal))
  } catch {
    terminal.showProgress("")
    switch error {
    case .problems(let problems): return refusal(problems, invocation, report)
    case .unreadable(let error): throw failure(of: error, output)
    }
  }
  terminal.showProgress("")
  let dropped = reading.dropped
  do throws(SnapshotError) {
    try snapshot.write(to: output)
  } catch {
    throw failure(of: error, output)
  }
  describe(snapshot, dropped, output, invocation, &report)
  return report
}

/// What may be left out, by the names of the command line.
private func lenience(_ names: [String]) throws(Failure) -> Lenience {
  var lenience: Lenience = []
  for name in names {
    switch name {
    case "unknown-props": lenience.insert(.unknownProperties)
    case "unknown-kinds": lenience.insert(.unknownKinds)
    default:
      let known = ["unknown-props", "unknown-kinds"]
      let hint = nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
      throw .usage(
        "no leniency `\(name)`", remedy: hint ?? "there are \(known.joined(separator: ", "))")
    }
  }
  return lenience
}

/// Says every problem of facts that make no snapshot.
func refusal(
  _ problems: GraphProblems, _ invocation: Invocation, _ before: Report
) -> Report {
  var report = before
  report.code = .badInput
  for problem in problems.problems { report.tell(printable(problem.description)) }
  let count = problems.problems.count
  let rest = count >= GraphProblems.limit ? ", and there may be more" : ""
  report.tell("\n\(counted(count, "problem"))\(rest); no snapshot was written")
  let hasUnknown = problems.problems.contains { problem in
    if case .unknownProperty = problem.cause { true } else { false }
  }
  if hasUnknown {
    report.tell("`--lenient unknown-props` leaves out what the schema does not name")
  }
  if invocation.wantsJSON {
    let list = problems.problems.map { problem -> JSONValue in
      [
        "file": problem.file.map { .string($0) } ?? .null,
        "line": .integer(Int64(problem.line)), "column": .integer(Int64(problem.column)),
        "message": .string(problem.cause.message),
      ]
    }
    report.output = JSONValue.object([JSONMember("problems", .array(list))]).pretty + "\n"
  }
  return report
}

/// Says what snapshot was written where.
func describe(
  _ snapshot: Snapshot, _ dropped: DroppedFacts, _ output: String, _ invocation: Invocation,
  _ report: inout Report
) {
  let edges = snapshot.edges.reduce(0) { $0 + $1.count }
  if invocation.wantsJSON {
    let json: JSONValue = [
      "snapshot": .string(snapshot.digestText), "file": .string(output),
      "nodes": .integer(Int64(snapshot.nodeCount)), "edges": .integer(Int64(edges)),
      "dropped": [
        "properties": .integer(Int64(dropped.properties)), "nodes": .integer(Int64(dropped.nodes)),
        "edges": .integer(Int64(dropped.edges)),
        "sourceLines": .integer(Int64(dropped.sourceLines)),
      ],
    ]
    report.output = json.pretty + "\n"
    return
  }
  report.print("\(output): \(counted(snapshot.nodeCount, "node")), \(counted(edges, "edge"))")
  report.print(snapshot.digestText)
  let parts = [
    (dropped.properties, "property", "properties"), (dropped.nodes, "node", "nodes"),
    (dropped.edges, "edge", "edges"), (dropped.sourceLines, "source line", "source lines"),
  ].filter { $0.0 > 0 }.map { counted($0.0, $0.1, plural: $0.2) }
  if !parts.isEmpty { report.tell("left out: " + parts.joined(separator: ", ")) }
}
