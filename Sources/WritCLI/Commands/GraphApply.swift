// `writ graph apply`: a snapshot and what has changed since, as a new snapshot.

import WritGraph
import WritModel

extension Command {
  static let graphApply = Command(
    name: "graph apply", summary: "bring a snapshot up to date with later facts",
    operands: [
      .one("SNAPSHOT", "a file of `writ graph import`"),
      .one("DELTA", "facts, one JSON object a line, or -"),
    ],
    options: [.required("-o", "SNAPSHOT", "the file to write")],
    details: [
      "Nodes that are there are replaced, others are added; the old snapshot stays as it is.",
      "  writ graph apply monday.graph changes.jsonl -o tuesday.graph",
    ],
    run: runGraphApply)
}

/// Reads the changes over the facts of the snapshot and builds a new one of both.
private func runGraphApply(_ invocation: Invocation) throws(Failure) -> Report {
  let base = try loadSnapshot(try invocation.operand(0))
  let path = try invocation.operand(1)
  let output = try invocation.required("-o")
  var builder = SnapshotBuilder(base)
  builder.read(try readFile(path, limit: Limits.graphBytes), named: shownName(path))
  var report = Report()
  let dropped = builder.dropped
  let snapshot: Snapshot
  do throws(GraphProblems) {
    snapshot = try builder.build()
  } catch {
    return refusal(error, invocation, report)
  }
  do throws(SnapshotError) {
    try snapshot.write(to: output)
  } catch {
    throw failure(of: error, output)
  }
  describe(snapshot, dropped, output, invocation, &report)
  return report
}
