// What people sign, signed by an agent's key: it counts for nothing, and the error says whose it is.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct AgentWordTests {
  private let key: Ed25519PrivateKey
  private let agents: KeyRegistry
  /// The same key as a person's.
  private let people: KeyRegistry
  private let moment = Instant(microseconds: 1_764_000_000_000_000)
  private let later = Instant(microseconds: 1_764_000_000_000_001)

  init() throws {
    key = try workedKey(from: 0)
    let publicKey = key.publicKey
    func registry(isAgent: Bool) throws -> KeyRegistry {
      try KeyRegistry(keys: [
        RegisteredKey(
          function: isAgent ? .actor : .approver, name: "bo", publicKey: publicKey,
          node: "Identity/bo", roles: isAgent ? [] : ["owner"], isAgent: isAgent)
      ])
    }
    agents = try registry(isAgent: true)
    people = try registry(isAgent: false)
  }

  @Test func itIsNoApproval() throws {
    let envelope = Approval(
      gate: "shop.ship", digest: Digest(of: [1]), role: "owner", approver: "Identity/bo",
      validity: moment..<later
    ).signed(by: key).json
    _ = try Approval(envelope, registry: people)
    #expect(throws: ApprovalError.agent("Identity/bo")) {
      try Approval(envelope, registry: agents)
    }
    #expect("\(ApprovalError.agent("Identity/bo"))".contains("`Identity/bo`, an agent"))
  }

  @Test func itIsNoGrant() throws {
    let envelope = WaiverGrant(
      waiver: "shop.W1", digest: Digest(of: [1]), role: "owner", granter: "Identity/bo",
      validity: moment..<later
    ).signed(by: key).json
    _ = try WaiverGrant(envelope, registry: people)
    #expect(throws: WaiverGrantError.agent("Identity/bo")) {
      try WaiverGrant(envelope, registry: agents)
    }
  }

  @Test func itIsNoNoAndNoReviewAndNoOverride() throws {
    let place = LogPlace(origin: "log.example", index: 41)
    let no = try #require(
      Rejection(
        of: "shop.ship", digest: Digest(of: [1]), role: "owner", rejecter: "Identity/bo",
        reason: "not today", signedAt: moment)
    ).signed(by: key).json
    let review = try #require(
      BreakGlassReview(
        of: place, action: "shop.emergency", leaf: Merkle.leafHash(of: [1]),
        reviewer: "Identity/bo", role: "owner", verdict: .justified, note: "all is well",
        signedAt: moment)
    ).signed(by: key).json
    let override = try #require(
      Override(
        of: place, by: "shop.ship", leaf: Merkle.leafHash(of: [1]), outcome: "deny",
        overrider: "Identity/bo", role: "owner", reason: "the outage", signedAt: moment,
        expires: later)
    ).signed(by: key).json
    _ = try Rejection(no, registry: people)
    _ = try BreakGlassReview(review, registry: people)
    _ = try Override(override, registry: people)
    let refusal = SignedWordError.agent("Identity/bo")
    #expect(throws: refusal) { try Rejection(no, registry: agents) }
    #expect(throws: refusal) { try BreakGlassReview(review, registry: agents) }
    #expect(throws: refusal) { try Override(override, registry: agents) }
  }
}
