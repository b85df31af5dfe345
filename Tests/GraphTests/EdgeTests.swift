// Edges of random graphs, against the plainest way to find them.
import Testing
import WritGraph
import WritModel

@Suite struct EdgeTests {
  @Test(arguments: [(1, 5, 40), (2, 60, 30), (3, 40, 400), (4, 1, 9)])
  func indexesHoldEveryEdgeOnce(_ seed: Int, _ nodeCount: Int, _ edgeCount: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var lines = (0..<nodeCount).map { #"{"node":"Service","id":"s\#($0)"}"# }
    var edges: Set<[Int]> = []
    for _ in 0..<edgeCount {
      let from = Int.random(in: 0..<nodeCount, using: &generator)
      let to = Int.random(in: 0..<nodeCount, using: &generator)
      let group = Int.random(in: -1...1, using: &generator)
      edges.insert([from, to, group])
      let ends = #""from":"Service/s\#(from)","to":"Service/s\#(to)""#
      lines.append(#"{"edge":"dependsOn",\#(ends),"props":{"group":\#(group)}}"#)
    }
    let graph = try snapshot(lines.shuffled(using: &generator))
    let index = graph.edges[Edge.dependsOn]
    func number(_ node: Int) -> Int { graph.node(kind: Kind.service, id: "s\(node)") ?? -1 }
    let expected = edges.map { [number($0[0]), number($0[1]), $0[2]] }
      .sorted { $0.lexicographicallyPrecedes($1) }
    guard case .scalar(let groups) = index.fields[1] else { return }
    let found = (0..<index.count).map {
      [Int(index.sources[$0]), Int(index.targets[$0]), Int(groups.value($0))]
    }
    #expect(found == expected)
    for node in 0..<nodeCount {
      #expect(index.edges(from: node).map { found[$0] } == expected.filter { $0[0] == node })
      let places = index.inverses[0].places(to: node)
      #expect(
        places.map { found[Int(index.inverses[0].edges[$0])] } == expected.filter { $0[1] == node })
      #expect(
        places.map { Int(index.inverses[0].sources[$0]) }
          == expected.filter { $0[1] == node }.map { $0[0] })
    }
  }
}
