// In how many ways a condition holds that asks for approvals, and how many of them stand together in one.

extension TypedExpression {
  /// The most approvals that one way asks for together; 0 where none is asked for. Approvals stand under `and` and `or` alone.
  public var approvalsTogether: Int { approvalMeasure.together }

  /// Ways in which the condition holds, written as an `or` of `and`s; stops counting beyond a million.
  var approvalWays: Int { approvalMeasure.ways }

  private var approvalMeasure: (together: Int, ways: Int) {
    switch form {
    case .approval: return (1, 1)
    case .and(let left, let right):
      let (first, second) = (left.approvalMeasure, right.approvalMeasure)
      let together = first.together + second.together
      return (together, together == 0 ? 1 : min(first.ways * second.ways, 1_000_000))
    case .or(let left, let right):
      let (first, second) = (left.approvalMeasure, right.approvalMeasure)
      let together = max(first.together, second.together)
      return (together, together == 0 ? 1 : min(first.ways + second.ways, 1_000_000))
    default: return (0, 1)
    }
  }
}
