// Grants of waivers: verified before they are facts.

import WritBytecode
public import WritCrypto
import WritEvidence
public import WritModel
import WritVM

/// What an envelope of a request is, at whatever time.
enum CheckedGrant: Sendable {
  /// Signed by a registered approver in the role that the gate names, for the text that the bundle has; and which waiver that is.
  case signed(WaiverGrant, waiver: Int)
  /// Why it is none.
  case refused(String)
}

/// A waiver as people call it, and the digest of the text that a grant of it is bound to.
public struct WaiverText: Sendable {
  /// `module.waiver`
  public let name: String
  /// `clause`, `expires`, `for`, `gate`, `reason`, `waiver`.
  public let json: JSONValue
  public let digest: Digest
  /// In which a grant is given.
  public let role: String
  public let expires: Instant
}

extension LoadedBundle {
  /// A waiver by its full name or, where only one has it, its own.
  public func waiver(_ name: String) throws(RequestError) -> WaiverText {
    let waivers = program.program.waivers
    return try text(
      ofWaiver: try declaration(name, in: waivers.map(\.name), what: "waiver"))
  }

  func text(ofWaiver index: Int) throws(RequestError) -> WaiverText {
    let program = program.program
    let waiver = program.waivers[index]
    let text = program.text(of: waiver)
    do {
      return WaiverText(
        name: waiver.name, json: text, digest: Digest(of: try text.ownCanonicalBytes()),
        role: program.gates[waiver.findings.gate].waivingRole ?? "",
        expires: Instant(microseconds: waiver.expires))
    } catch {
      throw RequestError("the waiver `\(waiver.name)` has no canonical form: \(error)")
    }
  }
}

extension Engine {
  /// The grants of a request, in whichever form they are given, for the gate of that index.
  func checkGrants(_ items: [JSONValue], _ form: ApprovalForm, gate: Int) -> [CheckedGrant] {
    switch form {
    case .recorded: items.map { recordedGrant($0) }
    case .signed: items.map { verified($0, gate: gate) }
    }
  }

  private func verified(_ envelope: JSONValue, gate: Int) -> CheckedGrant {
    do throws(WaiverGrantError) {
      return check(try WaiverGrant(envelope, registry: bundle.registry), gate: gate)
    } catch {
      return .refused("\(error)")
    }
  }

  /// Whether the bundle has the waiver, with that text, for that gate.
  private func check(_ grant: WaiverGrant, gate: Int) -> CheckedGrant {
    let name = "the grant by `\(grant.granter)`"
    guard
      let index = program.waivers.firstIndex(where: { hasSameBytes($0.name, grant.waiver) }),
      let text = try? bundle.text(ofWaiver: index)
    else { return .refused("\(name) is of `\(grant.waiver)`, which the bundle does not have") }
    guard text.digest == grant.digest else {
      return .refused("\(name) is of another text of the waiver `\(grant.waiver)`")
    }
    guard hasSameBytes(text.role, grant.role) else {
      return .refused("\(name) is in the role `\(grant.role)`; the gate takes `\(text.role)`")
    }
    guard program.waivers[index].findings.gate == gate else {
      return .refused("\(name) is of `\(grant.waiver)`, a waiver of another gate")
    }
    return .signed(grant, waiver: index)
  }

  /// The grants that the machine is to weigh, with the place of each among those given; and what keeps others from counting.
  func grants(
    _ checked: [CheckedGrant], _ machine: Machine, _ asking: Asking
  ) -> (granted: [(grant: WaiverGrant, weighed: GrantedWaiver)], notes: [String]) {
    var granted: [(WaiverGrant, GrantedWaiver)] = []
    var notes: [String] = []
    for (index, one) in checked.enumerated() {
      switch one {
      case .refused(let why): notes.append("waiver \(index + 1): \(why)")
      case .signed(let grant, let waiver):
        let granter = person(grant.granter, machine)
        guard granter >= 0 else {
          notes.append(
            "waiver \(index + 1), by `\(grant.granter)`, does not count: the graph does not have its giver"
          )
          continue
        }
        if let why = whyNotNow(grant, waiver, asking) {
          notes.append("waiver \(index + 1), by `\(grant.granter)`, \(why)")
        }
        let expires = min(grant.expires.microseconds, program.waivers[waiver].expires)
        granted.append(
          (
            grant,
            GrantedWaiver(
              waiver: waiver, granter: granter,
              isCaller: isCaller(grant, asking), signedAt: grant.signedAt.microseconds,
              expires: expires)
          ))
      }
    }
    return (granted, notes)
  }

  /// Whether its giver may be who asks, or has given the leave to: so also where nobody says who does.
  private func isCaller(_ grant: WaiverGrant, _ asking: Asking) -> Bool {
    (asking.caller.map { hasSameBytes($0, grant.granter) } ?? true) || isRepresented(grant, asking)
  }

  private func isRepresented(_ grant: WaiverGrant, _ asking: Asking) -> Bool {
    asking.onBehalfOf.containsBytes(of: grant.granter)
  }

  /// Why it will not count.
  private func whyNotNow(_ grant: WaiverGrant, _ waiver: Int, _ asking: Asking) -> String? {
    let expires = min(grant.expires, Instant(microseconds: program.waivers[waiver].expires))
    if asking.caller == nil { return "does not count: it is not known that its giver does not ask" }
    if isRepresented(grant, asking) {
      return "does not count: its giver gave the token that this is asked under"
    }
    if isCaller(grant, asking) { return "does not count: its giver asks" }
    if grant.signedAt.microseconds > asking.now { return "was granted later than now" }
    if expires.microseconds <= asking.now {
      return "does not count any more: it expired at \(expires)"
    }
    return nil
  }

  /// What waivers did, as a decision tells it; and why a grant that could have counted did not.
  func told(
    _ result: GateResult, _ granted: [(grant: WaiverGrant, weighed: GrantedWaiver)],
    _ asking: Asking
  ) -> (waived: [WaivedFinding], waivers: [WaiverReport], notes: [String]) {
    let waived = result.waived.map { spared in
      let (grant, weighed) = granted[spared.grant]
      let waiver = program.waivers[weighed.waiver]
      return WaivedFinding(
        finding: spared.finding,
        waiver: AppliedWaiver(
          waiver: waiver.name, reason: waiver.reason, granter: grant.granter, role: grant.role,
          validity: weighed.signedAt..<weighed.expires))
    }
    let reports = result.waivers.map { use in
      let waiver = program.waivers[use.waiver]
      let gate = program.gates[waiver.findings.gate]
      return WaiverReport(
        waiver: waiver.name, clause: gate.clauses[waiver.findings.clause].name, state: use.state,
        expires: waiver.expires)
    }
    let notes = result.waivers.compactMap { use -> String? in
      let own = granted.filter { $0.weighed.waiver == use.waiver }
      let isWeighed = own.contains { whyNotNow($0.grant, use.waiver, asking) == nil }
      guard use.state == .refused, isWeighed else { return nil }
      return
        "the waiver `\(program.waivers[use.waiver].name)` does not count: who granted it has an interest in "
        + "it, or that is not known"
    }
    return (waived, reports, notes)
  }
}
