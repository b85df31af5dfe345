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
  fileprivate let plan: OverlayPlan
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
    builder.read(lines(of: facts), named: "facts")
    return try builder.build()
  } catch {
    throw RequestError(error.brief)
  }
}

/// One JSON object a line.
private func lines(of facts: [JSONValue]) -> [UInt8] {
  var lines: [UInt8] = []
  for fact in facts {
    fact.appendCompact(to: &lines)
    lines.append(0x0A)
  }
  return lines
}

/// Decides over one bundle and one snapshot, request after request. For one thread at a time.
public final class Decider {
  public let prepared: PreparedEngine
  let machine: Machine
  private let overlays: OverlayReader
  private let gateNames: [String]
  /// The same, and the digests of bundle and snapshot, as JSON.
  private let gateTexts: [[UInt8]]
  private let bundleText: [UInt8]
  private let snapshotText: [UInt8]
  private var lastCallerText: (caller: String, text: [UInt8])?
  /// For each gate, whether there are waivers of it.
  let hasWaivers: [Bool]
  /// For each gate, whether it takes a string.
  let takesString: [Bool]
  /// How requests for each gate are read where only its verdict is asked for.
  private(set) lazy var readers = prepared.engine.program.gates.map {
    VerdictReader($0, prepared.engine)
  }
  private(set) lazy var verdictTexts = prepared.engine.program.gates.map { gate in
    VerdictTexts(gate.name, gate.clauses.map(\.name))
  }
  /// Arguments of a verdict; their memory is used again.
  var verdictSlots: [Slot] = []
  /// Of the verdict before, where nothing is bound anew for the next.
  var verdictAsking: Asking?
  var verdictBlocks: VerdictBlocks?
  var timeTexts = TimeTexts()
  /// What a gate's answer is written to; its memory is used again.
  var writtenGate = WrittenGate()
  /// For requests that bring nothing.
  private var emptyLink: RequestLink?
  /// Whom the last request named, resolved.
  private var lastCaller: (text: String, node: (kind: Int, id: String))?

  public init(_ prepared: PreparedEngine) {
    self.prepared = prepared
    machine = prepared.program.machine()
    overlays = OverlayReader(prepared.plan)
    let gates = prepared.engine.program.gates
    gateNames = gates.map(\.name)
    gateTexts = gates.map { jsonString($0.name) }
    bundleText = jsonString(prepared.bundleDigest)
    snapshotText = jsonString(prepared.snapshotDigest)
    let waived = Set(prepared.engine.program.waivers.map(\.findings.gate))
    hasWaivers = gates.indices.map { waived.contains($0) }
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
    let overlay = request.facts.isEmpty ? nil : try overlay(lines(of: request.facts))
    var approvals: [CheckedApproval] = []
    if !request.approvals.isEmpty {
      approvals = engine.check(
        request.approvals, form, for: try engine.approvalTarget(of: request))
    }
    return PreparedRequest(
      request, prepared, gate: gate, overlay: overlay, approvals: approvals,
      grants: engine.checkGrants(request.waivers, form, gate: gate),
      digest: try engine.digest(of: request.canonical(gate: name)),
      hasMemory: !isAskedOnce && !takesString[gate])
  }

  /// Reads a request from the bytes of its JSON. Throws where they are none, or the request does not fit the bundle or the graph.
  public func prepare(_ bytes: [UInt8]) throws -> PreparedRequest {
    try prepare(bytes, approvals: .signed, digest: nil)
  }

  /// The same, on approvals as they come with a request or as a log keeps them.
  ///
  /// - Parameter digest: Of the bytes, where it is known.
  func prepare(
    _ bytes: [UInt8], approvals form: ApprovalForm, digest: Digest?
  ) throws -> PreparedRequest {
    if let scanned = try scanned(bytes, digest) { return scanned }
    return try prepare(try Request(try JSONValue(parsing: bytes)), approvals: form)
  }

