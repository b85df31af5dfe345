// Approvals of a request: verified before they become facts.

public import WritBytecode
import WritCrypto
public import WritEvidence
public import WritModel
import WritVM

/// An approval that is signed by a registered approver, in a role that is theirs, for this request.
struct VerifiedApproval {
  let approval: Approval
  /// The same for the machine.
  let grant: GrantedApproval

  /// Whether the graph has who gave it. Of whoever it does not have nobody can say that a clause does not except them: they count for none.
  var isKnown: Bool { grant.approver >= 0 }
}

/// What an envelope of a request is, at whatever time.
enum CheckedApproval: Sendable {
  /// Signed by a registered approver in a role that is theirs, for what is asked and would be done.
  case signed(Approval)
  /// The same for something else; why it does not count.
  case astray(Approval, String)
  /// Found to be that, for this gate and this subject, when it was recorded.
  case recorded(Approval)
  /// Why it is none.
  case refused(String)
}

extension Engine {
  /// The approvals of a request, in whichever form they are given.
  func check(
    _ items: [JSONValue], _ form: ApprovalForm, for target: ApprovalTarget
  ) -> [CheckedApproval] {
    switch form {
    case .signed: check(items, for: target)
    case .recorded: recordedApprovals(items, for: target).map { .recorded($0) }
    }
  }

  /// Verifies the envelopes of a request. A signature takes sixty microseconds or so.
  private func check(_ envelopes: [JSONValue], for target: ApprovalTarget) -> [CheckedApproval] {
    envelopes.map { envelope in
      do throws(ApprovalError) {
        let approval = try Approval(envelope, registry: bundle.registry)
        return approval.target.whyNot(target).map { .astray(approval, $0) } ?? .signed(approval)
      } catch {
        return .refused("\(error)")
      }
    }
  }

  /// The approvals that are signed by a registered approver in a role that is theirs, for this gate and this subject; and
  /// what keeps others from counting. Whether one is too old, or its giver excluded, each clause decides.
  func approvals(
    _ checked: [CheckedApproval], _ machine: Machine, _ asking: Asking
  ) -> (granted: [VerifiedApproval], notes: [String]) {
    var granted: [VerifiedApproval] = []
    var notes: [String] = []
    for (index, one) in checked.enumerated() {
      switch one {
      case .recorded(let approval):
        let verified = verified(approval, machine)
        guard !asking.onBehalfOf.containsBytes(of: approval.approver), verified.isKnown else {
          continue
        }
        granted.append(verified)
      case .refused(let why): notes.append("approval \(index + 1): \(why)")
      case .astray(let approval, let why):
        notes.append("approval \(index + 1), by `\(approval.approver)`, \(why)")
      case .signed(let approval):
        let name = "approval \(index + 1), by `\(approval.approver)`,"
        guard !asking.onBehalfOf.containsBytes(of: approval.approver) else {
          notes.append("\(name) does not count: its giver gave the token that this is asked under")
          continue
        }
        let verified = verified(approval, machine)
        guard verified.isKnown else {
          notes.append("\(name) does not count: the graph does not have its giver")
          continue
        }
        if let why = whyNotNow(approval, asking) { notes.append("\(name) \(why)") }
        granted.append(verified)
      }
    }
    return (granted, notes)
  }

  /// An approval whose signature and role are known to be good, for the machine.
  private func verified(_ approval: Approval, _ machine: Machine) -> VerifiedApproval {
    let grant = GrantedApproval(
      role: approval.role, approver: person(approval.approver, machine),
      signedAt: approval.signedAt.microseconds, expires: approval.expires.microseconds)
    return VerifiedApproval(approval: approval, grant: grant)
  }

