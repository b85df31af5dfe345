// The canonical lines of a snapshot: one for each node, edge, source line and part of the schema.

import WritModel

/// Writes the canonical lines that a snapshot's root digest is over (`docs/snapshot-format.md`).
///
/// It holds the snapshot's tables one by one: a line is written without counting references.
struct FactWriter: ~Copyable {
  private let snapshot: Snapshot
  private let nodeIDs: UnsafeBufferPointer<UInt32>
  private let nodeRanges: [Range<Int>]
  private let strings: StringPool
  /// The line at hand, behind the byte 0 that begins a leaf of the digest.
  private(set) var line = LineBuffer()
  /// What all lines have in common; it keeps the memory behind the next two.
  private let plan: LinePlan
  private let kinds: UnsafeBufferPointer<PropertyPlan>
  private let edges: UnsafeBufferPointer<PropertyPlan>
  private let isPlain: Bool
  /// Numbers and times on their way into the line.
  private var scratch: [UInt8] = []
  /// Of the line at hand, where it is of an edge: its type, the node that it leaves, and how much of it says that. Most often
  /// the next line begins with the same.
  private var edgeStart = (type: -1, source: -1, count: 0)

  init(_ snapshot: Snapshot, for use: LinePlan.Use = .allLines) {
    self.init(LinePlan(snapshot, for: use))
  }

  /// Writers on several threads share a plan.
  init(_ plan: LinePlan) {
    self.plan = plan
    snapshot = plan.snapshot
    nodeIDs = snapshot.nodeIDs
    nodeRanges = snapshot.nodeRanges
    strings = snapshot.strings
    kinds = plan.kinds
    edges = plan.edges
    isPlain = plan.isPlain
  }

  private mutating func begin(_ start: StaticString) {
    line.clear()
    edgeStart.type = -1
    line.append(0)
    line.append(start)
  }

  /// `{"id":…,"node":…,"props":{…},"source":…}`; `source` only where the node remembers one.
  mutating func writeNode(_ node: Int, kind: Int) {
    begin("{\"id\":")
    append(string: Int(nodeIDs[node]))
    line.append(",\"node\":")
    line.append(padded: kinds[kind].quotedName)
    line.append(",\"props\":{")
    let row = node - nodeRanges[kind].lowerBound
    appendProperties(of: kinds[kind].properties, row)
    line.append("}")
    if let sources = snapshot.nodeSources[kind], sources[row] > 0,
      case .sources(let indexes) = snapshot.schema.kinds[kind].origin
    {
      line.append(",\"source\":")
      append(quoted: snapshot.schema.sources[indexes[Int(sources[row]) - 1]].name)
    }
    line.append("}")
  }

  /// `{"edge":…,"from":…,"props":{…},"to":…}`, for an edge of a type that leaves `kind` and reaches
  /// one of `targets`.
  mutating func writeEdge(
    _ edge: Int, type: Int, from source: Int, of kind: Int, to target: Int, among targets: [Int]
  ) {
    if edgeStart.type == type, edgeStart.source == source {
      line.shorten(to: edgeStart.count)
    } else {
      begin("{\"edge\":")
      line.append(padded: edges[type].quotedName)
      line.append(",\"from\":")
      appendReference(source, kind: kind)
      line.append(",\"props\":{")
      edgeStart = (type, source, line.count)
    }
    appendProperties(of: edges[type].properties, edge)
    line.append("},\"to\":")
    for kind in targets where nodeRanges[kind].contains(target) {
      appendReference(target, kind: kind)
    }
    line.append("}")
  }

