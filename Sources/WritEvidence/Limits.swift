// How much anything outside may ask of this room.

/// The bounds of every format and file that is read here.
public enum Limits {
  /// Bytes in an entry: its length is written as 16 bits.
  public static let entryByteCount = 65_535
  /// Bytes in an entry that Writ itself writes.
  public static let recordByteCount = 60_000
  /// Entries in a log: sizes stay below 2^63.
  public static let treeSize: UInt64 = 1 << 63 - 1
  /// Hashes in a proof: no tree is higher.
  public static let proofHashes = 63
  /// Bytes in a signed note: a hundred signatures of the largest kind are a third of it.
  public static let noteByteCount = 1 << 20
  /// Signature lines in a note.
  public static let noteSignatures = 100
  /// Bytes in a name of a key or a log.
  public static let nameByteCount = 1024
  /// Verifier keys of one log that a verification is given.
  public static let verifierKeys = 100
  /// Bytes in a file of verifier keys.
  public static let verifierKeyFileByteCount = 65_536
  /// Keys that sign for a log at one time.
  public static let signingKeys = 4
  /// Bytes in a proof bundle: a note, an entry in base64 and 63 hashes.
  public static let proofBundleByteCount = 2 << 20
  /// Bytes in a witness policy.
  public static let policyByteCount = 1 << 20
  /// Logs, witnesses and groups of a witness policy, of each kind.
  public static let policyEntries = 256
  /// Bytes in a request to a witness: a note and a consistency proof.
  public static let addCheckpointByteCount = noteByteCount + 4096
  /// Requests to one witness about one checkpoint.
  public static let witnessRounds = 4
  /// Bytes in an envelope.
  public static let envelopeByteCount = 16 << 20
  /// Signatures in an envelope.
  public static let envelopeSignatures = 100
  /// Subjects of a statement.
  public static let subjects = 10_000
  /// Subjects of a record that Writ itself writes.
  public static let recordSubjects = 64
  /// Entries after which the heads of all subjects are fixed again.
  public static let indexLeafInterval: UInt64 = 4096
  /// Subjects that a writer keeps at hand, each some 25 to 100 bytes; of more it reads the file again.
  public static let writerHeads = 1 << 20
  /// Entries that one file of the search index is about.
  public static let indexRunCount: UInt64 = 256 * 8 * 8 * 8 * 8
  /// Bytes in the proof of a question.
  public static let questionProofByteCount = 64 << 20
  /// Clauses of which each has a reading of its own; what a gate of more read is one document.
  public static let tracedClauses = 64
  /// Keys in a registry.
  public static let registryKeys = 10_000
  /// Bytes in a bundle of entries: 256 of the longest.
  public static let bundleByteCount = 256 * (2 + 65_535)
  /// Tiles that a reader keeps at hand: 8 MiB of hashes.
  public static let readerTiles = 1024
  /// Findings that a verification of a log lists.
  public static let findings = 100
  /// Bytes in one object of the content store.
  public static let objectByteCount = 1 << 30
  /// Bytes in an object that lies in a pack with others; longer ones have files of their own.
  public static let packedByteCount = 1 << 16
  /// Bytes in a pack that another one is begun behind.
  public static let packByteCount = 4 << 20
  /// Bytes in the file of a pack: one group of objects and zeros may reach beyond it.
  public static let packFileByteCount = 16 << 20
  /// Objects that a writer knows to have put, so that it need not put them again; twice as many at most.
  public static let rememberedObjects = 1 << 16
  /// Objects in files of their own that a writer knows to be there.
  public static let rememberedFiles = 1024
  /// Bytes in the text of one disclosure.
  public static let disclosureByteCount = 1 << 20
  /// Disclosures that one record of an erasure names.
  public static let erasedDigests = 1000
  /// Bytes in the ground of an erasure.
  public static let groundByteCount = 256
  /// Snapshots whose committed form is remembered.
  public static let rememberedSnapshots = 16
  /// Entries in one call of `append`.
  public static let appendCount = 65_536
  /// Bytes of entries in one group.
  public static let groupByteCount = 32 << 20
  /// Entries in the queue of a writer.
  public static let queueCount = 65_536
  /// Bytes in the queue of a writer; what is written and synced at once.
  public static let queueByteCount = 4 << 20
  /// Bytes that are durable and not yet in tiles.
  public static let pendingByteCount = 8 << 20
  /// Durable entries that no checkpoint stands for.
  public static let unpublishedCount = 65_536
  /// Bytes of durable entries that no checkpoint stands for.
  public static let unpublishedByteCount = 128 << 20
  /// Bytes in one segment of the write-ahead log that is begun; one group of entries may reach
  /// beyond it.
  public static let segmentByteCount = 16 << 20
  /// Bytes in a segment that is left behind once all of it is published.
  public static let doneByteCount = 1 << 20
  /// Bytes that are written ahead with zeros at once.
  public static let preparedByteCount = 1 << 20
  /// Bundles and tiles that are written before they are made durable together.
  public static let draftCount = 512
  /// Files that are synced one by one; more are synced with the whole file system.
  public static let singleSyncCount = 4
  /// Bytes in an assignment.
  public static let assignmentByteCount = 256 << 10
  /// Words of an assignment's command.
  public static let commandWords = 1024
  /// Arguments, artifacts and secrets of an assignment, of each kind.
  public static let assignmentEntries = 256
  /// Bytes in the name of a secret or a delegate.
  public static let secretNameByteCount = 64
  /// Bytes in a permit or a result.
  public static let permitByteCount = 64 << 10
  /// Microseconds from a permit's issue to its expiry.
  public static let permitDuration: Int64 = 60_000_000
  /// Bytes in a work order: an assignment, a permit and a proof.
  public static let workOrderByteCount = 4 << 20
  /// Bytes in one line between a control plane and a delegate: a work order is the longest.
  public static let sessionLineByteCount = workOrderByteCount + 4096
  /// Bytes of output in one message of a delegate.
  public static let outputChunkByteCount = 32 << 10
  /// Bytes in the reason that a result or a refusal gives.
  public static let reasonByteCount = 1024
  /// Microseconds that the clock of a log may jump forward.
  public static let clockJump: Int64 = 300_000_000
}
