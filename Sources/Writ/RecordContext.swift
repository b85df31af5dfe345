// What a decision's record says beside the decision: what was decided about, and where in a run.

public import WritCrypto
public import WritEvidence
import WritModel

/// A place in a run, and what binds the run: `run.json`.
public struct RunContext: Hashable, Sendable {
  public let place: RunPlace
  /// Of the run's `run.json` in canonical form.
  public let head: Digest

  public init(_ place: RunPlace, head: Digest) {
    self.place = place
    self.head = head
  }

  /// The run as what a record is about.
  public var subject: Subject { RunContext.subject(ofRun: place.id, head: head) }

  /// A run as what a record is about.
  public static func subject(ofRun id: String, head: Digest) -> Subject {
    Subject(name: RunPlace.subjectName(of: id), sha256: head)
  }
}

/// What belongs to a decision that is recorded to be acted upon.
public struct RecordContext: Sendable {
  /// The digest of the action that was decided on, as a delegate will be told it.
  public var action: Digest?
  /// Of a decision in a run.
  public var run: RunContext?
  /// The log by its name, of a decision that lets an action be done: it is a deed until it lapses.
  public var deedsOf: String?
  /// Digests of the envelopes of the approvals that were counted, of such a decision: each counts once.
  public var approvals: [Digest] = []
  /// The blocks of the token that it is done under, each by its id and the digest of its envelope: each is used once more.
  public var token: [(id: String, digest: Digest)] = []
  /// What is done; worked out when it is recorded.
  var deed: JSONValue?

  /// A decision that stands by itself.
  public init(action: Digest? = nil, run: RunContext? = nil) {
    self.action = action
    self.run = run
  }

  /// Members of the record.
  var members: [JSONMember] {
    var members: [JSONMember] = []
    if let action { members.append(JSONMember("action", .string(action.description))) }
    if let run { members.append(JSONMember("run", run.place.json)) }
    if let deed { members.append(JSONMember("deed", deed)) }
    if !token.isEmpty {
      members.append(JSONMember("token", .array(token.map { .string($0.id) })))
    }
    if !approvals.isEmpty {
      let digests = Set(approvals).sorted().map { JSONValue.string($0.description) }
      members.append(JSONMember("consumed", .array(digests)))
    }
    return members
  }

  /// The same with what is done, by the engine and request as they are recorded.
  func with(_ engine: Engine, _ request: Request) throws(RequestError) -> RecordContext {
    guard deedsOf != nil else { return self }
    var context = self
    context.deed = try engine.deed(of: request)
    return context
  }

  /// What the record is about: what the decision is about, and what belongs to it.
  func subjects(with own: [Subject]) -> [Subject] {
    var more = [run?.subject].compactMap { $0 }
    if let deedsOf, let action {
      more.append(Subject(name: Deed.subjectName(of: deedsOf), sha256: action))
    }
    more += Set(approvals).map { Subject(name: Deed.subjectName(ofApproval: $0), sha256: $0) }
    more += token.map { Subject(name: Deed.subjectName(ofToken: $0.id), sha256: $0.digest) }
    return (own + more).sorted { precedesByBytes($0.name ?? "", $1.name ?? "") }
  }
}
