// Standard input line by line, for commands that answer each line before they read the next.

@preconcurrency import Glibc

/// The lines of standard input, each of which has an end.
struct InputLines {
  enum Line {
    /// Without its line break.
    case whole([UInt8])
    /// Passed over.
    case tooLong
  }

  let limit: Int
  /// What was read and not handed out; none of it before `searched` is a line break.
  private var bytes: [UInt8] = []
  private var start = 0
  private var isPassingOver = false
  private var isAtEnd = false

  init(limit: Int) { self.limit = limit }

  /// The next line; `nil` at the end.
  mutating func next() throws(Failure) -> Line? {
    var searched = start
    while true {
      if let end = bytes[searched...].firstIndex(of: 0x0a) {
        defer { start = end + 1 }
        if isPassingOver {
          isPassingOver = false
          start = end + 1
          searched = start
          continue
        }
        guard end - start <= limit else { return .tooLong }
        let line = bytes[start..<end]
        return .whole(Array(line.last == 0x0d ? line.dropLast() : line))
      }
      searched = bytes.count
      if isAtEnd {
        guard !isPassingOver, start < bytes.count else { return nil }
        defer { start = bytes.count }
        return .whole(Array(bytes[start...]))
      }
      if bytes.count - start > limit {
        bytes = []
        (start, searched) = (0, 0)
        guard !isPassingOver else { continue }
        isPassingOver = true
        return .tooLong
      }
      bytes.removeFirst(start)
      searched -= start
      start = 0
      try readMore()
    }
  }

  private mutating func readMore() throws(Failure) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    repeat {
      count = read(STDIN_FILENO, &chunk, chunk.count)
    } while count < 0 && errno == EINTR
    guard count >= 0 else {
      throw Failure(.broken, "cannot read standard input: \(reason(errno))")
    }
    if count == 0 { isAtEnd = true }
    bytes += chunk[..<count]
  }
}
