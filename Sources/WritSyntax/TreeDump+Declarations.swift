// S-expressions of declarations, clauses and tests.

extension Declaration {
  var form: Form {
    switch self {
    case .enumeration(let declaration):
      .node(
        "enum", declaration.name.form,
        declaration.members.form(declaration.isOrdered ? "ordered" : "members"))
    case .source(let source):
      .node("source", [source.name.form] + parts(("fresh", source.fresh?.form)))
    case .roles(let roles): roles.names.form("role")
    case .node(let node):
      .node(
        "node", [node.name.form] + optional(node.origin?.form) + node.members.map(\.form))
    case .param(let param): .node("param", param.name.form, param.type.form, param.value.form)
    case .rule(let rule):
      .node(
        "rule",
        [rule.name.form, rule.parameters.form] + parts(("result", rule.result?.form))
          + [rule.body.form])
    case .scorecard(let scorecard):
      .node(
        "scorecard",
        [scorecard.name.form, scorecard.parameters.form, scorecard.result.form]
          + (scorecard.isSum ? [.atom("sum")] : []) + scorecard.items.map(\.form))
    case .gate(let gate):
      .node(
        "gate",
        [gate.name.form, gate.parameters.form] + optional(gate.waivable?.form)
          + gate.items.map(\.form))
    case .waiver(let waiver): waiver.form
    case .query(let query):
      .node("query", [query.name.form] + optional(query.parameters?.form) + [query.body.form])
    case .action(let action):
      .node(
        "action",
        [action.name.form, action.parameters.form] + action.heads.map(\.form)
          + action.items.map(\.form))
    case .pipeline(let pipeline): pipeline.form
    case .fixture(let fixture):
      .node(
        "fixture",
        [fixture.name.form] + many("with", fixture.bases) + fixture.facts.map(\.form))
    case .test(let test):
      .node(
        "test",
        [test.title.form, .node("at", test.now.form)] + test.givens.map(\.form)
          + test.expectations.map(\.form))
    }
  }
}

/// `(label form)` for each form that is there.
private func parts(_ forms: (String, Form?)...) -> [Form] {
  forms.compactMap { label, form in form.map { .node(label, $0) } }
}

private func optional(_ form: Form?) -> [Form] { form.map { [$0] } ?? [] }

/// `(label name…)`, or nothing where there are no names.
private func many(_ label: String, _ names: [Name]) -> [Form] {
  names.isEmpty ? [] : [names.form(label)]
}

// The schema.
extension OriginSyntax {
  fileprivate var form: Form {
    switch kind {
    case .request: .node("from", .atom("<request>"))
    case .sources(let names): names.form("from")
    }
  }
}

extension NodeMember {
  fileprivate var form: Form {
    switch self {
    case .field(let field): field.form
    case .edge(let edge):
      .node(
        "edge",
        [edge.name.form] + (edge.isMany ? [.atom("many")] : []) + [edge.targets.form("to")]
          + (edge.isOptional ? [.atom("?")] : []) + optional(edge.origin?.form)
          + parts(("inverse", edge.inverse?.form)) + edge.fields.map(\.form))
    }
  }
}

extension FieldDeclaration {
  fileprivate var form: Form {
    .node(
      "field",
      [name.form, type.form] + (isKey ? [.atom("key")] : [])
        + (isPersonal ? [.atom("personal")] : []) + optional(origin?.form))
  }
}

extension TypeSyntax {
  var form: Form {
    let inner: Form =
      switch kind {
      case .named(let names): names.count == 1 ? names[0].form : names.form("|")
      case .set(let element): .node("Set", element.form)
      case .list(let element): .node("List", element.form)
      case .missing: .atom("<missing>")
      }
    return isOptional ? .node("?", inner) : inner
  }
}

extension Sequence<ParameterSyntax> {
  var form: Form { .list(map { .list([$0.name.form, $0.type.form]) }) }
}

// Bodies.
extension LetSyntax {
  fileprivate var form: Form { .node("let", name.form, value.form) }
}

