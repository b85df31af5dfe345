// Where what is done to a log is recorded. A sealed log takes no entries, and must still be able to forget.

/// The log that takes the record of what is done to the values or the objects of a log: that log itself, or, once it is
/// sealed, one that goes on from it.
public struct RecordingLog: Sendable {
  /// The log.
  public let store: LogStore
  /// What it is signed with.
  public let signer: NoteSigner

  /// A log, and who may sign it.
  public init(_ store: LogStore, _ signer: NoteSigner) {
    self.store = store
    self.signer = signer
  }

  /// What the log is called.
  public var origin: String { signer.name.description }
}
