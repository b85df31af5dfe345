// An approval is for the very command that it lets be done: what the graph says of it may change between the yes and the doing.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("What people agree to is what is done", .serialized)
final class AgreedCommandTests {
  private static let policy = """
    policy shop version 1 callers unsigned

    source catalog fresh 7d
    role manager

    node Identity from catalog { name: String key }
    node Service from catalog {
      name: String key
      image: String
    }

    gate careful(service: Service) {
      require manager: approval by role manager within 1h else "a manager must approve"
    }
    gate open(service: Service) {
      deny nobody: caller is absent "nobody asks"
    }

    action widen(service: Service) kind deploy guarded by careful(service) effect staging {
      run "./widen.sh" service.image
    }
    action other(service: Service) kind deploy guarded by careful(service) effect staging {
      run "./other.sh" service.image
    }
    action plain(service: Service) kind deploy guarded by careful(service) effect staging {
      run "./plain.sh" service
    }
    action ship(service: Service) kind deploy guarded by open(service) effect staging {
      run "./ship.sh" service.image
    }

    pipeline agreed(service: Service) {
      stage go {
        approve by role manager within 1h
        step pause: run "./pause.sh"
        step ship: ship(service)
      }
    }
    pipeline gated(service: Service) {
      stage go { step wide: widen(service) }
    }
    """

  private static let images = [
    // As people saw it, under another name, and with another content under the same name.
    "g": "web@sha256:\(String(repeating: "a", count: 64))",
    "renamed": "pay@sha256:\(String(repeating: "a", count: 64))",
    "rebuilt": "web@sha256:\(String(repeating: "b", count: 64))",
  ]

  private let site: Workshop

