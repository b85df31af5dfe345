// The Model Context Protocol without streams: what is answered to which line, in both eras.

import Testing
import WritModel
import WritServers

/// One tool that says what it was handed.
private struct Parrot: ToolProvider {
  var isBroken = false

  func tools() throws(ToolProviderError) -> [Tool] {
    guard !isBroken else { throw ToolProviderError("the bundle is gone") }
    return [
      Tool(
        name: "say", title: "Say", description: "Says it again", input: ["type": "object"],
        output: ["type": "object"], hints: .question)
    ]
  }

  func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    guard name == "say" else { return nil }
    guard let text = arguments["text"]?.string else { return .failed("there is nothing to say") }
    return .answered(text: text, ["said": .string(text)])
  }
}

@Suite("Model Context Protocol")
struct ModelContextServerTests {
  private func server(isBroken: Bool = false) -> ModelContextServer<Parrot> {
    ModelContextServer(
      ModelContextIdentity(name: "parrot", version: "1", instructions: "Talk."),
      Parrot(isBroken: isBroken))
  }

  /// The answers to some lines, those that have one.
  private func answers(_ lines: String..., isBroken: Bool = false) throws -> [JSONValue] {
    var server = server(isBroken: isBroken)
    var answers: [JSONValue] = []
    for line in lines {
      guard let answer = server.answer(Array(line.utf8)) else { continue }
      #expect(!answer.contains(0x0a), "an answer is one line")
      answers.append(try JSONValue(parsing: answer))
    }
    return answers
  }

  private func modern(_ method: String, _ members: String = "", version: String = "2026-07-28")
    -> String
  {
    """
    {"jsonrpc":"2.0","id":7,"method":"\(method)","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"\(version)",\
    "io.modelcontextprotocol/clientCapabilities":{}}\(members)}}
    """
  }

  private func handshake(_ version: String) -> String {
    #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}"#
  }

  @Test("the newest revision needs no handshake")
  func discovers() throws {
    let result = try #require(try answers(modern("server/discover")).first?["result"])
    #expect(result["supportedVersions"]?.array?.first == "2026-07-28")
    #expect(result["capabilities"] == ["tools": [:]])
    #expect(result["resultType"] == "complete")
    #expect(result["ttlMs"] == 0)
    #expect(result["cacheScope"] == "private")
    #expect(result["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "parrot")
  }

  @Test(
    "an older client agrees on its own revision, or on the newest before the handshake went",
    arguments: [
      ("2025-11-25", "2025-11-25"), ("2024-11-05", "2024-11-05"), ("2026-07-28", "2025-11-25"),
      ("1999-01-01", "2025-11-25"),
    ])
  func initializes(_ wanted: String, _ agreed: String) throws {
    let all = try answers(
      handshake(wanted), #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
      #"{"jsonrpc":"2.0","id":"t","method":"tools/list"}"#)
    #expect(all.count == 2)
    #expect(all.first?["result"]?["protocolVersion"]?.string == agreed)
    #expect(all.last?["id"] == "t")
    #expect(all.last?["result"]?["tools"]?.array?.first?["name"] == "say")
    #expect(all.last?["result"]?["resultType"] == nil, "that is of the newest revision only")
  }

  @Test("a call in each era has the same content")
  func calls() throws {
    let call = #","name":"say","arguments":{"text":"hello"}"#
    let new = try #require(try answers(modern("tools/call", call)).first?["result"])
    let old = try #require(
      try answers(
        handshake("2025-11-25"),
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say","arguments":{"text":"hello"}}}"#
      ).last?["result"])
    for result in [new, old] {
      #expect(result["isError"] == false)
      #expect(result["structuredContent"] == ["said": "hello"])
      let texts = result["content"]?.array?.map { $0["text"] }
      #expect(texts == ["hello", .string(#"{"said":"hello"}"#)])
    }
    #expect(new["resultType"] == "complete")
  }

