// A record as far as it can be said before it has its place in a log.
public import WritModel

/// What a record is of; the `kind` of its predicate.
public enum RecordKind: String, Hashable, Sendable, CaseIterable {
  /// A setting of the log.
  case config
  /// A decision of a gate.
  case gate
  /// Where the history of each subject begins, read backwards.
  case index
  /// A key of the log that comes or goes.
  case key
  /// A bundle that was made, to be decided with.
  case policyPublish = "policy-publish"
  /// Objects that are no longer kept.
  case prune
  /// Where a log ends, or goes on from another.
  case shard
  /// Values that can no longer be opened.
  case erase
  /// An approval that was given.
  case approval
  /// A no that was given.
  case rejection
  /// Leave that was given for a waiver.
  case waiver
  /// A decision that somebody acted against.
  case override
  /// What somebody finds who looked at break-glass afterwards.
  case review
  /// That a version may be tried again that was taken back too often.
  case unlock
  /// That a token was taken back.
  case revocation
  /// A span in which nothing may change, begun or ended.
  case freeze
  /// That somebody wanted to act.
  case intent
  /// A leave to act that was handed out.
  case permit
  /// What became of an action.
  case result
  /// A run of a pipeline, begun or ended.
  case run
}

/// What a record says of itself; the log adds when it was logged and what came before.
public struct RecordDraft: Sendable {
  /// The type of the predicate.
  public let type: String
  /// What the record is of.
  public let kind: RecordKind
  /// Unique; an idempotency key.
  public let id: String
  /// What the record is about: 1 to `Limits.recordSubjects`.
  public let subjects: [Subject]
  /// Members of the predicate beside `id`, `kind`, `logged` and `prev`.
  public let members: [JSONMember]

  /// A draft, not yet checked; writing checks.
  public init(
    type: String, kind: RecordKind, id: String, subjects: [Subject], members: [JSONMember]
  ) {
    self.type = type
    self.kind = kind
    self.id = id
    self.subjects = subjects
    self.members = members
  }

  /// The names that the record enters into the histories of.
  var names: [String] { subjects.compactMap(\.name) }

  /// Whether the record is short enough wherever in a log it may stand.
  public var fits: Bool {
    let longest = UInt64(1) << 53 - 1
    return (try? record(logged: .latest, previous: { _ in longest })) != nil
  }

  /// The record at a place of a log.
  func record(
    logged: Instant, previous: (String) throws(LogError) -> UInt64?
  ) throws(LogError) -> EvidenceRecord {
    guard subjects.count <= Limits.recordSubjects else {
      throw .tooManySubjects(subjects.count)
    }
    var chain: [JSONMember] = []
    for name in names {
      let index = try previous(name).map { Int64(clamping: $0) } ?? -1
      chain.append(JSONMember(name, .integer(index)))
    }
    let own = [
      JSONMember("id", .string(id)), JSONMember("kind", .string(kind.rawValue)),
      JSONMember("logged", .string(logged.description)), JSONMember("prev", .object(chain)),
    ]
    let record: EvidenceRecord
    do throws(RecordError) {
      record = try EvidenceRecord(type: type, subjects: subjects, predicate: .object(own + members))
    } catch {
      throw .record(error)
    }
    if let problem = RecordShape.problem(of: record.statement) {
      throw .record(.statement(StatementError(problem)))
    }
    return record
  }
}
