// A run's decisions: conditions and gates, on bundle and graph as they are when they are asked.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// An action that its gate allowed, and has not begun.
struct AllowedAction {
  let desk: ActionDesk
  let moment: Moment
  let decision: RecordedDecision
  /// What is remembered of it, for trying it again and for taking it back.
  let deed: RememberedDeed
}

/// Decides for one run. One thread.
final class PipelineDesk {
  let keys: ActingKeys
  let caller: String
  let folder: RunFolder
  let head: RunHead
  let lowered: LoweredPipeline
  private let invocation: Invocation
  /// Who acts, and within what.
  let acting: ActingCaller
  private(set) var inputs: PipelineInputs
  /// What was allowed and is not begun, until it is, or is asked anew.
  private var allowed: [RunPosition: AllowedAction] = [:]
  /// Who has said no, in the log, to what a gate holds.
  private(set) var refusals: [RunPosition: SaidNo] = [:]
  /// Where approvals come from.
  let approvals: ApprovalFolder
  /// How often a version may be taken back before it is locked.
  let rollbackLimit: Int
  /// What holds programs of steps.
  let bounds: ProgramBounds
  /// Which attempts were let be done, as far as the log has been read.
  private let attempts = AttemptLedger()
  /// Places of nodes in the run, by their names, once they are asked for.
  private var places: [String: Int] = [:]
  /// Why the run cannot go on now: what must be recorded could not be.
  private(set) var failure: Failure?

  init(
    _ invocation: Invocation, _ inputs: PipelineInputs, _ head: RunHead, _ folder: RunFolder,
    _ keys: ActingKeys
  ) throws(Failure) {
    self.invocation = invocation
    acting = ActingCaller(
      known: head.caller, token: try PresentedToken(invocation),
      hasSigned: invocation.has("--actor-key"))
    rollbackLimit = try invocation.rollbackLimit()
    bounds = try ProgramBounds(invocation, folder, keys.store)
    self.inputs = inputs
    self.head = head
    self.folder = folder
    self.keys = keys
    caller = head.caller
    lowered = inputs.lowered
    approvals = ApprovalFolder(invocation.value("--approvals") ?? folder.approvals)
  }

  /// The bundle that the run was begun with.
  var bundle: LoadedBundle { inputs.loaded.engine.bundle }

  /// The end of the pipeline's time, in microseconds since 1970.
  var deadline: Int64? { lowered.program.deadline.map { head.started + $0 } }

  /// Asked at this moment, to be acted upon.
  func asking() -> Asking {
    let clock = currentTime()
    return Asking(caller: caller, now: clock, asOf: clock, isQuestion: false)
  }

  /// Reads bundle and graph anew where their files have changed. Another bundle than the run was begun with is refused: what
  /// people approved and what was shown to be guarded was of that one.
  func refresh() throws(Failure) {
    guard !inputs.loaded.isCurrent(invocation) else { return }
    let fresh: PipelineInputs
    do throws(Failure) {
      fresh = try PipelineInputs(invocation, head.request)
    } catch {
      // Whoever could not be asked has not said no: the run waits for files that can be read.
      throw Failure(.broken, error.message, remedy: error.remedy)
    }
    guard fresh.loaded.engine.bundle.digest == head.bundle else {
      throw .badInput(
        "the bundle is another one than the run was begun with: \(fresh.loaded.engine.bundle.digest)",
        remedy: "bring back \(head.bundle), or begin a new run")
    }
    inputs = fresh
  }

  /// Whether bundle and graph are still those that an action was allowed by.
  func isCurrent(_ action: AllowedAction) -> Bool {
    action.desk.inputs.loaded.isCurrent(invocation)
  }

  /// What was allowed at a position and is about to begin; gone when it was asked for.
  func takeAllowed(_ position: RunPosition) -> AllowedAction? {
    allowed.removeValue(forKey: position)
  }

  /// Where a node stands in the run.
  func place(of id: String, in run: Run) -> Int? {
    if places.isEmpty {
      for node in run.states.indices { places[run.id(of: node)] = node }
    }
    return places[id]
  }

