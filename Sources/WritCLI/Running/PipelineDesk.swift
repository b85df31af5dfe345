// A run's decisions: conditions and gates, on bundle and graph as they are when they are asked.

@preconcurrency import Glibc
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// An action that its gate allowed, and has not begun.
struct AllowedAction {
  let desk: ActionDesk
  let moment: Moment
  let decision: RecordedDecision
}

/// What people's word would be about: a document that can be signed, and what a signature is bound to.
struct ApprovalSubject {
  let document: JSONValue
  /// What an approval names as its gate.
  let gate: String
  let digest: Digest
}

/// Decides for one run. One thread.
final class PipelineDesk {
  let keys: ActingKeys
  let caller: String
  let folder: RunFolder
  let head: RunHead
  let lowered: LoweredPipeline
  private let invocation: Invocation
  private var inputs: PipelineInputs
  private var stamps: [FileStamp?]
  /// What was allowed and is not begun, until it is, or is asked anew.
  private var allowed: [RunPosition: AllowedAction] = [:]
  /// Where approvals come from.
  let approvals: ApprovalFolder
  /// What was taken back too often.
  private let rollbacks: RollbackLedger
  /// Why the run cannot go on now: what must be recorded could not be.
  private(set) var failure: Failure?

  init(
    _ invocation: Invocation, _ inputs: PipelineInputs, _ head: RunHead, _ folder: RunFolder,
    _ keys: ActingKeys, _ rollbacks: RollbackLedger
  ) throws(Failure) {
    self.invocation = invocation
    self.rollbacks = rollbacks
    self.inputs = inputs
    self.head = head
    self.folder = folder
    self.keys = keys
    caller = head.caller
    lowered = inputs.lowered
    stamps = PipelineDesk.stamps(invocation)
    approvals = ApprovalFolder(invocation.value("--approvals") ?? folder.approvals)
  }

  /// The bundle that the run was begun with.
  var bundle: LoadedBundle { inputs.loaded.engine.bundle }

  /// Asked at this moment, to be acted upon.
  func asking() -> Asking {
    let clock = currentTime()
    return Asking(caller: caller, now: clock, asOf: clock, isQuestion: false)
  }

  /// Reads bundle and graph anew where their files have changed. Another bundle than the run was begun with is refused: what
  /// people approved and what was shown to be guarded was of that one.
  func refresh() throws(Failure) {
    let now = PipelineDesk.stamps(invocation)
    guard now != stamps else { return }
    let fresh = try PipelineInputs(invocation, head.request)
    guard fresh.loaded.engine.bundle.digest == head.bundle else {
      throw .badInput(
        "the bundle is another one than the run was begun with: \(fresh.loaded.engine.bundle.digest)",
        remedy: "bring back \(head.bundle), or begin a new run")
    }
    inputs = fresh
    stamps = now
  }

  private static func stamps(_ invocation: Invocation) -> [FileStamp?] {
    ["--bundle", "--graph"].map { invocation.value($0).flatMap { FileStamp($0) } }
  }

  /// What was allowed at a position and is about to begin; gone when it was asked for.
  func takeAllowed(_ position: RunPosition) -> AllowedAction? {
    allowed.removeValue(forKey: position)
  }

  /// The run cannot go on now.
  func stop(_ failure: Failure) { self.failure = self.failure ?? failure }
}

extension PipelineDesk: DecisionMaker {
  func evaluate(_ condition: String, for node: RunPosition, of run: Run) -> Answer {
    guard let value = LoweredPipeline.value(of: condition) else {
      return .unknown("the bundle has no such condition")
    }
    do throws(Failure) {
      try refresh()
      let result = try withEngine { () throws(RequestError) in
        try inputs.loaded.decider.condition(value, of: inputs.prepared, asking())
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
    do throws(Failure) {
      let id = run.id(of: node.node)
      return try decide(at: node, id, isRollback: id.endsWithBytes(of: ":rollback"))
    } catch {
      if error.code == .broken {
        stop(error)
        return nil
      }
      return GateDecision(
        .deny(error.message), action: Digest(of: Array(error.message.utf8)), evidence: nil)
    }
  }

  private func decide(
    at node: RunPosition, _ id: String, isRollback: Bool
  ) throws(Failure) -> GateDecision {
    try refresh()
    let plain = try request(for: id)
    let subject = try subject(of: plain)
    let envelopes = approvals.envelopes(for: subject, bundle.registry)
    let json = plain.with("approvals", .array(envelopes))
    let desk = ActionDesk(
      inputs: try ActionInputs(any: json, inputs.loaded), caller: caller, keys: keys)
    let moment = try desk.decide()
    if moment.run.decision.outcome == .allow, desk.inputs.request.call != nil {
      let assignment: Assignment
      do throws(RequestError) {
        assignment = try moment.assignment.get()
      } catch {
        // An allow of what cannot be said is none, and is not recorded as one.
        throw Failure(.refused, "nothing can be done, though the gate allows it: \(error)")
      }
      if !isRollback { try requireUnlocked(assignment) }
    }
    let recorded = try desk.record(moment)
    if moment.run.decision.outcome == .allow {
      allowed[node] = AllowedAction(desk: desk, moment: moment, decision: recorded)
    }
    return GateDecision(
      try outcome(moment, plain), action: subject.digest, evidence: recorded.index)
  }

  /// A version that keeps failing is not tried again before a person says so. What takes back is never locked.
  private func requireUnlocked(_ assignment: Assignment) throws(Failure) {
    guard let target = try rollbacks.locked(RollbackLedger.targets(of: assignment)) else { return }
    throw Failure(
      .refused,
      "\(target.artifact) was taken back too often by \(target.service): `writ run unlock` lets it be tried again"
    )
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
      let rules = try wholeObligations(decision, plain).map {
        ApprovalRule(role: $0.role, count: $0.count, excluded: $0.except)
      }
      return .hold(rules, within: try invocation.duration("--hold") ?? 86_400_000_000)
    }
  }

  /// What would be owed if nobody had approved yet: a ballot counts all votes anew.
  private func wholeObligations(
    _ decision: Decision, _ plain: JSONValue
  ) throws(Failure) -> [Obligation] {
    guard !decision.approvals.isEmpty else { return decision.obligations }
    let bare = try ActionInputs(any: plain, inputs.loaded).decide(caller, isQuestion: true).run
    return bare.decision.outcome == .hold ? bare.decision.obligations : decision.obligations
  }
}

// What a step asks.
extension PipelineDesk {
  /// What people's word would be about at a step, by what bundle and graph are now.
  func subject(for id: String) throws(Failure) -> ApprovalSubject {
    try refresh()
    if case .approval? = lowered.steps[id] {
      let asked = StepApproval(
        run: head.id, step: id, request: head.request, pipeline: lowered.program.name,
        bundle: head.bundle)
      let digest = try withEngine { () throws(RequestError) in try asked.digest }
      return ApprovalSubject(document: asked.json, gate: asked.gate, digest: digest)
    }
    return try subject(of: try request(for: id))
  }

