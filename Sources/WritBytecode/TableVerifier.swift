// The verifier's rules about the tables that operands index.
import WritModel

/// Every entry well formed on its own; what uses it is the affair of the words.
struct TableVerifier {
  let program: Program

  private var schema: Schema { program.schema }

  /// Counts first, so that everything after is bounded.
  func verify() throws(VerifyError) {
    try verifyCounts()
    try verifyModules()
    try verifyValues()
    for (index, field) in program.fields.enumerated() { try verify(field, index) }
    for (index, step) in program.steps.enumerated() { try verify(step, index) }
    for (index, kinds) in program.kindSets.enumerated() {
      try VerifierRules(.entry(.kindSets, index))
        .ascending(kinds, of: "kinds", below: schema.kinds.count)
    }
    for (index, closure) in program.closures.enumerated() {
      let rules = VerifierRules(.entry(.closures, index))
      try rules.index(closure.step, of: "step", below: program.steps.count)
      try rules.value(
        Int64(closure.layerLimit ?? 1), of: "layer limit", in: 1...Int64(Int32.max))
    }
    let roles = Set(program.roles.map { ByteText($0) })
    for (index, approval) in program.approvals.enumerated() {
      try verify(approval, index, roles)
    }
  }

  /// An operand of 16 bits can name every entry.
  private func verifyCounts() throws(VerifyError) {
    let rules = VerifierRules(.program)
    let counts: [(Int, String)] = [
      (program.modules.count, "modules"), (program.roles.count, "roles"),
      (program.globalCount, "shared registers"), (program.fields.count, "field references"),
      (program.steps.count, "steps"), (program.kindSets.count, "kind sets"),
      (program.closures.count, "closures"), (program.approvals.count, "approvals"),
      (program.scorecards.count, "scorecards"), (program.gates.count, "gates"),
      (program.waivers.count, "waivers"),
      (program.queries.count, "queries"), (program.actions.count, "actions"),
      (program.pipelines.count, "pipelines"),
      (program.routines.count, "routines"),
    ]
    for (count, what) in counts {
      try rules.count(count, of: what, atMost: Limits.tableEntries)
    }
  }

  private func verifyModules() throws(VerifyError) {
    let rules = VerifierRules(.program)
    try rules.distinct(program.roles, of: "role")
    var names: Set<String> = []
    for (index, module) in program.modules.enumerated() {
      let rules = VerifierRules(.entry(.modules, index))
      // A text without a `policy` line is a module without a name.
      try rules.text(module.name, of: "module")
      try rules.require(
        names.insert(module.name).inserted, .duplicate("module", module.name))
      try rules.value(module.version, of: "version", in: 0...Int64.max)
      try rules.require(isDigest(module.digest), .badDigest)
    }
  }

  private func isDigest(_ text: String) -> Bool {
    let prefix = "sha256:"
    guard text.utf8.starts(with: prefix.utf8), text.utf8.count == prefix.utf8.count + 64 else {
      return false
    }
    return Hex.decode(String(text.dropFirst(prefix.count)))?.count == 32
  }

  /// Parameters, whose values fit their types, and constants, which have none.
  private func verifyValues() throws(VerifyError) {
    try VerifierRules(.program).distinct(program.parameters.map(\.name), of: "parameter")
    for (index, parameter) in program.parameters.enumerated() {
      let rules = VerifierRules(.entry(.parameters, index))
      try rules.scalar(parameter.type, of: "parameter", in: schema)
      try verify(parameter.value, rules)
      try rules.require(fits(parameter.value, parameter.type), .misfit("value"))
    }
    for (index, constant) in program.constants.enumerated() {
      try verify(constant, VerifierRules(.entry(.constants, index)))
    }
  }

  private func verify(_ value: ConstantValue, _ rules: VerifierRules) throws(VerifyError) {
    switch value {
    case .scalar, .absent: return
    case .string(let text): try rules.text(text, of: "string")
    case .node(let kind, let id):
      try rules.index(kind, of: "kind", below: schema.kinds.count)
      try rules.text(id, of: "node id")
    }
  }

  /// Is it a value of that type? The type was verified.
  private func fits(_ value: ConstantValue, _ type: ValueType) -> Bool {
    switch (value, type) {
    case (.absent, .optional): true
    case (_, .optional(let wrapped)): fits(value, wrapped)
    case (.string, .string): true
    case (.node(let kind, _), .node(let kinds)): kinds.contains(kind)
    case (.scalar(let number), .bool): number == 0 || number == 1
    case (.scalar(let number), .enumeration(let index)):
      number >= 0 && number < schema.enums[index].members.count
    case (.scalar, .int), (.scalar, .decimal), (.scalar, .date), (.scalar, .instant),
      (.scalar, .duration):
      true
    default: false
    }
  }
}

extension TableVerifier {
  /// No key, and one name and type for all kinds: whoever reads the field knows what it gets.
  private func verify(_ reference: FieldReference, _ index: Int) throws(VerifyError) {
    let rules = VerifierRules(.entry(.fields, index))
    switch reference {
    case .edge(let edge, let field):
      try rules.index(edge, of: "edge", below: schema.edges.count)
      try rules.index(field, of: "field", below: schema.edges[edge].fields.count)
    case .node(let fields):
      try rules.ascending(fields.map(\.kind), of: "kinds", below: schema.kinds.count)
      for entry in fields {
        let declared = schema.kinds[entry.kind].fields
        try rules.index(entry.field, of: "field", below: declared.count)
        try rules.require(!declared[entry.field].isKey, .keyField)
        let first = schema.kinds[fields[0].kind].fields[fields[0].field]
        let isSame =
          hasSameBytes(first.name, declared[entry.field].name)
          && first.type == declared[entry.field].type
        try rules.require(isSame, .fieldsDiffer)
      }
    }
  }

  /// Edges that exist, each once in each direction.
  private func verify(_ step: StepReference, _ index: Int) throws(VerifyError) {
    let rules = VerifierRules(.entry(.steps, index))
    try rules.require(!step.edges.isEmpty, .empty("edges"))
    try rules.count(step.edges.count, of: "edges", atMost: Limits.fields)
    var seen: Set<EdgeDirection> = []
    for direction in step.edges {
      try rules.index(direction.edge, of: "edge", below: schema.edges.count)
      try rules.require(
        seen.insert(direction).inserted,
        .duplicate("edge", schema.edges[direction.edge].name))
    }
  }

  private func verify(
    _ approval: ApprovalReference, _ index: Int, _ roles: Set<ByteText>
  ) throws(VerifyError) {
    let rules = VerifierRules(.entry(.approvals, index))
    try rules.require(roles.contains(approval.role), .unknownRole(approval.role))
    try rules.value(Int64(approval.count), of: "count", in: 1...Int64(Limits.approvals))
    try rules.value(approval.withinMicroseconds ?? 0, of: "age", in: 0...Int64.max)
  }
}
