// Facts that change a graph: removals, upserts, and facts that a program adds.
import Testing
import WritGraph
import WritModel

@Suite struct DeltaTests {
  private func apply(_ lines: [String], to base: [String] = fixtureLines) throws -> Snapshot {
    var builder = try SnapshotBuilder(snapshot(base))
    builder.read(Array(lines.joined(separator: "\n").utf8), named: "delta")
    return try builder.build()
  }

  /// The delta comes to the same graph as the lines would from the start.
  private func expect(_ delta: [String], toMake lines: [String]) throws {
    let (changed, made) = (try apply(delta), try snapshot(lines))
    #expect(changed.rootDigest == made.rootDigest)
    #expect(changed.fileBytes == made.fileBytes)
  }

  @Test func nothingChangesNothing() throws {
    try expect([], toMake: fixtureLines)
    try expect(fixtureLines, toMake: fixtureLines)
  }

  @Test func aNodeIsReplacedWhole() throws {
    let line = #"{"node":"Service","id":"checkout","props":{"tier":7}}"#
    var lines = fixtureLines
    lines[2] = line
    try expect([line], toMake: lines)
  }

  @Test func anEdgeToOneNodeIsReplaced() throws {
    let line = #"{"edge":"owner","from":"Service/checkout","to":"Person/anna"}"#
    var lines = fixtureLines
    lines[7] = line
    try expect([line], toMake: lines)
  }

