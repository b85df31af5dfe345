// Fixtures put together, and tests: what is given and what is expected.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Own facts of fixtures first, then what they unfold to, then tests.
  mutating func checkFixturesAndTests() {
    for position in fixtures.indices {
      module = fixtures[position].module
      fixtures[position].facts = facts(fixtures[position].declaration.facts)
    }
    guard fixtures.count <= Limits.fixtures else { return }
    orderFixtures()
    var total = 0
    for position in fixtures.indices {
      let parts = fixtures[position].order.map { fixtures[$0].facts.facts }
      guard holdFactCount(parts.map(\.count), &total, fixtures[position].declaration.name.range)
      else { return }
      fixtures[position].typed = TypedFixture(
        name: fixtures[position].declaration.name.text, facts: parts.flatMap { $0 })
    }
    var undefined: Set<SourceRange> = []
    holdTitles()
    for test in pending.tests {
      module = test.module
      checkTest(test.declaration, &total, &undefined)
    }
  }

  /// The tests of a text have different titles.
  private mutating func holdTitles() {
    var first: [Int: [ByteText: SourceRange]] = [:]
    for test in pending.tests {
      let title = test.declaration.title
      // One that is not there has been reported.
      guard title.range.start < title.range.end else { continue }
      if let earlier = first[test.module]?[title.value] {
        report(.duplicateTitle(title, first: earlier))
      } else {
        first[test.module, default: [:]][title.value] = title.range
      }
    }
  }

  /// Keeps what tests unfold to bounded: fixtures may build on each other in long chains.
  private mutating func holdFactCount(
    _ counts: [Int], _ total: inout Int, _ place: SourceRange
  ) -> Bool {
    let count = counts.reduce(0, +)
    total += count
    guard count <= Limits.facts, total <= Limits.allFacts else {
      let limit = count > Limits.facts ? Limits.facts : Limits.allFacts
      report(.tooManyFacts(limit: limit, at: place))
      return false
    }
    return true
  }

  /// Bases before what builds on them, each once; depth first with a stack of its own.
  private mutating func orderFixtures() {
    let bases = fixtures.indices.map { resolvedBases($0) }
    var isDone = [Bool?](repeating: nil, count: fixtures.count)
    for root in fixtures.indices where isDone[root] == nil {
      isDone[root] = false
      var path: [(fixture: Int, next: Int)] = [(root, 0)]
      while let (fixture, next) = path.last {
        guard next < bases[fixture].count else {
          path.removeLast()
          isDone[fixture] = true
          close(fixture, over: bases[fixture].map(\.fixture))
          continue
        }
        path[path.count - 1].next += 1
        let (base, range) = bases[fixture][next]
        switch isDone[base] {
        case nil:
          isDone[base] = false
          path.append((base, 0))
        case true?: break
        case false?:
          let start = looksForNames ? path.firstIndex { $0.fixture == base } : nil
          let cycle = path[(start ?? path.count)...].map(\.fixture) + [base]
          let names = cycle.map { fixtures[$0].declaration.name.text }
          report(.fixtureCycle(names, at: range))
        }
      }
    }
  }

  /// A fixture stands on its bases and what they stand on.
  private mutating func close(_ fixture: Int, over bases: [Int]) {
    var order = unfolded(bases)
    if order.count > Limits.fixtureBases {
      let place = fixtures[fixture].declaration.name.range
      report(.tooMany("fixtures below one", limit: Limits.fixtureBases, at: place))
      order = []
    }
    fixtures[fixture].order = order + [fixture]
  }

  /// The bases of a fixture, seen from its module.
  private mutating func resolvedBases(_ position: Int) -> [(fixture: Int, range: SourceRange)] {
    module = fixtures[position].module
    return resolved(fixtures[position].declaration.bases)
  }

  /// Fixtures by name; unknown ones are reported and left out.
  private mutating func resolved(_ names: [Name]) -> [(fixture: Int, range: SourceRange)] {
    var found: [(fixture: Int, range: SourceRange)] = []
    for name in names {
      guard case .fixture(let fixture)? = lookUp(name, in: \.fixtures, .fixture) else { continue }
      found.append((fixture, name.range))
    }
    return found
  }

  /// All that the fixtures stand on and they themselves, each at its first place.
  private func unfolded(_ roots: [Int]) -> [Int] {
    var seen: Set<Int> = []
    return roots.flatMap { fixtures[$0].order }.filter { seen.insert($0).inserted }
  }

  /// One test: the facts of its fixtures and its own, then what is expected over them.
  private mutating func checkTest(
    _ test: TestDeclaration, _ total: inout Int, _ undefined: inout Set<SourceRange>
  ) {
    var lists: [FactList] = []
    var seen: Set<Int> = []
    for given in test.givens {
      for fixture in unfolded(resolved(given.fixtures).map(\.fixture))
      where seen.insert(fixture).inserted {
        lists.append(fixtures[fixture].facts)
      }
      lists.append(facts(given.facts))
    }
    guard holdFactCount(lists.map(\.facts.count), &total, test.title.range) else { return }
    let facts = lists.flatMap(\.facts)
    let nodes = TestNodes(facts)
    for mention in lists.flatMap(\.references) where !nodes.contains(mention.node) {
      guard undefined.insert(mention.range).inserted else { continue }
      reportUndefined(mention, nodes)
    }
    var expectations: [TypedExpectation?] = []
    for expectation in test.expectations {
      expectations.append(self.expectation(expectation, nodes))
    }
    let whole = expectations.compactMap { $0 }
    guard whole.count == expectations.count, let at = microseconds(test.now) else { return }
    tests.append(
      TypedTest(
        title: test.title.value, at: at, facts: facts, expectations: whole, range: test.range))
  }

  /// Suggests an id that a fact of the test makes.
  mutating func reportUndefined(_ mention: NodeMention, _ nodes: TestNodes) {
    let kind = index.schema.kinds[mention.node.kind].name
    let nearest = nearest(mention.node.id, nodes.ids(of: mention.node.kind))
    reportUnknown(.undefinedNode(kind, mention.node.id, nearest: nearest, at: mention.range))
  }
}

/// The nodes that the facts of a test say are there.
struct TestNodes {
  private var nodes: Set<NodeName> = []
  private var idsByKind: [Int: [String]] = [:]

  /// A node that is removed again was made all the same.
  init(_ facts: [TypedFact]) {
    for case .node(let node, _, _) in facts where nodes.insert(node).inserted {
      idsByKind[node.kind, default: []].append(node.id)
    }
  }

  /// A fact makes the node.
  func contains(_ node: NodeName) -> Bool { nodes.contains(node) }

  /// In the order in which they were given.
  func ids(of kind: Int) -> [String] { idsByKind[kind] ?? [] }
}
