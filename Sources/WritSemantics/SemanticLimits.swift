// The limits of this room; a program that passes one is answered with a diagnostic.

/// Bounds on what a program may declare and on what is said about it.
enum Limits {
  /// Modules of one program.
  static let modules = 1_000
  /// Enums, sources, kinds or edges of one program, each.
  static let schemaEntries = 10_000
  /// Members of an enum, or of a kind of node with its inverse edges.
  static let members = 10_000
  /// Fixtures of one program.
  static let fixtures = 10_000
  /// Fixtures that one fixture builds on, directly or through others.
  static let fixtureBases = 1_000
  /// Rules, scorecards, gates, queries, actions, pipelines, parameters and tests of one program, each.
  static let declarations = 100_000
  /// Facts of a fixture or a test, with those of all fixtures that it builds on.
  static let facts = 100_000
  /// Facts of all fixtures and tests of a program, counted once for each that has them.
  static let allFacts = 500_000
  /// Names among which the nearest to a misspelt one is looked for.
  static let suggestions = 2_000
  /// Diagnostics of one run; one more says that there are too many.
  static let diagnostics = 100
  /// Steps that the pipelines of a program have from pipelines within them.
  static let nestedSteps = 200_000
  /// Steps of a bounded closure: `up to n`.
  static let closureSteps: Int64 = 1_000_000
  /// The weight of a check.
  static let weight: Int64 = 1_000_000
  /// People that one approval term may ask for.
  static let approvers: Int64 = 1_000
  /// Ways in which a condition with several approvals holds, and approvals that one of them asks for together.
  static let approvalWays = 64
  static let approvalsTogether = 16
  /// Nodes that one waiver names.
  static let waivedNodes = 8
  /// Bytes of a waiver's reason.
  static let waiverReason = 500
}
