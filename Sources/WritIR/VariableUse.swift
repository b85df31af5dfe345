// Which variables an expression speaks of.

import WritSemantics

/// Collects the variables that typed expressions refer to, bound inside or not.
enum VariableUse {
  static func of(_ expression: TypedExpression) -> Set<VariableID> {
    var used: Set<VariableID> = []
    collect(expression, &used)
    return used
  }

  static func of(_ clause: TypedClause) -> Set<VariableID> {
    var used: Set<VariableID> = []
    for condition in clause.guards { collect(condition, &used) }
    for generator in clause.generators { collect(generator.range, &used) }
    for filter in clause.filters { collect(filter, &used) }
    if let condition = clause.condition { collect(condition, &used) }
    return used
  }

  private static func collect(_ filter: Filter, _ used: inout Set<VariableID>) {
    switch filter {
    case .condition(let value), .binding(_, _, let value): collect(value, &used)
    }
  }

  private static func collect(_ expression: TypedExpression, _ used: inout Set<VariableID>) {
    if case .variable(let variable) = expression.form { used.insert(variable) }
    for child in expression.children { collect(child, &used) }
  }
}
