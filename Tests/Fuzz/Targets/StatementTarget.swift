// Envelopes, statements, evidence records, approvals, grants of waivers, reviews of break-glass, rejections, unlocks and tokens that are
// taken back.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// An envelope, after a byte that chooses: as it is; a statement or record by itself; or a payload in an envelope that the
/// world's approver has signed.
@Sendable func fuzzStatement(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let choice = feed.byte() % 8
  let rest = Array(feed.rest)
  switch choice {
  case 0: try checkEnvelope(rest)
  case 1: try checkStatement(rest)
  case 2: try checkApproval(rest)
  case 3: try checkGrant(rest)
  case 4: try checkReview(rest)
  case 5: try checkRejection(rest)
  case 6: try checkUnlock(rest)
  default: try checkRevocation(rest)
  }
}

private func checkEnvelope(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(EnvelopeError) in try Envelope(parsing: bytes) }
  guard let envelope = read else { return }
  let again = try Envelope(parsing: Array(envelope.json.compact.utf8))
  try hold(again == envelope, "an envelope reads back otherwise")
  _ = accepted { () throws(EnvelopeError) in
    try envelope.verify(with: [.ed25519(World.shared.approverKey.publicKey)], threshold: 1)
  }
  _ = accepted { () throws(StatementError) in try Statement(payloadOf: envelope) }
  _ = accepted { () throws(ApprovalError) in
    try Approval(envelope.json, registry: World.shared.engine.bundle.registry)
  }
}

private func checkStatement(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(StatementError) in try Statement(parsing: bytes) }
  if let statement = read {
    let again = try Statement(parsing: Array(statement.json.compact.utf8))
    try hold(again == statement, "a statement reads back otherwise")
    try checkKeyRecord(statement)
  }
  let entry = accepted { () throws(RecordError) in try EvidenceRecord(entry: bytes) }
  if let record = entry {
    try hold(record.bytes == bytes, "a record is not written as it was read")
    try hold(read == record.statement, "a record holds another statement")
    try checkScan(record)
  }
}

/// What is found in the bytes of a decision is what reading them whole finds.
private func checkScan(_ record: EvidenceRecord) throws {
  guard let scan = record.bytes.withUnsafeBufferPointer({ DecisionScan($0) }) else { return }
  let (replay, result) = (
    record.statement.predicate["replay"], record.statement.predicate["result"]
  )
  func has(_ place: Range<Int>, _ value: JSONValue?) -> Bool {
    value?.string.map { Array($0.utf8) == Array(record.bytes[place]) } ?? false
  }
  try hold(
    has(scan.bundle, replay?["bundle"]) && has(scan.snapshot, replay?["snapshot"])
      && has(scan.request, replay?["request"]) && has(scan.resultDigest, replay?["result"])
      && has(scan.now, result?["now"]) && has(scan.asOf, result?["asOf"]),
    "a scan finds other texts")
  let trace = try replay?["trace"]?.canonicalBytes()
  try hold(
    [UInt8(ascii: "[")] + record.bytes[scan.trace] + [UInt8(ascii: "]")] == trace ?? [],
    "a scan finds another trace")
  try hold(
    scan.caller.map { has($0, result?["caller"]) } ?? (result?["caller"] == nil),
    "a scan finds another caller")
  try hold(
    scan.fuel == replay?["fuel"]?.integer && scan.isQuestion == result?["question"]?.bool,
    "a scan finds other fuel, or a question")
  let given = try record.statement.predicate["arguments"]?.canonicalBytes()
  try hold(given ?? [] == Array(record.bytes[scan.arguments]), "a scan finds other arguments")
  let written = try result?.canonicalBytes()
  try hold(written == Array(record.bytes[scan.result]), "a scan finds another result")
}

private func checkKeyRecord(_ statement: Statement) throws {
  let read = accepted { () throws(KeyRecordError) in try KeyRecord(statement) }
  guard let record = read else { return }
  let again = try EvidenceRecord(
    type: statement.predicateType, subjects: [record.subject], predicate: .object(record.members))
  try hold(try KeyRecord(again.statement) == record, "a key record reads back otherwise")
}

