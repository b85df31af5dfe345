// A bundle as text: every entry a line, every word a line, with names in comments. `assemble` reads
// it back.
import WritModel

/// The text of a bundle. `assemble(Array(disassemble(b).utf8))` is `b`.
public func disassemble(_ bundle: Bundle) -> String {
  var text = AssemblyWriter()
  text.line("writ-bundle", ["1"])
  text.line("language", [quoted(bundle.languageVersion)])
  text.line("engine", [quoted(bundle.engineVersion)])
  text.line("revision", [String(bundle.revision)])
  for key in bundle.keyRegistry {
    text.line(
      "key",
      [
        quoted(key.name), quoted(key.publicKey), "actor", quoted(key.actor),
        key.isAgent ? "agent" : nil, "roles",
      ] + key.roles.map(quoted))
  }
  for delegate in bundle.delegates {
    text.line(
      "delegate", [quoted(delegate.publicKey), "labels"] + delegate.labels.map(quoted))
  }
  let program = bundle.program.program
  text.write(program.modules, program.allowsUnsignedCallers, program.roles)
  text.write(program.schema)
  text.writeTables(of: program)
  text.writeEntries(of: program)
  for (index, caller) in ProgramNames(program: program).callers().enumerated() {
    RoutineDisassembler(program: program, index: index, caller: caller).write(to: &text)
  }
  return String(decoding: text.bytes, as: UTF8.self)
}

/// A text in double quotes, as JSON writes it.
func quoted(_ text: String) -> String {
  var bytes: [UInt8] = []
  appendJSONString(text, to: &bytes)
  return String(decoding: bytes, as: UTF8.self)
}

/// A text for a comment: quoted, and cut where it is long.
func shortened(_ text: String) -> String {
  let start = text.unicodeScalars.prefix(32)
  let rest = start.endIndex < text.unicodeScalars.endIndex ? "…" : ""
  return quoted(String(String.UnicodeScalarView(start))) + rest
}

/// Collects lines.
struct AssemblyWriter {
  private(set) var bytes: [UInt8] = []

  /// A keyword and what follows it, and a comment at column 48.
  mutating func line(
    _ keyword: String, _ words: [String?], indent: Int = 0, comment: String = ""
  ) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
    bytes.append(contentsOf: keyword.utf8)
    for word in words {
      guard let word else { continue }
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: word.utf8)
    }
    if !comment.isEmpty {
      let padding = max(1, 47 - (bytes.count - start))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding))
      bytes.append(contentsOf: "; \(comment)".utf8)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  mutating func blank() { bytes.append(UInt8(ascii: "\n")) }
}

// Modules and schema.
extension AssemblyWriter {
  /// The lines that `Assembler.readModules` reads.
  fileprivate mutating func write(
    _ modules: [ModuleReference], _ allowsUnsignedCallers: Bool, _ roles: [String]
  ) {
    blank()
    for module in modules {
      line("module", [quoted(module.name), String(module.version), quoted(module.digest)])
    }
    if allowsUnsignedCallers { line("callers", ["unsigned"]) }
    for role in roles { line("role", [quoted(role)]) }
  }

  /// The lines that `Assembler.readSchema` reads.
  fileprivate mutating func write(_ schema: Schema) {
    blank()
    for (index, type) in schema.enums.enumerated() {
      line(
        "enum",
        [quoted(type.name), type.isOrdered ? "ordered" : nil] + type.members.map(quoted),
        comment: "enums[\(index)]")
    }
    for (index, source) in schema.sources.enumerated() {
      line(
        "source", [quoted(source.name), source.freshMicroseconds.map { "fresh \($0)" }],
        comment: "sources[\(index)]")
    }
    for (index, kind) in schema.kinds.enumerated() {
      line("kind", [quoted(kind.name), text(of: kind.origin)], comment: "kinds[\(index)]")
      write(kind.fields)
    }
    for (index, edge) in schema.edges.enumerated() {
      line(
        "edge",
        [
          quoted(edge.name), "of", String(edge.source), edge.cardinality.name, "to",
          numbers(edge.targets), text(of: edge.origin),
          edge.inverse.map { "inverse \(quoted($0))" },
        ], comment: "edges[\(index)]")
      write(edge.fields)
    }
  }

