// Work orders, assignments, permits and results: what a delegate reads before it acts.

import WritCrypto
import WritEvidence
import WritModel

/// After a byte that chooses: a work order as it is; one with these arguments and this payload of a permit, signed; an
/// assignment; or the payload of a result, signed.
@Sendable func fuzzPermit(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 4 {
  case 0: try checkOrder(Array(feed.rest))
  case 1: try checkSigned(Array(feed.rest))
  case 2: try checkAssignment(Array(feed.rest))
  default: try checkResult(Array(feed.rest))
  }
}

/// The delegate of the world, whose permit key is the approver's.
struct DelegateWorld {
  let key: Ed25519PrivateKey
  let permitKey: Ed25519PrivateKey
  let trust: DelegateTrust
  let now = Instant(microseconds: World.now)

  init(_ world: World = World.shared) throws {
    guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 3, count: 32)) else {
      throw BrokenInvariant(description: "a seed makes no key")
    }
    self.key = key
    permitKey = world.approverKey
    trust = DelegateTrust(
      permitKey: permitKey.publicKey,
      log: try LogVerifierKeys(keys: [world.logSigner.verifierKey]),
      identity: DelegateIdentity(name: "eu-1", key: key.publicKey))
  }

  /// A deployment to production.
  func assignment() throws -> Assignment {
    var parts = Assignment.Parts(
      action: "world.deploy", kind: "deploy", effect: .production, actor: "Person/bo",
      bundle: Merkle.emptyRoot, snapshot: Merkle.emptyRoot, command: ["deploy", "web"],
      salt: Array(0..<16))
    parts.arguments = [("service", "Service/web")]
    parts.secrets = ["token"]
    parts.timeout = 60_000_000
    return try Assignment(parts)
  }

  func permit(_ assignment: Assignment) -> Permit {
    Permit(
      for: assignment, id: String(repeating: "7", count: 32), delegate: trust.identity, fence: 7,
      validity: now..<Instant(microseconds: World.now + 60_000_000),
      decision: LogPlace(origin: trust.log.origin, index: 0), isUnsigned: false)
  }

  /// That the log's one entry allows the assignment.
  func proof(_ assignment: Assignment, _ world: World = World.shared) throws -> ProofBundle {
    let named = NamedDigest(algorithm: "sha256", value: assignment.digest.hex)
    let record = try EvidenceRecord(
      type: PredicateType.decision,
      subjects: [Subject(name: "Service/web", uri: nil, digests: [named])],
      predicate: [
        "action": .string(assignment.digest.description), "id": "1", "kind": "gate",
        "result": ["outcome": "allow", "question": false],
      ])
    var tree = MerkleTree()
    var hasher = MerkleHasher()
    tree.append(hasher.leaf(record.bytes), with: &hasher)
    let origin = trust.log.origin
    let checkpoint = Checkpoint(origin: origin, size: 1, root: tree.root(of: 1))
    return ProofBundle(
      entry: record.bytes, proof: InclusionProof(index: 0, size: 1, from: tree),
      checkpoint: world.logSigner.sign(checkpoint.text))
  }

  func order() throws -> WorkOrder {
    let assignment = try assignment()
    return WorkOrder(
      assignment: assignment, permit: permit(assignment).signed(by: permitKey),
      proof: try proof(assignment))
  }
}

private let nothingSpent = SpentTest(isSpent: { _ in false }, isDecisionSpent: { _ in false })

private func checkOrder(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(WorkOrderError) in try WorkOrder(bytes) }
  guard let order = read else { return }
  let again = try WorkOrder(Array(order.json.compact.utf8))
  try hold(again == order, "an order reads back otherwise")
  try judge(order)
}

/// Whatever is accepted is what was permitted, now, and decided if it touches production.
private func judge(_ order: WorkOrder) throws {
  let world = try DelegateWorld()
  let judged = accepted { () throws(PermitRefusal) in
    try PermitCheck.check(order, trust: world.trust, spent: nothingSpent, now: world.now)
  }
  guard let judged else { return }
  try hold(judged.permit.digest == order.assignment.digest, "another action was permitted")
  try hold(judged.permit.delegate == world.trust.identity, "another delegate was permitted")
  try hold(
    judged.permit.issued <= world.now && world.now < judged.permit.expires,
    "a permit counted at another time")
  try hold(
    judged.checkpoint != nil || order.assignment.effect != .production, "nobody decided that")
}

/// A payload that the permit key has signed, for the assignment of the world.
private func checkSigned(_ payload: [UInt8]) throws {
  let world = try DelegateWorld()
  let read = accepted { () throws(PermitError) in try Permit(payload: payload) }
  let envelope = Envelope(
    payloadType: Statement.payloadType, payload: payload, signedBy: [world.permitKey])
  if let read {
    try hold(
      read.signed(by: world.permitKey) == envelope, "a permit is not written as it was read")
    let length = read.expires.microseconds - read.issued.microseconds
    try hold(1...Limits.permitDuration ~= length, "a permit lives too long")
  }
  let assignment = try world.assignment()
  try judge(
    WorkOrder(assignment: assignment, permit: envelope, proof: try world.proof(assignment)))
}

/// What people agree to of an assignment reads back, and is not the assignment's own digest.
private func checkUndertaking(_ assignment: Assignment) throws {
  for labels in [[], ["region:eu"]] {
    let undertaking = Undertaking(assignment, labels: labels)
    let again = accepted { () throws(AssignmentError) in try Undertaking(undertaking.json) }
    try hold(again == undertaking, "what would be done reads back otherwise")
    try hold(undertaking.digest != assignment.digest, "an assignment is what would be done")
  }
}

private func checkAssignment(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(AssignmentError) in try Assignment(bytes) }
  guard let assignment = read else { return }
  try hold(assignment.bytes == bytes, "an assignment is not written as it was read")
  try hold(!assignment.command.isEmpty, "nothing is to be done")
  for name in assignment.secrets {
    try hold(Assignment.isSecretName(name), "`\(name)` names a secret")
  }
  try checkUndertaking(assignment)
}

private func checkResult(_ payload: [UInt8]) throws {
  let world = try DelegateWorld()
  let envelope = Envelope(
    payloadType: Statement.payloadType, payload: payload, signedBy: [world.key])
  let read = accepted { () throws(StepResultError) in
    try StepResult(envelope.json, key: world.key.publicKey)
  }
  guard let result = read else { return }
  try hold(result.signed(by: world.key) == envelope, "a result is not written as it was read")
}
