// Verdicts: what a gate says of a request in short, from bytes to bytes.

import WritModel
public import WritVM

/// A verdict with the names that a reader needs.
public struct NamedVerdict: Sendable {
  /// Index into the program's gates.
  let gate: Int
  public let verdict: GateVerdict
}

extension Decider {
  /// The outcome that `decide` comes to for a request, and the clauses that it rests on, without reasons, traces and digests. Throws where
  /// the bytes are no request, or do not fit the bundle or the graph.
  ///
  /// A request in its usual form is read without a copy: O(its bytes) and what the clauses look at.
  ///
  /// - Parameter mayNameTime: A request that names a time is asked of that one.
  public func verdict(
    on bytes: UnsafeBufferPointer<UInt8>, _ asking: Asking, mayNameTime: Bool = false
  ) throws -> NamedVerdict {
    if let known = usualVerdict(bytes, asking) { return known }
    let request = try prepare(Array(bytes))
    guard mayNameTime, let now = request.now else {
      return try wholeVerdict(try stated(request, asking), asking)
    }
    let then = Asking(
      caller: asking.caller, onBehalfOf: asking.onBehalfOf, now: now, asOf: asking.asOf,
      isQuestion: asking.isQuestion)
    return try wholeVerdict(try stated(request, then), then)
  }

  /// Of a request in the usual form, for a gate in the usual form; `nil` where it must be read whole.
  private func usualVerdict(
    _ bytes: UnsafeBufferPointer<UInt8>, _ asking: Asking
  ) -> NamedVerdict? {
    // Of a caller who is none it is told behind what is wrong with the request.
    guard (try? bindNothing(asking)) != nil, let gate = usualGate(bytes),
      let verdict = machine.verdict(gate: gate, arguments: verdictSlots, asOf: asking.asOf)
    else { return nil }
    return NamedVerdict(gate: gate, verdict: verdict)
  }

  /// The gate of a request in the usual form, whose arguments are `verdictSlots` from then on; `nil` where it must be read whole.
  func usualGate(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var cursor = CompactJSON(bytes, skippingWhiteSpace: true)
    guard cursor.take("{"), let first = cursor.string(), cursor.has("gate", at: first),
      cursor.take(":"), let name = cursor.string(),
      let gate = readers.firstIndex(where: { $0.isFor(cursor[name]) }), readers[gate].isUsual,
      cursor.take(","), let second = cursor.string(), cursor.has("arguments", at: second),
      cursor.take(":")
    else { return nil }
    let reader = readers[gate]
    if verdictSlots.count != reader.parameterCount {
      verdictSlots = Array(repeating: .nothing, count: reader.parameterCount)
    }
    let isRead = verdictSlots.withUnsafeMutableBufferPointer {
      reader.read(&cursor, machine, prepared, into: $0)
    }
    return isRead && cursor.take("}") && cursor.isAtEnd ? gate : nil
  }

  /// Binds the machine to a request that brings nothing, unless it is.
  func bindNothing(_ asking: Asking) throws(RequestError) {
    if let last = verdictAsking, last.isSameMoment(as: asking) { return }
    _ = try bound(try linkOfNothing(), asking)
    verdictAsking = asking
  }

  /// Of any request.
  private func wholeVerdict(
    _ request: PreparedRequest, _ asking: Asking
  ) throws(RequestError) -> NamedVerdict {
    let machine = try bound(request, asking)
    let slots = try slots(of: request)
    let approvals = approvals(of: request, machine, asking).granted.map { $0.grant }
    if request.link != nil, !hasWaivers[request.gate],
      prepared.engine.program.gates[request.gate].clauses.count <= 64
    {
      // Exact code would make its tables anew for what the request brings; answers to requests that are the same to a clause are there.
      machine.write(
        gate: request.gate, arguments: slots, approvals: approvals, asOf: asking.asOf,
        isTraced: false, into: &writtenGate)
      let verdict = GateVerdict(
        outcome: writtenGate.outcome, denying: writtenGate.denying, owed: writtenGate.owed)
      return NamedVerdict(gate: request.gate, verdict: verdict)
    }
    if let verdict = machine.verdict(
      gate: request.gate, arguments: slots, approvals: approvals, asOf: asking.asOf)
    {
      return NamedVerdict(gate: request.gate, verdict: verdict)
    }
    return NamedVerdict(
      gate: request.gate, verdict: try shortened(try decide(request, asking), request.gate))
  }

  /// What a whole decision comes to.
  private func shortened(_ run: DecisionRun, _ gate: Int) throws(RequestError) -> GateVerdict {
    let names = prepared.engine.program.gates[gate].clauses.map(\.name)
    guard names.count <= 64 else {
      throw RequestError(
        "a gate of more than 64 clauses has no verdict; ask for the whole decision")
    }
    func bits(_ told: [String]) -> UInt64 {
      names.enumerated().reduce(0) { bits, name in
        told.contains { hasSameBytes($0, name.element) } ? bits | 1 << UInt64(name.offset) : bits
      }
    }
    return GateVerdict(
      outcome: run.decision.outcome, denying: bits(run.decision.reasons.map(\.clause)),
      owed: bits(run.decision.obligations.map(\.clause)))
  }

  /// Appends a verdict as members of a JSON object: `"gate":…,"outcome":…,"clauses":[…]`.
  public func append(_ named: NamedVerdict, to output: inout [UInt8]) {
    let texts = verdictTexts[named.gate]
    let verdict = named.verdict
    output.append(contentsOf: texts.gate)
    switch verdict.outcome {
    case .allow: output.append(contentsOf: VerdictTexts.allow)
    case .deny: output.append(contentsOf: VerdictTexts.deny)
    case .hold: output.append(contentsOf: VerdictTexts.hold)
    }
    var clauses = verdict.denying | verdict.owed
    var isFirst = true
    while clauses != 0 {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      output.append(contentsOf: texts.clauses[clauses.trailingZeroBitCount])
      clauses &= clauses - 1
    }
    output.append(UInt8(ascii: "]"))
  }

  /// Full name of the gate, and the names of the clauses that a verdict rests on, in their order.
  public func names(of named: NamedVerdict) -> (gate: String, clauses: [String]) {
    let gate = prepared.engine.program.gates[named.gate]
    let bits = named.verdict.denying | named.verdict.owed
    let clauses = gate.clauses.indices.filter { $0 < 64 && bits >> UInt64($0) & 1 == 1 }
    return (gate.name, clauses.map { gate.clauses[$0].name })
  }
}

/// What is written of a gate's verdicts.
struct VerdictTexts {
  let gate: [UInt8]
  let clauses: [[UInt8]]

  static let allow = Array("\"allow\",\"clauses\":[".utf8)
  static let deny = Array("\"deny\",\"clauses\":[".utf8)
  static let hold = Array("\"hold\",\"clauses\":[".utf8)

  init(_ name: String, _ clauses: [String]) {
    gate = Array("\"gate\":".utf8) + jsonString(name) + Array(",\"outcome\":".utf8)
    self.clauses = clauses.map { jsonString($0) }
  }
}