  private mutating func write(_ fields: [FieldType]) {
    for field in fields {
      line(
        "field",
        [
          quoted(field.name), text(of: field.type), field.isKey ? "key" : nil,
          field.isPersonal ? "personal" : nil, text(of: field.origin),
        ], indent: 1)
    }
  }

  private func text(of origin: Origin) -> String? {
    switch origin {
    case .unsourced: nil
    case .sources(let sources): "from \(numbers(sources))"
    case .request: "from request"
    }
  }

  func text(of type: ValueType) -> String {
    switch type {
    case .bool, .int, .decimal, .string, .date, .instant, .duration: type.simpleName ?? ""
    case .enumeration(let index): "enum \(index)"
    case .node(let kinds): "node \(numbers(kinds))"
    case .edge(let index): "edge \(index)"
    case .optional(let wrapped): "optional \(text(of: wrapped))"
    case .set(let element): "set \(text(of: element))"
    case .list(let element): "list \(text(of: element))"
    }
  }

  private func numbers(_ values: [Int]) -> String {
    values.map(String.init).joined(separator: " ")
  }
}

// Tables.
extension AssemblyWriter {
  /// The lines that `Assembler.readTables` reads.
  fileprivate mutating func writeTables(of program: Program) {
    let names = ProgramNames(program: program)
    blank()
    for (index, parameter) in program.parameters.enumerated() {
      line(
        "parameter",
        [quoted(parameter.name), text(of: parameter.type), "=", text(of: parameter.value)],
        comment: "p\(index)")
    }
    for (index, constant) in program.constants.enumerated() {
      line("constant", [text(of: constant)], comment: "k\(index)")
    }
    for (index, field) in program.fields.enumerated() {
      line("fieldref", [text(of: field)], comment: names.note(.field, index))
    }
    for (index, step) in program.steps.enumerated() {
      let edges = step.edges.map { "\($0.isInverse ? "~" : "")\($0.edge)" }
      line("step", edges, comment: names.note(.step, index))
    }
    for (index, kinds) in program.kindSets.enumerated() {
      line("kindset", [numbers(kinds)], comment: names.note(.kindSet, index))
    }
    for (index, closure) in program.closures.enumerated() {
      line(
        "closure",
        [
          String(closure.step), closure.includesStart ? "star" : "plus",
          closure.layerLimit.map { "limit \($0)" },
        ], comment: names.note(.closure, index))
    }
    for (index, approval) in program.approvals.enumerated() {
      line(
        "approval",
        [
          quoted(approval.role), "count", String(approval.count),
          approval.withinMicroseconds.map { "within \($0)" },
        ], comment: "approvals[\(index)]")
    }
  }

  private func text(of value: ConstantValue) -> String {
    switch value {
    case .scalar(let number): String(number)
    case .string(let text): quoted(text)
    case .node(let kind, let id): "node \(kind) \(quoted(id))"
    case .absent: "absent"
    }
  }

  private func text(of field: FieldReference) -> String {
    switch field {
    case .node(let fields):
      "node " + fields.map { "\($0.kind).\($0.field)" }.joined(separator: " ")
    case .edge(let edge, let field): "edge \(edge).\(field)"
    }
  }
}

// What is called.
extension AssemblyWriter {
  /// The lines that `Assembler.readEntries` reads.
  fileprivate mutating func writeEntries(of program: Program) {
    for (index, scorecard) in program.scorecards.enumerated() { write(scorecard, index) }
    for (index, gate) in program.gates.enumerated() { write(gate, index) }
    for (index, waiver) in program.waivers.enumerated() { write(waiver, index) }
    for (index, query) in program.queries.enumerated() { write(query, index) }
    for (index, action) in program.actions.enumerated() { write(action, index, in: program) }
    for (index, pipeline) in program.pipelines.enumerated() {
      write(pipeline, index, in: program)
    }
  }

