// What each clause of a decided gate read, as a document that a record names by its digest.
//
//     {"clauses":[{"clause":"…","facts":[{"fact":"…","member":"…","value":"…","vouched":[…]},…],
//                  "outcome":"passed"},…],
//      "gate":"checkout.release.ship"}
public import WritCrypto
public import WritModel

/// How the clauses of one decision came out, and on which facts.
public struct DecisionTrace: Hashable, Sendable {
  /// The gate by its full name.
  public let gate: String
  /// One object a clause, in the order of the gate.
  public let clauses: [JSONValue]
  /// Canonical JSON.
  public let bytes: [UInt8]

  private static let limits = JSONLimits(depth: 16, byteCount: Limits.questionProofByteCount)

  /// The document of a decision; an error where a clause has no canonical form.
  public init(gate: String, clauses: [JSONValue]) throws(CanonicalJSONError) {
    self.gate = gate
    bytes = try DecisionTrace.json(gate, clauses).ownCanonicalBytes()
    // Read back, so that members stand in the order in which a reader finds them.
    let read = try? JSONValue(parsing: bytes, limits: DecisionTrace.limits)
    self.clauses = read?["clauses"]?.array ?? clauses
  }

  private static func json(_ gate: String, _ clauses: [JSONValue]) -> JSONValue {
    ["clauses": .array(clauses), "gate": .string(gate)]
  }

  /// Reads what `bytes` holds and nothing else.
  public init?(_ bytes: [UInt8]) {
    let limits = JSONLimits(depth: 16, byteCount: Limits.questionProofByteCount)
    guard let json = try? JSONValue(parsing: bytes, limits: limits),
      let gate = json["gate"]?.string,
      let clauses = json["clauses"]?.array,
      (try? DecisionTrace.json(gate, clauses).ownCanonicalBytes()) == bytes
    else { return nil }
    self.gate = gate
    self.clauses = clauses
    self.bytes = bytes
  }

  /// What a record names the document by.
  public var digest: Digest { Digest(of: bytes) }

  /// How a clause came out: `passed`, `failed` or `owed`; `nil` where there is no such clause, or more
  /// than one.
  public func outcome(of clause: String) -> String? {
    let found = clauses.filter { hasSameBytes($0["clause"]?.string ?? "", clause) }
    return found.count == 1 ? found[0]["outcome"]?.string : nil
  }
}
