// The verifier's rules about gates, scorecards and queries, and what all entries share: what they call, and what they take from
// it.
import WritModel

/// Entries against the routines that they name. Routines are verified before, and say whether they
/// ask for approvals.
struct EntryVerifier {
  let program: Program
  /// For each routine: does it ask for an approval?
  let asksForApproval: [Bool]
  /// For each routine: does it ask when, or who calls?
  let readsMoment: [Bool]

  /// Names are distinct, because requests call by name.
  func verify() throws(VerifyError) {
    let rules = VerifierRules(.program)
    try rules.distinct(program.gates.map(\.name), of: "gate")
    try rules.distinct(program.scorecards.map(\.name), of: "scorecard")
    try rules.distinct(program.queries.map(\.name), of: "query")
    for (index, gate) in program.gates.enumerated() { try verify(gate, index) }
    for (index, scorecard) in program.scorecards.enumerated() {
      try verify(scorecard, VerifierRules(.entry(.scorecards, index)))
    }
    for (index, query) in program.queries.enumerated() {
      try verify(query, VerifierRules(.entry(.queries, index)))
    }
    try verifyWaivers()
    try verifyActions()
    try verifyPipelines()
  }

  /// Emission 0 of a routine that takes so many inputs; it may ask for an approval only where that
  /// is said.
  func emission(
    of index: Int, inputCount: Int, mayAsk: Bool = false, _ rules: VerifierRules
  ) throws(VerifyError) -> Emission {
    try rules.index(index, of: "routine", below: program.routines.count)
    let routine = program.routines[index]
    try rules.require(
      routine.inputCount == inputCount, .inputs(routine.inputCount, expected: inputCount))
    try rules.require(mayAsk || !asksForApproval[index], .strayApproval(routine: index))
    try rules.require(!routine.emissions.isEmpty, .noEmission)
    return routine.emissions[0]
  }

  /// Exactly so many captures, all of them scalars.
  private func registers(
    _ emission: Emission, count: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    let captures = emission.captures
    try rules.require(captures.count == count, .captures(captures.count, expected: count))
    for index in captures.indices { try scalar(captures, index, rules) }
  }

  private func scalar(
    _ captures: [Capture], _ index: Int, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard case .register = captures[index] else {
      throw VerifyError(rules.place, .wrongCapture(index))
    }
  }

  /// The capture is a set register if and only if the type is a set or a list.
  func capture(
    _ captures: [Capture], _ index: Int, holds type: ValueType, _ rules: VerifierRules
  ) throws(VerifyError) {
    let isSet = if case .set = captures[index] { true } else { false }
    let wantsSet = type.unwrapped.element != nil
    try rules.require(isSet == wantsSet, .wrongCapture(index))
  }
}

extension EntryVerifier {
  /// Every clause has a name of its own, by which reasons tell of it.
  private func verify(_ gate: GateProgram, _ index: Int) throws(VerifyError) {
    let rules = VerifierRules(.entry(.gates, index))
    try rules.variables(gate.parameters, of: "parameter", in: program.schema)
    try rules.count(gate.clauses.count, of: "clauses", atMost: Limits.clauses)
    try rules.distinct(gate.clauses.map(\.name), of: "clause")
    for (number, clause) in gate.clauses.enumerated() {
      try verify(
        clause, of: gate, VerifierRules(.clause(gate: index, clause: number)))
    }
  }

  /// Its routine records bindings and subjects; each value of its message is a routine of its own.
  private func verify(
    _ clause: ClauseProgram, of gate: GateProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.text(clause.position, of: "position")
    try rules.variables(clause.bindings, of: "binding", in: program.schema)
    try rules.variables(clause.subjects, of: "subject", in: program.schema)
    let mayAsk = clause.hasApproval && !clause.isDeny
    try rules.require(
      mayAsk || !clause.hasApproval, .strayApproval(routine: clause.routine))
    let finding = try emission(
      of: clause.routine, inputCount: gate.parameters.count, mayAsk: mayAsk, rules)
    try registers(finding, count: clause.bindings.count + clause.subjects.count, rules)
    try rules.count(clause.message.count, of: "message pieces", atMost: Limits.messagePieces)
    for piece in clause.message {
      switch piece {
      case .text(let text): try rules.text(text, of: "message")
      case .value(let routine, let type):
        try rules.type(type, of: "message", in: program.schema)
        let value = try emission(
          of: routine, inputCount: gate.parameters.count + clause.bindings.count, rules)
        try rules.require(
          value.captures.count == 1, .captures(value.captures.count, expected: 1))
        try capture(value.captures, 0, holds: type, rules)
      }
    }
  }

