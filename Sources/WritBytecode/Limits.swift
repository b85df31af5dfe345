// How much a program may hold: the verifier refuses more, so nothing behind it needs a bound of its
// own.

/// The bounds of a program and of its two written forms.
public enum Limits {
  /// Words of one routine.
  public static let codeWords = 1 << 20
  /// Registers of one routine, the shared ones included: what 16 bits can name.
  public static let registers = 1 << 16
  /// Set registers of one routine.
  public static let sets = 4_096
  /// Loop cursors of one routine.
  public static let cursors = 64
  /// Loops of one clause or query: each may tell once that its range is open.
  public static let generators = 16
  /// Score buffers of one routine.
  public static let scoreBuffers = 64
  /// Loops and filtered closures inside one another.
  public static let nesting = 128
  /// Emissions of one routine.
  public static let emissions = 1_024
  /// Captures of one emission: guard and condition of every check, score and level.
  public static let captures = 2 * checks + 2
  /// Entries of any table that an operand indexes: what 16 bits can name.
  public static let tableEntries = 1 << 16
  /// Members of an enum: what the operand d can name.
  public static let enumMembers = 255
  /// Fields of a kind of node or edge; entries of a field reference, a step or a kind set.
  public static let fields = 1 << 16
  /// Parameters of a gate, scorecard, query or action, and bindings and subjects of a clause.
  public static let parameters = 4_096
  /// Clauses of a gate.
  public static let clauses = 1 << 16
  /// Words of an action's command.
  public static let commandWords = 1_024
  /// Bytes of one word of a command.
  public static let wordBytes = 64 << 10
  /// Secrets of an action.
  public static let secrets = 256
  /// Pieces of a message, or of a word of a command.
  public static let messagePieces = 4_096
  /// Checks of a scorecard.
  public static let checks = 1_024
  /// The heaviest check.
  public static let weight: Int64 = 1_000_000
  /// Group keys, columns and order keys of a query.
  public static let columns = 4_096
  /// People that one approval term may ask for.
  public static let approvals = 1_000
  /// Approvals that are asked for together.
  public static let approvalsTogether = 16
  /// Types inside one another, as in `set(optional(int))`.
  public static let typeDepth = 4
  /// Nodes that one waiver names.
  public static let waivedNodes = 8
  /// Bytes of any text in a program.
  public static let textBytes = 16 << 20
  /// Keys in a bundle's registry, and roles of one.
  public static let registryKeys = 4_096

  /// Bytes of a bundle file.
  public static let bundleBytes = 64 << 20
  /// Bytes of the manifest in it.
  public static let manifestBytes = 16 << 20
  /// Bytes of a program written as text.
  public static let assemblyBytes = 256 << 20

  /// Words of state that jumps still to land may hold at one time: 32 MiB.
  static let pendingFlow = 1 << 22
  /// Words of state that following all jumps of a program may touch.
  static let programFlow = 1 << 28
}
