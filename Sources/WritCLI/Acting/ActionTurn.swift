// One decision after another: each is made and recorded while nobody else can add to the log, on what the log then says.
//
// What it says that a decision depends on: what was done and what may yet be, where the policy reads that (`Deed`); and which
// approvals were used. So fifty who ask at once are decided on as if they had asked one after another.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// What a log says at one moment, as far as it bears on decisions.
final class LogWord {
  let history: SubjectReader
  let store: LogStore
  private var disclosures: OpenDisclosures?

  init(_ history: SubjectReader, of store: LogStore) {
    self.history = history
    self.store = store
  }

  /// What was sealed under a digest; `nil` where it was erased.
  func sealed(_ digest: DisclosureDigest) throws(Failure) -> JSONValue? {
    try withLog { () throws(LogError) in try store.disclosures.sealedValue(digest) }
  }

  /// What stands behind the tokens in records.
  func opened() throws(Failure) -> OpenDisclosures {
    if let disclosures { return disclosures }
    let opened = try withLog { () throws(LogError) in try store.disclosures.opened() }
    disclosures = opened
    return opened
  }
}

extension ActingKeys {
  /// What the log says now; others may add to it at once.
  func word() throws(Failure) -> LogWord { LogWord(try history(), of: store) }

  /// Decides, and records what was decided, while nobody else can: one after another.
  ///
  /// - Parameter body: Handed the store in which it keeps what it names, and what makes a reader of all that the log has; may be
  ///   called again where the log was taken.
  func inTurn<Value>(
    _ body: (LogStore, () throws(Failure) -> LogWord) throws(Failure)
      -> (draft: RecordDraft, value: Value)
  ) throws(Failure) -> (RecordedDecision, Value) {
    var found: Value?
    var failure: Failure?
    do throws(Failure) {
      let recorded = try recording(attempts: Patience.acting) { () throws(RecorderError) in
        try Writ.append(
          inTurnTo: store, signer: signer, clock: currentTime, uptime: currentUptime
        ) { (turn) throws(RecorderError) in
          // Nobody adds to the log in between, so it is read once.
          var read: LogWord?
          do throws(Failure) {
            let (draft, value) = try body(turn.store) { () throws(Failure) in
              if let read { return read }
              let word = LogWord(
                try withLog { () throws(LogError) in try turn.history() }, of: store)
              read = word
              return word
            }
            found = value
            return draft
          } catch {
            failure = error
            throw .request(RequestError("nothing was decided"))
          }
        }
      }
      guard let found else { preconditionFailure("what was recorded was decided") }
      return (recorded, found)
    } catch {
      throw failure ?? unrecorded(error)
    }
  }
}

extension ActionDesk {
  /// The decision at this moment, on what the log says of all before it, recorded before anybody else is decided on.
  ///
  /// - Parameter check: Refuses a decision that is not to be recorded.
  func decideInTurn(
    _ check: (Moment) throws(Failure) -> Void
  ) throws(Failure) -> (Moment, RecordedDecision) {
    let id = try recordID()
    let token = try admit()
    var spent: CapabilityBlock?
    var locked: LockedVersion?
    var revoked: RevokedBlock?
    do throws(Failure) {
      let (recorded, moment) = try keys.inTurn { (store, word) throws(Failure) in
        spent = try token?.spent(by: try word(), at: currentTime(), asking: place?.place)
        if spent != nil { throw Failure(.refused, "the token's budget is used up") }
        revoked = try token.flatMap { (token) throws(Failure) in
          try word().revoked(
            token.capability, inputs.engine.bundle, keys.signer.name.description)
        }
        if revoked != nil { throw Failure(.refused, RevokedBlock.why) }
        var moment = try decide(on: word)
        moment.tokenEnd = token?.capability.last.expires.microseconds ?? .max
        try check(moment)
        locked = try self.locked(moment, word)
        if let locked { throw Failure(.refused, locked.why) }
        let undoes = try takenBack(moment, word)
        return (try draft(moment, token, undoes, in: store, id: id), moment)
      }
      return (moment, recorded)
    } catch {
      if let locked { throw try refused(locked) }
      if let token, let revoked {
        throw try keys.refused(
          token.caller, token.use, inputs.engine.bundle, place?.subject, RevokedBlock.why,
          revoked.detail)
      }
      guard let token, let spent else { throw error }
      throw try keys.refused(
        token.caller, token.use, inputs.engine.bundle, place?.subject,
        "the token does not cover the budget",
        "\(spent.budget ?? 0) actions were done by the block \(spent.id), or may yet be")
    }
  }

