// The texts of a line on their way to numbers, and the last text of each property.

/// For each property the text that it last had, in the input at hand, and the text's number among
/// the draft's strings.
///
/// Measured: with it a property that repeats itself costs a comparison instead of a look-up that
/// misses the cache.
struct RecentTexts: ~Copyable {
  private struct Recent {
    let start: UnsafePointer<UInt8>
    let count: Int
    let number: UInt32
  }

  private let recents: UnsafeMutableBufferPointer<Recent?>
  private let pending: UnsafeMutablePointer<PendingText>
  private var pendingCount = 0

  init(propertyCount: Int) {
    recents = .allocate(capacity: propertyCount)
    recents.initialize(repeating: nil)
    // A property stands once in a line.
    pending = .allocate(capacity: propertyCount + 1)
  }

  deinit {
    recents.deallocate()
    pending.deallocate()
  }

  /// The texts of the line that wait for their numbers.
  var waiting: UnsafeMutableBufferPointer<PendingText> {
    UnsafeMutableBufferPointer(start: pending, count: pendingCount)
  }

  /// Lets a text, which has no escapes, wait for its number.
  mutating func wait(_ text: RawText, field: Int, ordinal: Int) {
    (pending + pendingCount).initialize(
      to: PendingText(text.bytes, field: field, ordinal: ordinal))
    pendingCount += 1
  }

  /// Nothing waits any more.
  mutating func clearWaiting() {
    pendingCount = 0
  }

  /// The number of the text if it is the one that the property had last.
  @inline(__always)
  func number(_ property: Int, _ text: RawText) -> UInt32? {
    guard let recent = recents[property], recent.count == text.count,
      isEqual(UnsafeRawPointer(recent.start), text.bytes)
    else { return nil }
    return recent.number
  }

  /// Keeps a text, which lies in the input, until the input ends.
  func keep(_ pending: PendingText) {
    guard let start = pending.text.baseAddress else { return }
    recents[pending.ordinal] = Recent(
      start: start, count: pending.text.count, number: pending.number)
  }

  /// Forgets everything: the input is gone.
  func forget() {
    recents.update(repeating: nil)
  }
}
