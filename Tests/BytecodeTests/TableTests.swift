// One broken rule a test: schema, tables, and what gates, scorecards and queries call.
import Testing
import WritBytecode
import WritModel

/// A change to the corpus program that breaks one rule.
struct BrokenTable: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let place: VerifyPlace
  let problem: VerifyProblem
  let change: @Sendable (inout Program) -> Void

  init(
    _ name: String, _ place: VerifyPlace, _ problem: VerifyProblem,
    _ change: @escaping @Sendable (inout Program) -> Void
  ) {
    testDescription = name
    self.place = place
    self.problem = problem
    self.change = change
  }
}

private func field(_ name: String, _ type: ValueType) -> FieldType {
  FieldType(name: name, type: type, origin: .unsourced, isKey: false)
}

private func kind(_ fields: [FieldType], _ origin: Origin = .unsourced) -> NodeKind {
  NodeKind(name: "Kind", origin: origin, fields: fields)
}

private func edge(_ source: Int, _ targets: [Int], _ fields: [FieldType] = []) -> EdgeType {
  EdgeType(
    name: "edge", source: source, targets: targets, cardinality: .many, fields: fields,
    origin: .unsourced, inverse: nil)
}

private let key = FieldType(name: "id", type: .string, origin: .unsourced, isKey: true)

private let schemaRules = [
  BrokenTable("enum twice", .program, .duplicate("enum", "Level")) {
    $0.schema.enums.append($0.schema.enums[0])
  },
  BrokenTable("enum without a name", .program, .badText("enum")) {
    $0.schema.enums.append(EnumType(name: "", members: ["a"], isOrdered: false))
  },
  BrokenTable("enum without members", .entry(.enums, 2), .empty("members")) {
    $0.schema.enums.append(EnumType(name: "E", members: [], isOrdered: false))
  },
  BrokenTable("member twice", .entry(.enums, 2), .duplicate("member", "a")) {
    $0.schema.enums.append(EnumType(name: "E", members: ["a", "b", "a"], isOrdered: false))
  },
  BrokenTable(
    "too many members", .entry(.enums, 2), .tooMany("members", count: 256, limit: 255)
  ) {
    let members = (0...255).map(String.init)
    $0.schema.enums.append(EnumType(name: "E", members: members, isOrdered: true))
  },
  BrokenTable("source twice", .program, .duplicate("source", "cmdb")) {
    $0.schema.sources.append(SourceType(name: "cmdb", freshMicroseconds: nil))
  },
  BrokenTable("never fresh", .entry(.sources, 2), .outOfBounds("freshness", -1)) {
    $0.schema.sources.append(SourceType(name: "s", freshMicroseconds: -1))
  },
  BrokenTable("kind twice", .program, .duplicate("kind", "Team")) {
    $0.schema.kinds.append(NodeKind(name: "Team", origin: .request, fields: []))
  },
  BrokenTable("U+0000 in a name", .program, .badText("kind")) {
    $0.schema.kinds.append(NodeKind(name: "a\0", origin: .request, fields: []))
  },
  BrokenTable("no source", .entry(.kinds, 3), .noSuch("source", 2)) {
    $0.schema.kinds.append(kind([], .sources([2])))
  },
  BrokenTable("no sources", .entry(.kinds, 3), .empty("sources")) {
    $0.schema.kinds.append(kind([], .sources([])))
  },
  BrokenTable("one source twice", .entry(.kinds, 3), .duplicate("source", "cmdb")) {
    $0.schema.kinds.append(kind([], .sources([1, 1])))
  },
  BrokenTable("field twice", .entry(.kinds, 3), .duplicate("field", "a")) {
    $0.schema.kinds.append(kind([field("a", .int), field("a", .bool)]))
  },
  BrokenTable("field of nodes", .entry(.kinds, 3), .badType("field")) {
    $0.schema.kinds.append(kind([field("a", .optional(.node([0])))]))
  },
  BrokenTable("field of numbers", .entry(.kinds, 3), .badType("field")) {
    $0.schema.kinds.append(kind([field("a", .set(.int))]))
  },
  BrokenTable("optional of optional", .entry(.kinds, 3), .badType("field")) {
    $0.schema.kinds.append(kind([field("a", .optional(.optional(.int)))]))
  },
  BrokenTable("field of no enum", .entry(.kinds, 3), .noSuch("enum", 2)) {
    $0.schema.kinds.append(kind([field("a", .enumeration(2))]))
  },
  BrokenTable("two keys", .entry(.kinds, 3), .tooMany("key fields", count: 2, limit: 1)) {
    let second = FieldType(name: "b", type: .string, origin: .unsourced, isKey: true)
    $0.schema.kinds.append(kind([key, second]))
  },
  BrokenTable("key is a number", .entry(.kinds, 3), .badType("key")) {
    $0.schema.kinds.append(
      kind([FieldType(name: "id", type: .int, origin: .unsourced, isKey: true)]))
  },
  BrokenTable("edge from nowhere", .entry(.edges, 3), .noSuch("kind", 3)) {
    $0.schema.edges.append(edge(3, [0]))
  },
  BrokenTable("edge to nowhere", .entry(.edges, 3), .empty("targets")) {
    $0.schema.edges.append(edge(0, []))
  },
  BrokenTable("targets out of order", .entry(.edges, 3), .notAscending("targets")) {
    $0.schema.edges.append(edge(0, [1, 0]))
  },
  BrokenTable("edge twice", .entry(.edges, 4), .duplicate("edge", "edge")) {
    $0.schema.edges += [edge(0, [0]), edge(0, [1])]
  },
  BrokenTable("edge with a key", .entry(.edges, 3), .keyField) {
    $0.schema.edges.append(edge(0, [0], [key]))
  },
]

