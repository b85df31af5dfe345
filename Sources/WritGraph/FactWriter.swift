// The canonical lines of a snapshot: one for each node, edge, source line and part of the schema.

import WritModel

/// Writes the canonical lines that a snapshot's root digest is over (`docs/snapshot-format.md`).
struct FactWriter {
  let snapshot: Snapshot
  /// The line at hand, behind the byte 0 that begins a leaf of the digest.
  private(set) var line: [UInt8] = [0]
  /// A bit for each string: it is written as it stands.
  private let plain: [Bool]
  private let kinds: [PropertyPlan]
  private let edges: [PropertyPlan]

  init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
    let strings = snapshot.strings
    plain = (0..<strings.count).map { CanonicalLine.isPlain(strings.bytes($0)) }
    let schema = snapshot.schema
    kinds = schema.kinds.indices.map {
      PropertyPlan(schema.kinds[$0].name, schema.kinds[$0].fields, snapshot.fields[$0], schema)
    }
    edges = schema.edges.indices.map {
      PropertyPlan(
        schema.edges[$0].name, schema.edges[$0].fields, snapshot.edges[$0].fields, schema)
    }
  }

  /// The line, without the byte in front of it.
  var text: ArraySlice<UInt8> { line[1...] }

  private mutating func begin(_ start: StaticString) {
    line.removeAll(keepingCapacity: true)
    line.append(0)
    append(start)
  }

  private mutating func append(_ text: StaticString) {
    line.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// `{"id":…,"node":…,"props":{…},"source":…}`; `source` only where the node remembers one.
  mutating func writeNode(_ node: Int, kind: Int) {
    begin("{\"id\":")
    append(string: Int(snapshot.nodeIDs[node]))
    append(",\"node\":")
    line += kinds[kind].quotedName
    append(",\"props\":{")
    let row = node - snapshot.nodeRanges[kind].lowerBound
    appendProperties(kinds[kind], snapshot.fields[kind], row)
    append("}")
    if let sources = snapshot.nodeSources[kind], sources[row] > 0,
      case .sources(let indexes) = snapshot.schema.kinds[kind].origin
    {
      append(",\"source\":")
      let name = snapshot.schema.sources[indexes[Int(sources[row]) - 1]].name
      CanonicalLine.append(string: name.utf8, to: &line)
    }
    append("}")
  }

  /// `{"edge":…,"from":…,"props":{…},"to":…}`.
  mutating func writeEdge(_ edge: Int, type: Int) {
    let index = snapshot.edges[type]
    begin("{\"edge\":")
    line += edges[type].quotedName
    append(",\"from\":")
    appendReference(Int(index.sources[edge]), kind: snapshot.schema.edges[type].source)
    append(",\"props\":{")
    appendProperties(edges[type], index.fields, edge)
    append("},\"to\":")
    let target = Int(index.targets[edge])
    appendReference(target, kind: kind(of: target, among: snapshot.schema.edges[type].targets))
    append("}")
  }

  private func kind(of node: Int, among kinds: [Int]) -> Int {
    for kind in kinds where snapshot.nodeRanges[kind].contains(node) { return kind }
    return snapshot.kind(of: node)
  }

  /// `{"at":…,"covers":…,"of":…,"source":…}`; `of` only where there is one.
  mutating func writeSource(_ source: SourceLine) {
    begin("{\"at\":\"")
    Instant(microseconds: source.at).append(to: &line)
    append("\",\"covers\":")
    switch source.cover {
    case .everything: append("\"*\"")
    case .kind(let kind): line += kinds[kind].quotedName
    case .node(let node): appendReference(node, kind: snapshot.kind(of: node))
    }
    if let of = source.of {
      append(",\"of\":")
      CanonicalLine.append(string: snapshot.schema.sources[of].name.utf8, to: &line)
    }
    append(",\"source\":")
    CanonicalLine.append(string: snapshot.schema.sources[source.source].name.utf8, to: &line)
    append("}")
  }

  /// A line of the schema.
  mutating func write(schemaLine: [UInt8]) {
    begin("")
    line += schemaLine
  }

  /// `Kind/id` without quotes or escapes: what decides about a node's bucket.
  mutating func writeName(_ node: Int, kind: Int) {
    line.removeAll(keepingCapacity: true)
    line += kinds[kind].name
    line.append(47)
    line.append(contentsOf: snapshot.strings.bytes(Int(snapshot.nodeIDs[node])))
  }

  private mutating func appendReference(_ node: Int, kind: Int) {
    line += kinds[kind].quotedName.dropLast()
    line.append(47)
    appendUnquoted(Int(snapshot.nodeIDs[node]))
    line.append(34)
  }

  private mutating func append(string number: Int) {
    line.append(34)
    appendUnquoted(number)
    line.append(34)
  }

  private mutating func appendUnquoted(_ number: Int) {
    if plain[number] {
      line.append(contentsOf: snapshot.strings.bytes(number))
    } else {
      CanonicalLine.append(unquoted: snapshot.strings.bytes(number), to: &line)
    }
  }

  private mutating func appendProperties(
    _ plan: PropertyPlan, _ fields: [FieldStorage], _ row: Int
  ) {
    var isFirst = true
    for property in plan.properties {
      switch fields[property.field] {
      case .none: continue
      case .scalar(let column):
        guard column.isPresent(row) else { continue }
        append(property, &isFirst)
        append(UInt64(bitPattern: column.value(row)), property)
      case .strings(let sets):
        let range = sets.range(row)
        guard !range.isEmpty else { continue }
        append(property, &isFirst)
        line.append(91)
        for place in range {
          if place > range.lowerBound { line.append(44) }
          append(string: Int(sets.members[place]))
        }
        line.append(93)
      }
    }
  }

  private mutating func append(_ property: PropertyPlan.Property, _ isFirst: inout Bool) {
    if !isFirst { line.append(44) }
    isFirst = false
    line += property.key
  }

  private mutating func append(_ cell: UInt64, _ property: PropertyPlan.Property) {
    switch property.form {
    case .string: append(string: Int(cell))
    case .enumeration: line += property.quotedMembers[Int(cell)]
    default:
      let isBare = CanonicalLine.isBare(cell, property.form)
      if !isBare { line.append(34) }
      CanonicalLine.append(cell, property.form, [], to: &line)
      if !isBare { line.append(34) }
    }
  }
}

/// What of a kind's or edge's lines is the same in all of them.
private struct PropertyPlan {
  struct Property {
    let field: Int
    let form: StorageForm
    /// `"name":`
    let key: [UInt8]
    let quotedMembers: [[UInt8]]
  }

  let name: [UInt8]
  let quotedName: [UInt8]
  /// The stored fields, in the order of their names by UTF-16.
  let properties: [Property]

  init(_ name: String, _ fields: [FieldType], _ storage: [FieldStorage], _ schema: Schema) {
    self.name = Array(name.utf8)
    quotedName = PropertyPlan.quoted(name)
    let stored = fields.indices.filter { index in
      if index < storage.count, case .none = storage[index] { false } else { index < storage.count }
    }
    properties = stored.sorted { CanonicalLine.precedes(fields[$0].name, fields[$1].name) }
      .map { field in
        var members: [String] = []
        if case .enumeration(let index) = fields[field].type.unwrapped {
          members = schema.enums[index].members
        }
        return Property(
          field: field, form: StorageForm(fields[field].type) ?? .string,
          key: PropertyPlan.quoted(fields[field].name) + [58],
          quotedMembers: members.map(PropertyPlan.quoted))
      }
  }

  private static func quoted(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    CanonicalLine.append(string: text.utf8, to: &bytes)
    return bytes
  }
}
