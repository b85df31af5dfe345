// Whether what is claimed of an answer is so.
import WritModel

/// How a claim about an answer came out.
public enum ClaimResult: Hashable, Sendable {
  /// Every decision of the gate that allowed rests on the clause; the indexes of their entries.
  case holds([UInt64])
  /// Why not, in order of entries.
  case fails([ClaimFailure])
}

extension ClaimResult {
  /// The claim may well be so: what the decisions read, which would show it, is not in the proof.
  public var isUnshown: Bool {
    guard case .fails(let failures) = self else { return false }
    return failures.allSatisfy { if case .noTrace = $0 { true } else { false } }
  }
}

/// A gate, and where it allowed something.
public struct AllowingGate: Hashable, Sendable {
  /// By its full name; `-` where the decisions name none.
  public let gate: String
  /// Of the entries, rising.
  public fileprivate(set) var indexes: [UInt64]
}

/// One reason for which a claim does not hold.
public enum ClaimFailure: Hashable, Sendable {
  /// No decision of the gate allowed, questions apart; the indexes of those that did not.
  case nothingAllowed([UInt64])
  /// The proof does not show what the decision of that entry read.
  case noTrace(UInt64)
  /// In the decision of that entry the gate had no such clause.
  case noClause(UInt64)
  /// In the decision of that entry the clause came out otherwise.
  case otherOutcome(UInt64, String)
}

extension Claim {
  /// What it can mean in those records: the gate of that name, or else every gate whose full name ends so.
  public func meanings(in records: [FoundRecord]) -> [Claim] {
    let gates = records.compactMap(\.record.gate)
    if gates.contains(where: { hasSameBytes($0, gate) }) { return [self] }
    var full: [Claim] = []
    for name in gates where name.endsWithBytes(of: ".\(gate)") {
      let claim = Claim(gate: name, clause: clause)
      if !full.contains(claim) { full.append(claim) }
    }
    return full
  }
}

extension VerifiedAnswer {
  /// The gates that were decided on, each once, in the order of the records.
  public var gates: [String] {
    var gates: [String] = []
    for gate in records.compactMap(\.record.gate) where !gates.containsBytes(of: gate) {
      gates.append(gate)
    }
    return gates
  }

  /// The clauses that the gate of a claim has, where the proof shows some and that of the claim is none of them: a claim that
  /// nothing could ever have met. `nil` where it is one, or nothing is shown.
  public func clauses(insteadOf claim: Claim) -> [String]? {
    let shown = records.filter { hasSameBytes($0.record.gate ?? "", claim.gate) }
      .compactMap { trace(of: $0.record) }
    var names: [String] = []
    for name in shown.flatMap(\.clauses).compactMap({ $0["clause"]?.string })
    where !names.containsBytes(of: name) {
      names.append(name)
    }
    return names.isEmpty || names.containsBytes(of: claim.clause) ? nil : names
  }

  /// Whether a decision of the gate allowed, and in each that did the clause passed. Questions do not
  /// count: nothing was done upon them.
  public func result(of claim: Claim) -> ClaimResult {
    let decisions = records.filter {
      $0.record.isDecision && hasSameBytes($0.record.gate ?? "", claim.gate)
        && !$0.record.isQuestion
    }
    let allowed = decisions.filter { $0.record.outcome == "allow" }
    guard !allowed.isEmpty else { return .fails([.nothingAllowed(decisions.map(\.index))]) }
    let failures = allowed.compactMap { failure(of: claim, at: $0) }
    return failures.isEmpty ? .holds(allowed.map(\.index)) : .fails(failures)
  }

  /// What was allowed by gates that a claim says nothing of, in the order of the records. Questions do not count.
  public func allowed(besides claim: Claim) -> [AllowingGate] {
    var others: [AllowingGate] = []
    for found in records where found.record.isDecision && !found.record.isQuestion {
      let gate = found.record.gate ?? "-"
      guard found.record.outcome == "allow", !hasSameBytes(gate, claim.gate) else { continue }
      if let place = others.firstIndex(where: { hasSameBytes($0.gate, gate) }) {
        others[place].indexes.append(found.index)
      } else {
        others.append(AllowingGate(gate: gate, indexes: [found.index]))
      }
    }
    return others
  }

  private func failure(of claim: Claim, at found: FoundRecord) -> ClaimFailure? {
    guard let trace = trace(of: found.record), hasSameBytes(trace.gate, claim.gate) else {
      return .noTrace(found.index)
    }
    guard let outcome = trace.outcome(of: claim.clause) else { return .noClause(found.index) }
    return outcome == "passed" ? nil : .otherOutcome(found.index, outcome)
  }
}
