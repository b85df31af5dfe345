// One wish to act on its way: decided at a moment, recorded, permitted, carried out, its end recorded.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// A decision at one moment, and what would be done.
struct Moment {
  /// By which it was decided.
  let inputs: ActionInputs
  let asking: Asking
  let run: DecisionRun
  let assignment: Result<Assignment, RequestError>
  /// The end of the token that it was asked under, in microseconds since 1970.
  var tokenEnd = Int64.max

  /// What would be done. Where that cannot be said an allow is none, and is not recorded as one.
  func known() throws(Failure) -> Assignment {
    do throws(RequestError) {
      return try assignment.get()
    } catch {
      throw Failure(
        .refused, "nothing can be done, though the gate allows it: \(error)",
        remedy: "`writ ask` tells what would be run")
    }
  }
}

/// An order with its permit, and what its records take over from the decision's.
struct PermittedOrder {
  let order: WorkOrder
  let permit: Permit
  let decided: DecidedEntry
  /// The entry that tells of the permit.
  let entry: UInt64
  /// Entries of the log that it shows the delegate.
  let checkpointSize: UInt64
}

/// An action that a delegate has carried out, however it ended, and where that is recorded.
struct CarriedOut {
  let moment: Moment
  let decision: RecordedDecision
  let order: PermittedOrder
  let result: StepResult
  /// The entry that tells of the result.
  let recorded: RecordedDecision
}

/// What came of a wish to act.
enum ActOutcome {
  /// Denied or held, and recorded.
  case notAllowed(Moment, RecordedDecision)
  case carriedOut(CarriedOut)
}

/// A request for an action, who makes it, and all that it takes.
struct ActionDesk {
  let inputs: ActionInputs
  let caller: String
  let keys: ActingKeys
  /// Whether they did not sign: records say so.
  let isUnsigned: Bool
  /// Where in a run; `nil` of an action by itself.
  var place: RunContext?
  /// Who acts, where they may be held to a token.
  var acting: ActingCaller?
  /// Who gave the token of a run, in what takes back what was done under it: that is not held to the token, and is theirs all the same.
  var behind: [String]?
  /// What steps of the run have given out for it, as far as it may be told.
  var outputs: [OutputNote] = []
  /// Which attempts of the run were let be done.
  var attempts = AttemptLedger()
  /// How often a version may be taken back before it is locked.
  var rollbackLimit = LockedVersion.usualLimit

  /// Who gave the token under which this is asked, as far as the registry knows them.
  func givers() throws(Failure) -> [String] {
    if let behind { return behind }
    return try acting?.token?.givers(by: inputs.engine.bundle.registry) ?? []
  }

  /// The decision at a moment, on what would then be done.
  func decide(_ asking: Asking) throws(Failure) -> Moment {
    let inputs = try inputs.stating(asking)
    return Moment(
      inputs: inputs, asking: asking, run: try inputs.decide(asking),
      assignment: try inputs.assignment(asking, in: place?.place))
  }

  /// Records a decision that lets nothing be done, with the digest of what it is about, as far as that is known.
  private func record(_ moment: Moment) throws(Failure) -> RecordedDecision {
    let loaded = moment.inputs.loaded
    let decided = DecisionInputs(
      bundle: loaded.bundleBytes, snapshot: loaded.snapshotBytes, request: moment.inputs.json)
    var notes = DecisionNotes(
      action: try? moment.assignment.get().digest, outputs: outputs, run: place)
    notes.askedOf = keys.signer.name.description
    notes.isUnsigned = isUnsigned
    return try WritCLI.record(
      moment.run, of: moment.inputs.request, by: loaded.engine, decided, in: keys.store.directory,
      keys.signer, notes: notes)
  }

  /// The whole way. Asks once so that nobody waits for what is denied, and again, by what bundle and graph are then, when it
  /// can be done.
  ///
  /// - Parameters:
  ///   - again: The same request by what bundle and graph are now.
  ///   - post: Where the delegate connects; only asked for where something is to be done.
  ///   - show: Gets what the program writes, as it comes.
  func act(
    again: () throws(Failure) -> ActionInputs, post: () throws(Failure) -> DelegatePost,
    show: (OutputStream, [UInt8]) -> Void
  ) throws(Failure) -> ActOutcome {
    try keys.requireStanding(try admit(), inputs.engine.bundle, run: place?.subject)
    let word = { () throws(Failure) in try keys.word() }
    let first = try decide(on: word)
    guard first.run.decision.outcome == .allow else {
      return .notAllowed(first, try record(first))
    }
    _ = try first.known()
    // Nobody waits for a delegate for what is locked; whether it is then is asked again in its turn.
    if let locked = try locked(first, word) { throw try refused(locked) }
    try requireDelegate(among: keys.delegates)
    let post = try post()
    let line = try post.meet { delegate in mayDo(delegate) }
    let desk = ActionDesk(
      inputs: try again(), caller: caller, keys: keys, isUnsigned: isUnsigned, place: place,
      acting: acting)
    try keys.check(desk.inputs.engine.bundle.registry)
    // By another bundle, which came meanwhile, it may be another one's to do.
    try desk.requireDelegate(among: [line.delegate].compactMap { $0 })
    return try desk.act(over: line, post, show)
  }

