// A token's taking back in its one spelling: who may sign it, and that no byte of it can be changed unseen.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct TokenRevocationTests {
  private static func key(_ seed: UInt8) throws -> Ed25519PrivateKey {
    try #require(Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)))
  }

  private static let now = Instant(microseconds: 1_764_000_000_000_000)

  /// A token of an issuer with the key 1, narrowed by one with the key 2.
  private static func token() throws -> Capability {
    let second = try key(2)
    let next = VerifierKey(
      name: try #require(KeyName("helper")), algorithm: .ed25519, publicKey: second.publicKey)
    func block(_ digit: Character, _ next: VerifierKey?) -> CapabilityBlock {
      CapabilityBlock(
        id: String(repeating: digit, count: 32), for: "Person/bot", at: "log.example",
        CapabilityBlock.Bounds(actions: ["shop.deploy"]),
        (now..<Instant(microseconds: now.microseconds + 3_600_000_000), next))
    }
    return try Capability(minting: block("7", next), by: key(1)).narrowed(
      to: block("8", nil), by: second)
  }

  /// Bo, who approves as an owner, with the key 5; and an agent with the key 6.
  private static func registry() throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: .approver, name: "bo", publicKey: try key(5).publicKey, node: "Person/bo",
        roles: ["owner"]),
      RegisteredKey(
        function: .actor, name: "bot", publicKey: try key(6).publicKey, node: "Person/bot",
        roles: [], isAgent: true),
    ])
  }

  private static func word(
    _ place: Int, person: TokenRevocation.Person? = nil, reason: String = "the agent is stopped"
  ) throws -> TokenRevocation? {
    let token = try token()
    return TokenRevocation(
      of: (token.blocks[place].id, token.digests[place]), in: "log.example", by: person,
      reason: reason, signedAt: now)
  }

  private static let owner = TokenRevocation.Person(node: "Person/bo", role: "owner")

  @Test func countsFromWhoeverSignedTheBlockOrOneBeforeAndFromAPersonInARole() throws {
    let (token, registry) = (try Self.token(), try Self.registry())
    for (place, seed, isTaken) in [
      (0, 1, true), (1, 1, true), (1, 2, true), (0, 2, false), (0, 5, false), (1, 6, false),
    ] as [(Int, UInt8, Bool)] {
      let word = try #require(try Self.word(place))
      let envelope = word.signed(by: try Self.key(seed)).json
      let read = try? TokenRevocation(envelope, of: token, registry: registry)
      #expect((read == word) == isTaken, "block \(place + 1), key \(seed)")
      #expect(isTaken ? read?.place(in: token) == place : read == nil)
    }
    for (person, seed, isTaken) in [
      (Self.owner, 5, true), (Self.owner, 1, false),
      (TokenRevocation.Person(node: "Person/bo", role: "cook"), 5, false),
      (TokenRevocation.Person(node: "Person/ada", role: "owner"), 5, false),
      (TokenRevocation.Person(node: "Person/bot", role: "owner"), 6, false),
    ] as [(TokenRevocation.Person, UInt8, Bool)] {
      let word = try #require(try Self.word(0, person: person))
      let envelope = word.signed(by: try Self.key(seed)).json
      let read = try? TokenRevocation(envelope, of: token, registry: registry)
      #expect((read == word) == isTaken, "\(person), key \(seed)")
    }
    #expect(try Self.word(0, reason: " ") == nil && Self.word(0, reason: "two\nlines") == nil)
  }

  @Test func noByteCanBeChangedUnseen() throws {
    let (token, registry) = (try Self.token(), try Self.registry())
    for (person, seed) in [(nil, 1), (Self.owner, 5)] as [(TokenRevocation.Person?, UInt8)] {
      let word = try #require(try Self.word(0, person: person))
      let bytes = Array(word.signed(by: try Self.key(seed)).json.compact.utf8)
      for place in bytes.indices {
        var changed = bytes
        changed[place] ^= 1
        guard let json = try? JSONValue(parsing: changed) else { continue }
        #expect(throws: SignedWordError.self, "byte \(place)") {
          try TokenRevocation(json, of: token, registry: registry)
        }
      }
    }
  }
}
