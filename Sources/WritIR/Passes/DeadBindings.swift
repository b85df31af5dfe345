// Bindings that nobody needs go, and trivial ones are written in place.

/// Removes a binding whose value is free of fuel and never used, and replaces the variable of one whose value is a constant,
/// a global or another variable.
public func removeDeadBindings(_ module: IRModule) -> IRModule {
  module.map { $0.map(simplified) }
}

private func simplified(_ expression: IRExpression) -> IRExpression {
  let inner = expression.mapChildren(simplified)
  guard case .bind(let variable, let value, let body) = inner else { return inner }
  switch value {
  case .constant, .global, .variable: return body.replacing(variable, by: value)
  default: return value.isFree && !body.mentions(variable) ? body : inner
  }
}
