// The root digest: what it depends on, and how somebody else works it out.
import Testing
import WritCrypto
import WritGraph
import WritModel

@Suite struct RootDigestTests {
  @Test func orderDoesNotMatter() throws {
    let root = try snapshot(fixtureLines).rootDigest
    let bytes = try snapshot(fixtureLines).fileBytes
    for seed in 0..<40 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let shuffled = fixtureLines.shuffled(using: &generator)
      #expect(try snapshot(shuffled).rootDigest == root, "seed \(seed)")
      #expect(try snapshot(shuffled).fileBytes == bytes, "seed \(seed)")
    }
  }

  @Test func theOrderOfDeclarationsDoesNotMatter() throws {
    var schema = fixtureSchema()
    schema.kinds = schema.kinds.map { kind in
      NodeKind(name: kind.name, origin: kind.origin, fields: kind.fields.reversed())
    }
    schema.edges = schema.edges.reversed().map { edge in
      EdgeType(
        name: edge.name, source: edge.source, targets: edge.targets, cardinality: edge.cardinality,
        fields: edge.fields.reversed(), origin: edge.origin, inverse: edge.inverse)
    }
    let other = try snapshot(fixtureLines, schema)
    #expect(try other.rootDigest == snapshot(fixtureLines).rootDigest)
    #expect(try other.fileBytes != snapshot(fixtureLines).fileBytes)
  }

  @Test func everyFactMatters() throws {
    let root = try snapshot(fixtureLines).rootDigest
    var roots: Set<Digest> = [root]
    for (line, old, new) in [
      (0, "Core", "Care"), (2, "83.40", "83.41"), (2, "\"tier\":1", "\"tier\":2"),
      (2, "true", "false"), (2, "\"a\",", "\"c\","), (2, "02-29", "02-28"),
      (2, "22:00:00", "22:00:01"),
      (2, "90s", "91s"), (2, "pays", "pay"), (2, ",\"tier\":1", ""), (3, "0.000001", "0.000002"),
      (3, "40993", "40994"), (5, "critical", "high"), (5, "\"osv\"", "\"scanner\""),
      (5, ",\"source\":\"osv\"", ""), (8, "Person/anna", "Team/core"),
      (9, "\"group\":2", "\"group\":3"),
      (10, "<2", "<3"), (11, "Service/fraud", "Service/a/b:c#d"), (15, "\"*\"", "\"Service\""),
      (15, "22:00:00Z", "22:00:00.000001Z"), (16, "fraud", "checkout"),
      (17, "\"of\":\"scanner\"", "\"of\":\"osv\""),
      (17, ",\"of\":\"scanner\"", ""), (16, "scanner", "osv"),
    ] {
      var lines = fixtureLines
      let changed = lines[line].replacing(old, with: new, maxReplacements: 1)
      #expect(changed != lines[line], "line \(line) has no \(old)")
      lines[line] = changed
      #expect(roots.insert(try snapshot(lines).rootDigest).inserted, "\(line): \(old) to \(new)")
    }
    for line in fixtureLines.indices where ![0, 1, 2, 3, 4, 5].contains(line) {
      var lines = fixtureLines
      lines.remove(at: line)
      #expect(roots.insert(try snapshot(lines).rootDigest).inserted, "without \(line)")
    }
  }

  @Test func theSchemaMatters() throws {
    var schema = fixtureSchema()
    schema.sources[0] = SourceType(name: "catalog", freshMicroseconds: 1001)
    #expect(try snapshot(fixtureLines, schema).rootDigest != snapshot(fixtureLines).rootDigest)
    schema = fixtureSchema()
    schema.kinds.append(NodeKind(name: "Extra", origin: .unsourced, fields: []))
    #expect(try snapshot(fixtureLines, schema).rootDigest != snapshot(fixtureLines).rootDigest)
  }

  /// The definition in docs/snapshot-format.md, followed from the text of the canonical lines.
  @Test func anOutsiderComesToTheSameRoot() throws {
    let lines = [
      #"{"node":"Team","id":"core","props":{"title":"Core"}}"#,
      #"{"node":"Vulnerability","id":"CVE-1","source":"osv","props":{"severity":"critical"}}"#,
      #"{"node":"Service","id":"x","props":{"name":"x","tier":9007199254740993,"coverage":83.40,"tags":["b","a"],"timeout":"90s"}}"#,
      #"{"edge":"owner","from":"Service/x","to":"Team/core"}"#,
      #"{"source":"scanner","at":"2026-11-18T23:00:00+01:00","covers":"Vulnerability","of":"osv"}"#,
    ]
    var schema = fixtureSchema()
    schema.enums = [EnumType(name: "Severity", members: ["low", "critical"], isOrdered: true)]
    let nodes = [
      ("Team/core", #"{"id":"core","node":"Team","props":{"title":"Core"}}"#),
      (
        "Vulnerability/CVE-1",
        #"{"id":"CVE-1","node":"Vulnerability","props":{"severity":"critical"},"source":"osv"}"#
      ),
      (
        "Service/x",
        #"{"id":"x","node":"Service","props":{"coverage":"83.4","tags":["a","b"],"tier":"9007199254740993","timeout":"PT1M30S"}}"#
      ),
      ("Service/x", #"{"edge":"owner","from":"Service/x","props":{},"to":"Team/core"}"#),
    ]
    var buckets = [[Digest]](repeating: [], count: 258)
    for (node, line) in nodes {
      buckets[Int(Digest(of: Array(node.utf8)).bytes[0])].append(Digest(of: [0] + Array(line.utf8)))
    }
    buckets[256] = [
      Digest(
        of: [0]
          + Array(
            #"{"at":"2026-11-18T22:00:00Z","covers":"Vulnerability","of":"osv","source":"scanner"}"#
              .utf8))
    ]
    buckets[257] = outsideSchemaLines.map { Digest(of: [0] + Array($0.utf8)) }
    let digests = buckets.map { bucket in
      Digest(of: bucket.sorted().reduce([2]) { $0 + $1.bytes })
    }
    var level = Array(digests[..<256])
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map {
        Digest(of: [1] + level[$0].bytes + level[$0 + 1].bytes)
      }
    }
    let root = Digest(of: [3] + level[0].bytes + digests[256].bytes + digests[257].bytes)
    #expect(try snapshot(lines, schema).rootDigest == root)
  }
}

