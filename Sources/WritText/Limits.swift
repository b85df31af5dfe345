// The limits of this room.

/// Bounds on what is read and shown.
enum Limits {
  /// Longest name, in bytes, for which a nearest name is looked for.
  static let suggestionLength = 64
  /// Longest part of a line, in characters, that is shown with a diagnostic.
  static let shownColumns = 160
}
