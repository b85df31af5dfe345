// `writ graph apply`: a snapshot and what has changed since, as a new snapshot.

import WritGraph
import WritModel

extension Command {
  static let graphApply = Command(
    name: "graph apply", summary: "bring a snapshot up to date with later facts",
    operands: [
      .one("SNAPSHOT", "a file of `writ graph import`"),
      .many("DELTA", "facts and removals, one JSON object a line, or -"),
    ],
    options: [
      .optional("-o", "SNAPSHOT", "the file to write instead; the old snapshot stays as it is"),
      .flag("--history", "keep the versions from here on in SNAPSHOT.history"),
    ],
    details: [
      "Nodes that are there are replaced, others are added, removals remove. Each delta is applied to what those before it came to;",
      "all of them are, or none. A history that was begun is kept on.",
      "  writ graph apply company.graph changes.jsonl",
      "  writ graph apply monday.graph changes.jsonl -o tuesday.graph",
    ],
    run: runGraphApply)
}

/// What deltas made of a snapshot.
private struct Applied {
  var snapshot: Snapshot
  var counts = FactCounts()
  /// The version of the history that it is, if one is kept.
  var version: Int?
}

/// Reads the changes over the facts of the snapshot and builds a new one of both.
private func runGraphApply(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  let output = invocation.value("-o")
  guard output == nil || !invocation.has("--history") else {
    throw .usage("a history is kept of a snapshot that is replaced", remedy: "leave out `-o`")
  }
  var deltas: [GraphDelta] = []
  for file in invocation.operands.dropFirst() {
    deltas.append(
      GraphDelta(try readFile(file, limit: Limits.graphBytes), named: shownName(file)))
  }
  if let output {
    return try report(apply(deltas, to: try loadSnapshot(path)), output, invocation)
  }
  return try holding(path) { () throws(Failure) in
    let folder = HistoryFolder(of: path)
    let base = try loadSnapshot(path)
    try folder.checkNotBroken(base)
    if invocation.has("--history"), !folder.isThere {
      try folder.begin(with: base, at: currentTime())
    }
    let applied =
      folder.isThere ? try apply(deltas, to: base, folder) : apply(deltas, to: base)
    let told = try report(applied, path, invocation)
    // What was refused replaced nothing: what a killed one left behind still never became the snapshot.
    if case .success = applied, folder.isThere { try folder.finish() }
    return told
  }
}

private func apply(
  _ deltas: [GraphDelta], to base: Snapshot
) -> Result<Applied, GraphProblems> {
  do throws(GraphProblems) {
    let (snapshot, counts, _) = try base.applying(deltas)
    return .success(Applied(snapshot: snapshot, counts: counts))
  } catch {
    return .failure(error)
  }
}

/// The same, each delta as a version of the history, which has them before the snapshot is written.
private func apply(
  _ deltas: [GraphDelta], to base: Snapshot, _ folder: HistoryFolder
) throws(Failure) -> Result<Applied, GraphProblems> {
  let history = try folder.read()
  let start = try folder.version(of: base, in: history)
  try folder.checkNewest(start, in: history)
  var (version, records) = (start, [UInt8]())
  var all = Applied(snapshot: base)
  for delta in deltas {
    do throws(GraphProblems) {
      let (snapshot, counts, _) = try all.snapshot.applying([delta])
      all.snapshot = snapshot
      all.counts += counts
    } catch {
      return .failure(error)
    }
    let record = GraphHistory.record(
      of: delta, after: version, root: all.snapshot.rootDigest, at: currentTime())
    records += record.bytes
    version = record.version
  }
  try folder.append(records, behind: start)
  all.version = version.number
  return .success(all)
}

/// Writes the snapshot and says what was read, or says every problem.
private func report(
  _ result: Result<Applied, GraphProblems>, _ output: String, _ invocation: Invocation
) throws(Failure) -> Report {
  let applied: Applied
  switch result {
  case .failure(let problems): return refusal(problems, invocation, Report())
  case .success(let good): applied = good
  }
  do throws(SnapshotError) {
    try applied.snapshot.write(to: output)
  } catch {
    throw failure(of: error, output)
  }
  var report = Report()
  let edges = applied.snapshot.edges.reduce(0) { $0 + $1.count }
  let counts = applied.counts
  guard invocation.wantsJSON else {
    report.print(
      "\(output): \(counted(applied.snapshot.nodeCount, "node")), \(counted(edges, "edge"))")
    report.print(applied.snapshot.digestText)
    report.print(
      "read: \(counted(counts.nodes, "node")), \(counted(counts.edges, "edge")), "
        + "\(counted(counts.sourceLines, "source line")), \(counted(counts.removals, "removal"))")
    if let version = applied.version { report.print("version \(version)") }
    return report
  }
  var members = [
    JSONMember("snapshot", .string(applied.snapshot.digestText)),
    JSONMember("file", .string(output)),
    JSONMember("nodes", .integer(Int64(applied.snapshot.nodeCount))),
    JSONMember("edges", .integer(Int64(edges))),
    JSONMember(
      "read",
      [
        "nodes": .integer(Int64(counts.nodes)), "edges": .integer(Int64(counts.edges)),
        "sourceLines": .integer(Int64(counts.sourceLines)),
        "removals": .integer(Int64(counts.removals)),
      ]),
  ]
  if let version = applied.version {
    members.append(JSONMember("version", .integer(Int64(version))))
  }
  report.output = JSONValue.object(members).pretty + "\n"
  return report
}
