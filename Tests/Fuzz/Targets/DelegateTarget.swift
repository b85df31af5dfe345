// The conversation of a delegate and a control plane, and what a program's output becomes in between.

import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

/// After a byte that chooses: lines to a delegate; lines to one that knows its control plane; lines to a control plane; or a
/// secret, a zero and a stream that it is taken out of.
@Sendable func fuzzDelegate(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 4 {
  case 0: try checkDelegate(Array(feed.rest), isKnown: false)
  case 1: try checkDelegate(Array(feed.rest), isKnown: true)
  case 2: try checkControl(Array(feed.rest))
  default: try checkRedactor(secret: feed.part(until: 0), Array(feed.rest))
  }
}

private let delegateNonce = [UInt8](repeating: 2, count: SessionProof.nonceByteCount)
private let controlNonce = [UInt8](repeating: 1, count: SessionProof.nonceByteCount)

private func checkDelegate(_ bytes: [UInt8], isKnown: Bool) throws {
  let world = try DelegateWorld()
  func session() -> DelegateSession {
    var session = DelegateSession(
      trust: world.trust, key: world.key, nonce: delegateNonce, atMilliseconds: 0)
    guard isKnown else { return session }
    let proof = SessionProof(
      name: world.trust.identity.name, delegateNonce: delegateNonce, controlNonce: controlNonce)
    let signature = world.permitKey.sign(proof.controlBytes)
    let challenge = ControlMessage.challenge(nonce: controlNonce, signature: signature)
    _ = session.receive(challenge.line, atMilliseconds: 0)
    return session
  }
  var whole = session()
  try hold(whole.isKnown == isKnown, "a control plane is not known by its signature")
  let effects = whole.receive(bytes, atMilliseconds: 1)
  if !isKnown {
    // Nobody has signed for this nonce.
    try hold(!whole.isKnown, "a stranger is known")
    try hold(
      effects.allSatisfy { if case .close = $0 { true } else { false } }, "a stranger is obeyed")
  }
  var pieces = session()
  var others: [SessionEffect] = []
  for byte in bytes { others += pieces.receive([byte], atMilliseconds: 1) }
  try hold(others == effects, "the cut of a stream matters")
  try hold(pieces.unsent == whole.unsent, "the cut of a stream matters to the answer")
}

private func checkControl(_ bytes: [UInt8]) throws {
  let world = try DelegateWorld()
  var session = ControlSession(
    permitKey: world.permitKey,
    delegates: [(world.trust.identity.name, world.key.publicKey)], nonce: controlNonce)
  let events = accepted { () throws(SessionError) in try session.receive(bytes) }
  for event in events ?? [] {
    guard case .known(let identity, _, _) = event else {
      // No order was offered.
      try hold(event == .heartbeat, "a delegate without an order did something")
      continue
    }
    try hold(identity == world.trust.identity, "a stranger is known")
  }
}

private func checkRedactor(secret: [UInt8], _ stream: [UInt8]) throws {
  let bare = secret.filter { $0 != 0x0a && $0 != 0x0d }
  guard bare.count >= DelegateLimits.secretByteCounts.lowerBound else { return }
  let value = secret.withUnsafeBytes { SecretBytes(copying: $0) }
  var whole = Redactor([value])
  let out = whole.feed(stream[...]) + whole.finish()
  var pieces = Redactor([value])
  var others: [UInt8] = []
  for place in stream.indices { others += pieces.feed(stream[place...place]) }
  others += pieces.finish()
  try hold(out == others, "the cut of a stream matters")
  // A mark beside what was around a secret could be taken for another.
  guard !redactionMark.contains(where: secret.contains) else { return }
  let isLeft =
    out.count >= secret.count
    && (0...out.count - secret.count).contains { out[$0...].starts(with: secret) }
  try hold(!isLeft, "a secret came out")
}
