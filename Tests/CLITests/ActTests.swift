// `writ act` as its three parties use it: who asks, the log, and a real delegate with a secret.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Acting", .serialized)
final class ActTests {
  private let site: ActionSite

  init() throws { site = try ActionSite() }

  @Test("an allowed action is done once, and decision, permit and result are linked")
  func succeeds() throws {
    let output = try site.expect(site.act("us.json"), says: "SUCCEEDED  checkout.deploy")
    #expect(output.contains("ships sha256:7c5a0e9d") && output.contains("to production-us"))
    #expect(output.contains("with [redacted]"))
    let records = try site.records()
    try #require(records.count == 3, "\(records)")
    #expect(records.map { $0["kind"]?.string } == ["gate", "permit", "result"])
    let actions = Set(records.map { $0["action"]?.string ?? "" })
    #expect(actions.count == 1 && actions.first?.hasPrefix("sha256:") == true)
    #expect(records[1]["permit"] == records[2]["permit"])
    #expect(records[1]["decision"]?.integer == 0 && records[2]["decision"]?.integer == 0)
    #expect(records[2]["outcome"]?.string == "succeeded" && records[2]["exit"]?.integer == 0)
    try site.expect("writ replay log --all", says: "1 the same, 0 different")
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
    let checkup = try site.run("writ log fsck log")
    #expect(!checkup.output.contains("no record names"), "\(checkup.output)")
  }

