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

  static func duplicateName(_ name: Name, as first: Entity, first range: SourceRange?) -> Diagnostic
  {
    let diagnostic = Diagnostic(
      .duplicateName, "`\(name.text)` is already the name of \(first.noun)", at: name.range)
    return range.map { diagnostic.noting("declared here", at: $0) } ?? diagnostic
  }

  static func duplicateLocal(_ name: Name, _ sort: String, first: SourceRange?) -> Diagnostic {
    let diagnostic = Diagnostic(
      .duplicateLocal, "a second \(sort) `\(name.text)`", at: name.range)
    return first.map { diagnostic.noting("the first one", at: $0) } ?? diagnostic
  }

  static func notImported(_ name: Name, module: String, declared: SourceRange) -> Diagnostic {
    let home = module.isEmpty ? "a text without a policy name" : "`\(module)`"
    return Diagnostic(
      .notImported, "`\(name.text)` is declared in \(home), which is not imported here",
      at: name.range, notes: [DiagnosticNote("declared here", at: declared)])
  }

  static func misusedName(_ name: Name, is entity: Entity, expected: String) -> Diagnostic {
    Diagnostic(
      .misusedName, "`\(name.text)` is \(entity.noun), expected \(expected)", at: name.range)
  }

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

  static func ambiguousMember(_ name: Name, enums: [String], at range: SourceRange) -> Diagnostic {
    let ways = quotedList(enums.map { "\($0).\(name.text)" })
    return Diagnostic(
      .ambiguousMember, "`\(name.text)` is a member of more than one enum: say \(ways)", at: range)
  }

  static func memberOrField(_ name: Name, enumeration: String) -> Diagnostic {
    Diagnostic(
      .ambiguousMember,
      "`\(name.text)` is a member of the element and of the enum `\(enumeration)`: "
        + "say `.\(name.text)` or `\(enumeration).\(name.text)`",
      at: name.range)
  }

  static func unknownMember(
    _ name: Name, of owner: String, nearest: String?
  ) -> Diagnostic {
    Diagnostic(
      .unknownMember, "`\(owner)` has no field or edge `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  static func unknownEnumMember(
    _ name: Name, of enumeration: String, nearest: String?
  ) -> Diagnostic {
    Diagnostic(
      .unknownEnumMember,
      "the enum `\(enumeration)` has no member `\(name.text)`\(suggestion(nearest))",
      at: name.range)
  }

  static func noElement(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .noElement, "`\(what)` means something only in a `where`, `select` or `has`", at: range)
  }

  static func unknownLabel(_ label: Name, of callee: String, nearest: String?) -> Diagnostic {
    Diagnostic(
      .unknownLabel, "`\(callee)` has no parameter `\(label.text)`\(suggestion(nearest))",
      at: label.range)
  }

  static func recursion(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .recursion, "rules and scorecards cannot call themselves: \(quotedChain(cycle))", at: range)
  }

  static func fixtureCycle(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(.recursion, "the fixture builds on itself: \(quotedChain(cycle))", at: range)
  }
}
