// A typed program as S-expressions, for the corpus: what every construct has been made into.

public import WritModel

/// Everything of a program but its schema and its ranges, a declaration a form.
public func dump(_ program: TypedProgram) -> String {
  let dumper = TypedDumper(program: program)
  var forms: [SExpression] = program.modules.map {
    .node(
      "module",
      [.atom($0.name), .number($0.version)]
        + ($0.allowsUnsignedCallers ? [.node("callers", .atom("unsigned"))] : []))
  }
  if !program.roles.isEmpty { forms.append(.node("roles", program.roles.map { .atom($0) })) }
  forms += program.parameters.map { dumper.form($0) }
  forms += program.rules.map { dumper.form($0) }
  forms += program.scorecards.map { dumper.form($0) }
  forms += program.gates.map { dumper.form($0) }
  forms += program.waivers.map { dumper.form($0) }
  forms += program.queries.map { dumper.form($0) }
  forms += program.actions.map { dumper.form($0) }
  forms += program.pipelines.map { dumper.form($0) }
  forms += program.fixtures.map { .node("fixture", [.atom($0.name)] + dumper.forms($0.facts)) }
  forms += program.tests.map { dumper.form($0) }
  return lines(forms)
}

/// A schema: every part of it, a declaration a form.
public func dump(_ schema: Schema) -> String {
  let dumper = SchemaDumper(schema: schema)
  // The built-in enum at index 0 is the same in all.
  var forms = schema.enums.dropFirst().map { dumper.form($0) }
  forms += schema.sources.map { dumper.form($0) }
  for (index, kind) in schema.kinds.enumerated() { forms.append(dumper.form(kind, index)) }
  return lines(forms)
}

/// One form after the other.
private func lines(_ forms: [SExpression]) -> String {
  var text = ""
  for form in forms {
    form.write(indentation: 0, to: &text)
    text += "\n"
  }
  return text
}

/// Writes the declarations of a program.
struct TypedDumper {
  let program: TypedProgram
  var schema: Schema { program.schema }

  /// `(param name type value)`
  func form(_ parameter: TypedParameter) -> SExpression {
    .node(
      "param", .atom(parameter.name), type(parameter.type),
      constant(parameter.defaultValue, parameter.type))
  }

  /// `(rule name (parameter…) type body)`
  func form(_ rule: TypedRule) -> SExpression {
    .node(
      "rule", .atom(rule.name), variables(rule.parameters), type(rule.body.type), form(rule.body))
  }

  /// `(scorecard name (parameter…) enum let… check… level…)`
  func form(_ scorecard: TypedScorecard) -> SExpression {
    var parts: [SExpression] = [
      .atom(scorecard.name), variables(scorecard.parameters),
      type(.enumeration(scorecard.levelEnum)),
    ]
    if scorecard.isSum { parts.append(.atom("sum")) }
    parts += scorecard.lets.map { form($0) }
    parts += scorecard.checks.map { check in
      .node(
        "check", .atom(check.name), .number(check.weight), check.title.map { .quoted($0) },
        check.guardCondition.map { .node("when", form($0)) }, form(check.condition))
    }
    let members = schema.enums[scorecard.levelEnum].members
    parts += scorecard.levels.map { level in
      .node(
        "level",
        [.atom(members[level.ordinal]), .atom("\(Decimal(millionths: level.threshold))")]
          + level.requiredChecks.map { .atom(scorecard.checks[$0].name) })
    }
    return .node("scorecard", parts)
  }

  /// `(gate name (parameter…) let… clause…)`
  func form(_ gate: TypedGate) -> SExpression {
    .node(
      "gate",
      [.atom(gate.name), variables(gate.parameters)]
        + (gate.waivable.map { [form($0)] } ?? []) + gate.lets.map { form($0) }
        + gate.clauses.map { form($0) })
  }

  /// `(waivable role (except nodes))`
  private func form(_ waivable: TypedWaivable) -> SExpression {
    .node(
      "waivable", .atom(waivable.role), waivable.except.map { .node("except", form($0)) })
  }