  /// A request in its usual form; `nil` where it must be read whole.
  private func scanned(
    _ bytes: [UInt8], _ digest: Digest?
  ) throws(RequestError) -> PreparedRequest? {
    let scan = bytes.withUnsafeBufferPointer { RequestScan($0) }
    guard let scan, let gate = gateNames.firstIndex(where: { isSame($0, bytes[scan.gate]) }) else {
      return nil
    }
    let overlay = scan.facts.isEmpty ? nil : try overlay(scan.facts)
    // A log keeps requests in this form.
    let digest =
      scan.isCanonical
      ? digest ?? Digest(of: bytes) : Digest(of: scan.canonical(gate: gateNames[gate]))
    return PreparedRequest(
      bytes, scan, prepared, gate: gate, overlay: overlay, digest: digest,
      hasMemory: !takesString[gate])
  }

  /// Facts, one a line, over the snapshot.
  private func overlay(_ lines: [UInt8]) throws(RequestError) -> Overlay {
    do throws(GraphProblems) {
      return try overlays.overlay(lines, named: "facts")
    } catch {
      throw RequestError(error.brief)
    }
  }

  /// The decision on a request that this decider, or one of the same prepared engine, has prepared.
  public func decide(
    _ prepared: PreparedRequest, _ asking: Asking, tracing: Tracing = .off
  ) throws(RequestError) -> DecisionRun {
    // A memory is of one caller, whoever stands behind them.
    try decide(prepared, asking, tracing, asking.onBehalfOf.isEmpty ? prepared.memory : nil)
  }

  /// The same, asking every clause: nothing is taken over from earlier questions.
  func decideAnew(
    _ prepared: PreparedRequest, _ asking: Asking, tracing: Tracing
  ) throws(RequestError) -> DecisionRun {
    try decide(prepared, asking, tracing, nil)
  }

  private func decide(
    _ prepared: PreparedRequest, _ asking: Asking, _ tracing: Tracing, _ memory: DecisionMemory?
  ) throws(RequestError) -> DecisionRun {
    precondition(prepared.engine === self.prepared, "a request is decided where it was prepared")
    let stepsBefore = machine.stepCount
    let machine = try bound(prepared, asking)
    let slots = try slots(of: prepared)
    let approvals = approvals(of: prepared, machine, asking)
    let engine = self.prepared.engine
    let grants = engine.grants(prepared.grants, machine, asking)
    let result = machine.decide(
      gate: prepared.gate, arguments: slots, approvals: approvals.granted.map { $0.grant },
      waivers: grants.granted.map { $0.weighed }, asOf: asking.asOf, tracing: tracing,
      memory: memory)
    let told = engine.told(result, grants.granted, asking)
    let counted = result.countedApprovals.map { approvals.granted[$0].approval.counted }
    let decision = Decision(
      gate: gateNames[prepared.gate], outcome: result.outcome,
      isIndeterminate: result.isIndeterminate, isQuestion: asking.isQuestion, now: asking.now,
      asOf: asking.asOf, caller: asking.caller, onBehalfOf: asking.onBehalfOf,
      bundle: self.prepared.bundleDigest, snapshot: self.prepared.snapshotDigest,
      request: prepared.digest, reasons: result.reasons,
      obligations: result.obligations, approvals: counted, waived: told.waived,
      waivers: told.waivers)
    return DecisionRun(
      decision: decision, fuel: result.fuel, steps: machine.stepCount - stepsBefore,
      fuelLimit: WritVM.Limits.fuel, arguments: prepared.arguments,
      notes: callerNote(asking.caller, counted.count, told.waived.count) + approvals.notes
        + grants.notes + told.notes, trace: result.trace,
      readings: result.readings, tracing: tracing)
  }

  /// Approvals that came with a request, as far as they count for who asks now, and what is to be said of the others.
  func approvals(
    of prepared: PreparedRequest, _ machine: Machine, _ asking: Asking
  ) -> (granted: [VerifiedApproval], notes: [String]) {
    if prepared.approvals.isEmpty { return ([], []) }
    return self.prepared.engine.approvals(prepared.approvals, machine, asking)
  }

