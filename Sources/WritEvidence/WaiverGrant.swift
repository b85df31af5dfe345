// A person's signed leave for a waiver, bound to its text: an envelope around a statement of Writ's own type.
//
//     subject    the waiver by its full name, and the SHA-256 of its text
//     predicate  {"expires":"…","granter":"Identity/ines","role":"risk","signedAt":"…"}
//
// The text says what is waived, for which nodes, why and until when; change one byte of it and nobody has granted it. Only the one
// spelling is read, and the hint at the key must be right, so that no byte of a grant can be changed unseen.
public import WritCrypto
public import WritModel

/// Why a grant does not count.
public enum WaiverGrantError: Error, Hashable, Sendable {
  /// It is none; says what was expected.
  case malformed(String)
  /// The registry has no approver's key with that ID.
  case unknownKey(String)
  /// The key with that ID is an agent's, who is this.
  case agent(String)
  /// The key did not sign this.
  case badSignature(String)
  /// The key signs for another node than the grant names.
  case wrongGranter(expected: String, found: String)
  /// The key may not sign in that role.
  case roleNotHeld(String)
}

extension WaiverGrantError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .unknownKey(let id): "no approver in the bundle has the key \(id.prefix(16))…"
    case .agent(let node): agentsWord(node)
    case .badSignature(let id): "the key \(id.prefix(16))… did not sign it"
    case .wrongGranter(let expected, let found): "it names `\(found)`, its key is `\(expected)`'s"
    case .roleNotHeld(let role): "its signer does not hold the role `\(role)`"
    }
  }
}

/// Which waiver is granted, by whom, in which role, and for how long.
public struct WaiverGrant: Hashable, Sendable {
  /// The waiver by its full name.
  public let waiver: String
  /// Of the waiver's text.
  public let digest: Digest
  /// The role in which the granter signs.
  public let role: String
  /// The granter as a node: `Identity/ines`.
  public let granter: String
  /// The first moment at which the grant counts.
  public let signedAt: Instant
  /// The first moment at which the grant no longer counts.
  public let expires: Instant

  /// A grant that counts from the lower to just before the upper bound.
  public init(
    waiver: String, digest: Digest, role: String, granter: String, validity: Range<Instant>
  ) {
    self.waiver = waiver
    self.digest = digest
    self.role = role
    self.granter = granter
    signedAt = validity.lowerBound
    expires = validity.upperBound
  }

  /// The grant signed by its granter.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: waiver, digest: digest,
      predicate: [
        "expires": .string(expires.description), "granter": .string(granter),
        "role": .string(role), "signedAt": .string(signedAt.description),
      ]
    ).payload(PredicateType.waiver)
  }

  /// Reads the payload of a grant, canonical to the byte.
  public init(payload: [UInt8]) throws(WaiverGrantError) {
    let claim: SignedClaim
    do throws(SignedClaimError) {
      claim = try SignedClaim(payload: payload, type: PredicateType.waiver)
    } catch {
      throw .malformed("expected a waiver's grant")
    }
    let predicate = claim.predicate
    guard let role = predicate["role"]?.string, let granter = predicate["granter"]?.string,
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let expires = predicate["expires"]?.string.flatMap({ Instant($0) }), signedAt <= expires
    else { throw .malformed("expected the fields of a waiver's grant") }
    self.init(
      waiver: claim.action, digest: claim.digest, role: role, granter: granter,
      validity: signedAt..<expires)
    guard self.payload == payload else { throw .malformed("expected its canonical form") }
  }

  /// Verifies an envelope against the registry and reads the grant in it.
  ///
  /// Whether it is current, and of a waiver that there is, is for the caller to ask.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(WaiverGrantError) {
    let (key, payload) = try WaiverGrant.signed(value, registry)
    try self.init(payload: payload)
    guard let node = key.node, hasSameBytes(node, granter) else {
      throw .wrongGranter(expected: key.node ?? "", found: granter)
    }
    guard key.roles.contains(where: { hasSameBytes($0, role) }) else { throw .roleNotHeld(role) }
  }

  /// The payload that a key of the registry has signed, and which.
  private static func signed(
    _ value: JSONValue, _ registry: KeyRegistry
  ) throws(WaiverGrantError) -> (key: RegisteredKey, payload: [UInt8]) {
    do throws(SignerError) {
      return try SignedClaim.payload(of: value, signedBy: registry)
    } catch {
      switch error {
      case .envelope(.envelope(let error)): throw .malformed("it is no envelope: \(error)")
      case .envelope(.malformed(let expectation)): throw .malformed(expectation)
      case .envelope(.badSignature): throw .malformed("expected an envelope")
      case .unknownKey(let id): throw .unknownKey(id)
      case .agent(let node): throw .agent(node)
      case .badSignature(let id): throw .badSignature(id)
      }
    }
  }
}
