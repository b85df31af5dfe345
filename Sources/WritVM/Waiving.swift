// Findings that are waived: certain ones of the clause and about the nodes that a waiver names, once somebody who may has
// granted it. What is not known is never waived, and neither is a finding that is only counted.

import WritBytecode
public import WritModel

/// A waiver that somebody granted: the signature is good, for this waiver's text, in the role that the gate names.
public struct GrantedWaiver: Sendable {
  /// Index into `Program.waivers`.
  public let waiver: Int
  /// Number of the granter's node, or one of its own beyond all nodes if the graph has none.
  public let granter: Int64
  /// Whoever grants it asks.
  public let isCaller: Bool
  /// From when until when it counts; microseconds since the epoch.
  public let signedAt: Int64
  public let expires: Int64

  public init(waiver: Int, granter: Int64, isCaller: Bool, signedAt: Int64, expires: Int64) {
    self.waiver = waiver
    self.granter = granter
    self.isCaller = isCaller
    self.signedAt = signedAt
    self.expires = expires
  }
}

/// A finding that does not count, and the grant that says so.
public struct SparedFinding: Hashable, Sendable {
  public let finding: Reason
  /// Place in the grants given.
  public let grant: Int
}

/// What became of a waiver of the gate.
public struct WaiverUse: Hashable, Sendable {
  /// Index into `Program.waivers`.
  public let waiver: Int
  public let state: WaiverState
}

/// What waivers did to the answers of a gate.
struct Waiving {
  var waived: [SparedFinding] = []
  var uses: [WaiverUse] = []
  /// Spent on who may not grant what.
  var fuel: Int64 = 0
}

/// Who may not grant a waiver, as far as it is known.
private struct Exclusion {
  var sets: [[Element]] = []
  /// Something may be missing, or it took too much to find out.
  var isOpen = false
  var facts: [TracedFact] = []

  func allows(_ granter: Int64) -> Bool {
    if isOpen { return false }
    // Whoever may be excluded is.
    return !sets.contains { $0.contains { $0.lower <= granter && granter <= $0.upper } }
  }
}

extension DecisionBuilder {
  /// Takes the findings out of the answers that waivers of the gate spare, and says what became of each waiver.
  ///
  /// More knowledge never turns out to have allowed too much: who may not grant is known or the grant does not count, and a
  /// finding that is not certain stays.
  func waive(
    _ answers: inout [ClauseAnswer], gate: Int, _ grants: [GrantedWaiver]
  ) -> Waiving {
    var waiving = Waiving()
    if machine.program.waivers.isEmpty { return waiving }
    // By clause: what each waiver names is looked for among all findings, also ones that another has spared.
    let found = answers
    var spared: [Int: Set<Int>] = [:]
    var waived: [(clause: Int, place: Int, finding: SparedFinding)] = []
    for (index, waiver) in machine.program.waivers.enumerated()
    where waiver.findings.gate == gate {
      let clause = waiver.findings.clause
      let (state, grant, facts) = standing(index, grants, &waiving)
      answers[clause].trace = answers[clause].trace?.adding(facts)
      guard let grant else {
        waiving.uses.append(WaiverUse(waiver: index, state: state))
        continue
      }
      let matches = found[clause].certainFindings.filter {
        isAbout(found[clause].reasons[$0], waiver)
      }
      for place in matches where spared[clause, default: []].insert(place).inserted {
        let finding = SparedFinding(finding: found[clause].reasons[place], grant: grant)
        waived.append((clause, place, finding))
      }
      waiving.uses.append(
        WaiverUse(waiver: index, state: matches.isEmpty ? .unmatched : .applied))
    }
    for (clause, places) in spared { answers[clause].spare(places) }
    if tellsText { for clause in answers.indices { answers[clause].tellText() } }
    waived.sort { ($0.clause, $0.place) < ($1.clause, $1.place) }
    waiving.waived = waived.map(\.finding)
    return waiving
  }

  /// Whether all nodes that the waiver names are among what the finding is about.
  private func isAbout(_ finding: Reason, _ waiver: WaiverProgram) -> Bool {
    waiver.findings.nodes.allSatisfy { node in
      let name = machine.program.reference(to: node)
      return finding.subjects.contains { hasSameBytes($0, name) }
    }
  }

  /// The first grant of a waiver that counts; without one, why there is none.
  private func standing(
    _ index: Int, _ grants: [GrantedWaiver], _ waiving: inout Waiving
  ) -> (state: WaiverState, grant: Int?, facts: [TracedFact]) {
    let now = machine.now
    if machine.program.waivers[index].expires <= now { return (.expired, nil, []) }
    let own = grants.indices.filter { grants[$0].waiver == index }
    if own.isEmpty { return (.ungranted, nil, []) }
    if own.allSatisfy({ grants[$0].expires <= now }) { return (.expired, nil, []) }
    let current = own.filter {
      grants[$0].signedAt <= now && now < grants[$0].expires && !grants[$0].isCaller
    }
    if current.isEmpty { return (.refused, nil, []) }
    let exclusion = excluded(from: index, &waiving)
    let grant = current.first { exclusion.allows(grants[$0].granter) }
    return (.refused, grant, exclusion.facts)
  }

  /// Those who may not grant a waiver.
  private func excluded(from index: Int, _ waiving: inout Waiving) -> Exclusion {
    var exclusion = Exclusion()
    if tracing != .off { machine.reads.begin() }
    machine.assumesApprovals = false
    let routine = machine.program.waivers[index].routine
    let status = machine.start(routine, inputs: arguments, reading: .vouched)
    waiving.fuel += Limits.fuel - max(machine.fuel, 0)
    machine.reads.pause()
    exclusion.isOpen = status != .done || machine.rows.count != 1
    for case .set(let elements, let open) in machine.rows.first?.captures ?? [] {
      exclusion.sets.append(elements)
      if !open.isNone { exclusion.isOpen = true }
    }
    if tracing != .off {
      exclusion.facts = FactTeller(self).facts(machine.reads.distinct)
    }
    return exclusion
  }
}

extension ClauseAnswer {
  /// The trace as a record keeps it instead of as values.
  fileprivate mutating func tellText() {
    reading = trace.map { ClauseReading($0) }
    trace = nil
  }

  /// Takes out findings that are waived.
  fileprivate mutating func spare(_ places: Set<Int>) {
    reasons = reasons.indices.filter { !places.contains($0) }.map { reasons[$0] }
    certainFindings.removeAll { places.contains($0) }
    hasCertainFinding = !certainFindings.isEmpty || hasUntoldCertainFinding
    knownReasons = nil
    // A clause of which everything is waived has not passed: nobody may prove with it that it did.
    if reasons.isEmpty { outcome = .waived }
    trace = trace?.with(outcome)
  }
}

extension ClauseTrace {
  fileprivate func with(_ outcome: ClauseOutcome) -> ClauseTrace {
    ClauseTrace(clause: clause, outcome: outcome, facts: facts)
  }

  /// With facts of which some may be in it already.
  fileprivate func adding(_ more: [TracedFact]) -> ClauseTrace {
    if more.isEmpty { return self }
    let all = Set(facts).union(more)
    return ClauseTrace(
      clause: clause, outcome: outcome, facts: all.sorted { $0.precedes($1) })
  }
}
