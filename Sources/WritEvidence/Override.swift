// A person's signed word that something was done against a decision: an envelope around a statement of Writ's own type.
//
//     subject    the gate, and the leaf hash of the decision's entry
//     predicate  {"decision":41,"expires":"…","log":"log.example","outcome":"deny","overrider":"Identity/erik",
//                 "reason":"…","role":"incident_commander","signedAt":"…"}
//
// It undoes nothing: the decision stays what it was, no delegate takes it for a permit, and whoever asks for the history of what
// was decided about finds both.
public import WritCrypto
public import WritModel

/// Against which decision something was done, who answers for it, why, and until when.
public struct Override: Hashable, Sendable {
  /// The gate that decided, by its full name.
  public let gate: String
  /// The leaf hash of the decision's entry.
  public let leaf: Digest
  public let decision: LogPlace
  /// What was decided: `deny` or `hold`.
  public let outcome: String
  /// Who answers for it, as a node.
  public let overrider: String
  public let role: String
  /// 1 to `Limits.groundByteCount` bytes, without line breaks.
  public let reason: String
  public let signedAt: Instant
  /// The first moment at which it excuses nothing any more.
  public let expires: Instant

  /// An override, not yet signed. `nil` where its reason is none, or it ends before it begins.
  public init?(
    of decision: LogPlace, by gate: String, leaf: Digest, outcome: String, overrider: String,
    role: String, reason: String, signedAt: Instant, expires: Instant
  ) {
    guard EraseRecord.isGround(reason), signedAt < expires, ["deny", "hold"].contains(outcome)
    else { return nil }
    self.gate = gate
    self.leaf = leaf
    self.decision = decision
    self.outcome = outcome
    self.overrider = overrider
    self.role = role
    self.reason = reason
    self.signedAt = signedAt
    self.expires = expires
  }

  /// The override signed by whoever answers for it.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: gate, digest: leaf,
      predicate: [
        "decision": .integer(Int64(clamping: decision.index)),
        "expires": .string(expires.description), "log": .string(decision.origin),
        "outcome": .string(outcome), "overrider": .string(overrider), "reason": .string(reason),
        "role": .string(role), "signedAt": .string(signedAt.description),
      ]
    ).payload(PredicateType.override)
  }

  private init(payload: [UInt8]) throws(SignedWordError) {
    let claim = try SignedClaim(word: payload, type: PredicateType.override, "an override")
    let predicate = claim.predicate
    guard let index = predicate["decision"]?.integer, index >= 0,
      let origin = predicate["log"]?.string, let outcome = predicate["outcome"]?.string,
      let overrider = predicate["overrider"]?.string, let role = predicate["role"]?.string,
      let reason = predicate["reason"]?.string,
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let expires = predicate["expires"]?.string.flatMap({ Instant($0) }),
      let override = Override(
        of: LogPlace(origin: origin, index: UInt64(index)), by: claim.action, leaf: claim.digest,
        outcome: outcome, overrider: overrider, role: role, reason: reason, signedAt: signedAt,
        expires: expires)
    else { throw .malformed("expected the fields of an override") }
    guard override.payload == payload else { throw .malformed("expected its canonical form") }
    self = override
  }

  /// Verifies an envelope against the registry and reads the override in it.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(SignedWordError) {
    let (key, payload) = try SignedClaim.word(value, registry)
    try self.init(payload: payload)
    try key.hold(overrider, in: role)
  }
}