  private func subject(of request: JSONValue) throws(Failure) -> ApprovalSubject {
    let loaded = inputs.loaded
    let (gate, digest) = try withEngine { () throws(RequestError) in
      try loaded.engine.approvalDigest(of: try Request(request))
    }
    return ApprovalSubject(document: request, gate: gate, digest: digest)
  }

  /// The people who may not approve at a step, or why they are not known.
  func excepted(at id: String) throws(Failure) -> [String] {
    guard case .approval(let approval)? = lowered.steps[id], let value = approval.except else {
      return []
    }
    try refresh()
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.nodes(value, of: inputs.prepared, asking())
    }
    do throws(RequestError) {
      return try result.get()
    } catch {
      throw .badInput("who may not approve is not known: \(error)")
    }
  }

  /// How old an approval may be, in microseconds, by the clauses of a gate that count it in a role.
  func longestAge(at id: String, role: String) -> Int64? {
    guard let request = try? request(for: id),
      let run = try? ActionInputs(any: request, inputs.loaded).decide(caller, isQuestion: true).run
    else { return nil }
    return run.decision.obligations.filter { hasSameBytes($0.role, role) }.compactMap(\.within)
      .min()
  }

  /// The words of a program.
  func words(at id: String) throws(Failure) -> [String] {
    guard case .run(let words)? = lowered.steps[id] else {
      throw .badInput("the bundle has no program for `\(id)`")
    }
    try refresh()
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.words(words, of: inputs.prepared, asking())
    }
    switch result {
    case .words(let words): return words
    case .unknown(let why): throw .badInput("the command is not known: \(why)")
    case .refused(let why): throw .badInput("the command is refused: \(why)")
    case .outOfFuel: throw .badInput("the command looks at more than its limit allows")
    }
  }

  /// The request that a step makes of its gate, without approvals.
  private func request(for id: String) throws(Failure) -> JSONValue {
    let program = inputs.loaded.engine.bundle.program.program
    let (kind, name, parameters, values): (String, String, [NamedType], [Int])
    switch lowered.steps[id] {
    case .action(let index, let arguments):
      let action = program.actions[index]
      (kind, name, parameters, values) = ("action", action.name, action.parameters, arguments)
    case .gate(let index, let arguments):
      let gate = program.gates[index]
      (kind, name, parameters, values) = ("gate", gate.name, gate.parameters, arguments)
    case .run, .approval, nil: throw .badInput("nothing decides on `\(id)`")
    }
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.arguments(
        values, for: parameters, of: inputs.prepared, asking())
    }
    do throws(RequestError) {
      return [
        kind: .string(name), "arguments": .object(try result.get()),
        "facts": .array(head.request.facts),
      ]
    } catch {
      throw .badInput("\(error)")
    }
  }
}

extension JSONValue {
  /// The object with one member more.
  fileprivate func with(_ name: String, _ value: JSONValue) -> JSONValue {
    .object((object ?? []) + [JSONMember(name, value)])
  }
}

/// What was asked for, by one bundle and one graph.
struct PipelineInputs {
  let loaded: LoadedEngine
  let lowered: LoweredPipeline
  let prepared: PreparedPipeline

  /// Reads bundle and graph; what does not fit is refused.
  init(_ invocation: Invocation, _ request: PipelineRequest) throws(Failure) {
    let loaded = try LoadedEngine(invocation)
    self.loaded = loaded
    (lowered, prepared) = try withEngine { () throws(RequestError) in
      let bundle = loaded.engine.bundle
      let pipeline = try bundle.pipeline(request.name)
      return (try bundle.lowered(pipeline), try loaded.decider.prepare(request))
    }
  }
}