  /// How an attempt ended, once its folder remembers it; where it cannot, the run does not go on.
  func remembering(_ attempt: AttemptName, _ ending: Ending) -> (AttemptName, AttemptNews) {
    do throws(Failure) {
      try folder.remember(attempt, ending)
    } catch {
      stop(error)
    }
    return (attempt, .ended(ending))
  }

  /// The run cannot go on now.
  func stop(_ failure: Failure) { self.failure = self.failure ?? failure }
}

extension PipelineDesk {
  /// What was asked for, with what the log says was done where the policy reads that.
  ///
  /// - Parameters:
  ///   - outputs: What steps have given out.
  ///   - results: How stages and steps ended, by their marks.
  func onWord(
    with outputs: [GivenOutput], _ results: [PartResult] = []
  ) throws(Failure) -> PreparedPipeline {
    let engine = inputs.loaded.engine
    guard engine.bundle.readsDeeds else { return try inputs.prepared(with: outputs, results) }
    try refuseDeeds(outputs.flatMap(\.facts), engine.bundle)
    let facts = try keys.word().deedFacts(engine, keys.signer.name.description, nil)
    let request = PipelineRequest(
      name: head.request.name, arguments: head.request.arguments,
      facts: head.request.facts + facts)
    return try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.prepare(request, outputs: outputs, results: results)
    }
  }
}

extension PipelineDesk: DecisionMaker {
  func evaluate(_ condition: String, for node: RunPosition, of run: Run) -> Answer {
    answer(condition, of: run) { (value) throws(Failure) in
      try outputs(for: run.id(of: node.node), run, and: outputs(readBy: [value]))
    }
  }

  /// Another bundle is a freeze that never ends. A run that waits for nothing else is then left: it is not let on, because nobody
  /// knows whether the freeze is over.
  func freeze(_ condition: String, of run: Run) -> Answer {
    if run.phase == .held {
      do throws(Failure) {
        try refresh()
      } catch {
        // Files that cannot be read now can be later.
        if error.code == .badInput { stop(error) }
        return .unknown(error.message)
      }
    }
    return answer(condition, of: run) { (_) throws(Failure) in [] }
  }

  /// Whether a file that a freeze may depend on has changed.
  var hasNews: Bool { !inputs.loaded.isCurrent(invocation) }

  /// What a condition comes to now, by what steps have given out.
  private func answer(
    _ condition: String, of run: Run, _ outputs: (Int) throws(Failure) -> [GivenOutput]
  ) -> Answer {
    guard let value = LoweredPipeline.value(of: condition) else {
      return .unknown("the bundle has no such condition")
    }
    do throws(Failure) {
      try refresh()
      let outputs = try outputs(value)
      let asks = !lowered.program.values[value].asks.isEmpty
      let prepared = try onWord(with: outputs, asks ? results(of: run) : [])
      let result = try withEngine { () throws(RequestError) in
        try inputs.loaded.decider.condition(value, of: prepared, asking())
      }
      switch result {
      case .yes: return .yes
      case .no: return .no
      case .unknown(let why): return .unknown(why)
      case .outOfFuel: return .unknown("it looks at more than its limit allows")
      }
    } catch {
      return .unknown(error.message)
    }
  }

  func decide(_ node: RunPosition, of run: Run) -> GateDecision? {
    allowed[node] = nil
    if let decided = remembered(node, of: run) { return decided }
    do throws(Failure) {
      let id = run.id(of: node.node)
      let place = RunPlace(
        id: head.id, step: id, round: node.round, attempt: run.states[node.node].attempt + 1)
      return try decide(at: node, place, run)
    } catch {
      if error.code == .broken {
        stop(error)
        return nil
      }
      return GateDecision(
        .deny(error.message), action: Digest(of: Array(error.message.utf8)), evidence: nil)
    }
  }

  /// Who stood behind a run when it began: they do to its end, whatever can be read of its token by then.
  private func givers(of run: Run) throws(Failure) -> [String] {
    guard let start = run.start else {
      throw Failure(.broken, "nobody knows who stands behind the run")
    }
    return start.contributors
  }

