// Layout of expressions: operators lead their lines.

extension Formatter {
  /// Recursion is bounded by the expression's depth.
  mutating func expression(_ expression: Expression) {
    let wasIndented = isIndented
    isIndented = false
    switch expression.kind {
    case .missing: break
    case .literal: tokens(at(.minus) ? 2 : 1)
    case .name, .element, .now, .caller: token()
    case .field, .outer: tokens(2)
    case .group(let inner): bracketed { $0.expression(inner) }
    case .list(let elements):
      bracketed { $0.commaSeparated(elements) { $0.expression($1) } }
    case .call(let call):
      token()
      arguments(call.arguments)
    case .node: words(2)
    case .aggregate(let aggregate): self.aggregate(aggregate)
    case .approval(let term): approval(term)
    case .member(let base, _):
      self.expression(base)
      tokens(2)
    case .step(let base, let step): self.step(base, step)
    case .closure(let base, let closure):
      self.expression(base)
      token()
      if closure.bound != nil {
        add(.space)
        words(3)
      }
    case .unary(let operation, let operand):
      token()
      if operation.kind == .not { add(.space) }
      self.expression(operand)
    case .binary(let operation, _, _):
      chain(expression, operation.kind.rank, isIndented: wasIndented)
    case .membership(let membership): self.membership(membership)
    case .test(let test): self.test(test)
    case .quantified(let quantified): self.quantified(quantified)
    case .filter, .select: narrowing(expression, isIndented: wasIndented)
    }
  }

  mutating func arguments(_ arguments: [ArgumentSyntax]) {
    bracketed { formatter in
      formatter.commaSeparated(arguments) { formatter, argument in
        if argument.label != nil {
          formatter.tokens(2)
          formatter.add(.space)
        }
        formatter.expression(argument.value)
      }
    }
  }

  private mutating func aggregate(_ aggregate: AggregateSyntax) {
    token()
    bracketed { formatter in
      if aggregate.isDistinct {
        formatter.token()
        formatter.add(.space)
      }
      formatter.expression(aggregate.argument)
    }
  }

  private mutating func approval(_ term: ApprovalTerm) {
    words(term.count == nil ? 4 : 6)
    if let except = term.except {
      add(.space)
      token()
      add(.space)
      expression(except)
    }
    if term.within != nil {
      add(.space)
      words(2)
    }
  }

  private mutating func step(_ base: Expression, _ step: StepSyntax) {
    expression(base)
    token()
    bracketed { formatter in
      formatter.token()
      for filter in step.filters {
        formatter.add(.line)
        formatter.filter(filter)
      }
    }
  }
}

// Operators.
extension Formatter {
  /// Operands of one rank in a row, each operator at the start of its line where they do not fit.
  private mutating func chain(_ whole: Expression, _ rank: Int, isIndented: Bool) {
    var first = whole
    var operands: [Expression] = []
    while case .binary(let operation, let left, let right) = first.kind,
      operation.kind.rank == rank
    {
      operands.append(right)
      first = left
    }
    group { formatter in
      formatter.expression(first)
      if !isIndented { formatter.add(.indent) }
      for operand in operands.reversed() {
        formatter.add(.line)
        formatter.token()
        formatter.add(.space)
        formatter.expression(operand)
      }
      if !isIndented { formatter.add(.dedent) }
    }
  }

  /// A set and the filters and selects behind it, each at the start of its line where they do not
  /// fit.
  private mutating func narrowing(_ whole: Expression, isIndented: Bool) {
    var base = whole
    var steps: [Expression.Kind] = []
    while true {
      let next: Expression
      switch base.kind {
      case .filter(let set, _), .select(let set, _): next = set
      default:
        return group { formatter in
          formatter.expression(base)
          if !isIndented { formatter.add(.indent) }
          for step in steps.reversed() { formatter.narrowingStep(step) }
          if !isIndented { formatter.add(.dedent) }
        }
      }
      steps.append(base.kind)
      base = next
    }
  }

  private mutating func narrowingStep(_ step: Expression.Kind) {
    add(.line)
    switch step {
    case .filter(_, let filter): self.filter(filter)
    case .select(_, let value):
      token()
      add(.space)
      expression(value)
    default: break
    }
  }

  private mutating func membership(_ membership: MembershipSyntax) {
    group { formatter in
      formatter.expression(membership.value)
      formatter.indented { formatter in
        formatter.add(.line)
        formatter.words(membership.isNegated ? 2 : 1)
        formatter.add(.space)
        switch membership.container {
        case .set(let set): formatter.expression(set)
        case .halfOpen(let low, let high), .closed(let low, let high):
          formatter.expression(low)
          formatter.add(.space)
          formatter.token()
          formatter.add(.space)
          formatter.expression(high)
        }
      }
    }
  }

  private mutating func test(_ test: TestForm) {
    expression(test.value)
    add(.space)
    words(test.isNegated ? 2 : 1)
    add(.space)
    switch test.kind {
    case .absent, .empty: token()
    case .kinds(let names): alternatives(names.count)
    }
  }

  private mutating func quantified(_ quantified: QuantifiedSyntax) {
    group { formatter in
      formatter.words(quantified.variable == nil ? 1 : 3)
      formatter.add(.space)
      formatter.expression(quantified.set)
      formatter.add(.space)
      formatter.token()
      formatter.indented { formatter in
        formatter.add(.line)
        formatter.isIndented = true
        formatter.expression(quantified.condition)
      }
    }
  }
}

extension BinaryOperator.Kind {
  /// Operators of one rank stand in one chain.
  fileprivate var rank: Int {
    switch self {
    case .or: 0
    case .and: 1
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .within, .starts,
      .ends, .contains, .like:
      2
    case .coalesce: 3
    case .add, .subtract: 4
    case .multiply, .divide, .remainder, .intersect: 5
    }
  }
}
