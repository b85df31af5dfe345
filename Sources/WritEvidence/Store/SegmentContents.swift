// A segment of the write-ahead log by itself, from its bytes: what can be read of it without the log around it.
import WritCrypto

/// The entries that a segment holds, and whether anything stands behind them.
public struct SegmentContents: Hashable, Sendable {
  /// Index of the first entry.
  public let start: UInt64
  /// Of all frames that are whole and follow each other, in order.
  public let entries: [[UInt8]]
  /// Bytes that were read; zeros may follow.
  public let byteCount: Int
  /// Whether anything but zeros stands behind the last good frame: a torn write, or damage.
  public let isTorn: Bool

  /// Reads a segment; `nil` where none of the log's keys has made its head. Time and memory in
  /// proportion to the bytes.
  public init?(_ file: [UInt8], signer: NoteSigner) {
    guard let head = SegmentHead(file, signer: signer) else { return nil }
    var entries: [[UInt8]] = []
    var offset = SegmentHead.byteCount
    var previous = head.previous
    while let frame = WriteAheadFrame(in: file, at: offset, key: head.key) {
      let (next, overflow) = head.start.addingReportingOverflow(UInt64(entries.count))
      guard !overflow, frame.sequence == next, frame.previous == previous else { break }
      entries += frame.entries.map { Array(file[$0]) }
      previous = frame.check
      offset += frame.byteCount
    }
    start = head.start
    self.entries = entries
    byteCount = offset
    isTorn = file[offset...].contains { $0 != 0 }
  }
}
