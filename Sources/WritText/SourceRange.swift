// Where something stands in a set of texts: a file and two byte offsets.

/// A half-open range of bytes, `start ..< end`, of one file in a set of files.
///
/// An empty range marks a place between two bytes: where something is missing.
public struct SourceRange: Hashable, Sendable {
  // Three words of 32 bits: a tree holds very many of these, and a text is at most 16 MiB.
  private let storedFile: Int32
  private let storedStart: Int32
  private let storedEnd: Int32

  /// Makes a range; an end before the start is moved to the start.
  public init(file: Int, start: Int, end: Int) {
    storedFile = Int32(clamping: file)
    storedStart = Int32(clamping: start)
    storedEnd = Int32(clamping: max(start, end))
  }

  /// Index of the text in the set of files that is compiled together: `0 ≤ file`.
  public var file: Int { Int(storedFile) }
  /// Offset in bytes of the first byte: `0 ≤ start ≤ end`.
  public var start: Int { Int(storedStart) }
  /// Offset in bytes behind the last byte.
  public var end: Int { Int(storedEnd) }
  /// How many bytes the range spans.
  public var count: Int { end - start }
  /// The range spans nothing: it is a place.
  public var isEmpty: Bool { storedStart == storedEnd }

  /// The smallest range that holds this one and the other, which is of the same file.
  public func union(_ other: SourceRange) -> SourceRange {
    SourceRange(file: file, start: min(start, other.start), end: max(end, other.end))
  }

  /// The empty range at the start of this one.
  public var startPlace: SourceRange { SourceRange(file: file, start: start, end: start) }

  /// The empty range behind this one.
  public var endPlace: SourceRange { SourceRange(file: file, start: end, end: end) }
}

extension SourceRange: Comparable {
  /// By file, then start, then end: the order in which diagnostics are shown.
  public static func < (left: SourceRange, right: SourceRange) -> Bool {
    (left.file, left.start, left.end) < (right.file, right.start, right.end)
  }
}
