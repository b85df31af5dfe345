// What each clause of a decided gate read, and how a record names it: docs/decisions/0034-a-reading-a-clause.md.
//
// A gate of at most 64 clauses has a reading each, which the record names in the clauses' order:
//
//     {"clause":"…","facts":[{"fact":"$release","member":"…","value":"…","vouched":[…]},…],"outcome":"passed"}
//
// A gate of more has one document, as gates of older records have:
//
//     {"clauses":[{"clause":"…","facts":[{"fact":"Release/r42",…},…],"outcome":"passed"},…],
//      "gate":"checkout.release.ship"}
public import WritCrypto
public import WritModel

/// How a record names what the clauses of its decision read.
public enum TraceReference: Hashable, Sendable {
  /// The reading of each clause.
  case clauses([Digest])
  /// One document of all.
  case document(Digest)

  /// `nil` of anything else than a digest or a list of some.
  public init?(_ json: JSONValue?) {
    if let digest = json?.string {
      guard let digest = Digest(digest) else { return nil }
      self = .document(digest)
      return
    }
    guard let elements = json?.array, elements.count <= Limits.tracedClauses else { return nil }
    let digests = elements.compactMap { $0.string.flatMap { Digest($0) } }
    guard digests.count == elements.count else { return nil }
    self = .clauses(digests)
  }

  /// As it stands in a record.
  public var json: JSONValue {
    switch self {
    case .clauses(let digests): .array(digests.map { .string($0.description) })
    case .document(let digest): .string(digest.description)
    }
  }

  /// The objects that are named, in order; one may stand there twice.
  public var digests: [Digest] {
    switch self {
    case .clauses(let digests): digests
    case .document(let digest): [digest]
    }
  }
}

/// How the clauses of one decision came out, and on which facts.
public struct DecisionTrace: Hashable, Sendable {
  /// The gate by its full name.
  public let gate: String
  /// One object a clause, in the order of the gate; each fact names its subject.
  public let clauses: [JSONValue]

  private static let limits = JSONLimits(depth: 16, byteCount: Limits.questionProofByteCount)

  /// Reads a document, and nothing else.
  public init?(document bytes: [UInt8]) {
    guard let json = DecisionTrace.canonical(bytes), let gate = json["gate"]?.string,
      let clauses = json["clauses"]?.array, json.object?.count == 2
    else { return nil }
    self.gate = gate
    self.clauses = clauses
  }

  /// Reads the reading of each clause; `nil` where one is none.
  ///
  /// - Parameter arguments: Of the decision: what parameters stand for.
  public init?(gate: String, readings: [[UInt8]], arguments: JSONValue?) {
    var clauses: [JSONValue] = []
    for reading in readings {
      guard let clause = DecisionTrace.clause(reading) else { return nil }
      clauses.append(DecisionTrace.named(clause, arguments))
    }
    self.gate = gate
    self.clauses = clauses
  }

  /// What a record names; `nil` where some of it is not at hand or no reading.
  public init?(_ record: LoggedRecord, _ object: (Digest) -> [UInt8]?) {
    guard let reference = record.trace else { return nil }
    let objects = reference.digests.compactMap(object)
    guard objects.count == reference.digests.count else { return nil }
    switch reference {
    case .document: self.init(document: objects[0])
    case .clauses:
      guard let gate = record.gate else { return nil }
      self.init(gate: gate, readings: objects, arguments: record.predicate["arguments"])
    }
  }

  /// The document of these clauses; an error where one has no canonical form.
  public static func document(
    gate: String, clauses: [JSONValue]
  ) throws(CanonicalJSONError) -> [UInt8] {
    try JSONValue.object([
      JSONMember("clauses", .array(clauses)), JSONMember("gate", .string(gate)),
    ]).ownCanonicalBytes()
  }

  /// Whether the bytes are the reading of a clause.
  static func isReading(_ bytes: [UInt8]) -> Bool { clause(bytes) != nil }

  private static func clause(_ bytes: [UInt8]) -> JSONValue? {
    guard let clause = canonical(bytes), clause["clause"]?.string != nil,
      clause["outcome"]?.string != nil, clause.object?.count == 3,
      let facts = clause["facts"]?.array, facts.allSatisfy({ $0["fact"]?.string != nil })
    else { return nil }
    return clause
  }

  private static func canonical(_ bytes: [UInt8]) -> JSONValue? {
    guard let json = try? JSONValue(parsing: bytes, limits: limits),
      (try? json.ownCanonicalBytes()) == bytes
    else { return nil }
    return json
  }

  /// The clause with the nodes of parameters by name.
  private static func named(_ clause: JSONValue, _ arguments: JSONValue?) -> JSONValue {
    .object(
      (clause.object ?? []).map { member in
        guard hasSameBytes(member.name, "facts"), let facts = member.value.array else {
          return member
        }
        return JSONMember("facts", .array(facts.map { named(fact: $0, arguments) }))
      })
  }

  private static func named(fact: JSONValue, _ arguments: JSONValue?) -> JSONValue {
    guard let subject = fact["fact"]?.string, subject.utf8.first == UInt8(ascii: "$"),
      let node = arguments?[String(subject.unicodeScalars.dropFirst())]?.string
    else { return fact }
    return .object(
      (fact.object ?? []).map {
        hasSameBytes($0.name, "fact") ? JSONMember("fact", .string(node)) : $0
      })
  }

  /// How a clause came out: `passed`, `failed` or `owed`; `nil` where there is no such clause, or more
  /// than one.
  public func outcome(of clause: String) -> String? {
    let found = clauses.filter { hasSameBytes($0["clause"]?.string ?? "", clause) }
    return found.count == 1 ? found[0]["outcome"]?.string : nil
  }
}
