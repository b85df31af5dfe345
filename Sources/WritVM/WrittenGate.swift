// What a gate says of a request, written straight as it stands in a decision and in its trace.

import WritBytecode
public import WritModel

/// An answer of a gate as bytes; its memory is used again.
public struct WrittenGate {
  public private(set) var outcome = Outcome.allow
  public private(set) var isIndeterminate = false
  /// Fuel that the clauses spent, messages aside: the same on every executor.
  public private(set) var fuel: Int64 = 0
  /// Bit c: clause c failed, or is owed; of a gate of at most 64 clauses.
  public private(set) var denying: UInt64 = 0
  public private(set) var owed: UInt64 = 0
  /// Places in the approvals given of those that some clause counted, rising.
  public private(set) var countedApprovals: [Int] = []
  /// Reasons and obligations: in canonical form where the answer is traced, as decisions are recorded, else in compact form, as they are told.
  public private(set) var canonical = WrittenLists()
  public private(set) var compact = WrittenLists()
  private var isRecorded = false
  /// What each clause read, in their order; empty unless that was asked for.
  public fileprivate(set) var readings: [ClauseReading] = []
  private var obligations: [Obligation] = []
  /// All of them, where they are those of one clause that were written before.
  private var knownObligations: WrittenObligations?
  private var hasCertainFinding = false
  private var owesUncertainly = false
  /// When all of it is the same, for a request in which all else is; `nil` where that cannot be told.
  private var span: AnswerSpan?

  /// An answer of nothing.
  public init() {}

  /// Whether the same would be written at that time, for the same request and caller.
  public func holds(now: Int64, asOf: Int64) -> Bool {
    span?.contains(now: now, asOf: asOf) == true
  }

  fileprivate mutating func begin(_ epoch: LinkedEpoch?, isRecorded: Bool) {
    self.isRecorded = isRecorded
    span = epoch.map { AnswerSpan(now: .min ... .max, asOf: $0.span) }
    outcome = .allow
    (isIndeterminate, hasCertainFinding, owesUncertainly) = (false, false, false)
    fuel = 0
    (denying, owed) = (0, 0)
    countedApprovals.removeAll()
    canonical.clear()
    compact.clear()
    readings.removeAll(keepingCapacity: true)
    obligations.removeAll(keepingCapacity: true)
    knownObligations = nil
  }

  fileprivate mutating func append(
    _ answer: ClauseAnswer, of place: Int, _ reasons: WrittenReasons, _ known: WrittenObligations?
  ) {
    fuel += answer.fuel
    let bit: UInt64 = place < 64 ? 1 << UInt64(place) : 0
    switch answer.outcome {
    case .passed, .waived: break
    case .failed: denying |= bit
    case .owed: owed |= bit
    }
    span = answer.span.flatMap { span?.clamped(to: $0) }
    if answer.hasCertainFinding { hasCertainFinding = true }
    if answer.owesUncertainly { owesUncertainly = true }
    if isRecorded {
      reasons.appendCanonical(to: &canonical)
    } else {
      reasons.appendCompact(to: &compact)
    }
    if answer.obligations.isEmpty { return }
    knownObligations = obligations.isEmpty ? known : nil
    for obligation in answer.obligations where !obligations.contains(obligation) {
      obligations.append(obligation)
    }
  }

  fileprivate mutating func finish(countedApprovals: [Int]) {
    self.countedApprovals = countedApprovals
    outcome =
      !(isRecorded ? canonical : compact).reasons.isEmpty
      ? .deny : obligations.isEmpty ? .allow : .hold
    isIndeterminate =
      switch outcome {
      case .deny: !hasCertainFinding
      case .hold: owesUncertainly
      case .allow: false
      }
    if obligations.isEmpty { return }
    let written = knownObligations ?? WrittenObligations(obligations)
    if isRecorded {
      canonical.obligations.append(contentsOf: written.canonical)
    } else {
      compact.obligations.append(contentsOf: written.compact)
    }
  }
}

/// Obligations in both forms, each once.
struct WrittenObligations {
  fileprivate private(set) var canonical: [UInt8] = []
  fileprivate private(set) var compact: [UInt8] = []

  init(_ obligations: [Obligation]) {
    for (place, obligation) in obligations.enumerated()
    where !obligations[..<place].contains(obligation) {
      if !canonical.isEmpty {
        canonical.append(UInt8(ascii: ","))
        compact.append(UInt8(ascii: ","))
      }
      obligation.appendCanonical(to: &canonical)
      obligation.appendCompact(to: &compact)
    }
  }
}

/// The reasons of one clause in both forms.
struct WrittenReasons {
  private var canonical: [UInt8] = []
  private var compact: [UInt8] = []

  init(_ reasons: [Reason]) {
    for (place, reason) in reasons.enumerated() {
      if place > 0 {
        canonical.append(UInt8(ascii: ","))
        compact.append(UInt8(ascii: ","))
      }
      reason.appendCanonical(to: &canonical)
      reason.appendCompact(to: &compact)
    }
  }

  var byteCount: Int { canonical.count + compact.count }

  fileprivate func appendCanonical(to lists: inout WrittenLists) {
    if canonical.isEmpty { return }
    if !lists.reasons.isEmpty { lists.reasons.append(UInt8(ascii: ",")) }
    lists.reasons.append(contentsOf: canonical)
  }

  fileprivate func appendCompact(to lists: inout WrittenLists) {
    if compact.isEmpty { return }
    if !lists.reasons.isEmpty { lists.reasons.append(UInt8(ascii: ",")) }
    lists.reasons.append(contentsOf: compact)
  }
}

extension Machine {
  /// Evaluates every clause of a gate, or takes what clauses answered before of requests that are the same to them. What comes out is
  /// what `decide` says, traced as text or not at all.
  public func write(
    gate index: Int, arguments: [Slot], approvals: [GrantedApproval], asOf: Int64,
    isTraced: Bool, into written: inout WrittenGate
  ) {
    precondition(!program.hasWaivers(ofGate: index), "what may be waived is decided on as values")
    let builder = builder(
      gate: index, arguments, approvals, [], asOf: asOf, isTraced ? .text : .off)
    let inputs = inputs(ofGate: index)
    written.begin(epoch, isRecorded: isTraced)
    for place in inputs.clauses.indices {
      builder.write(gate: index, place, inputs, into: &written)
    }
    written.finish(countedApprovals: countedApprovals.isEmpty ? [] : countedApprovals.sorted())
  }
}

extension DecisionBuilder {
  fileprivate func write(
    gate index: Int, _ place: Int, _ inputs: GateInputs, into written: inout WrittenGate
  ) {
    if let known = known(gate: index, place, inputs) {
      written.append(known.answer, of: place, known.reasons, known.obligations)
      if let known = known.reading { written.readings.append(known.reading) }
      return
    }
    let answer = foundAnswer(gate: index, place, inputs)
    written.append(
      answer, of: place, answer.knownReasons?.written ?? WrittenReasons(answer.reasons), nil)
    if let reading = answer.reading { written.readings.append(reading) }
  }
}
