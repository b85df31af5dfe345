// `writ mcp` as an agent uses it: lines in, lines out, over files that change.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Serving an agent")
final class ModelContextTests {
  private let site: Workshop

  init() throws {
    site = try Workshop()
    try makeShop(in: site.scratch)
  }

  private static let handshake =
    #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}"#

  private func call(_ tool: String, _ arguments: String) -> String {
    #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
  }

  /// The results of some messages behind a handshake.
  private func results(_ messages: [String], caller: String = "Person/cy") throws -> [JSONValue] {
    try site.scratch.write(
      ([ModelContextTests.handshake] + messages).joined(separator: "\n") + "\n", to: "messages")
    let output = try site.expect("writ mcp --bundle b --graph g --caller \(caller) < messages")
    return try output.split(separator: "\n").dropFirst().map { line in
      let answer = try JSONValue(parsing: Array(line.utf8))
      return try #require(answer["result"] ?? answer["error"])
    }
  }

  @Test("every gate, scorecard and query is a tool, and none that a client could not call")
  func lists() throws {
    let list = try results([#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#])
    let tools = try #require(list.first?["tools"]?.array)
    let names = tools.compactMap { $0["name"]?.string }
    #expect(names.contains("decide.shop.ship"))
    #expect(names.contains { $0.hasPrefix("score.shop.") })
    #expect(names.contains { $0.hasPrefix("query.shop.") })
    #expect(Set(names).count == names.count)
    for tool in tools {
      #expect(tool["inputSchema"]?["type"] == "object")
      #expect(tool["inputSchema"]?["additionalProperties"] == false)
      #expect(tool["annotations"]?["readOnlyHint"] == true)
    }
  }

  @Test("a gate says through a tool what it says on the command line")
  func decides() throws {
    let told = try #require(
      try results([call("decide.shop.ship", try shopArguments())]).first)
    #expect(told["isError"] == false)
    let result = try #require(told["structuredContent"])
    let printed = try site.run(
      "writ decide --bundle b --graph g --request request.json --caller Person/cy --ask --json")
    let own = try JSONValue(parsing: Array(printed.output.utf8))
    #expect(result["decision"] == own["result"]?["outcome"])
    // Not their words, which tell how long ago somebody spoke.
    func clauses(_ json: JSONValue) -> [JSONValue] {
      json["result"]?["reasons"]?.array?.compactMap { $0["clause"] } ?? []
    }
    #expect(!clauses(own).isEmpty && clauses(result) == clauses(own))
    #expect(result["result"]?["request"] == own["result"]?["request"])
    #expect(result["result"]?["question"] == true, "an answer to an agent is no permit")
    #expect(result["result"]?["caller"] == "Person/cy")
  }

  /// The members of the shop's request that a tool takes.
  private func shopArguments() throws -> String {
    let request = try JSONValue(parsing: Array(Corpus.text("corpus/cli/shop/request.json").utf8))
    let members = (request.object ?? []).filter { $0.name == "arguments" || $0.name == "facts" }
    return JSONValue.object(members).compact
  }

  @Test(
    "an agent cannot say who it is, nor when it is, nor what it may not bring",
    arguments: [
      (#""caller":"Person/ada""#, "no member `caller`"),
      (#""now":"2020-01-01T00:00:00Z""#, "no member `now`"),
      (#""gate":"shop.other""#, "no member `gate`"),
      (
        #""facts":[{"source":"pager","at":"2026-11-19T10:00:00Z","covers":"*"}]"#,
        "may not hold a `source` line"
      ),
      (#""facts":[{"remove":"Service/web"}]"#, "may not hold a `remove` line"),
      (#""approvals":[{"payload":"e30=","payloadType":"x","signatures":[]}]"#, "allow"),
    ])
  func refuses(_ member: String, _ words: String) throws {
    let arguments = try JSONValue(parsing: Array(try shopArguments().utf8))
    let name = member.split(separator: "\"")[0]
    let kept = (arguments.object ?? []).filter { $0.name != name }
    let own = JSONValue.object(kept).compact.dropLast()
    let told = try #require(
      try results([call("decide.shop.ship", "\(own),\(member)}")]).first)
    if told["isError"] == true {
      let text = told["content"]?.array?.first?["text"]?.string ?? ""
      #expect(!text.isEmpty && text.contains(words))
    } else {
      #expect(
        member.hasPrefix("\"approvals\""), "only an approval that does not count is passed over")
      #expect(told["structuredContent"]?["decision"] != "allow")
    }
  }

  @Test("a bundle and a snapshot are read again when they change, and their loss is told")
  func rereads() throws {
    try site.scratch.write(
      """
      mkfifo in
      writ mcp --bundle b --graph g --caller Person/cy < in > answers &
      exec 3> in
      await() { while [ "$(wc -l < answers)" -lt "$1" ]; do sleep 0.01; done; }
      printf '%s\\n' '\(ModelContextTests.handshake)' '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' >&3
      await 2
      sed 's/gate ship/gate shipNow/' shop.writ > other.writ
      writ build other.writ --registry registry.jsonl -o b > built 2>&1
      printf '%s\\n' '{"jsonrpc":"2.0","id":2,"method":"tools/list"}' >&3
      await 3
      mv b gone
      printf '%s\\n' '{"jsonrpc":"2.0","id":3,"method":"tools/list"}' >&3
      await 4
      exec 3>&-
      wait
      cat answers
      """, to: "script")
    let output = try site.expect("timeout 60 sh script")
    let answers = try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    try #require(answers.count == 4)
    func names(_ answer: JSONValue) -> [String] {
      answer["result"]?["tools"]?.array?.compactMap { $0["name"]?.string } ?? []
    }
    #expect(names(answers[1]).contains("decide.shop.ship"))
    #expect(names(answers[2]).contains("decide.shop.shipNow"))
    #expect(!names(answers[2]).contains("decide.shop.ship"))
    #expect(answers[3]["error"]?["message"]?.string?.contains("cannot read b") == true)
  }

  @Test("a line that is too long is refused, and the next one is read")
  func longLines() throws {
    let output = try site.expect(
      """
      { printf '%s\\n' '\(ModelContextTests.handshake)'; head -c 9000000 /dev/zero | tr '\\0' x; echo
        printf '%s' '{"jsonrpc":"2.0","id":5,"method":"ping"}'; } | writ mcp --bundle b --graph g --caller Person/cy
      """)
    let answers = try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    try #require(answers.count == 3)
    #expect(answers[1]["error"]?["code"] == -32600)
    #expect(answers[1]["error"]?["message"]?.string?.contains("4194304 bytes") == true)
    #expect(answers[2]["result"] == [:], "also the last line, without a line break")
  }
}

@Suite("Serving an agent that may act", .serialized)
final class ActingAgentTests {
  private let site: ActionSite

  init() throws { site = try ActionSite() }

  private static let options = """
    --bundle b --graph g --caller Identity/deploy-bot --log log --permit-key permit.key \
    --delegate eu-1/delegate.pub --listen "unix:$PWD/sock" --wait 20s
    """

  /// The answers to calls of the deploy tool with the members of a request, a delegate being there.
  private func deploys(_ requests: [JSONValue], _ options: String = options) throws -> [JSONValue] {
    var lines = [
      #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}"#
    ]
    for request in requests {
      let members = (request.object ?? []).filter { $0.name != "action" }
      let call: JSONValue = [
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": ["name": "act.checkout.deploy", "arguments": .object(members)],
      ]
      lines.append(call.compact)
    }
    try site.scratch.write(lines.joined(separator: "\n") + "\n", to: "messages")
    let output = try site.expect(
      """
      writ-delegate serve eu-1 --connect "$PWD/sock" 2> delegate.err &
      code=0; writ mcp \(options) < messages || code=$?
      kill $! 2> /dev/null || true; wait; exit $code
      """)
    return try output.split(separator: "\n").dropFirst().map { line in
      let answer = try JSONValue(parsing: Array(line.utf8))
      return answer["result"] ?? answer
    }
  }

  private func request(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: site.scratch.bytes(name))
  }

  @Test("an action goes through its gate and a delegate, and all of it is recorded")
  func acts() throws {
    let answers = try deploys([try request("us.json"), try request("eu.json")])
    try #require(answers.count == 2)
    let done = try #require(answers[0]["structuredContent"])
    #expect(answers[0]["isError"] == false, "\(answers[0].compact)")
    #expect(done["decision"] == "allow" && done["outcome"] == "succeeded")
    let said = answers[0]["content"]?.array?.first?["text"]?.string ?? ""
    #expect(said.contains("ships ") && !said.contains(ActionSite.canary), "\(said)")
    let held = try #require(answers[1]["structuredContent"])
    #expect(held["decision"] == "hold" && held["evidence"]?["index"] != nil)
    let kinds = try site.records().map { $0["kind"]?.string }
    #expect(kinds == ["gate", "permit", "result", "gate"])
    try site.expect("writ replay log --all", says: "2 the same, 0 different")
  }

  @Test(
    "without keys and a log there is no tool that acts, and half of them is a wrong command line")
  func onlyAsks() throws {
    let asking = "--bundle b --graph g --caller Identity/deploy-bot"
    let answers = try deploys([try request("us.json")], asking)
    #expect(answers.first?["error"]?["message"] == "Unknown tool: act.checkout.deploy")
    let half = try site.run("writ mcp \(asking) --log log < messages")
    #expect(
      half.code == 64 && half.messages.contains("needs `--permit-key` too"), "\(half.messages)")
    #expect(half.output.isEmpty)
    #expect(try site.records().isEmpty)
  }

  @Test("for a caller whom the graph does not have nothing is done, and questions are answered")
  func unknownCaller() throws {
    let options = ActingAgentTests.options.replacing(
      "Identity/deploy-bot", with: "Identity/nobody")
    let answer = try #require(try deploys([try request("us.json")], options).first)
    #expect(answer["isError"] == true)
    let text = answer["content"]?.array?.first?["text"]?.string ?? ""
    #expect(
      text.contains("the graph does not have the caller, and the attempt is on record"), "\(text)")
    #expect(try site.records().map { $0["kind"]?.string } == ["intent"])
    #expect(try site.records().first?["taken"] == false)
    let script = """
      sed 's/"act\\.checkout/"ask.checkout/' messages > questions
      writ mcp --bundle b --graph g --caller Identity/nobody < questions
      """
    let told = try site.expect(script, says: "is not in the graph")
    #expect(!told.contains(#""isError":true"#), "\(told)")
  }

  @Test("an agent acts as itself: another's name without its key gets nothing, on record")
  func actsAsItself() throws {
    try site.expect(
      #"""
      writ key new bot -o bot.key
      printf '{"name":"bot","key":"%s","actor":"Identity/deploy-bot","roles":[]}\n' "$(cat bot.key.pub)" >> registry.jsonl
      writ build checkout.writ -o b --registry registry.jsonl
      """#)
    let person = ActingAgentTests.options.replacing("Identity/deploy-bot", with: "Identity/ines")
    for options in [ActingAgentTests.options, "\(person) --actor-key bot.key"] {
      let answer = try #require(try deploys([try request("us.json")], options).first)
      #expect(answer["isError"] == true)
      let text = answer["content"]?.array?.first?["text"]?.string ?? ""
      #expect(text.contains("may not act") && text.contains("on record"), "\(text)")
    }
    let signed = try deploys(
      [try request("us.json")], "\(ActingAgentTests.options) --actor-key bot.key")
    #expect(signed.first?["structuredContent"]?["outcome"] == "succeeded")
    let kinds = try site.records().map { $0["kind"]?.string }
    #expect(kinds == ["intent", "intent", "intent", "gate", "permit", "result"])
  }
}
