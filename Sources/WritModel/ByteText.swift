// Text whose bytes decide: what names, ids and strings are compared, hashed and looked up by.

/// A text that equals another only where it is the same sequence of bytes, and is ordered by its bytes.
///
/// Swift's `String` also takes canonical equivalents for equal, such as U+212A for `K`, or a letter with an accent for the two
/// characters that look like it. What came from outside must not be mixed up so: two such texts are two names.
public struct ByteText: Hashable, Comparable, Sendable {
  /// The text itself.
  public let string: String

  /// Takes the text as it is; O(1).
  public init(_ string: String) {
    self.string = string
  }

  /// O(bytes).
  public static func == (left: ByteText, right: ByteText) -> Bool {
    hasSameBytes(left.string, right.string)
  }

  /// Over the bytes, as equality demands; O(bytes).
  public func hash(into hasher: inout Hasher) {
    feed(string, to: &hasher)
  }

  /// By the bytes, each as a number without sign.
  public static func < (left: ByteText, right: ByteText) -> Bool {
    precedesByBytes(left.string, right.string)
  }
}

/// Whether two strings are the same sequence of bytes.
///
/// Swift's `==` also accepts canonical equivalents, such as U+212A for `K`: outside texts must not.
public func hasSameBytes(_ left: String, _ right: String) -> Bool {
  guard left.utf8.count == right.utf8.count else { return false }
  let isSame = left.utf8.withContiguousStorageIfAvailable { left in
    right.utf8.withContiguousStorageIfAvailable { hasSameBytes(left, $0) }
  }
  // Texts of other makings than Swift's own.
  return (isSame ?? nil) ?? left.utf8.elementsEqual(right.utf8)
}

/// Whether two buffers hold the same bytes; eight at a time.
public func hasSameBytes(
  _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
) -> Bool {
  guard left.count == right.count else { return false }
  let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
  var place = 0
  while place + 8 <= left.count {
    let one = left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    if one != right.loadUnaligned(fromByteOffset: place, as: UInt64.self) { return false }
    place += 8
  }
  while place < left.count {
    if left[place] != right[place] { return false }
    place += 1
  }
  return true
}

/// The same of arrays: their own `==` looks at one byte after the other.
public func hasSameBytes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { hasSameBytes(left, $0) }
  }
}

/// The same of lists of texts, in their order.
public func hasSameNames(_ left: [String], _ right: [String]) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { hasSameBytes($0, $1) }
}

/// Whether the bytes of one string come before those of another.
public func precedesByBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// Hashes the bytes of a string, as equality by bytes demands.
func feed(_ text: String, to hasher: inout Hasher) {
  var text = text
  text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  hasher.combine(text.utf8.count)
}

extension Sequence<String> {
  /// Whether one of the texts has the same bytes; linear.
  public func containsBytes(of text: String) -> Bool {
    contains { hasSameBytes($0, text) }
  }
}

extension Collection<String> {
  /// Where the first text with the same bytes stands; linear.
  public func firstIndex(ofBytes text: String) -> Index? {
    firstIndex { hasSameBytes($0, text) }
  }
}

// Tables by name: looked up by the bytes of a string.
extension Dictionary where Key == ByteText {
  /// What stands under the text.
  public subscript(text: String) -> Value? {
    get { self[ByteText(text)] }
    set { self[ByteText(text)] = newValue }
    _modify { yield &self[ByteText(text)] }
  }

  /// What stands under the text, or the default.
  public subscript(text: String, default value: @autoclosure () -> Value) -> Value {
    get { self[ByteText(text), default: value()] }
    _modify { yield &self[ByteText(text), default: value()] }
  }
}

extension Set<ByteText> {
  /// Whether the set has a text with the same bytes.
  public func contains(_ text: String) -> Bool { contains(ByteText(text)) }
}

// Parts of a text, found by bytes: to a `Character` a sign and a mark that combines with it are one.
extension String {
  /// What stands before and behind the first such byte of ASCII; `nil` where there is none.
  public func halves(at byte: UInt8) -> (before: String, behind: String)? {
    guard let place = utf8.firstIndex(of: byte) else { return nil }
    return parts(at: place)
  }

  /// What stands before and behind the last such byte of ASCII; `nil` where there is none.
  public func halves(atLast byte: UInt8) -> (before: String, behind: String)? {
    guard let place = utf8.lastIndex(of: byte) else { return nil }
    return parts(at: place)
  }

  private func parts(at place: Index) -> (before: String, behind: String) {
    (
      String(decoding: utf8[..<place], as: UTF8.self),
      String(decoding: utf8[utf8.index(after: place)...], as: UTF8.self)
    )
  }

  /// Whether the last bytes are those of another text.
  public func endsWithBytes(of end: String) -> Bool {
    utf8.count >= end.utf8.count && utf8.suffix(end.utf8.count).elementsEqual(end.utf8)
  }
}

/// Whether there is anything to be seen in a text: a letter, digit, mark of punctuation or symbol that has a shape.
public func hasVisibleText(_ text: String) -> Bool {
  text.unicodeScalars.contains { scalar in
    // The Braille pattern without a dot is a symbol that looks like a blank.
    if scalar.properties.isDefaultIgnorableCodePoint || scalar == "\u{2800}" { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
      return false
    default: return true
    }
  }
}