private let tableRules = [
  BrokenTable("module twice", .entry(.modules, 2), .duplicate("module", "checkout")) {
    $0.modules.append($0.modules[1])
  },
  BrokenTable("version below 0", .entry(.modules, 2), .outOfBounds("version", -1)) {
    $0.modules.append(ModuleReference(name: "m", version: -1, digest: $0.modules[0].digest))
  },
  BrokenTable("digest in capitals", .entry(.modules, 2), .badDigest) {
    let digest = $0.modules[1].digest.replacing("aabb", with: "AABB")
    $0.modules.append(ModuleReference(name: "m", version: 1, digest: digest))
  },
  BrokenTable("role twice", .program, .duplicate("role", "lead")) { $0.roles.append("lead") },
  BrokenTable("parameter twice", .program, .duplicate("parameter", "home")) {
    $0.parameters[0] = $0.parameters[2]
  },
  BrokenTable("parameter of sets", .entry(.parameters, 2), .badType("parameter")) {
    $0.parameters[2] = ParameterValue(name: "p", type: .set(.int), value: .scalar(1))
  },
  BrokenTable("no member of the enum", .entry(.parameters, 0), .misfit("value")) {
    $0.parameters[0].value = .scalar(3)
  },
  BrokenTable("no truth", .entry(.parameters, 0), .misfit("value")) {
    $0.parameters[0] = ParameterValue(name: "p", type: .bool, value: .scalar(2))
  },
  BrokenTable("absent but not optional", .entry(.parameters, 0), .misfit("value")) {
    $0.parameters[0].value = .absent
  },
  BrokenTable("text for a number", .entry(.parameters, 0), .misfit("value")) {
    $0.parameters[0] = ParameterValue(name: "p", type: .int, value: .string("1"))
  },
  BrokenTable("node of another kind", .entry(.parameters, 1), .misfit("value")) {
    $0.parameters[1].value = .node(kind: 2, id: "x")
  },
  BrokenTable("constant of no kind", .entry(.constants, 7), .noSuch("kind", 3)) {
    $0.constants[7] = .node(kind: 3, id: "x")
  },
  BrokenTable("U+0000 in a constant", .entry(.constants, 5), .badText("string")) {
    $0.constants[5] = .string("\0")
  },
  BrokenTable("field of no kind", .entry(.fields, 0), .empty("kinds")) {
    $0.fields[0] = .node([])
  },
  BrokenTable("kind twice in a field", .entry(.fields, 0), .notAscending("kinds")) {
    $0.fields[0] = .node([KindField(kind: 0, field: 1), KindField(kind: 0, field: 1)])
  },
  BrokenTable("no field", .entry(.fields, 0), .noSuch("field", 5)) {
    $0.fields[0] = .node([KindField(kind: 0, field: 5)])
  },
  BrokenTable("key as a column", .entry(.fields, 0), .keyField) {
    $0.fields[0] = .node([KindField(kind: 0, field: 0)])
  },
  BrokenTable("fields that differ", .entry(.fields, 0), .fieldsDiffer) {
    $0.fields[0] = .node([KindField(kind: 0, field: 2), KindField(kind: 1, field: 0)])
  },
  BrokenTable("no field of an edge", .entry(.fields, 2), .noSuch("field", 2)) {
    $0.fields[2] = .edge(edge: 0, field: 2)
  },
  BrokenTable("no edge of a field", .entry(.fields, 2), .noSuch("edge", -1)) {
    $0.fields[2] = .edge(edge: -1, field: 0)
  },
  BrokenTable("step nowhere", .entry(.steps, 0), .empty("edges")) {
    $0.steps[0] = StepReference(edges: [])
  },
  BrokenTable("step along no edge", .entry(.steps, 0), .noSuch("edge", 3)) {
    $0.steps[0] = StepReference(edges: [EdgeDirection(edge: 3, isInverse: false)])
  },
  BrokenTable("step twice", .entry(.steps, 0), .duplicate("edge", "owner")) {
    let once = EdgeDirection(edge: 1, isInverse: false)
    $0.steps[0] = StepReference(edges: [once, once])
  },
  BrokenTable("kinds out of order", .entry(.kindSets, 0), .notAscending("kinds")) {
    $0.kindSets[0] = [1, 0]
  },
  BrokenTable("no kinds", .entry(.kindSets, 0), .empty("kinds")) { $0.kindSets[0] = [] },
  BrokenTable("closure of no step", .entry(.closures, 0), .noSuch("step", 3)) {
    $0.closures[0] = ClosureReference(step: 3, includesStart: false, layerLimit: nil)
  },
  BrokenTable("closure of no layer", .entry(.closures, 0), .outOfBounds("layer limit", 0)) {
    $0.closures[0] = ClosureReference(step: 0, includesStart: false, layerLimit: 0)
  },
  BrokenTable("approval by nobody", .entry(.approvals, 0), .unknownRole("x")) {
    $0.approvals[0] = ApprovalReference(role: "x", count: 1, withinMicroseconds: nil)
  },
  BrokenTable("no approval at all", .entry(.approvals, 0), .outOfBounds("count", 0)) {
    $0.approvals[0] = ApprovalReference(role: "lead", count: 0, withinMicroseconds: nil)
  },
  BrokenTable("a crowd of approvals", .entry(.approvals, 0), .outOfBounds("count", 1_001)) {
    $0.approvals[0] = ApprovalReference(role: "lead", count: 1_001, withinMicroseconds: nil)
  },
  BrokenTable("approvals of the future", .entry(.approvals, 0), .outOfBounds("age", -1)) {
    $0.approvals[0] = ApprovalReference(role: "lead", count: 1, withinMicroseconds: -1)
  },
  BrokenTable(
    "capture of no register", .emission(routine: 5, emission: 0), .noSuch("register", 99)
  ) {
    $0.setRoutine(5, captures: [.register(99)])
  },
  BrokenTable("capture of no set", .emission(routine: 5, emission: 0), .noSuch("set", -1)) {
    $0.setRoutine(5, captures: [.set(-1)])
  },
  BrokenTable(
    "witness of no cursor", .emission(routine: 5, emission: 0), .noSuch("cursor", 0)
  ) {
    $0.setRoutine(5, captures: [], witnesses: [0])
  },
]

