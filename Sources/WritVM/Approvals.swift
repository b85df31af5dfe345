// Approvals: who gave one, who may not, and how many are missing.

import WritBytecode

extension Machine {
  /// Has the approval been given, by people who are neither the caller nor in `except`?
  func approval(_ except: SetBuffer, _ index: Int) -> Slot {
    let wanted = program.approvals[index]
    var excluded: [Int64] = []
    for place in 0..<except.count {
      excluded.append(except.elements[place].lower)
    }
    if !except.open.isNone { return .unknownTruth(except.open) }
    let caller = registers[Program.callerRegister]
    if !caller.isAbsent {
      guard caller.isExact else { return .unknownTruth(caller.cause.plain) }
      if !excluded.contains(caller.lower) { excluded.append(caller.lower) }
    }
    let missing = wanted.count - givers(of: wanted, except: excluded).count
    if missing <= 0 { return .yes }
    guard assumesApprovals else { return .no }
    missingApprovals.append(
      MissingApproval(approval: index, count: missing, except: excluded))
    return .yes
  }

  /// Distinct people whose approval counts now.
  private func givers(of wanted: ApprovalReference, except excluded: [Int64]) -> [Int64] {
    let now = now
    var givers: [Int64] = []
    for (place, approval) in approvals.enumerated() where approval.role == wanted.role {
      let age = now.subtractingReportingOverflow(approval.signedAt)
      guard !age.overflow, age.partialValue >= 0, now < approval.expires else { continue }
      if let limit = wanted.withinMicroseconds, age.partialValue > limit { continue }
      guard !excluded.contains(approval.approver), !givers.contains(approval.approver) else {
        continue
      }
      givers.append(approval.approver)
      countedApprovals.insert(place)
    }
    return givers
  }
}
