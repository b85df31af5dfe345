// Agents by the registry: they act, and what people sign is nothing from them, however it comes to a gate.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Agents' keys", .serialized)
final class AgentKeyTests {
  private let site: RunSite

  /// A shop in whose registry the bot is an agent that acts.
  init() throws {
    site = try RunSite()
    try site.scratch.write(
      RunSite.policy + """

        pipeline wide(service: Service) {
          stage go {
            widen(service)
            run "./look.sh" service
          }
        }
        pipeline blind(service: Service) unverified {
          stage go { deploy(service) }
        }
        pipeline agreed(service: Service) {
          stage go {
            approve by role manager within 1h
            run "./look.sh" service
          }
        }

        """, to: "shop.writ")
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    try site.scratch.write(
      #"{"gate":"careful","arguments":{"service":"Service/web"}}"#, to: "gate.json")
    try site.scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/web"}}"#, to: "ship.json")
    try site.expect(
      #"""
      writ key new bot -o bot.key
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/bot","roles":[%s]%s}\n' "$1" "$(cat $1.key.pub)" "$2" "$3"; }
      cp registry.jsonl people.jsonl
      entry bot "" ',"agent":true' >> registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      mkdir given
      """#)
  }

  /// A line of the registry for a key.
  private func line(_ name: String, roles: String, _ more: String) -> String {
    #"printf '{"name":"\#(name)","key":"%s","actor":"Identity/bot","roles":[\#(roles)]\#(more)}\n' "$(cat \#(name).key.pub)""#
  }

  /// What a command prints that Ines signed, as if the bot had said it, signed by the bot's own key.
  private func forge(_ command: String, to file: String) throws {
    let told = try site.expect("\(command) --as Identity/ines --key ines.key")
    let json = try JSONValue(parsing: Array(told.utf8))
    let payload = try #require(json["payload"]?.string.flatMap(Base64.decode))
    let bots = String(decoding: payload, as: UTF8.self)
      .replacing("Identity/ines", with: "Identity/bot")
    let pem = String(decoding: try site.scratch.bytes("bot.key"), as: UTF8.self)
    let start = try #require(pem.firstRange(of: "-----BEGIN")).lowerBound
    let key = try #require(Ed25519PrivateKey(pem: String(pem[start...])))
    let envelope = Envelope(
      payloadType: Statement.payloadType, payload: Array(bots.utf8), signedBy: [key])
    try site.scratch.write(envelope.json.compact, to: file)
  }

  /// A request with an approval of a file in it.
  private func with(_ approval: String, in request: String, to file: String) throws {
    let json = try JSONValue(parsing: try site.scratch.bytes(request))
    let envelope = try JSONValue(parsing: try site.scratch.bytes(approval))
    let members = (json.object ?? []) + [JSONMember("approvals", .array([envelope]))]
    try site.scratch.write(JSONValue.object(members).compact, to: file)
  }

  private static let nobodysWord =
    "its key is that of `Identity/bot`, an agent, whose word does not count as a person's"

  @Test(
    "whoever signs as an agent, or by an agent's key, is refused before anything is said to be approved"
  )
  func refusedFirst() throws {
    for (person, key) in [("bot", "ines.key"), ("ines", "bot.key")] {
      for no in ["", " --no 'not now'"] {
        let told = try site.run(
          "writ approve --bundle b --request gate.json --role manager --as Identity/\(person) --key \(key)\(no)"
        )
        #expect(told.code == 1 && told.messages.contains("nothing was signed"), "\(told.messages)")
        #expect(!told.messages.contains("approves ") && !told.messages.contains("refuses "))
      }
    }
  }

  @Test("a bundle by which an agent can ask without a token for what people agree to is warned of")
  func canAskInItsOwnName() throws {
    let words = "`Identity/bot` is an agent that can act without a token"
    func built(_ policy: String, _ registry: String) throws -> String {
      try site.run("set -e\nwrit build \(policy) -o c --registry \(registry)").messages
    }
    #expect(try built("shop.writ", "registry.jsonl").contains("warning: \(words)"))
    #expect(try !built("shop.writ", "people.jsonl").contains(words))
    try site.expect(
      """
      { cat people.jsonl; \(line("bot", roles: #""@token""#, #","agent":true"#)); } > token.jsonl
      """)
    #expect(try !built("shop.writ", "token.jsonl").contains(words))
    // Where nobody is asked to agree nobody can agree to too much.
    try site.scratch.write(
      """
      policy shop version 1
      node Identity { name: String key }
      gate ship(to: Identity) { deny nobody: caller is absent }
      action deploy(to: Identity) kind deploy guarded by ship(to) effect production irreversible { run "x" to }

      """, to: "plain.writ")
    #expect(try !built("plain.writ", "registry.jsonl").contains(words))
    try site.scratch.write(
      """
      policy shop version 1
      role manager
      node Identity { name: String key }
      pipeline ask(to: Identity) { stage go { parallel { approve by role manager within 1h } } }

      """, to: "asks.writ")
    #expect(try built("asks.writ", "registry.jsonl").contains(words))
  }

  @Test("a registry in which an agent has roles, by its own key or another, makes no bundle")
  func isNoApprover() throws {
    try site.expect("writ key new bot-2 -o bot-2.key")
    let agent = line("bot", roles: "", #","agent":true"#)
    let approver = line("bot-2", roles: #""manager""#, "")
    for (lines, words) in [
      (
        line("bot", roles: #""manager""#, #","agent":true"#),
        "the line of `bot` is an agent's and has roles in which people sign"
      ),
      (
        "\(agent); \(approver)",
        "the line of `bot-2` has roles in which people sign, and another line says that `Identity/bot` is an agent"
      ),
      (
        "\(approver); \(agent)",
        "the line of `bot-2` has roles in which people sign, and another line says that `Identity/bot` is an agent"
      ),
      (line("bot", roles: "", #","agent":"yes""#), "bad.jsonl:1: no registry entry"),
      (line("bot", roles: "", #","agnet":true"#), "bad.jsonl:1: no registry entry"),
    ] {
      try site.expect(
        "{ \(lines); } > bad.jsonl; code=0; writ build shop.writ -o bad --registry bad.jsonl || code=$?; "
          + "[ ! -e bad ]; exit $code", 65, says: words)
    }
    // Who acts under tokens, and who signs them, may be an agent; who is said not to be one may approve.
    try site.expect(
      """
      { \(line("bot", roles: #""@token""#, #","agent":true"#))
        \(line("bot-2", roles: #""@issuer""#, #","agent":true"#)); } > good.jsonl
      writ build shop.writ -o good --registry good.jsonl
      \(line("bot", roles: #""manager""#, #","agent":false"#)) > said.jsonl
      \(line("bot", roles: #""manager""#, "")) > silent.jsonl
      writ build shop.writ -o said --registry said.jsonl
      writ build shop.writ -o silent --registry silent.jsonl
      cmp said silent
      """)
  }

  @Test("an agent is told before anything is signed that it cannot approve, grant or answer")
  func signsNothing() throws {
    let request = "--bundle b --role manager --log log"
    for (command, what) in [
      ("writ approve \(request) --request asked.json", "approve"),
      ("writ approve \(request) --request asked.json --no 'not today'", "say no"),
      ("writ waive W1 \(request)", "grant a waiver"),
      (
        "writ log override log --index 0 --bundle b --role manager --reason 'so it is'",
        "answer for an override"
      ),
      (
        "writ log review log --index 0 --bundle b --role manager --verdict justified --note 'so it is'",
        "review the breaking of glass"
      ),
    ] {
      // As itself, by its own key in a person's name, and in its own name by a person's key.
      for (person, key) in [("bot", "bot"), ("ines", "bot"), ("bot", "ines")] {
        let told = try site.run("\(command) --as Identity/\(person) --key \(key).key")
        #expect(told.code == 1 && told.output.isEmpty)
        #expect(
          told.messages.contains(
            "`Identity/bot` is an agent by the bundle's registry and cannot \(what): nothing was signed"
          ),
          "\(command): \(told.messages)")
      }
    }
    #expect(try site.kinds().isEmpty)
  }

  @Test("an agent's approval counts at no gate, and a note says so")
  func approvesNothing() throws {
    let approve = "writ approve --bundle b --role manager --request"
    try forge("\(approve) asked.json", to: "yes.json")
    try forge("\(approve) gate.json", to: "gate-yes.json")
    try with("yes.json", in: "asked.json", to: "approved.json")
    try with("gate-yes.json", in: "gate.json", to: "gate-approved.json")
    let note = "approval 1: \(AgentKeyTests.nobodysWord)"
    let asking = "--bundle b --graph g --caller Identity/otto"
    try site.expect("writ decide \(asking) --request gate-approved.json", 2, says: note)
    try site.expect("writ ask \(asking) --request approved.json", 2, says: note)
    // Where it is no agent the very same counts.
    try site.expect(
      """
      { cat people.jsonl; \(line("bot", roles: #""manager""#, "")); } > open.jsonl
      writ build shop.writ -o open --registry open.jsonl
      writ decide \(asking.replacing("--bundle b", with: "--bundle open")) --request gate-approved.json
      """, says: "ALLOW")
    let acting = site.options.replacing("--wait 20s", with: "--wait 1s")
    try site.expect("writ act --request approved.json --actor-key bot.key \(acting)", 2, says: note)
    #expect(try site.ran().isEmpty)
  }

  @Test("an agent's grant of a waiver spares nothing, and a note says so")
  func grantsNothing() throws {
    try forge("writ waive W1 --bundle b --role manager", to: "grant.json")
    let asking = "--graph frozen --caller Identity/otto --request ship.json --waiver"
    try site.expect(
      "writ decide --bundle b \(asking) grant.json", 1,
      says: "waiver 1: \(AgentKeyTests.nobodysWord)")
    try site.expect(
      """
      { cat people.jsonl; \(line("bot", roles: #""manager""#, "")); } > open.jsonl
      writ build shop.writ -o open --registry open.jsonl
      writ decide --bundle open \(asking) grant.json
      """, says: "ALLOW")
  }

  @Test("in a run an agent's yes lets nothing go on and its no ends nothing, and a note says so")
  func decidesNothingInRuns() throws {
    let approve = "writ approve --bundle b --role manager --request asked.json"
    let wide = "wide --arg service=Service/web --actor-key bot.key --approvals given --hold 2s"
    try forge(approve, to: "given/a.json")
    let held = try site.run(site.run(wide))
    #expect(held.code == 1)
    #expect(
      held.output.contains(
        "a.json in the folder of approvals is not counted: \(AgentKeyTests.nobodysWord)"),
      "\(held.output)")
    #expect(try site.ran().isEmpty)
    try forge("\(approve) --no 'never'", to: "given/b.json")
    try site.expect("\(approve) --as Identity/ines --key ines.key > given/c.json")
    try site.expect(site.run(wide), says: "SUCCEEDED")
    #expect(try site.ran() == ["widen", "look"])
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("a step that asks people takes no agent's word, and goes on once a person agrees")
  func approveSteps() throws {
    let asAgent =
      "writ approve --bundle b --request \"$file\" --role manager --as Identity/bot --key bot.key"
    try site.expect(
      site.run(
        "agreed --arg service=Service/web --actor-key bot.key",
        atAsks: "\(asAgent) > signed 2>> refused || true; \(site.approval(by: "ines"))"))
    let told = String(decoding: try site.scratch.bytes("refused"), as: UTF8.self)
    #expect(told.contains("is an agent by the bundle's registry and cannot approve"), "\(told)")
    #expect(try site.scratch.bytes("signed").isEmpty)
    #expect(try site.ran() == ["look"])
  }

  @Test(
    "an agent begins no pipeline of which nothing looks at what it has done to production, on record"
  )
  func unverified() throws {
    let words = "blind --arg service=Service/web"
    try site.expect(
      site.run("\(words) --actor-key bot.key"), 1,
      says: "an agent begins no pipeline that is `unverified`")
    #expect(try site.ran().isEmpty)
    #expect(try site.kinds().last == "intent")
    // By a bundle in which the bot is no agent.
    try site.expect("writ build shop.writ -o b --registry people.jsonl")
    try site.expect(site.run(words), says: "SUCCEEDED")
  }
}
