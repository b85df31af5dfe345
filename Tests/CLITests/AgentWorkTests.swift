// What agents asked to do in a span and what came of it, proven whole: the question of an insurer or a regulator.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("What agents did", .serialized)
final class AgentWorkTests {
  private let site: ActionSite

  /// The bot is an agent by the registry, with a key of its own, and a person acts beside it.
  init() throws {
    site = try ActionSite()
    try site.expect(
      #"""
      for name in bot ines-acts; do writ key new $name -o $name.key; done
      printf '{"name":"bot","key":"%s","actor":"Identity/deploy-bot","roles":[],"agent":true}\n' "$(cat bot.key.pub)" >> registry.jsonl
      printf '{"name":"ines-acts","key":"%s","actor":"Identity/ines","roles":[]}\n' "$(cat ines-acts.key.pub)" >> registry.jsonl
      writ build checkout.writ -o b --registry registry.jsonl
      """#)
  }

  private static let bot = "--actor-key bot.key"
  private static let span = "--from 2000-01-01T00:00:00Z --to 2999-01-01T00:00:00Z"

  /// Has the registry of a shop know somebody as an agent, with a key to act with.
  private func register(_ name: String, in shop: RunSite) throws {
    try shop.expect(
      #"""
      writ key new \#(name) -o \#(name).key
      printf '{"name":"\#(name)","key":"%s","actor":"Identity/\#(name)","roles":[],"agent":true}\n' "$(cat \#(name).key.pub)" >> registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      """#)
  }

  /// `writ act` of a person.
  private func personActs() -> String {
    site.act("us.json", "--actor-key ines-acts.key")
      .replacing("--caller Identity/deploy-bot", with: "--caller Identity/ines")
  }

  /// A line of each record: its kind, with the outcome of what has one.
  private func kinds(_ output: String) throws -> [String] {
    try output.split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8))
      let record = try #require(json["record"])
      let outcome = record["outcome"]?.string ?? record["result"]?["outcome"]?.string
      return [record["kind"]?.string, outcome].compactMap { $0 }.joined(separator: " ")
    }
  }

  @Test(
    "all that agents asked to do is one history: decision, permit and result, what was held, and who was not let act"
  )
  func oneHistory() throws {
    try site.expect(site.act("us.json", Self.bot), says: "SUCCEEDED")
    try site.expect(personActs(), says: "SUCCEEDED")
    // Nobody has agreed to it.
    let held = try site.run(site.act("eu.json", Self.bot))
    #expect(held.code == 2)
    // Somebody else's key, in the bot's name.
    let forged = try site.run(site.act("us.json", "--actor-key ines-acts.key"))
    #expect(forged.code != 0)

    let listed = try site.expect("writ log search log --agents --json")
    #expect(
      try kinds(listed) == [
        "intent", "gate allow", "permit", "result succeeded", "intent", "gate hold", "intent",
      ])
    #expect(!listed.contains("Identity/ines\""))

    let proven = try site.expect("writ log prove log --agents \(Self.span) -o agents.proof")
    #expect(proven.contains("agents.proof: 7 records about Agents/log.example, and no other"))
    let verified = try site.expect("writ-verify agents.proof --vkey log.key.pub")
    #expect(verified.contains("nothing was left out"))
    #expect(verified.contains("Agents/log.example"))
  }

  @Test("a proof from which a record was dropped, or in which one was changed, is none")
  func dropped() throws {
    try site.expect(site.act("us.json", Self.bot), says: "SUCCEEDED")
    try site.expect(site.act("us.json", Self.bot), says: "SUCCEEDED")
    try site.expect("writ log prove log --agents \(Self.span) -o agents.proof")
    let proof = try JSONValue(parsing: try site.scratch.bytes("agents.proof"))
    let entries = try #require(proof["entries"]?.array)
    #expect(entries.count >= 8)
    for index in entries.indices {
      var others = entries
      others.remove(at: index)
      let members = try #require(proof.object).map { member in
        member.name == "entries" ? JSONMember("entries", .array(others)) : member
      }
      try site.scratch.write(JSONValue.object(members).compact, to: "less.proof")
      let judged = try site.run("writ-verify less.proof --vkey log.key.pub")
      #expect(judged.code != 0, "entry \(index) is missed")
    }
  }

  @Test("what people do is not in it, and the question takes no subject beside it")
  func people() throws {
    try site.expect(personActs(), says: "SUCCEEDED")
    #expect(try site.expect("writ log search log --agents --json").isEmpty)
    let proven = try site.expect("writ log prove log --agents \(Self.span) -o agents.proof")
    #expect(proven.contains("0 records about Agents/log.example, and no other"))
    try site.expect("writ-verify agents.proof --vkey log.key.pub")
    for command in ["prove log \(Self.span) -o x.proof", "search log"] {
      let both = try site.run("writ log \(command) --agents --subject Service/web")
      #expect(both.code == 64)
      #expect(both.messages.contains("`--agents` is a subject of its own"))
    }
    try site.expect("test ! -e x.proof")
  }

  @Test("a run that an agent began is in it, with what it did")
  func runs() throws {
    let shop = try RunSite()
    try register("bot", in: shop)
    try shop.expect(shop.run("one --arg service=Service/web --actor-key bot.key"))
    let listed = try shop.expect("writ log search log --agents --json")
    let told = try kinds(listed)
    #expect(told.first == "intent" && told.dropFirst().first == "run")
    #expect(told.contains("permit") && told.contains("result succeeded"))
    #expect(told.last == "run" && told.filter { $0 == "run" }.count == 2)
  }

  @Test("who agreed at a step of an agent's run is among it, and how the run ended")
  func agreed() throws {
    let shop = try RunSite()
    try shop.scratch.write(
      RunSite.policy + """

        pipeline agreed(service: Service) {
          stage go {
            approve by role manager within 20s
            run "./look.sh" service on failure abort
          }
        }

        """, to: "shop.writ")
    try shop.program("look.sh", "exit 1")
    try register("bot", in: shop)
    try shop.expect(
      shop.run(
        "agreed --arg service=Service/web --actor-key bot.key", atAsks: shop.approval(by: "ines")),
      1
    )
    let told = try kinds(try shop.expect("writ log search log --agents --json"))
    #expect(told == ["intent", "run", "approval", "run"])
  }

  @Test("an agent's signed word that a person's run is to stop is in it, though the run is not")
  func stops() throws {
    let shop = try RunSite()
    try register("watch", in: shop)
    let stop =
      "writ run cancel \"$(dirname \"$(dirname \"$file\")\")\" --mode now --as Identity/watch --key watch.key --bundle b"
    try shop.expect(shop.run("release --arg service=Service/web", atAsks: stop), 3)
    let listed = try shop.expect("writ log search log --agents --json")
    let records = try listed.split(separator: "\n").map { line in
      try #require(try JSONValue(parsing: Array(line.utf8))["record"])
    }
    #expect(records.count == 1)
    #expect(records.first?["how"] == "signed" && records.first?["mode"] == "now")
  }
}