  /// `(waiver name gate clause (for (Kind "id")…) reason expires (excluded nodes…))`
  func form(_ waiver: TypedWaiver) -> SExpression {
    let gate = program.gates[waiver.gate]
    return .node(
      "waiver", .atom(waiver.name), .atom(gate.name), .atom(gate.clauses[waiver.clause].name),
      .node(
        "for", waiver.nodes.map { .node(schema.kinds[$0.kind].name, .quoted($0.id)) }),
      .quoted(waiver.reason), .atom("\(Instant(microseconds: waiver.expires))"),
      .node("excluded", waiver.excluded.map { form($0) }))
  }

  /// `(deny name (when guard)… (for …)… filter… condition (message …))`
  private func form(_ clause: TypedClause) -> SExpression {
    var parts: [SExpression] = [.atom(clause.name)]
    parts += clause.guards.map { .node("when", form($0)) }
    parts += clause.generators.map { form($0) }
    parts += clause.filters.map { form($0) }
    if let condition = clause.condition { parts.append(form(condition)) }
    if !clause.message.isEmpty {
      parts.append(.node("message", clause.message.map { form($0) }))
    }
    return .node(clause.kind == .require ? "require" : "deny", parts)
  }

  /// A text, or the value that stands for one.
  private func form(_ part: MessagePart) -> SExpression {
    switch part {
    case .text(let text): .quoted(text)
    case .value(let value): form(value)
    }
  }

  /// `(action name (parameter…) (kind …) (effect …) …  (run (word …)…) …)`
  func form(_ action: TypedAction) -> SExpression {
    var parts: [SExpression] = [.atom(action.name), variables(action.parameters)]
    parts.append(.node("kind", .atom(action.kind.rawValue)))
    parts.append(.node("effect", .atom(action.effect.rawValue)))
    if !action.impacts.isEmpty {
      parts.append(.node("impact", action.impacts.map { .atom($0.rawValue) }))
    }
    if let call = action.guardedBy {
      parts.append(form(call, "guarded", program.gates[call.target].name))
    }
    if let call = action.rollback {
      parts.append(form(call, "rollback", program.actions[call.target].name))
    }
    if action.isIrreversible { parts.append(.atom("irreversible")) }
    if let glass = action.breakGlass {
      let within = "\(Duration(microseconds: glass.within))"
      parts.append(.node("breakGlass", .atom(glass.role), .atom(within)))
    }
    if !action.labels.isEmpty {
      parts.append(.node("delegate", action.labels.map { .atom($0) }))
    }
    parts.append(
      .node("run", action.command.map { word in .node("word", word.map { form($0) }) }))
    if !action.secrets.isEmpty {
      parts.append(.node("secrets", action.secrets.map { .atom($0) }))
    }
    if let timeout = action.timeoutMicroseconds {
      parts.append(.node("timeout", .atom("\(Duration(microseconds: timeout))")))
    }
    if action.isIdempotent { parts.append(.atom("idempotent")) }
    return .node("action", parts)
  }

  /// `(guarded gate parameter…)`, parameters by index.
  private func form(_ call: TypedActionCall, _ label: String, _ target: String) -> SExpression {
    .node(label, [.atom(target)] + call.arguments.map { .number($0) })
  }

  /// `(let (v1 name type) value)`
  func form(_ binding: TypedLet) -> SExpression {
    .node("let", variable(binding.variable), form(binding.value))
  }

  /// `(query name (parameter…) …)`
  func form(_ query: TypedQuery) -> SExpression {
    var parts: [SExpression] = [.atom(query.name), variables(query.parameters)]
    switch query.body {
    case .rows(let rows):
      parts += rows.generators.map { form($0) }
      parts += rows.filters.map { form($0) }
      parts += rows.groupKeys.map { .node("by", form($0)) }
      parts += rows.columns.map { form($0) }
      parts += rows.order.map {
        .node("order", .number($0.column), .atom($0.isDescending ? "desc" : "asc"))
      }
      if let limit = rows.limit { parts.append(.node("limit", .number(limit))) }
    case .path(let path):
      parts.append(
        .node(
          "shortest", form(path.start), form(path.step), form(path.repetition), form(path.end)))
    }
    return .node("query", parts)
  }

