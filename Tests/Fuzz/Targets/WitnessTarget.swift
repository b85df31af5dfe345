// What witnesses, logs and watchers say to each other: policies, requests, answers, memories.

import WritCrypto
import WritEvidence
import WritModel

/// After a byte that chooses: a policy; a request; a request about a text that the world's log signs; an answer; or what a
/// watcher remembers.
@Sendable func fuzzWitness(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 5 {
  case 0: try checkPolicy(Array(feed.rest))
  case 1: try checkRequest(Array(feed.rest))
  case 2: try checkSubmission(&feed)
  case 3: try checkExchange(&feed)
  default: try checkMemory(Array(feed.rest))
  }
}

private func checkPolicy(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(WitnessPolicyError) in try WitnessPolicy(bytes) }
  guard let policy = read else { return }
  try hold(
    policy.isSatisfied(by: []) == (policy.quorum == nil), "nobody is a quorum, or somebody must be")
  for (index, group) in policy.groups.enumerated() {
    try hold(1...group.members.count ~= group.threshold, "a threshold cannot be reached")
    for case .group(let member) in group.members {
      try hold(member < index, "a group refers to a later one")
    }
  }
}

private func checkRequest(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(WitnessRefusal) in try AddCheckpointRequest(bytes) }
  if let read { try hold(read.bytes == bytes, "a request is not written as it was read") }
  let keys = [World.shared.logSigner.verifierKey]
  let submission = accepted { () throws(WitnessRefusal) in
    try WitnessSubmission(bytes, logs: keys)
  }
  // Nobody else has the key.
  guard let submission else { return }
  try hold(submission.note.signatures.count >= 1, "a submission is unsigned")
}

/// The head of a request as the bytes say, with a checkpoint of a small tree, signed.
private func checkSubmission(_ feed: inout ByteFeed) throws {
  let signer = World.shared.logSigner
  var tree = MerkleTree()
  var hasher = MerkleHasher()
  for byte in 0..<16 as Range<UInt8> { tree.append(hasher.leaf([byte]), with: &hasher) }
  let (seen, size) = (UInt64(feed.below(17)), UInt64(feed.below(17)))
  func checkpoint(_ size: UInt64) -> Checkpoint {
    Checkpoint(origin: signer.name.description, size: size, root: tree.root(of: size))
  }
  let note = signer.sign(checkpoint(size).text)
  let bytes = Array(feed.rest) + [0x0a] + note.bytes
  let judged: Void? = accepted { () throws(WitnessRefusal) in
    try WitnessSubmission(bytes, logs: [signer.verifierKey]).judge(latest: checkpoint(seen))
  }
  if judged != nil { try hold(size >= seen, "a witness was rolled back") }
}

private func checkExchange(_ feed: inout ByteFeed) throws {
  let world = World.shared
  let note = world.logSigner.sign(
    Checkpoint(origin: "log.example/writ", size: 0, root: Merkle.emptyRoot).text)
  let key = VerifierKey(
    name: world.logSigner.name, algorithm: .cosignature, publicKey: world.approverKey.publicKey)
  var exchange = WitnessExchange(note: note, size: 5, key: key)
  for _ in 0..<8 where !feed.isEmpty {
    let status = [200, 409, 422, 500][Int(feed.byte() % 4)]
    let body = feed.part(until: 0)
    let step = accepted { () throws(WitnessExchangeError) in
      try exchange.take(status: status, body: body)
    }
    guard let step else { return }
    guard case .cosigned(_, let signature) = step else { continue }
    try hold(signature.key == key, "another key's line was taken")
    return
  }
  try hold(exchange.oldSize <= 5, "a larger tree than there is")
}

private func checkMemory(_ bytes: [UInt8]) throws {
  let keys = [World.shared.logSigner.verifierKey]
  let read = accepted { () throws(CheckpointError) in
    try FollowedLog(bytes, keys: keys, origin: "log.example/writ")
  }
  if let read { try hold(read.bytes == bytes, "a memory is not written as it was read") }
}
