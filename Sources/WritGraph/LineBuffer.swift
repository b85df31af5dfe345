// Bytes that are written again and again: a line of text, without asking for memory each time.

/// A growing run of bytes in memory of its own.
struct LineBuffer: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8> = .allocate(capacity: 1024)
  private var capacity = 1024
  private(set) var count = 0

  deinit { start.deallocate() }

  /// What was written.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// Forgets what was written.
  mutating func clear() {
    count = 0
  }

  /// Writes bytes.
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    reserve(text.count)
    guard let source = text.baseAddress else { return }
    (start + count).update(from: source, count: text.count)
    count &+= text.count
  }

  /// Writes a byte.
  mutating func append(_ byte: UInt8) {
    reserve(1)
    start[count] = byte
    count &+= 1
  }

  /// Writes bytes.
  mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Writes bytes.
  mutating func append(_ text: [UInt8]) {
    text.withUnsafeBufferPointer { append($0) }
  }

  private mutating func reserve(_ more: Int) {
    guard capacity &- count < more else { return }
    capacity = (count + more) * 2
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: start, count: count)
    start.deallocate()
    start = larger
  }
}
