// Whether a delegate may do what it is told: a function of the order, of what the delegate trusts
// and has seen, and of the time. Nothing is done here.
//
// First the permit itself, then whether it was used, then its time, then the log. So an order that
// comes again gets "already spent", and with it the recorded result, however old it is.
public import WritCrypto
public import WritModel

/// Why a work order is not carried out.
public enum PermitRefusal: Error, Hashable, Sendable {
  /// The permit's envelope is not what the permit key made.
  case forged(PermitError)
  /// The permit is for another delegate, or for another key of that name.
  case otherDelegate(expected: String, found: String)
  /// The permit is for another action, or for another version of this one.
  case otherAction(permitted: Digest, found: Digest)
  /// A later lease was seen.
  case fenceTooOld(seen: Int64, found: Int64)
  /// The permit was used.
  case alreadySpent(id: String)
  /// The permit is as old as some that were forgotten: whether it was used nobody knows any more.
  case forgotten(id: String)
  /// The decision was acted upon under another permit.
  case decisionSpent(LogPlace)
  /// The permit no longer counts.
  case expired(at: Instant)
  /// The permit does not count yet.
  case notYetValid(from: Instant)
  /// What is to be done must be shown to be decided.
  case noProof
  /// The proof proves nothing.
  case proof(ProofBundleError)
  /// The proof is of another entry than the permit names.
  case otherEntry(permitted: LogPlace, found: LogPlace)
  /// The entry is not the record of a decision.
  case noDecision
  /// The decision is a question's answer.
  case question
  /// The decision allows nothing.
  case notAllowed(outcome: String)
  /// The decision is about another action, or names none.
  case otherDecision(found: String?)
  /// Permit and decision do not say the same of whether whoever acts signed.
  case otherCaller(isUnsigned: Bool)
  /// Whoever acts did not sign, and the delegate's owner wants that.
  case unsigned
  /// Permit and decision do not ask for the same labels of the delegate.
  case otherLabels(decided: [String], found: [String])
  /// The log is smaller than the delegate has seen it.
  case rolledBack(seen: UInt64, found: UInt64)
  /// The log has another history than the delegate has seen.
  case forked(size: UInt64)
  /// That the log only grew is not shown from the size that the delegate has seen.
  case noConsistency(seen: UInt64)
}

/// What a delegate trusts, is and has seen.
public struct DelegateTrust: Hashable, Sendable {
  /// Signs permits and nothing else.
  public let permitKey: Ed25519PublicKey
  /// Of the log that decisions are in.
  public let log: LogVerifierKeys
  /// The delegate itself.
  public let identity: DelegateIdentity
  /// The highest fence of a permit that was used.
  public var fence: Int64
  /// The highest fence of a permit that was used and forgotten since; -1 where none was.
  public var forgotten: Int64
  /// The newest checkpoint that was taken.
  public var checkpoint: Checkpoint?
  /// Whether nothing is done for who did not sign, whatever the policy lets be done.
  public var refusesUnsigned: Bool

  /// Trust of a delegate that has seen nothing yet.
  public init(permitKey: Ed25519PublicKey, log: LogVerifierKeys, identity: DelegateIdentity) {
    self.permitKey = permitKey
    self.log = log
    self.identity = identity
    fence = 0
    forgotten = -1
    refusesUnsigned = false
  }
}

/// What was used before.
public struct SpentTest: Sendable {
  /// Whether the permit of that number was used, so that it must not be again.
  public let isSpent: @Sendable (String) -> Bool
  /// Whether a permit that names that entry was used.
  public let isDecisionSpent: @Sendable (LogPlace) -> Bool

  /// Two questions to whoever remembers.
  public init(
    isSpent: @escaping @Sendable (String) -> Bool,
    isDecisionSpent: @escaping @Sendable (LogPlace) -> Bool
  ) {
    self.isSpent = isSpent
    self.isDecisionSpent = isDecisionSpent
  }
}

/// An order that may be carried out, once its permit is remembered as used.
public struct AcceptedOrder: Hashable, Sendable {
  /// What is to be done.
  public let assignment: Assignment
  /// The leave to do it, verified.
  public let permit: Permit
  /// The log as it was seen, to be remembered; `nil` where the order has no proof.
  public let checkpoint: Checkpoint?
}

