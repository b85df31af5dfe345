// A person's signed no, bound to what a run asks: an envelope around a statement of Writ's own type.
//
//     subject    the gate or step that asks, and the SHA-256 of what is asked
//     predicate  {"reason":"…","rejecter":"Identity/erik","role":"release_manager","signedAt":"…"}
//
// It is of another type than an approval, so nothing that looks for a yes can take it for one. It does not expire.
public import WritCrypto
public import WritModel

/// What is refused, by whom, in which role, and why.
public struct Rejection: Hashable, Sendable {
  /// The gate by its full name, or the step, as an approval of it would name it.
  public let gate: String
  /// Of what is asked.
  public let digest: Digest
  /// In which the rejecter could have approved.
  public let role: String
  /// Who says no, as a node: `Identity/erik`.
  public let rejecter: String
  /// 1 to `Limits.groundByteCount` bytes with something to be seen in them, without line breaks.
  public let reason: String
  public let signedAt: Instant

  /// A rejection, not yet signed. `nil` where its reason says nothing, or too much.
  public init?(
    of gate: String, digest: Digest, role: String, rejecter: String, reason: String,
    signedAt: Instant
  ) {
    guard EraseRecord.isGround(reason), hasVisibleText(reason) else { return nil }
    self.gate = gate
    self.digest = digest
    self.role = role
    self.rejecter = rejecter
    self.reason = reason
    self.signedAt = signedAt
  }

  /// The rejection signed by whoever says no.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: gate, digest: digest,
      predicate: [
        "reason": .string(reason), "rejecter": .string(rejecter), "role": .string(role),
        "signedAt": .string(signedAt.description),
      ]
    ).payload(PredicateType.rejection)
  }

  private init(payload: [UInt8]) throws(SignedWordError) {
    let claim = try SignedClaim(word: payload, type: PredicateType.rejection, "a rejection")
    guard let rejecter = claim.predicate["rejecter"]?.string,
      let role = claim.predicate["role"]?.string, let reason = claim.predicate["reason"]?.string,
      let signedAt = claim.predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let rejection = Rejection(
        of: claim.action, digest: claim.digest, role: role, rejecter: rejecter, reason: reason,
        signedAt: signedAt)
    else { throw .malformed("expected the fields of a rejection") }
    guard rejection.payload == payload else { throw .malformed("expected its canonical form") }
    self = rejection
  }

  /// Verifies an envelope against the registry and reads the rejection in it.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(SignedWordError) {
    let (key, payload) = try SignedClaim.word(value, registry)
    try self.init(payload: payload)
    try key.hold(rejecter, in: role)
  }
}
