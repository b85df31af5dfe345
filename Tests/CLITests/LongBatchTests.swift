// `writ decide --batch` of so many requests that verdicts go by blocks: in short and in full, the same.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("A batch of thousands")
struct LongBatchTests {
  private static let roles = ["viewer", "developer", "sre", "auditor", "security", "agent"]
  private static let actions = ["read", "update", "deploy", "restart", "export"]

  /// policies/fleet/access.writ, and a graph in which some facts are missing.
  private func world() throws -> Scratch {
    let scratch = try Scratch()
    let policy = try String(
      contentsOfFile: Corpus.root + "/policies/fleet/access.writ", encoding: .utf8)
    try scratch.write(policy, to: "access.writ")
    var random = SplitMix64(seed: 21)
    var lines = ""
    for number in 0..<200 {
      let role = LongBatchTests.roles[random.below(6)]
      let props =
        #""login":"l\#(number % 9)","roles":["\#(role)"],"team":"t\#(number % 3)","onCall":true"#
      lines += #"{"node":"User","id":"u\#(number)","props":{\#(props),"risk":30}}"# + "\n"
      let stage = ["dev", "staging", "prod"][random.below(3)]
      let tier = number % 11 == 0 ? "" : #","tier":\#(random.below(4))"#
      let kept =
        #""owner":"l\#(random.below(9))","team":"t\#(random.below(3))","stage":"\#(stage)""#
      lines +=
        #"{"node":"Resource","id":"r\#(number)","props":{\#(kept)\#(tier),"classification":1}}"#
        + "\n"
    }
    lines += #"{"source":"catalog","at":"2026-11-19T09:00:00Z","covers":"*"}"# + "\n"
    try scratch.write(lines, to: "facts.jsonl")
    for line in [
      "build access.writ -o b", "graph import --schema access.writ facts.jsonl -o g",
    ] {
      let outcome = try Program.run(
        line.split(separator: " ").map(String.init), in: scratch.path)
      try #require(outcome.code == 0, "\(outcome.messages)")
    }
    return scratch
  }

  /// Some name nobody, some are broken, some lines are empty.
  private static func requests() -> String {
    var random = SplitMix64(seed: 22)
    return (0..<3_000).map { number in
      let action = LongBatchTests.actions[random.below(5)]
      let user = random.below(205)
      let request =
        #"{"gate":"access.permit","arguments":{"user":"User/u\#(user)","action":"\#(action)","#
        + #""resource":"Resource/r\#(random.below(200))"}}"#
      if number % 701 == 3 { return String(request.dropLast(4)) }
      return number % 997 == 5 ? "" : request
    }.joined(separator: "\n") + "\n"
  }

  private func answers(_ more: [String], in scratch: Scratch) throws -> [JSONValue] {
    let words = ["decide", "--bundle", "b", "--graph", "g", "--batch", "requests.jsonl", "--json"]
    let time = "2026-11-19T10:00:00Z"
    let outcome = try Program.run(
      words + ["--now", time, "--as-of", time] + more, in: scratch.path)
    #expect(outcome.code == 65)
    return try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test("what is said in short is what is said in full, line by line")
  func shortIsFull() throws {
    let scratch = try world()
    try scratch.write(LongBatchTests.requests(), to: "requests.jsonl")
    let (short, full) = (
      try answers(["--brief"], in: scratch), try answers([], in: scratch)
    )
    #expect(short.count == full.count && short.count > 2_990)
    var told: [String: Int] = [:]
    for (brief, whole) in zip(short, full) {
      #expect(brief["line"] == whole["line"])
      #expect(brief["error"] == whole["error"])
      guard let result = whole["result"] else {
        told["error", default: 0] += 1
        continue
      }
      #expect(brief["outcome"] == result["outcome"], "\(brief)")
      let clauses = (result["reasons"]?.array ?? []).compactMap { $0["clause"]?.string }
      #expect((brief["clauses"]?.array ?? []).compactMap(\.string) == Array(Set(clauses)))
      told[result["outcome"]?.string ?? "", default: 0] += 1
    }
    #expect(told["allow"] ?? 0 > 100 && told["deny"] ?? 0 > 100 && told["error"] ?? 0 > 5)
  }
}
