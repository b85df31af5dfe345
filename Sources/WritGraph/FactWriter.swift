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
  /// Per string: it is written as it stands. Empty where only a few lines are wanted.
  private let plain: [Bool]
  private let kinds: [PropertyPlan]
  private let edges: [PropertyPlan]
  /// Numbers and times on their way into the line.
  private var scratch: [UInt8] = []

  /// How many lines will be written: for all of them every string is looked at once, in advance.
  enum Use {
    case allLines, fewLines
  }

  init(_ snapshot: Snapshot, for use: Use = .allLines) {
    self.snapshot = snapshot
    nodeIDs = snapshot.nodeIDs
    nodeRanges = snapshot.nodeRanges
    let strings = snapshot.strings
    self.strings = strings
    plain =
      switch use {
      case .allLines: (0..<strings.count).map { CanonicalLine.isPlain(strings.bytes($0)) }
      case .fewLines: []
      }
    let schema = snapshot.schema
    kinds = schema.kinds.indices.map {
      PropertyPlan(schema.kinds[$0].name, schema.kinds[$0].fields, snapshot.fields[$0], schema)
    }
    edges = schema.edges.indices.map {
      PropertyPlan(
        schema.edges[$0].name, schema.edges[$0].fields, snapshot.edges[$0].fields, schema)
    }
  }

  private mutating func begin(_ start: StaticString) {
    line.clear()
    line.append(0)
    line.append(start)
  }

  /// `{"id":…,"node":…,"props":{…},"source":…}`; `source` only where the node remembers one.
  mutating func writeNode(_ node: Int, kind: Int) {
    begin("{\"id\":")
    append(string: Int(nodeIDs[node]))
    line.append(",\"node\":")
    line.append(kinds[kind].quotedName)
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
    begin("{\"edge\":")
    line.append(edges[type].quotedName)
    line.append(",\"from\":")
    appendReference(source, kind: kind)
    line.append(",\"props\":{")
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
    case .kind(let kind): line.append(kinds[kind].quotedName)
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
    line.append(kinds[kind].name)
    line.append(47)
    line.append(strings.bytes(Int(nodeIDs[node])))
  }

  private mutating func append(quoted text: String) {
    scratch.removeAll(keepingCapacity: true)
    CanonicalLine.append(string: text.utf8, to: &scratch)
    line.append(scratch)
  }

  private mutating func appendReference(_ node: Int, kind: Int) {
    line.append(kinds[kind].openName)
    appendUnquoted(Int(nodeIDs[node]))
    line.append(34)
  }

  private mutating func append(string number: Int) {
    line.append(34)
    appendUnquoted(number)
    line.append(34)
  }

  private mutating func appendUnquoted(_ number: Int) {
    let isPlain = plain.isEmpty ? CanonicalLine.isPlain(strings.bytes(number)) : plain[number]
    if isPlain { return line.append(strings.bytes(number)) }
    scratch.removeAll(keepingCapacity: true)
    CanonicalLine.append(unquoted: strings.bytes(number), to: &scratch)
    line.append(scratch)
  }

  private mutating func appendProperties(of properties: [PropertyPlan.Property], _ row: Int) {
    var isFirst = true
    for index in properties.indices {
      switch properties[index].storage {
      case .none: continue
      case .scalar(let column):
        guard column.isPresent(row) else { continue }
        if !isFirst { line.append(44) }
        line.append(properties[index].key)
        append(UInt64(bitPattern: column.value(row)), properties[index])
      case .strings(let sets):
        let range = sets.range(row)
        guard !range.isEmpty else { continue }
        if !isFirst { line.append(44) }
        line.append(properties[index].key)
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
    case .enumeration: line.append(property.quotedMembers[Int(cell)])
    case .bool: line.append(cell != 0 ? "true" : "false")
    default:
      let isBare = CanonicalLine.isBare(cell, property.form)
      scratch.removeAll(keepingCapacity: true)
      CanonicalLine.append(cell, property.form, [], to: &scratch)
      if !isBare { line.append(34) }
      line.append(scratch)
      if !isBare { line.append(34) }
    }
  }
}

/// What of a kind's or edge's lines is the same in all of them.
private struct PropertyPlan {
  struct Property {
    let storage: FieldStorage
    let form: StorageForm
    /// `"name":`
    let key: [UInt8]
    let quotedMembers: [[UInt8]]
  }

  let name: [UInt8]
  let quotedName: [UInt8]
  /// `"name/`
  let openName: [UInt8]
  /// The stored fields, in the order of their names by UTF-16.
  let properties: [Property]

  init(_ name: String, _ fields: [FieldType], _ storage: [FieldStorage], _ schema: Schema) {
    self.name = Array(name.utf8)
    quotedName = PropertyPlan.quoted(name)
    openName = quotedName.dropLast() + [47]
    properties = fields.indices
      .filter { if case .none = storage[$0] { false } else { true } }
      .sorted { CanonicalLine.precedes(fields[$0].name, fields[$1].name) }
      .map { field in
        var members: [String] = []
        if case .enumeration(let index) = fields[field].type.unwrapped {
          members = schema.enums[index].members
        }
        return Property(
          storage: storage[field], form: StorageForm(fields[field].type) ?? .string,
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