extension Program {
  /// A routine of two inputs that records this and nothing else.
  fileprivate mutating func setRoutine(
    _ index: Int, inputs: Int = 2, captures: [Capture]?, witnesses: [Int] = []
  ) {
    routines[index] = Routine(
      inputCount: inputs, registerCount: globalCount + inputs, setCount: 1, cursorCount: 0,
      scoreBufferCount: 0,
      emissions: captures.map { [Emission(captures: $0, witnesses: witnesses)] } ?? [],
      code: [Instruction(.halt)])
  }

  /// Routine 0 asks for approvals, each with that mark, and does something else behind the first.
  fileprivate mutating func setRow(_ marks: [UInt8], inserting word: Instruction? = nil) {
    let register = UInt16(globalCount + 4)
    var code = marks.map { Instruction(.approval, a: register, d: $0) }
    if let word { code.insert(word, at: 1) }
    routines[0] = Routine(
      inputCount: 4, registerCount: globalCount + 5, setCount: 1, cursorCount: 0,
      scoreBufferCount: 0, emissions: [], code: [Instruction(.clear)] + code + [Instruction(.halt)])
  }

  /// Clause 0 of the gate, changed in some part.
  fileprivate mutating func setClause(
    isDeny: Bool = false, routine: Int = 0, bindings: [NamedType]? = nil,
    message: [MessagePiece] = [], hasApproval: Bool = true
  ) {
    let gate = gates[0]
    let clause = gate.clauses[0]
    let changed = ClauseProgram(
      name: clause.name, isDeny: isDeny, position: clause.position, routine: routine,
      bindings: bindings ?? clause.bindings, subjects: clause.subjects, message: message,
      hasApproval: hasApproval)
    gates[0] = GateProgram(
      name: gate.name, parameters: gate.parameters, waivingRole: gate.waivingRole,
      clauses: [changed] + gate.clauses[1...])
  }

