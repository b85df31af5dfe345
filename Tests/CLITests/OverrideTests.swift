// `writ log override`: who answers for what was done against a decision is on record, and nothing is allowed by it.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Overriding a decision")
final class OverrideTests {
  private let shop: KeyShop

  init() throws {
    shop = try KeyShop()
    try shop.expect("writ log init log --origin shop.example/log --key log.key\n\(KeyShop.decide)")
  }

  private func override(
    _ index: Int = 0, key: String = "bo.key", role: String = "release_manager",
    person: String = "Person/bo", reason: String = "the outage of 10:40"
  ) -> String {
    "writ log override log --index \(index) --bundle b --role \(role) --as \(person) --key \(key) --reason '\(reason)'"
  }

  @Test("decision and override are found together, and the log verifies")
  func records() throws {
    let denied = try shop.expect("writ log show log --index 0 --json")
    let outcome = try JSONValue(parsing: Array(denied.utf8))["predicate"]?["result"]?["outcome"]
    #expect(outcome == "deny")
    try shop.expect(override(), says: "Person/bo answers for entry 0, deny of shop.ship, until")
    let shown = try JSONValue(
      parsing: Array(try shop.expect("writ log show log --index 1 --json").utf8))
    let record = try #require(shown["predicate"])
    #expect(record["kind"] == "override" && record["decision"] == 0 && record["outcome"] == "deny")
    #expect(record["prev"]?["Service/web"] == 0, "it is in the history of what was decided about")
    #expect(!shown.compact.contains("outage"), "a free text is kept so that it can be erased")
    try shop.expect("writ log show log --index 1 --disclosures", says: "the outage of 10:40")
    try shop.expect("writ log verify log --vkey log.key.pub")
    try shop.expect(
      #"""
      writ log prove log --subject Service/web --from 2020-01-01T00:00:00Z --to 2099-01-01T00:00:00Z -o proof
      writ-verify proof --vkey log.key.pub
      """#, says: "OVERRIDE")
    // It is no leave: the same request is decided as before.
    let again = try shop.run("writ decide --bundle b --graph g --request request.json --log log")
    #expect(again.code == 1)
    try shop.expect("writ replay log --all", says: "2 the same, 0 different")
  }

  @Test("the reason goes with its giver")
  func erases() throws {
    try shop.expect(override())
    try shop.expect("writ log erase log --person Person/bo --ground 'they asked'")
    try shop.expect("! grep -rl 'outage of 10:40' log", says: "")
    try shop.expect("writ log verify log --vkey log.key.pub")
  }

  @Test("who may not answer, and what is nothing to answer for, is refused and not recorded")
  func refuses() throws {
    let before = try shop.scratch.bytes("log/checkpoint")
    for (command, code, words) in [
      (override(role: "owner"), 1, "does not hold the role `owner`"),
      (override(person: "Person/ada"), 1, "its key is `Person/bo`'s"),
      (override(reason: ""), 64, "needs a value"),
      (override(reason: String(repeating: "x", count: 5_000)), 64, "no line of 1 to"),
      (override(7), 65, "there is no entry 7"),
    ] as [(String, Int32, String)] {
      try shop.expect(command, code, says: words)
    }
    try shop.expect("writ key new other -o other.key")
    try shop.expect(override(key: "other.key"), 1, says: "no approver in the bundle")
    try shop.expect(override(key: "log.key"), 65, says: "give each function its own key")
    #expect(try shop.scratch.bytes("log/checkpoint") == before)
    try shop.expect(override())
    try shop.expect(override(1), 65, says: "entry 1 is no decision")
  }
}
