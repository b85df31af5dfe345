// A signed word that a run is to stop: an envelope around a statement of Writ's own type.
//
//     subject    the run: `Run/<name>`, and the SHA-256 of its `run.json` in canonical form
//     predicate  {"canceller":"Identity/ines","mode":"cleanup","signedAt":"…"}
//
// Whoever the bundle knows as an actor or an approver may give it, agents too: nothing is done by it that was not begun, and without a
// signature anybody who reaches the runner stops it as well. So it says who did, and is no leave. Only the one spelling is read.
public import WritCrypto
public import WritModel

/// Which run is to stop, how, and who says so.
public struct RunCancellation: Hashable, Sendable {
  /// The run's name.
  public let run: String
  /// Of what it began with.
  public let head: Digest
  /// `drain`, `cleanup` or `now`.
  public let mode: String
  /// Who says so, as a node.
  public let canceller: String
  public let signedAt: Instant

  /// A word, not yet signed.
  public init(run: String, head: Digest, mode: String, canceller: String, signedAt: Instant) {
    self.run = run
    self.head = head
    self.mode = mode
    self.canceller = canceller
    self.signedAt = signedAt
  }

  /// The word signed by whoever gives it.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: RunPlace.subjectName(of: run), digest: head,
      predicate: [
        "canceller": .string(canceller), "mode": .string(mode),
        "signedAt": .string(signedAt.description),
      ]
    ).payload(PredicateType.runCancellation)
  }

  private init(payload: [UInt8], run: String, head: Digest) throws(SignedWordError) {
    let claim = try SignedClaim(
      word: payload, type: PredicateType.runCancellation, "a word that a run is to stop")
    guard hasSameBytes(claim.action, RunPlace.subjectName(of: run)), claim.digest == head else {
      throw .malformed("it is for another run")
    }
    let predicate = claim.predicate
    guard let canceller = predicate["canceller"]?.string, !canceller.isEmpty,
      let mode = predicate["mode"]?.string,
      let signedAt = predicate["signedAt"]?.string.flatMap({ Instant($0) })
    else { throw .malformed("expected the fields of a word that a run is to stop") }
    self.init(run: run, head: head, mode: mode, canceller: canceller, signedAt: signedAt)
    guard self.payload == payload else { throw .malformed("expected its canonical form") }
  }

  /// Verifies an envelope against the keys of actors and approvers in the registry, and reads the word in it, for that run.
  public init(
    _ value: JSONValue, run: String, head: Digest, registry: KeyRegistry
  ) throws(SignedWordError) {
    let opened: (envelope: Envelope, keyID: String)
    do throws(SignedClaimError) {
      opened = try SignedClaim.envelope(value)
    } catch {
      throw .malformed("expected an envelope with one signature")
    }
    let functions: [KeyFunction] = [.actor, .approver]
    guard
      let key = functions.lazy.compactMap({ registry.key(id: opened.keyID, function: $0) }).first
    else { throw .unknownKey(opened.keyID) }
    guard (try? opened.envelope.verify(with: [.ed25519(key.publicKey)], threshold: 1)) != nil else {
      throw .badSignature
    }
    try self.init(payload: opened.envelope.payload, run: run, head: head)
    guard let node = key.node, hasSameBytes(node, canceller) else {
      throw .wrongPerson(expected: key.node ?? "", found: canceller)
    }
  }
}
