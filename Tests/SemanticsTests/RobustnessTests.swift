// Whatever the parser makes of a text, the checker answers: no trap, and a reason where no program.

import Testing
import WritSemantics
import WritSyntax
import WritTesting
import WritText

@Suite struct RobustnessTests {
  /// Every case again with each of its tokens taken out in turn: of the longer cases every third.
  @Test(arguments: Corpus.cases(in: "semantics").map(\.path))
  func aTokenLess(path: String) {
    let file = CaseFile(name: path, text: Corpus.text(path))
    let texts = Program.texts(of: file)
    guard let first = texts.first else { return }
    let bytes = Array(first.text.utf8)
    let tokens = parse(SourceFile(name: "policy.writ", bytes: bytes), index: 0).tokens
    let stride = tokens.count > 120 ? 3 : 1
    for index in Swift.stride(from: 0, to: tokens.count - 1, by: stride) {
      let token = tokens[index]
      let cut = bytes[..<Int(token.start)] + bytes[Int(token.end)...]
      let text = String(decoding: cut, as: UTF8.self)
      let program = Program([(first.name, text)] + texts.dropFirst())
      #expect(program.flaws == [], "\(path) without token \(index)")
    }
  }

  /// Two tokens swapped, at places that a seed picks.
  @Test func tokensSwapped() {
    var random = SplitMix64(seed: 7)
    for (path, file) in Corpus.cases(in: "semantics") {
      let texts = Program.texts(of: file)
      guard let first = texts.first else { continue }
      let bytes = Array(first.text.utf8)
      let tokens = parse(SourceFile(name: "policy.writ", bytes: bytes), index: 0).tokens
      guard tokens.count > 3 else { continue }
      for _ in 0..<20 {
        let one = random.below(tokens.count - 2)
        let other = one + 1 + random.below(tokens.count - 2 - one)
        let (a, b) = (tokens[one], tokens[other])
        let swapped =
          bytes[..<Int(a.start)] + bytes[Int(b.start)..<Int(b.end)]
          + bytes[Int(a.end)..<Int(b.start)] + bytes[Int(a.start)..<Int(a.end)]
          + bytes[Int(b.end)...]
        let text = String(decoding: swapped, as: UTF8.self)
        let program = Program([(first.name, text)] + texts.dropFirst())
        #expect(program.flaws == [], "\(path) with tokens \(one) and \(other) swapped, seed 7")
      }
    }
  }

  @Test func noFilesAtAll() {
    let result = check([], roots: [], digests: [])
    #expect(result.diagnostics == [])
    #expect(result.program?.modules == [])
    #expect(check([], roots: [3, -1], digests: []).diagnostics == [])
  }

  @Test func aTextWithoutAnything() {
    #expect(Program("").flaws == [])
    #expect(Program("").result.program?.modules.count == 1)
  }
}

/// Depths and lengths at the parser's limits.
@Suite struct DepthTests {
  private func accepted(_ text: String) -> [String] {
    Program(text).codes
  }

  private func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  @Test(arguments: ["and", "or"])
  func longChains(word: String) {
    #expect(accepted("rule f(a: Bool) -> Bool = a" + repeated(" \(word) a", 990)) == [])
  }

  @Test(arguments: ["+", "-", "*", "/"])
  func longSums(sign: String) {
    #expect(accepted("rule f(a: Int) -> Int = a" + repeated(" \(sign) a", 990)) == [])
  }

  @Test func longPaths() {
    let schema = "node N { next -> N  all_ -> many N inverse back }\n"
    let text = schema + "rule f(n: N) -> N = n" + repeated(".next", 990)
    #expect(accepted(text) == [])
    #expect(accepted(schema + "rule f(n: N) -> Set<N> = n" + repeated(".all_", 990)) == [])
    let ids = schema + "rule f(n: N) -> List<String> = n.all_" + repeated(".next", 900) + ".id"
    #expect(accepted(ids) == [])
  }

  @Test func deepGroups() {
    let text = "rule f(a: Int) -> Int = " + repeated("(", 200) + "a" + repeated(")", 200)
    #expect(accepted(text) == [])
    let not = "rule f(a: Bool) -> Bool = " + repeated("not ", 200) + "a"
    #expect(accepted(not) == [])
    let minus = "rule f(a: Int) -> Int = " + repeated("-", 200) + "a"
    #expect(accepted(minus) == [])
  }

  @Test func deepFilters() {
    let schema = "node N { all_ -> many N  size: Int }\n"
    let nested =
      schema + "rule f(n: N) -> Bool = " + repeated("any n.all_ has (", 60) + "size == 1"
      + repeated(")", 60)
    #expect(accepted(nested).allSatisfy { $0 == "W0603" })
    let row = schema + "rule f(n: N) -> Set<N> = n.all_" + repeated(" where size > 1", 900)
    #expect(accepted(row) == [])
    let selects = schema + "rule f(n: N) -> List<N> = n.all_" + repeated(" select it", 900)
    #expect(accepted(selects) == [])
  }

  @Test func deepLists() {
    let text = "rule f() -> Bool = " + repeated("[", 200) + repeated("]", 200) + " is empty"
    #expect(accepted(text) == ["W0310"])
  }

  @Test func deepDefaults() {
    let text = "rule f(a: Int?) -> Int = " + repeated("a ?? ", 200) + "1"
    #expect(Program(text).flaws == [])
  }

  @Test func deepGuards() {
    let text =
      "gate g(a: Int) { " + repeated("when a > 1 { ", 200) + "deny x: a > 2 " + repeated("}", 201)
    #expect(accepted(text) == [])
  }

  @Test func longChainOfRules() {
    var text = "rule f0(a: Int) = a\n"
    for index in 1...3_000 { text += "rule f\(index)(a: Int) = f\(index - 1)(a)\n" }
    let backwards = text.split(separator: "\n").reversed().joined(separator: "\n")
    #expect(accepted(text) == [])
    #expect(accepted(backwards) == [])
  }

  @Test func longChainOfImports() {
    let texts = (0..<400).map { index in
      (
        name: "m\(index).writ",
        text: "policy m\(index) version 1\n" + (index < 399 ? "import m\(index + 1)\n" : "")
          + "rule r\(index)() -> Int = " + (index < 399 ? "r\(index + 1)()" : "1")
      )
    }
    let program = Program(texts)
    #expect(program.codes == [])
    #expect(program.result.program?.modules.first?.name == "m399")
    #expect(program.result.program?.modules.last?.name == "m0")
  }
}
