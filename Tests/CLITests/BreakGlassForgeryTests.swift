// What whoever has the log, or its key too, may try with break-glass: hide it, or review it in another's name.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Forging break-glass", .serialized)
final class BreakGlassForgeryTests {
  private let site: BreakGlassSite

  init() throws {
    site = try BreakGlassSite(due: "1us")
    try site.expect(site.breakGlass())
  }

  private func signer() throws -> NoteSigner {
    let pem = String(decoding: try site.scratch.bytes("log.example.key"), as: UTF8.self)
    return NoteSigner(
      name: try #require(KeyName("log.example")), key: try #require(Ed25519PrivateKey(pem: pem)))
  }

  private var store: LogStore { LogStore(directory: site.scratch.path + "/log") }

  /// Appends the decision with other members, signed with the log's own key.
  private func forge(_ change: (JSONMember) -> JSONMember?) throws {
    let signer = try signer()
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    let first = try EvidenceRecord(entry: try reader.entry(at: 1)).statement
    let members = (first.predicate.object ?? []).compactMap(change)
    let changed = try EvidenceRecord(
      type: first.predicateType, subjects: first.subjects, predicate: .object(members))
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    _ = try writer.append(changed.bytes)
    try writer.publish()
  }

  @Test(
    "a record that tells of break-glass as of the usual way is found by a replay, and so is one that tells more, or of another"
  )
  func marked() throws {
    try forge { $0.name == "breakGlass" ? nil : $0 }
    try site.expect(
      "writ replay log --index 4", 1, says: "what the action that it is about does not")
    try forge { member in
      guard member.name == "breakGlass" else { return member }
      return JSONMember("breakGlass", ["role": "release_manager"])
    }
    try site.expect("writ replay log --index 5", 1, says: "release_manager")
    let told = try site.expect("writ replay log --all --json", 1)
    #expect(try JSONValue(parsing: Array(told.utf8))["different"] == 2)
  }

  @Test("a usual decision that is told of as break-glass is found too")
  func markedWithout() throws {
    try site.expect(site.act("deploy --arg service=Service/web"), 1, says: "was not scanned")
    let signer = try signer()
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    let usual = try EvidenceRecord(entry: try reader.entry(at: 5)).statement
    let mark = JSONMember("breakGlass", ["role": "incident_commander"])
    let changed = try EvidenceRecord(
      type: usual.predicateType, subjects: usual.subjects,
      predicate: .object((usual.predicate.object ?? []) + [mark]))
    let writer = try LogWriter(store: store, signer: signer)
    _ = try writer.append(changed.bytes)
    try writer.publish()
    writer.close()
    try site.expect("writ replay log --index 6", 1, says: "breakGlass")
    try site.expect("writ replay log --all", 1, says: "1 different")
  }

  /// Records a review with the log's key, whatever was signed.
  ///
  /// - Parameter bundle: By which it is said to count, if not by the one that decided.
  private func record(
    _ review: BreakGlassReview, signedBy key: Ed25519PrivateKey, bundle: Digest? = nil
  ) throws {
    let session = try store.disclosures.session()
    let envelope = try session.seal(
      review.signed(by: key).json, name: "review", of: [review.reviewer])
    let person = try session.digest(of: "erik", name: "Identity")
    try session.commit()
    session.close()
    let signer = try signer()
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    let decision = LoggedRecord(try reader.entry(at: 1))
    let subjects = decision.statement?.subjects ?? []
    let decided = try #require(decision.predicate["result"]?["bundle"])
    let writer = try RecordWriter(store: store, signer: signer)
    defer { writer.close() }
    let draft = RecordDraft(
      type: PredicateType.breakGlassReviewed, kind: .review, id: "forged", subjects: subjects,
      members: [
        JSONMember("action", .string(review.action)), JSONMember("decision", 1),
        JSONMember("role", .string(review.role)),
        JSONMember("reviewer", .string("Identity/\(person.token)")),
        JSONMember("verdict", "justified"),
        JSONMember("signedAt", .string(review.signedAt.description)),
        JSONMember("envelope", .string(envelope.description)),
        JSONMember("bundle", bundle.map { .string($0.description) } ?? decided),
        JSONMember(
          "_sd", .array([envelope, person].sorted().map { .string($0.description) })),
        JSONMember("_sd_alg", "sha-256"),
      ])
    _ = try writer.append(
      draft, clock: Int64(Date().timeIntervalSince1970 * 1_000_000), uptime: nil)
    try writer.publish()
  }

  private func review(of index: Int, by reviewer: String = "Identity/erik") throws
    -> BreakGlassReview
  {
    let reader = try LogReader(store: store, keys: [try signer().verifierKey])
    return try #require(
      BreakGlassReview(
        of: LogPlace(origin: "log.example", index: UInt64(index)),
        action: "examples.break_glass.emergencyDeploy",
        leaf: Merkle.leafHash(of: try reader.entry(at: UInt64(index))), reviewer: reviewer,
        role: "incident_commander", verdict: .justified, note: "all is well",
        signedAt: Instant(microseconds: 1_794_873_600_000_000)))
  }

  private func key(_ name: String) throws -> Ed25519PrivateKey {
    let pem = String(decoding: try site.scratch.bytes("\(name).key"), as: UTF8.self)
    return try #require(Ed25519PrivateKey(pem: pem))
  }

  @Test(
    "a review that nobody of the bundle signed, or that was signed of something else, counts for nothing"
  )
  func reviewed() throws {
    try record(try review(of: 1), signedBy: try key("permits"))
    let list = "writ log reviews log --bundle b"
    try site.expect(list, 1, says: "no approver in the bundle has the key")
    try site.expect(list, 1, says: "OVERDUE")
  }

  @Test(
    "a bundle of one's own lets nobody review, and what it let through counts for nothing and stops nobody"
  )
  func ownBundle() throws {
    try site.expect(
      #"""
      writ key new evil -o evil.key
      sed "s|$(cat erik-reviews.key.pub)|$(cat evil.key.pub)|" registry.jsonl > evil.jsonl
      writ build glass.writ -o evil --registry evil.jsonl
      """#)
    let review = site.review(key: "evil.key").replacing("--bundle b", with: "--bundle evil")
    try site.expect(review, 1, says: "was decided by another bundle")
    try record(try self.review(of: 1), signedBy: try key("evil"), bundle: Digest(of: []))
    try site.expect("writ log reviews log", 1, says: "OVERDUE")
    try site.expect(site.review())
    try site.expect("writ log reviews log --bundle b", says: "justified by")
  }

  @Test("a signature for another entry is none for this one")
  func movedReview() throws {
    try record(try review(of: 3), signedBy: try key("erik-reviews"))
    try site.expect(
      "writ log reviews log --bundle b", 1, says: "it is a review of something else")
  }

  @Test("who broke the glass stays who broke it, also where the log's keeper helps")
  func ownReview() throws {
    try record(try review(of: 1, by: "Identity/dana"), signedBy: try key("dana-reviews"))
    try site.expect(
      "writ log reviews log --bundle b", 1,
      says: "the record says something else than what was signed")
  }

  @Test("a verdict that is changed in the log's files is found")
  func editedReview() throws {
    try site.expect(site.review(verdict: "unjustified"))
    try site.expect(
      "for file in $(grep -rl unjustified log/tile); do sed -i 's/\"unjustified\"/\"realjustify\"/' $file; done"
    )
    try site.expect("writ log verify log --vkey log.example.key.pub", 1)
    try site.expect("writ log reviews log", 65)
  }
}
