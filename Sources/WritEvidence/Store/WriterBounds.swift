// How much a writer holds in memory, and how far one act of it may run behind another.

/// The bounds of one writer. None of them changes what a log says, only how much is at stake at once.
public struct WriterBounds: Hashable, Sendable {
  /// Who writes what was queued, and derives tiles from what is durable.
  public enum Work: Hashable, Sendable {
    /// Threads of the writer's own, as soon as there is something to do.
    case onOwnThreads
    /// Whoever calls `wait`, `append` or `publish`, in an order that is the same on every run.
    case byCallers
  }

  /// Who does the work that nobody waits for.
  public var work = Work.onOwnThreads
  /// Entries that may be queued: whoever comes to a full queue waits. At least 1.
  public var queueCount = Limits.queueCount
  /// Bytes that may be queued; one larger group passes alone.
  public var queueByteCount = Limits.queueByteCount
  /// Bytes that may be durable without being in tiles, before committing waits for deriving.
  public var pendingByteCount = Limits.pendingByteCount
  /// Entries that may be durable without a checkpoint, before one is signed unasked.
  public var unpublishedCount = Limits.unpublishedCount
  /// Bytes in a segment of the write-ahead log before another is begun.
  public var segmentByteCount = Limits.segmentByteCount

  /// What suits a log that many write to.
  public init() {}
}
