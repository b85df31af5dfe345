// A leave to have actions done within bounds, handed on with less at each hand.
//
//     {"blocks":[<envelope>,<envelope>,…]}
//
// Each envelope has one signature, and each payload is canonical JSON, a statement
//
//     subject    the envelope before, by the SHA-256 of its canonical form; of the first the name of the audience, by that of its bytes
//     predicate  {"actions":["shop.deploy"],"arguments":{"env":["Environment/staging"]},
//                 "audience":"log.example","budget":5,"expires":"…","holder":"Identity/bot","id":"<32 digits>",
//                 "issued":"…","next":"<verifier key>"}
//
// The first is signed by a key that the bundle's registry has as an issuer, each other by the key that the block before it names as
// `next`; without one a token ends. A block can only narrow: so what a token is good for is what its last block says, and nobody
// who hands one on can hand on more. `arguments`, `budget` and `next` are left out where there is none. Only the one spelling is
// read.
public import WritCrypto
public import WritModel

/// Why something is no token, or not for what it was presented for.
public enum CapabilityError: Error, Hashable, Sendable {
  /// It cannot be read; says what was expected.
  case malformed(String)
  /// The registry knows no issuer with that key.
  case unknownIssuer(String)
  /// A block is not signed by the key that the one before names; counted from 1.
  case badSignature(block: Int)
  /// A block goes beyond the one before.
  case widened(block: Int, CapabilityScope)
  /// It is for another control plane.
  case otherAudience(expected: String, found: String)
  /// It is somebody else's.
  case otherHolder(expected: String, found: String)
  /// Its time is over, or has not come.
  case notNow(from: Instant, until: Instant)
  /// What was asked for lies beyond it.
  case outOfScope(CapabilityScope)
}

/// A bound of a token, by which something was refused.
public enum CapabilityScope: Hashable, Sendable, CustomStringConvertible {
  /// The action, or pipeline, of that name.
  case action(String)
  /// The argument of that name.
  case argument(String)
  /// How often it can be used.
  case budget
  /// Until when.
  case expiry
  /// For which control plane.
  case audience

  /// What a record says; nothing in it is the caller's own text.
  public var description: String {
    switch self {
    case .action(let name): "the action `\(name)`"
    case .argument(let name): "the argument `\(name)`"
    case .budget: "the budget"
    case .expiry: "the expiry"
    case .audience: "the audience"
    }
  }
}

extension CapabilityError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .unknownIssuer(let key): "no issuer of the bundle has the key \(key)"
    case .badSignature(let block):
      "block \(block) is not signed by the key that \(block == 1 ? "it names" : "the one before names")"
    case .widened(let block, let scope): "block \(block) widens \(scope)"
    case .otherAudience(let expected, let found): "it is for `\(found)`, this is `\(expected)`"
    case .otherHolder(let expected, let found): "it is of `\(found)`, who acts is `\(expected)`"
    case .notNow(let from, let until): "it counts from \(from) until \(until)"
    case .outOfScope(let scope): "\(scope) is beyond it"
    }
  }
}

/// What one hand gives to the next.
public struct CapabilityBlock: Hashable, Sendable {
  /// 32 lower-case digits; no two blocks have the same.
  public let id: String
  /// The control plane that it is for: the name of its log.
  public let audience: String
  /// Who may use it, as a node.
  public let holder: String
  /// Full names of actions, and of pipelines; at least one, sorted by bytes, each once.
  public let actions: [String]
  /// For each argument that is bounded, the texts that it may have.
  public let arguments: [String: [String]]
  /// How many actions may be done by it, and by all that is narrowed from it; at least 1.
  public let budget: Int64?
  /// The first moment at which it counts.
  public let issued: Instant
  /// The first at which it no longer does.
  public let expires: Instant
  /// Who may narrow it; `nil`: nobody.
  public let next: VerifierKey?

  /// Bounds of a token.
  public struct Bounds: Hashable, Sendable {
    public var actions: [String]
    public var arguments: [String: [String]]
    public var budget: Int64?