  fileprivate mutating func setScorecard(
    checks: [CheckProgram]? = nil, levels: [LevelProgram]? = nil, levelEnum: Int = 0,
    routine: Int = 2
  ) {
    let card = scorecards[0]
    scorecards[0] = ScorecardProgram(
      name: card.name, parameters: card.parameters, levelEnum: levelEnum, isSum: false,
      checks: checks ?? card.checks, levels: levels ?? card.levels, routine: routine)
  }

  fileprivate mutating func setQuery(
    _ index: Int, routine: Int? = nil, isPath: Bool? = nil, isGrouped: Bool? = nil,
    keys: [ValueType]? = nil, columns: [ColumnProgram]? = nil, order: [Int] = [],
    limit: Int? = nil
  ) {
    let query = queries[index]
    queries[index] = QueryProgram(
      name: query.name, parameters: query.parameters, routine: routine ?? query.routine,
      isPath: isPath ?? query.isPath, isGrouped: isGrouped ?? query.isGrouped,
      groupKeys: keys ?? query.groupKeys, columns: columns ?? query.columns,
      order: order.map { OrderProgram(column: $0, isDescending: false) }, limit: limit)
  }
}

private let clause = VerifyPlace.clause(gate: 0, clause: 0)

private let gateRules = [
  BrokenTable("gate twice", .program, .duplicate("gate", "checkout.ship")) {
    $0.gates.append($0.gates[0])
  },
  BrokenTable("clause twice", .entry(.gates, 0), .duplicate("clause", "never")) {
    let gate = $0.gates[0]
    $0.gates[0] = GateProgram(
      name: gate.name, parameters: gate.parameters, clauses: [gate.clauses[1], gate.clauses[1]])
  },
  BrokenTable("no routine", clause, .noSuch("routine", 12)) { $0.setClause(routine: 12) },
  BrokenTable("other inputs", clause, .inputs(4, expected: 2)) { $0.setClause(routine: 1) },
  BrokenTable("captures too little", clause, .captures(0, expected: 3)) {
    $0.setClause(routine: 5)
  },
  BrokenTable("captures nothing", clause, .noEmission) {
    $0.setRoutine(5, captures: nil)
    $0.setClause(routine: 5)
  },
  BrokenTable("captures a set", clause, .wrongCapture(1)) {
    $0.setRoutine(5, captures: [.register(0), .set(0), .register(0)])
    $0.setClause(routine: 5)
  },
  BrokenTable("binding of sets", clause, .badType("binding")) {
    $0.setClause(bindings: [NamedType(name: "a", type: .set(.int))])
  },
  BrokenTable("binding twice", clause, .duplicate("binding", "a")) {
    let binding = NamedType(name: "a", type: .int)
    $0.setClause(bindings: [binding, binding])
  },
  BrokenTable("approval unsaid", clause, .strayApproval(routine: 0)) {
    $0.setClause(hasApproval: false)
  },
  BrokenTable("approval denies", clause, .strayApproval(routine: 0)) {
    $0.setClause(isDeny: true)
  },
  BrokenTable("approval beside none", .word(routine: 0, word: 1), .brokenRow) {
    $0.setRow([1])
  },
  BrokenTable("approval beside what is none", .word(routine: 0, word: 3), .brokenRow) {
    let register = UInt16($0.globalCount + 4)
    $0.setRow([0, 1], inserting: Instruction(.not, a: register, b: register))
  },
  BrokenTable("approval that is jumped to", .word(routine: 0, word: 4), .brokenRow) {
    $0.setRow(
      [0, 0, 1],
      inserting: Instruction(.jumpIfTrue, a: UInt16($0.globalCount + 4), distance: 1))
  },
  BrokenTable("seventeen approvals together", .word(routine: 0, word: 17), .brokenRow) {
    $0.setRow([0] + Array(repeating: 1, count: 16))
  },
  BrokenTable("approval in a message", clause, .strayApproval(routine: 4)) {
    $0.routines[4] = Routine(
      inputCount: 4, registerCount: $0.globalCount + 5, setCount: 1, cursorCount: 0,
      scoreBufferCount: 0, emissions: [Emission(captures: [.register(0)], witnesses: [])],
      code: [
        Instruction(.clear), Instruction(.approval, a: UInt16($0.globalCount + 4)),
        Instruction(.halt),
      ])
  },
  BrokenTable("message of other inputs", clause, .inputs(1, expected: 4)) {
    $0.setClause(message: [.value(routine: 6, type: .int)])
  },
  BrokenTable("message of a set that is none", clause, .wrongCapture(0)) {
    $0.setClause(message: [.value(routine: 1, type: .set(.int))])
  },
  BrokenTable("message of no set", clause, .wrongCapture(0)) {
    $0.setClause(message: [.value(routine: 4, type: .int)])
  },
  BrokenTable("message of no type", clause, .noSuch("enum", 2)) {
    $0.setClause(message: [.value(routine: 4, type: .list(.enumeration(2)))])
  },
]

