// What is said about the types of expressions.

import WritSyntax
import WritText

extension Diagnostic {
  /// `-> Int = "a"`
  static func typeMismatch(
    expected: String, found: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .typeMismatch, "expected `\(expected)`, found `\(found)`\(hint)", at: range)
  }

  /// `s.tier == "1"`
  static func comparedTypes(
    _ left: String, _ right: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .comparedTypes, "`\(left)` and `\(right)` cannot be compared\(hint)", at: range)
  }

  /// `name < "m"`
  static func notOrdered(_ sign: String, _ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notOrdered, "`\(type)` has no order: `\(sign)` means nothing for it", at: range)
  }

  /// `service == team`
  static func kindsNeverMeet(_ left: String, _ right: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.kindsNeverMeet, "`\(left)` is never `\(right)`", at: range)
  }

  /// `s.score > 80` of `Decimal?`
  static func maybeAbsent(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .maybeAbsent,
      "`\(what)` may be absent: say `?? …` for a default, or `… is not absent and …`", at: range)
  }

  /// `s.bugs.fixedAt` of `Instant?`
  static func maybeAbsentInSet(_ name: Name) -> Diagnostic {
    Diagnostic(
      .maybeAbsent,
      "`\(name.text)` may be absent: "
        + "say `where let x = \(name.text) select x` for those that are there",
      at: name.range)
  }

  /// `s.tier + 0.5`
  static func arithmetic(
    _ sign: String, _ left: String?, _ right: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    let operands = left.map { "between `\($0)` and `\(right)`" } ?? "before `\(right)`"
    return Diagnostic(.arithmeticTypes, "`\(sign)` cannot stand \(operands)\(hint)", at: range)
  }

  /// A number that needs more than 64 bits of millionths.
  static func decimalRange(at range: SourceRange) -> Diagnostic {
    Diagnostic(.decimalRange, "the number does not fit in a `Decimal`", at: range)
  }

  /// `count(s.tier)`
  static func notASet(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notASet, "expected a set, a list or a node, found `\(type)`", at: range)
  }

  /// `s.tier.(edge where …)`
  static func notNodes(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notASet, "expected nodes, found `\(type)`", at: range)
  }

  /// `s.tags + s.owner`
  static func mixedSets(_ left: String, _ right: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .mixedElements, "one set is of `\(left)`, the other of `\(right)`", at: range)
  }

  /// `[1, "a"]`
  static func mixedList(_ first: String, _ other: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.mixedElements, "the list is of `\(first)`, this is `\(other)`", at: range)
  }

  /// `[] is empty`
  static func untypedList(at range: SourceRange) -> Diagnostic {
    Diagnostic(.untypedList, "nothing says what `[]` would hold", at: range)
  }

  /// `select tags`
  static func nestedSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedSet, "an element is a single value, found a set; a path over a set joins them",
      at: range)
  }

  /// `where let x = s.tags`
  static func boundSet(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedSet, "`where let \(name.text)` binds a single value; say `for \(name.text) in …`",
      at: range)
  }

  /// `1 in s.tags`
  static func neverMember(
    _ value: String, _ element: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .comparedTypes, "`\(value)` is never in a set of `\(element)`\(hint)", at: range)
  }

  /// `s.tags in s.tags`
  static func subsetTest(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .subsetTest, "`in` asks for one value; say `all x in … has x in …`", at: range)
  }

  /// `s.tier.value`
  static func noMembers(_ name: Name, _ type: String) -> Diagnostic {
    Diagnostic(.noMembers, "`\(type)` has no members, so no `\(name.text)`", at: name.range)
  }

  /// `x.tier` of `Service | Team`
  static func partialMember(_ name: Name, has: String, lacks: String) -> Diagnostic {
    Diagnostic(
      .partialMember,
      "`\(has)` has `\(name.text)`, `\(lacks)` has not: say `… is \(has)` first", at: name.range)
  }

  /// `x.(dependsOn where color == red)` of edges of several types.
  static func partialEdgeField(_ name: Name, has: String, lacks: String) -> Diagnostic {
    Diagnostic(
      .partialMember,
      "`\(has)` has `\(name.text)`, but this step takes `\(lacks)` too, which has not",
      at: name.range)
  }

  /// `x.tier` of kinds in which it is of different types.
  static func memberDiffers(_ name: Name, of owners: [String]) -> Diagnostic {
    Diagnostic(
      .memberDiffers,
      "`\(name.text)` is not the same for all of \(quotedList(Array(owners.prefix(4)))): "
        + "say `… is …` first", at: name.range)
  }

  /// `s.tier+`
  static func notAnEdge(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notAnEdge, "`\(name.text)` is a field, expected an edge", at: range)
  }

  /// `s+`
  static func closureWithoutEdge(_ sign: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .closureWithoutEdge, "`\(sign)` stands after an edge: `x.edge\(sign)`", at: range)
  }

  /// `up to 0`
  static func closureBound(at range: SourceRange) -> Diagnostic {
    Diagnostic(.closureBound, "`up to` takes 1 to \(Limits.closureSteps) steps", at: range)
  }

  /// `s.(edge where let x = …)`
  static func bindingInStep(_ name: Name) -> Diagnostic {
    Diagnostic(
      .bindingInStep, "a step binds no names; say `… where let \(name.text) = …` after it",
      at: name.range)
  }

  /// `s.edge+.edges`
  static func edgesWithoutStep(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .edgesWithoutStep, "`edges` stands after one step along an edge: `x.edge.edges`", at: range)
  }

  /// `x.edge.edges` of several edge types.
  static func severalEdges(_ edges: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .edgesWithoutStep, "these are \(quotedList(edges)): say `where it is …` before the step",
      at: range)
  }

  /// `sum(s.bugs)`
  static func aggregateType(
    _ function: String, _ element: String, at range: SourceRange
  ) -> Diagnostic {
    let expected =
      function == "sum" ? "`Int`, `Decimal` or `Duration`" : "values that have an order"
    return Diagnostic(
      .aggregateType, "`\(function)` takes \(expected), found `\(element)`", at: range)
  }

  /// `s.tags contains "x"`
  static func containsOnSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .subsetTest, "`contains` looks into texts; say `x in set`", at: range)
  }

  /// `s.tags is absent`
  static func absentSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongTest, "a set is never absent; say `is empty`", at: range)
  }

  /// `s.tier is empty`
  static func emptyScalar(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongTest, "`is empty` is for sets and lists, found `\(type)`", at: range)
  }

  /// `s.bugs is Bug`
  static func kindOfSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wrongTest, "a set has no kind; say `… where it is …`", at: range)
  }

  /// `s.tier is Bug`
  static func kindOfScalar(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongTest, "only nodes have a kind, found `\(type)`", at: range)
  }

  /// `severity is high`
  static func isOnEnum(_ member: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wrongTest, "`is` asks for the kind of a node; say `== \(member.text)`", at: range)
  }

  /// `f()`
  static func missingArguments(
    _ names: [String], of callee: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .arguments,
      "`\(callee)` lacks its argument\(names.count > 1 ? "s" : "") \(quotedList(names))",
      at: range)
  }

  /// `f(1, 2, 3)`
  static func tooManyArguments(
    _ callee: String, expected: Int, at range: SourceRange
  ) -> Diagnostic {
    let count =
      expected == 0 ? "no arguments" : expected == 1 ? "one argument" : "\(expected) arguments"
    return Diagnostic(.arguments, "`\(callee)` takes \(count)", at: range)
  }

  /// `f(1, a: 1)`
  static func givenTwice(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.arguments, "`\(name)` is given twice", at: range)
  }

  /// `readiness(s) > 50`
  static func scorecardWithoutMember(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .scorecardWithoutMember,
      "a scorecard has a `.score` and a `.level`: say which of them `\(name.text)` is asked for",
      at: range)
  }

  /// `param p: Set<String>`
  static func paramType(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.paramType, "a param is a scalar, found `\(type)`", at: range)
  }

  /// `param p: Int = 1 + 1`
  static func notConstant(at range: SourceRange) -> Diagnostic {
    Diagnostic(.notConstant, "a param is a literal or a member of an enum", at: range)
  }

  /// `caller` in a program without nodes.
  static func noKinds(at range: SourceRange) -> Diagnostic {
    Diagnostic(.unknownType, "no kind of node is declared that could be the caller", at: range)
  }
}