  /// The decision at this moment, on what the log says.
  ///
  /// - Parameter word: Only asked where something depends on it.
  func decide(on word: () throws(Failure) -> LogWord) throws(Failure) -> Moment {
    let clock = currentTime()
    let asking = Asking(
      caller: caller, onBehalfOf: try givers(), now: clock, asOf: clock, isQuestion: false)
    guard inputs.dependsOnLog else { return try decide(asking) }
    let heard = try inputs.onWord(try word(), keys.signer.name.description, place?.place, asking)
    let moment = try ActionDesk(
      inputs: heard.inputs, caller: caller, keys: keys, isUnsigned: isUnsigned, place: place
    ).decide(asking)
    return moment.adding(heard)
  }

  /// What is recorded of a decision: with the digest of what it is about, as far as that is known; and where something may now be
  /// done, that it is a deed, and which approvals it uses.
  private func draft(
    _ moment: Moment, _ token: CountingToken?, _ undoes: [TakenBack], in store: LogStore,
    id: String
  ) throws(Failure) -> RecordDraft {
    let loaded = moment.inputs.loaded
    let decided = DecisionInputs(
      bundle: loaded.bundleBytes, snapshot: loaded.snapshotBytes, request: moment.inputs.json)
    let assignment = try? moment.assignment.get()
    var told = DecisionNotes(action: assignment?.digest, outputs: outputs, run: place)
    told.askedOf = keys.signer.name.description
    told.isUnsigned = isUnsigned
    told.undoes = undoes
    if moment.run.decision.outcome == .allow, let assignment {
      told.artifacts = DeployedVersion.all(in: assignment).map(\.artifact)
      told.deedsOf = keys.signer.name.description
      told.token = token?.blocks ?? []
      told.approvals = moment.inputs.envelopes(counted: moment.run.decision.approvals)
    }
    do throws(RecorderError) {
      return try loaded.engine.draft(
        moment.run, of: moment.inputs.request, decided, in: store, id: id, notes: told)
    } catch {
      switch error {
      case .log(let error): throw unrecorded(failure(of: error))
      case .request(let error): throw .badInput(error.description)
      }
    }
  }
}

extension Moment {
  /// The same with more that whoever asked should know.
  fileprivate func adding(_ heard: HeardWord) -> Moment {
    Moment(inputs: inputs, asking: asking, run: heard.told(run), assignment: assignment)
  }
}

/// What the log says of what is asked for.
struct HeardWord {
  /// The request as it stands on that.
  let inputs: ActionInputs
  /// What whoever asked should know.
  let notes: [String]
  /// Who has said no to it.
  let no: SaidNo?

  /// A decision on it, with what whoever asked should know.
  func told(_ run: DecisionRun) -> DecisionRun { run.adding(notes: notes).refused(by: no) }
}

extension ActionInputs {
  /// Whether what the log says bears on the decision.
  var dependsOnLog: Bool {
    engine.bundle.readsDeeds || isAction && (!request.approvals.isEmpty || asksPeople)
  }

  private var asksPeople: Bool {
    !engine.bundle.program.program.roles(askedByGate: request.gate).isEmpty
  }

  private var isAction: Bool { request.call != nil }

