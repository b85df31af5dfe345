// Typed expressions as S-expressions.

import WritModel

extension TypedDumper {
  /// `(operation operand…)`; a variable is `v` and its number.
  func form(_ expression: TypedExpression) -> SExpression {
    switch expression.form {
    case .constant(let value): constant(value, expression.type)
    case .variable(let id): .atom("v\(id)")
    case .parameter(let index): .node("param", .atom(program.parameters[index].name))
    case .now: .atom("now")
    case .caller: .atom("caller")
    case .nodeLiteral(let kind, let id): .node("node", .atom(schema.kinds[kind].name), .quoted(id))
    case .nodes(let kind): .node("nodes", .atom(schema.kinds[kind].name))
    case .call(let rule, let arguments):
      .node("call", [.atom(program.rules[rule].name)] + arguments.map { form($0) })
    case .score(let scorecard, let arguments):
      .node("score", [.atom(program.scorecards[scorecard].name)] + arguments.map { form($0) })
    case .level(let scorecard, let arguments):
      .node("level", [.atom(program.scorecards[scorecard].name)] + arguments.map { form($0) })
    case .approval(let term): form(term)
    case .not, .and, .or, .compare, .arithmetic, .negate, .stringTest, .member, .inRange, .within,
      .isAbsent, .isEmpty, .isKind, .coalesce, .instantPart, .durationPart:
      scalarForm(expression)
    case .identifier, .field, .follow, .reach, .edges, .edgeEnd, .elements, .distinct, .union,
      .difference, .intersection, .comprehension, .count, .sum, .least, .greatest:
      graphForm(expression)
    }
  }

  /// Operations on single values.
  private func scalarForm(_ expression: TypedExpression) -> SExpression {
    switch expression.form {
    case .not(let inner): .node("not", form(inner))
    case .and(let left, let right): .node("and", form(left), form(right))
    case .or(let left, let right): .node("or", form(left), form(right))
    case .compare(let comparison, let left, let right):
      .node("\(comparison)", form(left), form(right))
    case .arithmetic(let operation, let left, let right):
      .node("\(operation)", form(left), form(right))
    case .negate(let inner): .node("negate", form(inner))
    case .stringTest(let test, let left, let right): .node("\(test)", form(left), form(right))
    case .member(let value, let set): .node("in", form(value), form(set))
    case .inRange(let value, let lower, let upper, let isClosed):
      .node(isClosed ? "in-closed" : "in-half-open", form(value), form(lower), form(upper))
    case .within(let instant, let duration): .node("within", form(instant), form(duration))
    case .isAbsent(let inner): .node("absent?", form(inner))
    case .isEmpty(let set): .node("empty?", form(set))
    case .isKind(let node, let kinds): .node("is", form(node), type(.node(kinds)))
    case .coalesce(let left, let right): .node("coalesce", form(left), form(right))
    case .instantPart(let base, let part): .node("\(part)", form(base))
    case .durationPart(let base, let part): .node("\(part)", form(base))
    default: .atom("?")
    }
  }

  /// Operations on nodes, edges and sets.
  private func graphForm(_ expression: TypedExpression) -> SExpression {
    switch expression.form {
    case .identifier(let node): .node("id", form(node))
    case .field(let base, let name): .node("field", form(base), .atom(name))
    case .follow(let base, let edge): .node("follow", form(base), .atom(edge))
    case .reach(let base, let step, let repetition):
      .node("reach", form(base), form(step), form(repetition))
    case .edges(let base, let step): .node("edges", form(base), form(step))
    case .edgeEnd(let edge, let end): .node("\(end)", form(edge))
    case .elements(let elements):
      .node("elements", [type(expression.type)] + elements.map { form($0) })
    case .distinct(let list): .node("distinct", form(list))
    case .union(let left, let right): .node("union", form(left), form(right))
    case .difference(let left, let right): .node("difference", form(left), form(right))
    case .intersection(let left, let right): .node("intersection", form(left), form(right))
    case .comprehension(let comprehension):
      .node(
        "comprehension",
        [type(expression.type)] + comprehension.generators.map { form($0) }
          + comprehension.filters.map { form($0) } + [.node("yield", form(comprehension.yield))])
    case .count(let set): .node("count", form(set))
    case .sum(let set): .node("sum", form(set))
    case .least(let set): .node("least", form(set))
    case .greatest(let set): .node("greatest", form(set))
    default: .atom("?")
    }
  }

  /// `(for v1 name range)`
  func form(_ generator: Generator) -> SExpression {
    .node("for", .atom("v\(generator.variable)"), .atom(generator.name), form(generator.range))
  }

  /// `(where condition)`, `(bind v1 name value)`
  func form(_ filter: Filter) -> SExpression {
    switch filter {
    case .condition(let condition): .node("where", form(condition))
    case .binding(let id, let name, let value):
      .node("bind", .atom("v\(id)"), .atom(name), form(value))
    }
  }

  /// `(step Kind.edge ^Kind.edge (where edge target filter))`; `^` is walked from its target.
  func form(_ step: Step) -> SExpression {
    let edges = step.edges.map { directed in
      let edge = schema.edges[directed.edge]
      let name = "\(schema.kinds[edge.source].name).\(edge.name)"
      return SExpression.atom(directed.isInverse ? "^" + name : name)
    }
    guard let filter = step.filter else { return .node("step", edges) }
    return .node(
      "step",
      edges + [.node("where", .atom("v\(step.edge)"), .atom("v\(step.target)"), form(filter))])
  }

  /// Nothing for one step, else `+` or `*`, with its bound.
  func form(_ repetition: Repetition) -> SExpression? {
    switch repetition {
    case .once: nil
    case .oneOrMore(nil): .atom("+")
    case .oneOrMore(.some(let bound)): .node("+", .number(bound))
    case .zeroOrMore(nil): .atom("*")
    case .zeroOrMore(.some(let bound)): .node("*", .number(bound))
    }
  }

  /// `(approval role count (except set) (within duration))`
  private func form(_ term: ApprovalTerm) -> SExpression {
    .node(
      "approval", .atom(term.role), .number(term.count),
      term.except.map { .node("except", form($0)) },
      term.withinMicroseconds.map { .node("within", .atom("\(Duration(microseconds: $0))")) })
  }
}
