// A rejection in its one spelling, and that it is never taken for an approval.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct RejectionTests {
  private static func rejection(reason: String = "the scan is stale") -> Rejection? {
    Rejection(
      of: "shop.ship", digest: Digest(of: [1]), role: "owner", rejecter: "Person/bo",
      reason: reason, signedAt: Instant(microseconds: 1_764_000_000_000_000))
  }

  private static func key() throws -> Ed25519PrivateKey {
    try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 5, count: 32)))
  }

  private static func registry(
    actor: String = "Person/bo", roles: [String] = ["owner"]
  ) throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: .approver, name: "bo", publicKey: try key().publicKey, node: actor, roles: roles)
    ])
  }

  @Test func readsWhatWasSigned() throws {
    let rejection = try #require(RejectionTests.rejection())
    let envelope = rejection.signed(by: try RejectionTests.key()).json
    #expect(try Rejection(envelope, registry: try RejectionTests.registry()) == rejection)
    #expect(RejectionTests.rejection(reason: "") == nil)
    #expect(RejectionTests.rejection(reason: "two\nlines") == nil)
  }

  @Test func countsOnlyFromWhoMaySayIt() throws {
    let envelope = try #require(RejectionTests.rejection()).signed(by: try RejectionTests.key())
      .json
    for (actor, roles) in [("Person/ada", ["owner"]), ("Person/bo", ["reviewer"])] {
      #expect(throws: SignedWordError.self) {
        try Rejection(
          envelope, registry: try RejectionTests.registry(actor: actor, roles: roles))
      }
    }
  }

  @Test func isNeverAYes() throws {
    let (key, registry) = (try RejectionTests.key(), try RejectionTests.registry())
    let no = try #require(RejectionTests.rejection()).signed(by: key).json
    #expect(throws: ApprovalError.self) { try Approval(no, registry: registry) }
    let moment = Instant(microseconds: 1_764_000_000_000_000)
    let yes = Approval(
      gate: "shop.ship", digest: Digest(of: [1]), role: "owner", approver: "Person/bo",
      validity: moment..<Instant(microseconds: moment.microseconds + 1)
    ).signed(by: key).json
    #expect(throws: SignedWordError.self) { try Rejection(yes, registry: registry) }
  }

  @Test func noByteCanBeChangedUnseen() throws {
    let registry = try RejectionTests.registry()
    let envelope = try #require(RejectionTests.rejection()).signed(by: try RejectionTests.key())
    let bytes = Array(envelope.json.compact.utf8)
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      guard let json = try? JSONValue(parsing: changed) else { continue }
      #expect(throws: SignedWordError.self, "byte \(place)") {
        try Rejection(json, registry: registry)
      }
    }
  }
}