/// Says whether a delegate may do what it is told.
public enum PermitCheck {
  /// The order, accepted, or why not.
  public static func check(
    _ order: WorkOrder, trust: DelegateTrust, spent: SpentTest, now: Instant
  ) throws(PermitRefusal) -> AcceptedOrder {
    let assignment = order.assignment
    let permit = try permit(of: order, trust)
    if spent.isSpent(permit.id) { throw .alreadySpent(id: permit.id) }
    // Before what is said of its age: that would tell that it was not begun.
    guard permit.fence > trust.forgotten else { throw .forgotten(id: permit.id) }
    guard permit.fence >= trust.fence else {
      throw .fenceTooOld(seen: trust.fence, found: permit.fence)
    }
    guard permit.issued <= now else { throw .notYetValid(from: permit.issued) }
    guard now < permit.expires else { throw .expired(at: permit.expires) }
    guard assignment.isIdempotent || !spent.isDecisionSpent(permit.decision) else {
      throw .decisionSpent(permit.decision)
    }
    guard !trust.refusesUnsigned || !permit.isUnsigned else { throw .unsigned }
    // Whatever the assignment says that it changes: whoever has the permit key writes that too.
    guard let proof = order.proof else { throw .noProof }
    let entry = try decision(proof, permit, trust)
    try checkGrowth(to: entry.checkpoint, order.consistency, from: trust.checkpoint)
    return AcceptedOrder(assignment: assignment, permit: permit, checkpoint: entry.checkpoint)
  }

  /// The permit of an order, once it is shown to be this delegate's and for this assignment.
  public static func permit(
    of order: WorkOrder, _ trust: DelegateTrust
  ) throws(PermitRefusal) -> Permit {
    let permit: Permit
    do throws(PermitError) {
      permit = try Permit(order.permit, key: trust.permitKey)
    } catch {
      throw .forged(error)
    }
    guard hasSameBytes(permit.delegate.name, trust.identity.name),
      hasSameBytes(permit.delegate.fingerprint, trust.identity.fingerprint)
    else { throw .otherDelegate(expected: trust.identity.name, found: permit.delegate.name) }
    guard permit.digest == order.assignment.digest,
      hasSameBytes(permit.action, order.assignment.action)
    else { throw .otherAction(permitted: permit.digest, found: order.assignment.digest) }
    return permit
  }

  /// The entry that the permit names, shown to be in the log and to allow this very action.
  private static func decision(
    _ proof: ProofBundle, _ permit: Permit, _ trust: DelegateTrust
  ) throws(PermitRefusal) -> VerifiedEntry {
    let entry: VerifiedEntry
    do throws(ProofBundleError) {
      entry = try proof.verify(keys: trust.log.keys, origin: trust.log.origin)
    } catch {
      throw .proof(error)
    }
    let place = LogPlace(origin: entry.checkpoint.origin, index: entry.index)
    guard place.index == permit.decision.index,
      hasSameBytes(place.origin, permit.decision.origin)
    else { throw .otherEntry(permitted: permit.decision, found: place) }
    let record = LoggedRecord(entry.entry)
    guard record.isDecision, (try? EvidenceRecord(entry: entry.entry)) != nil,
      let outcome = record.outcome, let isQuestion = record.result?["question"]?.bool
    else { throw .noDecision }
    guard !isQuestion else { throw .question }
    guard hasSameBytes(outcome, "allow") else { throw .notAllowed(outcome: outcome) }
    guard let action = record.action, hasSameBytes(action, permit.digest.description) else {
      throw .otherDecision(found: record.action)
    }
    guard record.isUnsigned == permit.isUnsigned else {
      throw .otherCaller(isUnsigned: record.isUnsigned)
    }
    guard record.labels == permit.labels else {
      throw .otherLabels(decided: record.labels, found: permit.labels)
    }
    return entry
  }

