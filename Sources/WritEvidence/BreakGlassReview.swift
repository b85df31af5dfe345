// A second person's signed word on what was done past the usual way: an envelope around a statement of Writ's own type.
//
//     subject    the action, and the leaf hash of the decision's entry
//     predicate  {"decision":41,"log":"log.example","note":"…","reviewer":"Identity/erik","role":"incident_commander",
//                 "signedAt":"…","verdict":"justified"}
//
// It undoes nothing and allows nothing. The leaf hash binds it to what that entry says: it is a review of nothing else.
public import WritCrypto
public import WritModel

/// What a reviewer finds.
public enum BreakGlassVerdict: String, CaseIterable, Hashable, Sendable {
  /// It was right to leave the usual way.
  case justified
  /// It was not.
  case unjustified
}

/// Of which decision, by whom, in which role, and what they find.
public struct BreakGlassReview: Hashable, Sendable {
  /// The action by its full name.
  public let action: String
  /// The leaf hash of the decision's entry.
  public let leaf: Digest
  public let decision: LogPlace
  /// Who reviews, as a node.
  public let reviewer: String
  public let role: String
  public let verdict: BreakGlassVerdict
  /// What was looked at: 1 to `Limits.groundByteCount` bytes with something to be seen in them, without line breaks.
  public let note: String
  public let signedAt: Instant

  /// A review, not yet signed. `nil` where its note says nothing, or too much.
  public init?(
    of decision: LogPlace, action: String, leaf: Digest, reviewer: String, role: String,
    verdict: BreakGlassVerdict, note: String, signedAt: Instant
  ) {
    guard EraseRecord.isGround(note), hasVisibleText(note) else { return nil }
    self.action = action
    self.leaf = leaf
    self.decision = decision
    self.reviewer = reviewer
    self.role = role
    self.verdict = verdict
    self.note = note
    self.signedAt = signedAt
  }

  /// The review signed by whoever looked.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: action, digest: leaf,
      predicate: [
        "decision": .integer(Int64(clamping: decision.index)), "log": .string(decision.origin),
        "note": .string(note), "reviewer": .string(reviewer), "role": .string(role),
        "signedAt": .string(signedAt.description), "verdict": .string(verdict.rawValue),
      ]
    ).payload(PredicateType.breakGlassReview)
  }

  private init(payload: [UInt8]) throws(SignedWordError) {
    let claim = try SignedClaim(
      word: payload, type: PredicateType.breakGlassReview, "a review of break-glass")
    let predicate = claim.predicate
    guard let index = predicate["decision"]?.integer, index >= 0,
      let origin = predicate["log"]?.string, let reviewer = predicate["reviewer"]?.string,
      let role = predicate["role"]?.string, let note = predicate["note"]?.string,
      let verdict = predicate["verdict"]?.string.flatMap(BreakGlassVerdict.init(rawValue:)),
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let review = BreakGlassReview(
        of: LogPlace(origin: origin, index: UInt64(index)), action: claim.action,
        leaf: claim.digest, reviewer: reviewer, role: role, verdict: verdict, note: note,
        signedAt: signedAt)
    else { throw .malformed("expected the fields of a review") }
    guard review.payload == payload else { throw .malformed("expected its canonical form") }
    self = review
  }

  /// Verifies an envelope against the registry and reads the review in it.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(SignedWordError) {
    let (key, payload) = try SignedClaim.word(value, registry)
    try self.init(payload: payload)
    try key.hold(reviewer, in: role)
  }
}
