// A named, immutable text and its line index.

/// A text as it was given: bytes that should be UTF-8, under a name that people recognise.
public struct SourceFile: Sendable {
  /// What diagnostics call the text: a path as the person wrote it, or any other name.
  public let name: String
  /// The text, byte for byte. The lexer says where it is not UTF-8.
  public let bytes: [UInt8]
  /// Offset of the first byte of every line, in order; the first is 0.
  public let lineStarts: [Int]
  /// Unicode scalars that begin before each block of the text. A text may be one line, and every place in it be asked for.
  private let scalarsBefore: [Int]

  /// Makes a file of bytes; O(bytes).
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    var counts: [Int] = []
    var count = 0
    for index in bytes.indices {
      if index % SourceFile.block == 0 { counts.append(count) }
      let byte = bytes[index]
      if byte == 0x0A { starts.append(index + 1) }
      // A scalar begins where a byte does not continue one.
      if byte & 0xC0 != 0x80 { count += 1 }
    }
    lineStarts = starts
    scalarsBefore = counts
  }

  /// Bytes of a block.
  private static let block = 256

  /// Makes a file of a string.
  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The whole text; bytes that are not UTF-8 show as U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The text of a range, which is cut to the file; bytes that are not UTF-8 show as U+FFFD.
  public func text(of range: SourceRange) -> String {
    String(decoding: slice(range.start, range.end), as: UTF8.self)
  }

  /// Line and column of an offset, which is cut to the file; O(log lines). A column is a Unicode scalar.
  public func position(of offset: Int) -> SourcePosition {
    let place = min(max(offset, 0), bytes.count)
    let line = lineIndex(of: place)
    let column = scalarCount(before: place) - scalarCount(before: lineStarts[line]) + 1
    return SourcePosition(line: line + 1, column: column)
  }

  /// How many scalars begin before an offset within the text.
  private func scalarCount(before offset: Int) -> Int {
    let block = min(offset / SourceFile.block, scalarsBefore.count - 1)
    guard block >= 0 else { return 0 }
    return bytes[block * SourceFile.block..<offset].reduce(into: scalarsBefore[block]) {
      if $1 & 0xC0 != 0x80 { $0 += 1 }
    }
  }

  /// Offset within its line of a place, in UTF-16 code units from 0, as editors count.
  public func utf16Column(of offset: Int) -> Int {
    let place = min(max(offset, 0), bytes.count)
    let before = slice(lineStarts[lineIndex(of: place)], place)
    return String(decoding: before, as: UTF8.self).utf16.count
  }

  /// The bytes of a line without its line break; `line` counts from 1 and is cut to the file.
  public func line(_ line: Int) -> ArraySlice<UInt8> {
    let index = min(max(line, 1), lineStarts.count) - 1
    let start = lineStarts[index]
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return bytes[start..<max(start, end)]
  }

  /// Index of the line that holds an offset, by bisection.
  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    // Invariant: lineStarts[low] ≤ offset, and offset < lineStarts[high] where there is one.
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  private func slice(_ start: Int, _ end: Int) -> ArraySlice<UInt8> {
    let lower = min(max(start, 0), bytes.count)
    return bytes[lower..<min(max(end, lower), bytes.count)]
  }
}

/// A place as people name it.
public struct SourcePosition: Hashable, Sendable {
  /// From 1.
  public let line: Int
  /// In Unicode scalars, from 1.
  public let column: Int

  /// Makes a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}