  private func act(
    over line: DelegateLine, _ post: DelegatePost, _ show: (OutputStream, [UInt8]) -> Void
  ) throws(Failure) -> ActOutcome {
    let (moment, decision) = try decideInTurn { (moment) throws(Failure) in
      if moment.run.decision.outcome == .allow { _ = try moment.known() }
    }
    guard moment.run.decision.outcome == .allow else { return .notAllowed(moment, decision) }
    let assignment = try moment.known()
    let order = try permit(assignment, decision, moment, for: line)
    let (result, envelope, last) = try post.carryOut(order, over: line, show) {
      (code) throws(Failure) in try keys.record(refusal: code, of: order)
    }
    let recorded = try keys.record(result, envelope, of: order)
    // The result is recorded whether or not the delegate hears of it.
    try? last.recorded()
    return .carriedOut(
      CarriedOut(
        moment: moment, decision: decision, order: order, result: result, recorded: recorded))
  }
}

// Permits and results.
extension ActionDesk {
  /// A permit for the delegate at the other end, recorded before anybody has it.
  func permit(
    _ assignment: Assignment, _ decision: RecordedDecision, _ moment: Moment, for line: DelegateLine
  ) throws(Failure) -> PermittedOrder {
    guard let delegate = line.delegate else { throw Failure(.broken, "nobody knows who is there") }
    let bundle = moment.inputs.engine.bundle
    if let refusal = bundle.refusal(of: assignment.action, by: [delegate]) {
      throw Failure(.refused, refusal)
    }
    let seen = line.seen.size
    let reader = try withLog { () throws(LogError) in
      try LogReader(store: keys.store, keys: keys.signer.verifierKeys)
    }
    let lasting = try withEngine { () throws(RequestError) in
      try moment.inputs.loaded.decider.allowance(
        moment.inputs.prepared, moment.asking, limit: WritEvidence.Limits.permitDuration)
    }
    let decided = try reader.decided(at: decision.index)
    // Its fence is its place in the log, which nothing else has and which only rises.
    let permit = Permit(
      for: assignment, id: try recordID(),
      delegate: DelegateIdentity(of: delegate),
      fence: Int64(clamping: decision.index),
      validity: Instant(
        microseconds: moment.asking.now)..<Instant(
          microseconds: moment.asking.now
            + max(1, min(lasting, moment.tokenEnd - moment.asking.now))),
      decision: LogPlace(origin: decision.origin, index: decision.index),
      isUnsigned: decided.isUnsigned, labels: bundle.labels(ofAction: assignment.action))
    let (proof, step) = try withLog { () throws(LogError) in
      let proof = try reader.proofBundle(index: decision.index)
      guard seen > 0, seen < reader.size else { return (proof, nil as CheckpointStep?) }
      let hashes = try reader.consistencyProof(since: seen).hashes
      return (proof, CheckpointStep(oldSize: seen, hashes: hashes))
    }
    let id = try recordID()
    let question = PermitQuestion(
      decision: decision.index, place: place?.place, delegate: permit.delegate.name,
      now: currentTime())
    let (recorded, _) = try keys.inTurn { (_, word) throws(Failure) in
      if let reason = try attempts.refusal(of: question, by: try word(), of: decision.origin) {
        throw Failure(
          .refused, "nothing may be done upon entry \(decision.index): \(reason)",
          remedy: "one attempt is let be done once; another runner may be at a copy of this run")
      }
      let draft = Writ.record(of: permit, upon: decided, in: assignment.run, id: id)
      return (draft: draft, value: ())
    }
    return PermittedOrder(
      order: WorkOrder(
        assignment: assignment, permit: permit.signed(by: keys.permitKey), proof: proof,
        consistency: step),
      permit: permit, decided: decided, entry: recorded.index, checkpointSize: reader.size)
  }
}