  /// The request as it stands on what the log says: without approvals that were used, with the deeds that the log knows.
  ///
  /// - Parameters:
  ///   - origin: The log's name.
  ///   - place: Where in a run it is asked; its own approvals count again for another attempt.
  ///   - asking: When.
  func onWord(
    _ word: LogWord, _ origin: String, _ place: RunPlace?, _ asking: Asking
  ) throws(Failure) -> HeardWord {
    var notes: [String] = []
    var approvals: [JSONValue] = []
    let facts = try word.deedFacts(engine, origin, place)
    let target = try target(facts, asking)
    let began = isAction && !request.approvals.isEmpty ? try word.began() : nil
    let refused = isAction ? try word.refusal(of: target, request, engine) : nil
    for (index, envelope) in request.approvals.enumerated() {
      // One that is for something else is told of as such.
      let approval = try? Approval(envelope, registry: engine.bundle.registry)
      let isForThis = approval.map { $0.target.isSame(as: target) } ?? false
      let use = isAction && isForThis ? try word.use(of: envelope, beside: place) : nil
      if let refused, isForThis {
        notes.append("approval \(index + 1) does not count: \(refused.words)")
      } else if let began, isForThis, let given = approval?.signedAt, given.microseconds <= began {
        notes.append(
          "approval \(index + 1) does not count: it was given before this log went on from another, in which it may have been used"
        )
      } else if let use {
        notes.append(
          "approval \(index + 1) was used: it was counted for what entry \(use) let be done")
      } else {
        approvals.append(envelope)
      }
    }
    guard !notes.isEmpty || !facts.isEmpty else {
      return HeardWord(inputs: self, notes: [], no: refused)
    }
    return HeardWord(
      inputs: try ActionInputs(withDeeds: document(facts, approvals), loaded), notes: notes,
      no: refused)
  }

  /// The request with what the log brings, and with those approvals.
  private func document(_ facts: [JSONValue], _ approvals: [JSONValue]) -> JSONValue {
    var members = (json.object ?? []).filter {
      !hasSameBytes($0.name, "approvals") && !hasSameBytes($0.name, "facts")
    }
    if !approvals.isEmpty { members.append(JSONMember("approvals", .array(approvals))) }
    members.append(JSONMember("facts", .array(request.facts + facts)))
    return .object(members)
  }

  /// What an approval must be for, by what the log brings.
  private func target(
    _ facts: [JSONValue], _ asking: Asking
  ) throws(Failure) -> ApprovalTarget {
    try stated(facts, asking).target()
  }

  /// The request without approvals, with what the log brings, saying what it would do.
  func stated(
    _ facts: [JSONValue], _ asking: Asking
  ) throws(Failure) -> ActionInputs {
    try ActionInputs(withDeeds: document(facts, []), loaded).stating(asking)
  }

  /// What an approval of the request, as it is, is for.
  private func target() throws(Failure) -> ApprovalTarget {
    try withEngine { () throws(RequestError) in try engine.approvalTarget(of: request) }
  }

  /// What people are asked to agree to at a moment, and all of what would be done, where that is an action and known.
  ///
  /// - Parameter deeds: What the log brings.
  func whatIsAgreedTo(
    _ asking: Asking, deeds: () throws(Failure) -> [JSONValue]
  ) throws(Failure) -> (ApprovalTarget, Undertaking?) {
    guard isAction else { return (try target(), nil) }
    let stated = try stated(try deeds(), asking)
    guard stated.request.does != nil else { return (try stated.target(), nil) }
    let undertaking = try withEngine { () throws(RequestError) in
      try loaded.decider.undertaking(stated.prepared, asking)
    }
    return (try stated.target(), undertaking)
  }

  /// Digests of the envelopes whose approvals a decision counted.
  func envelopes(counted: [CountedApproval]) -> [Digest] {
    request.approvals.compactMap { envelope in
      guard let approval = try? Approval(envelope, registry: engine.bundle.registry),
        counted.contains(where: { $0 == approval.counted })
      else { return nil }
      return approvalDigest(envelope)
    }
  }
}

/// By what an approval is known once it is used: all of its envelope, with a signature that nobody else can make.
func approvalDigest(_ envelope: JSONValue) -> Digest? {
  (try? envelope.ownCanonicalBytes()).map { Digest(of: $0) }
}

