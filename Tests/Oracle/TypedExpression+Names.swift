// Which variables and roles an expression names.

import WritSemantics

extension TypedExpression {
  /// Every variable that stands in the expression, bound in it or not.
  var variables: [VariableID] {
    if case .variable(let id) = form { return [id] }
    return children.flatMap(\.variables)
  }

  /// The roles of its approval terms, in order.
  var roles: [String] {
    if case .approval(let term) = form { return [term.role] }
    return children.flatMap(\.roles)
  }
}
