// A review of break-glass in its one spelling, and the mark that records bear.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct BreakGlassReviewTests {
  private static func review(
    of entry: [UInt8] = [1], note: String = "looked at the graphs", reviewer: String = "Person/bo"
  ) -> BreakGlassReview? {
    BreakGlassReview(
      of: LogPlace(origin: "log.example", index: 41), action: "shop.emergency",
      leaf: Merkle.leafHash(of: entry), reviewer: reviewer, role: "owner", verdict: .unjustified,
      note: note, signedAt: Instant(microseconds: 1_764_000_000_000_000))
  }

  private static func key(_ seed: UInt8 = 5) throws -> Ed25519PrivateKey {
    try #require(Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)))
  }

  private static func registry(
    actor: String = "Person/bo", roles: [String] = ["owner"]
  ) throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: roles.isEmpty ? .actor : .approver, name: "bo", publicKey: try key().publicKey,
        node: actor, roles: roles)
    ])
  }

  @Test func readsWhatWasSigned() throws {
    let review = try #require(BreakGlassReviewTests.review())
    let envelope = review.signed(by: try BreakGlassReviewTests.key()).json
    #expect(
      try BreakGlassReview(envelope, registry: try BreakGlassReviewTests.registry()) == review)
  }

  @Test func saysSomething() {
    #expect(BreakGlassReviewTests.review(note: "") == nil)
    #expect(BreakGlassReviewTests.review(note: "two\nlines") == nil)
    #expect(BreakGlassReviewTests.review(note: String(repeating: "x", count: 5_000)) == nil)
  }

  @Test func countsOnlyFromWhoMayReview() throws {
    let review = try #require(BreakGlassReviewTests.review())
    for (actor, roles) in [
      ("Person/ada", ["owner"]), ("Person/bo", ["reviewer"]), ("Person/bo", []),
    ] {
      let registry = try BreakGlassReviewTests.registry(actor: actor, roles: roles)
      let envelope = review.signed(by: try BreakGlassReviewTests.key()).json
      #expect(throws: SignedWordError.self, "\(actor), \(roles)") {
        try BreakGlassReview(envelope, registry: registry)
      }
    }
    let other = review.signed(by: try BreakGlassReviewTests.key(6)).json
    #expect(throws: SignedWordError.self) {
      try BreakGlassReview(other, registry: try BreakGlassReviewTests.registry())
    }
  }

  @Test func noByteCanBeChangedUnseen() throws {
    let registry = try BreakGlassReviewTests.registry()
    let review = try #require(BreakGlassReviewTests.review())
    let bytes = Array(review.signed(by: try BreakGlassReviewTests.key()).json.compact.utf8)
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      guard let json = try? JSONValue(parsing: changed) else { continue }
      #expect(throws: SignedWordError.self, "byte \(place)") {
        try BreakGlassReview(json, registry: registry)
      }
    }
  }

  /// An override is no review, though the same key may sign both.
  @Test func isNothingElse() throws {
    let start = Instant(microseconds: 1_764_000_000_000_000)
    let override = Override(
      of: LogPlace(origin: "log.example", index: 41), by: "shop.ship",
      leaf: Merkle.leafHash(of: [1]), outcome: "deny", overrider: "Person/bo", role: "owner",
      reason: "an outage", signedAt: start,
      expires: Instant(microseconds: start.microseconds + 1))
    let envelope = try #require(override).signed(by: try BreakGlassReviewTests.key()).json
    #expect(throws: SignedWordError.self) {
      try BreakGlassReview(envelope, registry: try BreakGlassReviewTests.registry())
    }
  }

  /// Another reason, or another role to look at it, is another assignment; and only reasons that say something are read.
  @Test func theReasonIsPartOfWhatIsDone() throws {
    var parts = Assignment.Parts(
      action: "shop.emergency", kind: "deploy", effect: .production, actor: "Person/ada",
      bundle: Digest(of: [1]), snapshot: Digest(of: [2]), command: ["./deploy"],
      salt: [UInt8](repeating: 7, count: Assignment.Parts.saltByteCount))
    var digests: Set = [try Assignment(parts).digest]
    for (reason, role) in [("an outage", "owner"), ("a whim", "owner"), ("an outage", "lead")] {
      parts.breakGlass = BreakGlassGround(reason: reason, role: role)
      let made = try Assignment(parts)
      #expect(try Assignment(made.bytes) == made && made.breakGlass == parts.breakGlass)
      digests.insert(made.digest)
    }
    #expect(digests.count == 4)
    for reason in [
      "", " ", "two\nlines", "a\u{202e}b", "a\u{2028}b", String(repeating: "x", count: 1025),
    ] {
      parts.breakGlass = BreakGlassGround(reason: reason, role: "owner")
      #expect(throws: AssignmentError.self, "\(reason)") { try Assignment(parts) }
    }
    parts.breakGlass = BreakGlassGround(reason: "an outage", role: "")
    #expect(throws: AssignmentError.self) { try Assignment(parts) }
  }

  @Test func marksAreReadAsTheyAreWritten() throws {
    let reason = try Disclosure(name: "reason", value: "an outage").digest
    let due = Instant(microseconds: 1_764_000_000_000_000)
    for mark in [
      BreakGlassMark(role: "owner", due: due, reason: reason),
      BreakGlassMark(role: "owner", due: nil, reason: nil),
    ] {
      #expect(BreakGlassMark(mark.json) == mark)
    }
    for broken in [
      #"{"role":""}"#, #"{"due":"2025-11-24T16:00:00Z"}"#, #"{"role":"owner","due":"soon"}"#,
      #"{"role":"owner","reason":"an outage"}"#, #"{"role":"owner","more":1}"#, "[]",
    ] {
      #expect(BreakGlassMark(try JSONValue(parsing: Array(broken.utf8))) == nil, "\(broken)")
    }
  }
}
