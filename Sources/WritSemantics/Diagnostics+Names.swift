// What is said about names.

import WritSyntax
import WritText

extension Diagnostic {
  /// `sort` says what was looked for: `rule`, `type`, `source`; empty for any name.
  static func unknownName(_ name: Name, sort: String, nearest: String?) -> Diagnostic {
    let code: DiagnosticCode =
      switch sort {
      case "type", "kind of node": .unknownType
      case "source": .unknownSource
      case "role": .unknownRole
      case "rule or scorecard", "gate": .unknownCallee
      case "fixture": .unknownFixture
      default: .unknownName
      }
    let what = sort.isEmpty ? "name" : sort
    return Diagnostic(
      code, "no \(what) `\(name.text)`\(suggestion(nearest))", at: name.range)
  }

  /// `rule f` and `gate f`
  static func duplicateName(_ name: Name, as first: Entity, first range: SourceRange?) -> Diagnostic
  {
    let diagnostic = Diagnostic(
      .duplicateName, "`\(name.text)` is already the name of \(first.noun)", at: name.range)
    return range.map { diagnostic.noting("declared here", at: $0) } ?? diagnostic
  }

  /// `deny c: …` twice in a gate.
  static func duplicateLocal(_ name: Name, _ sort: String, first: SourceRange?) -> Diagnostic {
    let diagnostic = Diagnostic(
      .duplicateLocal, "a second \(sort) `\(name.text)`", at: name.range)
    return first.map { diagnostic.noting("the first one", at: $0) } ?? diagnostic
  }

  /// A name of a text that only others import.
  static func notImported(_ name: Name, module: String, declared: SourceRange) -> Diagnostic {
    let home = module.isEmpty ? "a text without a policy name" : "`\(module)`"
    return Diagnostic(
      .notImported, "`\(name.text)` is declared in \(home), which is not imported here",
      at: name.range, notes: [DiagnosticNote("declared here", at: declared)])
  }

  /// `f` where `f(x)` is meant.
  static func misusedName(_ name: Name, is entity: Entity, expected: String) -> Diagnostic {
    Diagnostic(
      .misusedName, "`\(name.text)` is \(entity.noun), expected \(expected)", at: name.range)
  }

  /// `where tier == 1` where `tier` is a parameter too.
  static func ambiguousName(_ name: Name, outer: String, declared: SourceRange?) -> Diagnostic {
    let diagnostic = Diagnostic(
      .ambiguousName,
      "`\(name.text)` is a member of the element and \(outer): "
        + "say `.\(name.text)` for the member, `$\(name.text)` for the other",
      at: name.range)
    return declared.map { diagnostic.noting("the other one", at: $0) } ?? diagnostic
  }

  /// A step's filter sees the edge's fields and the members of the node that it leads to.
  static func ambiguousInStep(_ name: Name, far: String) -> Diagnostic {
    Diagnostic(
      .ambiguousName,
      "`\(name.text)` is a field of the edge and a member of the node that it leads to: "
        + "say `\(far).\(name.text)` for the node's",
      at: name.range)
  }

  /// `low == high`, of two enums.
  static func ambiguousMember(_ name: Name, enums: [String], at range: SourceRange) -> Diagnostic {
    let ways = quotedList(enums.map { "\($0).\(name.text)" }, "or")
    return Diagnostic(
      .ambiguousMember, "`\(name.text)` is a member of more than one enum: say \(ways)", at: range)
  }

  /// `where state == open` where the element has a field `open`
  static func memberOrField(_ name: Name, enumeration: String) -> Diagnostic {
    Diagnostic(
      .ambiguousMember,
      "`\(name.text)` is a member of the element and of the enum `\(enumeration)`: "
        + "say `.\(name.text)` or `\(enumeration).\(name.text)`",
      at: name.range)
  }

  /// `s.nothing`
  static func unknownMember(
    _ name: Name, of owner: String, nearest: String?
  ) -> Diagnostic {
    Diagnostic(
      .unknownMember, "`\(owner)` has no field or edge `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  /// `severity == nothing`
  static func unknownEnumMember(
    _ name: Name, of enumeration: String, nearest: String?
  ) -> Diagnostic {
    Diagnostic(
      .unknownEnumMember,
      "the enum `\(enumeration)` has no member `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  /// `it` outside of a filter.
  static func noElement(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .noElement, "`\(what)` means something only in a `where`, `select` or `has`", at: range)
  }

  /// `f(nothing: 1)`
  static func unknownLabel(_ label: Name, of callee: String, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownLabel, "`\(callee)` has no parameter `\(label.text)`\(suggestion(nearest))",
      at: label.range)
  }

  /// `rule f(n: Int) -> Int = f(n)`
  static func recursion(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .recursion, "rules and scorecards cannot call themselves: \(quotedChain(cycle))", at: range)
  }

  /// `fixture f with f { }`
  static func fixtureCycle(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(.recursion, "the fixture builds on itself: \(quotedChain(cycle))", at: range)
  }
}
