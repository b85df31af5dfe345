// `writ graph info`: what is in a snapshot, and how old its sources' words are.

import WritGraph
import WritModel

extension Command {
  static let graphInfo = Command(
    name: "graph info", summary: "tell what is in a snapshot, and how old it is",
    operands: [.one("SNAPSHOT", "a file of `writ graph import`")],
    options: [
      .optional("--as-of", "TIME", "tell ages at that time instead of now"),
      .flag("--verify", "work out the root digest again"),
    ],
    details: [],
    run: runGraphInfo)
}

/// Counts what is in a snapshot. Loading it has checked all of it but the root digest.
private func runGraphInfo(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  let asOf = try invocation.instant("--as-of") ?? currentTime()
  let byteCount: Int
  do throws(SnapshotError) {
    byteCount = try SnapshotFile(opening: path).byteCount
  } catch {
    throw failure(of: error, path)
  }
  let snapshot = try loadSnapshot(path)
  let info = GraphSummary(snapshot, byteCount: byteCount, asOf: asOf)
  let isGood = !invocation.has("--verify") || snapshot.verifyRootDigest()
  var report = Report(isGood ? .done : .refused)
  if invocation.wantsJSON {
    report.output = info.json.pretty + "\n"
  } else {
    report.output = info.text(invocation.terminal)
  }
  if !isGood { report.tell("the root digest is not that of the facts: the file was changed") }
  return report
}

/// Counts and ages of a snapshot.
private struct GraphSummary {
  let snapshot: Snapshot
  let byteCount: Int
  let asOf: Int64

  init(_ snapshot: Snapshot, byteCount: Int, asOf: Int64) {
    self.snapshot = snapshot
    self.byteCount = byteCount
    self.asOf = asOf
  }

  private var schema: Schema { snapshot.schema }

  /// Kinds that a snapshot can hold, with how many nodes it has of each.
  private var kinds: [(name: String, count: Int)] {
    schema.kinds.indices
      .filter { schema.kinds[$0].origin != .request }
      .map { (schema.kinds[$0].name, snapshot.nodeRange(ofKind: $0).count) }
  }

  /// Edges by label and ends, with how many there are.
  private var edges: [(name: String, targets: [String], count: Int)] {
    // What a request brings is never in a snapshot.
    let brought = schema.edges.indices.filter {
      schema.kinds[schema.edges[$0].source].origin != .request
    }
    return brought.map { index in
      let edge = schema.edges[index]
      let targets = edge.targets.map { schema.kinds[$0].name }
      return (
        "\(schema.kinds[edge.source].name).\(edge.name)", targets, snapshot.edges[index].count
      )
    }
  }

  /// For each source how often it spoke, and when last; `nil` if never.
  private var sources: [(source: SourceType, count: Int, last: Int64?)] {
    schema.sources.indices.map { index in
      let times = snapshot.sourceLines.filter { $0.source == index }.map(\.at)
      return (schema.sources[index], times.count, times.max())
    }
  }

  /// For people: three tables under two lines of totals.
  func text(_ terminal: Terminal) -> String {
    let edgeCount = edges.reduce(0) { $0 + $1.count }
    var text = "\(counted(snapshot.nodeCount, "node")), \(counted(edgeCount, "edge")), "
    text += "\(counted(byteCount, "byte"))\n\(snapshot.digestText)\n"
    text += section("Nodes", kinds.map { [$0.name, grouped($0.count)] }, terminal)
    text += section(
      "Edges", edges.map { [shown($0.name, $0.targets), grouped($0.count)] }, terminal)
    return text + section("Sources", sources.map(row), terminal)
  }

  /// `Service.owner -> Team | Person`, with three kinds at most.
  private func shown(_ name: String, _ targets: [String]) -> String {
    let rest = targets.count > 3 ? ["\(targets.count - 2) more"] : []
    let named = rest.isEmpty ? targets : Array(targets.prefix(2))
    return "\(name) -> \((named + rest).joined(separator: " | "))"
  }

  /// One source: when it spoke last, and whether that is still good.
  private func row(_ source: SourceType, count: Int, last: Int64?) -> [String] {
    let limit = source.freshMicroseconds.map { "fresh for \(Duration(microseconds: $0))" }
    guard let last else { return [source.name, "never spoke", limit ?? ""] }
    let age = asOf.subtractingReportingOverflow(last).partialValue
    let isStale = source.freshMicroseconds.map { age > $0 } ?? false
    let state = age < 0 ? "speaks of the future" : "last spoke \(shownAge(age)) ago"
    return [source.name, state, (limit ?? "good for ever") + (isStale ? ", stale" : "")]
  }

  /// A heading and rows in line, or nothing.
  private func section(_ title: String, _ rows: [[String]], _ terminal: Terminal) -> String {
    guard !rows.isEmpty else { return "" }
    let table = aligned(rows).map { "  " + $0 + "\n" }.joined()
    return "\n" + terminal.paint(title, .strong) + "\n" + table
  }

  /// For programs: the same counts, times and ages in their exact forms.
  var json: JSONValue {
    [
      "snapshot": .string(snapshot.digestText), "bytes": .integer(Int64(byteCount)),
      "nodes": .array(
        kinds.map { ["kind": .string($0.name), "count": .integer(Int64($0.count))] }),
      "edges": .array(
        edges.map {
          [
            "edge": .string("\($0.name) -> \($0.targets.joined(separator: " | "))"),
            "count": .integer(Int64($0.count)),
          ]
        }),
      "sources": .array(sources.map { json($0.source, count: $0.count, last: $0.last) }),
    ]
  }

  /// One source; what it never said is left out.
  private func json(_ source: SourceType, count: Int, last: Int64?) -> JSONValue {
    var members = [
      JSONMember("source", .string(source.name)), JSONMember("lines", .integer(Int64(count))),
    ]
    if let last {
      let age = asOf.subtractingReportingOverflow(last).partialValue
      members.append(JSONMember("last", .string(Instant(microseconds: last).description)))
      members.append(JSONMember("age", .string(Duration(microseconds: age).iso8601)))
    }
    if let limit = source.freshMicroseconds {
      members.append(JSONMember("fresh", .string(Duration(microseconds: limit).iso8601)))
    }
    return .object(members)
  }
}
