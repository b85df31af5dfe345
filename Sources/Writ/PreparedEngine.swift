// A bundle over a snapshot, made ready once for any number of decisions.

import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
public import WritModel
public import WritVM

/// An engine with all that does not change from request to request: names matched, tables linked for the epochs of the
/// snapshot's sources, digests written. Safe for several threads; what one thread decides with is a `Decider`.
public final class PreparedEngine: Sendable {
  public let engine: Engine
  let program: PreparedProgram
  private let plan: OverlayPlan
  let bundleDigest: String
  let snapshotDigest: String

  /// Refuses a snapshot that does not fit the bundle. O(size of the program + lines of sources).
  public init(_ engine: Engine) throws(RequestError) {
    self.engine = engine
    do throws(GraphProblems) {
      plan = try OverlayPlan(engine.snapshot, engine.program.schema)
    } catch {
      throw RequestError(error.brief)
    }
    do throws(LinkError) {
      program = try PreparedProgram(engine.bundle.program, engine.snapshot)
    } catch {
      throw RequestError(error.description)
    }
    bundleDigest = engine.bundle.digest.description
    snapshotDigest = engine.snapshotDigest
  }

  /// The facts of a request as an overlay of the snapshot.
  func overlay(_ facts: [JSONValue]) throws(RequestError) -> Overlay {
    try Writ.overlay(facts, plan)
  }
}

extension Engine {
  /// The same, for one request.
  func overlay(_ facts: [JSONValue]) throws(RequestError) -> Overlay {
    let plan: OverlayPlan
    do throws(GraphProblems) {
      plan = try OverlayPlan(snapshot, program.schema)
    } catch {
      throw RequestError(error.brief)
    }
    return try Writ.overlay(facts, plan)
  }
}

private func overlay(_ facts: [JSONValue], _ plan: OverlayPlan) throws(RequestError) -> Overlay {
  do throws(GraphProblems) {
    var builder = OverlayBuilder(plan)
    var lines: [UInt8] = []
    for fact in facts {
      fact.appendCompact(to: &lines)
      lines.append(0x0A)
    }
    builder.read(lines, named: "facts")
    return try builder.build()
  } catch {
    throw RequestError(error.brief)
  }
}

/// A request with all of it that does not depend on when and by whom it is asked. For one thread at a time.
public final class PreparedRequest {
  public let request: Request
  /// Whose numbers the overlay and the arguments are.
  let engine: PreparedEngine
  let gate: Int
  let link: RequestLink
  let approvals: [CheckedApproval]
  /// Of the request in its canonical form, as a decision names it.
  let digest: String
  /// The arguments, once they were resolved; those of an engine whose gate takes a string are resolved for each decision, since
  /// the numbers of strings are not.
  var slots: [Slot]?
  /// What was said of it before; `nil` where its gate takes a string, for the same reason.
  let memory: DecisionMemory?
  /// How its last decision was written, if it was.
  var written: WrittenDecision?

  init(
    _ request: Request, _ engine: PreparedEngine, gate: Int, overlay: Overlay,
    approvals: [CheckedApproval], digest: String, hasMemory: Bool
  ) {
    memory = hasMemory ? DecisionMemory() : nil
    self.request = request
    self.engine = engine
    self.gate = gate
    link = RequestLink(overlay)
    self.approvals = approvals
    self.digest = digest
  }
}

/// Decides over one bundle and one snapshot, request after request. For one thread at a time.
public final class Decider {
  public let prepared: PreparedEngine
  private let machine: Machine
  private let gateNames: [String]
  /// For each gate, whether it takes a string.
  private let takesString: [Bool]
  /// Whom the last request named, resolved.
  private var lastCaller: (text: String, node: (kind: Int, id: String))?

  public init(_ prepared: PreparedEngine) {
    self.prepared = prepared
    machine = prepared.program.machine()
    let gates = prepared.engine.program.gates
    gateNames = gates.map(\.name)
    takesString = gates.map { gate in
      gate.parameters.contains { $0.type.unwrapped == .string }
    }
  }

  /// Reads a request's facts and verifies its approvals. Throws where it does not fit the bundle or the graph.
  public func prepare(_ request: Request) throws(RequestError) -> PreparedRequest {
    try prepare(request, approvals: .signed)
  }

