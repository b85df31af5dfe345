// How the time of a compilation grows with the text: twice as much of one thing should take about twice as long.
import Foundation
import Writ
import WritText

/// Texts that have much of one thing.
private struct Growth: Sendable {
  let name: String
  /// How much there is of the thing; then twice as much.
  let count: Int
  /// The texts behind their `policy` lines; the first imports the others.
  let texts: @Sendable (Int) -> [String]

  init(_ name: String, _ count: Int = 4_000, _ text: @escaping @Sendable (Int) -> String) {
    self.name = name
    self.count = count
    texts = { [text($0)] }
  }

  init(_ name: String, _ count: Int, texts: @escaping @Sendable (Int) -> [String]) {
    self.name = name
    self.count = count
    self.texts = texts
  }

  /// CPU seconds that compiling so much takes, the least of two runs.
  func seconds(_ count: Int) throws -> Double {
    let files = texts(count).enumerated().map { index, text in
      SourceFile(
        name: "\(index).writ",
        text: "policy m\(index) version 1 \(text) node T\(index) { n: Int t: String }")
    }
    return try best(of: 2, [{ _ = compile(files, root: 0) }])[0]
  }
}

/// On one line, so that most places are far from the start of theirs.
private func repeated(_ count: Int, _ item: (Int) -> String) -> String {
  (0..<count).map(item).joined(separator: " ")
}

private func gate(_ items: String) -> String { "gate g(s: T0) { \(items) }" }

private let growths = [
  Growth("clauses") { gate(repeated($0) { "require c\($0): s.n > \($0)" }) },
  Growth("lets") { gate(repeated($0) { "let l\($0) = s.n > \($0) require c\($0): l\($0)" }) },
  Growth("what is known", 500) { count in
    "node M { \(repeated(count) { "m\($0): Int?" }) } "
      + "gate m(x: M) { \(repeated(count) { "when x.m\($0) is not absent { require c\($0): x.m\($0) > 1 }" }) "
      + "when \((0..<min(count, 100)).map { "x.m\($0) is not absent" }.joined(separator: " and ")) { "
      + "\(repeated(4 * count) { "deny d\($0): x.m0 > \($0)" }) } }"
  },
  Growth("gates") { repeated($0) { "gate g\($0)(s: T0) { require x: s.n > \($0) }" } },
  Growth("parts of a message", 2_000) {
    gate("deny d: s.n > 1 \"\(repeated($0) { "{s.n + \($0)}" })\"")
  },
  Growth("rules") { repeated($0) { "rule r\($0)(s: T0) = s.n > \($0)" } },
  Growth("a chain of rules", 150) { count in
    repeated(count) { "rule r\($0)(s: T0) -> Bool = r\($0 + 1)(s)" }
      + " rule r\(count)(s: T0) -> Bool = s.n > 1 \(gate("require x: r0(s)"))"
  },
  Growth("quoted names", 20_000) { "rule q(`q`: Int) = [\(repeated($0) { _ in "`q`," })]" },
  Growth("fields") { count in
    "node F { \(repeated(count) { "f\($0): Int" }) } "
      + "gate f(x: F) { \(repeated(count) { "require c\($0): x.f\($0) > 1" }) }"
  },
  Growth("kinds of a union", 1_000) { count in
    repeated(count) { "node K\($0) { n: Int to_ -> T0 inverse back\($0) }" }
      + " node U { k -> \((0..<count).map { "K\($0)" }.joined(separator: " | ")) } "
      + "gate u(x: U) { require n: x.k.n > 1 require t: x.k.to_.n > 1 require k: x.k is K1 }"
  },
  Growth("strings", 20_000) { gate("require t: s.t in [\(repeated($0) { "\"\($0)\"," })]") },
  Growth("errors", 20_000) { "rule r(s: T0) = [\(repeated($0) { "s.x\($0)," })]" },
  Growth(
    "imports", 450,
    texts: { count in
      [repeated(count) { "import m\($0 + 1)" } + " gate g(s: T1) { require x: r1(s) }"]
        + (1...count).map { "rule r\($0)(s: T\($0)) = s.n > 1" }
    }),
]

/// Prints the time of a compilation, and by how much it grows when there is twice as much of one thing.
func compileBenchmark() throws {
  for growth in growths {
    let once = try growth.seconds(growth.count)
    let twice = try growth.seconds(2 * growth.count)
    let name = growth.name.padding(toLength: 20, withPad: " ", startingAt: 0)
    let factor = String(format: "%.1f", twice / once)
    print("\(name) \(growth.count): \(Int(once * 1_000)) ms; twice as many: \(factor) x as long")
  }
}
