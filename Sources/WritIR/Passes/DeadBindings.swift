// Bindings that nobody needs go, and trivial ones are written in place.

/// Removes a binding whose value is free of fuel and never used, and replaces the variable of one whose value is a constant,
/// a global or another variable. O(size of the module).
public func removeDeadBindings(_ module: IRModule) -> IRModule {
  module.map { routine in
    var remover = BindingRemover()
    return routine.map { remover.simplified($0) }
  }
}

/// Walks an expression once. What lies within a binding is done when the binding is left, so that it is known then whether
/// anything is left that speaks of it.
private struct BindingRemover {
  /// What stands for the variables that are written in place, where they are in sight.
  private var values: [IRVariable: IRExpression] = [:]
  /// How often each variable stands in what has been written.
  private var uses: [IRVariable: Int] = [:]

  mutating func simplified(_ expression: IRExpression) -> IRExpression {
    switch expression {
    case .variable(let variable):
      let value = values[variable] ?? expression
      count(value, 1)
      return value
    case .bind(let variable, let value, let body): return bind(variable, value, body)
    default: return expression.mapChildren { simplified($0) }
    }
  }

  private mutating func bind(
    _ variable: IRVariable, _ value: IRExpression, _ body: IRExpression
  ) -> IRExpression {
    let value = simplified(value)
    let outer = values[variable]
    defer { values[variable] = outer }
    switch value {
    case .constant, .global, .variable:
      count(value, -1)
      values[variable] = value
      return simplified(body)
    default:
      values[variable] = nil
      let before = uses[variable, default: 0]
      let body = simplified(body)
      guard uses[variable, default: 0] == before, value.isFree else {
        return .bind(variable, value, in: body)
      }
      value.forEachVariable { uses[$0, default: 0] -= 1 }
      return body
    }
  }

  private mutating func count(_ value: IRExpression, _ number: Int) {
    if case .variable(let variable) = value { uses[variable, default: 0] += number }
  }
}
