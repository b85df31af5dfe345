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

@Suite struct PipelineLimitsTests {
  private func codes(_ steps: String) -> [String] {
    Program("pipeline p() { stage a { \(steps) } }\n").codes
  }

  private func values(_ count: Int) -> String {
    (0..<count).map(String.init).joined(separator: ", ")
  }

  private func matrices(_ first: Int, _ second: Int, _ steps: String) -> String {
    "matrix a in [\(values(first))] { matrix b in [\(values(second))] { \(steps) } }"
  }

  @Test func combinations() {
    #expect(codes(matrices(16, 16, #"run "x" a b"#)) == [])
    #expect(codes(matrices(16, 17, #"run "x" a b"#)) == ["W0537"])
    #expect(codes("matrix a in [\(values(257))] { wait 1m }") == ["W0537"])
    // One after another they count each on its own.
    let row = "matrix a in [\(values(200))] { wait 1m }"
    #expect(codes(row + row) == [])
  }

  @Test func steps() {
    let row = String(repeating: "wait 1m ", count: 9_999)
    #expect(codes(row + "wait 1m") == [])
    #expect(codes(row + "wait 1m wait 1m") == ["W0539"])
    #expect(codes(matrices(16, 16, String(repeating: "wait 1m ", count: 40))) == ["W0539"])
    // What only holds them is none.
    let whole = "matrix a in [\(values(100))] { \(String(repeating: "wait 1m ", count: 100)) }"
    #expect(codes(whole) == [])
    #expect(codes(whole + "wait 1m") == ["W0539"])
    #expect(codes("wait 1m " + whole) == ["W0539"])
    #expect(codes(String(repeating: "parallel { wait 1m } ", count: 10_000)) == [])
  }

  /// Groups have a bound of their own.
  @Test func groups() {
    let within = "parallel { parallel { wait 1m } } "
    #expect(codes(String(repeating: within, count: 5_000)) == [])
    #expect(codes(String(repeating: within, count: 5_000) + "wait 1m") == [])
    #expect(codes(String(repeating: within, count: 5_000) + "parallel { wait 1m }") == ["W0539"])
    // A matrix, and a row of it for each value.
    let matrix = "matrix a in [\(values(250))] { wait 1m parallel { parallel { wait 1m } } } "
    #expect(codes(String(repeating: matrix, count: 13)) == [])
    #expect(codes(String(repeating: matrix, count: 14)) == ["W0539"])
    // A loop that holds nothing is a step.
    let look = "repeat every 1m at most 2 until 1 == 2 "
    #expect(!codes(String(repeating: look, count: 100)).contains("W0539"))
  }

  @Test func values() {
    func run(_ count: Int, _ word: String) -> String {
      #"run "x""# + String(repeating: " " + word, count: count)
    }
    #expect(codes(matrices(16, 16, run(78, "(a + b)"))) == [])
    #expect(codes(matrices(16, 16, run(79, "(a + b)"))) == ["W0539"])
    // A value is there once for each value that it depends on.
    #expect(codes(matrices(16, 16, run(79, "a"))) == [])
  }

  @Test func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "parallel { ", count: depth - 1) + "wait 1m"
        + String(repeating: " }", count: depth - 1)
    }
    #expect(codes(nested(24)) == [])
    #expect(codes(nested(25)) == ["W0539"])
    // The rows of a matrix are steps too.
    #expect(codes("matrix a in [1, 2] { wait 1m \(nested(22)) }") == [])
    #expect(codes("matrix a in [1, 2] { wait 1m \(nested(23)) }") == ["W0539"])
    #expect(codes("matrix a in [1, 2] { \(nested(23)) }") == [])
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
