// Looking for a text in entries without reading them.
import Glibc

/// Acts on bytes.
enum Bytes {
  /// Whether an entry may hold a text: its bytes stand there, or some text is spelt with escapes.
  static func mayHold(_ entry: [UInt8], _ text: [UInt8]) -> Bool {
    contain(entry, text) || contain(entry, [UInt8(ascii: "\\")])
  }

  /// Whether bytes stand in others, next to each other.
  static func contain(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard !part.isEmpty else { return true }
    return bytes.withUnsafeBytes { bytes in
      part.withUnsafeBytes { part in
        guard let start = bytes.baseAddress, let wanted = part.baseAddress else { return false }
        var at = 0
        while bytes.count - at >= part.count,
          let found = memchr(start + at, Int32(part[0]), bytes.count - at - part.count + 1)
        {
          if memcmp(found, wanted, part.count) == 0 { return true }
          at = UnsafeRawPointer(found) - start + 1
        }
        return false
      }
    }
  }
}