  init() throws {
    site = try Workshop()
    try site.scratch.write(AgreedCommandTests.policy, to: "shop.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    for (name, image) in AgreedCommandTests.images {
      try site.scratch.write(
        """
        {"node":"Identity","id":"bot","props":{}}
        {"node":"Identity","id":"ines","props":{}}
        {"node":"Service","id":"web","props":{"image":"\(image)"}}
        {"source":"catalog","at":"\(now)","covers":"*"}

        """, to: "\(name).jsonl")
    }
    for action in ["widen", "other", "plain"] {
      try site.scratch.write(
        #"{"action":"\#(action)","arguments":{"service":"Service/web"}}"#, to: "\(action).json")
    }
    try site.expect(
      #"""
      writ key new log.example -o log.key
      writ key new permits -o permit.key
      writ key new ines -o ines.key
      printf '{"name":"ines","key":"%s","actor":"Identity/ines","roles":["manager"]}\n' \
        "$(cat ines.key.pub)" > registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      for graph in g renamed rebuilt; do
        writ graph import --schema shop.writ $graph.jsonl -o $graph
      done
      cp g agreed
      writ log init log --origin log.example --key log.key
      writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
      touch ran
      for name in widen other plain ship; do
        printf '#!/bin/sh\necho "%s $*" >> "%s/ran"\n' $name "$PWD" > eu-1/work/$name.sh
      done
      printf '#!/bin/sh\n' > pause.sh
      chmod +x eu-1/work/*.sh pause.sh
      """#)
  }

  private static let approve =
    "writ approve --bundle b --role manager --as Identity/ines --key ines.key --request"

  private var options: String {
    """
    --bundle b --graph g --caller Identity/bot --log log --permit-key permit.key \
    --delegate eu-1/delegate.pub --listen unix:\(site.scratch.path)/sock --wait 20s
    """
  }

  /// The command with a delegate beside it.
  private func served(_ command: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!
    code=0; \(command) \(options) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  private func act(_ request: String) -> String { served("writ act --request \(request)") }

  private func ran() throws -> [String] {
    String(decoding: try site.scratch.bytes("ran"), as: UTF8.self).split(separator: "\n")
      .map { String($0.prefix { $0 != " " }) }
  }

  private func isSound() throws {
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
    // Exits with 1 where a decision comes out otherwise.
    try site.expect("writ replay log --all")
  }

  @Test(
    "the graph changes between the yes and the doing: other words, or another content under the same name",
    arguments: ["renamed", "rebuilt"])
  func graphChanged(_ graph: String) throws {
    let approve = AgreedCommandTests.approve
    let shown = try site.expect("\(approve) widen.json --graph g -o approved.json 2>&1")
    let image = try #require(AgreedCommandTests.images["g"])
    #expect(shown.contains("./widen.sh \(image)"), "\(shown)")
    #expect(shown.contains("artifact") && shown.contains(String(image.dropFirst(4))), "\(shown)")
    try site.expect("cp \(graph) g")
    try site.expect(act("approved.json"), 2, says: "does not count: it agrees to sha256:")
    #expect(try ran().isEmpty)
    // What the log has of it says the same when it is made again.
    try isSound()
    // Asked again people see what would now be done; and what they saw first is there again.
    let again = try site.expect("\(approve) widen.json --graph g -o again.json 2>&1")
    #expect(again.contains(try #require(AgreedCommandTests.images[graph])), "\(again)")
    try site.expect("cp agreed g")
    try site.expect(act("again.json"), 2, says: "does not count: it agrees to sha256:")
    try site.expect(act("approved.json"), says: "SUCCEEDED")
    #expect(try ran() == ["widen"])
    try isSound()
  }

  @Test("an approval of one action is none of another through the same gate, with the same words")
  func otherAction() throws {
    try site.expect("\(AgreedCommandTests.approve) other.json --graph g -o approved.json")
    try site.expect(#"sed -i 's/"other"/"widen"/' approved.json"#)
    try site.expect(act("approved.json"), 2, says: "is for another request")
    #expect(try ran().isEmpty)
  }

  /// Signed by somebody who may, and by a program of their own.
  private func envelope(
    _ request: String, does: Digest?, change: (String) -> String = { $0 }
  ) throws -> JSONValue {
    let given = try JSONValue(parsing: site.scratch.bytes(request))
    let asked = try site.expect(
      "writ approve --bundle b --graph g --request \(request) --show --no x --json")
    let digest = try JSONValue(parsing: Array(asked.utf8))["digest"]?.string
    let pem = String(decoding: try site.scratch.bytes("ines.key"), as: UTF8.self)
    let now = Int64(Date().timeIntervalSince1970) * 1_000_000
    let json = Approval(
      gate: "shop.careful", digest: try #require(digest.flatMap { Digest($0) }), does: does,
      role: "manager", approver: "Identity/ines",
      validity: Instant(microseconds: now)..<Instant(microseconds: now + 600_000_000)
    ).signed(by: try #require(Ed25519PrivateKey(pem: pem))).json
    let payload = try #require(json["payload"]?.string.flatMap(Base64.decode))
    let changed = change(String(decoding: payload, as: UTF8.self))
    let envelope = JSONValue.object(
      (json.object ?? []).map { member in
        member.name == "payload"
          ? JSONMember("payload", .string(Base64.encode(Array(changed.utf8)))) : member
      })
    let whole = (given.object ?? []) + [JSONMember("approvals", .array([envelope]))]
    try site.scratch.write(JSONValue.object(whole).compact, to: "forged.json")
    return envelope
  }

  /// What `widen` does by the graph.
  private func does() throws -> Digest {
    let shown = try site.expect(
      "writ approve --bundle b --graph g --request widen.json --show --json")
    let undertaking = try #require(try JSONValue(parsing: Array(shown.utf8))["undertaking"])
    return try Undertaking(undertaking).digest
  }

  @Test(
    "an approval that says nothing of what is done, as earlier releases signed them, lets nothing be done"
  )
  func withoutCommand() throws {
    _ = try envelope("widen.json", does: nil)
    try site.expect(act("forged.json"), 2, says: "it says nothing of what would be done")
    // Nor does one of something that nobody would do.
    _ = try envelope("widen.json", does: Digest(of: [1]))
    try site.expect(act("forged.json"), 2, says: "does not count: it agrees to sha256:")
    #expect(try ran().isEmpty)
    // The same with what is done, to show that nothing else was in the way.
    _ = try envelope("widen.json", does: try does())
    try site.expect(act("forged.json"), says: "SUCCEEDED")
    try isSound()
  }

  @Test("what an approval says is done cannot be changed, put in or taken out once it is signed")
  func edited() throws {
    let (own, other) = (try does(), Digest(of: [1]))
    _ = try envelope("widen.json", does: other) {
      $0.replacing(other.description, with: own.description)
    }
    try site.expect(act("forged.json"), 2, says: "did not sign it")
    _ = try envelope("widen.json", does: nil) {
      $0.replacing("\"approver\":", with: "\"does\":\"\(own)\",\"approver\":")
    }
    try site.expect(act("forged.json"), 2, says: "did not sign it")
    _ = try envelope("widen.json", does: own) {
      $0.replacing("\"does\":\"\(own)\",", with: "")
    }
    try site.expect(act("forged.json"), 2, says: "did not sign it")
    #expect(try ran().isEmpty)
  }

  @Test("who writes the request cannot say what it does: it is held to it")
  func statedByTheRequest() throws {
    let own = try does()
    let approve = AgreedCommandTests.approve
    try site.expect("\(approve) widen.json --graph g -o approved.json")
    try site.expect(#"sed -i 's/"action"/"does":"\#(own)","action"/' approved.json"#)
    try site.expect("cp rebuilt g")
    try site.expect(act("approved.json"), 65, says: "the request says that it would do \(own)")
    #expect(try ran().isEmpty)
  }

  @Test("nobody signs what is not known, and a command without words of the graph needs none")
  func needsTheGraph() throws {
    let approve = AgreedCommandTests.approve
    try site.expect("\(approve) widen.json", 1, says: "nobody can agree to what is not known")
    let shown = try site.expect("writ approve --bundle b --request widen.json --show")
    #expect(shown.contains("none before it is known what would be done"), "\(shown)")
    #expect(shown.contains("./widen.sh {…}"), "\(shown)")
    try site.expect("\(approve) plain.json -o approved.json", says: "approved the action")
    try site.expect(act("approved.json"), says: "SUCCEEDED")
    #expect(try ran() == ["plain"])
  }

  @Test(
    "what whoever asks says is done is held against one's own graph, and lets nothing else be done")
  func told() throws {
    let shown = try site.expect(
      "writ approve --bundle b --graph g --request widen.json --show --json")
    let undertaking = try #require(try JSONValue(parsing: Array(shown.utf8))["undertaking"])
    let asked: JSONValue = [
      "action": "widen", "arguments": ["service": "Service/web"], "does": undertaking,
    ]
    try site.scratch.write(asked.compact, to: "asked.json")
    // Shown without a graph, too, and signed as it is shown.
    let show = "writ approve --bundle b --request asked.json --show"
    let image = try #require(AgreedCommandTests.images["g"])
    try site.expect(show, says: "./widen.sh \(image)")
    let approve = AgreedCommandTests.approve
    try site.expect("\(approve) asked.json --graph g > seen.json")
    try site.expect(
      "\(approve) asked.json --graph rebuilt", 1, says: "you are asked to agree to sha256:")
    try site.expect("\(approve) asked.json -o approved.json")
    try site.expect(act("approved.json"), says: "SUCCEEDED")
    // Something harmless is shown: that alone is agreed to.
    try site.scratch.write(asked.compact.replacing("widen.sh", with: "look.sh"), to: "asked.json")
    try site.expect(show, says: "./look.sh \(image)")
    try site.expect("\(approve) asked.json -o approved.json")
    try site.expect(act("approved.json"), 2, says: "does not count: it agrees to sha256:")
    #expect(try ran() == ["widen"])
  }

  @Test("a question counts an approval as the doing does, one by one and in a batch")
  func questions() throws {
    try site.expect("\(AgreedCommandTests.approve) widen.json --graph g -o approved.json")
    try site.expect("tr -d '\\n' < approved.json > batch.jsonl")
    for (graph, code, word) in [("agreed", Int32(0), "allow"), ("rebuilt", 2, "hold")] {
      let asked = "--bundle b --graph \(graph) --caller Identity/bot"
      try site.expect("writ decide \(asked) --request approved.json", code)
      try site.expect("writ ask \(asked) --request approved.json", code)
      let whole = try site.expect("writ decide \(asked) --batch batch.jsonl --json")
      let brief = try site.expect("writ decide \(asked) --batch batch.jsonl --brief --json")
      #expect(whole.contains("\"outcome\":\"\(word)\""), "\(whole)")
      #expect(brief.contains("\"outcome\":\"\(word)\""), "\(brief)")
    }
  }

  @Test("a no holds whatever would be done, and a yes to something else does not take it back")
  func noStands() throws {
    let approve = AgreedCommandTests.approve
    try site.expect(
      "\(approve) widen.json --graph g --no 'not today' --log log --log-key log.key || \(approve) widen.json --graph g --no 'not today' --log log"
    )
    try site.expect("cp rebuilt g")
    try site.expect("sleep 1; \(approve) widen.json --graph agreed -o approved.json")
    try site.expect(act("approved.json"), 2, says: "said no to it")
    #expect(try ran().isEmpty)
    try site.expect("\(approve) widen.json --graph g -o approved.json")
    try site.expect(act("approved.json"), says: "SUCCEEDED")
    #expect(try ran() == ["widen"])
  }
}

// On record.
extension AgreedCommandTests {
  @Test(
    "an auditor sees that what was agreed to is what was decided on, and it goes with whoever asked"
  )
  func audited() throws {
    try site.expect("\(AgreedCommandTests.approve) widen.json --graph g -o approved.json")
    try site.expect(act("approved.json"), says: "SUCCEEDED")
    let digits = try does().hex
    try site.expect(
      "writ log prove log --index 0 --disclose does --disclose approval -o told; writ-verify told --vkey log.key.pub",
      says: "sha256:\(digits)")
    // In clear it is nowhere.
    try site.expect("grep -r \(digits) log", 1)
    try site.expect("writ log erase log --person Identity/bot --ground 'they asked'")
    try site.expect(
      "writ log prove log --index 0 --disclose does -o late", 65, says: "holds anything called")
    try site.expect("writ replay log --index 0", says: "erased")
    try isSound()
  }
}

// Steps of runs.
extension AgreedCommandTests {
  /// A run, and what happens when people are asked.
  private func run(_ pipeline: String, atAsks act: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!
    {
      code=0; writ run \(pipeline) --arg service=Service/web \(options) --json || code=$?
      echo $code > code
    } | while read -r line; do
      printf '%s\\n' "$line" >> events
      case "$line" in *'"type":"writ.run.asks"'*)
        file=$(printf '%s' "$line" | sed 's/.*"request":"\\([^"]*\\)".*/\\1/')
        folder="$(dirname "$(dirname "$file")")"
        \(act) ;;
      esac
    done
    kill $delegate 2> /dev/null || true; exit $(cat code)
    """
  }

  private static let yes =
    "writ approve --bundle b --request \"$file\" --role manager --as Identity/ines --key ines.key"

  private func events() throws -> String {
    String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
  }

  @Test(
    "behind an `approve` step only that is done which people saw there", arguments: [false, true])
  func stepBehind(_ isChanged: Bool) throws {
    let yes = AgreedCommandTests.yes
    // The step between them is where the graph changes.
    if isChanged { try site.expect("printf '#!/bin/sh\\ncp rebuilt g\\n' > pause.sh") }
    let act =
      "writ approve --bundle b --request \"$file\" --show > shown; \(yes) > \"$folder/approvals/yes\""
    try site.expect(run("agreed", atAsks: act), isChanged ? 1 : 0)
    let shown = String(decoding: try site.scratch.bytes("shown"), as: UTF8.self)
    #expect(
      shown.contains("would run  ./ship.sh \(AgreedCommandTests.images["g"] ?? "")"), "\(shown)")
    if isChanged {
      #expect(try events().contains("what would be done is not what people agreed to"))
      let found = try site.expect("writ log search log --kind intent --json")
      #expect(found.contains("intent"), "\(found)")
    }
    #expect(try ran() == (isChanged ? [] : ["ship"]))
    try isSound()
  }

  @Test("what people agreed to at a step cannot be exchanged in the run's folder")
  func exchangedFile() throws {
    try site.expect("printf '#!/bin/sh\\nsed -i s/ship.sh/other.sh/ runs/*/asked/*\\n' > pause.sh")
    try site.expect(
      run("agreed", atAsks: "\(AgreedCommandTests.yes) > \"$folder/approvals/yes\""), 1)
    #expect(try events().contains("cannot be told any more"))
    #expect(try ran().isEmpty)
  }

  @Test("a graph that changes while people are asked makes them be asked again")
  func askedAgain() throws {
    let yes = AgreedCommandTests.yes
    let first = "\(yes) > first; cp rebuilt g; cp first \"$folder/approvals/first\""
    let act = """
      if [ -e first ]; then :; else \(first); sleep 3; \(yes) > "$folder/approvals/second"; fi
      """
    for pipeline in ["gated", "agreed"] {
      try site.expect("cp agreed g; rm -f first events")
      try site.expect(run(pipeline, atAsks: act))
      #expect(try events().contains("is not counted: the approval by Identity/ines"))
    }
    #expect(try ran() == ["widen", "ship"])
    let images = String(decoding: try site.scratch.bytes("ran"), as: UTF8.self)
    #expect(!images.contains(AgreedCommandTests.images["g"] ?? "-"), "\(images)")
    try isSound()
  }
}
