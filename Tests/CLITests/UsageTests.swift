// Exit codes that scripts depend on, for every command there is.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Usage")
struct UsageTests {
  /// The table of commands as the program itself tells it.
  static let commands: [JSONValue] = {
    guard let told = try? Program.run(["help", "--json"], in: "/"),
      let json = try? JSONValue(parsing: Array(told.output.utf8))
    else { return [] }
    return json["commands"]?.array ?? []
  }()

  static let names = commands.compactMap { $0["name"]?.string }

  @Test("there are the commands of this release")
  func release() {
    let expected = [
      "check", "fmt", "test", "build", "disasm", "asm", "graph import", "graph apply",
      "graph info", "graph history", "graph at", "decide", "approve", "waive", "score", "query",
      "bench",
      "ask", "act", "plan", "run",
      "run show",
      "run cancel", "run unlock", "mcp", "serve", "key new",
      "key show",
      "key encrypt",
      "key decrypt", "key tls", "token mint", "token narrow", "token show", "token revoke",
      "log init",
      "log search", "log show", "log prove", "log report", "log verify",
      "log attest", "log rotate", "log keys", "log clock", "log readmit", "log continue",
      "log archive",
      "log prune", "log erase", "log override", "log review", "log reviews", "log stats",
      "log trouble", "log fsck", "replay",
      "witness serve", "log cosign",
      "log watch",
      "demo",
    ]
    #expect(UsageTests.names == expected)
  }

  @Test("--help tells the synopsis and returns 0", arguments: names)
  func help(_ name: String) throws {
    let words = name.split(separator: " ").map(String.init)
    let outcome = try Program.run(words + ["--help"], in: "/")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("  writ \(name)"))
    #expect(outcome.messages.isEmpty)
    #expect(try Program.run(["help"] + words, in: "/").output == outcome.output)
  }

  @Test("what a code means is told with the example and its mend, by the program alone")
  func codes() throws {
    let shown = try Program.run(["help", "W0548"], in: "/")
    #expect(shown.code == 0 && shown.messages.isEmpty)
    #expect(shown.output.contains("    run \"./mend.sh\" s when compile is failed\n"))
    #expect(shown.output.contains("Say that the run goes on, and ask what became of it."))
    #expect(!shown.output.contains("```") && !shown.output.contains("]("))
    let told = try JSONValue(
      parsing: Array(Program.run(["help", "W0548", "--json"], in: "/").output.utf8))
    let page = Corpus.text("docs/diagnostics/W0548.md")
    #expect(told["text"]?.string.map { page.hasSuffix("\($0)\n") } == true)
    for path in Corpus.files(in: "docs/diagnostics", ending: ".md").filter({ $0.contains("/W") }) {
      let code = path.split(separator: "/").last.map { String($0.dropLast(3)) } ?? ""
      let lines = try Program.run(["help", code], in: "/").output.split(separator: "\n")
      #expect(lines.count > 2, "\(code)")
    }
  }

  @Test("a part of a command that is misspelt is told by its near name")
  func parts() throws {
    for (words, nearest) in [
      (["run", "shw", "x"], "writ run show"),
      (["run", "cancle", "x", "--runs", "r"], "writ run cancel"),
      (["run", "unlok"], "writ run unlock"),
    ] {
      let outcome = try Program.run(words, in: "/")
      #expect(outcome.code == 64 && outcome.messages.contains("did you mean `\(nearest)`?"))
    }
    // What is near nothing is a pipeline.
    let other = try Program.run(["run", "release"], in: "/")
    #expect(other.code == 64 && other.messages.contains("needs `--bundle"))
  }

  @Test("that callers need not sign is noted wherever it stands in the header")
  func unsignedCallers() throws {
    let scratch = try Scratch()
    try scratch.write(
      "policy shop version 1\n\n// A policy like any other.\n\n  callers unsigned\n", to: "a.writ")
    try scratch.write("policy other version 1 callers signed\n", to: "b.writ")
    let checked = try Program.run(["check", "a.writ", "b.writ"], in: scratch.path)
    #expect(checked.code == 0)
    #expect(checked.messages.hasPrefix("note: a.writ:5:11: the policy says `callers unsigned`"))
    #expect(checked.messages.split(separator: "\n").count == 1)
    let json = try Program.run(["check", "a.writ", "b.writ", "--json"], in: scratch.path)
    #expect(
      try JSONValue(parsing: Array(json.output.utf8))["unsignedCallers"] == ["a.writ:5:11"])
  }

  @Test("a text that is not tested is an error for a build server")
  func untestedInJUnit() throws {
    let scratch = try Scratch()
    try scratch.write("policy broken version 1\nnode {\n", to: "broken.writ")
    try scratch.write("policy empty version 1\n", to: "empty.writ")
    let words = ["test", "broken.writ", "empty.writ", "--junit", "results.xml"]
    #expect(try Program.run(words, in: scratch.path).code == 65)
    let results = String(decoding: try scratch.bytes("results.xml"), as: UTF8.self)
    #expect(results.contains(#"<testsuite name="writ" tests="1" failures="0" errors="1">"#))
    #expect(results.contains(#"<testcase classname="broken.writ" name="the text compiles">"#))
    #expect(results.contains(#"<error message="not tested: 1 error">broken.writ:2:6: error W0104"#))
  }

  @Test("an unknown option returns 64", arguments: names)
  func unknownOption(_ name: String) throws {
    let words = name.split(separator: " ").map(String.init)
    let outcome = try Program.run(words + ["--nonsense"], in: "/")
    #expect(outcome.code == 64)
    #expect(outcome.messages.hasPrefix("writ: error: no option `--nonsense` for `writ \(name)`"))
    #expect(outcome.output.isEmpty)
  }

  @Test("what is missing returns 64 and is named", arguments: commands)
  func missing(_ command: JSONValue) throws {
    let name = try #require(command["name"]?.string)
    let options = command["options"]?.array ?? []
    let isOptional = options.allSatisfy { $0["required"]?.bool == false }
    let operands = command["operands"]?.array ?? []
    // Only the demo needs nothing.
    if isOptional, operands.isEmpty { return }
    let outcome = try Program.run(name.split(separator: " ").map(String.init), in: "/")
    #expect(outcome.code == 64)
    #expect(outcome.messages.contains("`writ \(name)` needs"))
  }

  @Test("files that are missing return 66", arguments: commands)
  func missingFiles(_ command: JSONValue) throws {
    let name = try #require(command["name"]?.string)
    let readsNothing = ["key new", "demo"]
    if readsNothing.contains(name) { return }
    let scratch = try Scratch()
    var words = name.split(separator: " ").map(String.init)
    for operand in command["operands"]?.array ?? [] {
      let isName = ["SCORECARD", "QUERY"].contains(operand["name"]?.string ?? "")
      words.append(isName ? "name" : "missing")
    }
    for option in command["options"]?.array ?? [] where option["required"]?.bool == true {
      let value = option["name"]?.string == "--index" ? "0" : "missing"
      words += [option["name"]?.string ?? "", value]
    }
    // One of two ways to use it must be chosen.
    if ["log prove", "replay"].contains(name) { words += ["--index", "0"] }
    if name == "decide" { words += ["--request", "missing"] }
    let outcome = try Program.run(words, in: scratch.path)
    #expect(outcome.code == 66, "\(outcome.messages)")
    #expect(outcome.messages.hasPrefix("writ: error: "))
    #expect(outcome.output.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }
}

