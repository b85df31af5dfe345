// Bytecode that no policy compiles to, though it verifies: it is answered like any other.

import Testing
import WritModel
import WritTesting

@Suite("Bytecode from elsewhere")
struct ForeignBytecodeTests {
  /// Builds the policy, exchanges words of its bytecode, and makes the bundle of that.
  private func world(
    _ policy: String, _ facts: String, _ word: String, for other: String
  ) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(policy, to: "p.writ")
    try scratch.write(
      facts + #"{"source":"a","at":"2026-11-19T09:00:00Z","covers":"*"}"# + "\n", to: "f.jsonl")
    try run("build p.writ -o built", in: scratch)
    try run("graph import --schema p.writ f.jsonl -o g", in: scratch)
    let text = try run("disasm built", in: scratch)
    #expect(text.contains(word), "\(text)")
    try scratch.write(text.replacing(word, with: other), to: "text")
    try run("asm text -o b", in: scratch)
    return scratch
  }

  @discardableResult
  private func run(_ words: String, in scratch: Scratch) throws -> String {
    let outcome = try Program.run(
      words.split(separator: " ").map(String.init), in: scratch.path)
    try #require(outcome.code == 0, "\(words): \(outcome.messages)")
    return outcome.output
  }

  private let times = "--now 2026-11-19T10:00:00Z --as-of 2026-11-19T10:00:00Z"

  @Test("a set that takes other forms keeps the room it has")
  func manyForms() throws {
    let policy = """
      policy p version 1
      source a fresh 7d
      node S from a { on: Bool  dep -> many S }
      gate g(s: S) { deny c: (s.dep+ where on) is not empty }

      """
    let facts = (0..<3).map {
      #"{"node":"S","id":"s\#($0)","props":{"on":\#($0 == 1)}}"# + "\n"
        + #"{"edge":"dep","from":"S/s\#($0)","to":"S/s\#(($0 + 1) % 3)","props":{}}"# + "\n"
    }.joined()
    let scratch = try world(policy, facts, "openFrom s0 s1", for: "nodes s0 kinds[0]")
    let line = #"{"gate":"p.g","arguments":{"s":"S/s0"}}"# + "\n"
    try scratch.write(String(repeating: line, count: 300), to: "r.jsonl")
    let command = "decide --bundle b --graph g --batch r.jsonl --json \(times)"
    let brief = try run(command + " --brief", in: scratch).split(separator: "\n")
    let full = try run(command, in: scratch).split(separator: "\n")
    #expect(brief.count == 300 && full.count == 300)
    for (short, whole) in zip(brief, full) {
      let (one, other) = (
        try JSONValue(parsing: Array(short.utf8)), try JSONValue(parsing: Array(whole.utf8))
      )
      #expect(one["outcome"] == other["result"]?["outcome"])
    }
  }

  @Test("any number is asked for a field")
  func anyNumber() throws {
    let policy = """
      policy q version 1
      source a fresh 7d
      node A from a {}
      node S from a { tier: Int }
      gate g(s: S, i: Int) { deny c: i > s.tier }

      """
    let facts =
      #"{"node":"A","id":"a","props":{}}"# + "\n"
      + #"{"node":"S","id":"s0","props":{"tier":1}}"# + "\n"
    let scratch = try world(policy, facts, "field r0 i0", for: "field r0 i1")
    for number in ["-9223372036854775808", "9223372036854775807", "0"] {
      let line = #"{"gate":"q.g","arguments":{"s":"S/s0","i":"\#(number)"}}"# + "\n"
      try scratch.write(String(repeating: line, count: 140), to: "r.jsonl")
      for more in ["", " --brief"] {
        try run("decide --bundle b --graph g --batch r.jsonl --json \(times)\(more)", in: scratch)
      }
    }
  }
}
