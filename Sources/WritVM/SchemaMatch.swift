// A program's schema and a snapshot's, matched by name.

import WritBytecode
import WritGraph
import WritModel

/// Why a program cannot be run over a snapshot.
public struct LinkError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// For each kind, source and edge type of a program, the snapshot's. `nil` for a source that the snapshot does not know, and for
/// what only requests bring.
struct SchemaMatch {
  let kinds: [Int?]
  let sources: [Int?]
  let edges: [Int?]

  init(_ program: Program, _ snapshot: Schema) throws(LinkError) {
    let schema = program.schema
    let knownSources = SchemaMatch.places(snapshot.sources.map(\.name))
    sources = schema.sources.map { knownSources[$0.name] }
    let knownKinds = SchemaMatch.places(snapshot.kinds.map(\.name))
    var kinds: [Int?] = []
    for kind in schema.kinds {
      let found = knownKinds[kind.name]
      if found == nil && kind.origin != .request {
        throw LinkError(
          "the snapshot has no kind `\(kind.name)`: import it with the bundle's schema")
      }
      if let found {
        try SchemaMatch.check(kind.origin, snapshot.kinds[found].origin, kind.name)
        try SchemaMatch.checkSources(kind, schema, snapshot.kinds[found], snapshot)
      }
      kinds.append(found)
    }
    self.kinds = kinds
    var edges: [Int?] = []
    var leaving: [Int: [ByteText: Int]] = [:]
    for (index, edge) in snapshot.edges.enumerated() {
      leaving[edge.source, default: [:]][edge.name] = index
    }
    for edge in schema.edges {
      let found = kinds[edge.source].flatMap { leaving[$0]?[edge.name] }
      edges.append(try SchemaMatch.edge(edge, found, schema, kinds, snapshot))
    }
    self.edges = edges
    for reference in program.fields { try checkField(reference, schema, snapshot) }
  }

  /// Where each name stands; names are distinct.
  private static func places(_ names: [String]) -> [ByteText: Int] {
    Dictionary(
      names.enumerated().map { (ByteText($1), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// What only a request brings has no place in a snapshot: read as a fact of the graph it would be known to be empty.
  private static func check(
    _ origin: Origin, _ known: Origin, _ name: String
  ) throws(LinkError) {
    guard (origin == .request) == (known == .request) else {
      throw LinkError(
        "the bundle and the snapshot do not agree whether a request brings `\(name)`: import it again"
      )
    }
  }

  /// A node remembers which of several sources brought it: each must be one that the bundle still trusts with the kind.
  private static func checkSources(
    _ kind: NodeKind, _ schema: Schema, _ known: NodeKind, _ snapshot: Schema
  ) throws(LinkError) {
    guard case .sources(let remembered) = known.origin, remembered.count > 1 else { return }
    var trusted: [String] = []
    if case .sources(let sources) = kind.origin {
      trusted = sources.map { schema.sources[$0].name }
    }
    for source in remembered.map({ snapshot.sources[$0].name })
    where !trusted.containsBytes(of: source) {
      throw LinkError(
        "the snapshot has `\(kind.name)` from `\(source)` too, the bundle does not: import it again"
      )
    }
  }

  private static func edge(
    _ edge: EdgeType, _ found: Int?, _ schema: Schema, _ kinds: [Int?], _ snapshot: Schema
  ) throws(LinkError) -> Int? {
    if let found {
      let name = "\(schema.kinds[edge.source].name).\(edge.name)"
      try check(edge.origin, snapshot.edges[found].origin, name)
    }
    if edge.origin == .request { return nil }
    guard let found else {
      let name = "\(schema.kinds[edge.source].name).\(edge.name)"
      throw LinkError("the snapshot has no edge `\(name)`: import it with the bundle's schema")
    }
    let targets = edge.targets.map { kinds[$0] }
    let other = snapshot.edges[found]
    guard other.cardinality == edge.cardinality, other.targets.allSatisfy({ targets.contains($0) })
    else {
      let name = "\(schema.kinds[edge.source].name).\(edge.name)"
      throw LinkError("edge `\(name)` is declared otherwise in the snapshot: import it again")
    }
    return found
  }

  private func checkField(
    _ reference: FieldReference, _ schema: Schema, _ snapshot: Schema
  ) throws(LinkError) {
    switch reference {
    case .node(let fields):
      for field in fields {
        let kind = schema.kinds[field.kind]
        guard let known = kinds[field.kind] else { continue }
        try check(
          kind.fields[field.field], kind.name, snapshot.kinds[known].fields, schema, snapshot)
      }
    case .edge(let edge, let field):
      guard let known = edges[edge] else { return }
      let type = schema.edges[edge]
      try check(type.fields[field], type.name, snapshot.edges[known].fields, schema, snapshot)
    }
  }

  private func check(
    _ field: FieldType, _ owner: String, _ known: [FieldType], _ schema: Schema, _ snapshot: Schema
  ) throws(LinkError) {
    let found = known.first { hasSameBytes($0.name, field.name) }
    if let found { try SchemaMatch.check(field.origin, found.origin, "\(owner).\(field.name)") }
    if field.origin == .request { return }
    guard let other = found else {
      throw LinkError(
        "the snapshot has no field `\(owner).\(field.name)`: import it with the bundle's schema")
    }
    guard isSame(field.type.unwrapped, schema, other.type.unwrapped, snapshot) else {
      throw LinkError(
        "field `\(owner).\(field.name)` has another type in the snapshot: import it again")
    }
  }

  private func isSame(
    _ left: ValueType, _ leftSchema: Schema, _ right: ValueType, _ rightSchema: Schema
  ) -> Bool {
    if case .enumeration(let first) = left, case .enumeration(let second) = right {
      return leftSchema.enums[first].members.elementsEqual(
        rightSchema.enums[second].members, by: hasSameBytes)
    }
    return left == right
  }
}
