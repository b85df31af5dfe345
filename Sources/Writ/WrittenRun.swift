// A decision written straight: as it stands in a record, and how the record names what was read for it.

import WritCrypto
public import WritModel
import WritVM

/// A decision as bytes; its memory is used again. For one thread at a time.
final class WrittenRun {
  /// The result as it stands in a record, which its digest is over.
  private(set) var canonical: [UInt8] = []
  /// Spent by the clauses.
  private(set) var fuel: Int64 = 0
  fileprivate var gate = WrittenGate()
  /// For whom the gate's answer is; `nil` where that is not to be used again.
  private var asking: Asking?
  private var places: TimePlaces?
  /// How a record names what each clause read, where the decision was made as values.
  private var valueReadings: [UInt8]?

  init() {}

  /// One that has room for about what was written last.
  fileprivate convenience init(asLargeAs other: WrittenRun) {
    self.init()
    canonical.reserveCapacity(other.canonical.count)
  }

  /// Whether a record names what each clause read like this: `"sha256:…","sha256:…"`. Digests are taken once for what is read twice.
  func hasReadings(_ list: UnsafeBufferPointer<UInt8>, _ hasher: inout SHA256) -> Bool {
    if let valueReadings {
      return valueReadings.withUnsafeBufferPointer { hasSameBytes($0, list) }
    }
    var place = 0
    for reading in gate.readings {
      if reading.digestText.isEmpty {
        hasher.update(reading.bytes)
        reading.digestText = hasher.finish().json
      }
      if place > 0 {
        guard place < list.count, list[place] == UInt8(ascii: ",") else { return false }
        place += 1
      }
      let end = place + reading.digestText.count
      guard end <= list.count,
        reading.digestText.withUnsafeBufferPointer({
          hasSameBytes($0, UnsafeBufferPointer(rebasing: list[place..<end]))
        })
      else { return false }
      place = end
    }
    return place == list.count
  }

  /// Whether the gate would answer as it did, whoever made the request.
  fileprivate func holds(_ asking: Asking) -> Bool {
    guard let last = self.asking, last.isQuestion == asking.isQuestion, asking.onBehalfOf.isEmpty,
      gate.holds(now: asking.now, asOf: asking.asOf)
    else { return false }
    switch (last.caller, asking.caller) {
    case (nil, nil): return true
    case (let one?, let other?): return hasSameBytes(one, other)
    default: return false
    }
  }

  /// Writes other times in the place of those that stand there; false where they do not fit.
  fileprivate func retime(now: [UInt8], asOf: [UInt8]) -> Bool {
    guard let places, places.now.count == now.count, places.asOf.count == asOf.count else {
      return false
    }
    canonical.withUnsafeMutableBufferPointer { bytes in
      for (place, byte) in zip(places.now, now) { bytes[place] = byte }
      for (place, byte) in zip(places.asOf, asOf) { bytes[place] = byte }
    }
    return true
  }

  /// Writes what stands around the gate's answer, which is a new one.
  fileprivate func finish(
    _ names: DecisionNames, _ asking: Asking, _ approvals: [CountedApproval], now: [UInt8],
    asOf: [UInt8]
  ) {
    valueReadings = nil
    write(names, asking, approvals, now: now, asOf: asOf)
    self.asking = approvals.isEmpty ? asking : nil
  }

  /// Writes what stands around the gate's answer.
  fileprivate func write(
    _ names: DecisionNames, _ asking: Asking, _ approvals: [CountedApproval], now: [UInt8],
    asOf: [UInt8]
  ) {
    fuel = gate.fuel
    let frame = DecisionFrame(
      names: names, outcome: gate.outcome, isIndeterminate: gate.isIndeterminate,
      isQuestion: asking.isQuestion, now: now, asOf: asOf)
    canonical.removeAll(keepingCapacity: true)
    if approvals.isEmpty {
      places = frame.appendCanonical(to: &canonical, gate.canonical)
      return
    }
    var lists = gate.canonical
    for (place, approval) in approvals.enumerated() {
      if place > 0 { lists.approvals.append(UInt8(ascii: ",")) }
      approval.appendCanonical(to: &lists.approvals)
    }
    places = frame.appendCanonical(to: &canonical, lists)
  }

  /// Takes over a decision that was made as values.
  fileprivate func take(_ whole: DecisionRun) throws(RequestError) {
    asking = nil
    do {
      canonical = try whole.decision.json.ownCanonicalBytes()
    } catch {
      throw RequestError("the decision has no canonical form: \(error)")
    }
    valueReadings = Array(
      whole.trace.map { Digest(of: $0.recordedBytes).json }.joined(separator: [UInt8(ascii: ",")]))
    fuel = whole.fuel
  }
}

/// The times of a decision as text. Many decisions in a row are at one time.
struct TimeTexts {
  private var last: (microseconds: Int64, text: [UInt8]) = (0, [])