  /// The same, on approvals as they come with a request or as a log keeps them.
  ///
  /// - Parameter isAskedOnce: Nothing is kept for another question.
  func prepare(
    _ request: Request, approvals form: ApprovalForm, isAskedOnce: Bool = false
  ) throws(RequestError) -> PreparedRequest {
    let engine = prepared.engine
    let request = try engine.resolved(request)
    let gate = try engine.index(of: request.gate, in: gateNames, what: "gate")
    let name = gateNames[gate]
    let overlay = try prepared.overlay(request.facts)
    var approvals: [CheckedApproval] = []
    if !request.approvals.isEmpty {
      let subject = try engine.digest(of: engine.approvalSubject(of: request, gate: name))
      approvals = engine.check(request.approvals, form, gate: name, subject: subject)
    }
    return PreparedRequest(
      request, prepared, gate: gate, overlay: overlay, approvals: approvals,
      digest: try engine.digest(of: request.canonical(gate: name)).description,
      hasMemory: !isAskedOnce && !takesString[gate])
  }

  /// The decision on a request that this decider, or one of the same prepared engine, has prepared.
  public func decide(
    _ prepared: PreparedRequest, _ asking: Asking, tracing: Tracing = .off
  ) throws(RequestError) -> DecisionRun {
    precondition(prepared.engine === self.prepared, "a request is decided where it was prepared")
    let stepsBefore = machine.stepCount
    let machine = try bound(prepared, asking)
    let slots = try slots(of: prepared)
    let approvals =
      prepared.approvals.isEmpty
      ? (granted: [], notes: [])
      : self.prepared.engine.approvals(prepared.approvals, machine, asking)
    let result = machine.decide(
      gate: prepared.gate, arguments: slots, approvals: approvals.granted.map { $0.grant },
      asOf: asking.asOf, tracing: tracing, memory: prepared.memory)
    let counted = result.countedApprovals.map { approvals.granted[$0].approval.counted }
    let decision = Decision(
      gate: gateNames[prepared.gate], outcome: result.outcome,
      isIndeterminate: result.isIndeterminate, isQuestion: asking.isQuestion, now: asking.now,
      asOf: asking.asOf, caller: asking.caller, bundle: self.prepared.bundleDigest,
      snapshot: self.prepared.snapshotDigest, request: prepared.digest, reasons: result.reasons,
      obligations: result.obligations, approvals: counted)
    return DecisionRun(
      decision: decision, fuel: result.fuel, steps: machine.stepCount - stepsBefore,
      fuelLimit: WritVM.Limits.fuel, arguments: prepared.request.arguments,
      notes: callerNote(asking.caller, counted.count) + approvals.notes, trace: result.trace,
      traceText: result.traceText, tracing: tracing, version: result.version)
  }

  /// The machine, over what the request brings, at that time.
  func bound(_ prepared: PreparedRequest, _ asking: Asking) throws(RequestError) -> Machine {
    try bound(prepared.link, asking)
  }

  /// The same, over what a pipeline was asked for with.
  func bound(_ link: RequestLink, _ asking: Asking) throws(RequestError) -> Machine {
    machine.bind(
      link,
      Circumstances(now: asking.now, asOf: asking.asOf, caller: try caller(asking.caller)))
    return machine
  }

  private func slots(of prepared: PreparedRequest) throws(RequestError) -> [Slot] {
    if let slots = prepared.slots { return slots }
    let gate = self.prepared.engine.program.gates[prepared.gate]
    let slots = try self.prepared.engine.arguments(
      gate.parameters, prepared.request.arguments, "gate `\(gate.name)`", machine)
    if !takesString[prepared.gate] { prepared.slots = slots }
    return slots
  }

  private func caller(_ text: String?) throws(RequestError) -> (kind: Int, id: String)? {
    guard let text else { return nil }
    if let lastCaller, hasSameBytes(lastCaller.text, text) { return lastCaller.node }
    let node = try prepared.engine.caller(text)
    lastCaller = (text, node)
    return node
  }

  private func callerNote(_ text: String?, _ approvalCount: Int) -> [String] {
    if text == nil, approvalCount > 0 {
      return ["no caller was named: an approval by whoever asks has counted like another's"]
    }
    guard let text, let node = try? caller(text), machine.node(kind: node.kind, id: node.id) == nil
    else { return [] }
    return ["the caller `\(text)` is not in the graph: what depends on who asks is not known"]
  }
}
