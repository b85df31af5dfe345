// Facts as text: what is read, and what is refused where.
import Testing
import WritGraph
import WritModel

@Suite struct ImportTests {
  @Test func nodesAreNumberedByKindAndID() throws {
    let graph = try snapshot(fixtureLines)
    #expect(graph.nodeCount == 7)
    let references = (0..<graph.nodeCount).map { graph.reference(to: $0) }
    #expect(
      references == [
        "Person/anna", "Service/a/b:c#d", "Service/checkout", "Service/fraud", "Team/core",
        "Vulnerability/CVE-1", "Vulnerability/CVE-2",
      ])
    #expect(graph.nodeRange(ofKind: Kind.service) == 1..<4)
    #expect(graph.node(kind: Kind.service, id: "fraud") == 3)
    #expect(graph.node(kind: Kind.team, id: "fraud") == nil)
    #expect(graph.node(kind: Kind.service, id: "nowhere") == nil)
    #expect(graph.kind(of: 4) == Kind.team)
  }

  @Test func valuesAreExact() throws {
    let graph = try snapshot(fixtureLines)
    func values(_ field: Int) -> [Int64?] {
      guard case .scalar(let column) = graph.fields[Kind.service][field] else { return [] }
      return (0..<column.count).map { column.isPresent($0) ? column.value($0) : nil }
    }
    #expect(values(1) == [2, 1, -9_007_199_254_740_993])
    #expect(values(2) == [nil, 83_400_000, 1])
    #expect(values(3) == [0, 1, 0])
    #expect(values(5) == [nil, CalendarDate("2024-02-29")?.days, nil])
    #expect(values(6) == [nil, Instant("2026-11-18T21:00:00Z")?.microseconds, nil])
    #expect(values(7) == [nil, 90_000_000, nil])
    let summary = values(8)[1].map { graph.strings.string(Int($0)) }
    #expect(summary == "pays")
    guard case .strings(let tags) = graph.fields[Kind.service][4] else {
      Issue.record("tags are a set")
      return
    }
    let members = tags.range(1).map { graph.strings.string(Int(tags.members[$0])) }
    #expect(members == ["a", "b"])
    #expect(tags.range(0).isEmpty && tags.range(2).isEmpty)
  }

  @Test func escapesAreResolved() throws {
    let graph = try snapshot(fixtureLines)
    guard case .scalar(let titles) = graph.fields[Kind.team][0] else { return }
    #expect(graph.strings.string(Int(titles.value(0))) == "Core \"team\" \u{e9}\n")
  }

  @Test func stringsAreSortedByBytes() throws {
    let graph = try snapshot(fixtureLines)
    let strings = (0..<graph.strings.count).map { Array(graph.strings.string($0).utf8) }
    #expect(strings == strings.sorted { $0.lexicographicallyPrecedes($1) })
    for number in 0..<graph.strings.count {
      #expect(graph.strings.find(graph.strings.string(number)) == number)
    }
    #expect(graph.strings.find("nowhere") == nil)
  }

  @Test func edgesAreFoundFromBothEnds() throws {
    let graph = try snapshot(fixtureLines)
    let index = graph.edges[Edge.dependsOn]
    #expect(index.count == 5)
    #expect(index.edges(from: 2) == 1..<4)
    #expect(index.edges(from: 4).isEmpty)
    // Parallel edges: the one that says nothing first, then by group, which is the first field by
    // name.
    guard case .scalar(let groups) = index.fields[1] else { return }
    #expect((1..<4).map { groups.isPresent($0) ? groups.value($0) : nil } == [nil, 1, 2])
    let inverse = index.inverses[0]
    let places = inverse.places(to: 3)
    #expect(places.map { inverse.edges[$0] } == [1, 2, 3, 4])
    #expect(places.map { inverse.sources[$0] } == [2, 2, 2, 3])
    let owners = graph.edges[Edge.owner]
    #expect(owners.inverses[0].count == 1 && owners.inverses[1].count == 1)
  }

  @Test func nodesRememberTheirSource() throws {
    let graph = try snapshot(fixtureLines)
    #expect(graph.nodeSources[Kind.service] == nil)
    #expect(graph.nodeSources[Kind.vulnerability].map(Array.init) == [2, 0])
  }

  @Test func membersMayComeInAnyOrder() throws {
    let graph = try snapshot([
      #" { "props" : {"tier":3,"critical":true} , "id" : "x" , "node" : "Service" } "#,
      #"{"props":{"group":7},"to":"Service/x","from":"Service/x","edge":"dependsOn"}"#,
      "", "\r",
    ])
    #expect(graph.nodeCount == 1)
    #expect(graph.edges[Edge.dependsOn].count == 1)
  }

  @Test func edgesMayComeBeforeTheirNodesAndInOtherInputs() throws {
    var builder = SnapshotBuilder(fixtureSchema())
    builder.read(Array(#"{"edge":"owner","from":"Service/x","to":"Team/t"}"#.utf8), named: "1")
    builder.read(Array(#"{"node":"Team","id":"t"}"#.utf8), named: "2")
    builder.read(Array(#"{"node":"Service","id":"x"}"#.utf8), named: "3")
    let graph = try builder.build()
    #expect(graph.edges[Edge.owner].count == 1)
  }

  @Test func theSameFactTwiceIsOneFact() throws {
    let twice = try snapshot(fixtureLines + fixtureLines)
    #expect(try twice.rootDigest == snapshot(fixtureLines).rootDigest)
    #expect(try twice.fileBytes == snapshot(fixtureLines).fileBytes)
  }

  @Test func nothingAtAllIsAGraph() throws {
    let graph = try snapshot([])
    #expect(graph.nodeCount == 0)
    #expect(try Snapshot.decode(graph.fileBytes).rootDigest == graph.rootDigest)
  }
}

@Suite struct LenienceTests {
  @Test func unknownPropertiesAreDroppedAndCounted() throws {
    var builder = SnapshotBuilder(fixtureSchema(), lenience: .unknownProperties)
    let line = #"{"node":"Service","id":"x","props":{"odd":[{"a":[1e5]}],"tier":1,"more":null}}"#
    builder.read(Array(line.utf8), named: "facts")
    #expect(builder.dropped == DroppedFacts(properties: 2))
    let graph = try builder.build()
    #expect(graph.nodeCount == 1)
  }

  @Test func unknownKindsAreDroppedAndCounted() throws {
    var builder = SnapshotBuilder(fixtureSchema(), lenience: .unknownKinds)
    let lines = [
      #"{"node":"Ghost","id":"x","props":{"a":1}}"#, #"{"node":"Service","id":"x"}"#,
      #"{"edge":"haunts","from":"Ghost/x","to":"Service/x","props":{"b":2}}"#,
      #"{"edge":"haunts","from":"Service/x","to":"Service/x"}"#,
      #"{"edge":"owner","from":"Service/x","to":"Ghost/x"}"#,
      #"{"source":"osv","at":"2026-01-01T00:00:00Z","covers":"Ghost"}"#,
    ]
    builder.read(Array(lines.joined(separator: "\n").utf8), named: "facts")
    #expect(builder.dropped == DroppedFacts(nodes: 1, edges: 3, sourceLines: 1))
    let graph = try builder.build()
    #expect(graph.nodeCount == 1)
  }

  @Test func lenienceIsForNamesAlone() {
    let all: Lenience = [.unknownKinds, .unknownProperties]
    #expect(
      !problems([#"{"node":"Service","id":"x","props":{"tier":"1"}}"#], lenience: all).isEmpty)
    #expect(!problems([#"{"node":"Ghost","id":"x","props":{"a":01}}"#], lenience: all).isEmpty)
    #expect(!problems([#"{"node":"Ghost","props":{}}"#], lenience: all).isEmpty)
  }
}
