// What a record of a decision says beside the decision: what it was about, and what of a run it was asked with.

public import WritCrypto
public import WritEvidence
public import WritModel

/// What a record tells beside its decision; a replay needs none of it.
public struct DecisionNotes: Sendable {
  /// The digest of the action that was decided on, as a delegate will be told it.
  public var action: Digest?
  /// What steps of a run have given out that the gate was asked with, as far as `Engine.mayNote` lets it be told.
  public var outputs: [OutputNote]
  /// Of a decision in a run.
  public var run: RunContext?
  /// The log by its name, of a decision that lets an action be done: it is a deed until it lapses.
  public var deedsOf: String?
  /// Digests of the envelopes of the approvals that were counted, of such a decision: each counts once.
  public var approvals: [Digest] = []
  /// The blocks of the token that it is done under, each by its id and the digest of its envelope: each is used once more.
  public var token: [(id: String, digest: Digest)] = []
  /// What such a decision lets be put somewhere, by content.
  public var artifacts: [Digest] = []
  /// What is taken back by what was asked for.
  public var undoes: [TakenBack] = []
  /// The log by its name, of a wish to act: where it breaks the glass, or is an agent's, it is among those of the log.
  public var askedOf: String?
  /// Whether whoever acts did not sign.
  public var isUnsigned = false
  /// What is done; worked out when it is recorded.
  private(set) var deed: JSONValue?
  /// What takes back what is done, by its full name, likewise.
  private(set) var reverse: String?
  /// That the glass is broken, likewise.
  private(set) var breakGlass: BreakGlassMark?

  /// Whether an agent asked, likewise; before what tells of it is hidden.
  var isAgents = false
  /// Of the request as it is recorded, where an agent asked for what is no action yet.
  private(set) var request: Digest?

  /// What a delegate must be labelled to do it, likewise.
  private(set) var labels: [String] = []

  public init(action: Digest? = nil, outputs: [OutputNote] = [], run: RunContext? = nil) {
    self.action = action
    self.outputs = outputs
    self.run = run
  }

  /// Members of a record.
  var members: [JSONMember] {
    var members: [JSONMember] = []
    func add(_ name: String, _ values: [JSONValue]) {
      if !values.isEmpty { members.append(JSONMember(name, .array(values))) }
    }
    if let action { members.append(JSONMember("action", .string(action.description))) }
    if let run { members.append(JSONMember("run", run.place.json)) }
    if let deed { members.append(JSONMember("deed", deed)) }
    if let breakGlass { members.append(JSONMember("breakGlass", breakGlass.json)) }
    members += unsignedMark(isUnsigned)
    add("labels", labels.map { .string($0) })
    add("outputs", outputs.map(\.json))
    add("token", token.map { .string($0.id) })
    add("artifacts", Set(artifacts).sorted().map { .string($0.description) })
    add("undoes", undoes.map(\.json))
    add("consumed", Set(approvals).sorted().map { .string($0.description) })
    return members
  }

  /// The same with what is done and how, by the engine, request and decision as they are recorded. That the glass is broken is
  /// nobody's to say or to leave out: it is read off the action, as is which delegate it asks for.
  func with(
    _ engine: Engine, _ request: Request, _ run: DecisionRun
  ) throws(RequestError) -> DecisionNotes {
    var notes = self
    notes.breakGlass = engine.breakGlass(of: request, run)
    notes.labels = engine.labels(of: request)
    if isAgents && askedOf != nil && action == nil {
      notes.request = try engine.digest(of: request.canonical(gate: run.decision.gate))
    }
    if deedsOf != nil { notes.deed = try engine.deed(of: request) }
    if !artifacts.isEmpty { notes.reverse = engine.reverse(of: request) }
    return notes
  }

  /// What the record is about: what the decision is about, and what belongs to it.
  func subjects(with own: [Subject]) -> [Subject] {
    var more = [run?.subject].compactMap { $0 }
    if let deedsOf, let action {
      more.append(Subject(name: Deed.subjectName(of: deedsOf), sha256: action))
    }
    if let askedOf, let breakGlass, let digest = action ?? breakGlass.reason?.sha256 {
      more.append(Subject(name: BreakGlassMark.subjectName(of: askedOf), sha256: digest))
    }
    if let askedOf, isAgents, let digest = action ?? request {
      more.append(Subject(name: AgentWork.subjectName(of: askedOf), sha256: digest))
    }
    if let reverse, let action {
      more.append(Subject(name: Deed.subjectName(reversedBy: reverse), sha256: action))
    }
    more += undoes.subjects
    more += Set(approvals).map { Subject(name: Deed.subjectName(ofApproval: $0), sha256: $0) }
    more += token.map { Subject(name: Deed.subjectName(ofToken: $0.digest), sha256: $0.digest) }
    return (own + more).sorted { precedesByBytes($0.name ?? "", $1.name ?? "") }
  }
}

extension Engine {
  /// Whether the digest of an output of that type may stand in a record: not where it may hold what tells of a person, which the
  /// digest of a short text would tell for ever.
  public func mayNote(_ type: ValueType) -> Bool {
    guard case .node(let kinds) = type.unwrapped else { return true }
    let schema = program.schema
    let places = PersonalPlaces(
      [schema, snapshot.schema], approvers: bundle.registry.keys.compactMap(\.node))
    return kinds.allSatisfy { kind in
      guard !places.hasPersonalIDs(schema.kinds[kind].name) else { return false }
      guard schema.kinds[kind].origin == .request else { return true }
      return !schema.kinds[kind].fields.contains(where: \.isPersonal)
        && schema.edges.allSatisfy { edge in
          edge.source != kind
            || edge.targets.allSatisfy { !places.hasPersonalIDs(schema.kinds[$0].name) }
        }
    }
  }
}

/// An output that a gate was asked with.
public struct OutputNote: Hashable, Sendable {
  /// As the pipeline calls it.
  public let name: String
  /// The run and the step that gave it out.
  public let origin: String
  /// Of its canonical form.
  public let digest: Digest

  public init(name: String, origin: String, digest: Digest) {
    self.name = name
    self.origin = origin
    self.digest = digest
  }

  fileprivate var json: JSONValue {
    [
      "digest": .string(digest.description), "from": .string(origin), "output": .string(name),
    ]
  }
}
