// What a program writes, as people see it.

@preconcurrency import Glibc
import WritEvidence

/// What a program writes, line by line, so that it can do nothing to a terminal and a character that came in
/// two pieces is whole.
struct ProgramOutput {
  private var rest: [OutputStream: [UInt8]] = [:]
  /// In front of each line.
  private let mark: String
  /// Where lines go.
  private let write: (String, OutputStream) -> Void

  /// The longest line that is waited for.
  private static let lineByteCount = 1 << 16

  /// The output of the one program that there is.
  init() {
    mark = "  | "
    write = { line, stream in
      _ = WritCLI.write(line, to: stream == .errors ? STDERR_FILENO : STDOUT_FILENO)
    }
  }

  /// The output of one of several.
  init(of step: String, _ write: @escaping (String, OutputStream) -> Void) {
    mark = "  \(printable(step)) | "
    self.write = write
  }

  mutating func show(_ bytes: [UInt8], _ stream: OutputStream) {
    var waiting = rest[stream, default: []] + bytes
    while let end = waiting.firstIndex(of: 0x0a) {
      tell(waiting[..<end], stream)
      waiting.removeSubrange(...end)
    }
    if waiting.count > ProgramOutput.lineByteCount {
      tell(waiting[...], stream)
      waiting = []
    }
    rest[stream] = waiting
  }

  /// Shows what has no line break behind it.
  mutating func end() {
    for (stream, bytes) in rest where !bytes.isEmpty { tell(bytes[...], stream) }
    rest = [:]
  }

  /// Tabs stay, and a carriage return at the end goes.
  private func tell(_ line: ArraySlice<UInt8>, _ stream: OutputStream) {
    let whole = line.last == 0x0d ? line.dropLast() : line
    let parts = whole.split(separator: 0x09, omittingEmptySubsequences: false)
      .map { printable(String(decoding: $0, as: UTF8.self)) }
    write(mark + parts.joined(separator: "\t") + "\n", stream)
  }
}
