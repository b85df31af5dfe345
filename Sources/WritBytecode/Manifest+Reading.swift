// A manifest back to a bundle. Members that are not known are found by the comparison with what
// would be written.
import WritModel

extension ManifestReader {
  /// The bundle; `code` is given the number of words of each routine, and hands out the words.
  func bundle(
    code: ([Int]) throws(BundleError) -> [[Instruction]]
  ) throws(BundleError) -> Bundle {
    let program = try member("program").program(code: code)
    let verified: VerifiedProgram
    do {
      verified = try VerifiedProgram(verifying: program)
    } catch {
      throw .notVerified(error)
    }
    return try Bundle(
      program: verified,
      keyRegistry: try list("keys") { (key) throws(BundleError) in
        RegistryEntry(
          name: try key.text("name"), publicKey: try key.text("key"),
          actor: try key.text("actor"), roles: try key.texts("roles"),
          isAgent: try key.optional("agent")?.truth() ?? false)
      },
      delegates: try optional("delegates") == nil
        ? []
        : list("delegates") { (delegate) throws(BundleError) in
          DelegateEntry(
            publicKey: try delegate.text("key"), labels: try delegate.texts("labels"))
        },
      revision: try number("revision"), languageVersion: try text("language"),
      engineVersion: try text("engine"))
  }

  /// Tables in the order in which they refer to each other; the words come from behind the manifest.
  private func program(
    code: ([Int]) throws(BundleError) -> [[Instruction]]
  ) throws(BundleError) -> Program {
    var program = Program(schema: try member("schema").schema())
    program.modules = try list("modules") { (item) throws(BundleError) in
      ModuleReference(
        name: try item.text("name"), version: try item.number("version"),
        digest: try item.text("digest"))
    }
    program.allowsUnsignedCallers =
      try optional("callers").map { (item) throws(BundleError) in
        guard item.value.string == "unsigned" else { throw item.error("expected unsigned") }
        return true
      } ?? false
    program.roles = try texts("roles")
    program.parameters = try list("parameters") { (item) throws(BundleError) in
      ParameterValue(
        name: try item.text("name"), type: try item.member("type").type(),
        value: try item.member("value").constant())
    }
    program.constants = try list("constants") { (item) throws(BundleError) in
      try item.constant()
    }
    try readTables(into: &program)
    program.scorecards = try list("scorecards") { (item) throws(BundleError) in
      try item.scorecard()
    }
    program.gates = try list("gates") { (item) throws(BundleError) in try item.gate() }
    program.waivers = try waivers()
    program.queries = try list("queries") { (item) throws(BundleError) in try item.query() }
    program.actions = try actions()
    program.pipelines = try pipelines()
    let words = try code(
      try list("routines") { (item) throws(BundleError) in try item.index("words") })
    for (item, code) in zip(try member("routines").elements(), words) {
      program.routines.append(try item.routine(code))
    }
    return program
  }

  /// The tables that operands index.
  private func readTables(into program: inout Program) throws(BundleError) {
    program.fields = try list("fields") { (item) throws(BundleError) in
      try item.fieldReference()
    }
    program.steps = try list("steps") { (item) throws(BundleError) in
      var edges: [EdgeDirection] = []
      for element in try item.elements() {
        let (edge, isInverse) = try element.signed()
        edges.append(EdgeDirection(edge: edge, isInverse: isInverse))
      }
      return StepReference(edges: edges)
    }
    program.kindSets = try list("kindSets") { (item) throws(BundleError) in try item.indexes() }
    program.closures = try list("closures") { (item) throws(BundleError) in
      ClosureReference(
        step: try item.index("step"), includesStart: try item.truth("start"),
        layerLimit: try item.optional("limit")?.index())
    }
    program.approvals = try list("approvals") { (item) throws(BundleError) in
      ApprovalReference(
        role: try item.text("role"), count: try item.index("count"),
        withinMicroseconds: try item.optional("within")?.number())
    }
  }
}

// The schema and its types.
extension ManifestReader {
  /// Enums, sources, kinds and edges.
  private func schema() throws(BundleError) -> Schema {
    var schema = Schema()
    schema.enums = try list("enums") { (item) throws(BundleError) in
      EnumType(
        name: try item.text("name"), members: try item.texts("members"),
        isOrdered: try item.truth("ordered"))
    }
    schema.sources = try list("sources") { (item) throws(BundleError) in
      SourceType(
        name: try item.text("name"), freshMicroseconds: try item.optional("fresh")?.number())
    }
    schema.kinds = try list("kinds") { (item) throws(BundleError) in
      NodeKind(
        name: try item.text("name"), origin: try item.origin(), fields: try item.fields())
    }
    schema.edges = try list("edges") { (item) throws(BundleError) in try item.edge() }
    return schema
  }

  private func edge() throws(BundleError) -> EdgeType {
    let word = try text("cardinality")
    guard let cardinality = Cardinality.names.first(where: { $0.0 == word })?.1 else {
      throw try member("cardinality").error("expected one, optional or many")
    }
    return EdgeType(
      name: try text("name"), source: try index("source"),
      targets: try member("targets").indexes(), cardinality: cardinality,
      fields: try fields(), origin: try origin(), inverse: try optional("inverse")?.text())
  }

  private func fields() throws(BundleError) -> [FieldType] {
    try list("fields") { (item) throws(BundleError) in
      FieldType(
        name: try item.text("name"), type: try item.member("type").type(),
        origin: try item.origin(), isKey: try item.truth("key"),
        isPersonal: item.optional("personal")?.value.bool ?? false)
    }
  }