  @Test("no secret is in any file but the delegate's sealed one, nor in what was said")
  func keepsSecrets() throws {
    // It comes out of the program in every way that a shell knows.
    try site.scratch.write(
      #"""
      #!/bin/sh
      echo "with $deploy_token"
      printf %s "$deploy_token" | base64
      printf %s "$deploy_token" | od -An -tx1 | tr -d ' \n'; echo
      printf %s "$deploy_token" | od -An -tx1 | tr -d '\n' | tr ' ' '%'; echo
      printf %s "$deploy_token" | sed 's#"#%22#g;s#&#%26#g;s#+#%2B#g;s#/#%2F#g;s# #%20#g'; echo
      printf %s "$deploy_token" | sed 's#"#%22#g;s#&#%26#g;s#+#%2B#g;s#/#%2F#g;s# #+#g'; echo
      printf %s "$deploy_token" | sed 's#"#\\"#g'; echo
      printf %s "$deploy_token" | sed 's#["/]#\\&#g'; echo
      """#, to: "eu-1/work/deploy.sh")
    try site.expect("chmod +x eu-1/work/deploy.sh")
    let outcome = try site.run(site.act("us.json"))
    #expect(outcome.code == 0, "\(outcome.messages)")
    #expect(outcome.output.split(separator: "[redacted]").count > 8, "\(outcome.output)")
    try site.expect("rm secret")
    let canary = Canary(ActionSite.canary)
    #expect(canary.found(below: site.scratch.path) == [])
    #expect(canary.found(in: Array((outcome.output + outcome.messages).utf8)) == [])
  }

  /// Whoever acts has the key of permits and the log's in memory: neither comes to lie in a core, though the machine makes cores.
  @Test("who crashes while it waits for a delegate leaves no core")
  func leavesNoCore() throws {
    let folder = site.scratch.path
    let words = """
      act --bundle b --graph g --caller Identity/deploy-bot --log log --permit-key permit.key \
      --delegate eu-1/delegate.pub --listen unix:\(folder)/sock --wait 60s --request us.json
      """
    let crashed = try Aborted(
      ["\(Program.folder)/writ"] + words.split(whereSeparator: \.isWhitespace).map(String.init),
      in: folder, path: "/usr/bin:/bin", by: SIGSYS
    ) { _ in
      for _ in 0..<3000 where !FileManager.default.fileExists(atPath: "\(folder)/sock") {
        usleep(10_000)
      }
    }
    // Other crashes it catches, and says that they are defects.
    #expect(crashed.signal == SIGSYS && !crashed.hasCore)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(left.contains("sock"), "it waited")
    #expect(!left.contains { $0.hasPrefix("core") }, "\(left)")
  }

  @Test("what the gate denies or holds is on record, and no delegate hears of it")
  func refuses() throws {
    try site.expect(
      "\(ActionSite.command.replacing("--graph g", with: "--graph before")) --request us.json", 1)
    try site.expect("\(ActionSite.command) --request eu.json", 2, says: "await")
    let records = try site.records()
    #expect(records.map { $0["kind"]?.string } == ["gate", "gate"])
    #expect(records.allSatisfy { $0["action"]?.string?.hasPrefix("sha256:") == true })
    for index in records.indices {
      try site.expect(
        "writ log show log --index \(index)", says: "  action    checkout.deploy, sha256:")
    }
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: site.scratch.path).contains("sock"))
  }

  @Test("an approval of the gate alone, or of another action, is void for this one")
  func bindsApprovals() throws {
    let approve =
      "writ approve --bundle b --role eu_compliance --as Identity/ines --key ines.key --request"
    try site.expect("\(approve) gate.json > approval")
    try site.expect(
      #"sed 's|"facts"|"approvals": ['"$(tr -d '\n' < approval)"'],"facts"|' eu.json > forged.json"#
    )
    try site.expect(
      "\(ActionSite.command) --request forged.json", 2, says: "is for another request")
    try site.expect(#"sed 's/"deploy"/"undo"/' eu.json > undo.json"#)
    try site.expect(
      "\(approve) eu.json -o approved.json", says: "approved the action checkout.deploy")
    try site.expect(site.act("approved.json"), says: "SUCCEEDED")
    // The same policy, and a bundle that is not the one that was approved with.
    try site.expect("writ build checkout.writ -o b --registry registry.jsonl --revision 2")
    try site.expect(
      "\(ActionSite.command) --request approved.json", 2, says: "by another bundle")
    try site.expect("writ replay log --all", says: "3 the same, 0 different")
  }

  @Test("what the delegate does not take is on record, and nothing was done")
  func recordsRefusals() throws {
    try site.expect("rm eu-1/secrets/deploy_token*")
    let outcome = try site.run(site.act("us.json"))
    #expect(outcome.code == 1 && outcome.messages.contains("deploy_token"), "\(outcome.messages)")
    let last = try #require(try site.records().last)
    #expect(last["outcome"]?.string == "refused" && last["reason"]?.string == "noSecret")
  }

  @Test("a refusal of what was under way before does not say that nothing was done")
  func tellsWhatIsUnknown() throws {
    // The word that the gate rests on is good for eight more seconds, and so is the permit.
    let end = Date().addingTimeInterval(8 - 7 * 86_400)
    let word =
      #"{"source":"catalog","at":"\#(ISO8601DateFormatter().string(from: end))","covers":"*"}"#
    try site.expect(
      #"""
      grep -v '"source":"catalog"' graph.jsonl > short.jsonl; echo '\#(word)' >> short.jsonl
      writ graph import --schema checkout.writ short.jsonl -o g
      parent='sed "s/.*) . //; s/ .*//"'
      printf '#!/bin/sh\n[ -e ran ] || { touch ran; keeper=$PPID; launcher=$(%s /proc/$keeper/stat)\n' "$parent" > undo
      printf 'kill -9 $(%s /proc/$launcher/stat); sleep 5; }\n' "$parent" >> undo
      cp undo eu-1/work/undo.sh
      chmod +x eu-1/work/undo.sh
      sed 's/"deploy"/"undo"/' us.json > undo.json
      """#)
    // The program kills its delegate; another one comes when the permit is over.
    try site.expect(
      #"""
      serve='timeout 15 writ-delegate serve eu-1 --connect sock --once'
      { $serve 2>> delegate.err || true; sleep 10; exec $serve 2>> delegate.err; } &
      code=0; \#(ActionSite.command) --request undo.json || code=$?
      # It would wait for more.
      kill $! 2> /dev/null || true
      wait; exit $code
      """#, 74, says: "the delegate refuses it now: the permit expired")
    let records = try site.records()
    #expect(records.map { $0["kind"]?.string } == ["gate", "permit"])
  }

  @Test("what a program writes cannot pass for the report")
  func marksOutput() throws {
    try site.expect(
      #"printf '#!/bin/sh\nprintf "SUCCEEDED  checkout.deploy\\rx\\ty"; echo no >&2; exit 3\n' > eu-1/work/deploy.sh"#
    )
    let outcome = try site.run(site.act("us.json"))
    #expect(outcome.code == 1)
    #expect(
      outcome.output.hasPrefix("  | SUCCEEDED")
        && outcome.output.contains("\nFAILED  checkout.deploy\n"))
    #expect(outcome.messages.contains("  | no\n"), "\(outcome.messages)")
  }

  @Test("a program that says no is a failure, and is recorded as one")
  func fails() throws {
    try site.expect("sed -i 's/^exit.*/exit 7/' eu-1/work/deploy.sh")
    let outcome = try site.run(site.act("us.json", "--json"))
    #expect(outcome.code == 1, "\(outcome.messages)")
    let json = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(json["outcome"]?.string == "failed" && json["exit"]?.integer == 7)
    #expect(json["evidence"]?["result"]?.integer == 2)
    let records = try site.records()
    #expect(records.last?["outcome"]?.string == "failed")
  }

  @Test("another delegate than the one that is named gets nothing")
  func knowsItsDelegate() throws {
    try site.expect("writ key new other -o other.key")
    let outcome = try site.run(
      site.act("us.json").replacing("eu-1/delegate.pub", with: "other.key.pub")
        .replacing("--wait 20s", with: "--wait 3s"))
    #expect(outcome.code == 74, "\(outcome.messages)")
    #expect(outcome.output.isEmpty)
    #expect(try site.records().isEmpty)
  }

  @Test("one key in two functions is refused before anything is done")
  func separatesKeys() throws {
    for (wrong, right) in [
      ("--permit-key log.key", "--permit-key permit.key"),
      ("--permit-key ines.key", "--permit-key permit.key"),
      ("--delegate permit.key.pub", "--delegate eu-1/delegate.pub"),
    ] {
      let command = ActionSite.command.replacing(right, with: wrong)
      try site.expect("\(command) --request us.json", 65, says: "its own key")
    }
    #expect(try site.records().isEmpty)
  }

  @Test("a question about an action gives its reasons and its command, and is no leave")
  func asks() throws {
    let ask = "writ ask --bundle b --graph g --caller Identity/deploy-bot"
    try site.expect("\(ask) --request us.json", says: "would run  ./deploy.sh sha256:7c5a0e9d")
    try site.expect("\(ask) --request eu.json", 2)
    let json = try JSONValue(
      parsing: Array(try site.expect("\(ask) --request us.json --json").utf8))
    #expect(json["result"]?["question"]?.bool == true)
    #expect(json["command"]?.array?.count == 3)
    #expect(try site.records().isEmpty)
  }

  @Test("requests for actions that do not fit say what, and what to do")
  func misfits() throws {
    let ask = "writ ask --bundle b --graph g --caller Identity/deploy-bot"
    try site.expect("\(ask) deplyo", 65, says: "did you mean `deploy`")
    try site.expect("\(ask) deploy --arg env=Environment/production-us", 65, says: "`release`")
    try site.expect("\(ask) deploy --arg environment=x --arg release=y", 65, says: "`environment`")
    try site.expect(ask, 64, says: "no action is named")
    // A name beside a request says the same, or something is wrong.
    try site.expect("\(ask) deploy --request us.json")
    try site.expect("\(ask) undo --request us.json", 64, says: "is for the action")
    try site.expect("\(ask) deploy --request us.json --arg a=b", 64, says: "leave out --arg")
    try site.expect("\(ask) --request gate.json", 65, says: "names no action")
    try site.expect(
      #"sed 's|"Release/r42", "env"|["Identity/zelda"], "env"|' us.json > list.json; "#
        + "\(ask) --request list.json", 65, says: "is not a node")
    try site.expect(
      #"sed 's/"action"/"gate": "checkout.ship", "action"/' us.json > both.json; "#
        + "\(ask) --request both.json",
      65, says: "not both")
    try site.expect(
      #"sed 's/"action"/"now": "2026-11-19T10:00:00Z", "action"/' us.json > then.json; "#
        + "\(ask) --request then.json",
      65, says: "leave out `now`")
  }

  @Test(
    "where the bundle knows keys to act with, a name alone gets nothing, and the attempt is on record"
  )
  func identifiesCallers() throws {
    try site.expect(
      #"""
      writ key new bot -o bot.key
      printf '{"name":"bot","key":"%s","actor":"Identity/deploy-bot","roles":[]}\n' "$(cat bot.key.pub)" >> registry.jsonl
      writ build checkout.writ -o b --registry registry.jsonl
      """#)
    let command = "\(ActionSite.command) --request us.json"
    try site.expect(command, 1, says: "nobody signed for the caller")
    try site.expect("\(command) --actor-key ines.key", 1, says: "the caller's key did not sign it")
    // An agent's key signs for no person.
    let asAnna = command.replacing("Identity/deploy-bot", with: "Identity/anna")
    try site.expect("\(asAnna) --actor-key bot.key", 1, says: "no key to act with is known")
    let attempts = try site.records()
    #expect(attempts.map { $0["kind"]?.string } == ["intent", "intent", "intent"])
    #expect(attempts.allSatisfy { $0["taken"]?.bool == false && $0["reason"]?.string != nil })
    #expect(attempts.allSatisfy { $0["caller"]?.string?.hasPrefix("Identity/~") == true })
    try site.expect(site.act("us.json", "--actor-key bot.key"), says: "SUCCEEDED")
    let kinds = try site.records().map { $0["kind"]?.string }
    #expect(kinds.dropFirst(3) == ["intent", "gate", "permit", "result"])
    // Nor does it approve anything.
    try site.expect(
      "writ approve --bundle b --request eu.json --role eu_compliance --as Identity/deploy-bot --key bot.key",
      1, says: "no approver in the bundle")
    try site.expect(
      "writ log verify log --vkey log.key.pub; writ log fsck log; writ replay log --all",
      says: "SOUND")
  }

  @Test("a key to act with that the bundle does not know is refused on record, not ignored")
  func refusesIdleKeys() throws {
    try site.expect(
      "\(ActionSite.command) --request us.json --actor-key ines.key", 1, says: "no key to act with")
    #expect(try site.records().map { $0["taken"]?.bool } == [false])
  }
}
