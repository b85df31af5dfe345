// Steps and closures, worked out by hand.

import Testing
import WritModel
import WritOracle
import WritSemantics

@Suite struct TraversalTests {
  /// A graph of links between items.
  private func graph(_ links: [(String, String)]) -> Fixture {
    var fixture = Fixture()
    for id in Set(links.flatMap { [$0.0, $0.1] }).sorted() { fixture.item(id) }
    for (from, to) in links { fixture.link(from, to) }
    return fixture
  }

  @Test func oneStep() {
    let fixture = graph([("a", "c"), ("a", "b"), ("b", "a")])
    #expect(fixture.value(linked(item("a")))?.ids == "b c")
    #expect(fixture.value(linked(item("a"), isInverse: true))?.ids == "b")
    #expect(fixture.value(linked(item("nobody")))?.ids == "…")
  }

  @Test func anEdgeIsAsGoodAsItsSource() {
    var fixture = graph([("a", "b"), ("b", "c")])
    fixture.scanned(["a", "c"])
    // The edge is vouched for at `a`, its end `b` is not.
    #expect(fixture.value(linked(item("a")))?.ids == "(b)")
    #expect(fixture.value(linked(item("b")))?.ids == "(c) …")
    // Any item might link to `c`.
    #expect(fixture.value(linked(item("c"), isInverse: true))?.ids == "(b) …")
  }

  @Test func filtersKeepWhatMayBe() {
    var fixture = graph([("a", "b"), ("a", "c"), ("a", "d")])
    for (index, weight) in [Int64(1), 2].enumerated() {
      fixture.draft.edges[index].fields[0] = .scalar(weight)
    }
    let weight = typed(.field(variable(900, .edge(0)), name: "weight"), .int)
    let heavy = linked(item("a"), filter: compare(weight, .greater, int(1)))
    #expect(fixture.value(heavy)?.ids == "c (d)")
  }

  @Test func closures() {
    let fixture = graph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "d")])
    #expect(fixture.value(linked(item("a"), .oneOrMore(upTo: nil)))?.ids == "a b c d")
    #expect(fixture.value(linked(item("d"), .oneOrMore(upTo: nil)))?.ids == "d")
    #expect(fixture.value(linked(item("a"), .oneOrMore(upTo: 2)))?.ids == "b c")
    #expect(fixture.value(linked(item("a"), .zeroOrMore(upTo: 2)))?.ids == "a b c")
    #expect(
      fixture.value(linked(item("d"), .oneOrMore(upTo: nil), isInverse: true))?.ids == "a b c d")
  }

  /// The short way to `d` leads over an item that is only possible, the long way does not.
  @Test func aDefiniteWayUpgrades() {
    var fixture = graph([("a", "p"), ("p", "d"), ("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])
    fixture.scanned(["a", "b", "c", "d", "e"])
    #expect(fixture.value(linked(item("a"), .oneOrMore(upTo: nil)))?.ids == "b c d e (p) …")
    // Not far enough to find the definite way.
    #expect(fixture.value(linked(item("a"), .oneOrMore(upTo: 2)))?.ids == "b c (d) (p) …")
    // Far enough for `d`, not for what lies behind it.
    #expect(fixture.value(linked(item("a"), .oneOrMore(upTo: 3)))?.ids == "b c d (e) (p) …")
  }

  @Test func anEdgeThatNobodyKnowsMayLeadAnywhere() {
    var fixture = Fixture()
    fixture.item("a")
    fixture.item("b")
    fixture.draft.edges.append(.init(1, Fixture.item("a"), Fixture.team("t")))
    func step(_ from: TypedExpression, isInverse: Bool) -> TypedExpression {
      let step = Step(
        edges: [DirectedEdge(edge: 1, isInverse: isInverse)], filter: nil, edge: 900, target: 901)
      return typed(.reach(from, step, .once), .set(.node([isInverse ? 0 : 1])))
    }
    #expect(fixture.value(step(team("t"), isInverse: true))?.ids == "a …")
    #expect(fixture.value(step(item("a"), isInverse: false))?.ids == "t")
    #expect(fixture.value(step(item("b"), isInverse: false))?.ids == "…")
    let owner = typed(.follow(item("b"), edge: "owner"), .node([1]))
    let cause = Cause.missingEdge(node: Fixture.item("b"), edge: "owner")
    #expect(fixture.value(owner)?.cause == cause)
    fixture.draft.edges.append(.init(1, Fixture.item("b"), Fixture.team("t")))
    #expect(fixture.value(step(team("t"), isInverse: true))?.ids == "a b")
  }

  @Test func edgesThemselves() {
    let fixture = graph([("a", "c"), ("a", "b")])
    let step = Step(
      edges: [DirectedEdge(edge: 0, isInverse: false)], filter: nil, edge: 900, target: 901)
    let edges = typed(.edges(item("a"), step), .set(.edge(0)))
    let end = typed(.edgeEnd(variable(1, .edge(0)), .to), .node([0]))
    let comprehension = Comprehension(
      generators: [Generator(variable: 1, name: "it", range: edges)], filters: [], yield: end)
    #expect(fixture.value(typed(.comprehension(comprehension), .set(.node([0]))))?.ids == "b c")
    #expect(fixture.oracle().text(edges) == "a -> b, a -> c")
  }
}
