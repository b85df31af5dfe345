// What is said about gates, scorecards and queries.

import WritSyntax
import WritText

extension Diagnostic {
  /// `deny c: approval by role lead`
  static func misplacedApproval(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedApproval,
      "an approval stands in a `require` of a gate, alone or under `and` and `or`", at: range)
  }

  /// `count 0`
  static func approvalCount(at range: SourceRange) -> Diagnostic {
    Diagnostic(.approvalCount, "an approval counts 1 to \(Limits.approvers) people", at: range)
  }

  /// `except s.tier`
  static func exceptNodes(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .exceptNodes, "`except` takes a node or a set of nodes, found `\(found)`", at: range)
  }

  /// `"{s.bugs}"`
  static func messageType(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .messageType, "a message shows single values, found `\(found)`; `count(…)` is one",
      at: range)
  }

  /// `-> Color`, whose members have no order.
  static func levelEnum(_ name: Name) -> Diagnostic {
    Diagnostic(
      .levelEnum,
      "the levels of a scorecard are an ordered enum with two members or more, "
        + "`\(name.text)` is none",
      at: name.range)
  }

  /// `level none at 0`
  static func lowestLevel(_ name: Name) -> Diagnostic {
    Diagnostic(
      .levelOrder, "`\(name.text)` is the lowest level: whoever reaches no other has it",
      at: name.range)
  }

  /// A level below the one before it, or with a lower threshold.
  static func levelOrder(_ message: String, _ name: Name, _ previous: SourceRange) -> Diagnostic {
    Diagnostic(
      .levelOrder, message, at: name.range,
      notes: [DiagnosticNote("the level before it", at: previous)])
  }

  /// `weight 0`
  static func weight(at range: SourceRange) -> Diagnostic {
    Diagnostic(.weight, "a weight is 1 to \(Limits.weight)", at: range)
  }

  /// `level gold at 90 with nothing`
  static func unknownCheck(_ name: Name, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownCheck, "the scorecard has no check `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  /// `scorecard s(x: S) -> Level { }`
  static func scorecardWithoutChecks(_ name: Name) -> Diagnostic {
    Diagnostic(
      .scorecardWithoutChecks, "`\(name.text)` has no checks, so no score", at: name.range)
  }

  /// `bugs: s.bugs`
  static func columnType(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .columnType, "a column holds single values, found `\(found)`; `count(…)` is one",
      at: range)
  }

  /// `select { tier: s.tier }` behind `group by`
  static func groupedColumn(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .groupedColumn,
      "a column of a grouped query is a group key, or `count`, `sum`, `min` or "
        + "`max` over its rows",
      at: range)
  }

  /// `select { teem }` behind `group by team: …`
  static func unknownGroupKey(_ name: Name, nearest: String?) -> Diagnostic {
    Diagnostic(
      .groupedColumn, "no group key `\(name.text)`\(suggestion(nearest))", at: name.range)
  }

  /// `count(s.bugs)` behind `group by`
  static func aggregateOverSet(_ function: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .groupedColumn, "in a grouped query `\(function)` goes over the rows; this is a set in each",
      at: range)
  }

  /// `sum(distinct s.tier)` behind `group by`
  static func distinctSum(at range: SourceRange) -> Diagnostic {
    Diagnostic(.groupedColumn, "a sum over the rows of a group takes all of them", at: range)
  }

  /// `order by nothing`
  static func unknownColumn(_ name: Name, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownColumn, "no column `\(name.text)`\(suggestion(nearest))", at: name.range)
  }

  /// `limit 0`
  static func limitOfZero(at range: SourceRange) -> Diagnostic {
    Diagnostic(.limitOfZero, "a limit is 1 or more", at: range)
  }

  /// `shortest a.edge to b`
  static func pathWithoutClosure(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .pathForm, "`shortest` takes a path that ends in `+` or `*`: `shortest a.edge+ to b`",
      at: range)
  }

  /// `shortest a.edge+ to b.edges`
  static func pathEnd(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.pathForm, "a path ends at one node, found `\(found)`", at: range)
  }
}

extension Diagnostic {
  /// `for s in …` where `s` is a parameter.
  static func shadowedName(_ name: Name, _ hidden: String, first: SourceRange?) -> Diagnostic {
    let diagnostic = Diagnostic(
      .shadowedName, "`\(name.text)` hides \(hidden) of the same name", at: name.range)
    return first.map { diagnostic.noting("hidden here", at: $0) } ?? diagnostic
  }

  /// `severity == high` where `high` is a variable.
  static func shadowedMember(_ name: Name, by sort: String, enumeration: String) -> Diagnostic {
    Diagnostic(
      .shadowedName,
      "`\(name.text)` is the \(sort) here, not the member: "
        + "say `\(enumeration).\(name.text)` for that",
      at: name.range)
  }

  /// `let x = 1`, and no `x`
  static func unusedLet(_ name: Name) -> Diagnostic {
    Diagnostic(.unusedLet, "nothing uses `\(name.text)`", at: name.range)
  }

  /// `deny c: 1 == 2`
  static func neverFires(_ message: String, _ value: Bool, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverFires, "\(message): its condition is always \(value)", at: range)
  }

  /// `deny c: 1 == 1`
  static func alwaysFires(_ message: String, _ value: Bool, at range: SourceRange) -> Diagnostic {
    Diagnostic(.alwaysFires, "\(message): its condition is always \(value)", at: range)
  }

  /// `level gold at 101`
  static func unreachableLevel(_ name: Name, best: Int64, isSum: Bool) -> Diagnostic {
    let why = isSum ? "all weights together are \(best)" : "a score is at most 100"
    return Diagnostic(
      .unreachableLevel, "nobody can reach `\(name.text)`: \(why)", at: name.range)
  }

  /// `require c: all x in s.edges has …`
  static func vacuousAll(_ set: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .vacuousAll,
      "`all` holds where there is nothing: `\(set)` may be empty; "
        + "say `… is not empty and all …` if that must not pass", at: range)
  }

  /// `name like "a"`
  static func likeWithoutWildcard(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .likeWithoutWildcard, "a pattern without `*` and `?` matches only itself: say `==`",
      at: range)
  }

  /// `s.tier ?? 0`
  static func neverAbsent(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverAbsent, "`\(what)` is never absent", at: range)
  }

  /// `s is Service`
  static func alwaysKind(_ kinds: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverAbsent, "it is always `\(kinds)`", at: range)
  }
}