  /// `{"at":…,"covers":…,"of":…,"source":…}`; `of` only where there is one.
  mutating func writeSource(_ source: SourceLine) {
    begin("{\"at\":\"")
    scratch.removeAll(keepingCapacity: true)
    Instant(microseconds: source.at).append(to: &scratch)
    line.append(scratch)
    line.append("\",\"covers\":")
    switch source.cover {
    case .everything: line.append("\"*\"")
    case .kind(let kind): line.append(padded: kinds[kind].quotedName)
    case .node(let node): appendReference(node, kind: snapshot.kind(of: node))
    }
    if let of = source.of {
      line.append(",\"of\":")
      append(quoted: snapshot.schema.sources[of].name)
    }
    line.append(",\"source\":")
    append(quoted: snapshot.schema.sources[source.source].name)
    line.append("}")
  }

  /// A line of the schema.
  mutating func write(schemaLine: [UInt8]) {
    begin("")
    line.append(schemaLine)
  }

  /// `Kind/id` without quotes or escapes: what decides about a node's bucket.
  mutating func writeName(_ node: Int, kind: Int) {
    line.clear()
    edgeStart.type = -1
    line.append(padded: kinds[kind].name)
    line.append(47)
    line.append(padded: strings.bytes(Int(nodeIDs[node])))
  }

  private mutating func append(quoted text: String) {
    scratch.removeAll(keepingCapacity: true)
    CanonicalLine.append(string: text.utf8, to: &scratch)
    line.append(scratch)
  }

  private mutating func appendReference(_ node: Int, kind: Int) {
    line.append(padded: kinds[kind].openName)
    appendUnquoted(Int(nodeIDs[node]))
    line.append(34)
  }

  private mutating func append(string number: Int) {
    line.append(34)
    appendUnquoted(number)
    line.append(34)
  }

  private mutating func appendUnquoted(_ number: Int) {
    let text = strings.bytes(number)
    // Behind the last string is the spare memory of the snapshot.
    if isPlain || CanonicalLine.isPlain(text) { return line.append(padded: text) }
    scratch.removeAll(keepingCapacity: true)
    CanonicalLine.append(unquoted: text, to: &scratch)
    line.append(scratch)
  }

  private mutating func appendProperties(
    of properties: UnsafeBufferPointer<PropertyPlan.Property>, _ row: Int
  ) {
    var isFirst = true
    for index in properties.indices {
      switch properties[index].storage {
      case .none: continue
      case .scalar(let column):
        guard column.isPresent(row) else { continue }
        if !isFirst { line.append(44) }
        line.append(padded: properties[index].key)
        append(UInt64(bitPattern: column.value(row)), properties[index])
      case .strings(let sets):
        let range = sets.range(row)
        guard !range.isEmpty else { continue }
        if !isFirst { line.append(44) }
        line.append(padded: properties[index].key)
        append(sets, range)
      }
      isFirst = false
    }
  }

  private mutating func append(_ sets: StringSets, _ range: Range<Int>) {
    line.append(91)
    for place in range {
      if place > range.lowerBound { line.append(44) }
      append(string: Int(sets.members[place]))
    }
    line.append(93)
  }

  private mutating func append(_ cell: UInt64, _ property: PropertyPlan.Property) {
    switch property.form {
    case .string: append(string: Int(cell))
    case .enumeration: line.append(padded: property.quotedMembers[Int(cell)])
    case .bool: line.append(cell != 0 ? "true" : "false")
    case .instant where isShort(Int64(bitPattern: cell)):
      let seconds = Int64(bitPattern: cell) / 1_000_000
      line.append(34)
      line.append(
        date: CalendarDate(days: seconds / 86_400).parts, secondOfDay: seconds % 86_400)
      line.append(34)
    default:
      let isBare = CanonicalLine.isBare(cell, property.form)
      scratch.removeAll(keepingCapacity: true)
      CanonicalLine.append(cell, property.form, [], to: &scratch)
      if !isBare { line.append(34) }
      line.append(scratch)
      if !isBare { line.append(34) }
    }
  }

  /// Whether the time is written in whole seconds and with four digits of a year: from 1970 to 9999.
  private func isShort(_ microseconds: Int64) -> Bool {
    0..<253_402_300_800_000_000 ~= microseconds && microseconds % 1_000_000 == 0
  }
}