@Suite("Streams and files")
struct StreamTests {
  @Test("an answer that cannot be written returns 74")
  func fullDevice() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let outcome = try Program.run(["help"], in: "/", sink: "/dev/full")
    #expect(outcome.code == 74)
    #expect(outcome.messages.contains("cannot write to standard output"))
  }

  @Test("a file that cannot be written returns 74")
  func unwritable() throws {
    let outcome = try Program.run(["key", "new", "a", "-o", "no/such/place"], in: "/")
    #expect(outcome.code == 74)
  }

  @Test("a signing key is readable by its owner alone, and never replaced")
  func keyMode() throws {
    let scratch = try Scratch()
    #expect(try Program.run(["key", "new", "a", "-o", "k"], in: scratch.path).code == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/k")
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    let before = try scratch.bytes("k")
    #expect(try Program.run(["key", "new", "a", "-o", "k"], in: scratch.path).code == 64)
    #expect(try scratch.bytes("k") == before)
  }

  @Test("colours are for terminals only")
  func colours() throws {
    let outcome = try Program.run(["help"], in: "/", environment: ["TERM": "xterm-256color"])
    #expect(!outcome.output.contains("\u{1B}"))
  }

  @Test("bytes that are no text, no JSON and no bundle return 65", arguments: 0..<40)
  func noise(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let scratch = try Scratch()
    let bytes =
      (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) } + [0x80]
    try Data(bytes).write(to: URL(fileURLWithPath: scratch.path + "/noise"))
    let commands = [
      ["check", "noise"], ["disasm", "noise"], ["asm", "noise", "-o", "x"],
      ["graph", "info", "noise"],
      ["log", "init", "log", "--origin", "o", "--key", "noise"],
    ]
    for words in commands {
      let outcome = try Program.run(words, in: scratch.path)
      #expect(outcome.code == 65, "\(words) with seed \(seed): \(outcome.messages)")
    }
  }
}