  /// Why no clause will count it.
  private func whyNotNow(_ approval: Approval, _ asking: Asking) -> String? {
    if asking.caller.map({ hasSameBytes($0, approval.approver) }) == true {
      return "does not count: its giver asks"
    }
    if approval.signedAt.microseconds > asking.now { return "was signed later than now" }
    if approval.expires.microseconds <= asking.now {
      return "does not count any more: it expired at \(approval.expires)"
    }
    let age = asking.now - approval.signedAt.microseconds
    let program = bundle.program.program
    guard
      program.approvals.contains(where: {
        ($0.withinMicroseconds ?? .max) < age && hasSameBytes($0.role, approval.role)
      }), let longest = program.longestAge(of: approval), longest < age
    else { return nil }
    return "does not count any more: it was signed at \(approval.signedAt), and the gate takes one "
      + "for \(Duration(microseconds: longest))"
  }

  /// The number of a person's node. One that the graph does not have gets a negative one of its own, the same for the same name.
  func person(_ name: String, _ machine: Machine) -> Int64 {
    if let node = try? node(name, what: "the person"),
      let number = machine.node(kind: node.kind, id: node.id)
    {
      return number
    }
    return -2 - machine.number(ofString: name)
  }
}

extension ApprovalTarget {
  /// Why an approval of this does not count for another; `nil` where both are the same.
  public func whyNot(_ asked: ApprovalTarget) -> String? {
    guard asksTheSame(as: asked) else {
      return "is for another request, or for an action by another bundle"
    }
    guard does != asked.does else { return nil }
    let given = does.map { "agrees to \($0)" } ?? "says nothing of what would be done"
    guard let now = asked.does else {
      return "does not count: it \(given), and what would be done now is not known"
    }
    return "does not count: it \(given), and what would be done now is \(now); "
      + "whoever agrees looks at that with `writ approve --graph --show`, which names it too, and signs again"
  }
}

extension Approval {
  /// As a decision names it.
  public var counted: CountedApproval {
    CountedApproval(
      approver: approver, role: role, signedAt: signedAt.microseconds,
      expires: expires.microseconds)
  }
}

extension Program {
  /// The roles whose approval the clauses of a gate ask for, in the order of the program; none for a gate that it has not.
  public func roles(askedByGate name: String) -> [String] {
    var roles: [String] = []
    for asked in approvals(askedByGate: name) where !roles.containsBytes(of: asked.role) {
      roles.append(asked.role)
    }
    return roles
  }

  /// What the clauses of a gate ask for, in the order of the program.
  private func approvals(askedByGate name: String) -> [ApprovalReference] {
    guard let gate = gates.first(where: { hasSameBytes($0.name, name) }) else { return [] }
    let asked = Set(
      gate.clauses.flatMap { clause in
        routines[clause.routine].code.filter { $0.opcode == .approval }.map(\.c)
      })
    return approvals.indices.filter(asked.contains).map { approvals[$0] }
  }

  /// The ages to which clauses of a gate take an approval in a role, in microseconds: `nil` of one that takes it for as long as it
  /// was signed for.
  private func ages(askedByGate name: String, in role: String) -> [Int64?] {
    approvals(askedByGate: name).filter { hasSameBytes($0.role, role) }.map(\.withinMicroseconds)
  }

  /// The age beyond which no clause of its gate takes an approval; `nil` where one takes it for as long as it was signed for, or none
  /// asks.
  fileprivate func longestAge(of approval: Approval) -> Int64? {
    let ages = ages(askedByGate: approval.gate, in: approval.role)
    return ages.contains(nil) ? nil : ages.compactMap { $0 }.max()
  }

  /// Until when all clauses of a gate that ask for it take an approval: what it was signed for, or the age that one of them takes,
  /// whichever is over first. In microseconds since 1970.
  ///
  /// - Returns: The end, and the age that makes it; `nil` of what was signed for.
  public func end(
    ofApprovalTo gate: String, in role: String, signedAt: Int64, expires: Int64
  ) -> (end: Int64, age: Int64?) {
    guard let age = ages(askedByGate: gate, in: role).compactMap({ $0 }).min() else {
      return (expires, nil)
    }
    let (end, isTooLong) = signedAt.addingReportingOverflow(age)
    return isTooLong || end >= expires ? (expires, nil) : (end, age)
  }
}
