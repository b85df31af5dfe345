// Fixtures and tests as S-expressions.

import WritModel

extension TypedDumper {
  /// `(test title time fact… expectation…)`
  func form(_ test: TypedTest) -> SExpression {
    .node(
      "test",
      [.quoted(test.title), .atom("\(Instant(microseconds: test.at))")] + forms(test.facts)
        + test.expectations.map { form($0) })
  }

  /// One form a fact.
  func forms(_ facts: [TypedFact]) -> [SExpression] { facts.map { form($0) } }

  /// `(fact node (field value)…)`, `(edges node name target…)` and their kin.
  private func form(_ fact: TypedFact) -> SExpression {
    switch fact {
    case .node(let node, let fields, _):
      let types = schema.kinds[node.kind].fields
      return .node("fact", [name(node)] + fields.map { form($0, types) })
    case .edges(let node, let edge, let targets, _):
      let type = schema.edges[edge]
      guard let targets else {
        return .node("edges", name(node), .atom(type.name), .atom("unknown"))
      }
      let ends = targets.map { target -> SExpression in
        target.fields.isEmpty
          ? name(target.target)
          : .list([name(target.target)] + target.fields.map { form($0, type.fields) })
      }
      return .node("edges", [name(node), .atom(type.name)] + ends)
    case .remove(let node, _):
      return .node("remove", name(node))
    case .silence(let source, _):
      return .node("silent", .atom(schema.sources[source].name))
    case .vouch(let source, let at, let kind, let node, _):
      let covered = node.map { name($0) } ?? kind.map { .atom(schema.kinds[$0].name) }
      return .node(
        "vouch", .atom(schema.sources[source].name), .atom("\(Instant(microseconds: at))"), covered)
    case .approval(let approver, let role, let at, let until, _):
      return .node(
        "approval", name(approver), .atom(role),
        at.map { .node("at", .atom("\(Instant(microseconds: $0))")) },
        until.map { .node("until", .atom("\(Instant(microseconds: $0))")) })
    case .waived(let waiver, let granter, let role, let validity, _):
      return .node(
        "waived", .atom(program.waivers[waiver].name), name(granter), .atom(role),
        validity.from.map { .node("at", .atom("\(Instant(microseconds: $0))")) },
        validity.until.map { .node("until", .atom("\(Instant(microseconds: $0))")) })
    }
  }

  /// `(name value)`
  private func form(_ field: FactField, _ types: [FieldType]) -> SExpression {
    let type = types[field.field]
    let value: SExpression =
      switch field.value {
      case .constant(let constant): self.constant(constant, type.type)
      case .strings(let strings): .list(strings.map { .quoted($0) })
      case .unknown: .atom("unknown")
      }
    return .list([.atom(type.name), value])
  }

  /// `(Kind "id")`
  private func name(_ node: NodeName) -> SExpression {
    .node(schema.kinds[node.kind].name, .quoted(node.id))
  }

  /// `(expect gate argument… (by node) verdict)`, `(holds condition)`, `(unknown value)`
  private func form(_ expectation: TypedExpectation) -> SExpression {
    switch expectation.form {
    case .holds(let condition): .node("holds", form(condition))
    case .isUnknown(let value): .node("unknown", form(value))
    case .gate(let gate, let arguments, let caller, let verdict, let waiving):
      .node(
        "expect",
        [.atom(program.gates[gate].name)] + forms(arguments, of: program.gates[gate])
          + (caller.map { [.node("by", name($0))] } ?? []) + [form(verdict)]
          + (waiving.map { [.node("waiving", $0.map { .atom($0) })] } ?? []))
    }
  }

  /// In the order of the parameters, each as its type writes it.
  private func forms(_ arguments: [ExpectedArgument], of gate: TypedGate) -> [SExpression] {
    zip(arguments, gate.parameters).map { argument, parameter in
      switch argument {
      case .node(let node): name(node)
      case .constant(let constant): self.constant(constant, parameter.type)
      }
    }
  }

  /// `allowed`, `(denied clause…)`, `(held clause…)`
  private func form(_ verdict: Verdict) -> SExpression {
    switch verdict {
    case .allowed: .atom("allowed")
    case .denied(let clauses): .node("denied", (clauses ?? ["any"]).map { .atom($0) })
    case .held(let clauses): .node("held", (clauses ?? ["any"]).map { .atom($0) })
    }
  }
}
