// Versions that had to be taken back: the log counts them, whoever asks and from whichever folder, and only a person's signed word
// lets one be tried again.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Locked versions", .serialized)
final class VersionLockTests {
  private let site: RunSite
  private static let artifact =
    "sha256:7c5a0e9d1b44f2c86a3f0d5e7b92c1a8460d3f9e5b7a2c1d8e6f40937a5b2c1d"
  private static let tooOften = "was taken back too often after shop.roll"

  init() throws {
    site = try RunSite()
    try site.program("eu-1/work/roll.sh", "exit 1")
  }

  private func rolling(in runs: String, _ more: String = "") -> String {
    site.run("rolling --arg service=Service/web --runs \(runs) \(more)")
  }

  private func unlock(
    _ more: String = "--as Identity/ines --key ines.key", artifact: String = artifact,
    bundle: String = "b", log: String = "log"
  ) -> String {
    """
    writ run unlock shop.roll \(artifact) --log \(log) --bundle \(bundle) --role manager \
    --reason 'the probe was wrong' \(more)
    """
  }

  /// An action by itself, with a delegate beside it.
  private func act(_ action: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!; code=0
    writ act \(action) --arg service=Service/web \(site.options) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  private func predicate(_ index: Int) throws -> JSONValue {
    let shown = try site.expect("writ log show log --index \(index) --json")
    return try #require(try JSONValue(parsing: Array(shown.utf8))["predicate"])
  }

  @Test(
    "other folders of runs, `act` and `mcp` see the same lock, and a wider one cannot be asked for")
  func everywhere() throws {
    for folder in ["one", "two", "three"] {
      try site.expect(rolling(in: folder), 1, says: "what was done is undone")
    }
    let before = try site.ran()
    #expect(before == ["roll", "undo-deploy", "roll", "undo-deploy", "roll", "undo-deploy"])
    try site.expect(rolling(in: "four"), 1, says: VersionLockTests.tooOften)
    try site.expect(rolling(in: "five", "--rollbacks 4"), 64, says: "is not from 1 to 3")
    // Nobody waits for a delegate for that.
    let refused = "writ act roll --arg service=Service/web \(site.options)"
    try site.expect(refused, 1, says: VersionLockTests.tooOften)
    try site.scratch.write(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}
      {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act.shop.roll","arguments":{"arguments":{"service":"Service/web"}}}}

      """#, to: "messages")
    try site.expect("writ mcp \(site.options) < messages", says: VersionLockTests.tooOften)
    #expect(try site.ran() == before, "nothing was begun")
    // Each attempt is on record.
    let last = try site.kinds()
    #expect(last.suffix(1) == ["intent"] && last.filter { $0 == "intent" }.count == 3)
    let attempt = try predicate(last.count - 1)
    #expect(attempt["taken"] == false)
    #expect(attempt["reason"]?.string?.contains(VersionLockTests.tooOften) == true)
    try site.expect(
      "writ ask roll --arg service=Service/web --bundle b --graph g --caller Identity/bot --log log",
      1, says: VersionLockTests.tooOften)
    // Another version, or what names none, is not held up.
    try site.expect(act("deploy"), says: "SUCCEEDED")
    try site.expect("writ log verify log --vkey log.key.pub")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("what is done and taken back by hand counts as well")
  func byHand() throws {
    try site.program("eu-1/work/roll.sh")
    try site.program("eu-1/work/undo-deploy.sh")
    for _ in 1...3 {
      try site.expect(act("roll"), says: "SUCCEEDED")
      try site.expect(act("undoDeploy"), says: "SUCCEEDED")
      // Twice is as good as once.
      try site.expect(act("undoDeploy"), says: "SUCCEEDED")
    }
    try site.expect(act("roll"), 1, says: VersionLockTests.tooOften)
    try site.expect(rolling(in: "one"), 1, says: VersionLockTests.tooOften)
    try site.expect(unlock(), says: "Identity/ines lets")
    try site.expect(act("roll"), says: "SUCCEEDED")
  }

  @Test("what failed by one action is not tried by another that brings out the same")
  func byAnotherAction() throws {
    try site.scratch.write(
      RunSite.policy
        + #"""

        action again(service: Service)
          kind deploy
          guarded by ship(service)
          effect production
          rollback undoAgain(service)
        {
          run "./roll.sh" "web@\#(VersionLockTests.artifact)"
        }
        action undoAgain(service: Service)
          kind rollback
          guarded by back(service)
          effect production
          irreversible
        {
          run "./undo-deploy.sh" service
        }
        action other(service: Service)
          kind deploy
          guarded by ship(service)
          effect staging
        {
          run "./roll.sh" "web@sha256:\#(String(repeating: "4", count: 64))"
        }
        action look(service: Service)
          kind scan
          guarded by ship(service)
          effect none
        {
          run "./deploy.sh" "web@\#(VersionLockTests.artifact)"
        }

        pipeline anew(service: Service) unverified {
          stage go on failure rollback { again(service) }
        }
        pipeline each(service: Service) unverified {
          stage go on failure rollback {
            roll(service) on failure ignore
            again(service)
          }
        }
        """#, to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    // A run that takes back both counts once; then one of the one, and one of the other.
    for (pipeline, folder) in [("each", "one"), ("rolling", "two"), ("anew", "three")] {
      try site.expect(
        site.run("\(pipeline) --arg service=Service/web --runs \(folder)"), 1,
        says: "what was done is undone")
    }
    let before = try site.ran().count
    let tooOften = "was taken back too often after"
    try site.expect(act("roll"), 1, says: "\(tooOften) shop.roll, shop.again: 3 times")
    try site.expect(act("again"), 1, says: "\(tooOften) shop.again, shop.roll: 3 times")
    try site.expect(
      site.run("anew --arg service=Service/web --runs four"), 1, says: tooOften)
    #expect(try site.ran().count == before, "nothing was begun")
    // What changes nothing may look at it, and another content is another version.
    try site.expect(act("look"), says: "SUCCEEDED")
    try site.program("eu-1/work/roll.sh")
    try site.expect(act("other"), says: "SUCCEEDED")
    // A person's word for what one of them did leaves what the other did.
    try site.expect(unlock(), says: "Identity/ines lets")
    try site.expect(act("again"), says: "SUCCEEDED")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("what was taken back badly is locked at once, by the log alone")
  func badly() throws {
    try site.program("eu-1/work/undo-deploy.sh", "exit 1")
    try site.expect(rolling(in: "one"), 1)
    try site.program("eu-1/work/undo-deploy.sh")
    try site.expect("rm -r one")
    try site.expect(rolling(in: "two"), 1, says: "does not say that this succeeded")
    try site.expect(unlock(), says: "Identity/ines lets")
    try site.expect(rolling(in: "two"), 1, says: "what was done is undone")
  }

  @Test("a person's signed word is on record, forgives what was, and is of no other use")
  func unlocks() throws {
    try site.expect(unlock(), 1, says: "has nothing of")
    for folder in ["one", "two"] { try site.expect(rolling(in: folder, "--rollbacks 2"), 1) }
    try site.expect(rolling(in: "one", "--rollbacks 2"), 1, says: VersionLockTests.tooOften)
    let sign = "--as Identity/ines --key ines.key --sign > word"
    try site.expect(unlock(sign))
    let record =
      "writ run unlock shop.roll \(VersionLockTests.artifact) --bundle b --word word --log"
    // For another version; in another log; in another history of this one.
    try site.expect(
      "writ run unlock shop.roll sha256:\(String(repeating: "0", count: 64)) --bundle b --word word --log log",
      1, says: "the word is for sha256:7c5a")
    try site.expect(
      """
      writ key new log.other -o other.key
      writ log init other --origin log.other --key other.key
      writ key new log.example -o twin.key
      writ log init twin --origin log.example --key twin.key
      """)
    try site.expect("\(record) other", 1, says: "it is for the log `log.example`")
    try site.expect("\(record) twin", 1, says: "another one than it was signed upon")
    let count = try site.kinds().count
    try site.expect("\(record) log", says: "Identity/ines lets sha256:7c5a")
    let word = try predicate(count)
    #expect(word["kind"] == "unlock" && word["action"] == "shop.roll" && word["role"] == "manager")
    #expect(word["artifact"]?.string == VersionLockTests.artifact)
    let version = "Version/shop.roll/\(VersionLockTests.artifact.dropFirst(7))"
    #expect(word["prev"]?[version]?.integer == word["through"]?.integer)
    #expect(!word.compact.contains("probe"), "a free text is kept so that it can be erased")
    try site.expect("writ log show log --index \(count) --disclosures", says: "the probe was wrong")
    try site.expect("writ log search log --kind unlock", says: "1")
    let through = try #require(word["through"]?.integer)
    let shown = try site.expect("writ log show log --index \(count)", says: "UNLOCK  urn:writ:")
    #expect(
      shown.contains("  unlocked by Identity/ines, role manager, forgives up to entry \(through)\n")
    )
    #expect(shown.contains("  because: the probe was wrong"))
    try site.expect("writ log search log --outcome refused", says: "was taken back too often")
    // A long row makes no other row long.
    let listed = try site.expect("writ log search log").split(separator: "\n")
    #expect(listed.contains { $0.contains("  urn:writ:permit-issued:v1  ") && $0.utf8.count > 200 })
    let decisions = listed.filter { $0.contains("  ALLOW ") }
    #expect(!decisions.isEmpty && decisions.allSatisfy { $0.utf8.count < 160 }, "\(decisions)")
    try site.expect(
      "writ log prove log --index \(count) --disclose Identity --disclose unlock -o told; writ-verify told --vkey log.key.pub",
      says: "told       unlocked by Identity/ines, role manager, forgives up to entry \(through)\n")
    let answer = try site.expect(
      """
      writ log prove log --subject \(version) --from 2020-01-01T00:00:00Z --to 2099-01-01T00:00:00Z -o all
      writ-verify all --vkey log.key.pub
      """)
    #expect(
      answer.contains("told    takes back shop.roll of \(VersionLockTests.artifact), which entry"))
    try site.expect("writ log verify log --vkey log.key.pub")
    // Once more it forgives nothing, now or after the next rollbacks.
    try site.expect("\(record) log", 1, says: "is not locked: it was not taken back since")
    for folder in ["one", "two"] { try site.expect(rolling(in: folder, "--rollbacks 2"), 1) }
    try site.expect("\(record) log", 1, says: "tells of the version since")
    try site.expect(rolling(in: "one", "--rollbacks 2"), 1, says: VersionLockTests.tooOften)
    // With its giver's erasure the word goes, and what it forgave stands again.
    try site.expect(unlock())
    try site.program("eu-1/work/roll.sh")
    try site.expect(rolling(in: "one"), says: "SUCCEEDED")
    try site.expect("writ log erase log --person Identity/ines --ground 'they asked'")
    try site.expect(rolling(in: "one"), 1, says: VersionLockTests.tooOften)
  }

  @Test("an agent, a stranger and whoever names somebody else unlock nothing")
  func strangers() throws {
    for folder in ["one", "two", "three"] { try site.expect(rolling(in: folder), 1) }
    try site.expect(
      #"""
      writ key new bot -o bot.key; writ key new stray -o stray.key
      cp registry.jsonl all.jsonl
      printf '{"name":"bot","key":"%s","actor":"Identity/bot","roles":[],"agent":true}\n' \
        "$(cat bot.key.pub)" >> all.jsonl
      writ build shop.writ -o agents --registry all.jsonl
      """#)
    let before = try site.scratch.bytes("log/checkpoint")
    for (words, says) in [
      ("--as Identity/bot --key bot.key", "`Identity/bot` is an agent by the bundle's registry"),
      ("--as Identity/ines --key bot.key", "`Identity/bot` is an agent by the bundle's registry"),
      ("--as Identity/ines --key stray.key", "no approver in the bundle"),
      ("--as Identity/otto --key ines.key", "its key is `Identity/ines`'s"),
    ] {
      try site.expect(unlock(words, bundle: "agents"), 1, says: says)
    }
    // A word that was signed all the same.
    try site.expect(unlock("--as Identity/ines --key ines.key --sign > word"))
    try site.expect(#"sed -i 's/\("sig" *: *"\)../\1AA/' word"#)
    try site.expect(
      "writ run unlock shop.roll \(VersionLockTests.artifact) --log log --bundle agents --word word",
      1, says: "its key did not sign it")
    #expect(try site.scratch.bytes("log/checkpoint") == before)
    // A person in a role that the action's gate does not name.
    try site.expect(
      #"""
      sed 's/^role manager/role manager\nrole cook/' shop.writ > two.writ; writ key new co -o co.key
      printf '{"name":"co","key":"%s","actor":"Identity/otto","roles":["cook"]}\n' \
        "$(cat co.key.pub)" > two.jsonl
      writ build two.writ -o roles --registry two.jsonl
      """#)
    let cook = unlock("--as Identity/otto --key co.key", bundle: "roles")
      .replacing("--role manager", with: "--role cook")
    try site.expect(cook, 1, says: "`shop.roll` is unlocked in the role manager, not `cook`")
    // A bundle of somebody's own in which they may unlock moves no other.
    try site.expect(
      #"""
      printf '{"name":"stray","key":"%s","actor":"Identity/otto","roles":["manager"]}\n' \
        "$(cat stray.key.pub)" > own.jsonl
      writ build shop.writ -o own --registry own.jsonl
      """#)
    try site.expect(
      unlock("--as Identity/otto --key stray.key", bundle: "own"), 1,
      says: "the word would count for nobody")
    try site.expect(rolling(in: "one"), 1, says: VersionLockTests.tooOften)
  }
}