extension LogWord {
  /// Who has said no to what is asked for, and has not agreed since; `nil` where nobody has. One no is enough.
  ///
  /// Of whoever was erased it is not known whether they have agreed: their no stands.
  func refusal(
    of target: ApprovalTarget, _ request: Request, _ engine: Engine
  ) throws(Failure) -> SaidNo? {
    // Whatever would be done: who says no to an action says no to it by another graph, too.
    let found = try withLog { () throws(LogError) in try history.rejections(of: target.digest) }
    guard !found.isEmpty else { return nil }
    let approvals = request.approvals.compactMap {
      try? Approval($0, registry: engine.bundle.registry)
    }.filter { $0.target.isSame(as: target) }
    for one in found {
      let predicate = one.record.predicate
      // Who is not asked does not answer.
      let asked = engine.bundle.program.program.roles(
        askedByGate: predicate["gate"]?.string ?? "")
      guard asked.containsBytes(of: predicate["role"]?.string ?? "") else { continue }
      let person = try opened().open(predicate["rejecter"]?.string ?? "somebody")
      // The clock of whoever signed may be behind; the log's says when it was heard.
      let signed = predicate["signedAt"]?.string.flatMap { Instant($0) }?.microseconds ?? .max
      let said = max(signed, one.record.logged ?? .max)
      let hasAgreed = approvals.contains { approval in
        hasSameBytes(approval.approver, person) && approval.signedAt.microseconds > said
      }
      if !hasAgreed { return SaidNo(person: person, entry: one.index) }
    }
    return nil
  }

  /// When the log went on from another, in microseconds since the epoch; `nil` where it did not. What was used before that, the
  /// other log knows.
  func began() throws(Failure) -> Int64? {
    try withLog { () throws(LogError) in
      guard try history.reader.opening() != nil else { return nil }
      return LoggedRecord(try history.reader.entry(at: 0)).logged ?? .max
    }
  }

  /// The entry of a decision that counted an approval and let something be done by it, in another step; `nil` where it can still
  /// be used.
  func use(of envelope: JSONValue, beside place: RunPlace?) throws(Failure) -> UInt64? {
    guard let digest = approvalDigest(envelope) else { return nil }
    let deeds = try withLog { () throws(LogError) in
      try history.deeds(
        about: Deed.subjectName(ofApproval: digest), now: currentTime(), asking: place)
    }
    return (deeds ?? []).first { deed in
      guard let place, let other = deed.record.runPlace else { return true }
      return !place.isSameStep(as: other)
    }?.entry
  }

  /// What was done and what may yet be, as facts for an engine whose policy reads them.
  func deedFacts(
    _ engine: Engine, _ origin: String, _ place: RunPlace?
  ) throws(Failure) -> [JSONValue] {
    guard engine.bundle.readsDeeds else { return [] }
    let now = currentTime()
    let horizon = engine.bundle.deedHorizon
    let deeds = try withLog { () throws(LogError) in
      try history.deeds(
        about: Deed.subjectName(of: origin), since: now - horizon, now: now, asking: place)
    }
    guard let deeds else {
      throw Failure(
        .refused,
        "the policy reads what was done in the last \(Duration(microseconds: horizon)), and that is more than "
          + "\(DeedLimits.deeds) actions",
        remedy: "name shorter times in the policy")
    }
    let open = engine.bundle.readsBreakGlass ? try openReviews(origin, now, place) : []
    let known = Set(deeds.map(\.entry))
    return engine.facts(
      of: deeds + open.filter { !known.contains($0.entry) }, now: now, opening: try opened())
  }

  /// What was done past the usual way and nobody has reviewed, however long ago it was: none of it goes out of sight.
  private func openReviews(
    _ origin: String, _ now: Int64, _ place: RunPlace?
  ) throws(Failure) -> [Deed] {
    try withLog { () throws(LogError) in
      try history.breakGlassUses(of: origin, now: now, asking: place)
    }.filter { $0.review == nil }
  }
}
