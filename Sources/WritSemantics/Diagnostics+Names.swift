// What is said about names.

import WritModel
import WritSyntax
import WritText

extension Diagnostic {
  /// `sort` is what was looked for, `nil` for anything that has a value.
  static func unknownName(_ name: Name, sort: NameSort?, hint: String) -> Diagnostic {
    let code: DiagnosticCode =
      switch sort {
      case .type, .kind: .unknownType
      case .source: .unknownSource
      case .role: .unknownRole
      case .callee, .gate, .action, .pipeline, .waiver: .unknownCallee
      case .fixture: .unknownFixture
      case nil: .unknownName
      }
    return Diagnostic(
      code, "no \(sort?.rawValue ?? "name") `\(name.text)`\(hint)", at: name.range)
  }

  /// `x ?? null`, `x is null`; `say` replaces the word where that is surely right.
  static func foreignAbsence(_ name: Name, say: String?) -> Diagnostic {
    let diagnostic = Diagnostic(
      .unknownName, "no name `\(name.text)`: what is not there is `absent`", at: name.range)
    return say.map { diagnostic.fixing(name.range, with: $0) } ?? diagnostic
  }

  /// `x == null`; `whole` is the sign, the word and the space before them.
  static func comparedWithNull(
    _ name: Name, isNegated: Bool, at range: SourceRange, whole: SourceRange
  ) -> Diagnostic {
    let test = isNegated ? "is not absent" : "is absent"
    return Diagnostic(
      .unknownName, "no name `\(name.text)`: what may not be there is tested by `\(test)`",
      at: range
    )
    .fixing(whole, with: " " + test)
  }

  /// `s.bugs.isEmpty`, `len(s.bugs)`; `test` is what to say, where the operand's type tells.
  static func foreignCall(
    _ call: ForeignCall, _ name: Name, isMember: Bool, test: String?, whole: SourceRange
  ) -> Diagnostic {
    let ways =
      switch call {
      case .count: "`count(…)`"
      case .isEmpty: "`… is empty`"
      case .isPresent: "`… is not empty`, `any … has …` or `… is not absent`"
      }
    let what = isMember ? "field or edge" : "rule or scorecard"
    let diagnostic = Diagnostic(
      isMember ? .unknownMember : .unknownCallee,
      "no \(what) `\(name.text)`; say \(test.map { "`\($0)`" } ?? ways)", at: name.range)
    guard let test else { return diagnostic }
    return diagnostic.fixing(whole, with: call == .count ? test : "(\(test))")
  }

  /// `rule f` and `gate f`
  static func duplicateName(_ name: Name, as first: Entity, first range: SourceRange?) -> Diagnostic
  {
    let diagnostic = Diagnostic(
      .duplicateName, "`\(name.text)` is already the name of \(first.noun)", at: name.range)
    return range.map { diagnostic.noting("declared here", at: $0) } ?? diagnostic
  }

  /// Gate `b.g` of policy `a`, and gate `g` of policy `a.b`.
  static func duplicateFullName(_ name: Name, full: String, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateName, "`\(full)`, as `\(name.text)` is called from outside, is already a full name",
      at: name.range
    )
    .noting("declared here", at: first)
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
    _ name: Name, of enumeration: EnumType, nearest: String?
  ) -> Diagnostic {
    let hint = nearest.map { suggestion($0) } ?? membersHint(enumeration)
    return Diagnostic(
      .unknownEnumMember, "the enum `\(enumeration.name)` has no member `\(name.text)`\(hint)",
      at: name.range)
  }

  /// `it` outside of a filter.
  static func noElement(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .noElement, "`\(what)` means something only in a `where`, `select` or `has`", at: range)
  }

  /// `f(nothing: 1)`
  static func unknownLabel(
    _ label: Name, of callee: String, nearest: String?, parameters: [String]
  ) -> Diagnostic {
    let verb = parameters.count == 1 ? "parameter is" : "parameters are"
    let hint =
      nearest == nil && !parameters.isEmpty
      ? "; its \(verb) \(quotedList(parameters, most: 8))" : suggestion(nearest)
    return Diagnostic(
      .unknownLabel, "`\(callee)` has no parameter `\(label.text)`\(hint)", at: label.range)
  }

  /// `rule f(n: Int) -> Int = f(n)`
  static func recursion(of sort: String, _ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .recursion, "\(sort) cannot call themselves: \(quotedChain(cycle))", at: range)
  }

  /// `fixture f with f { }`
  static func fixtureCycle(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(.recursion, "the fixture builds on itself: \(quotedChain(cycle))", at: range)
  }
}
