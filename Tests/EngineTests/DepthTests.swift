// What lies deep within one another is compiled or refused with a diagnostic: every walk over an expression is bounded.

import Testing
import Writ
import WritText

@Suite struct DepthTests {
  /// Rules, each of which calls the one before it, and a gate that asks the last.
  private func chain(
    _ count: Int, of body: String, ending: String, asked: String = "CALL(s) == CALL(s)"
  ) -> [String] {
    let rules = (0..<count).map { number in
      let text = number == 0 ? ending : body.replacing("CALL", with: "r\(number - 1)")
      return "rule r\(number)(s: S) = \(text)\n"
    }
    let question = asked.replacing("CALL", with: "r\(count - 1)")
    return codes(rules.joined() + "gate g(s: S) { require x: \(question) }")
  }

  private func codes(_ text: String) -> [String] {
    let header = "policy deep version 1\nnode S { n: Int  m: Int?  next -> many S }\n"
    let file = SourceFile(name: "deep.writ", text: header + text)
    return compile([file], root: 0).diagnostics.map(\.code.id)
  }

  @Test(arguments: [350, 700, 16_000])
  func rulesThatCallRules(_ count: Int) {
    let expected = count < 400 ? [] : ["W0703"]
    #expect(chain(count, of: "CALL(s) + 1", ending: "s.n") == expected)
  }

  @Test(arguments: [
    ["not (CALL(s) and s.n in 1 ..< 2)", "s.n > 1", "CALL(s)"],
    ["any x in s.next has CALL(x)", "s.n > 1", "CALL(s)"],
    ["count(s.next where CALL(it) > 1)", "s.n", "CALL(s) > 1"],
    ["CALL(s) ?? s.m", "s.m", "CALL(s) is absent"],
    ["s.next where (CALL(it) is not empty)", "s.next", "CALL(s) is empty"],
    ["s.next.(next where (CALL(to) is not empty))", "s.next", "CALL(s) is empty"],
  ])
  func ofEveryForm(_ form: [String]) {
    let few = chain(20, of: form[0], ending: form[1], asked: form[2])
    #expect(few == [], "\(form[0])")
    let many = chain(16_000, of: form[0], ending: form[1], asked: form[2])
    #expect(many == ["W0703"], "\(form[0])")
  }

  @Test func parametersAndLets() {
    let parameters = (0..<2_000).map { "a\($0): Int" }.joined(separator: ", ")
    let arguments = (0..<2_000).map { "\($0)" }.joined(separator: ", ")
    #expect(
      codes("rule r(\(parameters)) = a0\ngate g(s: S) { require x: r(\(arguments)) == 0 }")
        == ["W0703"])
    let lets = (0..<2_000).map { "let l\($0) = s.n > \($0)\n" }.joined()
    let score =
      "enum L { low < high }\nscorecard c(s: S) -> L {\n\(lets)check k weight 1: \(uses)\n}\n"
    #expect(codes(score + "gate g(s: S) { require x: c(s).level == high }").contains("W0703"))
  }

  /// Every let of the scorecard, used.
  private var uses: String {
    (0..<500).map { "l\(4 * $0) or l\(4 * $0 + 1) or l\(4 * $0 + 2) or l\(4 * $0 + 3)" }
      .map { "(\($0))" }.joined(separator: " and ")
  }
}
