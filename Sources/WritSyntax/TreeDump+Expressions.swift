// S-expressions of expressions.

extension Expression {
  /// Recursion is bounded by the expression's depth.
  var form: Form {
    switch kind {
    case .missing: .atom("<missing>")
    case .literal(let literal): literal.form
    case .name(let name): name.form
    case .field(let name): .node("field", name.form)
    case .outer(let name): .node("outer", name.form)
    case .element: .atom("<it>")
    case .now: .atom("<now>")
    case .caller: .atom("<caller>")
    case .group(let inner): .node("group", inner.form)
    case .list(let elements): .node("list", elements.map(\.form))
    case .call(let call): call.form
    case .node(let node): .node("node", node.kind.form, node.id.form)
    case .aggregate(let aggregate):
      .node(
        aggregate.function.rawValue,
        (aggregate.isDistinct ? [.atom("distinct")] : []) + [aggregate.argument.form])
    case .approval(let term): term.form
    case .member(let base, let name): .node(".", base.form, name.form)
    case .step(let base, let step):
      .node("step", [base.form, step.edge.form] + step.filters.map(\.form))
    case .closure(let base, let closure):
      .node(
        closure.includesStart ? "reach*" : "reach+",
        [base.form] + (closure.bound.map { [$0.form] } ?? []))
    case .unary(let operation, let operand): .node(operation.kind.rawValue, operand.form)
    case .binary(let operation, let left, let right):
      .node(operation.kind.rawValue, left.form, right.form)
    case .membership(let membership): membership.form
    case .test(let test): test.form
    case .quantified(let quantified):
      .node(
        quantified.quantifier.rawValue,
        (quantified.variable.map { [$0.form] } ?? [])
          + [.node("in", quantified.set.form), quantified.condition.form])
    case .filter(let base, let filter): .node("filter", base.form, filter.form)
    case .select(let base, let value): .node("select", base.form, value.form)
    }
  }
}

extension Literal {
  var form: Form {
    switch kind {
    case .integer(let value): .atom(value.map(String.init) ?? "<missing>")
    case .decimal(let digits): .atom(digits)
    case .string(let text): .quoted(text)
    case .duration(let microseconds): .atom(microseconds.map { "\($0)us" } ?? "<missing>")
    case .date(let text), .instant(let text): .atom(text)
    case .boolean(let value): .atom(value ? "<true>" : "<false>")
    }
  }
}

extension CallSyntax {
  fileprivate var form: Form {
    .node(
      "call",
      [name.form]
        + arguments.map { argument in
          argument.label.map { .list([$0.form, argument.value.form]) } ?? argument.value.form
        })
  }
}

extension ApprovalTerm {
  fileprivate var form: Form {
    .node(
      "approval",
      [role.form] + (count.map { [.node("count", $0.form)] } ?? [])
        + (except.map { [.node("except", $0.form)] } ?? [])
        + (within.map { [.node("within", $0.form)] } ?? []))
  }
}

extension MembershipSyntax {
  fileprivate var form: Form {
    let set: Form =
      switch container {
      case .set(let set): set.form
      case .halfOpen(let low, let high): .node("..<", low.form, high.form)
      case .closed(let low, let high): .node("..", low.form, high.form)
      }
    return .node(isNegated ? "not-in" : "in", value.form, set)
  }
}

extension TestForm {
  fileprivate var form: Form {
    let test: Form =
      switch kind {
      case .absent: .atom("<absent>")
      case .empty: .atom("<empty>")
      case .kinds(let names): names.count == 1 ? names[0].form : names.form("|")
      }
    return .node(isNegated ? "is-not" : "is", value.form, test)
  }
}

extension FilterSyntax {
  var form: Form {
    switch kind {
    case .condition(let condition): .node("where", condition.form)
    case .binding(let name, let value): .node("where-let", name.form, value.form)
    }
  }
}
