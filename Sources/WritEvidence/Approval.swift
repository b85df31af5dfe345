// A person's signed yes, bound to a digest: an envelope around a statement of Writ's own type.
//
//     subject    what is approved: its SHA-256
//     predicate  {"approver":"Identity/erik","does":"sha256:…","expires":"…",
//                 "gate":"checkout.release.ship","role":"eu_compliance","signedAt":"…"}
//
// Of an action the subject is what was asked for, and `does` what would be done (`Undertaking`); what asks a gate alone has no
// `does`. Change one byte of what is approved and the approval is for something else. Only the one spelling
// is read, and the hint at the key must be right, so that no byte of an approval can be changed
// unseen.
public import WritCrypto
public import WritModel

/// Why an approval does not count.
public enum ApprovalError: Error, Hashable, Sendable {
  /// The envelope cannot be read.
  case envelope(EnvelopeError)
  /// It is no approval; says what was expected.
  case malformed(String)
  /// The registry has no approver's key with that ID.
  case unknownKey(String)
  /// The key with that ID is an agent's, who is this.
  case agent(String)
  /// The key did not sign this.
  case badSignature(String)
  /// The key signs for another node than the approval names.
  case wrongApprover(expected: String, found: String)
  /// The key may not sign in that role.
  case roleNotHeld(String)
}

extension ApprovalError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .envelope(let error): "it is no envelope: \(error)"
    case .malformed(let expectation): expectation
    case .unknownKey(let id): "no approver in the bundle has the key \(id.prefix(16))…"
    case .agent(let node): agentsWord(node)
    case .badSignature(let id): "the key \(id.prefix(16))… did not sign it"
    case .wrongApprover(let expected, let found): "it names `\(found)`, its key is `\(expected)`'s"
    case .roleNotHeld(let role): "its signer does not hold the role `\(role)`"
    }
  }
}

/// What people agree to: what is asked for and, of an action, what would be done.
public struct ApprovalTarget: Sendable {
  /// The gate that is asked, by its full name.
  public let gate: String
  /// Of what is asked for: what a no is about.
  public let digest: Digest
  /// Of what would be done; `nil` of a gate alone, of a step of a run, and of what is not known.
  public let does: Digest?

  /// A target.
  public init(gate: String, digest: Digest, does: Digest?) {
    self.gate = gate
    self.digest = digest
    self.does = does
  }

  /// Whether both are the same, all of it.
  public func isSame(as other: ApprovalTarget) -> Bool {
    asksTheSame(as: other) && does == other.does
  }

  /// Whether the same is asked for, whatever would be done.
  public func asksTheSame(as other: ApprovalTarget) -> Bool {
    digest == other.digest && hasSameBytes(gate, other.gate)
  }

  /// Of both, what is asked for and what would be done: what votes are on.
  public var whole: Digest {
    guard let does else { return digest }
    return Digest(of: Array("\(digest) does \(does)".utf8))
  }
}

/// What is approved, by whom, in which role, and for how long.
public struct Approval: Hashable, Sendable {
  /// The gate that the approval is for, by its full name.
  public let gate: String
  /// Of what is asked for.
  public let digest: Digest
  /// Of what would be done; `nil` of an approval of no action, or by an earlier release.
  public let does: Digest?
  /// The role in which the approver signs.
  public let role: String
  /// The approver as a node: `Identity/erik`.
  public let approver: String
  /// The first moment at which the approval counts.
  public let signedAt: Instant
  /// The first moment at which the approval no longer counts.
  public let expires: Instant

  /// An approval that counts from the lower to just before the upper bound.
  public init(
    gate: String, digest: Digest, does: Digest? = nil, role: String, approver: String,
    validity: Range<Instant>
  ) {
    self.gate = gate
    self.digest = digest
    self.does = does
    self.role = role
    self.approver = approver
    signedAt = validity.lowerBound
    expires = validity.upperBound
  }

  /// What it is for.
  public var target: ApprovalTarget { ApprovalTarget(gate: gate, digest: digest, does: does) }

  /// Whether the approval counts at that moment.
  public func isCurrent(at now: Instant) -> Bool { signedAt <= now && now < expires }

  /// The approval signed by its approver.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    let subject = Subject(
      name: nil, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: digest.hex)])
    var members = [
      JSONMember("approver", .string(approver)),
      JSONMember("expires", .string(expires.description)),
      JSONMember("gate", .string(gate)),
      JSONMember("role", .string(role)),
      JSONMember("signedAt", .string(signedAt.description)),
    ]
    if let does { members.append(JSONMember("does", .string(does.description))) }
    let statement = Statement(
      subjects: [subject], predicateType: PredicateType.approval, predicate: .object(members))
    // Strings alone, each name once: such a value always has a canonical form.
    return (try? statement.json.ownCanonicalBytes()) ?? []
  }

  /// Reads the payload of an approval, canonical to the byte.
  public init(payload: [UInt8]) throws(ApprovalError) {
    let statement: Statement
    do throws(StatementError) {
      statement = try Statement(parsing: payload)
    } catch {
      throw .malformed(error.description)
    }
    let predicate = statement.predicate
    guard hasSameBytes(statement.predicateType, PredicateType.approval),
      statement.subjects.count == 1,
      let digest = statement.subjects[0].digest("sha256").flatMap(Digest.init(hex:)),
      let gate = predicate["gate"]?.string, let role = predicate["role"]?.string,
      let approver = predicate["approver"]?.string,
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let expires = predicate["expires"]?.string.flatMap({ Instant($0) }), signedAt <= expires
    else { throw .malformed("expected the fields of an approval") }
    let does = predicate["does"]?.string.flatMap { Digest($0) }
    // A `does` that is no digest shows here: it would be written without.
    self.init(
      gate: gate, digest: digest, does: does, role: role, approver: approver,
      validity: signedAt..<expires)
    guard self.payload == payload else { throw .malformed("expected its canonical form") }
  }

  private static func envelope(
    _ value: JSONValue
  ) throws(ApprovalError) -> (envelope: Envelope, keyID: String) {
    do throws(SignedClaimError) {
      return try SignedClaim.envelope(value)
    } catch {
      switch error {
      case .envelope(let error): throw .envelope(error)
      case .malformed(let expectation): throw .malformed(expectation)
      case .badSignature: throw .malformed("expected an envelope")
      }
    }
  }

  /// Verifies an envelope against the registry and reads the approval in it.
  ///
  /// Whether it is current, for this gate and for this digest, is for the caller to ask.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(ApprovalError) {
    let (envelope, keyID) = try Approval.envelope(value)
    guard let key = registry.key(id: keyID, function: .approver) else {
      throw registry.agent(id: keyID).map(ApprovalError.agent) ?? .unknownKey(keyID)
    }
    guard (try? envelope.verify(with: [.ed25519(key.publicKey)], threshold: 1)) != nil else {
      throw .badSignature(keyID)
    }
    // Verified first, then read: the very bytes.
    try self.init(payload: envelope.payload)
    guard let node = key.node, hasSameBytes(node, approver) else {
      throw .wrongApprover(expected: key.node ?? "", found: approver)
    }
    guard key.roles.contains(where: { hasSameBytes($0, role) }) else { throw .roleNotHeld(role) }
  }
}
