// Tokens as their parties use them: who mints, who narrows, who acts, and what the log says.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Acting under a token", .serialized)
final class TokenTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect(
      #"""
      for name in issuer helper bot; do writ key new $name -o $name.key; done
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' $1 "$(cat $1.key.pub)" $2 "$3" >> registry.jsonl; }
      entry issuer ines '"@issuer"'
      writ build shop.writ -o b --registry registry.jsonl
      """#)
  }

  private func mint(_ words: String, _ file: String = "bot.token") throws {
    try site.expect(
      "writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/bot \(words) -o \(file)"
    )
  }

  private func act(_ words: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!
    code=0; writ act \(words) \(site.options) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  /// What the log says of the newest wish that was refused.
  private func refusal() throws -> String? {
    let found = try site.expect("writ log search log --json").split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    return found.last { $0["record"]?["taken"]?.bool == false }?["record"]?["reason"]?.string
  }

  @Test("a token tells who issued it and who handed it on, and of a holder who cannot act")
  func told() throws {
    try mint("--action deploy --next helper.key.pub")
    try site.expect(
      "writ token narrow bot.token --bundle b --key helper.key -o less.token")
    let shown = try site.expect("writ token show less.token --bundle b").split(separator: "\n")
    #expect(shown.contains("  issued by Identity/ines, key `issuer`"), "\(shown)")
    #expect(
      shown.contains { $0.hasPrefix("  handed on by a key that the bundle does not know, ") },
      "\(shown)")
    try site.expect(
      "writ token show less.token --bundle b --json", says: #""node": "Identity/ines""#)
    try site.expect(
      #"""
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[]}\n' $1 "$(cat $1.key.pub)" $1 >> registry.jsonl; }
      entry bot
      sed 's/ callers unsigned//' shop.writ > signed.writ
      writ build signed.writ -o signed --registry registry.jsonl
      """#)
    for (holder, hint) in [("bott", "; did you mean `Identity/bot`?"), ("bot", nil)] {
      let minted = try site.run(
        "writ token mint --bundle signed --key issuer.key --audience log.example --holder Identity/\(holder) --action deploy -o new-\(holder).token"
      )
      #expect(minted.code == 0, "\(minted.messages)")
      #expect(minted.messages.contains("no key of `Identity/bott` to act with") == (hint != nil))
      if let hint { #expect(minted.messages.contains(hint), "\(minted.messages)") }
    }
    // A file that holds none is named.
    try site.expect(
      "echo '{}' > none.token; writ token show none.token --bundle b", 65, says: "none.token: ")
  }

  @Test("of what was denied a list of a log names the action, as of what was done")
  func listed() throws {
    try site.expect(act("deploy --arg service=Service/web"), says: "SUCCEEDED")
    try site.expect(
      "writ act deploy --arg service=Service/web \(site.options.replacing("--graph g ", with: "--graph frozen "))",
      1)
    for outcome in ["allow", "deny"] {
      try site.expect(
        "writ log search log --outcome \(outcome)", says: "shop.ship for shop.deploy  Service/web")
    }
  }

  @Test("an action within the token is done, one beyond it is refused by the bound, on record")
  func bounds() throws {
    try mint("--action deploy --arg service=Service/web --budget 2")
    let deploy = "deploy --arg service=Service/web --token bot.token"
    try site.expect(act(deploy), says: "SUCCEEDED")
    try site.expect(
      act("roll --arg service=Service/web --token bot.token"), 1,
      says: "the token does not cover the action `shop.roll`")
    #expect(try refusal() == "the token does not cover the action `shop.roll`")
    try site.expect(
      act("deploy --arg service=Service/api --token bot.token"), 1,
      says: "the token does not cover the argument `service`")
    try site.expect(act(deploy), says: "SUCCEEDED")
    try site.expect(act(deploy), 1, says: "the token does not cover the budget")
    #expect(try refusal() == "the token does not cover the budget")
    #expect(try site.ran() == ["deploy", "deploy"])
    let record = try JSONValue(
      parsing: Array(try site.expect("writ log show log --index 0 --json").utf8))
    #expect((record["record"] ?? record)["predicate"]?["token"]?.array?.count == 1)
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub; writ log fsck log",
      says: "0 different")
  }

  @Test(
    "who gave the token that a run acts under does not agree to what it does; somebody else may")
  func giversDoNotAgree() throws {
    try site.scratch.write(
      RunSite.policy.replacing(
        "stage go { approve by role manager within 1s }",
        with: "stage go { approve by role manager within 10s }"), to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    try mint("--action hasty")
    let words = "hasty --arg service=Service/web --token bot.token"
    try site.expect(
      site.run(words, atAsks: site.approval(by: "ines") + "; " + site.approval(by: "otto")))
    let told = try site.expect("writ run show \(site.runName()) --runs runs")
    #expect(told.contains("is of somebody who contributed to what is run"), "\(told)")
    #expect(told.contains("Identity/otto"), "\(told)")
  }

  @Test("a token of another audience, of somebody else, or whose time is over counts for nothing")
  func others() throws {
    let deploy = "deploy --arg service=Service/web --token bot.token"
    try mint(
      "--action deploy --audience other.example".replacing("--audience other.example", with: ""))
    try site.expect(
      "writ token mint --bundle b --key issuer.key --audience other.example --holder Identity/bot --action deploy -o other.token"
    )
    try site.expect(
      act("deploy --arg service=Service/web --token other.token"), 1, says: "another audience")
    try site.expect(
      act(deploy).replacing("Identity/bot", with: "Identity/ines"), 1, says: "somebody else's")
    try mint("--action deploy --for 1us", "short.token")
    try site.expect(
      act("deploy --arg service=Service/web --token short.token"), 1, says: "has expired")
    try site.expect("writ key new issuer -o forged.key")
    try site.expect(
      "writ token mint --bundle b --key forged.key --audience log.example --holder Identity/bot --action deploy",
      1, says: "knows no issuer with that key")
    try site.expect(
      "writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/bot --action fly",
      64, says: "no action or pipeline `fly`")
    #expect(try site.ran().isEmpty)
  }

  @Test("a token is handed on with less, never with more, and its budget is one for all hands")
  func narrows() throws {
    try mint(
      "--action deploy --action roll --budget 2 --next helper.key.pub")
    let narrow = "writ token narrow bot.token --bundle b --key helper.key --holder Identity/ines"
    try site.expect("\(narrow) --action deploy -o less.token")
    try site.expect("\(narrow) --action widen", 1, says: "widens the action `shop.widen`")
    try site.expect("\(narrow) --budget 3", 1, says: "widens the budget")
    try site.expect("\(narrow) --for 48h", 1, says: "widens the expiry")
    try site.expect(
      "\(narrow) --action deploy".replacing("helper.key", with: "bot.key"), 65,
      says: "is not signed by the key that the one before names")
    let less = act("deploy --arg service=Service/web --token less.token")
      .replacing("--caller Identity/bot", with: "--caller Identity/ines")
    try site.expect(less, says: "SUCCEEDED")
    try site.expect(
      less.replacing("act deploy", with: "act roll"), 1, says: "the action `shop.roll`")
    try site.expect(act("roll --arg service=Service/web --token bot.token"), says: "SUCCEEDED")
    try site.expect(less, 1, says: "does not cover the budget")
    let shown = try site.expect("writ token show less.token --bundle b")
    #expect(shown.contains("block 2") && shown.contains("can not be narrowed further"))
    try site.expect(
      "writ token show less.token --bundle b --json", says: #""holder": "Identity/ines""#)
  }

  @Test("a token that could never be used is not minted, and what is left of one is told by a log")
  func minting() throws {
    for (words, says) in [
      ("--action deploy --arg service=Servce/web", "did you mean `Service`?"),
      ("--action deploy --arg service=web", "is not a node"),
      ("--action deploy --arg service=Identity/bot", "must be of kind `Service`"),
      ("--action deploy --arg servise=Service/web", "did you mean `service`?"),
      ("--action release --arg servise=Service/web", "did you mean `service`?"),
      ("--action deploy --holder bot", "could never act"),
      ("--action deploy --holder Service/web", "could never act"),
      ("--action deploy --holder Identty/bot", "did you mean `Identity`?"),
    ] {
      let holder = words.contains("--holder") ? "" : "--holder Identity/bot"
      try site.expect(
        "writ token mint --bundle b --key issuer.key --audience log.example \(holder) \(words)", 64,
        says: says)
    }
    try mint("--action deploy --action roll --arg service=Service/web --budget 3")
    try site.expect(
      "writ token show bot.token --bundle b --log log",
      says: "used 0 times by this log, 3 of 3 left")
    try site.expect(act("deploy --arg service=Service/web --token bot.token"), says: "SUCCEEDED")
    try site.expect(
      "writ token show bot.token --bundle b --log log", says: "used 1 time by this log, 2 of 3 left"
    )
    try site.expect(
      "writ token show bot.token --bundle b --log log --json", says: #""used": 1"#)
    #expect(try !site.expect("writ token show bot.token --bundle b").contains("used"))
  }

  @Test("what was taken back is not taken back again without a word")
  func revokedTwice() throws {
    try mint("--action deploy --next helper.key.pub")
    try site.expect(
      "writ token narrow bot.token --bundle b --key helper.key --holder Identity/ines -o less.token"
    )
    try site.expect(revoke("less.token --key helper.key"), says: "is taken back")
    let again = try site.expect(revoke("less.token --key helper.key"))
    #expect(again.contains("it was taken back already: entry 0 takes back the block"), "\(again)")
    try site.expect(revoke("less.token --key helper.key") + " --json", says: #""already": true"#)
    // The first block is more than that.
    try site.expect(revoke("bot.token --key issuer.key"), says: "is taken back")
    try site.expect(revoke("less.token --key helper.key"), says: "taken back already")
    #expect(try site.kinds() == ["revocation", "revocation"])
  }

  private func revoke(_ words: String) -> String {
    "writ token revoke \(words) --bundle b --log log --reason 'the helper is stopped'"
  }

  private static let takenBack = "the token was taken back"

  @Test(
    "whoever gave a token takes it back, with all that was narrowed from it and nothing before it")
  func revokes() throws {
    try mint("--action deploy --next helper.key.pub")
    try site.expect(
      "writ token narrow bot.token --bundle b --key helper.key --holder Identity/ines -o less.token"
    )
    let whole = act("deploy --arg service=Service/web --token bot.token")
    let less = act("deploy --arg service=Service/web --token less.token")
      .replacing("--caller Identity/bot", with: "--caller Identity/ines")
    try site.expect(less, says: "SUCCEEDED")
    try site.expect("writ token show less.token --bundle b --log log")
    // The hand that handed it on has signed the second block.
    try site.expect(revoke("less.token --key helper.key"), says: "is taken back")
    try site.expect(less, 1, says: TokenTests.takenBack)
    #expect(try refusal() == TokenTests.takenBack)
    try site.expect("writ token show less.token --bundle b --log log", 1, says: "taken back: entry")
    try site.expect(whole, says: "SUCCEEDED")
    try site.expect(revoke("bot.token --key issuer.key"))
    try site.expect(whole, 1, says: TokenTests.takenBack)
    // What would be handed on after that is no more than it was.
    try site.expect(
      "writ token narrow bot.token --bundle b --key helper.key --holder Identity/bot -o late.token")
    try site.expect(
      act("deploy --arg service=Service/web --token late.token"), 1, says: TokenTests.takenBack)
    // Another token of the same issuer stands.
    try mint("--action deploy", "other.token")
    try site.expect(
      act("deploy --arg service=Service/web --token other.token"), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy", "deploy", "deploy"])
    try site.expect(
      "writ log search log --kind revocation --json", says: #""kind":"revocation""#)
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub; writ log fsck log",
      says: "0 different")
  }

  @Test("a person in a role takes back what others gave, and that holds once they are forgotten")
  func revokedByAPerson() throws {
    try mint("--action deploy")
    let deploy = act("deploy --arg service=Service/web --token bot.token")
    let person = "bot.token --as Identity/ines --role manager --key ines.key"
    try site.expect(revoke(person), says: "is taken back")
    try site.expect(deploy, 1, says: TokenTests.takenBack)
    try site.expect(
      "writ log show log --index 0", says: "of a token, and what was narrowed from it")
    try site.expect(
      "writ log search log --kind revocation --person Identity/ines", says: "1 record of")
    // It stands when the giver has another key, and when they are in the bundle no longer.
    try site.expect(
      """
      writ key new ines2 -o ines2.key
      sed "s|$(cat ines.key.pub)|$(cat ines2.key.pub)|" registry.jsonl > rotated.jsonl
      grep -v '"name":"ines"' registry.jsonl > without.jsonl
      for name in rotated without; do writ build shop.writ -o $name --registry $name.jsonl; done
      """)
    for bundle in ["rotated", "without"] {
      try site.expect(
        deploy.replacing("--bundle b ", with: "--bundle \(bundle) "), 1, says: TokenTests.takenBack)
    }
    try site.expect(
      "writ log erase log --person Identity/ines --ground 'GDPR Art. 17(1)(b)'")
    try site.expect(deploy, 1, says: TokenTests.takenBack)
    #expect(try site.ran().isEmpty)
  }

  @Test("by a bundle that the log knows nothing of nobody takes a token back")
  func revokedByAnotherBundle() throws {
    try mint("--action deploy")
    let deploy = act("deploy --arg service=Service/web --token bot.token")
    try site.expect(deploy, says: "SUCCEEDED")
    try site.expect(
      """
      writ key new eve -o eve.key
      cp registry.jsonl hers.jsonl
      printf '{"name":"eve","key":"%s","actor":"Identity/otto","roles":["manager"]}\n' \
        "$(cat eve.key.pub)" >> hers.jsonl
      sed -i '/"name":"otto"/d' hers.jsonl
      writ build shop.writ -o hers --registry hers.jsonl
      """)
    let word = "bot.token --as Identity/otto --role manager --key eve.key"
    try site.expect(
      revoke(word).replacing("--bundle b", with: "--bundle hers"), 1,
      says: "the word would count for nobody")
    try site.expect(deploy, says: "SUCCEEDED")
  }

  @Test("nobody else takes a token back, and not in another log")
  func revokedByStrangers() throws {
    try mint("--action deploy --next helper.key.pub")
    try site.expect(
      "writ token narrow bot.token --bundle b --key helper.key --holder Identity/ines -o less.token"
    )
    for (words, code, says) in [
      ("bot.token --key bot.key", 1, "the key has signed no block of this token"),
      // Whoever hands it on has no say in what they were handed.
      ("less.token --key helper.key --block 1", 1, "the word takes nothing back"),
      ("bot.token --key bot.key --as Identity/ines --role manager", 1, "has the key"),
      ("bot.token --key ines.key --as Identity/ines --role cook", 1, "does not hold the role"),
      ("bot.token --key ines.key --as Identity/otto --role manager", 1, "its key is"),
      ("bot.token --key log.key", 65, "the log's key takes tokens back too"),
      ("bot.token --key issuer.key --block 2", 64, "has no block 2"),
    ] {
      try site.expect(revoke(words), Int32(code), says: says)
    }
    try site.expect(
      """
      writ token mint --bundle b --key issuer.key --audience other.example --holder Identity/bot \
        --action deploy -o other.token
      """)
    try site.expect(
      revoke("other.token --key issuer.key"), 1, says: "and this log is `log.example`")
    // A word for another token, and one that is changed.
    try site.expect(
      """
      \(revoke("bot.token --key issuer.key --sign")) > word
      writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/bot \
        --action deploy -o second.token
      """)
    let record = "writ token revoke second.token --bundle b --log log --word word"
    try site.expect(record, 1, says: "it is of another token")
    #expect(try site.kinds().isEmpty)
    try site.expect(
      record.replacing("second.token", with: "bot.token"), says: "is taken back")
    try site.expect(
      act("deploy --arg service=Service/web --token bot.token"), 1, says: TokenTests.takenBack)
    try site.expect(
      act("deploy --arg service=Service/web --token second.token"), says: "SUCCEEDED")
  }

  @Test("a run whose token is taken back does nothing more under it, and what it did is taken back")
  func revokedUnderARun() throws {
    try mint("--action twice --action deploy")
    try site.program(
      "eu-1/work/deploy.sh",
      """
      cd \(site.scratch.path)
      PATH=\(Program.folder):$PATH
      \(revoke("bot.token --key issuer.key"))
      """)
    try site.scratch.write(
      RunSite.policy.replacing(
        "stage go on failure rollback {\n    step first",
        with: "stage go on failure rollback on denial rollback {\n    step first"), to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    try site.expect(site.run("twice --arg service=Service/web --token bot.token"), 1)
    #expect(try site.ran() == ["deploy", "undo-deploy"])
    #expect(try site.result("go/second") == "denied")
    #expect(try refusal() == TokenTests.takenBack)
    try site.expect(
      site.run("twice --arg service=Service/web --token bot.token"), 1, says: TokenTests.takenBack)
    #expect(try site.ran() == ["deploy", "undo-deploy"])
  }

  @Test("a run goes by the token that it was begun under, and what takes back is not held to it")
  func runs() throws {
    try mint("--action twice --action deploy --budget 1")
    try site.program("eu-1/work/deploy.sh")
    // The second step is one too many; the first is taken back though `undoDeploy` is not in the token.
    try site.scratch.write(
      RunSite.policy.replacing(
        "stage go on failure rollback {\n    step first",
        with: "stage go on failure rollback on denial rollback {\n    step first"), to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    try site.expect(site.run("twice --arg service=Service/web --token bot.token"), 1)
    #expect(try site.ran() == ["deploy", "undo-deploy"])
    #expect(try site.result("go/second") == "denied")
    try site.expect(
      site.run("--resume \(try site.runName())"), 1, says: "begun under another token")
    try site.expect(
      site.run("one --arg service=Service/web --token bot.token"), 1,
      says: "does not cover the action `shop.one`")
    #expect(try refusal() == "the token does not cover the action `shop.one`")
  }

  @Test("whoever acts under tokens only does nothing without one")
  func needs() throws {
    try site.expect(
      #"""
      printf '{"name":"bot","key":"%s","actor":"Identity/bot","roles":["@token"]}\n' "$(cat bot.key.pub)" >> registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      """#)
    let deploy = "deploy --arg service=Service/web --actor-key bot.key"
    try site.expect(act(deploy), 1, says: "acts under a token only, and presented none")
    try mint("--action deploy")
    try site.expect(act("\(deploy) --token bot.token"), says: "SUCCEEDED")
    try site.expect(
      act("deploy --arg service=Service/web --token bot.token"), 1,
      says: "nobody signed for the caller")
  }
}
