// A person's signed word that a version may be tried again that was taken back too often: an envelope around a statement of Writ's own
// type.
//
//     subject    the action, and the content that it puts somewhere
//     predicate  {"leaf":"sha256:…","log":"log.example","reason":"…","role":"sre","signedAt":"…","through":41,
//                 "unlocker":"Identity/ines"}
//
// It forgives what the log says of the version up to the entry `through`, whose leaf hash it names, and nothing that comes later: so
// it is of no use for another version, in another log or another history of that one, or once more.
public import WritCrypto
public import WritModel

/// Which version may be tried again, in spite of what, who says so, and why.
public struct Unlock: Hashable, Sendable {
  public let version: DeployedVersion
  /// The newest entry that is forgiven.
  public let through: LogPlace
  /// The leaf hash of that entry.
  public let leaf: Digest
  /// Whose word it is, as a node.
  public let unlocker: String
  public let role: String
  /// 1 to `Limits.groundByteCount` bytes with something to be seen in them, without line breaks.
  public let reason: String
  public let signedAt: Instant

  /// A word, not yet signed. `nil` where its reason says nothing, or too much.
  public init?(
    of version: DeployedVersion, through: LogPlace, leaf: Digest,
    by person: (node: String, role: String), reason: String, signedAt: Instant
  ) {
    guard EraseRecord.isGround(reason), hasVisibleText(reason) else { return nil }
    self.version = version
    self.through = through
    self.leaf = leaf
    (unlocker, role) = person
    self.reason = reason
    self.signedAt = signedAt
  }

  /// The word signed by whoever gives it.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: version.action, digest: version.artifact,
      predicate: [
        "leaf": .string(leaf.description), "log": .string(through.origin),
        "reason": .string(reason), "role": .string(role),
        "signedAt": .string(signedAt.description),
        "through": .integer(Int64(clamping: through.index)), "unlocker": .string(unlocker),
      ]
    ).payload(PredicateType.unlock)
  }

  private init(payload: [UInt8]) throws(SignedWordError) {
    let claim = try SignedClaim(word: payload, type: PredicateType.unlock, "an unlock")
    let predicate = claim.predicate
    guard let index = predicate["through"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let leaf = predicate["leaf"]?.string.flatMap({ Digest($0) }),
      let origin = predicate["log"]?.string, let unlocker = predicate["unlocker"]?.string,
      let role = predicate["role"]?.string, let reason = predicate["reason"]?.string,
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) }),
      let unlock = Unlock(
        of: DeployedVersion(action: claim.action, artifact: claim.digest),
        through: LogPlace(origin: origin, index: index), leaf: leaf, by: (unlocker, role),
        reason: reason, signedAt: signedAt)
    else { throw .malformed("expected the fields of an unlock") }
    guard unlock.payload == payload else { throw .malformed("expected its canonical form") }
    self = unlock
  }

  /// Verifies an envelope against the registry and reads the word in it.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(SignedWordError) {
    let (key, payload) = try SignedClaim.word(value, registry)
    try self.init(payload: payload)
    try key.hold(unlocker, in: role)
  }
}
