// Actions that ask over HTTP, through the built programs: a policy, a run, a delegate with secrets, and a server of others.

import Foundation
import Testing
import WritDelegate
import WritModel
import WritTesting

@Suite("Runs that ask over HTTP", .serialized)
final class RunRequestTests {
  private let site: RunSite
  private static let secret = "canary-91f3c0aa77"

  private static func more(_ origin: String) -> String {
    """
    node Ticket from request {
      id: String
      size: Int
      service -> Service
    }
    gate open(service: Service) {
      deny frozen: service.frozen "{service} is frozen"
    }
    action ticket(service: Service, text: String)
      kind incident guarded by open(service) effect staging
    {
      http POST "\(origin)/v2/of/{text}?by={service}"
        header "Authorization" "Bearer {pager_key}"
        field "service" service
        field "text" text
        field "calm" service.calm
        status 201, 202
        answer json "/made/0"
      secrets pager_key
      timeout 20s
    }
    action health(service: Service) kind scan guarded by open(service) effect none {
      http GET "\(origin)/health"
        answer status
      timeout 2s
    }
    action tell(service: Service) kind incident guarded by open(service) effect staging {
      http PUT "\(origin)/tell"
        body "{service} is out"
      timeout 2s
    }

    pipeline asking(service: Service) {
      stage ask { step made: ticket(service, "a/../b c") -> made: Ticket }
      stage big when made.size > 10 { run "./look.sh" made.id }
      stage end { health(service) -> status: Int  run "./tell.sh" status }
    }
    pipeline telling(service: Service) { stage go { tell(service) } }
    pipeline looked(service: Service) {
      stage go { deploy(service) step well: health(service) }
    }
    """
  }

  init() throws { site = try RunSite() }

  /// What holds requests too, where the kernel can: they need no more than the system's folders.
  private var confined: String {
    Confinement.kernelVersion < Confinement.wholeVersion
      ? "" : #""confine": {"write": ["\#(site.scratch.path)/ran"]},"#
  }

  /// Builds the policy for a server, whom the delegate may ask.
  private func build(_ origin: String, allowed: String? = nil, _ more: String = "") throws {
    try site.scratch.write(RunSite.policy + RunRequestTests.more(origin), to: "shop.writ")
    try site.expect(
      """
      writ fmt shop.writ
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      printf '%s\\n' \(RunRequestTests.secret) | writ-delegate secrets set eu-1 pager_key
      sed -i '1s|{|{"http": {"origins": ["\(allowed ?? origin)"]\(more)},\(confined)|' eu-1/delegate.json
      """)
  }

  private func run(_ pipeline: String, _ code: Int32, says: String = "") throws {
    try site.expect(site.run("\(pipeline) --arg service=Service/web"), code)
    try site.expect("writ run show \(try site.runName()) --runs runs", code, says: says)
  }

  @Test(
    "a request has its secret, an answer is read by what comes behind, and the secret is nowhere")
  func asks() throws {
    let server = try ScriptedServer { request in
      guard request.hasPrefix("POST") else { return ScriptedServer.answer("200 OK", "fine") }
      let body = """
        {"seen":"\(RunRequestTests.secret)",\
        "made":[{"id":"T-7 \(RunRequestTests.secret)","size":12,"service":"Service/web","other":[1.5,null]}]}
        """
      // In two chunks, with an extension and a trailer.
      let cut = body.utf8.count / 2
      let (first, second) = (body.prefix(cut), body.dropFirst(cut))
      return
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
        + String(first.utf8.count, radix: 16) + ";x=1\r\n\(first)\r\n"
        + String(second.utf8.count, radix: 16) + "\r\n\(second)\r\n0\r\nX-Done: 1\r\n\r\n"
    }
    defer { server.stop() }
    try build("http://127.0.0.1:\(server.port)")
    try run("asking", 0, says: "SUCCEEDED")
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /v2/of/a%2F..%2Fb%20c?by=web HTTP/1.1\r\n"))
    #expect(request.contains("\r\nHost: 127.0.0.1:\(server.port)\r\n"))
    #expect(request.contains("\r\nAuthorization: Bearer \(RunRequestTests.secret)\r\n"))
    #expect(request.contains("\r\nContent-Type: application/json\r\n"))
    #expect(request.hasSuffix(#"{"service":"web","text":"a/../b c","calm":true}"#))
    #expect(server.requests.count == 2 && server.requests[1].hasPrefix("GET /health HTTP/1.1\r\n"))
    let lines = String(decoding: try site.scratch.bytes("ran"), as: UTF8.self)
    // What the server sent back of the secret was taken out before anybody read it.
    #expect(lines.contains("look.sh T-7 [redacted"))
    #expect(lines.contains("tell.sh 200"))
    let made = try site.shown()["nodes"]?.array?.first { $0["node"]?.string == "ask/made" }
    #expect(made?["output"]?.string?.contains(#""size":12"#) == true)
    #expect(made?["output"]?.string?.contains("other") == false)
    try site.expect("! grep -ra \(RunRequestTests.secret) . --exclude=shop.writ", 0)
    try site.expect(
      "writ log verify log --vkey log.key.pub; writ replay log --all", says: "0 different")
  }