  /// The machine, over what the request brings, at that time.
  func bound(_ prepared: PreparedRequest, _ asking: Asking) throws(RequestError) -> Machine {
    try bound(try link(of: prepared), asking)
  }

  /// The same, over what a pipeline was asked for with.
  func bound(_ link: RequestLink, _ asking: Asking) throws(RequestError) -> Machine {
    verdictAsking = nil
    machine.bind(
      link,
      Circumstances(now: asking.now, asOf: asking.asOf, caller: try caller(asking.caller)))
    machine.represented = asking.onBehalfOf.compactMap { name in
      guard let node = try? self.prepared.engine.node(name, what: "who stands behind the caller")
      else { return nil }
      return machine.node(kind: node.kind, id: node.id)
    }
    return machine
  }

  private func link(of prepared: PreparedRequest) throws(RequestError) -> RequestLink {
    if let link = prepared.link { return link }
    return try linkOfNothing()
  }

  /// For a request that brings nothing.
  func linkOfNothing() throws(RequestError) -> RequestLink {
    if let emptyLink { return emptyLink }
    let made = RequestLink(try overlay([]))
    emptyLink = made
    return made
  }

  /// By what a decision on a request goes.
  func names(of prepared: PreparedRequest, _ asking: Asking) -> DecisionNames {
    DecisionNames(
      gate: gateTexts[prepared.gate], bundle: bundleText, snapshot: snapshotText,
      request: prepared.digestText, caller: asking.caller.map(callerText))
  }

  private func callerText(_ caller: String) -> [UInt8] {
    if let lastCallerText, hasSameBytes(lastCallerText.caller, caller) {
      return lastCallerText.text
    }
    let text = jsonString(caller)
    lastCallerText = (caller, text)
    return text
  }

  /// The arguments of a request that the machine is bound to.
  func slots(of prepared: PreparedRequest) throws(RequestError) -> [Slot] {
    if let slots = prepared.slots { return slots }
    if let slots = scannedSlots(of: prepared) {
      prepared.slots = slots
      return slots
    }
    let gate = self.prepared.engine.program.gates[prepared.gate]
    let slots = try self.prepared.engine.arguments(
      gate.parameters, prepared.arguments, "gate `\(gate.name)`", machine)
    if !takesString[prepared.gate] { prepared.slots = slots }
    return slots
  }

  /// The same from texts as they stand in the request; `nil` where something is unusual, or wrong, with one of them.
  private func scannedSlots(of prepared: PreparedRequest) -> [Slot]? {
    let reader = readers[prepared.gate]
    guard reader.readsTexts, reader.parameterCount == prepared.argumentTextCount else { return nil }
    var slots: [Slot] = []
    slots.reserveCapacity(reader.parameterCount)
    for (place, parameter) in self.prepared.engine.program.gates[prepared.gate].parameters
      .enumerated()
    {
      guard let text = prepared.text(ofArgument: parameter.name),
        let slot = text.withUnsafeBufferPointer({
          reader.slot(place, text: $0, machine, self.prepared)
        })
      else { return nil }
      slots.append(slot)
    }
    return slots
  }

  private func caller(_ text: String?) throws(RequestError) -> (kind: Int, id: String)? {
    guard let text else { return nil }
    if let lastCaller, hasSameBytes(lastCaller.text, text) { return lastCaller.node }
    let node = try prepared.engine.caller(text)
    lastCaller = (text, node)
    return node
  }

  func callerNote(
    _ text: String?, _ approvalCount: Int, _ waivedCount: Int
  ) -> [String] {
    if text == nil, waivedCount > 0 {
      return ["no caller was named: a waiver granted by whoever asks has counted like another's"]
    }
    if text == nil, approvalCount > 0 {
      return ["no caller was named: an approval by whoever asks has counted like another's"]
    }
    guard let text, let node = try? caller(text), machine.node(kind: node.kind, id: node.id) == nil
    else { return [] }
    return ["the caller `\(text)` is not in the graph: what depends on who asks is not known"]
  }
}
