// S-expressions of facts and expectations.

extension GivenSyntax {
  var form: Form {
    .node("given", fixtures.map(\.form) + (facts.isEmpty ? [] : [.node("with", facts.map(\.form))]))
  }
}

extension FactSyntax {
  var form: Form {
    switch self {
    case .node(let fact): .node("fact", [fact.node.form] + fact.values.map(\.form))
    case .remove(let node): .node("remove", node.form)
    case .source(let source): source.form
    case .approval(let approval):
      .node(
        "approval",
        [approval.approver.form, approval.role.form]
          + (approval.at.map { [.node("at", $0.form)] } ?? [])
          + (approval.until.map { [.node("until", $0.form)] } ?? []))
    case .waived(let fact):
      .node(
        "waived",
        [fact.waiver.form, fact.granter.form, fact.role.form]
          + (fact.at.map { [.node("at", $0.form)] } ?? [])
          + (fact.until.map { [.node("until", $0.form)] } ?? []))
    }
  }
}

extension SourceFact {
  fileprivate var form: Form {
    switch kind {
    case .silent: .node("source", name.form, .atom("silent"))
    case .spoke(let instant, let kind, let node):
      .node(
        "source",
        [name.form, .node("at", instant.form)]
          + (kind.map { [.node("covers", [$0.form] + (node.map { [$0.form] } ?? []))] } ?? []))
    }
  }
}

extension NodeReference {
  fileprivate var form: Form { .list((kind.map { [$0.form] } ?? []) + [id.form]) }
}

extension NodeID {
  /// A name and a string mean the same, but they are not the same text.
  fileprivate var form: Form {
    if isString { return .quoted(text) }
    return .atom(text.isEmpty ? "<missing>" : text)
  }
}

extension FactValue {
  fileprivate var form: Form {
    switch kind {
    case .field(let fact): .node(":", name.form, fact.form)
    case .targets(let targets, let isList):
      .node(
        "->", [name.form] + (isList ? [.list(targets.map(\.form))] : targets.map(\.form)))
    case .unknownTargets: .node("->", name.form, .atom("<unknown>"))
    }
  }
}

extension FieldFact {
  fileprivate var form: Form {
    switch self {
    case .value(let literal): literal.form
    case .list(let literals, _): .node("list", literals.map(\.form))
    case .unknown: .atom("<unknown>")
    case .absent: .atom("<absent>")
    }
  }
}

extension FactLiteral {
  fileprivate var form: Form {
    switch self {
    case .literal(let literal): literal.form
    case .name(let name): name.form
    }
  }
}

extension FactTarget {
  fileprivate var form: Form {
    values.isEmpty ? node.form : .node("edge", [node.form] + values.map(\.form))
  }
}

extension ExpectSyntax {
  var form: Form {
    switch kind {
    case .verdict(let call, let verdict): .node("expect", call.form, verdict.form)
    case .holds(let condition): .node("expect", condition.form)
    case .isUnknown(let condition): .node("expect", condition.form, .atom("<unknown>"))
    }
  }
}

extension GateCall {
  fileprivate var form: Form {
    .node(
      "ask",
      [gate.form] + arguments.map { .list([$0.name.form, $0.value.form]) }
        + (caller.map { [.node("by", $0.form)] } ?? []))
  }
}

extension FactArgument.Value {
  fileprivate var form: Form {
    switch self {
    case .node(let node): node.form
    case .literal(let literal): literal.form
    }
  }
}

extension VerdictSyntax {
  fileprivate var form: Form {
    .node(
      outcome?.rawValue ?? "<missing>",
      (clauses.map { [$0.form("by")] } ?? []) + (waived.map { [$0.form("waiving")] } ?? []))
  }
}