private let card = VerifyPlace.entry(.scorecards, 0)

private func level(_ ordinal: Int, _ checks: [Int] = []) -> LevelProgram {
  LevelProgram(ordinal: ordinal, threshold: 0, requiredChecks: checks)
}

private func check(_ name: String, _ weight: Int64) -> CheckProgram {
  CheckProgram(name: name, title: nil, weight: weight, position: "")
}

private let scorecardRules = [
  BrokenTable("weightless", card, .outOfBounds("weight", 0)) {
    $0.setScorecard(checks: [check("a", 0), check("b", 1)])
  },
  BrokenTable("too heavy", card, .outOfBounds("weight", 1_000_001)) {
    $0.setScorecard(checks: [check("a", 1), check("b", 1_000_001)])
  },
  BrokenTable("check twice", card, .duplicate("check", "a")) {
    $0.setScorecard(checks: [check("a", 1), check("a", 1)])
  },
  BrokenTable(
    "other checks than made", .word(routine: 0, word: 46), .checks(2, expected: 3)
  ) {
    $0.setScorecard(checks: [check("a", 1), check("b", 1), check("c", 1)])
  },
  BrokenTable("no enum", card, .noSuch("enum", 2)) { $0.setScorecard(levelEnum: 2) },
  BrokenTable("level 0", card, .outOfBounds("level", 0)) { $0.setScorecard(levels: [level(0)]) },
  BrokenTable("no such level", card, .outOfBounds("level", 3)) {
    $0.setScorecard(levels: [level(3)])
  },
  BrokenTable("levels fall", card, .notAscending("levels")) {
    $0.setScorecard(levels: [level(2), level(1)])
  },
  BrokenTable("level wants no check", card, .noSuch("check", 2)) {
    $0.setScorecard(levels: [level(1, [2])])
  },
  BrokenTable("captures other checks", card, .captures(4, expected: 6)) {
    $0.setScorecard(routine: 3)
  },
  BrokenTable("scorecard twice", .program, .duplicate("scorecard", "checkout.points")) {
    $0.scorecards.append($0.scorecards[1])
  },
]