    public init(actions: [String], arguments: [String: [String]] = [:], budget: Int64? = nil) {
      self.actions = actions
      self.arguments = arguments
      self.budget = budget
    }
  }

  /// A block, not yet signed.
  public init(
    id: String, for holder: String, at audience: String, _ bounds: Bounds,
    _ times: (validity: Range<Instant>, next: VerifierKey?)
  ) {
    self.id = id
    self.holder = holder
    self.audience = audience
    actions = Set(bounds.actions.map { ByteText($0) }).sorted().map(\.string)
    arguments = bounds.arguments.mapValues { values in
      Set(values.map { ByteText($0) }).sorted().map(\.string)
    }
    budget = bounds.budget
    issued = times.validity.lowerBound
    expires = times.validity.upperBound
    next = times.next
  }

  /// The same bounds, to be narrowed.
  public var bounds: Bounds { Bounds(actions: actions, arguments: arguments, budget: budget) }

  /// What it goes beyond another in; `nil` where it only narrows.
  func widens(_ before: CapabilityBlock) -> CapabilityScope? {
    if !hasSameBytes(audience, before.audience) { return .audience }
    if let more = actions.first(where: { !before.actions.containsBytes(of: $0) }) {
      return .action(more)
    }
    for (name, values) in before.arguments.sorted(by: { precedesByBytes($0.key, $1.key) }) {
      guard let own = arguments[name], own.allSatisfy(values.containsBytes(of:)) else {
        return .argument(name)
      }
    }
    if let limit = before.budget, budget.map({ $0 > limit }) ?? true { return .budget }
    return expires > before.expires || issued < before.issued ? .expiry : nil
  }
}

// As JSON.
extension CapabilityBlock {
  fileprivate func statement(_ parent: Digest) -> Statement {
    var predicate: [JSONMember] = [
      JSONMember("actions", .array(actions.map { .string($0) })),
      JSONMember("audience", .string(audience)), JSONMember("holder", .string(holder)),
      JSONMember("expires", .string(expires.description)), JSONMember("id", .string(id)),
      JSONMember("issued", .string(issued.description)),
    ]
    if !arguments.isEmpty {
      let members = arguments.sorted { precedesByBytes($0.key, $1.key) }
        .map { JSONMember($0.key, .array($0.value.map { .string($0) })) }
      predicate.append(JSONMember("arguments", .object(members)))
    }
    if let budget { predicate.append(JSONMember("budget", .integer(budget))) }
    if let next { predicate.append(JSONMember("next", .string(next.description))) }
    return Statement(
      subjects: [
        Subject(
          name: nil, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: parent.hex)])
      ],
      predicateType: PredicateType.capability, predicate: .object(predicate))
  }

  /// Reads a payload, canonical to the byte, that hangs on what has that digest.
  fileprivate init(payload: [UInt8], parent: Digest) throws(CapabilityError) {
    guard payload.count <= Limits.permitByteCount,
      let statement = try? Statement(parsing: payload),
      hasSameBytes(statement.predicateType, PredicateType.capability)
    else { throw .malformed("expected a statement of type \(PredicateType.capability)") }
    let predicate = statement.predicate
    guard let id = predicate["id"]?.string, isClaimID(id),
      let audience = predicate["audience"]?.string, !audience.isEmpty,
      let holder = predicate["holder"]?.string, !holder.isEmpty,
      let actions = predicate["actions"]?.array?.compactMap(\.string), !actions.isEmpty,
      let issued = predicate["issued"]?.string.flatMap({ Instant($0) }),
      let expires = predicate["expires"]?.string.flatMap({ Instant($0) }), issued < expires
    else { throw .malformed("expected the fields of a token") }
    var arguments: [String: [String]] = [:]
    for member in predicate["arguments"]?.object ?? [] {
      arguments[member.name] = (member.value.array ?? []).compactMap(\.string)
    }
    let count = actions.count + arguments.values.reduce(0) { $0 + $1.count + 1 }
    guard count <= Limits.assignmentEntries else {
      throw .malformed("at most \(Limits.assignmentEntries) actions and arguments")
    }
    let budget = predicate["budget"]?.integer
    if let budget, budget < 1 { throw .malformed("expected a budget of at least 1") }
    self.init(
      id: id, for: holder, at: audience,
      Bounds(actions: actions, arguments: arguments, budget: budget),
      (issued..<expires, predicate["next"]?.string.flatMap { VerifierKey($0) }))
    // Missing and further members, another order and another parent show here.
    guard (try? self.statement(parent).json.ownCanonicalBytes()) == payload else {
      throw .malformed("expected a block in its canonical form, that hangs on the one before")
    }
  }
}

