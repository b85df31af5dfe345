// A small schema and helpers that the tests of this room share.
import WritGraph
import WritModel

/// Indexes into the fixture's schema.
enum Kind {
  static let service = 0
  static let team = 1
  static let vulnerability = 2
  static let release = 3
  static let person = 4
}

enum Edge {
  static let owner = 0
  static let dependsOn = 1
  static let affects = 2
  static let releaseOf = 3
  static let reviewedBy = 4
}

enum Source {
  static let catalog = 0
  static let scanner = 1
  static let osv = 2
}

private func field(_ name: String, _ type: ValueType, _ origin: Origin = .unsourced) -> FieldType {
  FieldType(name: name, type: type, origin: origin, isKey: false)
}

/// Services with owners and dependencies, vulnerabilities from two sources, releases that requests
/// bring.
func fixtureSchema() -> Schema {
  var schema = Schema()
  schema.enums = [
    EnumType(name: "Severity", members: ["low", "medium", "high", "critical"], isOrdered: true)
  ]
  schema.sources = [
    SourceType(name: "catalog", freshMicroseconds: 1000),
    SourceType(name: "scanner", freshMicroseconds: 100),
    SourceType(name: "osv", freshMicroseconds: nil),
  ]
  let catalog = Origin.sources([Source.catalog])
  schema.kinds = [
    NodeKind(
      name: "Service", origin: catalog,
      fields: [
        FieldType(name: "name", type: .string, origin: catalog, isKey: true),
        field("tier", .int, catalog), field("coverage", .optional(.decimal), catalog),
        field("critical", .bool, catalog), field("tags", .set(.string), catalog),
        field("since", .optional(.date), catalog), field("changed", .optional(.instant), catalog),
        field("timeout", .optional(.duration), catalog),
        field("summary", .optional(.string), catalog),
        field("note", .optional(.string), .request),
      ]),
    NodeKind(name: "Team", origin: .unsourced, fields: [field("title", .string)]),
    NodeKind(
      name: "Vulnerability", origin: .sources([Source.scanner, Source.osv]),
      fields: [
        field("severity", .enumeration(0), .sources([Source.scanner, Source.osv]))
      ]),
    NodeKind(
      name: "Release", origin: .request,
      fields: [
        FieldType(name: "tag", type: .string, origin: .request, isKey: true),
        field("image", .string, .request), field("labels", .set(.string), .request),
        field("scan", .optional(.string), .sources([Source.scanner])),
      ]),
    NodeKind(name: "Person", origin: .unsourced, fields: []),
  ]
  schema.edges = fixtureEdges()
  return schema
}

private func fixtureEdges() -> [EdgeType] {
  [
    EdgeType(
      name: "owner", source: Kind.service, targets: [Kind.team, Kind.person], cardinality: .one,
      fields: [], origin: .sources([Source.catalog]), inverse: nil),
    EdgeType(
      name: "dependsOn", source: Kind.service, targets: [Kind.service], cardinality: .many,
      fields: [
        field("kind", .optional(.enumeration(0))), field("group", .optional(.int)),
        field("ranges", .set(.string)),
      ], origin: .sources([Source.catalog]), inverse: "dependents"),
    EdgeType(
      name: "affects", source: Kind.vulnerability, targets: [Kind.service], cardinality: .many,
      fields: [], origin: .sources([Source.scanner]), inverse: "vulnerabilities"),
    EdgeType(
      name: "releaseOf", source: Kind.release, targets: [Kind.service, Kind.release],
      cardinality: .many, fields: [field("weight", .int, .request)], origin: .request,
      inverse: nil),
    EdgeType(
      name: "reviewedBy", source: Kind.service, targets: [Kind.release, Kind.person],
      cardinality: .optional, fields: [], origin: .request, inverse: "reviews"),
  ]
}

/// A graph with something of everything: `corpus/graph/everything.jsonl`.
let fixtureLines = corpusLines("everything.jsonl")

/// The lines of a file in `corpus/graph`.
func corpusLines(_ name: String) -> [String] {
  let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  guard let bytes = try? read("/\(path)/corpus/graph/\(name)") else { return [] }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}

/// The snapshot of lines under the fixture's schema.
func snapshot(
  _ lines: [String], _ schema: Schema = fixtureSchema(), lenience: Lenience = []
) throws(GraphProblems) -> Snapshot {
  var builder = SnapshotBuilder(schema, lenience: lenience)
  builder.read(Array(lines.joined(separator: "\n").utf8), named: "facts")
  return try builder.build()
}

/// The snapshot of the bytes of an input.
func snapshot(bytes: [UInt8]) throws(GraphProblems) -> Snapshot {
  var builder = SnapshotBuilder(fixtureSchema())
  builder.read(bytes, named: "facts")
  return try builder.build()
}

/// What is wrong with lines, `file:line:column: …` each.
func problems(_ lines: [String], lenience: Lenience = []) -> [String] {
  do throws(GraphProblems) {
    _ = try snapshot(lines, lenience: lenience)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

/// A generator of pseudo-random numbers that a seed decides.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 2 &+ 0x9E37_79B9_7F4A_7C15
  }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var word = state
    word ^= word >> 33
    word = word &* 0xff51_afd7_ed55_8ccd
    return word ^ word >> 29
  }
}
