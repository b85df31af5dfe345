// Standard streams and files of public keys, bounded.
import Glibc
import WritCrypto
import WritDelegate

/// Writes to standard output; `false` if that fails.
func write(_ text: String) -> Bool { write(text, to: 1) }

/// Says something on standard error, a line for each.
func complain(_ message: String) {
  let lines = message.split(separator: "\n").map { printable(String($0)) }
  _ = write("writ-delegate: " + lines.joined(separator: "\n") + "\n", to: 2)
}

private func write(_ text: String, to descriptor: Int32) -> Bool {
  let bytes = Array(text.utf8)
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

/// The text without what a terminal would obey.
func printable(_ text: String) -> String {
  var shown = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    let isControl = scalar.value < 0x20 || 0x7f..<0xa0 ~= scalar.value
    let isBidi = 0x202a...0x202e ~= scalar.value || 0x2066...0x2069 ~= scalar.value
    shown.append(isControl || isBidi ? "\u{fffd}" : scalar)
  }
  return String(shown)
}

/// The bytes of a file that everybody may have, at most 64 KiB and one more; `nil` if it cannot be
/// read.
func readPublic(_ path: String) -> [UInt8]? {
  let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { if descriptor > 0 { close(descriptor) } }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while bytes.count <= 65_536 {
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { return nil }
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  return bytes
}

/// A secret from standard input, one line break at its end left out. Of one that is too long, one
/// byte more than is taken; `nil` if it cannot be read.
func readSecret() -> SecretBytes? {
  let room = SecretBytes(count: DelegateLimits.secretByteCounts.upperBound + 2)
  var count = 0
  while count < room.count {
    let got = room.withUnsafeMutableBytes { buffer in
      Glibc.read(0, buffer.baseAddress.map { $0 + count }, buffer.count - count)
    }
    if got < 0 && errno == EINTR { continue }
    guard got >= 0 else { return nil }
    if got == 0 { break }
    count += got
  }
  return room.withUnsafeBytes { bytes in
    if count > 0 && bytes[count - 1] == 0x0a { count -= 1 }
    return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
  }
}