  @Test("what a tool cannot do is a result, what is no tool is an error")
  func fails() throws {
    let failed = try #require(
      try answers(modern("tools/call", #","name":"say","arguments":{}"#)).first)
    #expect(failed["result"]?["isError"] == true)
    #expect(failed["result"]?["content"]?.array?.first?["text"] == "there is nothing to say")
    #expect(failed["result"]?["structuredContent"] == nil)
    let unknown = try #require(try answers(modern("tools/call", #","name":"sing""#)).first)
    #expect(unknown["error"]?["code"] == -32602)
    #expect(unknown["error"]?["message"] == "Unknown tool: sing")
  }

  /// A line, the code of its error, and the id that is answered to.
  static let wrong: [(String, Int64, JSONValue)] = [
    ("nonsense", -32700, nil), ("[]", -32600, nil), ("3", -32600, nil), ("{}", -32600, nil),
    (#"{"jsonrpc":"1.0","id":4,"method":"ping"}"#, -32600, 4),
    (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, nil),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, nil),
    (#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, -32600, nil),
    (#"{"jsonrpc":"2.0","id":4,"method":3}"#, -32600, 4),
    (#"{"jsonrpc":"2.0","id":4,"method":"ping","params":[]}"#, -32600, 4),
    (#"{"jsonrpc":"2.0","id":4,"method":"sing"}"#, -32601, 4),
    (#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#, -32600, 4),
    (#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"say"}}"#, -32600, 4),
    (#"{"jsonrpc":"2.0","id":4,"method":"server/discover"}"#, -32602, 4),
    (#"{"jsonrpc":"2.0","id":4,"method":"initialize","params":{}}"#, -32602, 4),
    (
      #"{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
      -32602, 4
    ),
    (
      #"{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":3,"io.modelcontextprotocol/clientCapabilities":{}}}}"#,
      -32602, 4
    ),
  ]

  @Test("what is no message, or at the wrong time, gets an error", arguments: wrong)
  func refuses(_ line: String, _ code: Int64, _ id: JSONValue) throws {
    let answer = try #require(try answers(line).first)
    #expect(answer["error"]?["code"] == .integer(code))
    #expect(answer["id"] == id)
    #expect(answer["result"] == nil)
  }

  @Test("a revision that is not spoken is told which are")
  func refusesVersion() throws {
    let answer = try #require(
      try answers(modern("tools/list", version: "2027-01-01")).first?["error"])
    #expect(answer["code"] == -32022)
    #expect(answer["data"]?["requested"] == "2027-01-01")
    #expect(answer["data"]?["supported"]?.array?.first == "2026-07-28")
  }

  @Test("in the newest revision nothing of the handshake is left")
  func forgetsHandshake() throws {
    for method in ["initialize", "ping"] {
      #expect(try answers(modern(method)).first?["error"]?["code"] == -32601)
    }
  }

  @Test("notifications, answers and a page that there is not")
  func otherLines() throws {
    let none = try answers(
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4}}"#,
      #"{"jsonrpc":"2.0","id":9,"result":{}}"#)
    #expect(none.isEmpty)
    let page = try answers(modern("tools/list", #","cursor":"2""#)).first
    #expect(page?["error"]?["code"] == -32602)
  }

  @Test("without tools to be had a list is an error of the server's")
  func brokenProvider() throws {
    let answer = try answers(modern("tools/list"), isBroken: true).first
    #expect(answer?["error"]?["code"] == -32603)
    #expect(answer?["error"]?["message"] == "the bundle is gone")
  }

  @Test("names that a client can call")
  func names() {
    for name in ["a", "decide.shop.ship", String(repeating: "a", count: 128)] {
      #expect(Tool.isName(name))
    }
    for name in ["", "a b", "ä", "a/b", String(repeating: "a", count: 129)] {
      #expect(!Tool.isName(name))
    }
  }
}
