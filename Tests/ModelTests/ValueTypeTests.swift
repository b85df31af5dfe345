// Which types are single values, and which are part of which.

import Testing
import WritModel

@Suite struct ValueTypeTests {
  private let types: [ValueType] = [
    .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration(0), .enumeration(1),
    .node([1]), .edge(0), .optional(.int), .set(.int), .list(.node([1])),
  ]

  @Test func singleValues() {
    #expect(types.filter { !$0.isSingle } == Array(types.suffix(4)))
  }

  @Test func typesArePartOfThemselvesAlone() {
    for type in types {
      for other in types { #expect(type.isPart(of: other) == (type == other)) }
    }
  }

  @Test func nodesOfFewerKindsArePartOfNodesOfMore() {
    let all: [[Int]] = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2], [0, 2, 5]]
    for kinds in all {
      for other in all {
        #expect(
          ValueType.node(kinds).isPart(of: .node(other)) == Set(kinds).isSubset(of: other),
          "\(kinds) \(other)")
      }
    }
    #expect(!ValueType.optional(.node([0])).isPart(of: .optional(.node([0, 1]))))
  }

  @Test func effectsHaveAnOrder() {
    #expect(ActionEffect.allCases.sorted() == [.none, .staging, .production])
    #expect(!(ActionEffect.staging < .staging))
  }

  @Test func secretsHavePlainNames() {
    for name in ["a", "_", "deploy_token", "A9", String(repeating: "x", count: 128)] {
      #expect(ActionSecret.isName(name))
    }
    for name in ["", "9a", "a b", "a=b", "a-b", "é", "a\0", String(repeating: "x", count: 129)] {
      #expect(!ActionSecret.isName(name))
    }
  }
}
