// The door of the room: parsed files in, a typed program or diagnostics out.

public import WritSyntax
public import WritText

/// What checking yields.
public struct CheckResult: Sendable {
  /// The program; `nil` if anything is an error, in a text or between texts.
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
  checker.checkQueries()
  checker.checkFixturesAndTests()
  return checker.result()
}
