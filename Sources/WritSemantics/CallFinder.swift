// The calls in an expression.

import WritSyntax

/// Gathers the names of all calls in expressions, with a stack of its own.
struct CallFinder {
  private(set) var calls: [Name] = []

  /// Adds the calls of an expression, in source order.
  mutating func visit(_ expression: Expression) {
    var open = [expression]
    while let next = open.popLast() {
      if case .call(let call) = next.kind { calls.append(call.name) }
      // The last pushed is the next popped: children go on in reverse.
      open += next.kind.children.reversed()
    }
  }
}

extension Expression.Kind {
  /// The expressions directly within, in source order.
  var children: [Expression] {
    switch self {
    case .missing, .literal, .name, .field, .outer, .element, .now, .caller, .node: []
    case .group(let inner), .member(let inner, _), .closure(let inner, _), .unary(_, let inner):
      [inner]
    case .list(let elements): elements
    case .call(let call): call.arguments.map(\.value)
    case .aggregate(let aggregate): [aggregate.argument]
    case .approval(let term): term.except.map { [$0] } ?? []
    case .step(let base, let step): [base] + step.filters.map(\.value)
    case .binary(_, let left, let right), .select(let left, let right): [left, right]
    case .membership(let membership): [membership.value] + membership.container.bounds
    case .test(let test): [test.value]
    case .quantified(let quantified): [quantified.set, quantified.condition]
    case .filter(let base, let filter): [base, filter.value]
    }
  }
}

extension MembershipSyntax.Container {
  fileprivate var bounds: [Expression] {
    switch self {
    case .set(let set): [set]
    case .halfOpen(let low, let high), .closed(let low, let high): [low, high]
    }
  }
}