/// A token: blocks, each within the one before.
public struct Capability: Hashable, Sendable {
  /// From the issuer's on; 1 to `Capability.blockLimit`.
  public let blocks: [CapabilityBlock]
  private let envelopes: [JSONValue]
  /// Of each envelope in canonical form.
  public let digests: [Digest]
  /// Whose key has signed each block.
  public let signers: [Ed25519PublicKey]

  /// How often a token may change hands.
  public static let blockLimit = 8

  /// What it is good for: the last block, which is within all others.
  public var last: CapabilityBlock { blocks[blocks.count - 1] }

  /// Makes a token, signed by an issuer.
  public init(minting block: CapabilityBlock, by key: Ed25519PrivateKey) throws(CapabilityError) {
    let envelope = try Capability.signed(block, Capability.root(block.audience), key)
    (blocks, envelopes, digests) = ([block], [envelope], [try Capability.digest(envelope)])
    signers = [key.publicKey]
  }

  /// The token with less, signed by the key that its last block names. What would be more is refused.
  public func narrowed(
    to block: CapabilityBlock, by key: Ed25519PrivateKey
  ) throws(CapabilityError) -> Capability {
    let number = blocks.count + 1
    guard number <= Capability.blockLimit else {
      throw .malformed("a token has at most \(Capability.blockLimit) blocks")
    }
    guard last.next?.publicKey == key.publicKey else { throw .badSignature(block: number) }
    if let scope = block.widens(last) { throw .widened(block: number, scope) }
    let envelope = try Capability.signed(block, digests[digests.count - 1], key)
    return Capability(
      blocks: blocks + [block], envelopes: envelopes + [envelope],
      digests: digests + [try Capability.digest(envelope)], signers: signers + [key.publicKey])
  }

  private init(
    blocks: [CapabilityBlock], envelopes: [JSONValue], digests: [Digest],
    signers: [Ed25519PublicKey]
  ) {
    self.signers = signers
    self.blocks = blocks
    self.envelopes = envelopes
    self.digests = digests
  }

  private static func root(_ audience: String) -> Digest { Digest(of: Array(audience.utf8)) }

  private static func signed(
    _ block: CapabilityBlock, _ parent: Digest, _ key: Ed25519PrivateKey
  ) throws(CapabilityError) -> JSONValue {
    guard let payload = try? block.statement(parent).json.ownCanonicalBytes() else {
      throw .malformed("the token has no canonical form")
    }
    // What nobody would read is not signed.
    _ = try CapabilityBlock(payload: payload, parent: parent)
    return Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key]).json
  }

  private static func digest(_ envelope: JSONValue) throws(CapabilityError) -> Digest {
    guard let bytes = try? envelope.ownCanonicalBytes() else {
      throw .malformed("expected an envelope that has a canonical form")
    }
    return Digest(of: bytes)
  }
}

// Reading.
extension Capability {
  /// As it is handed on.
  public var json: JSONValue { ["blocks": .array(envelopes)] }

