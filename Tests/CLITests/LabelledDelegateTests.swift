// Actions for delegates that are labelled: who may do them is the policy's word, and nobody's who starts something.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Labelled delegates", .serialized)
final class LabelledDelegateTests {
  private let site: RunSite

  /// A shop that deploys in Europe only: `eu-1` is labelled for it, `us-1` for something else, and `us-2` is in no line.
  init() throws {
    site = try RunSite()
    try site.scratch.write(
      RunSite.policy.replacing(
        "action deploy(service: Service)\n  kind deploy\n",
        with:
          "action deploy(service: Service)\n  kind deploy\n  delegate labelled eu, production\n"),
      to: "shop.writ")
    try site.expect(
      #"""
      for name in us-1 us-2; do
        writ-delegate init $name --name $name --permit-key permit.key.pub --log-vkey log.key.pub
      done
      labels() { printf '{"key":"%s","labels":[%s]}\n' "$(cat $1/delegate.pub)" "$2"; }
      cp registry.jsonl people.jsonl
      labels us-1 '"us","production"' >> registry.jsonl
      cp registry.jsonl american.jsonl
      labels eu-1 '"production","eu","fast"' >> registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      """#)
    for name in ["us-1", "us-2"] {
      for action in ["deploy", "roll"] { try program(name, action) }
    }
    for action in ["deploy", "roll"] { try program("eu-1", action) }
  }

  /// A program of a delegate that adds to `who` where it ran.
  private func program(_ delegate: String, _ action: String) throws {
    try site.program(
      "\(delegate)/work/\(action).sh",
      "cd \(site.scratch.path); echo '\(delegate) \(action)' >> who")
  }

  private var who: Set<String> {
    let bytes = (try? site.scratch.bytes("who")) ?? []
    return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  /// A command that acts, with delegates named and others beside it.
  private func acting(
    _ words: String, named: [String], serving: [String] = [], wait: String = "20s"
  ) -> String {
    let socket = "unix:\(site.scratch.path)/sock"
    let serve = serving.map {
      "writ-delegate serve \($0) --connect \(socket) 2>> \($0).err & echo $! > \($0).pid"
    }
    let delegates = named.map { "--delegate \($0)/delegate.pub" }.joined(separator: " ")
    return """
      \(serve.joined(separator: "\n"))
      code=0
      writ \(words) --bundle b --graph g --caller Identity/bot --log log --permit-key permit.key \
        \(delegates) --listen \(socket) --wait \(wait) || code=$?
      \(serving.map { "kill $(cat \($0).pid) 2> /dev/null || true" }.joined(separator: "\n"))
      exit $code
      """
  }

  private static let web = "--arg service=Service/web"

  private func predicate(_ index: Int) throws -> JSONValue {
    let shown = try site.run("writ log show log --index \(index) --json")
    let json = try JSONValue(parsing: Array(shown.output.utf8))
    return (json["record"] ?? json)["predicate"] ?? .null
  }

  @Test("what asks for labels goes to a delegate that has all of them, whoever comes first")
  func acts() throws {
    try site.expect(
      acting(
        "act deploy \(LabelledDelegateTests.web)", named: ["us-1", "eu-1"],
        serving: ["us-1", "eu-1"]), says: "SUCCEEDED")
    #expect(who == ["eu-1 deploy"])
    // Decision and permit say so, and what was said is made again from the bundle.
    let labels: JSONValue = ["eu", "production"]
    #expect(try predicate(0)["labels"] == labels)
    #expect(try predicate(1)["labels"] == labels)
    #expect(try predicate(1)["delegate"] == "eu-1")
    #expect(try predicate(1)["key"]?.string?.utf8.count == 64)
    try site.expect(
      "writ log show log --index 0", says: "by a delegate labelled eu, production only")
    try site.expect(
      "writ log show log --index 1", says: "which is labelled eu, production, as the action asks")
    try site.expect("writ log verify log --vkey log.key.pub")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("one that lacks a label, or that nobody vouches for, is refused beforehand and on record")
  func lacks() throws {
    let deploy = "act deploy \(LabelledDelegateTests.web)"
    try site.expect(acting(deploy, named: ["us-1"]), 1, says: "`us-1` is not labelled eu")
    try site.expect(
      acting(deploy, named: ["us-2"]), 1,
      says: "the bundle's registry has no line of `us-2` with its key")
    // Another key under the name that is labelled.
    try site.expect(
      "writ-delegate init other --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub")
    try site.expect(
      acting(deploy, named: ["other"]), 1,
      says: "the bundle's registry has no line of `eu-1` with its key")
    #expect(try site.kinds() == ["intent", "intent", "intent"])
    #expect(try predicate(0)["taken"] == false)
    #expect(try predicate(0)["reason"]?.string?.contains("is not labelled eu") == true)
    // What asks for no labels is anybody's.
    try site.expect(
      acting(
        "act roll \(LabelledDelegateTests.web)", named: ["us-2"], serving: ["us-2"]),
      says: "SUCCEEDED")
    #expect(who == ["us-2 roll"])
    #expect(try predicate(4)["labels"] == nil)
  }

  @Test("no run and no route gets round it")
  func runs() throws {
    let both = "run both \(LabelledDelegateTests.web)"
    try site.expect(acting(both, named: ["us-1"]), 1, says: "`us-1` is not labelled eu")
    try site.expect(
      acting("\(both) --route shop.deploy=us-1", named: ["us-1", "eu-1"]), 1,
      says: "`us-1` is not labelled eu")
    #expect(!FileManager.default.fileExists(atPath: site.scratch.path + "/runs"))
    #expect(try site.kinds() == ["intent", "intent"])
    try site.expect(
      acting(
        "\(both) --route shop.roll=us-1", named: ["us-1", "eu-1"], serving: ["us-1", "eu-1"]),
      says: "SUCCEEDED")
    #expect(who == ["eu-1 deploy", "us-1 roll"])
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("an agent's tools are held to it as well")
  func tools() throws {
    try site.scratch.write(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}
      {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act.shop.deploy","arguments":{"arguments":{"service":"Service/web"}}}}
      {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ask.shop.deploy","arguments":{"arguments":{"service":"Service/web"}}}}

      """#, to: "messages")
    let told = try site.expect(
      acting("mcp", named: ["us-1"]).replacing("writ mcp", with: "< messages writ mcp"),
      says: "`us-1` is not labelled eu")
    #expect(told.contains(#""delegates":["eu-1"]"#), "\(told)")
    #expect(try site.kinds() == ["intent"])
  }

  @Test("plans and answers say who may do it, and a build says where nobody can")
  func told() throws {
    try site.expect(
      "writ plan both --bundle b",
      says: "  shop.deploy  by a delegate labelled eu, production: eu-1\n")
    try site.expect("writ plan both --bundle b", says: "by a delegate labelled eu, production")
    let plan = try site.expect("writ plan both --bundle b --json")
    #expect(
      try JSONValue(parsing: Array(plan.utf8))["delegates"]
        == [
          ["action": "shop.deploy", "labels": ["eu", "production"], "delegates": ["eu-1"]]
        ])
    let ask = "writ ask deploy \(LabelledDelegateTests.web) --graph g --caller Identity/bot"
    try site.expect("\(ask) --bundle b", says: "by a delegate labelled eu, production: eu-1")
    let json = try site.expect("\(ask) --bundle b --json")
    #expect(try JSONValue(parsing: Array(json.utf8))["delegates"] == ["eu-1"])
    try site.expect(
      "writ build shop.writ -o b2 --registry american.jsonl",
      says:
        "the registry has no delegate labelled eu, production, so nobody can do `shop.deploy` by this bundle"
    )
    try site.expect("\(ask) --bundle b2", says: "labelled eu, production: the bundle knows none")
  }

