// What is said about gates, scorecards and queries.

import WritSyntax
import WritText

extension Diagnostic {
  static func misplacedApproval(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedApproval,
      "an approval stands in a `require` of a gate, alone or under `and` and `or`", at: range)
  }

  static func approvalCount(at range: SourceRange) -> Diagnostic {
    Diagnostic(.approvalCount, "an approval counts 1 to \(Limits.approvers) people", at: range)
  }

  static func exceptNodes(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .exceptNodes, "`except` takes a node or a set of nodes, found `\(found)`", at: range)
  }

  static func messageType(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .messageType, "a message shows single values, found `\(found)`; `count(…)` is one",
      at: range)
  }

  static func levelEnum(_ name: Name) -> Diagnostic {
    Diagnostic(
      .levelEnum,
      "the levels of a scorecard are an ordered enum with two members or more, "
        + "`\(name.text)` is none",
      at: name.range)
  }

  static func lowestLevel(_ name: Name) -> Diagnostic {
    Diagnostic(
      .levelOrder, "`\(name.text)` is the lowest level: whoever reaches no other has it",
      at: name.range)
  }

  static func levelOrder(_ message: String, _ name: Name, _ previous: SourceRange) -> Diagnostic {
    Diagnostic(
      .levelOrder, message, at: name.range,
      notes: [DiagnosticNote("the level before it", at: previous)])
  }

  static func weight(at range: SourceRange) -> Diagnostic {
    Diagnostic(.weight, "a weight is 1 to \(Limits.weight)", at: range)
  }

  static func unknownCheck(_ name: Name, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownCheck, "the scorecard has no check `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  static func scorecardWithoutChecks(_ name: Name) -> Diagnostic {
    Diagnostic(
      .scorecardWithoutChecks, "`\(name.text)` has no checks, so no score", at: name.range)
  }

  static func columnType(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .columnType, "a column holds single values, found `\(found)`; `count(…)` is one",
      at: range)
  }

  static func groupedColumn(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .groupedColumn,
      "a column of a grouped query is a group key, or `count`, `sum`, `min` or "
        + "`max` over its rows",
      at: range)
  }

  static func unknownGroupKey(_ name: Name, nearest: String?) -> Diagnostic {
    Diagnostic(
      .groupedColumn, "no group key `\(name.text)`\(suggestion(nearest))", at: name.range)
  }

  static func aggregateOverSet(_ function: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .groupedColumn, "in a grouped query `\(function)` goes over the rows; this is a set in each",
      at: range)
  }

  static func distinctSum(at range: SourceRange) -> Diagnostic {
    Diagnostic(.groupedColumn, "a sum over the rows of a group takes all of them", at: range)
  }

  static func unknownColumn(_ name: Name, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownColumn, "no column `\(name.text)`\(suggestion(nearest))", at: name.range)
  }

  static func limitOfZero(at range: SourceRange) -> Diagnostic {
    Diagnostic(.limitOfZero, "a limit is 1 or more", at: range)
  }

  static func pathWithoutClosure(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .pathForm, "`shortest` takes a path that ends in `+` or `*`: `shortest a.edge+ to b`",
      at: range)
  }

  static func pathEnd(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.pathForm, "a path ends at one node, found `\(found)`", at: range)
  }
}

extension Diagnostic {
  static func shadowedName(_ name: Name, _ hidden: String, first: SourceRange?) -> Diagnostic {
    let diagnostic = Diagnostic(
      .shadowedName, "`\(name.text)` hides \(hidden) of the same name", at: name.range)
    return first.map { diagnostic.noting("hidden here", at: $0) } ?? diagnostic
  }

  static func shadowedMember(_ name: Name, by sort: String, enumeration: String) -> Diagnostic {
    Diagnostic(
      .shadowedName,
      "`\(name.text)` is the \(sort) here, not the member: say `\(enumeration).\(name.text)` for that",
      at: name.range)
  }

  static func unusedLet(_ name: Name) -> Diagnostic {
    Diagnostic(.unusedLet, "nothing uses `\(name.text)`", at: name.range)
  }

  static func neverFires(_ message: String, _ value: Bool, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverFires, "\(message): its condition is always \(value)", at: range)
  }

  static func alwaysFires(_ message: String, _ value: Bool, at range: SourceRange) -> Diagnostic {
    Diagnostic(.alwaysFires, "\(message): its condition is always \(value)", at: range)
  }

  static func unreachableLevel(_ name: Name, best: Int64, isSum: Bool) -> Diagnostic {
    let why = isSum ? "all weights together are \(best)" : "a score is at most 100"
    return Diagnostic(
      .unreachableLevel, "nobody can reach `\(name.text)`: \(why)", at: name.range)
  }

  static func vacuousAll(_ set: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .vacuousAll,
      "`all` holds where there is nothing: `\(set)` may be empty; "
        + "say `… is not empty and all …` if that must not pass", at: range)
  }

  static func likeWithoutWildcard(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .likeWithoutWildcard, "a pattern without `*` and `?` matches only itself: say `==`",
      at: range)
  }

  static func neverAbsent(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverAbsent, "`\(what)` is never absent", at: range)
  }

  static func alwaysKind(_ kinds: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverAbsent, "it is always `\(kinds)`", at: range)
  }
}
