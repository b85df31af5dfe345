// `writ serve` as any program uses it: questions over HTTP, beside the command line and an agent's tools.

import Foundation
import Synchronization
import Testing
import WritModel
import WritTesting
import WritTransport

/// A document without what is another each time: moments, ids, digests of what has a salt, and entries of the log.
private func settled(_ text: String) -> String {
  text
    .replacing(/"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"/, with: "\"MOMENT\"")
    .replacing(/"(digest|permit)": "[^"]*"/) { "\"\($0.output.1)\": \"ID\"" }
    .replacing(/"(decision|result|index)": [0-9]+/) { "\"\($0.output.1)\": 0" }
}

@Suite("Asking at the door", .serialized)
final class DoorTests {
  private let site: ActionSite

  init() throws { site = try ActionSite() }

  private func door(_ options: String = DoorSite.asking) throws -> DoorProcess {
    try DoorProcess(options, in: site.scratch.path)
  }

  /// A request of the site as the door takes it.
  private func request(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: site.scratch.bytes(name)).with([
      JSONMember("caller", "Identity/deploy-bot")
    ])
  }

  /// The results of calls of an agent's tools.
  private func tools(_ messages: [JSONValue], _ options: String) throws -> [JSONValue] {
    let handshake: JSONValue = [
      "jsonrpc": "2.0", "id": 0, "method": "initialize",
      "params": ["protocolVersion": "2025-11-25", "capabilities": [:]],
    ]
    let lines = ([handshake] + messages).map { $0.compact + "\n" }.joined()
    try site.scratch.write(lines, to: "messages")
    return try site.expect("writ mcp \(options) --caller Identity/deploy-bot < messages")
      .split(separator: "\n").dropFirst().map { line in
        try JSONValue(parsing: Array(line.utf8))["result"] ?? .null
      }
  }

  private func call(_ tool: String, _ arguments: JSONValue) -> JSONValue {
    [
      "jsonrpc": "2.0", "id": 1, "method": "tools/call",
      "params": ["name": .string(tool), "arguments": arguments],
    ]
  }

  /// What a tool is called with: what the command's request holds, but for the name.
  private func arguments(_ name: String) throws -> JSONValue {
    let request = try JSONValue(parsing: site.scratch.bytes(name))
    return .object((request.object ?? []).filter { !["gate", "action"].contains($0.name) })
  }

  @Test("three clients get the same document, byte for byte but for ids and moments")
  func threeClients() throws {
    for (graph, expected) in [
      ("g", ["allow", "hold", "hold"]), ("before", ["deny", "deny", "deny"]),
    ] {
      let options = "--bundle b --graph \(graph)"
      let door = try door(options)
      let questions = [
        ("ask", "us.json", "checkout.deploy"), ("ask", "eu.json", "checkout.deploy"),
        ("decide", "gate.json", "checkout.ship"),
      ]
      for ((kind, name, target), outcome) in zip(questions, expected) {
        let own = kind == "decide" ? "--ask" : ""
        let line = try site.run(
          "writ \(kind) \(options) --request \(name) --caller Identity/deploy-bot \(own) --json"
        ).output
        let asked = try door.post(kind, try request(name))
        let tool = try #require(
          try tools([call("\(kind).\(target)", try arguments(name))], options).first)
        let content = try #require(tool["structuredContent"])
        #expect(content["decision"]?.string == outcome)
        #expect(asked.status == 200)
        #expect(String(decoding: asked.body, as: UTF8.self) == asked.json.pretty + "\n")
        #expect(settled(line) == settled(String(decoding: asked.body, as: UTF8.self)))
        #expect(settled(line) == settled(content.pretty + "\n"))
        // A client that knows texts only reads the very bytes.
        #expect(tool["content"]?.array?.last?["text"]?.string == content.compact)
      }
    }
  }

  @Test("rows of scorecards and queries are the same at each door")
  func rows() throws {
    let door = try door()
    let subject: JSONValue = ["subject": "Service/checkout"]
    let service: JSONValue = ["arguments": ["service": "Service/checkout"]]
    let told = try tools(
      [
        call("score.checkout.readiness", subject), call("query.checkout.dependencies", service),
      ], DoorSite.asking)
    let lines = [
      try site.expect("writ score \(DoorSite.asking) readiness --subject Service/checkout --json"),
      try site.expect(
        "writ query \(DoorSite.asking) dependencies --arg service=Service/checkout --json"),
    ]
    let asked = [
      try door.post("score", subject.with([JSONMember("scorecard", "readiness")])),
      try door.post("query", service.with([JSONMember("query", "dependencies")])),
    ]
    for ((tool, line), asked) in zip(zip(told, lines), asked) {
      let content = try #require(tool["structuredContent"])
      #expect(asked.status == 200 && asked.json.pretty == content.pretty)
      let rows = content["rows"]?.array?.map { $0.compact + "\n" }.joined()
      #expect(rows == line && !line.isEmpty)
    }
  }

  @Test("what can be asked is listed with the schemas that a model gets")
  func lists() throws {
    let listed = try door().send("GET", "/v1/tools")
    let told = try tools(
      [["jsonrpc": "2.0", "id": 1, "method": "tools/list"]], DoorSite.asking)
    #expect(listed.status == 200 && listed.fields.value(of: "content-type") == "application/json")
    #expect(listed.json["tools"] != nil && listed.json["tools"] == told.first?["tools"])
    #expect(!String(decoding: listed.body, as: UTF8.self).contains("\"act."))
  }

  @Test("what is no question gets a status, and words that say what to do")
  func badInput() throws {
    let door = try door()
    let json = [HTTPField("Content-Type", "application/json")]
    func post(_ kind: String, _ text: String) throws -> HTTPResponse {
      try door.send("POST", "/v1/\(kind)", Array(text.utf8), json)
    }
    let ship = #""gate":"ship","arguments":{}"#
    let answers: [(HTTPResponse, Int, String)] = [
      (try post("decide", ""), 400, "the body is no JSON: line 1"),
      (try post("decide", "[]"), 400, "no JSON object"),
      (try post("decide", "{}"), 400, "`gate` is missing"),
      (try post("decide", #"{"gate":7}"#), 400, "`gate` is no string"),
      (try post("decide", #"{"gate":"shop"}"#), 404, "no gate `shop` can be asked for here"),
      (try post("decide", "{\(ship)}"), 400, "argument"),
      (try post("decide", "{\(ship),\"now\":\"2020-01-01T00:00:00Z\"}"), 400, "no member `now`"),
      (try post("decide", "{\(ship),\"does\":\"sha256:00\"}"), 400, "no member `does`"),
      (try post("decide", "{\(ship),\"intent\":{}}"), 400, "`/v1/act` alone"),
      (try post("decide", "{\(ship),\"caller\":[]}"), 400, "`caller` is no string"),
      (try post("ask", #"{"action":"deploy"}"#), 400, "not said who asks"),
      (try post("act", #"{"action":"deploy"}"#), 404, "nothing is done here"),
      (try post("score", #"{"scorecard":"readiness"}"#), 400, "`subject` is missing"),
      (try post("query", #"{"query":"dependencies","arguments":{"a":1}}"#), 400, "`a`"),
      (try post("other", "{}"), 404, "nothing at `/v1/other`"),
      (try door.send("GET", "/v1/decide"), 405, "no `GET` here"),
      (try door.send("POST", "/v1/tools", [], json), 405, "no `POST` here"),
      (try door.send("POST", "/v1/decide", [0x7b, 0x7d]), 415, "not said to be JSON"),
      (
        try post("decide", String(repeating: " ", count: (4 << 20) + 1)), 413,
        "the body is too long"
      ),
      (
        try door.send("GET", "/" + String(repeating: "a", count: 9_000)), 414,
        "the first line is too long"
      ),
      (
        try door.send(
          "GET", "/v1/tools", [], [HTTPField("A", String(repeating: "a", count: 17_000))]), 431,
        "the head is too long"
      ),
    ]
    for (answer, status, words) in answers {
      let error = answer.json["error"]?.string ?? ""
      #expect(answer.status == status && error.contains(words), "\(answer.status) \(error)")
      #expect(answer.json["status"]?.integer == Int64(status) && answer.json["outcome"] == "failed")
    }
    #expect(answers[15].0.fields.value(of: "allow") == "POST")
    #expect(try door.post("decide", try request("gate.json")).status == 200)
  }

  @Test("a page in a browser is not answered, by its own name or by one that leads here")
  func pages() throws {
    let door = try door()
    let origin = HTTPField("Origin", "https://evil.example")
    let refused = try door.send("GET", "/v1/tools", [], [origin])
    #expect(refused.status == 403 && refused.json["outcome"] == "refused")
    for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[::2]"] {
      #expect(try door.send("GET", "/v1/tools", host: host).status == 421, "\(host)")
    }
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]:80"] {
      #expect(try door.send("GET", "/v1/tools", host: host).status == 200, "\(host)")
    }
    let local = try DoorProcess(
      DoorSite.asking, in: site.scratch.path, at: "unix:\(site.scratch.path)/door")
    #expect(try local.send("GET", "/v1/tools", host: "anything").status == 200)
    #expect(try local.send("GET", "/v1/tools", [], [origin], host: "a").status == 403)
  }

  @Test("what others can reach is listened at only where that is said")
  func addresses() throws {
    for address in ["0.0.0.0:0", "[::]:0", "example.org:80", "127.1:80"] {
      let outcome = try site.run("writ serve \(DoorSite.asking) --http \(address)")
      #expect(outcome.code == 64 && outcome.messages.contains("there is no TLS"), "\(address)")
    }
    let wrong = try site.run("writ serve \(DoorSite.asking) --http nowhere")
    #expect(wrong.code == 64 && wrong.messages.contains("is no address"))
    let half = try site.run("writ serve \(DoorSite.asking) --http 127.0.0.1:0 --log log")
    #expect(half.code == 64 && half.messages.contains("needs `--permit-key` too"))
    let open = try DoorProcess(
      "\(DoorSite.asking) --plain", in: site.scratch.path, at: "0.0.0.0:0")
    let port = try #require("\(open.endpoint)".split(separator: ":").last)
    let answer = try HTTPClient().get(HTTPURL("http://127.0.0.1:\(port)/v1/tools"))
    #expect(answer.status == 200)
  }

  @Test("many ask at once, beside some who never end what they say")
  func concurrent() throws {
    let door = try door()
    let slow = try (0..<20).map { _ in
      let connection = try StreamConnection(to: door.endpoint, milliseconds: 5_000)
      _ = try connection.send(Array("POST /v1/decide HTTP/1.1\r\nHost: ".utf8)[...])
      return connection
    }
    let request = try request("us.json")
    let expected = settled(String(decoding: try door.post("ask", request).body, as: UTF8.self))
    let same = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 100) { _ in
      let answer = try? door.post("ask", request)
      if answer.map({ settled(String(decoding: $0.body, as: UTF8.self)) }) == expected {
        same.add(1, ordering: .relaxed)
      }
    }
    #expect(same.load(ordering: .relaxed) == 100)
    #expect(slow.count == 20)
  }

  @Test("a bundle that cannot be read allows nothing, and is read again once it can")
  func unavailable() throws {
    let door = try door()
    let request = try request("us.json")
    #expect(try door.post("ask", request).json["decision"] == "allow")
    try site.expect("mv b gone; echo nonsense > b")
    let answers = [try door.post("ask", request), try door.send("GET", "/v1/tools")]
    for answer in answers { #expect(answer.status == 503 && answer.json["decision"] == nil) }
    try site.expect("rm b")
    #expect(try door.post("ask", request).status == 503)
    try site.expect("mv before g; mv gone b")
    #expect(try door.post("ask", request).json["decision"] == "deny", "the graph is another too")
    #expect(door.end() == 0)
  }
}
