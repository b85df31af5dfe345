// What is asked at a door, whoever stands behind it: a question with its asker, and the document that answers it.

public import WritModel
public import WritTransport

/// What can be asked: the same as the tools of a model, kind by kind.
public enum DoorKind: String, CaseIterable, Sendable {
  /// A gate.
  case decide
  /// Whether an action would be allowed.
  case ask
  /// An action.
  case act
  /// A scorecard of one node.
  case score
  case query

  /// The member that names what is asked.
  public var member: String {
    switch self {
    case .decide: "gate"
    case .ask, .act: "action"
    case .score: "scorecard"
    case .query: "query"
    }
  }
}

/// One question as it came.
public struct DoorQuestion: Sendable {
  public let kind: DoorKind
  /// Of a gate, an action, a scorecard or a query: in full, or what stands behind its last dot.
  public let name: String
  /// Who asks, as they say; `nil` where they do not.
  public let caller: String?
  /// An envelope in which the caller says that they act; nobody has verified it.
  public let intent: JSONValue?
  /// What they act within; nobody has verified it.
  public let token: JSONValue?
  /// All else: what the tool of that name takes.
  public let arguments: JSONValue

  /// Reads the body of a request. What its arguments may be, whoever answers says.
  public init(_ kind: DoorKind, _ body: JSONValue) throws(DoorRefusal) {
    guard let members = body.object else {
      throw .badRequest("the body is no JSON object", remedy: DoorQuestion.example(kind))
    }
    func text(_ name: String) throws(DoorRefusal) -> String? {
      guard let value = body[name] else { return nil }
      guard let text = value.string else { throw .badRequest("`\(name)` is no string") }
      return text
    }
    guard let name = try text(kind.member) else {
      throw .badRequest("`\(kind.member)` is missing", remedy: DoorQuestion.example(kind))
    }
    guard kind == .act || body["intent"] == nil else {
      throw .badRequest("an `intent` is for `/v1/act` alone", remedy: "leave it out")
    }
    self.kind = kind
    self.name = name
    caller = try text("caller")
    (intent, token) = (body["intent"], body["token"])
    let own = [kind.member, "caller", "intent", "token"]
    arguments = .object(members.filter { !own.containsBytes(of: $0.name) })
  }

  private static func example(_ kind: DoorKind) -> String {
    #"send {"\#(kind.member)": "NAME", …}; `GET /v1/tools` lists names, and what each takes"#
  }
}

/// What a question came to.
public enum DoorAnswer: Sendable {
  /// The document, and the status that goes with it.
  case answered(JSONValue, status: Int)
  case refused(DoorRefusal)
}

/// Who answers at a door. Any thread; an action may take as long as it takes, beside questions.
public protocol DoorDesk: Sendable {
  /// Whether actions are done here.
  var acts: Bool { get }
  /// All that can be asked.
  func tools() throws(DoorRefusal) -> [Tool]
  func answer(_ question: DoorQuestion) -> DoorAnswer
}

/// Why somebody gets no answer, and what to do about it.
public struct DoorRefusal: Error, Sendable {
  /// `400 ≤ status ≤ 599`
  public let status: Int
  /// Lower case, no full stop.
  public let message: String
  public let remedy: String?
  /// The entry of a log that tells of it.
  public let evidence: JSONValue?
  private let fields: [HTTPField]

  public init(
    _ status: Int, _ message: String, remedy: String? = nil, evidence: JSONValue? = nil,
    fields: [HTTPField] = []
  ) {
    self.status = status
    self.message = message
    self.remedy = remedy
    self.evidence = evidence
    self.fields = fields
  }

  /// What HTTP itself does not take.
  public init(_ error: HTTPError) {
    guard case .busy = error else {
      self.init(error.status, error.description)
      return
    }
    self.init(
      error.status, "one action is done at a time, and another is under way",
      remedy: "ask again in a while; an intent is good for a minute",
      fields: [HTTPField("Retry-After", "1")])
  }

  static func badRequest(_ message: String, remedy: String? = nil) -> DoorRefusal {
    DoorRefusal(400, message, remedy: remedy)
  }

  /// As a command says with `--json` that it has no answer, the status in place of an exit code.
  public var response: HTTPResponse {
    var members = [
      JSONMember("outcome", status == 403 ? "refused" : "failed"),
      JSONMember("error", .string(message)), JSONMember("status", .integer(Int64(status))),
    ]
    if let remedy { members.append(JSONMember("remedy", .string(remedy))) }
    if let evidence { members.append(JSONMember("evidence", evidence)) }
    return HTTPResponse(status: status, document: .object(members), fields)
  }
}

extension HTTPResponse {
  /// A document as the command line prints it.
  init(status: Int, document: JSONValue, _ fields: [HTTPField] = []) {
    let own = [
      HTTPField("Content-Type", "application/json"), HTTPField("Cache-Control", "no-store"),
    ]
    self.init(status: status, fields: own + fields, body: Array((document.pretty + "\n").utf8))
  }
}
