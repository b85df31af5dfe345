// The fields and edges of a schema by name.

import WritModel

/// Finds what a typed expression names by name. Made once for a program: its lists may be long, and what asks for them many.
struct MemberNames {
  private var kindFields: [[ByteText: Int]] = []
  private var edgeFields: [[ByteText: Int]] = []
  /// Of each kind, the edges that leave it.
  private var edges: [[ByteText: Int]]

  /// O(size of the schema).
  init(_ schema: Schema) {
    kindFields = schema.kinds.map { MemberNames.places($0.fields) }
    edgeFields = schema.edges.map { MemberNames.places($0.fields) }
    edges = Array(repeating: [:], count: schema.kinds.count)
    for (index, edge) in schema.edges.enumerated() where edges.indices.contains(edge.source) {
      edges[edge.source][ByteText(edge.name)] = index
    }
  }

  /// Index among the fields of the kind.
  func field(_ name: String, ofKind kind: Int) -> Int? { kindFields[kind][name] }

  /// Index among the fields of the edge.
  func field(_ name: String, ofEdge edge: Int) -> Int? { edgeFields[edge][name] }

  /// The edge of that name that leaves the kind.
  func edge(_ name: String, from kind: Int) -> Int? { edges[kind][name] }

  private static func places(_ fields: [FieldType]) -> [ByteText: Int] {
    var places: [ByteText: Int] = [:]
    for (index, field) in fields.enumerated() { places[ByteText(field.name)] = index }
    return places
  }
}
