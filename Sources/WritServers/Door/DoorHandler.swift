// The door over HTTP: a request is read, whoever answers is asked, and the answer goes back as the document that it is.
//
//     GET  /v1/tools                                        what can be asked, with the schemas that models get
//     POST /v1/decide  {"gate":…,"caller":…,"arguments":…}  and /v1/ask, /v1/score, /v1/query
//     POST /v1/act     the same, with "intent" and "token"
//
// It is for programs. What a browser sends for a page is refused, so that no page asks in the name of whoever looks at it.

import WritModel
public import WritTransport

/// Answers the requests to one door.
public struct DoorHandler: Sendable {
  private let desk: any DoorDesk
  private let isLoopback: Bool
  private let tell: @Sendable (DoorRefusal) -> Void

  /// - Parameters:
  ///   - isLoopback: It is reached by this machine alone, over the network: whoever means another host is not answered.
  ///   - tell: Is told of what whoever runs the door should look at.
  public init(
    _ desk: any DoorDesk, isLoopback: Bool, tell: @escaping @Sendable (DoorRefusal) -> Void
  ) {
    self.desk = desk
    self.isLoopback = isLoopback
    self.tell = tell
  }

  /// The answer to a request; that to an action comes later.
  public func answer(_ request: HTTPRequest) -> HTTPAnswer {
    do throws(DoorRefusal) {
      try admit(request)
      let path = String(request.target.prefix { $0 != "?" })
      if path == "/v1/tools" {
        try require(["GET", "HEAD"], request)
        let tools = try desk.tools()
        return .now(
          HTTPResponse(status: 200, document: ["tools": .array(tools.map(\.json))]))
      }
      let kind = DoorKind.allCases.first { path == "/v1/\($0.rawValue)" }
      guard let kind else {
        let kinds = DoorKind.allCases.map { "/v1/\($0.rawValue)" }.joined(separator: ", ")
        throw DoorRefusal(
          404, "there is nothing at `\(path)`", remedy: "there are /v1/tools, \(kinds)")
      }
      try require(["POST"], request)
      let question = try question(kind, request)
      guard kind == .act else { return .now(response(to: question)) }
      guard desk.acts else {
        throw DoorRefusal(
          404, "nothing is done here, only asked",
          remedy: "`writ serve` acts where --log, --permit-key, --delegate and --listen are given")
      }
      return .later { response(to: question) }
    } catch {
      return .now(refused(error))
    }
  }

  private func response(to question: DoorQuestion) -> HTTPResponse {
    switch desk.answer(question) {
    case .answered(let document, let status): HTTPResponse(status: status, document: document)
    case .refused(let refusal): refused(refusal)
    }
  }

  private func refused(_ refusal: DoorRefusal) -> HTTPResponse {
    if refusal.status >= 500 { tell(refusal) }
    return refusal.response
  }

  /// Refuses what comes of a page in a browser: by the field that a browser adds, and by the name that it was led here by.
  private func admit(_ request: HTTPRequest) throws(DoorRefusal) {
    guard request.fields.value(of: "Origin") == nil else {
      throw DoorRefusal(403, "a page in a browser is not answered: the request has an `Origin`")
    }
    guard isLoopback else { return }
    let host = request.fields.value(of: "Host") ?? ""
    guard Endpoint.isLoopback(host: DoorHandler.name(in: host)) else {
      throw DoorRefusal(
        421, "this is no host `\(host)`", remedy: "ask at 127.0.0.1, [::1] or localhost")
    }
  }

  /// The name or number in front of a port.
  private static func name(in host: String) -> String {
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    return String(host.prefix { $0 != ":" })
  }

  private func require(_ methods: [String], _ request: HTTPRequest) throws(DoorRefusal) {
    guard !methods.contains(request.method) else { return }
    let allowed = methods.joined(separator: ", ")
    throw DoorRefusal(
      405, "no `\(request.method)` here", remedy: "use \(allowed)",
      fields: [HTTPField("Allow", allowed)])
  }

  private func question(
    _ kind: DoorKind, _ request: HTTPRequest
  ) throws(DoorRefusal) -> DoorQuestion {
    let type = request.fields.value(of: "Content-Type")?.prefix { $0 != ";" && $0 != " " }
    guard type?.lowercased() == "application/json" else {
      throw DoorRefusal(
        415, "the body is not said to be JSON", remedy: "say `Content-Type: application/json`")
    }
    let body: JSONValue
    do throws(JSONError) {
      body = try JSONValue(parsing: request.body)
    } catch {
      throw .badRequest("the body is no JSON: \(error)")
    }
    return try DoorQuestion(kind, body)
  }
}