  /// Its routine records what each check came to, then score and level.
  private func verify(
    _ scorecard: ScorecardProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.variables(scorecard.parameters, of: "parameter", in: program.schema)
    try rules.index(scorecard.levelEnum, of: "enum", below: program.schema.enums.count)
    try rules.count(scorecard.checks.count, of: "checks", atMost: Limits.checks)
    try rules.distinct(scorecard.checks.map(\.name), of: "check")
    for check in scorecard.checks {
      try rules.value(check.weight, of: "weight", in: 1...Limits.weight)
      try rules.text(check.title ?? "", of: "title")
      try rules.text(check.position, of: "position")
    }
    try verifyLevels(of: scorecard, rules)
    let result = try emission(
      of: scorecard.routine, inputCount: scorecard.parameters.count, rules)
    try registers(result, count: 2 * scorecard.checks.count + 2, rules)
  }

  /// Level 0 is that of whoever reaches none, so the declared ones begin at 1.
  private func verifyLevels(
    of scorecard: ScorecardProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    let members = Int64(program.schema.enums[scorecard.levelEnum].members.count)
    var last = 0
    for level in scorecard.levels {
      try rules.value(Int64(level.ordinal), of: "level", in: 1...max(1, members - 1))
      try rules.require(level.ordinal > last && level.ordinal < members, .notAscending("levels"))
      last = level.ordinal
      try rules.count(level.requiredChecks.count, of: "checks", atMost: scorecard.checks.count)
      for check in level.requiredChecks {
        try rules.index(check, of: "check", below: scorecard.checks.count)
      }
    }
  }

  /// Rows, groups, or the nodes of a way.
  private func verify(_ query: QueryProgram, _ rules: VerifierRules) throws(VerifyError) {
    try rules.variables(query.parameters, of: "parameter", in: program.schema)
    for (count, what) in [
      (query.columns.count, "columns"), (query.groupKeys.count, "group keys"),
      (query.order.count, "order keys"),
    ] {
      try rules.count(count, of: what, atMost: Limits.columns)
    }
    try rules.distinct(query.columns.map(\.name), of: "column")
    let row = try emission(
      of: query.routine, inputCount: query.parameters.count, rules)
    try rules.require(
      query.isGrouped ? !query.isPath : query.groupKeys.isEmpty, .badGrouping)
    try rules.require(
      row.captures.count >= query.groupKeys.count,
      .captures(row.captures.count, expected: query.groupKeys.count))
    for (index, key) in query.groupKeys.enumerated() {
      try rules.scalar(key, of: "group key", in: program.schema)
      try scalar(row.captures, index, rules)
    }
    for index in query.columns.indices { try verify(index, of: query, row.captures, rules) }
    for key in query.order {
      try rules.index(key.column, of: "column", below: query.columns.count)
    }
    try rules.value(Int64(query.limit ?? 0), of: "limit", in: 0...Int64.max)
  }

  /// A column takes a capture that the rows have, of the sort that its type needs.
  private func verify(
    _ index: Int, of query: QueryProgram, _ captures: [Capture], _ rules: VerifierRules
  ) throws(VerifyError) {
    let column = query.columns[index]
    try rules.type(column.type, of: "column", in: program.schema)
    let operands = query.groupKeys.count..<captures.count
    switch column.source {
    case .value(let number):
      try rules.require(!query.isGrouped && operands.contains(number), .badColumn(index))
      try capture(captures, number, holds: column.type, rules)
    case .groupKey(let number):
      try rules.require(query.groupKeys.indices.contains(number), .badColumn(index))
      try rules.require(column.type == query.groupKeys[number], .badType("column"))
    case .aggregate(let kind, let number):
      try rules.require(query.isGrouped && operands.contains(number), .badColumn(index))
      try rules.require(column.type.unwrapped.element == nil, .badType("column"))
      if kind != .count { try scalar(captures, number, rules) }
    }
  }
}
