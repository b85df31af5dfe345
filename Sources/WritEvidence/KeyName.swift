// What a key may be called: C2SP signed-note.

/// The name of a key: not empty, no Unicode space, no `+`; often a URL without its scheme.
public struct KeyName: Hashable, Sendable, CustomStringConvertible {
  /// The name itself.
  public let description: String

  /// `nil` for a text that is no name, or is longer than `Limits.nameByteCount`.
  public init?(_ text: String) {
    guard 1...Limits.nameByteCount ~= text.utf8.count,
      text.unicodeScalars.allSatisfy({ KeyName.isAllowed($0) })
    else { return nil }
    description = text
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && scalar != "+" && !scalar.properties.isWhitespace
  }

  // By bytes: canonical equivalents are different names.
  /// Equal where the bytes are: canonical equivalents are different names.
  public static func == (left: KeyName, right: KeyName) -> Bool {
    left.description.utf8.elementsEqual(right.description.utf8)
  }

  /// Over the bytes.
  public func hash(into hasher: inout Hasher) {
    for byte in description.utf8 { hasher.combine(byte) }
  }
}
