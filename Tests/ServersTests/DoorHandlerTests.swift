// The door without a socket: what reaches whoever answers, and what becomes of their answers.
import Synchronization
import Testing
import WritModel
import WritServers
import WritTransport

/// Answers with what it was asked.
private final class EchoDesk: DoorDesk {
  let acts: Bool
  let answers: Bool

  init(acts: Bool = true, answers: Bool = true) { (self.acts, self.answers) = (acts, answers) }

  func tools() throws(DoorRefusal) -> [Tool] {
    guard answers else { throw DoorRefusal(503, "no bundle", remedy: "bring it back") }
    return []
  }

  func answer(_ question: DoorQuestion) -> DoorAnswer {
    guard answers else { return .refused(DoorRefusal(500, "a defect")) }
    var members = [
      JSONMember("kind", .string(question.kind.rawValue)),
      JSONMember("name", .string(question.name)),
      JSONMember("arguments", question.arguments),
    ]
    if let caller = question.caller { members.append(JSONMember("caller", .string(caller))) }
    if let intent = question.intent { members.append(JSONMember("intent", intent)) }
    if let token = question.token { members.append(JSONMember("token", token)) }
    return .answered(.object(members), status: 200)
  }
}

private func request(
  _ method: String, _ target: String, _ body: String = "", _ fields: [HTTPField] = []
) -> HTTPRequest {
  let own = [HTTPField("Host", "localhost"), HTTPField("Content-Type", "application/json")]
  return HTTPRequest(
    method: method, target: target, fields: fields.isEmpty ? own : fields, body: Array(body.utf8))
}

@Suite struct DoorHandlerTests {
  private let told = Told()

  private final class Told: Sendable {
    let statuses = Mutex<[Int]>([])
  }

  private func handler(_ desk: EchoDesk = EchoDesk()) -> DoorHandler {
    let told = told
    return DoorHandler(desk, isLoopback: true) { refusal in
      told.statuses.withLock { $0.append(refusal.status) }
    }
  }

  /// The answer, and whether it takes its time.
  private func answer(
    _ request: HTTPRequest, _ desk: EchoDesk = EchoDesk()
  ) -> (response: HTTPResponse, isLater: Bool) {
    switch handler(desk).answer(request) {
    case .now(let response): (response, false)
    case .later(let work): (work(), true)
    }
  }

  private func document(_ response: HTTPResponse) throws -> JSONValue {
    try JSONValue(parsing: response.body)
  }

  @Test(arguments: DoorKind.allCases)
  func aQuestionIsReadAndItsAnswerIsADocument(_ kind: DoorKind) throws {
    let body =
      #"{"\#(kind.member)":"a.b","caller":"I/x","token":{},"arguments":{"n":1},"facts":[]}"#
    let (response, isLater) = answer(request("POST", "/v1/\(kind)?x=1", body))
    #expect(isLater == (kind == .act))
    #expect(
      try document(response) == [
        "kind": .string(kind.rawValue), "name": "a.b",
        "arguments": ["arguments": ["n": 1], "facts": []], "caller": "I/x", "token": [:],
      ])
    #expect(response.fields.value(of: "cache-control") == "no-store")
    #expect(response.body.last == 0x0a)
  }

  @Test func onlyAnActionHasAnIntent() throws {
    let act = answer(request("POST", "/v1/act", #"{"action":"a","intent":{"x":1}}"#)).response
    #expect(try document(act)["intent"] == ["x": 1])
    let ask = answer(request("POST", "/v1/ask", #"{"action":"a","intent":{}}"#)).response
    #expect(ask.status == 400)
    let closed = answer(
      request("POST", "/v1/act", #"{"action":"a"}"#), EchoDesk(acts: false))
    #expect(closed.response.status == 404 && !closed.isLater)
  }

  @Test func methodsPathsAndTypes() {
    for (asked, status) in [
      (request("GET", "/v1/tools"), 200), (request("HEAD", "/v1/tools"), 200),
      (request("PUT", "/v1/tools"), 405), (request("GET", "/v1/ask"), 405),
      (request("GET", "/"), 404), (request("POST", "/v1/"), 404),
      (request("POST", "/v1/ask/"), 404),
      (request("POST", "/v2/ask"), 404), (request("POST", "/v1/Ask"), 404),
      (request("POST", "/v1/ask", "{}", [HTTPField("Host", "localhost")]), 415),
      (
        request(
          "POST", "/v1/ask", "{}",
          [HTTPField("Host", "localhost"), HTTPField("Content-Type", "text/plain")]), 415
      ),
      (
        request(
          "POST", "/v1/ask", #"{"action":"a"}"#,
          [
            HTTPField("Host", "[::1]:1"),
            HTTPField("content-type", "Application/JSON; charset=utf-8"),
          ]), 200
      ),
      (request("GET", "/v1/tools", "", [HTTPField("Accept", "*/*")]), 421),
      (
        request(
          "GET", "/v1/tools", "", [HTTPField("Host", "localhost"), HTTPField("origin", "null")]),
        403
      ),
      (request("POST", "/v1/ask", #"{"action":"a","action":"b"}"#), 400),
    ] {
      #expect(answer(asked).response.status == status, "\(asked.method) \(asked.target)")
    }
    #expect(told.statuses.withLock { $0 }.isEmpty, "nobody's own mistake is told to who runs it")
  }

  @Test func whatIsBrokenHereIsTold() throws {
    let desk = EchoDesk(answers: false)
    let listed = answer(request("GET", "/v1/tools"), desk).response
    #expect(listed.status == 503)
    #expect(
      try document(listed) == [
        "outcome": "failed", "error": "no bundle", "status": 503, "remedy": "bring it back",
      ])
    #expect(answer(request("POST", "/v1/act", #"{"action":"a"}"#), desk).response.status == 500)
    #expect(told.statuses.withLock { $0 } == [503, 500])
  }

  @Test func whatHTTPDoesNotTakeIsADocumentToo() throws {
    let busy = DoorRefusal(.busy).response
    #expect(busy.status == 503 && busy.fields.value(of: "retry-after") == "1")
    let long = DoorRefusal(.bodyTooLong).response
    #expect(try document(long)["error"] == "the body is too long" && long.status == 413)
  }
}
