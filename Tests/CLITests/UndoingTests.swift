// What a run takes back: what was done, in each round, whatever the graph says since; and what cannot be known to be taken back.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("What runs undo", .serialized)
final class UndoingTests {
  private let site: RunSite

  private static let more = """
    node Tag from catalog { name: String key  label: String }
    gate mark(label: String) { deny none: label == "" "nothing to mark" }
    action put(label: String)
      kind deploy guarded by mark(label) effect production rollback take(label)
    { run "./put.sh" label }
    action take(label: String)
      kind rollback guarded by mark(label) effect production irreversible
    { run "./take.sh" label  idempotent }
    action slow(label: String)
      kind deploy guarded by mark(label) effect production irreversible
    { run "./slow.sh" label  timeout 1s }

    gate know(tag: Tag) { deny none: tag.label == "" "nothing to mark" }
    action show(tag: Tag)
      kind deploy guarded by know(tag) effect production rollback hide(tag)
    { run "./put.sh" tag.label }
    action hide(tag: Tag)
      kind rollback guarded by know(tag) effect production irreversible
    { run "./take.sh" tag.label  idempotent }

    pipeline showing(tag: Tag) {
      stage go on failure rollback { show(tag)  run "./look.sh" }
    }
    pipeline shown(tag: Tag) unverified {
      stage go on failure rollback { show(tag) retry 2 backoff 1s }
    }
    pipeline queued(tag: Tag) {
      stage go on failure rollback on error rollback on expiry rollback {
        put(tag.label) deadline 1s
        run "./look.sh"
      }
    }
    pipeline marking(tag: Tag) {
      stage go on failure rollback { put(tag.label)  run "./look.sh" }
    }
    pipeline again(tag: Tag) unverified {
      stage go on failure rollback { put(tag.label) retry 2 backoff 1s }
    }
    pipeline turns(tag: Tag) {
      stage go on failure rollback {
        repeat every 1s at most 3 until tag.label == "never" {
          step pick: run "./pick.sh" -> label: String
          put(label)
        }
      }
    }
    pipeline cut(tag: Tag) unverified { stage go { slow(tag.label) retry 2 backoff 1s } }
    pipeline asked(tag: Tag) {
      stage go {
        repeat every 1s at most 2 until tag.label == "never" {
          approve by role manager within 3s
          put(tag.label)
        }
      }
    }
    """

  init() throws {
    site = try RunSite()
    try site.scratch.write(RunSite.policy + "\n" + UndoingTests.more, to: "shop.writ")
    for name in ["put", "take", "slow"] { try site.program("eu-1/work/\(name).sh") }
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    try graph("old", "g")
    try graph("new", "changed")
  }

  private func graph(_ label: String, _ name: String) throws {
    let now = ISO8601DateFormatter().string(from: Date())
    try site.scratch.write(
      """
      {"node":"Identity","id":"bot","props":{}}
      {"node":"Identity","id":"ines","props":{}}
      {"node":"Tag","id":"t","props":{"label":"\(label)"}}
      {"source":"catalog","at":"\(now)","covers":"*"}

      """, to: "tags.jsonl")
    try site.expect("writ graph import --schema shop.writ tags.jsonl -o \(name)")
  }

  private func ran() throws -> [String] {
    try site.ranWithWords().filter { $0.hasPrefix("put") || $0.hasPrefix("take") }
  }

  @Test("what was done is undone, though the graph says something else by then")
  func changedGraph() throws {
    try site.program(
      "look.sh", "mv \"\(site.scratch.path)/changed\" \"\(site.scratch.path)/g\"; exit 1")
    let outcome = try site.run(site.run("marking --arg tag=Tag/t"))
    #expect(outcome.code == 1 && outcome.output.contains("what was done is undone"))
    #expect(try ran() == ["put.sh old", "take.sh old"])
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("what would be another thing is not tried again, and what was tried is undone")
  func changedRetry() throws {
    try site.program(
      "eu-1/work/put.sh",
      "mv \"\(site.scratch.path)/changed\" \"\(site.scratch.path)/g\"; exit 1")
    let outcome = try site.run(site.run("again --arg tag=Tag/t"))
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("is not what was tried"), "\(outcome.output)")
    #expect(try ran() == ["put.sh old", "take.sh old"])
  }

