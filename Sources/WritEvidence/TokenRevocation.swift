// A signed word that a token is taken back before its end: an envelope around a statement of Writ's own type.
//
//     subject    the block, by its id and the SHA-256 of its envelope in canonical form
//     predicate  {"log":"log.example","reason":"the agent is stopped","signedAt":"…"}
//                of a person in a role also `"revoker":"Identity/ines","role":"sre"`
//
// It takes back that block and all that was narrowed from it, for good. Whoever signed the block, or one before it, may give it: the
// issuer, and each hand that handed it on; and a person in a role that the registry gives them. Only the one spelling is read.
public import WritCrypto
public import WritModel

/// Which block of a token is taken back, by whom, and why.
public struct TokenRevocation: Hashable, Sendable {
  /// The block by its id.
  public let block: String
  /// Of the block's envelope in canonical form.
  public let digest: Digest
  /// The log whose control plane the token is for.
  public let origin: String
  /// Who says it in which role; `nil` of whoever gave the token.
  public let person: Person?
  /// 1 to `Limits.groundByteCount` bytes with something to be seen in them, without line breaks.
  public let reason: String
  public let signedAt: Instant

  /// Somebody whom the registry knows in a role.
  public struct Person: Hashable, Sendable {
    /// As a node.
    public let node: String
    public let role: String

    public init(node: String, role: String) {
      self.node = node
      self.role = role
    }
  }

  /// A word, not yet signed. `nil` where its reason says nothing, or too much.
  public init?(
    of block: (id: String, digest: Digest), in origin: String, by person: Person?, reason: String,
    signedAt: Instant
  ) {
    guard EraseRecord.isGround(reason), hasVisibleText(reason) else { return nil }
    (self.block, digest) = block
    self.origin = origin
    self.person = person
    self.reason = reason
    self.signedAt = signedAt
  }

  /// The word signed by whoever gives it.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    var members = [
      JSONMember("log", .string(origin)), JSONMember("reason", .string(reason)),
    ]
    if let person {
      members += [
        JSONMember("revoker", .string(person.node)), JSONMember("role", .string(person.role)),
      ]
    }
    members.append(JSONMember("signedAt", .string(signedAt.description)))
    return SignedClaim(action: block, digest: digest, predicate: .object(members))
      .payload(PredicateType.tokenRevocation)
  }

  private init(payload: [UInt8]) throws(SignedWordError) {
    let claim = try SignedClaim(
      word: payload, type: PredicateType.tokenRevocation, "a token that is taken back")
    let predicate = claim.predicate
    var person: Person?
    if let node = predicate["revoker"]?.string, let role = predicate["role"]?.string {
      person = Person(node: node, role: role)
    }
    guard let origin = predicate["log"]?.string, let reason = predicate["reason"]?.string,
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let revocation = TokenRevocation(
        of: (claim.action, claim.digest), in: origin, by: person, reason: reason,
        signedAt: signedAt)
    else { throw .malformed("expected the fields of a token that is taken back") }
    guard revocation.payload == payload else {
      throw .malformed("expected its canonical form")
    }
    self = revocation
  }

  /// Verifies an envelope against the registry, or the keys that have signed the token, and reads the word in it.
  ///
  /// - Parameter token: Of which a block is taken back. Its last one where the word is of none.
  public init(
    _ value: JSONValue, of token: Capability, registry: KeyRegistry
  ) throws(SignedWordError) {
    let opened: (envelope: Envelope, keyID: String)
    do throws(SignedClaimError) {
      opened = try SignedClaim.envelope(value)
    } catch {
      throw .malformed("expected an envelope with one signature")
    }
    let word = try TokenRevocation(payload: opened.envelope.payload)
    guard let place = word.place(in: token) else {
      throw .malformed("it is of another token")
    }
    if let person = word.person {
      let (key, payload) = try SignedClaim.word(value, registry)
      guard payload == opened.envelope.payload else { throw .badSignature }
      try key.hold(person.node, in: person.role)
    } else {
      let signer = token.signers[...place].first { hasSameBytes($0.fingerprint, opened.keyID) }
      guard let signer else { throw .unknownKey(opened.keyID) }
      guard (try? opened.envelope.verify(with: [.ed25519(signer)], threshold: 1)) != nil else {
        throw .badSignature
      }
    }
    self = word
  }

  /// Which of a token's blocks it takes back; `nil` where it is none of them.
  public func place(in token: Capability) -> Int? {
    token.blocks.indices.first {
      hasSameBytes(token.blocks[$0].id, block) && token.digests[$0] == digest
    }
  }
}