/// The canonical lines of the fixture's schema, with two severities.
private let outsideSchemaLines = [
  #"{"enum":"Severity","members":["low","critical"],"ordered":true}"#,
  #"{"declaredSource":"catalog","fresh":"PT0.001S"}"#,
  #"{"declaredSource":"scanner","fresh":"PT0.0001S"}"#, #"{"declaredSource":"osv"}"#,
  #"{"fields":{"changed":{"key":false,"origin":["catalog"],"type":"Instant?"},"coverage":{"key":false,"origin":["catalog"],"type":"Decimal?"},"critical":{"key":false,"origin":["catalog"],"type":"Bool"},"name":{"key":true,"origin":["catalog"],"type":"String"},"note":{"key":false,"origin":"request","type":"String?"},"since":{"key":false,"origin":["catalog"],"type":"Date?"},"summary":{"key":false,"origin":["catalog"],"type":"String?"},"tags":{"key":false,"origin":["catalog"],"type":"Set<String>"},"tier":{"key":false,"origin":["catalog"],"type":"Int"},"timeout":{"key":false,"origin":["catalog"],"type":"Duration?"}},"kind":"Service","origin":["catalog"]}"#,
  #"{"fields":{"title":{"key":false,"origin":null,"type":"String"}},"kind":"Team","origin":null}"#,
  #"{"fields":{"severity":{"key":false,"origin":["osv","scanner"],"type":"Severity"}},"kind":"Vulnerability","origin":["osv","scanner"]}"#,
  #"{"fields":{"image":{"key":false,"origin":"request","type":"String"},"labels":{"key":false,"origin":"request","type":"Set<String>"},"scan":{"key":false,"origin":["scanner"],"type":"String?"},"tag":{"key":true,"origin":"request","type":"String"}},"kind":"Release","origin":"request"}"#,
  #"{"fields":{},"kind":"Person","origin":null}"#,
  #"{"cardinality":"one","declaredEdge":"owner","fields":{},"leaves":"Service","origin":["catalog"],"reaches":["Person","Team"]}"#,
  #"{"cardinality":"many","declaredEdge":"dependsOn","fields":{"group":{"key":false,"origin":null,"type":"Int?"},"kind":{"key":false,"origin":null,"type":"Severity?"},"ranges":{"key":false,"origin":null,"type":"Set<String>"}},"inverse":"dependents","leaves":"Service","origin":["catalog"],"reaches":["Service"]}"#,
  #"{"cardinality":"many","declaredEdge":"affects","fields":{},"inverse":"vulnerabilities","leaves":"Vulnerability","origin":["scanner"],"reaches":["Service"]}"#,
  #"{"cardinality":"many","declaredEdge":"releaseOf","fields":{"weight":{"key":false,"origin":"request","type":"Int"}},"leaves":"Release","origin":"request","reaches":["Release","Service"]}"#,
  #"{"cardinality":"optional","declaredEdge":"reviewedBy","fields":{},"inverse":"reviews","leaves":"Service","origin":"request","reaches":["Person","Release"]}"#,
]