  private func decide(
    at node: RunPosition, _ place: RunPlace, _ run: Run
  ) throws(Failure) -> GateDecision {
    let (id, isRollback) = (place.step, PlanNode.isRollback(place.step))
    try refresh()
    let outputs = try outputs(for: id, run)
    let asked = try asked(for: id, in: node.round, outputs)
    let subject = try subject(of: asked)
    let deed = try deed(of: id, outputs, does: subject.target.does)
    try requireSame(deed, place)
    let agreements = try agreements(on: id, run)
    if subject.target.does != nil, let broken = agreements.first(brokenBy: subject.target.does) {
      throw try refused(broken)
    }
    let grants = approvals.grants(forGate: subject.gate, bundle)
    let plain = grants.isEmpty ? asked : asked.with("waivers", .array(grants))
    let envelopes = approvals.envelopes(for: subject, bundle.registry)
    let json = plain.with("approvals", .array(envelopes))
    var desk = ActionDesk(
      inputs: try ActionInputs(any: json, inputs.loaded), caller: caller, keys: keys,
      isUnsigned: !acting.hasSigned, place: RunContext(place, head: try head.digest()),
      // What takes back what was done under a token is not held to it: neither its bounds nor its end may be in the way.
      acting: isRollback ? nil : acting, behind: isRollback ? try givers(of: run) : nil,
      outputs: notes(of: outputs, at: id), attempts: attempts)
    desk.rollbackLimit = rollbackLimit
    var broken: StepAgreement?
    let (moment, recorded): (Moment, RecordedDecision)
    do throws(Failure) {
      (moment, recorded) = try desk.decideInTurn { (moment) throws(Failure) in
        guard moment.run.decision.outcome == .allow, desk.inputs.request.call != nil else { return }
        do throws(RequestError) {
          _ = try moment.assignment.get()
        } catch {
          // An allow of what cannot be said is none, and is not recorded as one.
          throw Failure(.refused, "nothing can be done, though the gate allows it: \(error)")
        }
        broken = agreements.first(brokenBy: moment.inputs.does)
        if broken != nil { throw Failure(.refused, StepAgreement.why) }
      }
    } catch {
      if let broken { throw try refused(broken) }
      throw error
    }
    refusals[node] = moment.run.decision.outcome == .hold ? moment.run.saidNo : nil
    if moment.run.decision.outcome == .allow {
      allowed[node] = AllowedAction(
        desk: desk, moment: moment, decision: recorded, deed: deed)
    }
    return GateDecision(
      try outcome(moment, plain), action: subject.digest, evidence: recorded.index)
  }

  private func outcome(
    _ moment: Moment, _ plain: JSONValue
  ) throws(Failure) -> GateDecision.Outcome {
    let decision = moment.run.decision
    switch decision.outcome {
    case .allow: return .allow
    case .deny:
      let reasons = decision.reasons.map { "\($0.clause): \($0.message)" }
      return .deny(reasons.joined(separator: "; "))
    case .hold:
      // Each clause is for itself: who is counted for one may be counted for another.
      let owed = try wholeObligations(decision, plain)
      let clauses = owed.map(\.clause)
      let rules = owed.map { one in
        ApprovalRule(
          role: one.role, count: one.count, excluded: one.except,
          group: clauses.firstIndex { hasSameBytes($0, one.clause) } ?? 0, clause: one.clause)
      }
      return .hold(rules, within: try invocation.duration("--hold") ?? 86_400_000_000)
    }
  }

  /// What would be owed if nobody had approved yet: a ballot counts all votes anew.
  private func wholeObligations(
    _ decision: Decision, _ plain: JSONValue
  ) throws(Failure) -> [Obligation] {
    guard !decision.approvals.isEmpty else { return decision.obligations }
    let bare = try ActionInputs(any: plain, inputs.loaded)
      .decide(caller, onBehalfOf: decision.onBehalfOf, isQuestion: true).run
    return bare.decision.outcome == .hold ? bare.decision.obligations : decision.obligations
  }
}

extension JSONValue {
  /// The object with one member more.
  func with(_ name: String, _ value: JSONValue) -> JSONValue {
    .object((object ?? []) + [JSONMember(name, value)])
  }
}
