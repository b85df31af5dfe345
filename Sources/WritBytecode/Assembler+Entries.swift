// The assembler's lines about scorecards, gates and queries.
import WritModel

extension Assembler {
  /// Scorecards, then gates, then waivers, then queries, then actions, then pipelines: each a line, and the lines of its parts.
  mutating func readEntries() throws(AssemblyError) {
    while let line = try lines.take("scorecard") { try readScorecard(line) }
    while let line = try lines.take("gate") { try readGate(line) }
    while let line = try lines.take("waiver") { try readWaiver(line) }
    while let line = try lines.take("query") { try readQuery(line) }
    while let line = try lines.take("action") { try readAction(line) }
    while let line = try lines.take("pipeline") { try readPipeline(line) }
  }

  /// `KEYWORD NAME TYPE`, any number of times.
  mutating func variables(_ keyword: String) throws(AssemblyError) -> [NamedType] {
    var variables: [NamedType] = []
    while var line = try lines.take(keyword) {
      let name = try line.text()
      let type = try type(&line)
      try line.finish()
      variables.append(NamedType(name: name, type: type))
    }
    return variables
  }

  /// `scorecard NAME ratio enum ENUM routine N`; `sum` where the weights are not set in relation.
  private mutating func readScorecard(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.scorecards, program.scorecards.count, line)
    let name = try line.text()
    let isSum = line.take("sum")
    if !isSum { try line.expect("ratio") }
    let levelEnum = try line.index("enum")
    let routine = try line.index("routine")
    try line.finish()
    program.scorecards.append(
      ScorecardProgram(
        name: name, parameters: try variables("parameter"), levelEnum: levelEnum, isSum: isSum,
        checks: try checks(), levels: try levels(), routine: routine))
  }

  /// `check NAME weight N at PLACE (title TEXT)?`
  private mutating func checks() throws(AssemblyError) -> [CheckProgram] {
    var checks: [CheckProgram] = []
    while var line = try lines.take("check") {
      let name = try line.text()
      try line.expect("weight")
      let weight = try line.number64()
      try line.expect("at")
      let position = try line.text()
      let title = try line.optional("title") { (line) throws(AssemblyError) in
        try line.text()
      }
      try line.finish()
      checks.append(CheckProgram(name: name, title: title, weight: weight, position: position))
    }
    return checks
  }

  /// `level ORDINAL at THRESHOLD checks CHECK*`
  private mutating func levels() throws(AssemblyError) -> [LevelProgram] {
    var levels: [LevelProgram] = []
    while var line = try lines.take("level") {
      let ordinal = try line.index()
      try line.expect("at")
      let threshold = try line.number64()
      try line.expect("checks")
      let checks = try line.indexes()
      try line.finish()
      levels.append(
        LevelProgram(ordinal: ordinal, threshold: threshold, requiredChecks: checks))
    }
    return levels
  }

  /// `gate NAME (waivable ROLE)?`, its parameters, its clauses.
  private mutating func readGate(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    let gate = program.gates.count
    mark(.gates, gate, line)
    let name = try line.text()
    let role = try line.optional("waivable") { (line) throws(AssemblyError) in try line.text() }
    try line.finish()
    let parameters = try variables("parameter")
    var clauses: [ClauseProgram] = []
    while let line = try lines.take("deny", "require") {
      places[.clause(gate: gate, clause: clauses.count)] = line.number
      clauses.append(try clause(line))
    }
    program.gates.append(
      GateProgram(name: name, parameters: parameters, waivingRole: role, clauses: clauses))
  }

  /// `waiver NAME gate N clause N routine N expires N reason TEXT at PLACE`, then `for KIND ID` lines.
  private mutating func readWaiver(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.waivers, program.waivers.count, line)
    let name = try line.text()
    let gate = try line.index("gate")
    let clause = try line.index("clause")
    let routine = try line.index("routine")
    try line.expect("expires")
    let expires = try line.number64()
    try line.expect("reason")
    let reason = try line.text()
    try line.expect("at")
    let position = try line.text()
    try line.finish()
    var nodes: [WaivedNode] = []
    while var line = try lines.take("for") {
      nodes.append(WaivedNode(kind: try line.index(), id: try line.text()))
      try line.finish()
    }
    program.waivers.append(
      WaiverProgram(
        name: name, findings: WaivedFindings(gate: gate, clause: clause, nodes: nodes),
        reason: reason, expires: expires, routine: routine, position: position))
  }

  /// `require NAME routine N at PLACE approval?` or `deny …`, then bindings, subjects, message.
  private mutating func clause(_ line: AssemblyLine) throws(AssemblyError) -> ClauseProgram {
    var line = line
    let name = try line.text()
    let routine = try line.index("routine")
    try line.expect("at")
    let position = try line.text()
    let hasApproval = line.take("approval")
    try line.finish()
    return ClauseProgram(
      name: name, isDeny: line.keyword == "deny", position: position, routine: routine,
      bindings: try variables("binding"), subjects: try variables("subject"),
      message: try message(), hasApproval: hasApproval)
  }

  /// `text TEXT` or `value routine N TYPE`
  mutating func message() throws(AssemblyError) -> [MessagePiece] {
    var pieces: [MessagePiece] = []
    while var line = try lines.take("text", "value") {
      if line.keyword == "text" {
        pieces.append(.text(try line.text()))
      } else {
        pieces.append(.value(routine: try line.index("routine"), type: try type(&line)))
      }
      try line.finish()
    }
    return pieces
  }

  /// `query NAME SORT routine N (limit N)?`, then parameters, `group TYPE`, columns, order.
  private mutating func readQuery(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.queries, program.queries.count, line)
    let name = try line.text()
    let sort = try line.word("rows, grouped or path")
    guard ["rows", "grouped", "path"].contains(sort) else {
      throw line.errorBefore("expected rows, grouped or path")
    }
    let routine = try line.index("routine")
    let limit = try line.optional("limit") { (line) throws(AssemblyError) in try line.index() }
    try line.finish()
    let parameters = try variables("parameter")
    var keys: [ValueType] = []
    while var line = try lines.take("group") {
      keys.append(try type(&line))
      try line.finish()
    }
    program.queries.append(
      QueryProgram(
        name: name, parameters: parameters, routine: routine, isPath: sort == "path",
        isGrouped: sort == "grouped", groupKeys: keys, columns: try columns(),
        order: try order(), limit: limit))
  }

  /// `column NAME TYPE SOURCE`
  private mutating func columns() throws(AssemblyError) -> [ColumnProgram] {
    var columns: [ColumnProgram] = []
    while var line = try lines.take("column") {
      let name = try line.text()
      let type = try type(&line)
      let source = try columnSource(&line)
      try line.finish()
      columns.append(ColumnProgram(name: name, type: type, source: source))
    }
    return columns
  }

  /// `value CAPTURE`, `key CAPTURE`, or an aggregate and its capture.
  private func columnSource(_ line: inout AssemblyLine) throws(AssemblyError) -> ColumnSource {
    let word = try line.word("value, key or an aggregate")
    switch word {
    case "value": return .value(capture: try line.index())
    case "key": return .groupKey(capture: try line.index())
    default:
      guard let kind = AggregateKind(name: word) else {
        throw line.errorBefore("expected value, key or an aggregate")
      }
      return .aggregate(kind, capture: try line.index())
    }
  }

  /// `order COLUMN`, or `order ~COLUMN` for a descending one.
  private mutating func order() throws(AssemblyError) -> [OrderProgram] {
    var order: [OrderProgram] = []
    while var line = try lines.take("order") {
      let (column, isDescending) = try signed(&line)
      try line.finish()
      order.append(OrderProgram(column: column, isDescending: isDescending))
    }
    return order
  }
}