  /// Reads a token whose first block an issuer of the registry has signed, and whose others hang together and only narrow. Whether
  /// it is for this moment, and for what is asked, `check` tells.
  public init(_ value: JSONValue, registry: KeyRegistry) throws(CapabilityError) {
    guard value.object?.count == 1, let items = value["blocks"]?.array,
      1...Capability.blockLimit ~= items.count
    else { throw .malformed("expected `blocks`, 1 to \(Capability.blockLimit) envelopes") }
    var blocks: [CapabilityBlock] = []
    var digests: [Digest] = []
    var signers: [Ed25519PublicKey] = []
    for (index, item) in items.enumerated() {
      let number = index + 1
      let opened: (envelope: Envelope, keyID: String)
      do throws(SignedClaimError) {
        opened = try SignedClaim.envelope(item)
      } catch {
        throw .malformed("block \(number) is no envelope with one signature")
      }
      guard let key = try Capability.signer(opened.keyID, blocks.last, registry, number),
        (try? opened.envelope.verify(with: [.ed25519(key)], threshold: 1)) != nil
      else { throw .badSignature(block: number) }
      // The first names the audience that its own digest is of: it is read before it is known.
      let parent = try Capability.parent(digests.last, of: opened.envelope.payload)
      let block = try CapabilityBlock(payload: opened.envelope.payload, parent: parent)
      if let before = blocks.last, let scope = block.widens(before) {
        throw .widened(block: number, scope)
      }
      blocks.append(block)
      digests.append(try Capability.digest(item))
      signers.append(key)
    }
    self.init(blocks: blocks, envelopes: items, digests: digests, signers: signers)
  }

  /// The key that must have signed a block; `nil` where the hint is at another.
  private static func signer(
    _ keyID: String, _ before: CapabilityBlock?, _ registry: KeyRegistry, _ number: Int
  ) throws(CapabilityError) -> Ed25519PublicKey? {
    guard let before else {
      guard let key = registry.key(id: keyID, function: .issuer) else {
        throw .unknownIssuer(keyID)
      }
      return key.publicKey
    }
    guard let next = before.next?.publicKey, hasSameBytes(keyID, next.fingerprint) else {
      return nil
    }
    return next
  }

  /// What a block must hang on.
  private static func parent(
    _ before: Digest?, of payload: [UInt8]
  ) throws(CapabilityError) -> Digest {
    if let before { return before }
    guard let statement = try? Statement(parsing: payload),
      let audience = statement.predicate["audience"]?.string
    else { throw .malformed("expected a statement of type \(PredicateType.capability)") }
    return root(audience)
  }
}

/// For what a token is presented.
public struct CapabilityUse: Hashable, Sendable {
  /// The control plane: the name of its log.
  public let audience: String
  /// Who acts, as a node.
  public let holder: String
  /// The full name of the action, or of the pipeline.
  public let action: String
  /// Every argument by its name, as a text.
  public let arguments: [String: String]
  /// Of a pipeline each action that it comes to is asked about by itself: a bound on an argument that it does not take is left to
  /// them.
  public let isPipeline: Bool
  public let now: Instant

  public init(
    of action: String, with arguments: [String: String], isPipeline: Bool = false,
    by holder: String, at audience: String, now: Instant
  ) {
    self.audience = audience
    self.holder = holder
    self.action = action
    self.arguments = arguments
    self.isPipeline = isPipeline
    self.now = now
  }
}

extension Capability {
  /// Throws where it is not good for a use. Its budget is for whoever counts.
  public func check(_ use: CapabilityUse) throws(CapabilityError) {
    let block = last
    guard hasSameBytes(block.audience, use.audience) else {
      throw .otherAudience(expected: use.audience, found: block.audience)
    }
    guard hasSameBytes(block.holder, use.holder) else {
      throw .otherHolder(expected: use.holder, found: block.holder)
    }
    guard (block.issued..<block.expires).contains(use.now) else {
      throw .notNow(from: block.issued, until: block.expires)
    }
    guard block.actions.containsBytes(of: use.action) else {
      throw .outOfScope(.action(use.action))
    }
    for (name, values) in block.arguments.sorted(by: { precedesByBytes($0.key, $1.key) }) {
      guard let given = use.arguments[name] else {
        if use.isPipeline { continue }
        throw .outOfScope(.argument(name))
      }
      guard values.containsBytes(of: given) else { throw .outOfScope(.argument(name)) }
    }
  }
}
