// The expressions within a typed expression.

extension TypedExpression {
  /// The expressions directly inside, in the order of their evaluation.
  public var children: [TypedExpression] {
    switch form {
    case .constant, .variable, .parameter, .now, .caller, .nodeLiteral, .nodes: []
    case .identifier(let base), .field(let base, _), .follow(let base, _), .edgeEnd(let base, _),
      .not(let base), .negate(let base), .isAbsent(let base), .isEmpty(let base),
      .isKind(let base, _), .instantPart(let base, _), .durationPart(let base, _),
      .distinct(let base), .count(let base), .sum(let base), .least(let base),
      .greatest(let base):
      [base]
    case .reach(let base, let step, _), .edges(let base, let step):
      [base] + (step.filter.map { [$0] } ?? [])
    case .and(let left, let right), .or(let left, let right), .compare(_, let left, let right),
      .arithmetic(_, let left, let right), .stringTest(_, let left, let right),
      .member(let left, let right), .within(let left, let right), .coalesce(let left, let right),
      .union(let left, let right), .difference(let left, let right),
      .intersection(let left, let right):
      [left, right]
    case .inRange(let value, let lower, let upper, _): [value, lower, upper]
    case .elements(let values), .call(_, let values), .score(_, let values),
      .level(_, let values):
      values
    case .comprehension(let comprehension):
      comprehension.generators.map(\.range)
        + comprehension.filters.map { filter in
          switch filter {
          case .condition(let value), .binding(_, _, let value): value
          }
        } + [comprehension.yield]
    case .approval(let term): term.except.map { [$0] } ?? []
    }
  }
}
