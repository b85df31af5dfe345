// A request's facts over a snapshot.
import Testing
import WritGraph
import WritModel

@Suite struct OverlayTests {
  private func overlay(
    _ lines: [String], _ schema: Schema = fixtureSchema()
  ) throws -> Overlay {
    let plan = try OverlayPlan(snapshot(fixtureLines), schema)
    var builder = OverlayBuilder(plan)
    for line in lines { builder.read(Array(line.utf8), named: "request") }
    return try builder.build()
  }

  private func problems(_ lines: [String]) throws -> [String] {
    do {
      _ = try overlay(lines)
      return []
    } catch let error as GraphProblems {
      return error.problems.map(\.description)
    }
  }

  private static let lines = [
    #"{"node":"Release","id":"r2","props":{"image":"shop:2","labels":["pays","new"]}}"#,
    #"{"node":"Release","id":"r1","props":{"tag":"r1","image":"pays"}}"#,
    #"{"edge":"releaseOf","from":"Release/r2","to":"Service/fraud","props":{"weight":2}}"#,
    #"{"edge":"releaseOf","from":"Release/r2","to":"Service/checkout","props":{"weight":1}}"#,
    #"{"edge":"releaseOf","from":"Release/r2","to":"Service/fraud","props":{"weight":1}}"#,
    #"{"edge":"releaseOf","from":"Release/r1","to":"Release/r2"}"#,
    #"{"node":"Service","id":"fraud","props":{"note":"zzz"}}"#,
    #"{"node":"Service","id":"a/b:c#d","props":{"note":"pays"}}"#,
    #"{"edge":"reviewedBy","from":"Service/fraud","to":"Person/anna"}"#,
    #"{"edge":"reviewedBy","from":"Service/checkout","to":"Release/r1"}"#,
  ]

