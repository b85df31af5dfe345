// The story that the program tells of itself.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Demo")
struct DemoTests {
  @Test("every scene comes out as it should, and the proof that is kept verifies")
  func story() throws {
    let scratch = try Scratch()
    let outcome = try Program.run(["demo", "--keep", "kept"], in: scratch.path)
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("All 7 scenes came out as they should."))
    #expect(!outcome.output.contains("\u{1B}"))
    for word in ["DENY", "HOLD", "ALLOW", "VERIFIED", "CHANGED", "SAME"] {
      #expect(outcome.output.contains(word))
    }
    let verify = ["log", "verify", "kept/log", "--vkey", "kept/log.key.pub"]
    #expect(try Program.run(verify, in: scratch.path).code == 0)
    let proof = ["kept/ship.proof", "--vkey", "kept/log.key.pub"]
    let auditor = try Program.run(proof, in: scratch.path, program: "writ-verify")
    #expect(auditor.code == 0)
    // What the demo shows of the auditor's program is what that program prints.
    for line in auditor.output.split(separator: "\n") where line.hasPrefix("verified") {
      #expect(outcome.output.contains(line))
    }
  }

  @Test("the README shows what the demo prints")
  func excerpt() throws {
    let scratch = try Scratch()
    let printed = normalised(try Program.run(["demo"], in: scratch.path).output)
    let text = Corpus.text("README.md")
    let start = try #require(text.firstRange(of: "<!-- demo output begins")?.lowerBound)
    let end = try #require(text.firstRange(of: "<!-- demo output ends")?.lowerBound)
    let shown = normalised(String(text[start..<end])).filter {
      !$0.hasPrefix("<!--") && $0 != "```" && $0 != "   …"
    }
    #expect(shown.count > 15)
    var rest = printed[...]
    for line in shown {
      guard let found = rest.firstIndex(of: line) else {
        Issue.record("the demo does not print: \(line)")
        continue
      }
      rest = rest[(found + 1)...]
    }
  }

  /// Lines without times and keys.
  private func normalised(_ text: String) -> [String] {
    text.replacing(/~[A-Za-z0-9_-]{43}/, with: "~<token>").replacing(
      /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "<time>"
    )
    .replacing(/key [0-9a-f]{8}/, with: "<key>")
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test("as JSON it tells every step")
  func json() throws {
    let scratch = try Scratch()
    let outcome = try Program.run(["demo", "--json"], in: scratch.path)
    let json = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(json["passed"] == true)
    #expect((json["steps"]?.array ?? []).count > 20)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }

  @Test("nothing is put into a directory that is in use")
  func usedDirectory() throws {
    let scratch = try Scratch()
    try scratch.write("mine", to: "kept/mine")
    #expect(try Program.run(["demo", "--keep", "kept"], in: scratch.path).code == 64)
  }

  @Test("the texts in the program are those of policies/checkout")
  func texts() {
    let difference = Corpus.difference(
      ofFile: "Sources/WritCLI/Demo/DemoTexts.swift", from: demoTexts())
    #expect(difference == nil, "\(difference ?? "")")
  }

  private func demoTexts() -> String {
    let texts = [
      ("policy", "checkout.writ"), ("facts", "graph.jsonl"), ("request", "request.json"),
    ].map { name, file in
      let path = "policies/checkout/" + file
      let lines = Corpus.text(path).split(separator: "\n", omittingEmptySubsequences: false)
      let body = lines.dropLast().map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
      return "  /// \(path)\n  static let \(name) = ###\"\"\"\n\(body)\n    \"\"\"###\n"
    }
    return """
      // The texts of policies/checkout for the demo; DemoTests writes them, nobody else.

      /// What the demo needs, so that the program needs no file.
      enum DemoTexts {
      \(texts.joined(separator: "\n"))}

      """
  }
}
