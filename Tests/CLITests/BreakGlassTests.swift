// Break-glass from end to end: said why, done, marked in every record, looked at by somebody else, and never silently.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Breaking the glass", .serialized)
final class BreakGlassTests {
  @Test(
    "what was done past the gate is marked, its reason erasable, and reviewed by a second person")
  func wholeWay() throws {
    let site = try BreakGlassSite()
    try site.expect(
      site.act("deploy --arg service=Service/web"), 1, says: "was not scanned")
    try site.expect(site.breakGlass(), says: "the glass is broken")
    #expect(try site.ran() == 1)
    let decision = try site.record(3)
    #expect(decision["breakGlass"]?["role"] == "incident_commander")
    #expect(decision["breakGlass"]?["due"] != nil)
    #expect(decision["breakGlass"]?["reason"]?.string?.hasPrefix("~") == true)
    for follows in [4, 5] {
      let mark = try site.record(follows)["breakGlass"]
      #expect(mark?["due"] == decision["breakGlass"]?["due"] && mark?["reason"] == nil)
    }
    try site.expect("! grep -rl 'down since' log/tile log/checkpoint")
    try site.expect("writ log show log --index 3", says: BreakGlassSite.reason)
    try site.expect("writ log search log --subject BreakGlass/log.example", says: "break-glass")
    try site.expect("writ log reviews log", says: "awaits incident_commander until")
    try site.expect(site.review(3), says: "finds entry 3")
    try site.expect("writ log reviews log --bundle b", says: "justified by Identity/erik, entry 6")
    try site.expect("writ log search log --kind review", says: "1 record of 7")
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.example.key.pub; writ log fsck log",
      says: "2 the same, 0 different")
  }

  @Test("an auditor is told that the glass was broken, why where it is shown, and the review")
  func audited() throws {
    let site = try BreakGlassSite()
    try site.expect(site.breakGlass())
    try site.expect(site.review())
    try site.expect(
      "writ log prove log --index 1 -o quiet; writ-verify quiet --vkey log.example.key.pub",
      says: "breakglass reviewed by role incident_commander until")
    try site.expect(
      "writ log prove log --index 1 --disclose reason -o told; writ-verify told --vkey log.example.key.pub",
      says: "because: \(BreakGlassSite.reason)")
    let answer = try site.expect(
      #"""
      writ log prove log --subject BreakGlass/log.example --from 2020-01-01T00:00:00Z --to 2099-01-01T00:00:00Z -o all
      writ-verify all --vkey log.example.key.pub
      """#)
    #expect(answer.contains("broke the glass, reviewed by role incident_commander"))
    #expect(answer.contains("found justified by Identity/"))
    try site.expect("writ log report told -o page.html", says: "")
    #expect(
      String(decoding: try site.scratch.bytes("page.html"), as: UTF8.self)
        .contains("predicate.breakGlass"))
  }

  @Test("it is logged as broken glass also where the usual gate would have allowed")
  func evenWhereAllowed() throws {
    let site = try BreakGlassSite()
    try site.expect(
      "sed -i 's/require scanned: service.scanned/require scanned: not service.scanned/; s/require agreed: approval.*/deny none: false/' glass.writ"
    )
    try site.expect("writ build glass.writ -o b --registry registry.jsonl")
    try site.expect(site.breakGlass())
    #expect(try site.record(1)["breakGlass"]?["role"] == "incident_commander")
    try site.expect("writ log reviews log", says: "awaits")
  }

  @Test("nobody does it without saying why, and no usual action has a reason")
  func withoutReason() throws {
    let site = try BreakGlassSite()
    let before = try site.scratch.bytes("log/checkpoint")
    let emergency = "emergencyDeploy --arg service=Service/web"
    try site.expect(site.act(emergency), 64, says: "nobody has said why; say it with --reason")
    for reason in [
      "' '", "\"$(printf '\\342\\200\\213\\302\\240\\343\\200\\200\\342\\240\\200')\"",
      "\"$(printf 'two\\nlines')\"",
      "\"$(head -c 1025 /dev/zero | tr '\\0' x)\"",
    ] {
      try site.expect(
        site.act("\(emergency) --reason \(reason)"), 64, says: "is no line of 1 to 1024")
    }
    try site.expect(
      site.act("deploy --arg service=Service/web --reason x"), 65, says: "goes the usual way")
    try site.scratch.write(
      #"{"action":"emergencyDeploy","arguments":{"service":"Service/web"},"reason":""}"#,
      to: "empty.json")
    try site.expect(site.act("--request empty.json"), 65, says: "`reason` is not one line")
    try site.scratch.write(
      #"{"action":"emergencyDeploy","arguments":{"service":"Service/web"}}"#, to: "none.json")
    try site.expect(site.act("--request none.json"), 64, says: "nobody has said why")
    // Who asks is only said, and nobody would review it: neither for the action nor by the name of its gate.
    try site.scratch.write(
      #"{"action":"emergencyDeploy","arguments":{"service":"Service/web"},"reason":"down"}"#,
      to: "with.json")
    try site.scratch.write(
      #"{"gate":"burning","arguments":{"service":"Service/web"}}"#, to: "gate.json")
    for name in ["none", "with", "gate"] {
      try site.expect(
        "writ decide --bundle b --graph g --request \(name).json --caller Identity/dana --log log",
        65, says: "`decide` gives no leave to do that")
    }
    #expect(try site.ran() == 0)
    #expect(try site.scratch.bytes("log/checkpoint") == before)
  }

  @Test("an approval is for the reason that it was asked for")
  func approvedForAReason() throws {
    let site = try BreakGlassSite()
    try site.expect(
      "sed -i 's/  deny often: count/  require agreed: approval by role release_manager within 1h\\n  deny often: count/' glass.writ"
    )
    try site.expect("writ build glass.writ -o b --registry registry.jsonl")
    func request(_ reason: String) -> String {
      #"{"action":"emergencyDeploy","arguments":{"service":"Service/web"},"reason":"\#(reason)"}"#
    }
    try site.scratch.write(request("the outage"), to: "asked.json")
    try site.expect(site.act("--request asked.json"), 2)
    try site.expect(
      "writ approve --bundle b --request asked.json --role release_manager --as Identity/max --key max.key -o approved.json"
    )
    try site.expect("sed 's/the outage/a whim/' approved.json > other.json")
    try site.expect(site.act("--request other.json"), 2, says: "is for another request")
    #expect(try site.ran() == 0)
    try site.expect(site.act("--request approved.json"), says: "SUCCEEDED")
    // It is counted: the same leave does nothing twice.
    try site.expect(site.act("--request approved.json"), 2, says: "was used")
  }

  @Test("agents, tokens and callers who do not sign never break it, and the attempt is on record")
  func peopleOnly() throws {
    let site = try BreakGlassSite()
    try site.expect(site.breakGlass(as: "bot"), 1, says: "the glass is broken by people")
    try site.expect(
      "writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/dana --action emergencyDeploy -o dana.token"
    )
    try site.expect(
      site.breakGlass(key: "--actor-key dana.key --token dana.token"), 1,
      says: "acts under a token, and the glass is broken by people")
    try site.expect(site.breakGlass(key: ""), 1, says: "nobody signed for the caller")
    try site.expect(
      "grep -v '\"roles\":\\[\\]' registry.jsonl > reviewers.jsonl; sed 's/^policy .*/& callers unsigned/' glass.writ > open.writ; writ build open.writ -o open --registry reviewers.jsonl"
    )
    try site.expect(
      site.breakGlass(key: "", bundle: "open"), 1,
      says: "nobody signed for the caller, and the glass is broken by people")
    // Whoever the registry calls an agent does not break it, whatever the graph says of them.
    try site.expect(
      "sed '/\"dana\",/s/\"roles\":\\[\\]/&,\"agent\":true/; /dana-reviews/d' registry.jsonl > agents.jsonl; writ build glass.writ -o agents --registry agents.jsonl"
    )
    try site.expect(
      site.breakGlass(bundle: "agents"), 1, says: "is an agent, and the glass is broken by people")
    #expect(try site.ran() == 0)
    try site.expect("writ log reviews log", says: "0 uses of break-glass")
    let refused = try site.expect("writ log search log --kind intent --json")
    #expect(refused.components(separatedBy: "\"taken\":false").count == 5)
    try site.scratch.write(
      [
        #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ask.examples.break_glass.emergencyDeploy","arguments":{"arguments":{"service":"Service/web"}}}}"#,
      ].joined(separator: "\n") + "\n", to: "messages")
    let told = try site.expect(
      "writ mcp --bundle b --graph g --caller Identity/bot < messages")
    let answers = told.split(separator: "\n").map(String.init)
    try #require(answers.count == 3)
    #expect(answers[1].contains("ask.examples.break_glass.deploy"))
    #expect(!answers[1].contains("ask.examples.break_glass.emergencyDeploy"))
    #expect(answers[2].contains("breaks the glass: a person does that"))
  }

  @Test("the one who broke it does not review it, nor who lacks the role, nor anybody twice")
  func reviewers() throws {
    let site = try BreakGlassSite()
    try site.expect(site.breakGlass())
    let before = try site.scratch.bytes("log/checkpoint")
    for (command, code, words) in [
      (site.review(as: "dana"), 1, "broke the glass, and somebody else reviews that"),
      (site.review(key: "dana-reviews.key"), 1, "its key is `Identity/dana`'s"),
      (site.review(role: "release_manager"), 1, "is reviewed in the role `incident_commander`"),
      (site.review(as: "max", key: "max.key"), 1, "does not hold the role `incident_commander`"),
      (site.review(key: "erik.key"), 1, "no approver in the bundle"),
      (site.review(key: "log.example.key"), 65, "give each function its own key"),
      (site.review(verdict: "fine"), 64, "there are justified and unjustified"),
      (site.review(note: String(repeating: "x", count: 5_000)), 64, "no line of 1 to"),
      (site.review(0), 65, "is no decision that breaks the glass"),
      (site.review(2), 65, "is no decision that breaks the glass"),
      (site.review(99), 65, "there is no entry 99"),
    ] as [(String, Int32, String)] {
      try site.expect(command, code, says: words)
    }
    #expect(try site.scratch.bytes("log/checkpoint") == before)
    try site.expect(site.review(verdict: "unjustified"))
    try site.expect(site.review(), 1, says: "was reviewed by entry 4, and the first review stands")
    try site.expect("writ log reviews log", says: "unjustified by Identity/erik")
  }

  @Test("a review that is due raises an alarm, and keeps the one who owes it from the next")
  func overdue() throws {
    let site = try BreakGlassSite(due: "1us")
    try site.expect(site.breakGlass())
    try site.expect("writ log reviews log", 1, says: "OVERDUE since")
    let listed = try site.expect("writ log reviews log --overdue --json", 1)
    let json = try JSONValue(parsing: Array(listed.utf8))
    #expect(json["overdue"] == 1)
    let use = try #require(json["uses"]?.array?.first)
    #expect(use["state"] == "overdue" && use["reason"]?.string == BreakGlassSite.reason)
    try site.expect(site.breakGlass(), 1, says: "nobody has looked at")
    // A denied wish is marked too, and there is nothing to review of it.
    #expect(try site.record(5)["breakGlass"]?["due"] == nil)
    #expect(try site.record(5)["breakGlass"]?["role"] == "incident_commander")
    try site.expect(site.review(5), 65, says: "lets nothing be done")
    try site.expect(site.review())
    try site.expect("writ log reviews log --overdue", says: "0 uses of break-glass, 0 overdue")
    try site.expect(site.breakGlass(), says: "SUCCEEDED")
    try site.expect("writ replay log --all", says: "3 the same, 0 different")
  }

  @Test("the reason goes with its writer, a review with its giver, and both still count")
  func erases() throws {
    let site = try BreakGlassSite(due: "1us")
    try site.expect(site.breakGlass())
    try site.expect(site.review())
    try site.expect("writ log erase log --person Identity/dana --ground 'they asked'")
    try site.expect("writ log erase log --person Identity/erik --ground 'they asked'")
    try site.expect("! grep -rlE 'down since|outage of 02:40' log")
    try site.expect("writ log reviews log", says: "justified by Identity/~")
    try site.expect("writ log reviews log --bundle b", 1, says: "what was signed is not there")
    try site.expect("writ log verify log --vkey log.example.key.pub")
    try site.expect("writ replay log --all", says: "0 different")
    // Whoever was erased cannot come back as their own reviewer.
    try site.expect(site.breakGlass(), says: "SUCCEEDED")
    try site.expect("writ log erase log --person Identity/dana --ground 'they asked again'")
    let use = try #require(
      try site.expect("writ log search log --subject BreakGlass/log.example --json")
        .split(separator: "\n").compactMap { try JSONValue(parsing: Array($0.utf8)) }
        .last { $0["type"]?.string == PredicateType.decision }?["index"]?.integer)
    try site.expect(site.review(Int(use), as: "dana"), 1, says: "was erased")
  }
}
