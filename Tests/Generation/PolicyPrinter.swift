// Typed programs as text of the language.

import WritModel
public import WritSemantics

/// The policy that reads as the program: for generated programs that are textual.
/// What only programs hold that are not textual is told so that a person can read it.
public func policyText(_ program: TypedProgram) -> String {
  PolicyPrinter(program).text
}

private struct PolicyPrinter {
  let program: TypedProgram
  private let expressions: ExpressionPrinter

  init(_ program: TypedProgram) {
    self.program = program
    expressions = ExpressionPrinter(program)
  }

  private var schema: Schema { program.schema }

  /// Rules and scorecards may stand in any order: they are resolved by name.
  var text: String {
    var parts = ["policy generated version 1"]
    // The first enum is the language's own.
    parts += schema.enums.dropFirst().map { enumeration in
      let members = enumeration.members.joined(separator: enumeration.isOrdered ? " < " : ", ")
      return "enum \(enumeration.name) { \(members) }"
    }
    parts += schema.sources.map { source in
      "source \(source.name)" + (source.freshMicroseconds.map { " fresh \($0)us" } ?? "")
    }
    parts.append("role \(program.roles.joined(separator: ", "))")
    parts += schema.kinds.indices.map(node)
    parts += program.parameters.map { parameter in
      let value = expressions.text(parameter.defaultValue, parameter.type)
      return "param \(parameter.name): \(type(parameter.type)) = \(value)"
    }
    parts += program.rules.map { rule in
      "rule \(rule.name)\(parameters(rule.parameters)) = \(expressions.text(rule.body))"
    }
    parts += program.scorecards.map(scorecard) + program.gates.map(gate)
    parts += program.queries.map(query)
    return parts.joined(separator: "\n") + "\n"
  }

  private func node(_ kind: Int) -> String {
    let node = schema.kinds[kind]
    let fields = node.fields.map { field in
      let own = field.origin == node.origin ? "" : origin(field.origin)
      return "  \(field.name): \(type(field.type))" + (field.isKey ? " key" : "") + own
    }
    let edges = schema.edges.filter { $0.source == kind }.map { edge($0, of: node) }
    let members = (fields + edges).map { $0 + "\n" }.joined()
    return "node \(node.name)\(origin(node.origin)) {\n\(members)}"
  }

  private func edge(_ edge: EdgeType, of node: NodeKind) -> String {
    let targets = edge.targets.map { schema.kinds[$0].name }.joined(separator: " | ")
    var text = "  \(edge.name) -> " + (edge.cardinality == .many ? "many " : "") + targets
    if edge.cardinality == .optional { text += "?" }
    if edge.origin != node.origin { text += origin(edge.origin) }
    if let inverse = edge.inverse { text += " inverse \(inverse)" }
    guard !edge.fields.isEmpty else { return text }
    return text
      + " { \(edge.fields.map { "\($0.name): \(type($0.type))" }.joined(separator: " ")) }"
  }

  private func origin(_ origin: Origin) -> String {
    switch origin {
    case .unsourced: ""
    case .request: " from request"
    case .sources(let sources):
      " from \(sources.map { schema.sources[$0].name }.joined(separator: " | "))"
    }
  }

  private func type(_ type: ValueType) -> String {
    switch type {
    case .bool: "Bool"
    case .int: "Int"
    case .decimal: "Decimal"
    case .string: "String"
    case .date: "Date"
    case .instant: "Instant"
    case .duration: "Duration"
    case .enumeration(let index): schema.enums[index].name
    case .node(let kinds): kinds.map { schema.kinds[$0].name }.joined(separator: " | ")
    case .optional(let wrapped): self.type(wrapped) + "?"
    case .set(let element): "Set<\(self.type(element))>"
    case .list(let element): "List<\(self.type(element))>"
    case .edge(let index): "Edge<\(index)>"
    }
  }

  private func parameters(_ variables: [TypedVariable]) -> String {
    "(\(variables.map { "v\($0.id): \(type($0.type))" }.joined(separator: ", ")))"
  }

  private func lets(_ lets: [TypedLet]) -> String {
    lets.map { "  let v\($0.variable.id) = \(expressions.text($0.value))\n" }.joined()
  }

