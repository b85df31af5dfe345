// Random schemas: kinds that share names of fields and edges, and sources that go stale.

import WritModel

/// Microseconds.
let hour: Int64 = 3_600_000_000

/// Makes schemas. The name of a field says its type, so that kinds which share it agree on it; that
/// of an edge says its cardinality.
struct SchemaGenerator {
  var random: SplitMix64

  /// Of every schema the first enum, as the language has it.
  private static let weekday = EnumType(
    name: "Weekday",
    members: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    isOrdered: true)

  mutating func schema() -> Schema {
    var schema = Schema()
    schema.enums = [Self.weekday, enumeration(1, isOrdered: true, count: 3 + random.below(3))]
    schema.enums.append(enumeration(2, isOrdered: false, count: 1 + random.below(4)))
    if random.chance(50) {
      schema.enums.append(
        enumeration(3, isOrdered: random.chance(50), count: 1 + random.below(2)))
    }
    for index in 0..<1 + random.below(3) {
      let fresh = random.chance(80) ? random.number(1...48) * hour : nil
      schema.sources.append(SourceType(name: "source\(index)", freshMicroseconds: fresh))
    }
    addKinds(to: &schema)
    return schema
  }

  private func enumeration(_ index: Int, isOrdered: Bool, count: Int) -> EnumType {
    EnumType(
      name: "Enum\(index)", members: (0..<count).map { "m\(index)\($0)" },
      isOrdered: isOrdered && count > 1)
  }

  private mutating func addKinds(to schema: inout Schema) {
    let count = 2 + random.below(4)
    // Neither in byte order nor against it.
    let names = ["Service", "Team", "Asset", "Release", "Freeze", "Identity"]
      .shuffled(using: &random).prefix(count)
    let requested = random.chance(30) ? random.below(count) : nil
    for (index, name) in names.enumerated() {
      let origin = index == requested ? .request : origin(of: schema)
      var fields = [FieldType(name: "key0", type: .string, origin: origin, isKey: true)]
      if random.chance(30) { fields = [] }
      for (name, type) in fieldPool(schema)
      where random.chance(45) || (index == 0 && name.hasSuffix("1")) {
        let own = random.chance(75) || origin == .request ? origin : single(schema)
        fields.append(FieldType(name: name, type: type, origin: own, isKey: false))
      }
      schema.kinds.append(NodeKind(name: name, origin: origin, fields: fields))
    }
    for kind in schema.kinds.indices { addEdges(of: kind, to: &schema) }
  }

  private mutating func origin(of schema: Schema) -> Origin {
    let sources = Array(schema.sources.indices)
    return switch random.below(10) {
    case 0, 1: .unsourced
    case 2, 3: .sources(sources.count > 1 ? Array(sources.shuffled(using: &random).prefix(2)) : [0])
    default: single(schema)
    }
  }

  private mutating func single(_ schema: Schema) -> Origin {
    .sources([random.below(schema.sources.count)])
  }

  /// Every type that a field can have, some of them optional.
  private func fieldPool(_ schema: Schema) -> [(String, ValueType)] {
    let enums: [(String, ValueType)] = schema.enums.indices.map {
      ("enum\($0)", .enumeration($0))
    }
    let scalars: [(String, ValueType)] =
      [
        ("flag", .bool), ("int", .int), ("decimal", .decimal), ("text", .string), ("date", .date),
        ("instant", .instant), ("duration", .duration),
      ] + enums
    return scalars.flatMap { [($0.0 + "0", $0.1), ($0.0 + "1", .optional($0.1))] }
      + [("tags0", .set(.string))]
  }

  private mutating func addEdges(of kind: Int, to schema: inout Schema) {
    let labels: [(String, Cardinality)] = [
      ("link", .many), ("part", .many), ("owner", .one), ("backup", .optional),
    ]
    for (label, cardinality) in labels where random.chance(55) {
      let origin = schema.kinds[kind].origin
      // What a snapshot holds leads to nothing that a request brings.
      let reachable = schema.kinds.indices.filter {
        origin == .request || schema.kinds[$0].origin != .request
      }
      var targets = random.some(reachable, percent: 35)
      if targets.isEmpty { targets = [random.pick(reachable) ?? kind] }
      let own = random.chance(70) || origin == .request ? origin : single(schema)
      let pool = fieldPool(schema).filter { $0.0 != "tags0" && !$0.0.hasSuffix("1") }
      let fields = random.some(pool, percent: cardinality == .many ? 15 : 5)
      // An inverse is a name of its own on each of the targets.
      let inverse = random.chance(60) ? "\(label)Of\(schema.edges.count)" : nil
      schema.edges.append(
        EdgeType(
          name: label, source: kind, targets: targets, cardinality: cardinality,
          fields: fields.map { name, type in
            FieldType(name: "edge_" + name, type: type, origin: own, isKey: false)
          },
          origin: own, inverse: inverse))
    }
  }
}