  mutating func write(
    _ variables: [NamedType], as keyword: String, indent: Int
  ) {
    for variable in variables {
      line(keyword, [quoted(variable.name), text(of: variable.type)], indent: indent)
    }
  }

  private mutating func write(_ scorecard: ScorecardProgram, _ index: Int) {
    blank()
    line(
      "scorecard",
      [
        quoted(scorecard.name), scorecard.isSum ? "sum" : "ratio", "enum",
        String(scorecard.levelEnum), "routine", String(scorecard.routine),
      ], comment: "scorecards[\(index)]")
    write(scorecard.parameters, as: "parameter", indent: 1)
    for check in scorecard.checks {
      line(
        "check",
        [
          quoted(check.name), "weight", String(check.weight), "at", quoted(check.position),
          check.title.map { "title \(quoted($0))" },
        ], indent: 1)
    }
    for level in scorecard.levels {
      line(
        "level",
        [String(level.ordinal), "at", String(level.threshold), "checks"]
          + level.requiredChecks.map(String.init), indent: 1)
    }
  }

  private mutating func write(_ gate: GateProgram, _ index: Int) {
    blank()
    line(
      "gate", [quoted(gate.name), gate.waivingRole.map { "waivable \(quoted($0))" }],
      comment: "gates[\(index)]")
    write(gate.parameters, as: "parameter", indent: 1)
    for clause in gate.clauses {
      line(
        clause.isDeny ? "deny" : "require",
        [
          quoted(clause.name), "routine", String(clause.routine), "at", quoted(clause.position),
          clause.hasApproval ? "approval" : nil,
        ], indent: 1)
      write(clause.bindings, as: "binding", indent: 2)
      write(clause.subjects, as: "subject", indent: 2)
      write(clause.message)
    }
  }

  private mutating func write(_ waiver: WaiverProgram, _ index: Int) {
    blank()
    line(
      "waiver",
      [
        quoted(waiver.name), "gate", String(waiver.findings.gate), "clause",
        String(waiver.findings.clause), "routine", String(waiver.routine), "expires",
        String(waiver.expires), "reason", quoted(waiver.reason), "at", quoted(waiver.position),
      ], comment: "waivers[\(index)]")
    for node in waiver.findings.nodes {
      line("for", [String(node.kind), quoted(node.id)], indent: 1)
    }
  }

  /// The lines that `Assembler.message` reads.
  mutating func write(_ pieces: [MessagePiece]) {
    for piece in pieces {
      switch piece {
      case .text(let text): line("text", [quoted(text)], indent: 2)
      case .value(let routine, let type):
        line("value", ["routine", String(routine), text(of: type)], indent: 2)
      }
    }
  }

  private mutating func write(_ query: QueryProgram, _ index: Int) {
    blank()
    line(
      "query",
      [
        quoted(query.name), query.isPath ? "path" : query.isGrouped ? "grouped" : "rows",
        "routine", String(query.routine), query.limit.map { "limit \($0)" },
      ], comment: "queries[\(index)]")
    write(query.parameters, as: "parameter", indent: 1)
    for key in query.groupKeys { line("group", [text(of: key)], indent: 1) }
    for column in query.columns {
      let source =
        switch column.source {
        case .value(let capture): "value \(capture)"
        case .groupKey(let capture): "key \(capture)"
        case .aggregate(let kind, let capture): "\(kind.name) \(capture)"
        }
      line("column", [quoted(column.name), text(of: column.type), source], indent: 1)
    }
    for key in query.order {
      line("order", ["\(key.isDescending ? "~" : "")\(key.column)"], indent: 1)
    }
  }
}