  private func origin() throws(BundleError) -> Origin {
    guard let origin = optional("from") else { return .unsourced }
    if origin.value.string == "request" { return .request }
    return .sources(try origin.indexes())
  }

  /// The manifest's depth is bounded by its reader, so the recursion is.
  func type() throws(BundleError) -> ValueType {
    if let name = value.string, let simple = ValueType.simple.first(where: { $0.0 == name }) {
      return simple.1
    }
    guard let member = value.object?.first, let part = optional(member.name) else {
      throw error("expected a type")
    }
    switch member.name {
    case "enum": return .enumeration(try part.index())
    case "node": return .node(try part.indexes())
    case "edge": return .edge(try part.index())
    case "optional": return .optional(try part.type())
    case "set": return .set(try part.type())
    case "list": return .list(try part.type())
    default: throw error("expected a type")
    }
  }

  /// `null`, or an object with one member that says what it is.
  private func constant() throws(BundleError) -> ConstantValue {
    if value.isNull { return .absent }
    if let number = optional("number") { return .scalar(try number.number()) }
    if let text = optional("string") { return .string(try text.text()) }
    let parts = try member("node").elements()
    guard parts.count == 2 else { throw error("expected a kind and an id") }
    return .node(kind: try parts[0].index(), id: try parts[1].text())
  }

  /// An edge's field, or one of several kinds.
  private func fieldReference() throws(BundleError) -> FieldReference {
    if let pair = try optional("edge")?.pair() { return .edge(edge: pair.0, field: pair.1) }
    return .node(
      try list("nodes") { (item) throws(BundleError) in
        let (kind, field) = try item.pair()
        return KindField(kind: kind, field: field)
      })
  }
}

// What is called.
extension ManifestReader {
  func variables(_ name: String) throws(BundleError) -> [NamedType] {
    try list(name) { (item) throws(BundleError) in
      NamedType(name: try item.text("name"), type: try item.member("type").type())
    }
  }

  private func routine(_ code: [Instruction]) throws(BundleError) -> Routine {
    Routine(
      inputCount: try index("inputs"), registerCount: try index("registers"),
      setCount: try index("sets"), cursorCount: try index("cursors"),
      scoreBufferCount: try index("buffers"),
      emissions: try list("emissions") { (item) throws(BundleError) in
        let captures = try item.list("captures") { (item) throws(BundleError) -> Capture in
          let (number, isSet) = try item.signed()
          return isSet ? .set(number) : .register(number)
        }
        let witnesses = try item.list("witnesses") { (item) throws(BundleError) in
          try item.index()
        }
        return Emission(captures: captures, witnesses: witnesses)
      }, code: code)
  }

  private func gate() throws(BundleError) -> GateProgram {
    GateProgram(
      name: try text("name"), parameters: try variables("parameters"),
      waivingRole: try optional("waivable")?.text(),
      clauses: try list("clauses") { (item) throws(BundleError) in
        ClauseProgram(
          name: try item.text("name"), isDeny: try item.truth("deny"),
          position: try item.text("at"), routine: try item.index("routine"),
          bindings: try item.variables("bindings"), subjects: try item.variables("subjects"),
          message: try item.member("message").pieces(),
          hasApproval: try item.truth("approval"))
      })
  }

  /// An array of texts and values.
  func pieces() throws(BundleError) -> [MessagePiece] {
    var pieces: [MessagePiece] = []
    for piece in try elements() {
      if let text = piece.value.string {
        pieces.append(.text(text))
      } else {
        pieces.append(
          .value(routine: try piece.index("routine"), type: try piece.member("type").type()))
      }
    }
    return pieces
  }

  private func scorecard() throws(BundleError) -> ScorecardProgram {
    ScorecardProgram(
      name: try text("name"), parameters: try variables("parameters"),
      levelEnum: try index("enum"), isSum: try truth("sum"),
      checks: try list("checks") { (item) throws(BundleError) in
        CheckProgram(
          name: try item.text("name"), title: try item.optional("title")?.text(),
          weight: try item.number("weight"), position: try item.text("at"))
      },
      levels: try list("levels") { (item) throws(BundleError) in
        LevelProgram(
          ordinal: try item.index("ordinal"), threshold: try item.number("threshold"),
          requiredChecks: try item.member("checks").indexes())
      }, routine: try index("routine"))
  }

  private func query() throws(BundleError) -> QueryProgram {
    QueryProgram(
      name: try text("name"), parameters: try variables("parameters"),
      routine: try index("routine"), isPath: try truth("path"),
      isGrouped: try truth("grouped"),
      groupKeys: try list("groupKeys") { (item) throws(BundleError) in try item.type() },
      columns: try list("columns") { (item) throws(BundleError) in
        ColumnProgram(
          name: try item.text("name"), type: try item.member("type").type(),
          source: try item.member("from").columnSource())
      },
      order: try list("order") { (item) throws(BundleError) in
        let (column, isDescending) = try item.signed()
        return OrderProgram(column: column, isDescending: isDescending)
      }, limit: try optional("limit")?.index())
  }

  /// An object with one member, named for what the column takes.
  private func columnSource() throws(BundleError) -> ColumnSource {
    guard let member = value.object?.first, let part = optional(member.name) else {
      throw error("expected `value`, `key` or an aggregate")
    }
    let capture = try part.index()
    switch member.name {
    case "value": return .value(capture: capture)
    case "key": return .groupKey(capture: capture)
    default:
      guard let kind = AggregateKind(name: member.name) else {
        throw error("expected `value`, `key` or an aggregate")
      }
      return .aggregate(kind, capture: capture)
    }
  }
}
