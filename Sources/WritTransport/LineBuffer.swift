// Bytes as they come in, taken out again as lines and bodies.

/// What has been received and not yet been used.
///
/// Every byte is looked at once, however small the pieces are in which it comes.
struct LineBuffer: Sendable {
  private var bytes: [UInt8] = []
  /// What stands before it was taken.
  private var start = 0
  /// What stands before it holds no line feed.
  private var scanned = 0

  /// Bytes that were not yet taken.
  var count: Int { bytes.count - start }

  mutating func append(_ more: ArraySlice<UInt8>) {
    // What was taken goes when it is most of the buffer, so that moving the rest is paid for.
    if start > 4096 && start > bytes.count / 2 {
      bytes.removeFirst(start)
      scanned -= start
      start = 0
    }
    bytes += more
  }

  /// What can be taken out as a line.
  enum Line {
    /// Its line feed has not come; so many bytes surely belong to the line: a carriage return at their end may not.
    case partial(byteCount: Int)
    /// So many bytes, ended by a line feed without a carriage return before it.
    case bare(byteCount: Int)
    /// Without the CRLF that ended it.
    case whole(ArraySlice<UInt8>)
  }

  mutating func takeLine() -> Line {
    scanned = max(scanned, start)
    while scanned < bytes.count && bytes[scanned] != 0x0a { scanned += 1 }
    guard scanned < bytes.count else {
      let isEnding = count > 0 && bytes[scanned - 1] == 0x0d
      return .partial(byteCount: isEnding ? count - 1 : count)
    }
    let (first, end) = (start, scanned)
    scanned += 1
    start = scanned
    guard end > first && bytes[end - 1] == 0x0d else {
      return .bare(byteCount: end - first)
    }
    return .whole(bytes[first..<end - 1])
  }

  /// The next line of a message, without its CRLF; `nil` until its end has come. What is wrong with a line is the same in whatever
  /// pieces it comes: a line that is too long is so before its end is looked at.
  ///
  /// - Parameter check: of the bytes that surely belong to the line.
  mutating func takeLine(
    _ check: (_ byteCount: Int) throws(HTTPError) -> Void
  ) throws(HTTPError) -> ArraySlice<UInt8>? {
    switch takeLine() as Line {
    case .bare(let byteCount):
      try check(byteCount)
      throw .malformed("expected CRLF at the end of a line")
    case .partial(let byteCount):
      try check(byteCount)
      return nil
    case .whole(let line):
      try check(line.count)
      return line
    }
  }

  /// The next `count` bytes, once all have come.
  mutating func take(_ count: Int) -> [UInt8]? {
    guard self.count >= count else { return nil }
    defer { start += count }
    return Array(bytes[start..<start + count])
  }
}
