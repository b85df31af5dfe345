// What can go wrong with the files of a log.

/// Why a log could not be read or written.
public enum LogError: Error, Hashable, Sendable {
  /// The system refused an act on a file; the code is an `errno`.
  case file(path: String, act: String, code: Int32)
  /// A server did not give a file.
  case unreachable(path: String, reason: String)
  /// A file that must be there is not.
  case missing(path: String)
  /// A file does not hold what it must.
  case damaged(path: String, reason: String)
  /// Another writer has the log open.
  case locked(path: String)
  /// The directory holds no log of Writ's.
  case notALog(path: String)
  /// The directory already holds a log.
  case alreadyALog(path: String)
  /// The signing key is not the one of this log.
  case wrongKey(origin: String, key: String)
  /// An entry is longer than `Limits.entryByteCount`.
  case entryTooLong(Int)
  /// A record is not one that a log takes.
  case record(RecordError)
  /// A record is about more than `Limits.recordSubjects`.
  case tooManySubjects(Int)
  /// More than one call may append.
  case tooMuch
  /// The log has signed another root for this size; it must never sign a second one.
  case wouldFork(size: UInt64)
  /// The log has signed a size that its files no longer reach.
  case rolledBack(signed: UInt64, found: UInt64)
  /// The write-ahead log holds entries from that index on that no key of this log has sealed.
  case unvouched(path: String, from: UInt64)
  /// The log is a copy, or was brought back from one: it may have signed more than it remembers.
  case restored(path: String)
  /// The newest entry was logged later than the clock says; microseconds since 1970.
  case clockWentBack(newest: Int64, offered: Int64)
  /// The clock says a time far behind what it should say, which would then hold for ever; `newest` is the
  /// newest entry's time, or what the clock should say by the time that the machine has run since.
  case clockJumped(newest: Int64, offered: Int64)
  /// The log was sealed, and goes on in another of that name.
  case sealed(next: String)
  /// There is no such entry yet.
  case outOfRange(index: UInt64, size: UInt64)
  /// The writer was closed; open the log again.
  case stopped
}
