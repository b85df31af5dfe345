// Who gave the token that an agent acts under: named in all that is recorded of what it does, and no approver of it.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Who stands behind an agent", .serialized)
final class RepresentedTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect(
      #"""
      for name in issuer helper mia; do writ key new $name -o $name.key; done
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' $1 "$(cat $1.key.pub)" $2 "$3" >> registry.jsonl; }
      entry issuer ines '"@issuer"'; entry helper otto ''; entry mia mia '"manager"'
      writ build shop.writ -o b --registry registry.jsonl
      for graph in facts:g frozen:frozen; do
        echo '{"node":"Identity","id":"mia","props":{}}' >> ${graph%:*}.jsonl
        writ graph import --schema shop.writ ${graph%:*}.jsonl -o ${graph#*:}
      done
      writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/bot --next helper.key.pub \
        --action deploy --action undoDeploy --action widen --action one --action twice --action hasty -o bot.token
      writ token narrow bot.token --bundle b --key helper.key --holder Identity/bot -o handed.token
      """#)
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "widen.json")
  }

  private func act(_ words: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!
    code=0; writ act \(words) \(site.options) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  private func approve(by name: String) throws {
    try site.expect(
      "writ approve --bundle b --request widen.json --role manager --as Identity/\(name) --key \(name).key -o \(name).json"
    )
  }

  /// What the entries of the log say, opened.
  private func entries() throws -> [String] {
    try site.kinds().indices.map { try site.expect("writ log show log --index \($0) || true") }
  }

  @Test("whoever gave the token does not agree in a gate to what is done under it; others may")
  func inAGate() throws {
    for name in ["ines", "mia"] { try approve(by: name) }
    let held = try site.run("set -e\n" + act("--request ines.json --token bot.token"))
    #expect(held.code == 2, "\(held.messages)")
    let why = "approval 1, by `Identity/ines`, does not count: its giver gave the token"
    #expect(held.messages.contains(why), "\(held.messages)")
    #expect((held.output + held.messages).contains("Identity/ines"))
    #expect(try site.ran().isEmpty)
    // Nor through a hand in between, and nor does that hand.
    try site.expect(act("--request ines.json --token handed.token"), 2, says: why)
    try site.expect(act("--request mia.json --token handed.token"), says: "SUCCEEDED")
    #expect(try site.ran() == ["widen"])
    // It is the token: in the bot's own name the same yes counts.
    try site.expect(act("--request ines.json"), says: "SUCCEEDED")
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub; writ log fsck log",
      says: "0 different")
  }

  @Test("whoever gave the token lets nothing wait in a gate for what is done under it; others may")
  func waives() throws {
    for name in ["ines", "mia"] {
      try site.expect(
        #"""
        grant=$(writ waive W1 --bundle b --role manager --as Identity/\#(name) --key \#(name).key)
        printf '{"action":"deploy","arguments":{"service":"Service/web"},"waivers":[%s]}' "$grant" > \#(name).json
        """#)
    }
    func act(_ words: String) -> String {
      self.act(words).replacing("--graph g ", with: "--graph frozen ")
    }
    try site.expect(
      act("--request ines.json --token bot.token"), 1,
      says: "does not count: its giver gave the token")
    #expect(try site.ran().isEmpty)
    try site.expect(act("--request mia.json --token bot.token"), says: "SUCCEEDED")
    try site.expect(act("--request ines.json"), says: "SUCCEEDED")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test(
    "decision, permit and result name who gave the token, from hand to hand, and are found by it")
  func named() throws {
    let deploy = "deploy --arg service=Service/web --token"
    try site.expect(act("\(deploy) handed.token"), says: "SUCCEEDED")
    let told = try entries()
    #expect(told.count == 3)
    for entry in told {
      #expect(entry.contains("onBehalfOf Identity/ines, then Identity/otto"), "\(entry)")
    }
    for who in ["--subject Identity/ines", "--subject Identity/otto", "--person Identity/ines"] {
      try site.expect("writ log search log \(who)", says: "3 records of")
    }
    try site.expect("writ log search log --actor Identity/ines", says: "0 records of")
    try site.expect(
      """
      writ log prove log --subject Service/web --from 2000-01-01T00:00:00Z --to 2999-01-01T00:00:00Z -o all \
        --disclose Identity
      writ-verify all --vkey log.key.pub > verified
      """)
    let verified = String(decoding: try site.scratch.bytes("verified"), as: UTF8.self)
    #expect(
      verified.components(
        separatedBy: "for     Identity/ines, then Identity/otto, by a token of theirs"
      ).count == 4, "\(verified)")
    // Without a token nobody stands behind it.
    try site.expect(act("deploy --arg service=Service/web"), says: "SUCCEEDED")
    #expect(try entries().suffix(3).allSatisfy { !$0.contains("onBehalfOf") })
    try site.expect(
      """
      writ log prove log --index 0 --disclose Identity -o told; writ-verify told --vkey log.key.pub
      """, says: "Identity/otto")
    try site.expect("writ log erase log --person Identity/ines --ground 'GDPR Art. 17(1)(b)'")
    #expect(try !entries()[0].contains("Identity/ines"))
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub; writ log fsck log",
      says: "0 different")
  }

  @Test("a run under a token names who gave it, with all that it does and takes back")
  func inRuns() throws {
    // The second time it fails, and the first is taken back.
    try site.program(
      "eu-1/work/deploy.sh", "[ $(grep -c '^deploy' \"\(site.scratch.path)/ran\") -lt 2 ]")
    try site.expect(
      site.run("twice --arg service=Service/web --token bot.token"), 1,
      says: "what was done is undone")
    #expect(try site.ran().contains("undo-deploy"))
    let shown = try site.run("writ run show \(try site.runName()) --runs runs")
    #expect(shown.output.contains("asked for by Identity/bot, on behalf of Identity/ines at"))
    #expect(try site.shown()["onBehalfOf"] == ["Identity/ines"])
    for (kind, entry) in zip(try site.kinds(), try entries())
    where ["gate", "permit", "result"].contains(kind) || entry.contains("begins shop.twice") {
      #expect(entry.contains("onBehalfOf Identity/ines\n"), "\(entry)")
    }
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub; writ log fsck log",
      says: "0 different")
  }

  @Test("what a run takes back is its givers', by its own bundle and under its own token alone")
  func takenBackByTheSame() throws {
    // While the second step runs a bundle comes that does not know the key that signed the token.
    try site.expect(
      "grep -v '\"name\":\"issuer\"' registry.jsonl > without.jsonl; writ build shop.writ -o later --registry without.jsonl; cp b first"
    )
    let folder = site.scratch.path
    try site.program(
      "eu-1/work/deploy.sh",
      "[ $(grep -c '^deploy' \"\(folder)/ran\") -lt 2 ] || { cp \"\(folder)/later\" \"\(folder)/b\"; false; }"
    )
    let stopped = try site.run(
      "set -e\n" + site.run("twice --arg service=Service/web --token bot.token"))
    #expect(stopped.code != 0)
    #expect(
      (stopped.output + stopped.messages).contains(
        "the bundle is another one than the run was begun with"),
      "\(stopped.output)\(stopped.messages)")
    #expect(try !site.ran().contains("undo-deploy"))
    let again = "--resume \(try site.runName())"
    try site.expect(site.run("\(again) --token bot.token"), 65, says: "with another bundle")
    try site.expect("cp first b")
    try site.expect(site.run(again), 1, says: "the run was begun under another token")
    try site.expect(site.run("\(again) --token handed.token"), 1, says: "under another token")
    // However it ends: nothing is let be done in its name alone.
    _ = try site.run(site.run("\(again) --token bot.token"))
    let gates = zip(try site.kinds(), try entries()).filter { $0.0 == "gate" }.map(\.1)
    #expect(gates.count >= 2)
    for gate in gates { #expect(gate.contains("onBehalfOf Identity/ines\n"), "\(gate)") }
  }

  @Test("at a step that people agree to, whoever gave the token is not named among those who could")
  func notAble() throws {
    _ = try site.run(
      site.run("hasty --arg service=Service/web --token bot.token", atAsks: ":"))
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    let asks = try #require(
      events.split(separator: "\n").first { $0.contains(#""type":"writ.run.asks""#) })
    #expect(asks.contains("Identity/otto") && !asks.contains("Identity/ines"), "\(asks)")
  }
}
