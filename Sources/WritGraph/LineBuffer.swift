// Bytes that are written again and again: a line of text, without asking for memory each time.

/// A growing run of bytes in memory of its own.
struct LineBuffer: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8> = .allocate(capacity: 1024)
  private var capacity = 1024
  private(set) var count = 0

  deinit { start.deallocate() }

  /// What was written.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// Forgets what was written behind the first `count` bytes.
  mutating func shorten(to count: Int) {
    self.count = count
  }

  /// Writes bytes, of which most texts have few: eight at a time.
  ///
  /// - Precondition: Eight more bytes can be read behind them.
  @inline(__always)
  mutating func append(padded text: UnsafeBufferPointer<UInt8>) {
    reserve(text.count &+ 8)
    guard let source = UnsafeRawPointer(text.baseAddress) else { return }
    let target = UnsafeMutableRawPointer(start + count)
    var offset = 0
    repeat {
      let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
      offset &+= 8
    } while offset < text.count
    count &+= text.count
  }

  /// Writes `YYYY-MM-DDTHH:MM:SSZ`.
  mutating func append(
    date: (year: Int64, month: Int64, day: Int64), secondOfDay: Int64
  ) {
    reserve(20)
    let (minute, second) = (secondOfDay / 60, secondOfDay % 60)
    pair(date.year / 100)
    pair(date.year % 100)
    pair(behind: 45, date.month)
    pair(behind: 45, date.day)
    pair(behind: 84, minute / 60)
    pair(behind: 58, minute % 60)
    pair(behind: 58, second)
    start[count] = 90
    count &+= 1
  }

  @inline(__always)
  private mutating func pair(behind sign: UInt8, _ value: Int64) {
    start[count] = sign
    count &+= 1
    pair(value)
  }

  /// Two digits, for which there is room.
  @inline(__always)
  private mutating func pair(_ value: Int64) {
    start[count] = 48 &+ UInt8(truncatingIfNeeded: value / 10)
    start[count &+ 1] = 48 &+ UInt8(truncatingIfNeeded: value % 10)
    count &+= 2
  }

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