  @Test("a status that is not wanted is a failure, and a redirect is one and is not followed")
  func unwanted() throws {
    let other = try ScriptedServer { _ in ScriptedServer.answer("200 OK", "") }
    defer { other.stop() }
    let place = "Location: http://127.0.0.1:\(other.port)/\r\n"
    let server = try ScriptedServer { request in
      request.hasPrefix("PUT")
        ? ScriptedServer.answer("302 Found", "", place) : ScriptedServer.answer("200 OK", "{}")
    }
    defer { server.stop() }
    try build("http://127.0.0.1:\(server.port)")
    try run("telling", 1, says: "exit code 1")
    #expect(try site.result("go/tell") == "failed")
    #expect(server.requests.first?.hasSuffix("web is out") == true)
    // 200 is not among those that it names.
    try run("asking", 1, says: "exit code 1")
    #expect(try site.result("ask/made") == "failed")
    #expect(other.requests.isEmpty)
  }

  @Test("whom its delegate may not ask is not asked, whatever a bundle says")
  func notAllowed() throws {
    let server = try ScriptedServer { _ in ScriptedServer.answer("200 OK", "") }
    defer { server.stop() }
    try build("http://127.0.0.1:\(server.port)", allowed: "http://127.0.0.1:1")
    try run("telling", 74, says: "this delegate does not ask http://127.0.0.1:\(server.port)")
    try site.expect("sed -i 's|\"http\": {[^}]*},||' eu-1/delegate.json")
    try run("telling", 74, says: "(originNotAllowed)")
    #expect(server.requests.isEmpty)
  }

  @Test("who cannot be reached, says nothing, or says what is no answer is an error")
  func noAnswer() throws {
    let closed = try ScriptedServer { _ in nil }
    closed.stop()
    let answers = [
      "nothing": nil,
      "cut": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
      "endless": "HTTP/1.1 200 OK\r\n\r\nhow long is this?",
      "both": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "long": "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n",
      "other": "SSH-2.0-OpenSSH_9.6\r\n",
    ]
    for (name, answer) in answers.sorted(by: { $0.key < $1.key }) {
      let server = try ScriptedServer { _ in answer }
      let fresh = try RunRequestTests()
      try fresh.build("http://127.0.0.1:\(server.port)")
      let isLost = ["nothing", "cut"].contains(name)
      try fresh.run("telling", 74, says: isLost ? "no answer came" : "no answer that is taken")
      #expect(try fresh.site.result("go/tell") == "errored", "\(name)")
      server.stop()
    }
    try build("http://127.0.0.1:\(closed.port)")
    try run("telling", 74, says: "nobody answers there")
  }

  @Test("who does not answer in time is given up")
  func late() throws {
    let silent = try SilentServer()
    try build(silent.url)
    try run("telling", 74, says: "not done after 2000 ms, and killed")
  }

  @Test(
    "an answer that is not what the pipeline says is an error",
    arguments: [
      ("{}", "nothing at `/made/0`"), ("<html>", "is no JSON"),
      (#"{"made":[{"id":7}]}"#, "id"), (#"{"made":["T"]}"#, "no JSON object"),
    ])
  func malformed(body: String, why: String) throws {
    let server = try ScriptedServer { _ in ScriptedServer.answer("201 Created", body) }
    defer { server.stop() }
    try build("http://127.0.0.1:\(server.port)")
    let outcome = try site.run(site.run("asking --arg service=Service/web"))
    #expect(outcome.code == 74)
    let shown = try site.run("writ run show \(try site.runName()) --runs runs")
    let told = outcome.messages + outcome.output + shown.output
    #expect(told.contains(why), "\(told)")
    #expect(try site.result("ask/made") == "errored")
  }

  @Test("what touches nothing and asks verifies what was done before")
  func verifies() throws {
    let server = try ScriptedServer { _ in ScriptedServer.answer("503 Busy", "") }
    defer { server.stop() }
    try build("http://127.0.0.1:\(server.port)")
    try run("looked", 1, says: "exit code 1")
    #expect(try site.ran() == ["deploy"])
  }
}
