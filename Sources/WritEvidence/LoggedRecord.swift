// An entry of a log as a record: which subjects it has, what it says of them, which entry came before.
//
//     subject    what the record is about, by name and digest
//     predicate  {"id":"…","kind":"gate","logged":"<time>","prev":{"Service/checkout":4,…},…}
//
// `prev` names, for each subject, the newest earlier entry with that subject, or -1.
public import WritModel

/// What an entry holds, as far as it is a record; any bytes have a view.
public struct LoggedRecord: Sendable {
  /// `nil` where the entry is no statement: it then has no subjects.
  public let statement: Statement?

  /// Looks at an entry.
  public init(_ entry: [UInt8]) {
    statement = try? Statement(parsing: entry)
  }

  /// A statement that has been read.
  public init(_ statement: Statement) {
    self.statement = statement
  }

  /// The entry that came before, as a record says.
  public enum Previous: Hashable, Sendable {
    /// The newest earlier entry with the subject.
    case entry(UInt64)
    /// There is none.
    case none
    /// The record does not say: it was made before records named those before them.
    case unsaid
  }

  /// The type of the predicate, `unreadable` of what is no statement.
  public var type: String { statement?.predicateType ?? "unreadable" }

  /// What the statement claims; null of what is no statement.
  public var predicate: JSONValue { statement?.predicate ?? .null }

  /// The names of what the record is about, in its order; subjects without a name have no history.
  public var subjects: [String] { (statement?.subjects ?? []).compactMap(\.name) }

  /// Whether one of the subjects has that name, to the byte.
  public func isAbout(_ name: String) -> Bool {
    subjects.contains { hasSameBytes($0, name) }
  }

  /// What the record says of the newest earlier entry about one of its subjects.
  public func previous(of name: String) -> Previous {
    guard let index = predicate["prev"]?[name]?.integer, index >= -1 else { return .unsaid }
    return index < 0 ? .none : .entry(UInt64(index))
  }

  /// Whether the record names an entry before it for each of its subjects, and for nothing else.
  public var isChained: Bool {
    let names = subjects
    guard let members = predicate["prev"]?.object else { return names.isEmpty }
    return members.count == names.count && names.allSatisfy { previous(of: $0) != .unsaid }
  }

  /// When the record was made, by the clock of the log; microseconds since the epoch.
  public var logged: Int64? { time(predicate["logged"]) }

  private func time(_ value: JSONValue?) -> Int64? {
    value?.string.flatMap { Instant($0) }?.microseconds
  }
}

// What a decision says.
extension LoggedRecord {
  /// Whether the record is of a decision.
  public var isDecision: Bool { hasSameBytes(type, PredicateType.decision) }

  /// The decision, with or without its reasons.
  public var result: JSONValue? { predicate["result"] }

  /// `allow`, `hold` or `deny`.
  public var outcome: String? { result?["outcome"]?.string }

  /// The gate by its full name.
  public var gate: String? { result?["gate"]?.string }

  /// Who asked, as was asserted.
  public var caller: String? { result?["caller"]?.string }

  /// Who gave the leave under which something is done, or asked to be done, from hand to hand; said by what lets it be done, permits it,
  /// tells of its result, or begins a run.
  public var onBehalfOf: [String] {
    ((result?["onBehalfOf"] ?? predicate["onBehalfOf"])?.array ?? []).compactMap(\.string)
  }

  /// Whether what is done, or asked to be done, is done for a caller who did not sign; said by what lets it be done, permits it,
  /// tells of its result, or begins a run.
  public var isUnsigned: Bool { predicate["unsigned"]?.bool ?? false }

  /// Asked of another time, or without leave to act.
  public var isQuestion: Bool { result?["question"]?.bool ?? false }

  /// The digest of the action that was decided about: `sha256:…`; `nil` where the gate guards none.
  public var action: String? { predicate["action"]?.string }

  /// What says what each clause read.
  public var trace: TraceReference? { TraceReference(predicate["replay"]?["trace"]) }

  /// Arguments that are texts, in order.
  public var arguments: [String] {
    (predicate["arguments"]?.object ?? []).compactMap(\.value.string)
  }
}
