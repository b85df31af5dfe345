// `graph import` and `graph apply` killed half-way: the old file or the new one, and a history that goes on.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Killed imports and deltas")
struct ApplyCrashTests {
  private static let schema = """
    policy p version 1
    node Service { tier: Int  name: String?  dependsOn -> many Service }
    """

  private static func facts(tier: Int) -> String {
    (0..<3000).map { number in
      #"{"node":"Service","id":"s\#(number)","props":{"tier":\#(tier),"name":"n\#(number)"}}"#
        + "\n"
        + #"{"edge":"dependsOn","from":"Service/s\#(number)","to":"Service/s\#(number * 7 % 3000)"}"#
        + "\n"
    }.joined()
  }

  private func world() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(Self.schema, to: "p.writ")
    for tier in 0..<2 { try scratch.write(Self.facts(tier: tier), to: "facts\(tier).jsonl") }
    for tier in 2..<14 {
      try scratch.write(
        #"{"node":"Service","id":"s\#(tier)","props":{"tier":\#(tier)}}"# + "\n", to: "d\(tier)")
    }
    try run("graph import --schema p.writ facts0.jsonl -o g", in: scratch)
    return scratch
  }

  @discardableResult
  private func run(_ line: String, in scratch: Scratch) throws -> JSONValue {
    let outcome = try Program.run(
      line.split(separator: " ").map(String.init) + ["--json"], in: scratch.path)
    try #require(outcome.code == 0, "\(line): \(outcome.messages)")
    let text = outcome.output.split(separator: "\n").map(String.init)
    return try JSONValue(
      parsing: Array((text.first == "{" ? outcome.output : text.last ?? "").utf8))
  }

  /// Starts a command and kills it after so many turns of the processor; whether it had ended.
  private func kill(_ line: String, after turns: Int, in scratch: Scratch) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.folder + "/writ")
    process.arguments = line.split(separator: " ").map(String.init)
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<turns where process.isRunning { sched_yield() }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func digest(_ scratch: Scratch) throws -> String {
    // What is not whole, or not what it says, is refused.
    try run("graph info g --verify", in: scratch)["snapshot"]?.string ?? ""
  }

  @Test("an import leaves the old file or the new one")
  func imports() throws {
    let scratch = try world()
    try run("graph import --schema p.writ facts1.jsonl -o h", in: scratch)
    let known = [
      try digest(scratch), try run("graph info h", in: scratch)["snapshot"]?.string ?? "",
    ]
    for round in 0..<6 {
      try kill(
        "graph import --schema p.writ facts\(1 - round % 2).jsonl -o g",
        after: round * round * 4000,
        in: scratch)
      #expect(known.contains(try digest(scratch)))
    }
  }

  @Test("a delta is applied or not, and the history knows which")
  func deltas() throws {
    let scratch = try world()
    try run("graph apply g d2 --history", in: scratch)
    var before = try digest(scratch)
    for round in 3..<10 {
      try run("graph apply g d\(round) -o next", in: scratch)
      let after = try run("graph info next", in: scratch)["snapshot"]?.string ?? ""
      try kill("graph apply g d\(round)", after: (round - 3) * (round - 3) * 4000, in: scratch)
      let found = try digest(scratch)
      #expect(found == before || found == after)
      // The list ends with the version that the file is at.
      #expect(try run("graph history g", in: scratch)["snapshot"]?.string == found)
      if found == before { try run("graph apply g d\(round)", in: scratch) }
      before = try digest(scratch)
      #expect(before == after)
    }
    #expect(try run("graph history g", in: scratch)["version"]?.integer == 8)
    try run("graph at g \(before) -o again", in: scratch)
    #expect(try scratch.bytes("again") == scratch.bytes("g"))
  }

  @Test("a version that never became the file goes, whole or cut short")
  func unfinished() throws {
    let scratch = try world()
    try run("graph apply g d2 --history", in: scratch)
    let (file, history) = (try scratch.bytes("g"), try scratch.bytes("g.history/deltas"))
    try run("graph apply g d3", in: scratch)
    let longer = try scratch.bytes("g.history/deltas")
    for count in [longer.count, longer.count - 1, history.count + 100, history.count + 1] {
      // The history has the delta, or a part of it; the rename did not come to pass.
      try Data(file).write(to: URL(fileURLWithPath: scratch.path + "/g"))
      try Data(longer.prefix(count)).write(
        to: URL(fileURLWithPath: scratch.path + "/g.history/deltas"))
      try scratch.write("1\n", to: "g.history/pending")
      #expect(try run("graph history g", in: scratch)["version"]?.integer == 1)
      // A delta that is refused changes nothing about that.
      try scratch.write("{}\n", to: "bad")
      #expect(try Program.run(["graph", "apply", "g", "bad"], in: scratch.path).code == 65)
      let applied = try run("graph apply g d4", in: scratch)
      #expect(applied["version"]?.integer == 2)
      #expect(try run("graph history g", in: scratch)["snapshot"] == applied["snapshot"])
      try run("graph at g 2 -o again", in: scratch)
    }
  }

  @Test("what others came after is not gone on from, and a history that is not whole is left alone")
  func wentBack() throws {
    let scratch = try world()
    for delta in ["d2 --history", "d3", "d4"] { try run("graph apply g \(delta)", in: scratch) }
    let (file, history) = (try scratch.bytes("g"), try scratch.bytes("g.history/deltas"))
    try run("graph at g 1 -o one", in: scratch)
    try Data(try scratch.bytes("one")).write(to: URL(fileURLWithPath: scratch.path + "/g"))
    func refused(_ words: String) throws {
      let outcome = try Program.run(["graph", "apply", "g", "d5"], in: scratch.path)
      #expect(outcome.code == 65 && outcome.messages.contains(words), "\(outcome.messages)")
    }
    try refused("is version 1, and its history goes on to 3")
    #expect(try scratch.bytes("g.history/deltas") == history)
    try Data(file).write(to: URL(fileURLWithPath: scratch.path + "/g"))
    for name in ["base", "deltas"] {
      let path = scratch.path + "/g.history/" + name
      try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
      try refused("is not whole")
      try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
    }
    #expect(try run("graph apply g d5", in: scratch)["version"]?.integer == 4)
  }

  @Test("a file that the history does not know is left alone")
  func strange() throws {
    let scratch = try world()
    try run("graph apply g d2 --history", in: scratch)
    try run("graph import --schema p.writ facts1.jsonl -o h", in: scratch)
    try Data(try scratch.bytes("h")).write(to: URL(fileURLWithPath: scratch.path + "/g"))
    let outcome = try Program.run(["graph", "apply", "g", "d3"], in: scratch.path)
    #expect(outcome.code == 65)
    #expect(outcome.messages.contains("none of the versions"))
    #expect(try scratch.bytes("g") == scratch.bytes("h"))
  }
}