  /// `(column name type value)`
  private func form(_ column: TypedColumn) -> SExpression {
    let value: SExpression =
      switch column.value {
      case .row(let value): form(value)
      case .groupKey(let key): .node("key", .number(key))
      case .aggregate(let aggregate, let operand): .node("\(aggregate)", form(operand))
      }
    return .node("column", .atom(column.name), type(column.type), value)
  }

  /// In parentheses.
  func variables(_ variables: [TypedVariable]) -> SExpression {
    .list(variables.map { variable($0) })
  }

  /// `(v1 name type)`
  private func variable(_ variable: TypedVariable) -> SExpression {
    .list([.atom("v\(variable.id)"), .atom(variable.name), type(variable.type)])
  }

  /// As people write it.
  func type(_ type: ValueType) -> SExpression { .atom(describe(type, in: schema)) }

  /// A constant as its type writes it.
  func constant(_ constant: Constant, _ type: ValueType) -> SExpression {
    switch (constant, type.unwrapped) {
    case (.absent, _): .atom("absent")
    case (.string(let text), _): .quoted(text)
    case (.scalar(let value), .bool): .atom(value == 0 ? "false" : "true")
    case (.scalar(let value), .decimal): .atom("\(Decimal(millionths: value))d")
    case (.scalar(let value), .date): .atom("\(CalendarDate(days: value))")
    case (.scalar(let value), .instant): .atom("\(Instant(microseconds: value))")
    case (.scalar(let value), .duration): .atom("\(Duration(microseconds: value))")
    case (.scalar(let value), .enumeration(let index)): member(value, of: index)
    case (.scalar(let value), _): .number(value)
    }
  }

  /// `Enum.member`
  private func member(_ ordinal: Int64, of enumeration: Int) -> SExpression {
    let members = schema.enums[enumeration].members
    return .atom("\(schema.enums[enumeration].name).\(members[Int(ordinal)])")
  }
}

/// Writes the parts of a schema.
private struct SchemaDumper {
  let schema: Schema

  /// `(enum name ordered member…)`
  func form(_ enumeration: EnumType) -> SExpression {
    .node(
      "enum",
      [.atom(enumeration.name), .atom(enumeration.isOrdered ? "ordered" : "unordered")]
        + enumeration.members.map { .atom($0) })
  }

  /// `(source name fresh)`
  func form(_ source: SourceType) -> SExpression {
    .node(
      "source", .atom(source.name),
      source.freshMicroseconds.map { .atom("\(Duration(microseconds: $0))") })
  }

  /// `(node name origin field… edge…)`
  func form(_ kind: NodeKind, _ index: Int) -> SExpression {
    let edges = schema.edges.filter { $0.source == index }
    return .node(
      "node",
      [.atom(kind.name), form(kind.origin)] + kind.fields.map { form($0) }
        + edges.map { form($0) })
  }

  /// `(field name type origin key personal)`
  private func form(_ field: FieldType) -> SExpression {
    .node(
      "field", .atom(field.name), .atom(describe(field.type, in: schema)), form(field.origin),
      field.isKey ? .atom("key") : nil, field.isPersonal ? .atom("personal") : nil)
  }

  /// `(edge name cardinality targets origin (inverse name) field…)`
  private func form(_ edge: EdgeType) -> SExpression {
    .node(
      "edge",
      [
        .atom(edge.name), .atom("\(edge.cardinality)"),
        .atom(describe(.node(edge.targets), in: schema)), form(edge.origin),
      ] + (edge.inverse.map { [.node("inverse", .atom($0))] } ?? [])
        + edge.fields.map { form($0) })
  }

  /// `unsourced`, `request`, `(from source…)`
  private func form(_ origin: Origin) -> SExpression {
    switch origin {
    case .unsourced: .atom("unsourced")
    case .request: .atom("request")
    case .sources(let sources): .node("from", sources.map { .atom(schema.sources[$0].name) })
    }
  }
}
