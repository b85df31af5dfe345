// How one log goes on in another: the last entry of the one names the next log and its key, the first entry of the other
// holds the last checkpoint of the one before (D15).
//
//     the seal     subject    the next log by its name, and the SHA-256 of the SPKI of its key
//                  predicate  {"act":"seal","next":"<verifier key>",…}
//     the opening  subject    the log before by its name, and the root of its last checkpoint as a SHA-256
//                  predicate  {"act":"open","previous":"<checkpoint note>",…}
//
// A sealed log takes no more entries. Whoever holds both can check that neither was cut short or put aside: the seal is the
// last entry of what the opening's checkpoint covers, and names the key that the other is signed by.
import WritCrypto
import WritModel

/// The last entry of a log that another goes on from.
public struct ShardSeal: Hashable, Sendable {
  /// The key of the log that follows; its name is that log's.
  public let next: VerifierKey

  /// A log goes on in that one.
  public init(next: VerifierKey) { self.next = next }

  /// Reads a statement; `nil` if it is no seal.
  public init?(_ statement: Statement) {
    let predicate = statement.predicate
    guard hasSameBytes(statement.predicateType, PredicateType.shard),
      predicate["act"]?.string == "seal",
      let next = predicate["next"]?.string.flatMap({ VerifierKey($0) }), next.algorithm == .ed25519,
      statement.subjects == [ShardSeal(next: next).subject]
    else { return nil }
    self.next = next
  }

  /// Reads the entry of that index, as verified; `nil` for any other entry.
  init?(entry: [UInt8]) {
    guard let statement = try? EvidenceRecord(entry: entry).statement else { return nil }
    self.init(statement)
  }

  private var subject: Subject {
    Subject(
      name: next.name.description, uri: nil,
      digests: [NamedDigest(algorithm: "sha256", value: next.publicKey.fingerprint)])
  }

  func draft(id: String) -> RecordDraft {
    RecordDraft(
      type: PredicateType.shard, kind: .shard, id: id, subjects: [subject],
      members: [JSONMember("act", "seal"), JSONMember("next", .string(next.description))])
  }
}

/// The first entry of a log that goes on from another.
public struct ShardOpening: Hashable, Sendable {
  /// The last checkpoint of the log before, with its signatures.
  public let previous: SignedNote
  /// What it says; whether its signature holds, only a key from elsewhere can tell.
  public let checkpoint: Checkpoint

  /// A log goes on from that checkpoint; `nil` if the note is none.
  public init?(previous: SignedNote) {
    guard let checkpoint = Checkpoint(previous.text) else { return nil }
    self.previous = previous
    self.checkpoint = checkpoint
  }

  /// Reads a statement; `nil` if it is no opening.
  public init?(_ statement: Statement) {
    let predicate = statement.predicate
    guard hasSameBytes(statement.predicateType, PredicateType.shard),
      predicate["act"]?.string == "open", let text = predicate["previous"]?.string,
      let note = try? SignedNote(Array(text.utf8)), let opening = ShardOpening(previous: note),
      statement.subjects == [opening.subject]
    else { return nil }
    self = opening
  }

  private var subject: Subject {
    Subject(
      name: checkpoint.origin, uri: nil,
      digests: [NamedDigest(algorithm: "sha256", value: checkpoint.root.hex)])
  }

  func draft(id: String) -> RecordDraft {
    let note = String(decoding: previous.bytes, as: UTF8.self)
    return RecordDraft(
      type: PredicateType.shard, kind: .shard, id: id, subjects: [subject],
      members: [JSONMember("act", "open"), JSONMember("previous", .string(note))])
  }
}