  mutating func text(of microseconds: Int64) -> [UInt8] {
    if last.microseconds == microseconds, !last.text.isEmpty { return last.text }
    var text: [UInt8] = []
    text.reserveCapacity(32)
    Instant(microseconds: microseconds).append(to: &text)
    last = (microseconds, text)
    return text
  }
}

extension Decider {
  /// Writes the decision that `decide` makes, and the document of what its clauses read.
  ///
  /// - Parameter scratch: What it is written to, unless the request was asked before: then it has one of its own.
  func written(
    _ prepared: PreparedRequest, _ asking: Asking, scratch: WrittenRun
  ) throws(RequestError) -> WrittenRun {
    precondition(prepared.engine === self.prepared, "a request is decided where it was prepared")
    let run = prepared.run(scratch)
    let now = timeTexts.text(of: asking.now)
    let asOf = asking.asOf == asking.now ? now : timeTexts.text(of: asking.asOf)
    if run !== scratch, run.holds(asking) {
      if !run.retime(now: now, asOf: asOf) {
        run.write(names(of: prepared, asking), asking, [], now: now, asOf: asOf)
      }
      return run
    }
    if hasWaivers[prepared.gate] || !asking.onBehalfOf.isEmpty {
      try run.take(try decide(prepared, asking, tracing: .on))
      return run
    }
    let machine = try bound(prepared, asking)
    let slots = try slots(of: prepared)
    let approvals = approvals(of: prepared, machine, asking).granted
    machine.write(
      gate: prepared.gate, arguments: slots, approvals: approvals.map { $0.grant },
      asOf: asking.asOf, isTraced: true, into: &run.gate)
    run.finish(
      names(of: prepared, asking), asking,
      run.gate.countedApprovals.map { approvals[$0].approval.counted }, now: now, asOf: asOf)
    return run
  }
}

/// What a decision that was written comes to, beside its bytes.
public struct WrittenDecision: Sendable {
  public let outcome: Outcome
  /// Spent by the clauses.
  public let fuel: Int64
  /// As a `DecisionRun` has them.
  public let notes: [String]
}

extension Decider {
  /// Appends the decision that `decide` makes as compact JSON, without making its values first.
  ///
  /// What clauses answered to requests that are the same to them is taken over, reasons and all, as bytes.
  public func write(
    _ prepared: PreparedRequest, _ asking: Asking, to output: inout [UInt8]
  ) throws(RequestError) -> WrittenDecision {
    precondition(prepared.engine === self.prepared, "a request is decided where it was prepared")
    if hasWaivers[prepared.gate] || !prepared.grants.isEmpty || !asking.onBehalfOf.isEmpty {
      let run = try decide(prepared, asking)
      run.decision.json.appendCompact(to: &output)
      return WrittenDecision(outcome: run.decision.outcome, fuel: run.fuel, notes: run.notes)
    }
    let machine = try bound(prepared, asking)
    let slots = try slots(of: prepared)
    let approvals = approvals(of: prepared, machine, asking)
    machine.write(
      gate: prepared.gate, arguments: slots, approvals: approvals.granted.map { $0.grant },
      asOf: asking.asOf, isTraced: false, into: &writtenGate)
    let counted = writtenGate.countedApprovals.map { approvals.granted[$0].approval.counted }
    let now = timeTexts.text(of: asking.now)
    let frame = DecisionFrame(
      names: names(of: prepared, asking), outcome: writtenGate.outcome,
      isIndeterminate: writtenGate.isIndeterminate, isQuestion: asking.isQuestion, now: now,
      asOf: asking.asOf == asking.now ? now : timeTexts.text(of: asking.asOf))
    _ = frame.appendCompact(to: &output, writtenGate.compact.with(counted))
    return WrittenDecision(
      outcome: writtenGate.outcome, fuel: writtenGate.fuel,
      notes: callerNote(asking.caller, counted.count, 0) + approvals.notes)
  }
}

extension WrittenLists {
  /// With approvals that were counted.
  fileprivate func with(_ approvals: [CountedApproval]) -> WrittenLists {
    if approvals.isEmpty { return self }
    var lists = self
    for (place, approval) in approvals.enumerated() {
      if place > 0 { lists.approvals.append(UInt8(ascii: ",")) }
      approval.appendCompact(to: &lists.approvals)
    }
    return lists
  }
}

extension PreparedRequest {
  /// Its own from the third time on that it is asked, of which the first was not kept: most requests are asked once or twice.
  fileprivate func run(_ scratch: WrittenRun) -> WrittenRun {
    if let run { return run }
    guard writtenCount == 1 else {
      writtenCount += 1
      return scratch
    }
    let made = WrittenRun(asLargeAs: scratch)
    run = made
    return made
  }
}
