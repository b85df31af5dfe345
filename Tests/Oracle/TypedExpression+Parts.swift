// What an expression is made of, and which variables and roles it names.

public import WritSemantics

extension TypedExpression {
  /// Every variable that stands in the expression, bound in it or not.
  var variables: [VariableID] {
    if case .variable(let id) = form { return [id] }
    return parts.flatMap(\.variables)
  }

  /// The roles of its approval terms, in order.
  var roles: [String] {
    if case .approval(let term) = form { return [term.role] }
    return parts.flatMap(\.roles)
  }

  /// Its direct operands.
  public var parts: [TypedExpression] {
    switch form {
    case .constant, .variable, .parameter, .now, .caller, .nodeLiteral, .nodes: []
    case .identifier(let operand), .field(let operand, _), .follow(let operand, _),
      .edgeEnd(let operand, _), .not(let operand), .negate(let operand), .isAbsent(let operand),
      .isEmpty(let operand), .isKind(let operand, _), .instantPart(let operand, _),
      .durationPart(let operand, _), .distinct(let operand), .count(let operand),
      .sum(let operand), .least(let operand), .greatest(let operand):
      [operand]
    case .reach(let start, let step, _), .edges(let start, let step):
      [start] + [step.filter].compactMap { $0 }
    case .and(let left, let right), .or(let left, let right), .compare(_, let left, let right),
      .arithmetic(_, let left, let right), .stringTest(_, let left, let right),
      .member(let left, let right), .within(let left, let right), .coalesce(let left, let right),
      .union(let left, let right), .difference(let left, let right),
      .intersection(let left, let right):
      [left, right]
    case .inRange(let operand, let lower, let upper, _): [operand, lower, upper]
    case .elements(let operands), .call(_, let operands), .score(_, let operands),
      .level(_, let operands):
      operands
    case .comprehension(let comprehension):
      comprehension.generators.map(\.range) + comprehension.filters.map(\.expression)
        + [comprehension.yield]
    case .approval(let term): [term.except].compactMap { $0 }
    }
  }
}
