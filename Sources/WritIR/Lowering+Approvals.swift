// Conditions in which approvals stand together: whoever is counted for one of them is not counted for another.
//
// Such a condition is an `or` of ways in which it can hold, each an `and` of conditions and of approvals that are asked for
// together. `a and (b or x)`, where a and b are approvals and x is not, holds by a and b, of different people, or by x and a. All
// that does not ask for an approval, and all sets of people who may not give one, are evaluated once, before.

import WritSemantics

/// One way in which a condition can hold.
private struct ApprovalWay {
  /// Conditions that ask for no approval.
  var conditions: [IRVariable] = []
  var approvals: [IRApprovalTerm] = []

  static func + (left: ApprovalWay, right: ApprovalWay) -> ApprovalWay {
    ApprovalWay(
      conditions: left.conditions + right.conditions, approvals: left.approvals + right.approvals)
  }

  var expression: IRExpression {
    let parts = conditions.map { IRExpression.variable($0) }
    let all = parts + (approvals.isEmpty ? [] : [.approvals(approvals)])
    return all.dropFirst().reduce(all.first ?? .constant(.yes)) { .and($0, $1) }
  }
}

extension Lowering {
  /// The condition of a clause. The checker bounds the ways in which one holds.
  mutating func condition(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    guard typed.approvalsTogether > 1 else { return try scalar(typed) }
    var before: [(variable: IRVariable, value: IRExpression)] = []
    let ways = try ways(typed, &before).map(\.expression)
    let levels = ways.count + typed.approvalsTogether + before.count
    try deepen(by: levels, at: typed.range)
    leave(levels)
    let whole = ways.dropFirst().reduce(ways.first ?? .constant(.no)) { .or($0, $1) }
    return before.reversed().reduce(whole) { .bind($1.variable, $1.value, in: $0) }
  }

  private mutating func ways(
    _ typed: TypedExpression, _ before: inout [(variable: IRVariable, value: IRExpression)]
  ) throws(LoweringError) -> [ApprovalWay] {
    func bound(_ value: IRExpression) -> IRVariable {
      let variable = freshVariable()
      before.append((variable, value))
      return variable
    }
    switch typed.form {
    case .and(let left, let right) where typed.approvalsTogether > 0:
      let first = try ways(left, &before)
      let second = try ways(right, &before)
      return first.flatMap { one in second.map { one + $0 } }
    case .or(let left, let right) where typed.approvalsTogether > 0:
      return try ways(left, &before) + ways(right, &before)
    case .approval(let term):
      var approval = try self.approval(term)
      if term.except != nil {
        approval = IRApprovalTerm(
          approval: approval.approval, except: .variable(bound(approval.except)))
      }
      return [ApprovalWay(approvals: [approval])]
    default: return [ApprovalWay(conditions: [bound(try scalar(typed))])]
    }
  }

  /// An approval by itself, in the table of the module.
  mutating func approval(_ term: ApprovalTerm) throws(LoweringError) -> IRApprovalTerm {
    approvals.append(
      IRApproval(
        role: term.role, count: term.count, withinMicroseconds: term.withinMicroseconds))
    let index = approvals.count - 1
    // A list of none would be charged for.
    let nobody = IRExpression.single(.constant(.absent))
    let except = try term.except.map { (except) throws(LoweringError) in try set(except) }
    return IRApprovalTerm(approval: index, except: except ?? nobody)
  }
}
