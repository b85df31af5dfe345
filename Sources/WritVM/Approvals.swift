// Approvals: who gave one, who may not, and how many are missing.

import WritBytecode
import WritModel

/// An approval that is asked for together with others, and who may not give it.
struct ApprovalInRow {
  /// Index into `Program.approvals`.
  let index: Int
  let excluded: [Int64]
  /// Why nobody knows who may not; `nil` where that is known.
  let cause: Cause?
}

extension Machine {
  /// Has the approval been given, by people who are neither the caller, nor have given the leave under which that asks, nor are in `except`; and, where it stands beside others, have all
  /// of them, nobody being counted for two?
  func approval(_ except: SetBuffer, _ index: Int, isBeside: Bool) -> Slot {
    if !isBeside {
      approvalRow.removeAll(keepingCapacity: true)
      missingBeforeRow = missingApprovals.count
    }
    approvalRow.append(asked(except, index))
    // Whoever misses all of them misses those before this one too.
    missingApprovals.removeLast(missingApprovals.count - missingBeforeRow)
    let known = approvalRow.filter { $0.cause == nil }
    let isGiven = noteMissing(of: known)
    guard isGiven || assumesApprovals else { return .no }
    let unknown = approvalRow.lazy.compactMap(\.cause).first
    return unknown.map { .unknownTruth($0) } ?? .yes
  }

  private func asked(_ except: SetBuffer, _ index: Int) -> ApprovalInRow {
    guard except.open.isNone else {
      return ApprovalInRow(index: index, excluded: [], cause: except.open)
    }
    var excluded: [Int64] = []
    for place in 0..<except.count { excluded.append(except.elements[place].lower) }
    let caller = registers[Program.callerRegister]
    if !caller.isAbsent {
      guard caller.isExact else {
        return ApprovalInRow(index: index, excluded: [], cause: caller.cause.plain)
      }
      if !excluded.contains(caller.lower) { excluded.append(caller.lower) }
    }
    for person in represented where !excluded.contains(person) { excluded.append(person) }
    return ApprovalInRow(index: index, excluded: excluded, cause: nil)
  }

  /// Whether nothing is missing. What is, is noted where approvals are taken as given.
  private func noteMissing(of row: [ApprovalInRow]) -> Bool {
    let given = row.map { givers(of: program.approvals[$0.index], except: $0.excluded) }
    let people = Set(given.joined()).sorted()
    let counts = row.map { program.approvals[$0.index].count }
    let filled = filledPlaces(
      counts, admitted: given.map { givers in people.map { givers.contains($0) } })
    guard filled != counts else { return true }
    guard assumesApprovals else { return false }
    for (place, asked) in row.enumerated() where filled[place] < counts[place] {
      missingApprovals.append(
        MissingApproval(
          approval: asked.index, count: counts[place] - filled[place], except: asked.excluded))
    }
    return false
  }

  /// Distinct people whose approval counts now.
  private func givers(of wanted: ApprovalReference, except excluded: [Int64]) -> Set<Int64> {
    let now = now
    var givers: Set<Int64> = []
    for (place, approval) in approvals.enumerated() where approval.role == wanted.role {
      let age = now.subtractingReportingOverflow(approval.signedAt)
      guard !age.overflow, age.partialValue >= 0, now < approval.expires else { continue }
      if let limit = wanted.withinMicroseconds, age.partialValue > limit { continue }
      guard !excluded.contains(approval.approver) else { continue }
      guard givers.insert(approval.approver).inserted else { continue }
      countedApprovals.insert(place)
    }
    return givers
  }
}