  /// Throws unless the log only grew since it was seen.
  private static func checkGrowth(
    to found: Checkpoint, _ step: CheckpointStep?, from seen: Checkpoint?
  ) throws(PermitRefusal) {
    guard let seen, seen.size > 0 else { return }
    guard found.size >= seen.size else {
      throw .rolledBack(seen: seen.size, found: found.size)
    }
    if found.size == seen.size {
      guard found.root == seen.root else { throw .forked(size: seen.size) }
      return
    }
    guard let step, step.oldSize == seen.size else { throw .noConsistency(seen: seen.size) }
    let proof = ConsistencyProof(oldSize: seen.size, size: found.size, hashes: step.hashes)
    guard (try? proof.verify(oldRoot: seen.root, root: found.root)) != nil else {
      throw .forked(size: seen.size)
    }
  }
}

// As words and as one word each.
extension PermitRefusal: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .forged(let error): "the permit is forged: \(error)"
    case .otherDelegate(let expected, let found):
      hasSameBytes(expected, found)
        ? "the permit is for another key of the delegate `\(found)`"
        : "the permit is for the delegate `\(found)`, this one is `\(expected)`"
    case .otherAction(let permitted, let found):
      "the permit is for the action \(permitted), the assignment is \(found)"
    case .fenceTooOld(let seen, let found):
      "the permit's fence is \(found), a permit with \(seen) was used already"
    case .alreadySpent(let id): "the permit \(id) was used already"
    case .forgotten(let id):
      "the permit \(id) is older than what is remembered: whether it was used is not known"
    case .decisionSpent(let place):
      "the decision \(place.index) of `\(place.origin)` was acted upon already"
    case .expired(let instant): "the permit expired at \(instant)"
    case .notYetValid(let instant): "the permit does not count before \(instant)"
    case .noProof: "an order needs the proof of its decision"
    case .proof(let error): "the decision is not proved: \(error)"
    case .otherEntry(let permitted, let found):
      "the permit names entry \(permitted.index) of `\(permitted.origin)`, the proof is of entry "
        + "\(found.index) of `\(found.origin)`"
    case .noDecision: "the proved entry is not the record of a decision"
    case .question: "the proved decision is the answer to a question, which permits nothing"
    case .notAllowed(let outcome): "the proved decision is `\(outcome)`, not `allow`"
    case .otherDecision(let found):
      "the proved decision is for " + (found.map { "the action \($0)" } ?? "no action")
    case .otherCaller(let isUnsigned):
      "the proved decision is for a caller who \(isUnsigned ? "did not sign" : "signed"), the permit says otherwise"
    case .unsigned:
      "the permit is for a caller who did not sign, and this delegate does nothing for such"
    case .otherLabels(let decided, let found):
      "the proved decision asks for a delegate labelled \(PermitRefusal.list(decided)), the permit for one labelled \(PermitRefusal.list(found))"
    case .rolledBack(let seen, let found):
      "the log was seen with \(seen) entries, the proof's checkpoint has \(found)"
    case .forked(let size): "the log has another history than was seen at size \(size)"
    case .noConsistency(let seen): "it is not shown that the log grew from size \(seen)"
    }
  }

  private static func list(_ labels: [String]) -> String {
    labels.isEmpty ? "in no way" : labels.joined(separator: ", ")
  }

  /// One word, for programs.
  public var code: String {
    switch self {
    case .forged: "forged"
    case .otherDelegate: "otherDelegate"
    case .otherAction: "otherAction"
    case .fenceTooOld: "fenceTooOld"
    case .alreadySpent: "alreadySpent"
    case .forgotten: "forgotten"
    case .decisionSpent: "decisionSpent"
    case .expired: "expired"
    case .notYetValid: "notYetValid"
    case .noProof: "noProof"
    case .proof: "notProved"
    case .otherEntry: "otherEntry"
    case .noDecision: "noDecision"
    case .question: "question"
    case .notAllowed: "notAllowed"
    case .otherDecision: "otherDecision"
    case .otherCaller: "otherCaller"
    case .unsigned: "unsigned"
    case .otherLabels: "otherLabels"
    case .rolledBack: "rolledBack"
    case .forked: "forked"
    case .noConsistency: "noConsistency"
    }
  }
}
