// Who vouches for what, at one instant, by the source lines of a snapshot.

import WritGraph
import WritModel

/// Answers for the kinds and sources of a program's schema over a snapshot that knows them by name.
struct VouchingTable {
  private let schema: Schema
  private let snapshot: Snapshot
  private let names: SchemaMatch
  private let asOf: Int64
  /// For each source of the program, its lines at or before `asOf`.
  private let lines: [[SourceLine]]

  init(schema: Schema, snapshot: Snapshot, names: SchemaMatch, asOf: Int64) {
    self.schema = schema
    self.snapshot = snapshot
    self.names = names
    self.asOf = asOf
    lines = schema.sources.indices.map { source in
      guard let known = names.sources[source] else { return [] }
      return snapshot.sourceLines.filter { $0.source == known && $0.at <= asOf }
    }
  }

  /// The instants around one between which a table says the same: no line is spoken, and none stops being fresh.
  /// O(lines), without memory.
  static func epoch(
    at asOf: Int64, schema: Schema, snapshot: Snapshot, names: SchemaMatch
  ) -> ClosedRange<Int64> {
    var (first, last) = (Int64.min, Int64.max)
    func divide(from start: Int64) {
      if start <= asOf { first = max(first, start) } else { last = min(last, start - 1) }
    }
    for (source, known) in names.sources.enumerated() {
      guard let known else { continue }
      let limit = schema.sources[source].freshMicroseconds
      for line in snapshot.sourceLines where line.source == known {
        divide(from: line.at)
        guard let limit else { continue }
        let end = line.at.addingReportingOverflow(limit)
        // What stays fresh to the last instant that there is never becomes stale.
        if !end.overflow, end.partialValue < .max { divide(from: end.partialValue + 1) }
      }
    }
    return first...last
  }

  /// When a source last spoke of a kind as a whole, or also of one of its nodes.
  func lastSpoke(_ source: Int, _ kind: Int, _ node: Int) -> Int64? {
    let known = names.kinds[kind]
    var last: Int64?
    for line in lines[source] {
      let isMeant =
        switch line.cover {
        case .everything: true
        case .kind(let covered): covered == known
        case .node(let covered): covered == node
        }
      if isMeant, last.map({ $0 < line.at }) ?? true { last = line.at }
    }
    return last
  }

  private func isFresh(_ source: Int, at: Int64) -> Bool {
    guard let limit = schema.sources[source].freshMicroseconds else { return true }
    let age = asOf.subtractingReportingOverflow(at)
    return !age.overflow && age.partialValue <= limit
  }

  /// Does a source vouch for every node of a kind, whoever brought it?
  private func vouchesForAll(_ source: Int, kind: Int) -> Bool {
    let known = names.kinds[kind]
    return lines[source].contains { line in
      guard line.of == nil, isFresh(source, at: line.at) else { return false }
      switch line.cover {
      case .everything: return true
      case .kind(let covered): return covered == known
      case .node: return false
      }
    }
  }

  /// How the facts of an origin are vouched for, for the nodes of a kind.
  func vouching(_ origin: Origin, kind: Int, nodes: Range<Int>) -> Vouching {
    guard case .sources(let sources) = origin else { return .always }
    let silent = sources.filter { !vouchesForAll($0, kind: kind) }
    guard let first = silent.first else { return .always }
    let isKindOrigin = schema.kinds[kind].origin == origin
    let rows = nodes.map { node -> UInt16 in
      let asked = isKindOrigin ? bringer(of: node, kind: kind).map { [$0] } ?? silent : silent
      let missing = asked.first { !vouches($0, for: node, kind: kind) }
      return missing.map { UInt16(truncatingIfNeeded: $0 + 1) } ?? 0
    }
    return Vouching(
      isAlways: false, closedCause: Cause(.unvouchedKind, first: first, second: kind), kind: kind,
      firstNode: nodes.lowerBound, silentSources: rows)
  }

  private func vouches(_ source: Int, for node: Int, kind: Int) -> Bool {
    let known = names.kinds[kind]
    return lines[source].contains { line in
      guard isFresh(source, at: line.at), isMeant(line.of, node, kind) else { return false }
      switch line.cover {
      case .everything: return true
      case .kind(let covered): return covered == known
      case .node(let covered): return covered == node
      }
    }
  }

  /// Does a line that speaks only of what one source brought mean this node?
  private func isMeant(_ of: Int?, _ node: Int, _ kind: Int) -> Bool {
    guard let of else { return true }
    guard case .sources(let sources) = schema.kinds[kind].origin else { return false }
    if sources.count == 1 { return names.sources[sources[0]] == of }
    return bringer(of: node, kind: kind).flatMap { names.sources[$0] } == of
  }

  /// The source of the program's schema that brought a node, where the snapshot remembers.
  private func bringer(of node: Int, kind: Int) -> Int? {
    guard let known = names.kinds[kind], let remembered = snapshot.nodeSources[known],
      case .sources(let sources) = snapshot.schema.kinds[known].origin
    else { return nil }
    let row = node - snapshot.nodeRange(ofKind: known).lowerBound
    guard remembered.indices.contains(row), remembered[row] > 0 else { return nil }
    let source = sources[Int(remembered[row]) - 1]
    return names.sources.firstIndex { $0 == source }
  }
}