private func checkApproval(_ payload: [UInt8]) throws {
  let world = World.shared
  let envelope = world.signed(payload)
  let plain = accepted { () throws(ApprovalError) in try Approval(payload: payload) }
  let read = accepted { () throws(ApprovalError) in
    try Approval(envelope.json, registry: world.engine.bundle.registry)
  }
  guard let approval = read else { return }
  try hold(plain == approval, "an approval is one signed and not unsigned")
  try hold(hasSameBytes(approval.approver, "Person/bo"), "somebody approves in another's name")
  try hold(approval.signed(by: world.approverKey) == envelope, "an approval is signed otherwise")
}

private func checkGrant(_ payload: [UInt8]) throws {
  let world = World.shared
  let envelope = world.signed(payload)
  let plain = accepted { () throws(WaiverGrantError) in try WaiverGrant(payload: payload) }
  let read = accepted { () throws(WaiverGrantError) in
    try WaiverGrant(envelope.json, registry: world.engine.bundle.registry)
  }
  guard let grant = read else { return }
  try hold(plain == grant, "a grant is one signed and not unsigned")
  try hold(hasSameBytes(grant.granter, "Person/bo"), "somebody grants in another's name")
  try hold(grant.signed(by: world.approverKey) == envelope, "a grant is signed otherwise")
}

private func checkReview(_ payload: [UInt8]) throws {
  let world = World.shared
  let envelope = world.signed(payload)
  let read = accepted { () throws(SignedWordError) in
    try BreakGlassReview(envelope.json, registry: world.engine.bundle.registry)
  }
  guard let review = read else { return }
  try hold(hasSameBytes(review.reviewer, "Person/bo"), "somebody reviews in another's name")
  try hold(review.signed(by: world.approverKey) == envelope, "a review is signed otherwise")
}

private func checkUnlock(_ payload: [UInt8]) throws {
  let world = World.shared
  let envelope = world.signed(payload)
  let read = accepted { () throws(SignedWordError) in
    try Unlock(envelope.json, registry: world.engine.bundle.registry)
  }
  guard let unlock = read else { return }
  try hold(hasSameBytes(unlock.unlocker, "Person/bo"), "somebody unlocks in another's name")
  try hold(unlock.signed(by: world.approverKey) == envelope, "an unlock is signed otherwise")
}

extension World {
  /// A token that the world's approver has given.
  func token() throws -> Capability {
    try Capability(
      minting: CapabilityBlock(
        id: String(repeating: "7", count: 32), for: "Person/bo", at: "log.example",
        CapabilityBlock.Bounds(actions: ["world.take"]),
        (
          Instant(microseconds: World.now)..<Instant(microseconds: World.now + 3_600_000_000), nil
        )),
      by: approverKey)
  }
}

private func checkRevocation(_ payload: [UInt8]) throws {
  let world = World.shared
  let envelope = world.signed(payload)
  let token = try world.token()
  let read = accepted { () throws(SignedWordError) in
    try TokenRevocation(envelope.json, of: token, registry: world.engine.bundle.registry)
  }
  guard let word = read else { return }
  try hold(word.place(in: token) != nil, "a token is taken back by a word of another")
  try hold(
    word.person.map { hasSameBytes($0.node, "Person/bo") } ?? true,
    "somebody takes back in another's name")
  try hold(word.signed(by: world.approverKey) == envelope, "a taking back is signed otherwise")
}

private func checkRejection(_ payload: [UInt8]) throws {
  let world = World.shared
  let envelope = world.signed(payload)
  let registry = world.engine.bundle.registry
  let read = accepted { () throws(SignedWordError) in
    try Rejection(envelope.json, registry: registry)
  }
  guard let rejection = read else { return }
  try hold(hasSameBytes(rejection.rejecter, "Person/bo"), "somebody rejects in another's name")
  try hold(rejection.signed(by: world.approverKey) == envelope, "a no is signed otherwise")
  let yes = accepted { () throws(ApprovalError) in
    try Approval(envelope.json, registry: registry)
  }
  try hold(yes == nil, "a no is a yes")
}

extension World {
  /// A statement in the envelope of its approver.
  fileprivate func signed(_ payload: [UInt8]) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [approverKey])
  }
}
