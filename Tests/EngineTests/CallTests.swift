// Calls of rules and scorecards within the arguments of calls: each call has arguments of its own.

import Testing
import Writ
import WritText

@Suite struct CallTests {
  private static let policy = """
    policy calls version 1

    enum Level { low < high }
    node S { n: Int  next -> many S }
    rule less(a: Int, b: Int) -> Int = a - b
    rule both(a: Set<S>, b: Set<S>) -> Set<S> = a - b
    scorecard card(s: S, by: Int) -> Level sum {
      let shifted = s.n - by
      check positive weight 2: shifted > 0
      level high at 2
    }
    rule rank(l: Level, m: Int) -> Int = count(S where l == high and n > m)

    fixture three {
      S one { n: 1  next -> [two] }
      S two { n: 2  next -> [one, three] }
      S three { n: 3  next -> [] }
    }
    """

  @Test(arguments: [
    ("less(S \"one\".n + 9, less(S \"two\".n, 1))", "9"),
    ("less(9, less(S \"two\".n + 1, 1))", "7"),
    ("less(less(S \"one\".n, 4), less(S \"two\".n, 1))", "-4"),
    ("less(less(1, less(2, S \"three\".n)), less(less(4, 5), S \"one\".n))", "4"),
    ("count(both(S, both(S \"two\".next, S \"one\".next)))", "1"),
    ("rank(card(S \"three\", less(3, S \"one\".n)).level, less(2, S \"one\".n))", "2"),
    ("rank(card(S \"one\", less(3, S \"one\".n)).level, less(2, S \"one\".n))", "0"),
  ])
  func nested(_ expression: String, _ value: String) throws {
    let text = """
      \(Self.policy)
      test "it" {
        at 2026-11-19T10:00:00Z
        given three
        expect \(expression) == \(value)
      }
      """
    let compilation = compile([SourceFile(name: "calls.writ", text: text)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [])
    let (typed, program) = (try #require(compilation.typed), try #require(compilation.program))
    let results = runTests(typed, program)
    #expect(results.count == 1)
    #expect(results.flatMap { $0.expectations.compactMap(\.failure) } == [])
  }
}