  @Test("a command that takes back something else by now is not run: a person must look")
  func changedCommand() throws {
    let change = "mv \"\(site.scratch.path)/changed\" \"\(site.scratch.path)/g\"; exit 1"
    try site.program("look.sh", change)
    let outcome = try site.run(site.run("showing --arg tag=Tag/t"))
    #expect(outcome.code == 1 && outcome.output.contains("undoing it failed: a person must look"))
    #expect(outcome.output.contains("what would be undone is not what was done"))
    #expect(try ran() == ["put.sh old"])
    // Nor is another thing tried, and then neither is taken back unseen.
    try graph("old", "g")
    try graph("new", "changed")
    try site.program("eu-1/work/put.sh", change)
    let again = try site.run(site.run("shown --arg tag=Tag/t"))
    #expect(again.code == 1 && again.output.contains("is not what was tried"), "\(again.output)")
    #expect(try ran() == ["put.sh old", "put.sh old"])
  }

  @Test("what no delegate was given is not taken back")
  func neverBegun() throws {
    let outcome = try site.run(
      "code=0; writ run queued --arg tag=Tag/t \(site.options) || code=$?; exit $code")
    #expect(outcome.code != 0)
    #expect(!outcome.output.contains("undone") && !outcome.output.contains("rollback"))
    #expect(try ran().isEmpty)
  }

  @Test(
    "each round of a repeat is undone, the last one first, also where a round ends before it does anything"
  )
  func rounds() throws {
    try site.program(
      "pick.sh",
      """
      n=$(($(cat count 2>/dev/null || echo 0) + 1)); echo $n > count
      [ $n -lt 3 ] || exit 1
      printf '"v%s"' $n > "$WRIT_OUTPUT"
      """)
    let outcome = try site.run(site.run("turns --arg tag=Tag/t"))
    #expect(outcome.code == 1 && outcome.output.contains("what was done is undone"))
    #expect(try ran() == ["put.sh v1", "put.sh v2", "take.sh v2", "take.sh v1"])
    #expect(outcome.output.contains("put:rollback:2\n"), "\(outcome.output)")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test(
    "what is killed at the end of its time has an effect that nobody knows, and is not tried again")
  func killed() throws {
    try site.program("eu-1/work/slow.sh", "sleep 20")
    let outcome = try site.run(site.run("cut --arg tag=Tag/t"))
    #expect(outcome.code != 0)
    #expect(try site.ran().filter { $0 == "slow" }.count == 1)
    let verdict = try #require(try site.shown()["verdict"])
    #expect(verdict["effectUnknown"] == true && verdict["needsPerson"] == true)
  }

  @Test("a yes is for one round")
  func oneRound() throws {
    let sign =
      "[ -e signed ] || { touch signed; \(site.approval(by: "ines")); }"
    let outcome = try site.run(site.run("asked --arg tag=Tag/t", atAsks: sign))
    #expect(outcome.code != 0)
    #expect(try ran() == ["put.sh old"])
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    #expect(events.contains("approve:2"))
  }

  @Test("one key for the publisher and for permits is refused")
  func publisher() throws {
    try site.expect("writ build shop.writ -o b --registry registry.jsonl --key permit.key")
    let outcome = try site.run(
      site.run("marking --arg tag=Tag/t --publisher permit.key.pub"))
    #expect(outcome.code == 65)
    #expect(
      outcome.messages.contains("the publisher's key is also that of log, permits or a delegate"),
      "\(outcome.messages)")
    #expect(try site.ran() == [])
  }
}
