// The schema as canonical lines, so that a root digest is over what the facts were read by as well.

import WritModel

extension Schema {
  /// A canonical JSON line for each enum, source, kind and edge (`docs/snapshot-format.md`).
  var canonicalLines: [[UInt8]] {
    enums.map(line) + sources.map(line) + kinds.map(line) + edges.map(line)
  }

  private func line(_ type: EnumType) -> [UInt8] {
    JSONValue.object([
      JSONMember("enum", .string(type.name)),
      JSONMember("members", .array(type.members.map(JSONValue.string))),
      JSONMember("ordered", .bool(type.isOrdered)),
    ]).canonicalLine
  }

  private func line(_ source: SourceType) -> [UInt8] {
    var members = [JSONMember("declaredSource", .string(source.name))]
    if let limit = source.freshMicroseconds {
      members.append(JSONMember("fresh", .string(Duration(microseconds: limit).iso8601)))
    }
    return JSONValue.object(members).canonicalLine
  }

  private func line(_ kind: NodeKind) -> [UInt8] {
    JSONValue.object([
      JSONMember("fields", fields(kind.fields)), JSONMember("kind", .string(kind.name)),
      JSONMember("origin", origin(kind.origin)),
    ]).canonicalLine
  }

  private func line(_ edge: EdgeType) -> [UInt8] {
    var members = [
      JSONMember("cardinality", .string("\(edge.cardinality)")),
      JSONMember("declaredEdge", .string(edge.name)), JSONMember("fields", fields(edge.fields)),
      JSONMember("leaves", .string(kinds[edge.source].name)),
      JSONMember("origin", origin(edge.origin)),
      JSONMember("reaches", sortedNames(edge.targets.map { kinds[$0].name })),
    ]
    if let inverse = edge.inverse { members.append(JSONMember("inverse", .string(inverse))) }
    return JSONValue.object(members).canonicalLine
  }

  private func fields(_ fields: [FieldType]) -> JSONValue {
    .object(
      fields.map { field in
        var members = [
          JSONMember("key", .bool(field.isKey)), JSONMember("origin", origin(field.origin)),
          JSONMember("type", .string(typeName(field.type))),
        ]
        if field.isPersonal { members.append(JSONMember("personal", true)) }
        return JSONMember(field.name, .object(members))
      })
  }

  /// The names of the sources, `["request"]` quoted apart by being no list, or nothing.
  private func origin(_ origin: Origin) -> JSONValue {
    switch origin {
    case .unsourced: .null
    case .sources(let indexes): sortedNames(indexes.map { sources[$0].name })
    case .request: .string("request")
    }
  }

  private func sortedNames(_ names: [String]) -> JSONValue {
    .array(
      names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(JSONValue.string))
  }

  private func typeName(_ type: ValueType) -> String {
    let name =
      switch type.unwrapped {
      case .bool: "Bool"
      case .int: "Int"
      case .decimal: "Decimal"
      case .string: "String"
      case .date: "Date"
      case .instant: "Instant"
      case .duration: "Duration"
      case .enumeration(let index): enums[index].name
      case .node, .edge, .optional, .set, .list: "Set<String>"
      }
    if case .optional = type { return name + "?" }
    return name
  }
}

extension JSONValue {
  /// The canonical bytes of an object without numbers whose names are distinct.
  fileprivate var canonicalLine: [UInt8] {
    guard let bytes = try? canonicalBytes() else {
      preconditionFailure("the names of a checked schema are distinct")
    }
    return bytes
  }
}
