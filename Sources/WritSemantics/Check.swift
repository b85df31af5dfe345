// The door of the room: parsed files in, a typed program or diagnostics out.

public import WritSyntax
public import WritText

/// What checking yields.
public struct CheckResult: Sendable {
  /// The program; `nil` if anything is an error, in a text or between texts.
  ///
  /// What its readers may rely on, beyond the comments of its types:
  /// - Every index is in range, every variable is bound once, before it is used.
  /// - A value of `T` may stand where `T?` is declared: an argument, the body of a rule.
  /// - Where it is known that an optional is there, or a node of fewer kinds, the form stays and
  ///   only the type is narrower. In a query, which goes on past what is false with a cause, such
  ///   a value may still be absent or of another kind: it then reads as unknown.
  /// - Operands of `union`, `difference`, `intersection`, `member`, `count`, `reach`, `edges` and
  ///   the ranges of generators may be single nodes, edges or optional nodes. Everywhere else a
  ///   set is a set.
  /// - In the filter of a step along several edge types the edge's variable has the type of the
  ///   first; a field that the filter asks for is in all of them, with one type.
  /// - Lets are typed without the guards around them, conditions of checks without their guards.
  public let program: TypedProgram?
  /// What the checker found, in the order of the places; the parser's diagnostics are not among it.
  public let diagnostics: [Diagnostic]
}

/// Resolves names, builds the schema and assigns types.
///
/// `files` may be more than is used: the program is made of the roots and of what they import,
/// directly or through others, by the name behind `policy`. Ranges in `files` must name the files
/// by their index in it. O(size of the texts), but for suggestions of names.
///
/// - Parameters:
///   - files: All texts at hand, as parsed.
///   - roots: Indexes of those that were asked for; the program's last module is the last of them.
///   - digests: For each file `sha256:` and 64 hexadecimal digits; `nil` where it was not computed.
///     They are held against the pins of imports.
public func check(_ files: [ParsedFile], roots: [Int], digests: [String?]) -> CheckResult {
  var checker = Checker(files: files)
  checker.link(roots: roots, digests: digests)
  checker.collect()
  checker.buildSchema()
  checker.checkParameters()
  checker.checkRulesAndScorecards()
  checker.checkGates()
  checker.checkWaivers()
  checker.checkQueries()
  checker.checkActions()
  checker.checkPipelines()
  checker.checkFixturesAndTests()
  checker.warnOfSparing()
  return checker.result()
}