  private func scorecard(_ card: TypedScorecard) -> String {
    let members = schema.enums[card.levelEnum].members
    let checks = card.checks.map { check in
      let title = check.title.map { " \"\($0)\"" } ?? ""
      let guardText = check.guardCondition.map { " when \(expressions.text($0))" } ?? ""
      return "  check \(check.name) weight \(check.weight)\(title)\(guardText) : "
        + "\(expressions.text(check.condition))\n"
    }
    let levels = card.levels.map { level in
      let names = level.requiredChecks.map { card.checks[$0].name }.joined(separator: ", ")
      return "  level \(members[level.ordinal]) at \(Decimal(millionths: level.threshold))"
        + (names.isEmpty ? "" : " with \(names)") + "\n"
    }
    let head =
      "scorecard \(card.name)\(parameters(card.parameters)) -> "
      + schema.enums[card.levelEnum].name + (card.isSum ? " sum" : "")
    return "\(head) {\n\(lets(card.lets))\((checks + levels).joined())}"
  }

  private func gate(_ gate: TypedGate) -> String {
    let clauses = gate.clauses.map { clause in
      let opened = clause.guards.map { "  when \(expressions.text($0)) {\n" }.joined()
      let closed = clause.guards.map { _ in "  }\n" }.joined()
      return opened + self.clause(clause) + closed
    }
    return "gate \(gate.name)\(parameters(gate.parameters)) {\n\(lets(gate.lets))"
      + clauses.joined() + "}"
  }

  private func clause(_ clause: TypedClause) -> String {
    var text = "  \(clause.kind) \(clause.name): "
    if !clause.generators.isEmpty {
      text += loop(clause.generators, clause.filters) + (clause.condition == nil ? "" : " : ")
    }
    text += clause.condition.map(expressions.text) ?? ""
    guard !clause.message.isEmpty else { return text + "\n" }
    let parts = clause.message.map { part in
      switch part {
      case .text(let piece): piece
      case .value(let expression): "{\(expressions.text(expression))}"
      }
    }
    return text + (clause.kind == .require ? " else" : "") + " \"\(parts.joined())\"\n"
  }

  private func loop(_ generators: [Generator], _ filters: [Filter]) -> String {
    let sets = generators.map { "v\($0.variable) in \(expressions.text($0.range))" }
    return "for \(sets.joined(separator: ", "))\(expressions.filters(filters))"
  }

  private func query(_ query: TypedQuery) -> String {
    let head = "query \(query.name)\(parameters(query.parameters))"
    switch query.body {
    case .path(let path):
      let walk = TypedExpression(
        .reach(path.start, path.step, path.repetition), .set(.node([])), nowhere)
      return "\(head) = shortest \(expressions.text(walk)) to \(expressions.text(path.end))"
    case .rows(let rows):
      guard !rows.generators.isEmpty else {
        return "\(head) { \(rows.columns.map { column($0, rows) }.joined(separator: ", ")) }"
      }
      return "\(head) = \(self.rows(rows))"
    }
  }

  private func rows(_ rows: RowQuery) -> String {
    var text = loop(rows.generators, rows.filters)
    if !rows.groupKeys.isEmpty {
      let keys = rows.groupKeys.enumerated().map { "key\($0): \(expressions.text($1))" }
      text += " group by \(keys.joined(separator: ", "))"
    }
    text += " select { \(rows.columns.map { column($0, rows) }.joined(separator: ", ")) }"
    if !rows.order.isEmpty {
      let keys = rows.order.map { rows.columns[$0.column].name + ($0.isDescending ? " desc" : "") }
      text += " order by \(keys.joined(separator: ", "))"
    }
    return text + (rows.limit.map { " limit \($0)" } ?? "")
  }

  private func column(_ column: TypedColumn, _ rows: RowQuery) -> String {
    switch column.value {
    case .row(let expression): return "\(column.name): \(expressions.text(expression))"
    case .groupKey(let key): return "\(column.name): key\(key)"
    case .aggregate(let aggregate, let operand):
      let text = expressions.text(operand)
      return switch aggregate {
      case .count: "\(column.name): count(\(text))"
      case .countDistinct: "\(column.name): count(distinct \(text))"
      case .sum: "\(column.name): sum(\(text))"
      case .least: "\(column.name): min(\(text))"
      case .greatest: "\(column.name): max(\(text))"
      }
    }
  }
}
