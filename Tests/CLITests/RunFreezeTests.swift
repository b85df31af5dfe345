// A freeze in a run: what is under way is finished, and no stage begins until it is known to be over.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Freezes of runs", .serialized)
final class RunFreezeTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect("cp g thawed")
  }

  /// For scripts: another graph in place of the one that the run reads.
  private func graph(_ name: String) -> String {
    let path = site.scratch.path
    return "cp \(path)/\(name) \(path)/next; mv \(path)/next \(path)/g"
  }

  private func events() throws -> [String] {
    String(decoding: try site.scratch.bytes("events"), as: UTF8.self).split(separator: "\n")
      .compactMap { try? JSONValue(parsing: Array($0.utf8))["type"]?.string }
      .map { String($0.dropFirst("writ.run.".count)) }
  }

  @Test(
    "a freeze that begins in a stage lets it finish and holds the next until another graph ends it")
  func midRun() throws {
    try site.program("look.sh", graph("frozen"))
    let look = "writ run show \"$(ls runs)\" --runs runs > shown; wc -l < ran > count"
    try site.expect(
      site.run(
        "patient --arg service=Service/web", atAsks: "\(look); \(graph("thawed"))",
        event: "freezeBegan"))
    #expect(try site.ran() == ["look", "tell"])
    #expect(String(decoding: try site.scratch.bytes("count"), as: UTF8.self).contains("1"))
    let shown = String(decoding: try site.scratch.bytes("shown"), as: UTF8.self)
    #expect(shown.hasPrefix("HELD"), "\(shown)")
    #expect(shown.contains("frozen     no stage begins while a freeze is on"), "\(shown)")
    let freezes = try events().filter { $0.hasPrefix("freeze") }
    #expect(freezes == ["freezeAbsent", "freezeBegan", "freezeEnded"])
    #expect(try site.shown()["frozen"]?.object == nil)
  }

  @Test("what is not known is a freeze, in words, and stays one for a runner that takes the run up")
  func unknownAndKilled() throws {
    let now = ISO8601DateFormatter().string(from: Date())
    try site.scratch.write(
      """
      {"node":"Identity","id":"bot","props":{}}
      {"node":"Service","id":"web","props":{"calm":true}}
      {"source":"catalog","at":"\(now)","covers":"Identity"}

      """, to: "vague.jsonl")
    try site.expect(
      "writ graph import --schema shop.writ vague.jsonl -o vague; \(graph("vague"))")
    try site.expect(
      site.run(
        "patient --arg service=Service/web", atAsks: "kill -9 $(cat pid)", event: "freezeBegan"),
      137)
    let name = try site.runName()
    let held = try site.shown()
    #expect(
      held["frozen"]?["why"]?.string?.hasPrefix("it is not known whether one is on: ") == true)
    #expect(try site.ran() == [])
    try site.expect(
      site.run(
        "--resume \(name)", atAsks: "writ run show \(name) --runs runs > shown; \(graph("thawed"))",
        event: "resumed"), says: "")
    #expect(String(decoding: try site.scratch.bytes("shown"), as: UTF8.self).hasPrefix("HELD"))
    #expect(try site.ran() == ["look", "tell"])
    #expect(try site.shown()["verdict"]?["result"]?.string == "succeeded")
  }

  @Test("a plan says that it may be held, and a run that is stopped while held ends")
  func stopped() throws {
    try site.expect("writ plan --bundle b patient", says: "no stage begins while its freeze is on")
    try site.expect(graph("frozen"))
    try site.expect(
      site.run(
        "patient --arg service=Service/web",
        atAsks: "writ run cancel \"$(ls runs)\" --runs runs --mode drain", event: "freezeBegan"), 3)
    #expect(try site.ran() == [])
  }

  @Test("the pipeline's time goes on in a freeze, and stops the run when it is over")
  func deadline() throws {
    try site.expect(graph("frozen"))
    let told = try site.expect(
      site.run("brief --arg service=Service/web"), 1, says: "frozen     no stage begins")
    #expect(told.contains("overdue    the pipeline's deadline is over"), "\(told)")
    #expect(try site.ran() == [])
    let name = try site.runName()
    try site.expect(
      "writ run show \(name) --runs runs", 1, says: "EXPIRED, the pipeline's deadline is over")
    #expect(try site.shown()["verdict"]?["overdue"] == JSONValue.bool(true))
    try site.expect(
      site.run("brief --arg service=Service/web --json"), 1, says: "writ.run.overdue")
  }

  @Test("another bundle in a freeze: the run says so and is left, and goes on with its own")
  func anotherBundle() throws {
    try site.expect(graph("frozen"))
    try site.scratch.write(RunSite.policy + "\nrole other\n", to: "other.writ")
    try site.expect("writ build other.writ -o other --registry registry.jsonl; cp b kept")
    try site.expect(
      site.run(
        "patient --arg service=Service/web", atAsks: "cp other b.next; mv b.next b",
        event: "freezeBegan"), 65, says: "the bundle is another one than the run was begun with")
    #expect(try site.ran() == [])
    #expect(try site.shown()["frozen"]?.object != nil)
    try site.expect("mv kept b; \(graph("thawed"))")
    try site.expect(site.run("--resume \(try site.runName())"), says: "SUCCEEDED")
    #expect(try site.ran() == ["look", "tell"])
  }
}
