// The limits of this room; a text that passes one is answered with a diagnostic.

/// Bounds on the texts that are read and on the trees that are made of them.
public enum SyntaxLimits {
  /// Bytes of a text.
  public static let textBytes = 16 << 20
  /// Tokens of a text.
  public static let tokens = 2_000_000
  /// Diagnostics of a text.
  public static let diagnostics = 100
  /// Bytes of an expression that a fix-it writes anew; a longer one is left to its writer.
  public static let rewrittenBytes = 1_000
  /// Brackets, bodies and operators that lie within each other.
  public static let nesting = 256
  /// Depth of an expression: bounds the terms of a chain such as `a + b + c`.
  public static let depth = 1_000
}
