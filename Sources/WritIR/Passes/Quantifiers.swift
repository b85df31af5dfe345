// Quantifiers over a mapped or filtered set ask no more than they need.

/// `not not x` is `x`; a filter that is always true goes.
public func simplifyQuantifiers(_ module: IRModule) -> IRModule {
  module.map { $0.map(simplified) }
}

private func simplified(_ expression: IRExpression) -> IRExpression {
  let inner = expression.mapChildren(simplified)
  switch inner {
  case .apply(.not, let operands):
    if case .apply(.not, let negated)? = operands.first { return negated.first ?? inner }
    return inner
  case .comprehension(let comprehension):
    let filters = comprehension.filters.filter { $0 != .condition(.constant(.yes)) }
    return .comprehension(
      IRComprehension(
        generators: comprehension.generators, filters: filters, yield: comprehension.yield,
        yieldsOptional: comprehension.yieldsOptional, collection: comprehension.collection))
  default: return inner
  }
}

/// Every pass, in order. The result means what the module meant, and charges the same fuel.
public func optimise(_ module: IRModule) -> IRModule {
  simplifyQuantifiers(removeDeadBindings(foldConstants(module)))
}