  @Test("a bundle that comes meanwhile is what counts")
  func changesMeanwhile() throws {
    try site.expect("writ build shop.writ -o b2 --registry american.jsonl")
    // The delegate comes once the bundle has been exchanged. It is ended by the script, which waits for nobody.
    try site.expect(
      """
      (sleep 1; mv b2 b; exec writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2> /dev/null) &
      late=$!
      code=0
      (\(acting("act deploy \(LabelledDelegateTests.web)", named: ["eu-1"]))) || code=$?
      kill $late; exit $code
      """, 1, says: "has no line of `eu-1` with its key")
    #expect(who.isEmpty)
  }

  @Test("lines of delegates that cannot be are told of, and make no bundle")
  func registry() throws {
    func build(_ line: String, says words: String) throws {
      try site.expect(
        """
        cp people.jsonl bad.jsonl
        \(line) >> bad.jsonl
        writ build shop.writ -o b3 --registry bad.jsonl
        """, 65, says: words)
    }
    func entry(_ key: String, _ members: String) -> String {
      #"printf '{"key":"%s",\#(members)}\n' "$(cat \#(key))""#
    }
    let key = "eu-1/delegate.pub"
    for members in [
      #""labels":"eu""#, #""labels":["eu west"]"#, #""labels":["eu","eu"]"#, #""labels":[""]"#,
      #""labels":[7]"#, #""labels":["eu"],"roles":[]"#,
      #""labels":["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q"]"#,
    ] {
      try build(entry(key, members), says: "no registry entry of a delegate")
    }
    try build(entry("/dev/null", #""labels":["eu"]"#), says: "is no verifier key")
    // One key, one function; one delegate, one line.
    try build(entry("ines.key.pub", #""labels":["eu"]"#), says: "is there as")
    try build(
      entry(key, #""labels":["eu"]"#) + " >> bad.jsonl; " + entry(key, #""labels":["us"]"#),
      says: "stands")
  }

  // What whoever has the log's key may try.

  private func append(_ type: String, _ index: UInt64, _ change: (JSONMember) -> [JSONMember])
    throws
  {
    let pem = String(decoding: try site.scratch.bytes("log.key"), as: UTF8.self)
    let signer = NoteSigner(
      name: try #require(KeyName("log.example")), key: try #require(Ed25519PrivateKey(pem: pem)))
    let store = LogStore(directory: site.scratch.path + "/log")
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    let statement = try EvidenceRecord(entry: try reader.entry(at: index)).statement
    #expect(statement.predicateType == type)
    let changed = try EvidenceRecord(
      type: statement.predicateType, subjects: statement.subjects,
      predicate: .object((statement.predicate.object ?? []).flatMap(change)))
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    _ = try writer.append(changed.bytes)
    try writer.publish()
  }

  @Test(
    "a record that asks for another delegate, or names one that has no such labels, is found by a replay"
  )
  func forged() throws {
    try site.expect(
      acting(
        "act deploy \(LabelledDelegateTests.web)", named: ["eu-1"], serving: ["eu-1"]),
      says: "SUCCEEDED")
    try append(PredicateType.decision, 0) { $0.name == "labels" ? [] : [$0] }
    try site.expect("writ replay log --index 3", 1, says: "another delegate is asked for")
    try append(PredicateType.permitIssued, 1) {
      $0.name == "labels" ? [JSONMember("labels", ["eu"])] : [$0]
    }
    try append(PredicateType.permitIssued, 1) {
      $0.name == "delegate" ? [JSONMember("delegate", "us-1")] : [$0]
    }
    try append(PredicateType.permitIssued, 1) {
      ["labels", "key"].contains($0.name) ? [] : [$0]
    }
    // One at a time, too; and the one that was given stands upon what is made again.
    for (index, path) in [(4, "labels"), (5, "delegate"), (6, "labels")] {
      try site.expect("writ replay log --index \(index)", 1, says: "at \(path)")
    }
    try site.expect(
      "writ replay log --index 1",
      says: "entry 1, a permit upon it, is for a delegate that its action asks for")
    let told = try site.expect("writ replay log --all --json", 1)
    let json = try JSONValue(parsing: Array(told.utf8))
    #expect(json["different"] == 4, "\(told)")
    #expect(
      json["findings"]?.array?.compactMap { $0["path"]?.string }
        == ["labels", "labels", "delegate", "labels"])
  }
}
