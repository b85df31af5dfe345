// A decision written straight: as it stands in a record, as its digest is taken, and what was read for it.

import WritModel
import WritVM

/// A decision as bytes; its memory is used again.
struct WrittenRun {
  /// The result as it stands in a record.
  fileprivate(set) var canonical: [UInt8] = []
  /// What a record's result digest is over.
  fileprivate(set) var compact: [UInt8] = []
  /// The trace document.
  fileprivate(set) var trace: [UInt8] = []
  /// Spent by the clauses.
  fileprivate(set) var fuel: Int64 = 0
  fileprivate var gate = WrittenGate()
  /// The time that was written last: many decisions are at one time.
  private var time: (microseconds: Int64, text: [UInt8]) = (0, [])

  /// Writes what stands around the gate's answer.
  fileprivate mutating func finish(
    _ names: DecisionNames, _ asking: Asking, _ approvals: [CountedApproval]
  ) {
    fuel = gate.fuel
    let now = text(of: asking.now)
    let frame = DecisionFrame(
      names: names, outcome: gate.outcome, isIndeterminate: gate.isIndeterminate,
      isQuestion: asking.isQuestion, now: now,
      asOf: asking.asOf == asking.now ? now : text(of: asking.asOf))
    canonical.removeAll(keepingCapacity: true)
    compact.removeAll(keepingCapacity: true)
    if approvals.isEmpty {
      frame.appendCanonical(to: &canonical, gate.canonical)
      frame.appendCompact(to: &compact, gate.compact)
    } else {
      var (ordered, digested) = (gate.canonical, gate.compact)
      for (place, approval) in approvals.enumerated() {
        if place > 0 {
          ordered.approvals.append(UInt8(ascii: ","))
          digested.approvals.append(UInt8(ascii: ","))
        }
        approval.appendCanonical(to: &ordered.approvals)
        approval.appendCompact(to: &digested.approvals)
      }
      frame.appendCanonical(to: &canonical, ordered)
      frame.appendCompact(to: &compact, digested)
    }
    trace.removeAll(keepingCapacity: true)
    appendText("{\"clauses\":[", to: &trace)
    trace.append(contentsOf: gate.trace)
    appendText("],\"gate\":", to: &trace)
    trace.append(contentsOf: names.gate)
    trace.append(UInt8(ascii: "}"))
  }

  /// Takes over a decision that was made as values.
  fileprivate mutating func take(_ whole: DecisionRun) throws(RequestError) {
    do {
      canonical = try whole.decision.json.ownCanonicalBytes()
      trace = try whole.traceDocument().bytes
    } catch {
      throw RequestError("the decision has no canonical form: \(error)")
    }
    compact = Array(whole.decision.json.compact.utf8)
    fuel = whole.fuel
  }

  private mutating func text(of microseconds: Int64) -> [UInt8] {
    if time.microseconds == microseconds, !time.text.isEmpty { return time.text }
    time.text.removeAll(keepingCapacity: true)
    time.text.reserveCapacity(32)
    Instant(microseconds: microseconds).append(to: &time.text)
    time.microseconds = microseconds
    return time.text
  }
}

extension Decider {
  /// Writes the decision that `decide` makes, and the document of what its clauses read.
  func write(
    _ prepared: PreparedRequest, _ asking: Asking, into run: inout WrittenRun
  ) throws(RequestError) {
    precondition(prepared.engine === self.prepared, "a request is decided where it was prepared")
    if hasWaivers[prepared.gate] {
      return try run.take(try decide(prepared, asking, tracing: .on))
    }
    let machine = try bound(prepared, asking)
    let slots = try slots(of: prepared)
    let approvals =
      prepared.approvals.isEmpty
      ? [] : self.prepared.engine.approvals(prepared.approvals, machine, asking).granted
    machine.write(
      gate: prepared.gate, arguments: slots, approvals: approvals.map { $0.grant },
      asOf: asking.asOf, into: &run.gate)
    let names = names(of: prepared, asking)
    run.finish(
      names, asking, run.gate.countedApprovals.map { approvals[$0].approval.counted })
  }
}