private let queryRules = [
  BrokenTable("query twice", .program, .duplicate("query", "checkout.rows")) {
    $0.queries[2] = $0.queries[0]
  },
  BrokenTable("groups of a path", .entry(.queries, 1), .badGrouping) {
    $0.setQuery(1, isPath: true)
  },
  BrokenTable("keys without groups", .entry(.queries, 0), .badGrouping) {
    $0.setQuery(0, keys: [.int])
  },
  BrokenTable("key is a set", .entry(.queries, 1), .badType("group key")) {
    $0.setQuery(1, keys: [.set(.int)], columns: [])
  },
  BrokenTable("more keys than captures", .entry(.queries, 1), .captures(5, expected: 6)) {
    $0.setQuery(1, keys: Array(repeating: .int, count: 6), columns: [])
  },
  BrokenTable("no capture", .entry(.queries, 0), .badColumn(0)) {
    $0.setQuery(
      0, columns: [ColumnProgram(name: "a", type: .int, source: .value(capture: 2))])
  },
  BrokenTable("set for a number", .entry(.queries, 0), .wrongCapture(1)) {
    $0.setQuery(
      0, columns: [ColumnProgram(name: "a", type: .int, source: .value(capture: 1))])
  },
  BrokenTable("value in groups", .entry(.queries, 1), .badColumn(0)) {
    $0.setQuery(
      1, columns: [ColumnProgram(name: "a", type: .int, source: .value(capture: 2))])
  },
  BrokenTable("key as an operand", .entry(.queries, 1), .badColumn(0)) {
    $0.setQuery(
      1, columns: [ColumnProgram(name: "a", type: .int, source: .aggregate(.sum, capture: 1))])
  },
  BrokenTable("aggregate without groups", .entry(.queries, 0), .badColumn(0)) {
    $0.setQuery(
      0, columns: [ColumnProgram(name: "a", type: .int, source: .aggregate(.sum, capture: 0))])
  },
  BrokenTable("no key", .entry(.queries, 1), .badColumn(0)) {
    $0.setQuery(
      1, columns: [ColumnProgram(name: "a", type: .int, source: .groupKey(capture: 2))])
  },
  BrokenTable("key of another type", .entry(.queries, 1), .badType("column")) {
    $0.setQuery(
      1, columns: [ColumnProgram(name: "a", type: .int, source: .groupKey(capture: 0))])
  },
  BrokenTable("column twice", .entry(.queries, 2), .duplicate("column", "node")) {
    $0.setQuery(2, columns: [$0.queries[2].columns[0], $0.queries[2].columns[0]])
  },
  BrokenTable("order by no column", .entry(.queries, 0), .noSuch("column", 2)) {
    $0.setQuery(0, order: [0, 2])
  },
  BrokenTable("limit below 0", .entry(.queries, 0), .outOfBounds("limit", -1)) {
    $0.setQuery(0, limit: -1)
  },
]

@Suite struct TableTests {
  @Test(arguments: schemaRules + tableRules + gateRules + scorecardRules + queryRules)
  func brokenRuleIsFoundWhereItIsBroken(_ broken: BrokenTable) throws {
    var program = try everything().program.program
    broken.change(&program)
    #expect(throws: VerifyError(broken.place, broken.problem)) {
      try VerifiedProgram(verifying: program)
    }
  }

  @Test func tablesHaveLimits() throws {
    var program = Program(schema: Schema())
    program.constants = Array(repeating: .absent, count: Limits.tableEntries - 2)
    _ = try VerifiedProgram(verifying: program)
    program.constants.append(.absent)
    let problem = VerifyProblem.tooMany(
      "shared registers", count: Limits.tableEntries + 1, limit: Limits.tableEntries)
    #expect(throws: VerifyError(.program, problem)) {
      try VerifiedProgram(verifying: program)
    }
    #expect(problem.isTooLarge && !VerifyProblem.badDigest.isTooLarge)
  }

  @Test func longTextIsRefused() throws {
    var program = Program(schema: Schema())
    program.constants = [.string(String(repeating: "x", count: Limits.textBytes))]
    _ = try VerifiedProgram(verifying: program)
    program.constants = [.string(String(repeating: "x", count: Limits.textBytes + 1))]
    #expect(throws: VerifyError(.entry(.constants, 0), .badText("string"))) {
      try VerifiedProgram(verifying: program)
    }
  }

  @Test func deepTypesAreRefused() throws {
    var type = ValueType.int
    for _ in 0..<100 { type = .set(type) }
    var program = try everything().program.program
    program.setClause(message: [.value(routine: 4, type: type)])
    #expect(throws: VerifyError(clause, .badType("message"))) {
      try VerifiedProgram(verifying: program)
    }
  }
}
