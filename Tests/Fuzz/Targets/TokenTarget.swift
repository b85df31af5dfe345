// Tokens: what whoever acts presents.

import WritCrypto
import WritEvidence
import WritModel

/// After a byte that chooses: a token as it is; the payload of a first block, signed by an issuer; or that of a second one behind
/// a good first, signed by the key that it names.
@Sendable func fuzzToken(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let world = try TokenWorld()
  switch feed.byte() % 3 {
  case 0:
    guard let json = try? JSONValue(parsing: Array(feed.rest)) else { return }
    try check(json, world)
  case 1: try check(["blocks": [world.signed(Array(feed.rest), by: world.issuer)]], world)
  default:
    guard let first = try world.token().json["blocks"]?.array?.first else { return }
    try check(["blocks": [first, world.signed(Array(feed.rest), by: world.next)]], world)
  }
}

/// An issuer, and whoever may narrow their token.
struct TokenWorld {
  let issuer: Ed25519PrivateKey
  let next: Ed25519PrivateKey
  let registry: KeyRegistry

  init() throws {
    guard let issuer = Ed25519PrivateKey(seed: [UInt8](repeating: 5, count: 32)),
      let next = Ed25519PrivateKey(seed: [UInt8](repeating: 6, count: 32))
    else { throw BrokenInvariant(description: "a seed makes no key") }
    (self.issuer, self.next) = (issuer, next)
    registry = try KeyRegistry(keys: [
      RegisteredKey(
        function: .issuer, name: "issuer", publicKey: issuer.publicKey, node: "Person/bo",
        roles: [])
    ])
  }

  func signed(_ payload: [UInt8], by key: Ed25519PrivateKey) -> JSONValue {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key]).json
  }

  private func block(_ digit: String, budget: Int64) throws -> CapabilityBlock {
    guard let name = KeyName("next") else { throw BrokenInvariant(description: "a name is none") }
    return CapabilityBlock(
      id: String(repeating: digit, count: 32), for: "Person/bo", at: "log.example",
      CapabilityBlock.Bounds(
        actions: ["world.deploy"], arguments: ["service": ["Service/web"]], budget: budget),
      (
        Instant(microseconds: World.now)..<Instant(microseconds: World.now + 60_000_000),
        VerifierKey(name: name, algorithm: .ed25519, publicKey: next.publicKey)
      ))
  }

  /// Of one block.
  func token() throws -> Capability {
    try Capability(minting: try block("1", budget: 5), by: issuer)
  }

  /// Of two.
  func narrowed() throws -> Capability {
    try token().narrowed(to: try block("2", budget: 2), by: next)
  }
}

/// Whatever is accepted is written as it was read, and each block is within the one before.
private func check(_ json: JSONValue, _ world: TokenWorld) throws {
  let read = accepted { () throws(CapabilityError) in
    try Capability(json, registry: world.registry)
  }
  guard let token = read else { return }
  try hold(
    (try? token.json.canonicalBytes()) == (try? json.canonicalBytes()),
    "a token is not written as it was read")
  for (before, block) in zip(token.blocks, token.blocks.dropFirst()) {
    try hold(
      block.actions.allSatisfy { before.actions.contains($0) }, "a block has more actions")
    try hold(block.expires <= before.expires, "a block lives longer")
    try hold(
      before.budget.map { limit in block.budget.map { $0 <= limit } ?? false } ?? true,
      "a block has a larger budget")
    for (name, values) in before.arguments {
      let own = block.arguments[name]
      try hold(own?.allSatisfy { values.contains($0) } ?? false, "a block has more of `\(name)`")
    }
  }
}