extension ScorecardItem {
  fileprivate var form: Form {
    switch self {
    case .binding(let binding): binding.form
    case .check(let check):
      .node(
        "check",
        [check.name.form, check.weight.form] + optional(check.title?.form)
          + parts(("when", check.guardCondition?.form)) + [check.condition.form])
    case .level(let level):
      .node("level", [level.name.form, level.score.form] + many("with", level.checks))
    }
  }
}

extension GateItem {
  fileprivate var form: Form {
    switch self {
    case .binding(let binding): binding.form
    case .clause(let clause):
      .node(
        clause.polarity.rawValue,
        [clause.name.form] + optional(clause.loop?.form) + optional(clause.condition?.form)
          + optional(clause.message?.form))
    case .when(let when): .node("when", [when.condition.form] + when.items.map(\.form))
    }
  }
}

extension WaivableSyntax {
  fileprivate var form: Form {
    .node("waivable", [role.form] + parts(("except", except?.form)))
  }
}

extension WaiverDeclaration {
  fileprivate var form: Form {
    .node(
      "waiver",
      [name.form, gate.form, clause.form]
        + nodes.map { .list([$0.kind.form, $0.id.form]) }
        + [reason.form, .node("expires", .atom(expires.text ?? "<missing>"))])
  }
}

extension LoopSyntax {
  fileprivate var form: Form {
    .node(
      "for", generators.map { .list([$0.name.form, $0.set.form]) } + filters.map(\.form))
  }
}

extension TemplateSyntax {
  var form: Form {
    .node(
      "message",
      segments.map { segment in
        switch segment {
        case .text(let text): .quoted(text)
        case .interpolation(let expression): expression.form
        }
      })
  }
}

extension QueryBody {
  fileprivate var form: Form {
    switch self {
    case .columns(let columns): .node("columns", columns.map(\.form))
    case .rows(let rows):
      .node(
        "rows",
        [rows.loop.form] + (rows.keys.isEmpty ? [] : [.node("group", rows.keys.map(\.form))])
          + [.node("select", rows.columns.map(\.form))]
          + (rows.order.isEmpty ? [] : [.node("order", rows.order.map(\.form))])
          + parts(("limit", rows.limit?.form)))
    case .path(let path): .node("shortest", path.path.form, path.target.form)
    case .missing: .atom("<missing>")
    }
  }
}

extension ActionHead {
  fileprivate var form: Form {
    switch kind {
    case .kind(let name): .node("kind", name.form)
    case .guarded(let call): .node("guarded", call.form)
    case .effect(let name): .node("effect", name.form)
    case .impact(let names): names.form("impact")
    case .rollback(let call): .node("rollback", call.form)
    case .irreversible: .atom("irreversible")
    case .breakGlass(let role, let within): .node("breakGlass", role.form, within.form)
    case .delegate(let labels): labels.form("delegate")
    }
  }
}

extension ActionCall {
  fileprivate var form: Form { .list([name.form] + arguments.map(\.form)) }
}

extension ActionItem {
  fileprivate var form: Form {
    switch kind {
    case .run(let words):
      .node("run", words.map(\.form))
    case .http(let request):
      .node("http", [request.method.form, request.url.form] + request.parts.map(\.form))
    case .secrets(let names): names.form("secrets")
    case .timeout(let duration): .node("timeout", duration.form)
    case .idempotent: .atom("idempotent")
    }
  }
}

extension HTTPPartSyntax {
  fileprivate var form: Form {
    switch kind {
    case .header(let name, let value): .node("header", name.form, value.form)
    case .body(let word): .node("body", word.form)
    case .field(let name, let word): .node("field", name.form, word.form)
    case .status(let statuses):
      .node("status", statuses.map { .atom($0.value.map(String.init) ?? "?") })
    case .answer(let form, let pointer):
      .node("answer", [form.form] + (pointer.map { [$0.form] } ?? []))
    }
  }
}

extension ActionWord {
  var form: Form {
    switch self {
    case .text(let template): template.form
    case .value(let expression): expression.form
    }
  }
}

extension ColumnSyntax {
  fileprivate var form: Form { .list([name.form, value.form]) }
}

extension SelectItem {
  fileprivate var form: Form { value.map { .list([name.form, $0.form]) } ?? name.form }
}

extension OrderKey {
  fileprivate var form: Form { isDescending ? .node("desc", name.form) : name.form }
}
