// What is said about enums, sources and nodes.

import WritSyntax
import WritText

extension Diagnostic {
  /// `Set<Set<Int>>`
  static func invalidType(_ message: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.invalidType, message, at: range)
  }

  /// `gate g(x: Set<Service>)`
  static func parameterType(_ noun: String, _ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .parameterType, "a parameter of \(noun) is a scalar or a node, found `\(found)`", at: range)
  }

  /// `names: List<String>`
  static func fieldType(_ found: String, allowsSets: Bool, at range: SourceRange) -> Diagnostic {
    let expected =
      allowsSets
      ? "a scalar, an optional scalar or `Set<String>`" : "a scalar or an optional scalar"
    let owner = allowsSets ? "a field" : "a field of an edge"
    return Diagnostic(.fieldType, "\(owner) is \(expected), found `\(found)`", at: range)
  }

  /// `owner: Team`
  static func nodeField(_ name: Name, _ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .fieldType, "a field holds no node: write the edge `\(name.text) -> \(found)`", at: range)
  }

  /// `born: Date personal`
  static func personalField(_ name: Name, _ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .fieldType,
      "only texts can be erased: `\(name.text)` is personal, and so a `String` or `Set<String>`, found `\(found)`",
      at: range)
  }

  /// `owner -> Team { since: Date from crm }`
  static func edgeFieldOrigin(_ edge: Name, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .fieldType,
      "a field of an edge has the edge's origin: write it after the targets of `\(edge.text)`",
      at: range)
  }

  /// `number: Int key`
  static func invalidKey(_ name: Name, _ rule: String) -> Diagnostic {
    Diagnostic(.invalidKey, "`\(name.text)` cannot be a key: \(rule)", at: name.range)
  }

  /// `edge -> many Team?`
  static func manyOptional(_ name: Name) -> Diagnostic {
    Diagnostic(
      .manyOptional, "`\(name.text)` is `many`: it is never absent, it is empty; leave out `?`",
      at: name.range)
  }

  /// `name: String` and `name -> Team`
  static func duplicateMember(
    _ name: Name, _ firstNoun: String, of owner: String? = nil, first: SourceRange
  ) -> Diagnostic {
    let place = owner.map { "`\($0)` already has" } ?? "there is already"
    return Diagnostic(
      .duplicateMember, "\(place) \(article(firstNoun)) \(firstNoun) `\(name.text)`",
      at: name.range, notes: [DiagnosticNote("the first one", at: first)])
  }

  /// `edge -> Team { from: Int }`
  static func endNamedField(_ name: Name) -> Diagnostic {
    Diagnostic(
      .duplicateMember, "`\(name.text)` is an end of every edge, and cannot be a field of one",
      at: name.range)
  }

  /// `field: Int from scanner` of a node `from request`
  static func sourceInRequest(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .requestOrigin, "a node from the request is in no snapshot: no source can add to it",
      at: range)
  }

  /// `from scanner | request`
  static func mixedOrigin(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .requestOrigin, "what the request brings comes from no source: say `from request` alone",
      at: range)
  }

  /// `source scanner`
  static func sourceWithoutBound(_ name: Name) -> Diagnostic {
    Diagnostic(
      .sourceWithoutBound,
      "source `\(name.text)` has no `fresh`: what it once said never becomes stale", at: name.range)
  }
}

/// `a` or `an`.
func article(_ noun: String) -> String {
  guard let first = noun.unicodeScalars.first else { return "a" }
  return "aeiouAEIOU".unicodeScalars.contains(first) ? "an" : "a"
}