  @Test func nodesAndStringsAreNumberedBehindTheSnapshot() throws {
    let layer = try overlay(Self.lines)
    #expect(layer.nodeCount == 2)
    #expect(layer.nodeRanges[Kind.release] == 7..<9)
    #expect(layer.reference(to: 7) == "Release/r1")
    #expect(layer.reference(to: 3) == "Service/fraud")
    #expect(layer.node(kind: Kind.release, id: "r2") == 8)
    #expect(layer.node(kind: Kind.service, id: "fraud") == 3)
    #expect(layer.node(kind: Kind.service, id: "r2") == nil)
    #expect(layer.strings.first == layer.snapshot.strings.count)
    #expect(
      (0..<layer.strings.count).map { layer.strings.string($0 + layer.strings.first) }
        == ["new", "r1", "r2", "shop:2", "zzz"])
    guard case .scalar(let images) = layer.fields[Kind.release][1].storage else { return }
    #expect((0..<2).map { layer.string(Int(images.value($0))) } == ["pays", "shop:2"])
    #expect(Int(images.value(0)) == layer.snapshot.strings.find("pays"))
    guard case .strings(let labels) = layer.fields[Kind.release][2].storage else { return }
    #expect(labels.range(0).isEmpty)
    #expect(labels.range(1).map { layer.string(Int(labels.members[$0])) } == ["pays", "new"])
  }

  @Test func fieldsOfSnapshotNodesAreSparse() throws {
    let layer = try overlay(Self.lines)
    let notes = layer.fields[Kind.service][9]
    #expect(notes.rows.row(of: 2) == nil)
    #expect(notes.rows.count == 2)
    guard case .scalar(let column) = notes.storage else { return }
    let values = [1, 3].compactMap { notes.rows.row(of: $0) }.map { column.value($0) }
    #expect(values.map { layer.string(Int($0)) } == ["pays", "zzz"])
    #expect(layer.fields[Kind.service][1].rows.count == 0)
    #expect(layer.fields[Kind.release][3].rows.count == 0)
  }

  @Test func edgesJoinBothLayers() throws {
    let layer = try overlay(Self.lines)
    let releases = layer.edges[Edge.releaseOf]
    #expect(releases.edges(from: 7).map { releases.targets[$0] } == [8])
    #expect(releases.edges(from: 8).map { releases.targets[$0] } == [2, 3, 3])
    guard case .scalar(let weights) = releases.fields[0] else { return }
    #expect(releases.edges(from: 8).map { weights.value($0) } == [1, 1, 2])
    let services = releases.inverses[0]
    #expect(services.places(to: 3).map { services.sources[$0] } == [8, 8])
    #expect(services.places(to: 3).map { services.edges[$0] } == [2, 3])
    #expect(services.places(to: 1).isEmpty)
    let own = releases.inverses[1]
    #expect(own.places(to: 8).map { own.sources[$0] } == [7])
    let reviews = layer.edges[Edge.reviewedBy]
    #expect(reviews.edges(from: 3).map { reviews.targets[$0] } == [0])
    #expect(reviews.edges(from: 2).map { reviews.targets[$0] } == [7])
    #expect(reviews.edges(from: 1).isEmpty)
    #expect(reviews.inverses[1].places(to: 0).map { reviews.inverses[1].sources[$0] } == [3])
    #expect(layer.edges[Edge.dependsOn].count == 0)
  }

  @Test func nothingIsAnOverlay() throws {
    let layer = try overlay([])
    #expect(layer.nodeCount == 0)
    #expect(layer.edges.allSatisfy { $0.count == 0 })
    #expect(layer.edges[Edge.reviewedBy].edges(from: 3).isEmpty)
  }

  @Test(arguments: [
    (#"{"node":"Service","id":"new"}"#, "1:25: a request may not bring `Service/new`"),
    (
      #"{"node":"Service","id":"fraud","props":{"tier":1}}"#,
      "1:42: a request may not bring `Service.tier`"
    ),
    (
      #"{"node":"Release","id":"r","props":{"scan":"ok"}}"#,
      "1:38: a request may not bring `Release.scan`"
    ),
    (
      #"{"edge":"owner","from":"Service/fraud","to":"Team/core"}"#,
      "1:10: a request may not bring `owner`"
    ),
    (
      #"{"source":"osv","at":"2026-01-01T00:00:00Z","covers":"*"}"#,
      "1:12: a request may not hold a `source` line"
    ),
    (#"{"remove":"Service/fraud"}"#, "1:12: a request may not hold a `remove` line"),
    (
      #"{"removeEdge":"owner","from":"Service/fraud","to":"Person/anna"}"#,
      "1:16: a request may not hold a `removeEdge` line"
    ),
    (
      #"{"node":"Release","id":"r","source":"osv"}"#,
      "1:38: a request may not hold a `source` line"
    ),
    (
      #"{"edge":"releaseOf","from":"Release/r","to":"Service/fraud"}"#,
      "1:30: there is no node `Release/r`"
    ),
    (
      #"{"edge":"reviewedBy","from":"Service/gone","to":"Person/anna"}"#,
      "1:50: there is no node `Service/gone`"
    ),
    (
      #"{"edge":"reviewedBy","from":"Service/fraud","to":"Team/core"}"#,
      "1:51: `reviewedBy` leads to `Release` or `Person`, not to `Team`"
    ),
  ])
  func requestsBringWhatTheyMay(_ line: String, _ message: String) throws {
    let found = try problems([line])
    #expect(found.count == 1)
    let text = message.drop { $0 != " " }
    #expect(found.first?.hasSuffix(text) == true, "\(found)")
  }

  @Test func kindsAreMatchedByName() throws {
    // The bundle's schema lists its kinds in another order than the snapshot's.
    var schema = Schema()
    schema.kinds = [
      NodeKind(
        name: "Change", origin: .request,
        fields: [FieldType(name: "why", type: .string, origin: .request, isKey: false)]),
      NodeKind(name: "Service", origin: .unsourced, fields: []),
      NodeKind(name: "Unheard", origin: .unsourced, fields: []),
    ]
    schema.edges = [
      EdgeType(
        name: "of", source: 0, targets: [1, 2], cardinality: .one, fields: [], origin: .request,
        inverse: nil)
    ]
    let layer = try overlay(
      [
        #"{"node":"Change","id":"c"}"#, #"{"edge":"of","from":"Change/c","to":"Service/fraud"}"#,
      ], schema)
    #expect(layer.edges[0].edges(from: 7).map { layer.edges[0].targets[$0] } == [3])
    #expect(throws: GraphProblems.self) {
      try overlay(
        [#"{"node":"Change","id":"c"}"#, #"{"edge":"of","from":"Change/c","to":"Unheard/x"}"#],
        schema)
    }
  }

  @Test func programsAddWhatTextAdds() throws {
    let text = try overlay(Self.lines)
    let plan = try OverlayPlan(snapshot(fixtureLines), fixtureSchema())
    var builder = OverlayBuilder(plan)
    let (r1, r2) = (NodeKey(Kind.release, "r1"), NodeKey(Kind.release, "r2"))
    let fraud = NodeKey(Kind.service, "fraud")
    builder.addNode(r1, [Property(0, .text("r1")), Property(1, .text("pays"))])
    builder.addNode(r2, [Property(1, .text("shop:2")), Property(2, .texts(["pays", "new"]))])
    builder.addEdge(Edge.releaseOf, from: r2, to: fraud, [Property(0, .number(2))])
    builder.addNode(fraud, [Property(9, .text("zzz"))])
    let layer = try builder.build()
    #expect(layer.nodeRanges == text.nodeRanges)
    #expect(layer.edges[Edge.releaseOf].edges(from: 8).count == 1)
  }
}
