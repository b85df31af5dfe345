// What is said about the types of expressions.

import WritSyntax
import WritText

extension Diagnostic {
  static func typeMismatch(
    expected: String, found: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .typeMismatch, "expected `\(expected)`, found `\(found)`\(hint)", at: range)
  }

  static func comparedTypes(
    _ left: String, _ right: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .comparedTypes, "`\(left)` and `\(right)` cannot be compared\(hint)", at: range)
  }

  static func notOrdered(_ sign: String, _ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notOrdered, "`\(type)` has no order: `\(sign)` means nothing for it", at: range)
  }

  static func kindsNeverMeet(_ left: String, _ right: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.kindsNeverMeet, "`\(left)` is never `\(right)`", at: range)
  }

  static func maybeAbsent(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .maybeAbsent,
      "`\(what)` may be absent: say `?? …` for a default, or `… is not absent and …`", at: range)
  }

  static func maybeAbsentInSet(_ name: Name) -> Diagnostic {
    Diagnostic(
      .maybeAbsent,
      "`\(name.text)` may be absent: say `where let x = \(name.text) select x` for those that are there",
      at: name.range)
  }

  static func arithmetic(
    _ sign: String, _ left: String?, _ right: String, hint: String, at range: SourceRange
  ) -> Diagnostic {
    let operands = left.map { "between `\($0)` and `\(right)`" } ?? "before `\(right)`"
    return Diagnostic(.arithmeticTypes, "`\(sign)` cannot stand \(operands)\(hint)", at: range)
  }

  static func decimalRange(at range: SourceRange) -> Diagnostic {
    Diagnostic(.decimalRange, "the number does not fit in a `Decimal`", at: range)
  }

  static func notASet(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notASet, "expected a set, a list or a node, found `\(type)`", at: range)
  }

  static func notNodes(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notASet, "expected nodes, found `\(type)`", at: range)
  }

  static func mixedSets(_ left: String, _ right: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .mixedElements, "one set is of `\(left)`, the other of `\(right)`", at: range)
  }

  static func mixedList(_ first: String, _ other: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.mixedElements, "the list is of `\(first)`, this is `\(other)`", at: range)
  }

  static func untypedList(at range: SourceRange) -> Diagnostic {
    Diagnostic(.untypedList, "nothing says what `[]` would hold", at: range)
  }

  static func nestedSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedSet, "an element is a single value, found a set; a path over a set joins them",
      at: range)
  }

  static func boundSet(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedSet, "`where let \(name.text)` binds a single value; say `for \(name.text) in …`",
      at: range)
  }

  static func neverMember(_ value: String, _ element: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .comparedTypes, "`\(value)` is never in a set of `\(element)`", at: range)
  }

  static func subsetTest(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .subsetTest, "`in` asks for one value; say `all x in … has x in …`", at: range)
  }

  static func noMembers(_ name: Name, _ type: String) -> Diagnostic {
    Diagnostic(.noMembers, "`\(type)` has no members, so no `\(name.text)`", at: name.range)
  }

  static func partialMember(_ name: Name, has: String, lacks: String) -> Diagnostic {
    Diagnostic(
      .partialMember,
      "`\(has)` has `\(name.text)`, `\(lacks)` has not: say `… is \(has)` first", at: name.range)
  }

  static func memberDiffers(_ name: Name, of owners: [String]) -> Diagnostic {
    Diagnostic(
      .memberDiffers,
      "`\(name.text)` is not the same for all of \(quotedList(Array(owners.prefix(4)))): "
        + "say `… is …` first", at: name.range)
  }

  static func notAnEdge(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(.notAnEdge, "`\(name.text)` is a field, expected an edge", at: range)
  }

  static func closureWithoutEdge(_ sign: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .closureWithoutEdge, "`\(sign)` stands behind an edge: `x.edge\(sign)`", at: range)
  }

  static func closureBound(at range: SourceRange) -> Diagnostic {
    Diagnostic(.closureBound, "`up to` takes 1 to \(Limits.closureSteps) steps", at: range)
  }

  static func bindingInStep(_ name: Name) -> Diagnostic {
    Diagnostic(
      .bindingInStep, "a step binds no names; say `… where let \(name.text) = …` behind it",
      at: name.range)
  }

  static func edgesWithoutStep(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .edgesWithoutStep, "`edges` stands behind one step along an edge: `x.edge.edges`", at: range)
  }

  static func severalEdges(_ edges: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .edgesWithoutStep, "these are \(quotedList(edges)): say `where it is …` before the step",
      at: range)
  }

  static func aggregateType(
    _ function: String, _ element: String, at range: SourceRange
  ) -> Diagnostic {
    let expected =
      function == "sum" ? "`Int`, `Decimal` or `Duration`" : "values that have an order"
    return Diagnostic(
      .aggregateType, "`\(function)` takes \(expected), found `\(element)`", at: range)
  }

  static func containsOnSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .subsetTest, "`contains` looks into texts; say `x in set`", at: range)
  }

  static func absentSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongTest, "a set is never absent; say `is empty`", at: range)
  }

  static func emptyScalar(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongTest, "`is empty` is for sets and lists, found `\(type)`", at: range)
  }

  static func kindOfSet(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wrongTest, "a set has no kind; say `… where it is …`", at: range)
  }

  static func kindOfScalar(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongTest, "only nodes have a kind, found `\(type)`", at: range)
  }

  static func isOnEnum(_ member: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wrongTest, "`is` asks for the kind of a node; say `== \(member.text)`", at: range)
  }

  static func missingArguments(
    _ names: [String], of callee: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .arguments,
      "`\(callee)` lacks its argument\(names.count > 1 ? "s" : "") \(quotedList(names))",
      at: range)
  }

  static func tooManyArguments(
    _ callee: String, expected: Int, at range: SourceRange
  ) -> Diagnostic {
    let count =
      expected == 0 ? "no arguments" : expected == 1 ? "one argument" : "\(expected) arguments"
    return Diagnostic(.arguments, "`\(callee)` takes \(count)", at: range)
  }

  static func givenTwice(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.arguments, "`\(name)` is given twice", at: range)
  }

  static func scorecardWithoutMember(_ name: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .scorecardWithoutMember,
      "a scorecard has a `.score` and a `.level`: say which of them `\(name.text)` is asked for",
      at: range)
  }

  static func paramType(_ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.paramType, "a param is a scalar, found `\(type)`", at: range)
  }

  static func notConstant(at range: SourceRange) -> Diagnostic {
    Diagnostic(.notConstant, "a param is a literal or a member of an enum", at: range)
  }

  static func noKinds(at range: SourceRange) -> Diagnostic {
    Diagnostic(.unknownType, "no kind of node is declared that could be the caller", at: range)
  }
}
