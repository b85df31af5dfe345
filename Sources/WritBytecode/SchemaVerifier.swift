// The verifier's rules about a schema.
import WritModel

/// Every name once, every index in range, every field of a type that a column can hold.
struct SchemaVerifier {
  let schema: Schema

  func verify() throws(VerifyError) {
    let rules = VerifierRules(.program)
    for (names, what) in [
      (schema.enums.map(\.name), "enum"), (schema.sources.map(\.name), "source"),
      (schema.kinds.map(\.name), "kind"),
    ] {
      try rules.count(names.count, of: what + "s", atMost: Limits.tableEntries)
      try rules.distinct(names, of: what)
    }
    try rules.count(schema.edges.count, of: "edges", atMost: Limits.tableEntries)
    for (index, type) in schema.enums.enumerated() { try verify(type, index) }
    for (index, source) in schema.sources.enumerated() {
      let fresh = source.freshMicroseconds ?? 0
      try VerifierRules(.entry(.sources, index))
        .value(fresh, of: "freshness", in: 0...Int64.max)
    }
    for (index, kind) in schema.kinds.enumerated() { try verify(kind, index) }
    try verifyEdges()
  }

  /// At least one member, and no more than operand d can name.
  private func verify(_ type: EnumType, _ index: Int) throws(VerifyError) {
    let rules = VerifierRules(.entry(.enums, index))
    try rules.require(!type.members.isEmpty, .empty("members"))
    try rules.count(type.members.count, of: "members", atMost: Limits.enumMembers)
    try rules.distinct(type.members, of: "member")
  }

  /// At most one field is the key, a string.
  private func verify(_ kind: NodeKind, _ index: Int) throws(VerifyError) {
    let rules = VerifierRules(.entry(.kinds, index))
    try verify(kind.origin, rules)
    try verify(kind.fields, rules)
    let keys = kind.fields.filter(\.isKey)
    try rules.count(keys.count, of: "key fields", atMost: 1)
    try rules.require(keys.allSatisfy { $0.type == .string }, .badType("key"))
  }

  /// An edge is named by its label and the kind that it leaves.
  private func verifyEdges() throws(VerifyError) {
    var seen: [Int: Set<String>] = [:]
    for (index, edge) in schema.edges.enumerated() {
      let rules = VerifierRules(.entry(.edges, index))
      try rules.name(edge.name, of: "edge")
      try rules.index(edge.source, of: "kind", below: schema.kinds.count)
      try rules.require(
        seen[edge.source, default: []].insert(edge.name).inserted, .duplicate("edge", edge.name))
      try rules.ascending(edge.targets, of: "targets", below: schema.kinds.count)
      if let inverse = edge.inverse { try rules.name(inverse, of: "inverse") }
      try verify(edge.origin, rules)
      try verify(edge.fields, rules)
      try rules.require(!edge.fields.contains(where: \.isKey), .keyField)
    }
  }

  /// A scalar, an optional scalar, or a set of strings; nodes are reached by edges.
  private func verify(_ fields: [FieldType], _ rules: VerifierRules) throws(VerifyError) {
    try rules.count(fields.count, of: "fields", atMost: Limits.fields)
    try rules.distinct(fields.map(\.name), of: "field")
    for field in fields {
      try verify(field.origin, rules)
      try rules.require(
        !field.isPersonal || field.type.unwrapped == .string || field.type == .set(.string),
        .badType("personal"))
      if field.type == .set(.string) { continue }
      try rules.scalar(field.type, of: "field", in: schema)
      switch field.type.unwrapped {
      case .node, .edge: throw VerifyError(rules.place, .badType("field"))
      default: continue
      }
    }
  }

  /// Sources that exist, each once.
  private func verify(_ origin: Origin, _ rules: VerifierRules) throws(VerifyError) {
    guard case .sources(let sources) = origin else { return }
    try rules.require(!sources.isEmpty, .empty("sources"))
    var seen: Set<Int> = []
    for source in sources {
      try rules.index(source, of: "source", below: schema.sources.count)
      try rules.require(
        seen.insert(source).inserted, .duplicate("source", schema.sources[source].name))
    }
  }
}
