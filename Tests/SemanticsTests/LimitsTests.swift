// Limits are answered with a diagnostic, and types are described as people write them.

import Testing
import WritModel
import WritSemantics
import WritText

@Suite struct LimitsTests {
  @Test func roles() {
    let names = (0...10_000).map { "r\($0)" }.joined(separator: ", ")
    #expect(Program("role " + names).codes == ["W0701"])
    let fewer = (0..<10_000).map { "r\($0)" }.joined(separator: ", ")
    #expect(Program("role " + fewer).codes == [])
  }

  @Test func modules() {
    let imported = (0..<1_000).map { (name: "m\($0)", text: "policy m\($0) version 1\n") }
    let root = imported.map { "import \($0.name)\n" }.joined()
    #expect(Program([("root", root)] + imported).codes == ["W0701"])
    #expect(Program([("root", root)] + imported).result.program == nil)
  }

  @Test func factsOfAllTests() {
    let facts = (0..<1_000).map { "N n\($0) { }\n" }.joined()
    let tests = (0..<500).map {
      "test \"t\($0)\" { at 2026-01-01T00:00:00Z given f expect true }\n"
    }
    let text = "node N { }\nfixture f {\n\(facts)}\n"
    #expect(Program(text + tests.dropLast().joined()).codes.allSatisfy { $0 != "W0702" })
    #expect(Program(text + tests.joined()).codes.contains("W0702"))
  }

  @Test func fixturesOnFixtures() {
    let chain = (1...1_001).map { "fixture f\($0) with f\($0 - 1) { }\n" }
    #expect(Program("fixture f0 { }\n" + chain.dropLast().joined()).codes == [])
    #expect(Program("fixture f0 { }\n" + chain.joined()).codes == ["W0701"])
  }

  @Test func diagnostics() {
    let rules = (0..<200).map { "rule r\($0)() -> Int = x\($0)\n" }.joined()
    let program = Program(rules)
    #expect(program.codes.count == 101)
    #expect(program.codes.last == "W0012")
    #expect(program.result.program == nil)
  }

  @Test func warnings() {
    let clauses = (0..<150).map { "deny c\($0): 1 == 2\n" }.joined()
    let program = Program("gate g() {\n\(clauses)}\n")
    #expect(program.codes.count == 101)
    #expect(program.codes.last == "W0610")
    #expect(program.result.program != nil)
    let broken = Program("gate g() {\n\(clauses)}\nrule r() -> Int = x\n")
    #expect(broken.result.program == nil)
    #expect(broken.codes.filter { $0 != "W0601" }.count == 2, "the error and W0610")
  }
}

@Suite struct DescribeTests {
  @Test func types() throws {
    let text = """
      enum E { a }
      node A { to_ -> many B }
      node B { }
      """
    let schema = try #require(Program(text).result.program?.schema)
    let cases: [(ValueType, String)] = [
      (.bool, "Bool"), (.decimal, "Decimal"), (.enumeration(0), "Weekday"), (.enumeration(1), "E"),
      (.optional(.instant), "Instant?"), (.node([0, 1]), "A | B"), (.set(.string), "Set<String>"),
      (.list(.node([1])), "List<B>"), (.edge(0), "A.to_"), (.optional(.node([0, 1])), "A | B?"),
    ]
    for (type, expected) in cases { #expect(describe(type, in: schema) == expected) }
  }
}
