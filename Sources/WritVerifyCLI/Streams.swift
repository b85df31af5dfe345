// Files and standard streams, bounded.
import Glibc
import WritModel

/// The bytes of a file, `-` being standard input; `nil` if it cannot be read. Of a longer file one
/// byte more than `limit` is returned, which no reader takes.
func read(_ path: String, limit: Int) -> [UInt8]? {
  let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { if descriptor > 0 { close(descriptor) } }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while bytes.count <= limit {
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { return nil }
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  return Array(bytes.prefix(limit + 1))
}

/// Writes to standard output; `false` if that fails.
func write(_ text: String) -> Bool { write(Array(text.utf8), to: 1) }

/// Says something on standard error.
func complain(_ message: String) {
  let lines = message.split(separator: "\n").map { printable(String($0)) }
  _ = write(Array(("writ-verify: " + lines.joined(separator: "\n") + "\n").utf8), to: 2)
}

/// Says why there is no answer, and returns the code. Where a document is wanted it is that, too.
///
/// - Parameter hint: More for people.
func fail(_ message: String, _ code: ExitCode, hint: String = "") -> ExitCode {
  complain(message + hint)
  guard CommandLine.arguments.contains("--json") else { return code }
  let json: JSONValue = [
    "error": .string(message), "exit": .integer(Int64(code.rawValue)), "verified": false,
  ]
  return write(json.pretty + "\n") ? code : .writeFailed
}

private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    written += count
  }
  return true
}