  @Test func twoNewTargetsAreStillTwo() {
    #expect(throws: GraphProblems.self) {
      try apply([
        #"{"edge":"owner","from":"Service/checkout","to":"Person/anna"}"#,
        #"{"edge":"owner","from":"Service/checkout","to":"Team/core"}"#,
      ])
    }
  }

  @Test func aNodeGoesWithItsEdgesAndSourceLines() throws {
    let lines = fixtureLines.filter {
      !$0.contains("Service/fraud") && !$0.contains("\"id\":\"fraud\"")
    }
    try expect([#"{"remove":"Service/fraud"}"#], toMake: lines)
  }

  @Test func aNodeThatComesBackHasNothing() throws {
    let node = #"{"node":"Service","id":"fraud","props":{"tier":5}}"#
    let edge = #"{"edge":"dependsOn","from":"Service/fraud","to":"Service/checkout"}"#
    let rest = fixtureLines.filter {
      !$0.contains("Service/fraud") && !$0.contains("\"id\":\"fraud\"")
    }
    try expect([#"{"remove":"Service/fraud"}"#, node, edge], toMake: rest + [node, edge])
  }

  @Test func allParallelEdgesGo() throws {
    let removal = #"{"removeEdge":"dependsOn","from":"Service/checkout","to":"Service/fraud"}"#
    let edge =
      #"{"edge":"dependsOn","from":"Service/checkout","to":"Service/fraud","props":{"group":9}}"#
    let rest = fixtureLines.filter {
      !$0.hasPrefix(#"{"edge":"dependsOn","from":"Service/checkout","to":"Service/fraud""#)
    }
    try expect([removal], toMake: rest)
    try expect([removal, edge], toMake: rest + [edge])
    try expect([edge, removal], toMake: rest)
  }

  @Test func removalsApplyWithinAnImport() throws {
    let lines =
      fixtureLines + [
        #"{"node":"Service","id":"temp"}"#,
        #"{"edge":"dependsOn","from":"Service/temp","to":"Service/fraud"}"#,
        #"{"remove":"Service/temp"}"#,
      ]
    #expect(try snapshot(lines).fileBytes == snapshot(fixtureLines).fileBytes)
  }

  @Test func whatIsNotThereCannotGo() {
    for line in [
      #"{"remove":"Service/gone"}"#,
      #"{"removeEdge":"dependsOn","from":"Service/fraud","to":"Service/checkout"}"#,
      #"{"removeEdge":"dependsOn","from":"Service/gone","to":"Service/checkout"}"#,
    ] {
      #expect(throws: GraphProblems.self) { try apply([line]) }
    }
    #expect(throws: GraphProblems.self) {
      try apply([#"{"remove":"Service/fraud"}"#, #"{"remove":"Service/fraud"}"#])
    }
  }

  @Test func aDeltaSaysWhatItIsFor() throws {
    let base = try snapshot(fixtureLines)
    let node = #"{"node":"Service","id":"fraud","props":{"tier":5}}"#
    let head = #"{"base":"\#(base.rootDigest)"}"#
    #expect(try apply([head, node]).rootDigest == apply([node]).rootDigest)
    let changed = try apply([node])
    func refusals(_ lines: [String]) -> [String] {
      do {
        _ = try apply(lines)
        return []
      } catch let error as GraphProblems {
        return error.problems.map(\.description)
      } catch {
        return ["\(error)"]
      }
    }
    // Nothing else is told: what the facts are about is another graph.
    let other = #"{"base":"\#(changed.rootDigest)"}"#
    let found = refusals([other, #"{"remove":"Service/gone"}"#])
    #expect(
      found.count == 1 && found[0].hasPrefix("delta:1:10: the delta is for `sha256:"), "\(found)")
    #expect(
      refusals([node, head]) == [
        "delta:2:10: `base` may only stand in the first line of a delta to a snapshot"
      ])
    #expect(
      refusals([#"{"base":"sha256:12"}"#]) == [
        "delta:1:10: `base` must be `sha256:` and 64 hexadecimal digits"
      ])
    #expect(refusals([#"{"base":"\#(base.rootDigest)","id":"x"}"#]).count == 1)
    #expect(
      problems([head]) == [
        "facts:1:10: `base` may only stand in the first line of a delta to a snapshot"
      ])
    // The second delta names what the first one comes to.
    let both = [[head, node], [other, #"{"remove":"Service/fraud"}"#]].map {
      GraphDelta(Array($0.joined(separator: "\n").utf8), named: "delta")
    }
    #expect(
      try base.applying(both).snapshot.rootDigest
        == apply([#"{"remove":"Service/fraud"}"#]).rootDigest)
    #expect(throws: GraphProblems.self) { try base.applying(both.reversed()) }
  }

  @Test func theSnapshotBelowStaysAsItWas() throws {
    let base = try snapshot(fixtureLines)
    let bytes = base.fileBytes
    var builder = SnapshotBuilder(base)
    builder.read(Array(#"{"remove":"Service/fraud"}"#.utf8), named: "delta")
    let changed = try builder.build()
    #expect(changed.nodeCount == base.nodeCount - 1)
    #expect(base.fileBytes == bytes)
  }

  @Test func programsAddWhatTextAdds() throws {
    var builder = SnapshotBuilder(fixtureSchema())
    let (core, x) = (NodeKey(Kind.team, "core"), NodeKey(Kind.service, "x"))
    builder.addEdge(Edge.owner, from: x, to: core)
    builder.addNode(core, [Property(0, .text("Core"))])
    builder.addNode(
      x,
      [
        Property(0, .text("x")), Property(1, .number(3)), Property(2, .number(1_500_000)),
        Property(3, .number(1)), Property(4, .texts(["b", "a"])),
      ])
    builder.addNode(
      NodeKey(Kind.vulnerability, "v"), [Property(0, .number(2))], source: Source.osv)
    builder.addSource(Source.scanner, .node(x), at: 5)
    builder.addSource(Source.osv, .kind(Kind.vulnerability), of: Source.osv, at: 6)
    builder.addSource(Source.osv, .everything, at: 7)
    let made = try builder.build()
    let read = try snapshot([
      #"{"node":"Team","id":"core","props":{"title":"Core"}}"#,
      #"{"node":"Service","id":"x","props":{"tier":3,"coverage":1.5,"critical":true,"#
        + #""tags":["a","b"]}}"#,
      #"{"edge":"owner","from":"Service/x","to":"Team/core"}"#,
      #"{"node":"Vulnerability","id":"v","source":"osv","props":{"severity":"high"}}"#,
      #"{"source":"scanner","at":"1970-01-01T00:00:00.000005Z","covers":"Service/x"}"#,
      #"{"source":"osv","at":"1970-01-01T00:00:00.000006Z","covers":"Vulnerability","of":"osv"}"#,
      #"{"source":"osv","at":"1970-01-01T00:00:00.000007Z","covers":"*"}"#,
    ])
    #expect(made.fileBytes == read.fileBytes)
  }

  @Test func programsAreCheckedToo() {
    func problem(_ add: (inout SnapshotBuilder) -> Void) -> GraphProblem.Cause? {
      var builder = SnapshotBuilder(fixtureSchema())
      add(&builder)
      do throws(GraphProblems) {
        _ = try builder.build()
        return nil
      } catch {
        return error.problems.first?.cause
      }
    }
    let x = NodeKey(Kind.service, "x")
    #expect(problem { $0.addNode(NodeKey(99, "x")) } != nil)
    #expect(problem { $0.addNode(NodeKey(Kind.release, "x")) } == .onlyFromRequest("Release"))
    #expect(problem { $0.addNode(NodeKey(Kind.team, "a\0")) } == .malformed(.zero))
    #expect(problem { $0.addNode(x, [Property(99, .number(1))]) } != nil)
    #expect(problem { $0.addNode(x, [Property(1, .text("1"))]) } != nil)
    #expect(problem { $0.addNode(x, [Property(3, .number(2))]) } != nil)
    #expect(problem { $0.addNode(x, [Property(5, .number(.max))]) } != nil)
    #expect(problem { $0.addNode(x, [Property(9, .text("note"))]) } != nil)
    #expect(problem { $0.addNode(x, source: 7) } != nil)
    #expect(
      problem { $0.addNode(NodeKey(Kind.vulnerability, "v"), [Property(0, .number(4))]) } != nil)
    #expect(problem { $0.addEdge(99, from: x, to: x) } != nil)
    #expect(problem { $0.addEdge(Edge.owner, from: x, to: x) } != nil)
    #expect(problem { $0.addEdge(Edge.dependsOn, from: x, to: x) } == .missingNode("Service/x"))
    #expect(problem { $0.addSource(9, .everything, at: 0) } != nil)
    #expect(problem { $0.addSource(0, .everything, at: .max) } != nil)
    #expect(problem { $0.addSource(0, .kind(9), at: 0) } != nil)
    #expect(problem { $0.addSource(0, .node(x), at: 0) } == .missingNode("Service/x"))
  }
}
