// `writ bench`: figures of a policy over a graph.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Figures of decisions and scores")
struct BenchTests {
  private func world() throws -> Scratch {
    let scratch = try Scratch()
    let shop = Corpus.root + "/corpus/cli/shop"
    for name in ["shop.writ", "facts.jsonl", "registry.jsonl"] {
      let text = try String(contentsOfFile: "\(shop)/\(name)", encoding: .utf8)
      try scratch.write(text, to: name)
    }
    for line in [
      "build shop.writ -o b --registry registry.jsonl",
      "graph import --schema shop.writ facts.jsonl -o g",
    ] {
      let outcome = try Program.run(
        line.split(separator: " ").map(String.init), in: scratch.path)
      try #require(outcome.code == 0, "\(outcome.messages)")
    }
    return scratch
  }

  private func figures(_ words: String, in scratch: Scratch) throws -> JSONValue {
    let options = "--bundle b --graph g --rounds 2 --now 2020-11-19T10:00:00Z --json"
    let outcome = try Program.run(
      (words + " " + options + " --as-of 2020-11-19T10:00:00Z").split(separator: " ").map(
        String.init),
      in: scratch.path)
    try #require(outcome.code == 0, "\(outcome.messages)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  private func checkWays(_ told: JSONValue, _ names: [String]) {
    let ways = told["ways"]?.array ?? []
    #expect(ways.compactMap { $0["way"]?.string } == names)
    for way in ways {
      let least = way["least"]?.integer ?? 0
      let middle = way["nanoseconds"]?.integer ?? 0
      #expect(least > 0 && least <= middle && middle <= way["most"]?.integer ?? 0)
      #expect(way["perSecond"]?.integer ?? 0 > 0)
    }
  }

  @Test("decisions are counted by their outcome and timed in three ways")
  func decisions() throws {
    let scratch = try world()
    let facts = { (number: Int, service: String) in
      #"{"gate":"ship","arguments":{"release":"Release/r\#(number)"},"facts":["#
        + #"{"node":"Release","id":"r\#(number)","props":{}},"#
        + #"{"edge":"service","from":"Release/r\#(number)","to":"Service/\#(service)","props":{}},"#
        + #"{"edge":"author","from":"Release/r\#(number)","to":"Person/ada","props":{}}]}"# + "\n"
    }
    try scratch.write(facts(1, "web") + "\n" + facts(2, "cart") + facts(3, "web"), to: "r.jsonl")
    let told = try figures("bench --batch r.jsonl", in: scratch)
    #expect(told["unit"]?.string == "request" && told["count"]?.integer == 3)
    let answers = try #require(told["answers"])
    #expect(answers["hold"]?.integer == 2 && answers["deny"]?.integer == 1)
    #expect(told["rounds"]?.integer == 2)
    checkWays(
      told,
      [
        "decided, read before", "read, the verdict alone", "read, verdicts by blocks",
        "read and decided", "read, decided and written",
      ])
  }

  @Test("scores are counted by their level and timed in two ways")
  func scores() throws {
    let scratch = try world()
    let told = try figures("bench readiness", in: scratch)
    let whole = try Program.run(
      "score readiness --bundle b --graph g --json".split(separator: " ").map(String.init),
      in: scratch.path)
    #expect(whole.output.split(separator: "\n").count == Int(told["count"]?.integer ?? 0))
    let counts = told["answers"]?.object?.compactMap { $0.value.integer } ?? []
    #expect(counts.reduce(0, +) == told["count"]?.integer)
    checkWays(told, ["linked and scored", "linked, scored and written"])
  }
}
