// A row of a table of scores as the result for one subject.

import WritBytecode

extension Machine {
  /// The result for the subject at a place of a table, without why something is unknown.
  public func result(_ table: ScoreTable, _ index: Int) -> ScoreResult {
    let row = table.subject(index).row
    let checks = table.scorecard.checks.enumerated().map { place, check in
      CheckResult(
        name: check.name, title: check.title, weight: check.weight,
        outcome: table.outcome(row: row, place), unknown: nil, reason: nil)
    }
    let members = program.schema.enums[table.scorecard.levelEnum].members
    let level = table.level(index)
    func name(_ ordinal: Int) -> String {
      members.indices.contains(ordinal) ? members[ordinal] : "unknown"
    }
    return ScoreResult(
      score: table.score(index), level: (name(level.lower), name(level.upper)), checks: checks)
  }
}
