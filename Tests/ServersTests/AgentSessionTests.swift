// An agent that is a client of the Model Context Protocol, as a value: what it is offered, what counts, and what ends it.

import Testing
import WritModel
import WritPipeline
import WritServers

/// A tool that says what it was asked.
private struct Oracle: ToolProvider {
  func tools() throws(ToolProviderError) -> [Tool] {
    [
      Tool(
        name: "decide.t.g", title: "", description: "", input: ["type": "object"],
        output: ["type": "object"], hints: .question)
    ]
  }

  func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    name == "decide.t.g" ? .answered(text: "deny", ["asked": arguments]) : nil
  }
}

@Suite("Agents over the Model Context Protocol")
struct AgentSessionTests {
  private func session(
    calls: Int = 9, tokens: Int64 = 100, answers: Bool = true
  ) -> AgentSession<Oracle> {
    let task = AgentTask(
      words: "Is web fit?", context: [JSONMember("notes", #""calm""#)], calls: calls,
      tokens: tokens, output: answers ? "verdict" : nil)
    let answer = AgentAnswer(schema: ["type": "integer"]) { $0.integer == nil ? "no number" : nil }
    return AgentSession(name: "writ", version: "1", task, Oracle(), answers ? answer : nil)
  }

  private static let handshake =
    #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}"#

  private static func call(_ tool: String, _ arguments: String) -> String {
    #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
  }

  private static func modern(_ method: String, _ members: String = "") -> String {
    """
    {"jsonrpc":"2.0","id":7,"method":"\(method)","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
    "io.modelcontextprotocol/clientCapabilities":{}}\(members)}}
    """
  }

  /// What a session answers to lines, behind a handshake.
  private func answers(
    _ lines: [String], by session: inout AgentSession<Oracle>
  ) throws -> [JSONValue] {
    let said = ([AgentSessionTests.handshake] + lines).joined(separator: "\n") + "\n"
    return try session.take(Array(said.utf8)).split(separator: 0x0a).dropFirst().map {
      try JSONValue(parsing: Array($0))
    }
  }

  @Test("a client finds its task, as prompt, as resource and in what it is told first")
  func task() throws {
    var one = session()
    let first = String(
      decoding: one.take(Array((AgentSessionTests.handshake + "\n").utf8)), as: UTF8.self)
    let told = try JSONValue(parsing: Array(first.utf8))["result"]
    #expect(told?["instructions"]?.string?.contains("Is web fit?") == true)
    #expect(told?["capabilities"]?["prompts"] != nil && told?["capabilities"]?["resources"] != nil)
    let said = try answers(
      [
        #"{"jsonrpc":"2.0","id":1,"method":"prompts/list"}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"prompts/get","params":{"name":"task"}}"#,
        #"{"jsonrpc":"2.0","id":3,"method":"resources/list"}"#,
        #"{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"writ://task"}}"#,
        #"{"jsonrpc":"2.0","id":5,"method":"resources/templates/list"}"#,
        #"{"jsonrpc":"2.0","id":6,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}"#,
        AgentSessionTests.modern("prompts/get", #","name":"task""#),
        AgentSessionTests.modern("resources/read", #","uri":"writ://task""#),
        AgentSessionTests.modern("server/discover"),
      ], by: &one)
    #expect(said[0]["result"]?["prompts"]?.array?.first?["name"] == "task")
    let prompt = said[1]["result"]?["messages"]?.array?.first?["content"]?["text"]?.string ?? ""
    #expect(prompt.hasPrefix("Is web fit?") && prompt.contains(#"notes: "calm""#))
    #expect(said[2]["result"]?["resources"]?.array?.first?["uri"] == "writ://task")
    let text = said[3]["result"]?["contents"]?.array?.first?["text"]?.string ?? ""
    let task = try JSONValue(parsing: Array(text.utf8))
    #expect(task["words"] == "Is web fit?" && task["context"] == ["notes": #""calm""#])
    #expect(task["calls"] == 9 && task["tokens"] == 100 && task["output"] == "verdict")
    #expect(said[4]["result"]?["resourceTemplates"] == [])
    #expect(said[5]["error"]?["code"] == -32602)
    #expect(said[6]["result"]?["messages"] == said[1]["result"]?["messages"])
    #expect(said[6]["result"]?["resultType"] == "complete" && said[6]["result"]?["ttlMs"] == nil)
    #expect(said[7]["result"]?["ttlMs"] == 0)
    #expect(said[8]["result"]?["capabilities"] == ["tools": [:], "prompts": [:], "resources": [:]])
    // Reading is no call.
    #expect(one.ledger.calls == 0 && one.ledger.stopReason == nil)
  }

  @Test("tools of others and its own stand side by side; the answer only where one is wanted")
  func tools() throws {
    for wanted in [true, false] {
      var one = session(answers: wanted)
      let said = try answers([#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#], by: &one)
      let tools = said.first?["result"]?["tools"]?.array ?? []
      #expect(
        tools.compactMap { $0["name"]?.string }
          == ["decide.t.g", "usage"] + (wanted ? ["answer"] : []))
      let schema = tools.last?["inputSchema"]?["properties"]
      #expect(!wanted || schema?["output"] == ["type": "integer"])
    }
    var one = session(answers: false)
    let said = try answers([AgentSessionTests.call("answer", #"{"output":1}"#)], by: &one)
    #expect(said.first?["error"]?["message"] == "Unknown tool: answer")
    #expect(one.ledger.output == nil)
  }

  @Test("an answer that does not fit is told so and can be mended; the one that fits counts")
  func answersOnce() throws {
    var one = session()
    let said = try answers(
      [
        AgentSessionTests.call("decide.t.g", "{}"),
        AgentSessionTests.call("answer", #"{"output":"seven"}"#),
        AgentSessionTests.call("answer", #"{"output":7,"why":"so"}"#),
        AgentSessionTests.call("answer", #"{"tokens":7}"#),
        AgentSessionTests.call("usage", #"{"tokens":"many"}"#),
        AgentSessionTests.call("usage", #"{"tokens":40}"#),
        AgentSessionTests.call("answer", #"{"output":7,"tokens":60}"#),
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        #"{"jsonrpc":"2.0","id":9,"method":"ping"}"#,
      ], by: &one)
    #expect(said.count == 8)
    #expect(said[0]["result"]?["structuredContent"] == ["asked": [:]])
    let refused = said[1...4].map { $0["result"]?["isError"] }
    #expect(refused == [true, true, true, true])
    #expect(said[1].compact.contains("no number"))
    #expect(said[6]["result"]?["isError"] == false)
    #expect(one.ledger.output == 7 && one.ledger.tokens == 100 && one.ledger.calls == 5)
    #expect(one.ledger.stopReason == nil)
    // And then no more.
    _ = try answers([AgentSessionTests.call("decide.t.g", "{}")], by: &one)
    #expect(one.ledger.stopReason == "it went on after its output")
  }

  /// What a client says behind a handshake, and why that ends it; with a budget of 3 calls and 100 tokens.
  static let wrong: [([String], String)] = [
    (["I think that"], "no JSON object"), ([""], "no JSON object"),
    (["[\(call("usage", "{}"))]"], "no JSON object"),
    (["{}"], "no message of the Model Context Protocol"),
    ([#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#], "no message of the Model Context Protocol"),
    ([#"{"call":{"id":1,"tool":"decide.t.g","arguments":{}}}"#], "no message of the Model"),
    ([call("usage", #"{"tokens":101}"#)], "more tokens than its budget of 100"),
    ([call("answer", #"{"output":1,"tokens":101}"#)], "more tokens than its budget of 100"),
    ([call("answer", #"{"output":1}"#), call("answer", #"{"output":1}"#)], "after its output"),
    ([call("answer", #"{"output":1}"#), call("usage", #"{"tokens":1}"#)], "after its output"),
    ((1...4).map { call("decide.t.g", #"{"n":\#($0)}"#) }, "more often than its budget of 3"),
    ((1...4).map { call("no.such.tool", #"{"n":\#($0)}"#) }, "more often than its budget of 3"),
    ((1...4).map { call("answer", #"{"output":"\#($0)"}"#) }, "more often than its budget of 3"),
    ([call("decide.t.g", "{}"), call("decide.t.g", "{}"), call("decide.t.g", "{}")], "goes round"),
    ([String(repeating: " ", count: AgentLimits.lineByteCount + 1)], "longer than"),
  ]

  @Test("what goes beyond its budget or its protocol ends it", arguments: wrong)
  func ends(lines: [String], why: String) throws {
    var one = session(calls: 3)
    let said = try answers(lines, by: &one)
    #expect(one.ledger.stopReason?.contains(why) == true, "\(one.ledger.stopReason ?? "")")
    #expect(said.count <= lines.count)
    let transcript = one.ledger.transcript
    #expect(
      one.take(Array((AgentSessionTests.call("answer", #"{"output":1}"#) + "\n").utf8)).isEmpty)
    #expect(one.ledger.transcript == transcript, "nothing is heard then")
  }

  @Test("who calls before the handshake is told so, and nothing is called")
  func early() throws {
    var one = session()
    let said = one.take(
      Array((AgentSessionTests.call("answer", #"{"output":1}"#) + "\n").utf8))
    #expect(try JSONValue(parsing: said.dropLast())["error"]?["code"] == -32600)
    #expect(one.ledger.output == nil && one.ledger.calls == 0 && one.ledger.stopReason == nil)
    // The newest revision has none.
    _ = one.take(
      Array(
        (AgentSessionTests.modern("tools/call", #","name":"answer","arguments":{"output":1}"#)
          + "\n").utf8))
    #expect(one.ledger.output == 1)
  }

  @Test("a flood of notifications, or of requests, comes to an end")
  func floods() {
    for line in [
      #"{"jsonrpc":"2.0","method":"notifications/progress"}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
      var one = session()
      _ = one.take(Array((AgentSessionTests.handshake + "\n").utf8))
      let some = Array(String(repeating: line + "\n", count: 1_000).utf8)
      var rounds = 0
      while one.ledger.stopReason == nil, rounds < 1_000 {
        _ = one.take(some)
        rounds += 1
      }
      #expect(one.ledger.stopReason?.contains("more was said than") == true)
      #expect(one.ledger.transcript.count < AgentLimits.transcriptByteCount + (1 << 16))
    }
  }

  @Test("however it is cut into pieces, a conversation is the same, and all of it is kept")
  func pieces() throws {
    let text =
      [
        AgentSessionTests.handshake, AgentSessionTests.call("decide.t.g", "{}"),
        AgentSessionTests.call("answer", #"{"output":7}"#),
      ].joined(separator: "\n") + "\n"
    var whole = session()
    let said = whole.take(Array(text.utf8))
    for cut in text.utf8.indices {
      var parts = session()
      let answers = parts.take(Array(text.utf8[..<cut])) + parts.take(Array(text.utf8[cut...]))
      #expect(answers == said && parts.ledger.digest == whole.ledger.digest)
    }
    let lines = whole.ledger.transcript.split(separator: 0x0a)
    #expect(lines.count == 7)
    let first = try JSONValue(parsing: Array(lines[0]))
    #expect(first["runner"]?["task"]?["words"] == "Is web fit?")
    for (line, side) in zip(lines.dropFirst(), ["agent", "runner", "agent", "runner", "agent"]) {
      #expect(try JSONValue(parsing: Array(line))[side] != nil)
    }
  }
}
