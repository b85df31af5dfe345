// An unlock in its one spelling: read as it was signed, and no byte of it can be changed unseen.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct UnlockTests {
  private static let version = DeployedVersion(
    action: "shop.roll", artifact: Digest(of: [7]))

  private static func unlock(reason: String = "the probe was wrong") -> Unlock? {
    Unlock(
      of: version, through: LogPlace(origin: "log.example", index: 41),
      leaf: Merkle.leafHash(of: [1]), by: (node: "Person/bo", role: "owner"), reason: reason,
      signedAt: Instant(microseconds: 1_764_000_000_000_000))
  }

  private static let key = Ed25519PrivateKey(seed: [UInt8](repeating: 5, count: 32))

  private static func registry(
    function: KeyFunction = .approver, node: String = "Person/bo", roles: [String] = ["owner"],
    isAgent: Bool = false
  ) throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: function, name: "bo", publicKey: try #require(key).publicKey, node: node,
        roles: roles, isAgent: isAgent)
    ])
  }

  @Test func readsWhatWasSigned() throws {
    let unlock = try #require(UnlockTests.unlock())
    let envelope = unlock.signed(by: try #require(UnlockTests.key)).json
    #expect(try Unlock(envelope, registry: UnlockTests.registry()) == unlock)
    #expect(
      UnlockTests.unlock(reason: " ") == nil && UnlockTests.unlock(reason: "two\nlines") == nil)
  }

  @Test func countsOnlyFromAPersonInTheRole() throws {
    let envelope = try #require(UnlockTests.unlock()).signed(by: try #require(UnlockTests.key)).json
    for registry in [
      try UnlockTests.registry(roles: ["cook"]), try UnlockTests.registry(node: "Person/ada"),
      try UnlockTests.registry(function: .actor, roles: []),
      try UnlockTests.registry(function: .actor, roles: [], isAgent: true), KeyRegistry(),
    ] {
      #expect(throws: SignedWordError.self) { try Unlock(envelope, registry: registry) }
    }
  }

  @Test func noByteCanBeChangedUnseen() throws {
    let registry = try UnlockTests.registry()
    let bytes = Array(
      try #require(UnlockTests.unlock()).signed(by: try #require(UnlockTests.key)).json.compact.utf8
    )
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      guard let json = try? JSONValue(parsing: changed) else { continue }
      #expect(throws: SignedWordError.self, "byte \(place)") {
        try Unlock(json, registry: registry)
      }
    }
  }

  @Test func whatIsTakenBackIsReadAsItIsWritten() {
    for run in [nil, "20261129-171500123-3f9a2c"] {
      let taken = TakenBack(UnlockTests.version, deed: 41, run: run)
      #expect(TakenBack(taken.json) == taken)
      #expect(TakenBack(.object((taken.json.object ?? []) + [JSONMember("more", true)])) == nil)
      for member in taken.json.object ?? [] where member.name != "run" {
        let rest = (taken.json.object ?? []).filter { $0.name != member.name }
        #expect(TakenBack(.object(rest)) == nil, "\(member.name)")
      }
    }
  }
}
