// Waivers: which findings of a decision do not count, once all of them are known.

import WritModel
import WritSemantics

extension Oracle {
  /// Findings of a clause that are told one by one; no other can be waived.
  private static let toldFindings = 100

  /// Takes the findings out that a standing waiver is about.
  func waive(
    _ gate: Int, _ arguments: Environment, _ evaluator: Evaluator,
    _ decision: inout OracleDecision
  ) {
    let found = decision.findings
    var spared: Set<Int> = []
    for (index, waiver) in program.waivers.enumerated() where waiver.gate == gate {
      var state = state(of: index, waiver, arguments, evaluator, &decision)
      if state == .unmatched {
        let clause = program.gates[gate].clauses[waiver.clause].name
        let places = found.indices.filter { found[$0].clause == clause }
          .prefix(Oracle.toldFindings)
          .filter { isAbout(found[$0], waiver) }
        if !places.isEmpty { state = .applied }
        spared.formUnion(places)
      }
      decision.waivers.append(OracleWaiverUse(waiver: index, state: state))
    }
    decision.waived = found.indices.filter { spared.contains($0) }.map { found[$0] }
    decision.findings = found.indices.filter { !spared.contains($0) }.map { found[$0] }
  }

  private func isAbout(_ finding: OracleFinding, _ waiver: TypedWaiver) -> Bool {
    guard finding.isCertain, !finding.isOpenRange else { return false }
    return waiver.nodes.allSatisfy { node in
      finding.subjects.contains { $0.key == node.key }
    }
  }

  /// `unmatched` for one that stands, as long as nobody has looked at the findings.
  private func state(
    of index: Int, _ waiver: TypedWaiver, _ arguments: Environment, _ evaluator: Evaluator,
    _ decision: inout OracleDecision
  ) -> WaiverState {
    if request.now >= waiver.expires { return .expired }
    let role = program.gates[waiver.gate].waivable?.role
    let own = request.grants.filter { $0.waiver == index && $0.role == role }
    if own.isEmpty { return .ungranted }
    let living = own.filter { request.now < ($0.expiry ?? .max) }
    if living.isEmpty { return .expired }
    let current = living.filter {
      ($0.signedAt ?? request.now) <= request.now && $0.granter.key != request.caller?.key
    }
    if current.isEmpty { return .refused }
    let excluded = excluded(waiver, arguments, evaluator)
    decision.fuel += evaluator.charged
    guard let excluded, current.contains(where: { !excluded.contains($0.granter.key) }) else {
      return .refused
    }
    return .unmatched
  }

  /// Whoever may be excluded; `nil` where somebody may be missing.
  private func excluded(
    _ waiver: TypedWaiver, _ arguments: Environment, _ evaluator: Evaluator
  ) -> Set<NodeKey>? {
    evaluator.fuel = 0
    var excluded: Set<NodeKey> = []
    var isOpen = false
    for expression in waiver.excluded {
      guard let nodes = try? evaluator.elements(expression, arguments) else { return nil }
      if nodes.open != nil { isOpen = true }
      for element in nodes.elements {
        excluded.insert(world.nodes[Int(element.lower)].name.key)
      }
    }
    return isOpen ? nil : excluded
  }
}
