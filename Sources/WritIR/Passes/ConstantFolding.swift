// Operations on constants are done once, here.

/// Folds operations whose operands are constants, where the result is exact. What would be unknown is left for the
/// machine, so that its cause is the machine's.
public func foldConstants(_ module: IRModule) -> IRModule {
  module.map { $0.map(folded) }
}

private func folded(_ expression: IRExpression) -> IRExpression {
  let inner = expression.mapChildren(folded)
  switch inner {
  case .apply(let operation, let operands):
    return fold(operation, operands.compactMap(\.number), of: operands.count) ?? inner
  case .and(.constant(.no), _): return .constant(.no)
  case .and(.constant(.yes), let right): return right
  case .or(.constant(.yes), _): return .constant(.yes)
  case .or(.constant(.no), let right): return right
  case .coalesce(.constant(.absent), let right, _): return right
  case .coalesce(.constant(let constant), _, _): return .constant(constant)
  default: return inner
  }
}

extension IRExpression {
  /// The number of a scalar constant.
  fileprivate var number: Int64? {
    guard case .constant(.scalar(let number)) = self else { return nil }
    return number
  }
}

private func fold(
  _ operation: IROperation, _ operands: [Int64], of count: Int
) -> IRExpression? {
  guard operands.count == count, let first = operands.first else { return nil }
  if count == 1 { return foldUnary(operation, first).map { .constant(.scalar($0)) } }
  guard count == 2 else { return nil }
  return foldBinary(operation, first, operands[1]).map { .constant(.scalar($0)) }
}

private func foldUnary(_ operation: IROperation, _ operand: Int64) -> Int64? {
  switch operation {
  case .not: 1 - operand
  case .negate: operand == .min ? nil : -operand
  default: nil
  }
}

private func foldBinary(_ operation: IROperation, _ left: Int64, _ right: Int64) -> Int64? {
  switch operation {
  case .equal: left == right ? 1 : 0
  case .notEqual: left != right ? 1 : 0
  case .less: left < right ? 1 : 0
  case .lessOrEqual: left <= right ? 1 : 0
  case .strictAnd: min(left, right)
  case .add: exact(left.addingReportingOverflow(right))
  case .subtract: exact(left.subtractingReportingOverflow(right))
  case .multiply: exact(left.multipliedReportingOverflow(by: right))
  default: nil
  }
}

private func exact(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? {
  result.overflow ? nil : result.partialValue
}
