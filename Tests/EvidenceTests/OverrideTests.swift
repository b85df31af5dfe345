// An override in its one spelling: read as it was signed, and no byte of it can be changed unseen.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct OverrideTests {
  private static func override(
    reason: String = "an outage", outcome: String = "deny", hours: Int64 = 1
  )
    -> Override?
  {
    let start = Instant(microseconds: 1_764_000_000_000_000)
    return Override(
      of: LogPlace(origin: "log.example", index: 41), by: "shop.ship",
      leaf: Merkle.leafHash(of: [1]), outcome: outcome, overrider: "Person/bo", role: "owner",
      reason: reason, signedAt: start,
      expires: Instant(microseconds: start.microseconds + hours * 3_600_000_000))
  }

  private struct Signer {
    let key: Ed25519PrivateKey
    let registry: KeyRegistry

    init(actor: String = "Person/bo", roles: [String] = ["owner"]) throws {
      key = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 5, count: 32)))
      registry = try KeyRegistry(keys: [
        RegisteredKey(
          function: roles.isEmpty ? .actor : .approver, name: "bo", publicKey: key.publicKey,
          node: actor, roles: roles)
      ])
    }
  }

  @Test func readsWhatWasSigned() throws {
    let signer = try Signer()
    let override = try #require(OverrideTests.override())
    #expect(
      try Override(override.signed(by: signer.key).json, registry: signer.registry) == override)
  }

  @Test func hasAReasonAnEndAndSomethingToOverride() {
    #expect(OverrideTests.override(reason: "") == nil)
    #expect(OverrideTests.override(reason: "two\nlines") == nil)
    #expect(OverrideTests.override(outcome: "allow") == nil)
    #expect(OverrideTests.override(hours: 0) == nil)
  }

  @Test func countsOnlyFromWhoMayAnswer() throws {
    let override = try #require(OverrideTests.override())
    for (actor, roles) in [
      ("Person/ada", ["owner"]), ("Person/bo", ["reviewer"]), ("Person/bo", []),
    ] {
      let signer = try Signer(actor: actor, roles: roles)
      #expect(throws: SignedWordError.self, "\(actor), \(roles)") {
        try Override(override.signed(by: signer.key).json, registry: signer.registry)
      }
    }
    let other = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 6, count: 32)))
    let registry = try Signer().registry
    #expect(throws: SignedWordError.self) {
      try Override(override.signed(by: other).json, registry: registry)
    }
  }

  @Test func noByteCanBeChangedUnseen() throws {
    let signer = try Signer()
    let bytes = Array(
      try #require(OverrideTests.override()).signed(by: signer.key).json.compact.utf8)
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      guard let json = try? JSONValue(parsing: changed) else { continue }
      #expect(throws: SignedWordError.self, "byte \(place)") {
        try Override(json, registry: signer.registry)
      }
    }
  }
}
