// The bounds that this room sets to what comes from outside.

/// Bounds on schemas, facts and files; whatever passes one is refused by name.
enum Limits {
  /// Bytes of one line of facts, its end not counted.
  static let lineBytes = 1 << 20
  /// Lines of one input.
  static let lines = Int(UInt32.max) - 1
  /// Inputs of one import.
  static let files = 4095
  /// Problems collected before an import gives up.
  static let problems = 100
  /// Nesting of values that are skipped.
  static let depth = 64
  /// Elements of one `Set<String>`.
  static let setElements = 1 << 16
  /// Nodes, edges of one type, distinct strings and bytes of all strings: each fits 32 bits.
  static let elements = Int(UInt32.max) - 1
  /// Kinds, edges, enums and sources of one schema, each.
  static let declarations = 4096
  /// Fields of one kind or edge.
  static let fields = 1024
  /// Members of one enum: an ordinal fits a byte.
  static let members = 256
  /// Sources of one kind: who brought a node fits a byte, 0 is unsaid.
  static let sourcesOfKind = 255
  /// Bytes of one declared name.
  static let nameBytes = 1024
  /// Bytes of an encoded schema.
  static let schemaBytes = 1 << 24
  /// Bytes of a snapshot file.
  static let fileBytes = 1 << 40
}
