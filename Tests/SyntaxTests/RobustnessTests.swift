// No bytes trap the lexer, the parser or the formatter; every limit answers with a diagnostic.

import Testing
import WritSyntax
import WritTesting
import WritText

@Suite struct RobustnessTests {
  private static let policies = Corpus.cases(in: "syntax").compactMap { path, file in
    file["policy"].map { (path: path, bytes: Array($0.utf8)) }
  }

  /// Every token of every case taken out, and written twice.
  @Test func anyTokenMayBeMissingOrTwice() {
    for policy in Self.policies where policy.bytes.count < 400 {
      let tokens = parsed(policy.bytes).tokens.dropLast()
      for token in tokens {
        let range = Int(token.start)..<Int(token.end)
        var without = policy.bytes
        without.removeSubrange(range)
        check(without, "\(policy.path) without \(range)")
        var twice = policy.bytes
        twice.insert(contentsOf: [0x20] + policy.bytes[range], at: range.upperBound)
        check(twice, "\(policy.path) with \(range) twice")
      }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func anyBytesMayChange(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let signs = Array("{}()[]+*.,:;\"\\`$?|&<>=!-/ \n\0\u{80}".utf8)
    for policy in Self.policies where !policy.bytes.isEmpty {
      var bytes = policy.bytes
      for _ in 0..<1 + random.below(4) {
        let byte =
          random.below(2) == 0 ? UInt8(random.below(256)) : signs[random.below(signs.count)]
        bytes[random.below(bytes.count)] = byte
      }
      check(bytes, "seed \(seed), \(policy.path)")
      check(Array(bytes[..<random.below(bytes.count)]), "seed \(seed), \(policy.path), cut")
    }
  }

  @Test func allShortTextsOfSignsParse() {
    // Words and signs in all rows of three, the middle one among few.
    let parts = [
      "gate g(", "{", "}", "(", ")", "\"{", "a", "1", "+", "-", ".", "$", "deny x:", "rule r() =",
      "any", "is unknown", "approval by", "expect", "test \"\" {", "\u{0}", "`", "2026-13-01", "//",
    ]
    for first in parts {
      for second in ["{", "(", "a", ".", "\"{", "any"] {
        for third in parts { check(Array("\(first) \(second)\(third)".utf8), "") }
      }
    }
  }

  private func check(_ bytes: [UInt8], _ what: String) {
    let flaws = flaws(of: parsed(bytes))
    #expect(flaws == [], "\(what): \(String(decoding: bytes, as: UTF8.self))")
  }
}

@Suite struct LimitTests {
  private func nested(_ open: String, _ count: Int, _ close: String) -> String {
    "rule f() = " + String(repeating: open, count: count) + "x"
      + String(repeating: close, count: count)
  }

  @Test(arguments: [
    ("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("x ?? ", ""), ("f(", ")"),
    ("count(", ")"), ("any x has ", ""), ("a.(b where ", ")"),
  ])
  func nestingIsBounded(open: String, close: String) {
    #expect(codes(nested(open, 200, close)).isEmpty)
    #expect(codes(nested(open, 10_000, close)) == ["W0114"])
  }

  @Test func bodiesAndTypesNestBoundedly() {
    #expect(codes("param p: \(String(repeating: "Set<", count: 10_000))A = 1").first == "W0114")
    #expect(codes("gate g() {" + String(repeating: "when x {", count: 10_000)).first == "W0114")
    #expect(
      codes("fixture f { N n {" + String(repeating: "a -> b {", count: 10_000)).first == "W0114")
  }

  @Test(arguments: [" and ", " or ", " + ", " * ", ".", " where ", " select "])
  func chainsAreBounded(joint: String) {
    let chain = { (count: Int) in
      "rule f() = " + [String](repeating: "x", count: count).joined(separator: joint)
    }
    #expect(codes(chain(1_000)).isEmpty)
    #expect(flaws(of: parsed(chain(1_000))) == [])
    #expect(codes(chain(20_000)) == ["W0115"])
  }

  @Test func chainsWithinBracketsAddUp() {
    let level = String(repeating: " + y", count: 400)
    let text =
      "rule f() = " + String(repeating: "(", count: 100) + "x"
      + String(repeating: level + ")", count: 100)
    #expect(codes(text) == ["W0115"])
  }

  @Test func hundredsOfThousandsOfTermsAreAnswered() {
    let text = "rule f() = x" + String(repeating: " and x", count: 200_000)
    #expect(codes(text) == ["W0115"])
  }

  /// What would be written anew in each of many fix-its is not, where it is long.
  @Test func longExpressionsAreNotWrittenAnew() {
    let calls = parsed("rule f() = a" + String(repeating: ".b()", count: 100_000))
    #expect(calls.diagnostics.count == SyntaxLimits.diagnostics + 1)
    let long = String(repeating: "a", count: SyntaxLimits.rewrittenBytes)
    for text in ["rule f() = \(long).isOpen()", "rule f() = 1 <= \(long) <= 2"] {
      #expect(parsed(text).diagnostics.count == 1)
      #expect(parsed(text).diagnostics.first?.fixIts == [])
    }
  }

  @Test func textsAndTokensAreBounded() {
    #expect(codes(String(repeating: " ", count: SyntaxLimits.textBytes + 1)) == ["W0010"])
    #expect(codes(String(repeating: "}", count: SyntaxLimits.tokens + 1)) == ["W0011"])
  }

  @Test func diagnosticsAreBounded() {
    let file = parsed(String(repeating: "rule\n", count: 1_000))
    #expect(file.diagnostics.count == SyntaxLimits.diagnostics + 1)
    #expect(file.diagnostics.last?.code == .tooManyDiagnostics)
    #expect(codes(String(repeating: "#\n", count: 100_000)).count == SyntaxLimits.diagnostics + 1)
  }

  @Test func longRowsAreNoNesting() {
    #expect(codes("rule f() = [" + String(repeating: "a,", count: 100_000) + "]").isEmpty)
    let items = String(repeating: "deny d: x \"{x}\"\n", count: 20_000)
    #expect(codes("gate g() {\n\(items)}").isEmpty)
  }
}
