// Whether the proof of a question is one: the steps of docs/decisions/0003-records-and-proofs.md, with
// public keys and nothing else.
public import WritCrypto
public import WritModel

/// Why a proof proves nothing.
public enum QuestionProofError: Error, Hashable, Sendable {
  /// It is no proof; says what was expected.
  case malformed(String)
  /// Its checkpoint is not taken.
  case checkpoint(CheckpointError)
  /// Only witnesses have signed the checkpoint, not the log.
  case notSignedByLog
  /// The entry of that index is not in the log there.
  case entry(UInt64, ProofError)
  /// The entries do not rise.
  case order(UInt64)
  /// No entry is an index leaf, so nothing says where histories begin.
  case noIndexLeaf
  /// An entry behind the index leaf is missing.
  case missingTail(UInt64)
  /// The subject's place among all subjects is not shown; says what was expected.
  case head(String)
  /// The history of the subject breaks at an entry; says how.
  case chain(UInt64, String)
  /// An entry is no part of the argument.
  case surplusEntry(UInt64)
  /// An object is no trace of a decision in the answer, or not in order.
  case surplusObject(Digest)
  /// Something is disclosed that no record of the answer names, or not in order.
  case undisclosed(DisclosureDigest)
}

/// The records that a question asks for, and how it is known that these are all.
public struct VerifiedAnswer: Sendable {
  /// What was asked.
  public let question: Question
  /// What the proof claims.
  public let claim: Claim?
  /// The head of the log.
  public let checkpoint: Checkpoint
  /// Of the log, and of the witnesses whose keys were given.
  public let signatures: [VerifiedSignature]
  /// Every record about the subject that was logged in the span, oldest first.
  public let records: [FoundRecord]
  /// Index of the index leaf that the argument rests on.
  public let indexLeaf: UInt64
  /// When the newest of the entries that the proof holds was logged, as they say: it tells nothing of what came later.
  public let asOf: Instant?
  /// Indexes of the entries of the subject's history that were followed, newest first.
  public let history: [UInt64]
  /// Whether the history was followed to its first entry; else its last one was logged before the span.
  public let isFollowedToStart: Bool
  /// What records of the answer hold by digest and the file shows.
  public let disclosures: [Disclosure]
  /// What decisions read, by what their records name it by.
  let readings: [Digest: [UInt8]]

  /// What a decision in the answer read, if the proof shows all of it.
  public func trace(of record: LoggedRecord) -> DecisionTrace? {
    DecisionTrace(record) { readings[$0] }
  }
}

/// A record and its place, verified.
public struct FoundRecord: Sendable {
  /// Index of the entry.
  public let index: UInt64
  /// What it holds.
  public let record: LoggedRecord

  /// An entry as it was read.
  public init(index: UInt64, record: LoggedRecord) {
    self.index = index
    self.record = record
  }
}

extension QuestionProof {
  /// The answer, once it is shown to be whole, by the log of that origin: one of the keys is the log's.
  public func verify(
    keys: [VerifierKey], origin: String
  ) throws(QuestionProofError) -> VerifiedAnswer {
    let signed: SignedCheckpoint
    do throws(CheckpointError) {
      signed = try SignedCheckpoint(note.bytes, keys: keys, origin: origin)
    } catch {
      throw .checkpoint(error)
    }
    guard signed.signatures.contains(where: { $0.key.algorithm == .ed25519 }) else {
      throw .notSignedByLog
    }
    try verifyEntries(signed.checkpoint)
    let records = entries.map { FoundRecord(index: $0.index, record: LoggedRecord($0.entry)) }
    let leaf = try indexLeaf(records, size: signed.checkpoint.size)
    var history = SubjectHistory(question, records)
    try history.follow(from: leaf.size, head: try head(in: leaf))
    try checkSurplus(history, leaf)
    let answer = history.indexes.reversed().compactMap { history.record(at: $0) }
      .filter { question.covers($0.record.logged ?? .min) }
    try checkDisclosures(answer)
    return VerifiedAnswer(
      question: question, claim: claim, checkpoint: signed.checkpoint,
      signatures: signed.signatures, records: answer, indexLeaf: leaf.size,
      asOf: records.compactMap(\.record.logged).max().map { Instant(microseconds: $0) },
      history: history.indexes, isFollowedToStart: history.isFollowedToStart,
      disclosures: disclosures, readings: try readings(of: answer))
  }

  /// Each is what a record of the answer holds by its digest, and they rise.
  private func checkDisclosures(_ answer: [FoundRecord]) throws(QuestionProofError) {
    guard !disclosures.isEmpty else { return }
    let named = Set(answer.flatMap { $0.record.statement?.disclosureDigests ?? [] })
    var last: DisclosureDigest?
    for disclosure in disclosures {
      let digest = disclosure.digest
      guard named.contains(digest), last.map({ $0 < digest }) ?? true else {
        throw .undisclosed(digest)
      }
      last = digest
    }
  }

  /// Each entry is in the log at its place, and they rise.
  private func verifyEntries(_ checkpoint: Checkpoint) throws(QuestionProofError) {
    var hasher = MerkleHasher()
    var next: UInt64 = 0
    for entry in entries {
      guard entry.index >= next else { throw .order(entry.index) }
      next = entry.index + 1
      let proof = InclusionProof(index: entry.index, size: checkpoint.size, hashes: entry.path)
      do throws(ProofError) {
        try proof.verify(leaf: hasher.leaf(entry.entry), root: checkpoint.root)
      } catch {
        throw .entry(entry.index, error)
      }
    }
  }

  /// The newest index leaf; every entry behind it is there.
  private func indexLeaf(
    _ records: [FoundRecord], size: UInt64
  ) throws(QuestionProofError) -> IndexLeaf {
    // They rise and lie below `size`: those behind the leaf are all there if they are that many.
    for (place, found) in records.enumerated().reversed() {
      guard let leaf = IndexLeaf(found.record, at: found.index) else { continue }
      let behind = records[(place + 1)...]
      guard UInt64(behind.count) == size - found.index - 1 else {
        let known = Set(behind.map(\.index))
        let missing = (found.index + 1..<size).first { !known.contains($0) }
        throw .missingTail(missing ?? size)
      }
      return leaf
    }
    throw .noIndexLeaf
  }

  /// The subject's newest entry before the leaf, `nil` where there is none.
  private func head(in leaf: IndexLeaf) throws(QuestionProofError) -> UInt64? {
    for head in heads { try verify(head, in: leaf) }
    let name = question.subject
    if heads.count == 1, hasSameBytes(heads[0].head.name, name) { return heads[0].head.last }
    // Absent: the neighbours, next to each other, between which the subject would stand.
    switch heads.count {
    case 0:
      guard leaf.subjectCount == 0 else { throw .head("expected its neighbours") }
    case 1:
      let (place, isBefore) = (heads[0].place, precedes(heads[0].head.name, name))
      guard place == (isBefore ? leaf.subjectCount - 1 : 0) else {
        throw .head("expected its other neighbour too")
      }
    case 2:
      guard heads[0].place + 1 == heads[1].place, precedes(heads[0].head.name, name),
        precedes(name, heads[1].head.name)
      else { throw .head("expected neighbours on both sides of it") }
    default: throw .head("expected at most two neighbours")
    }
    return nil
  }

  private func verify(_ head: ProvenHead, in leaf: IndexLeaf) throws(QuestionProofError) {
    let proof = InclusionProof(index: head.place, size: leaf.subjectCount, hashes: head.path)
    do throws(ProofError) {
      try proof.verify(leaf: Merkle.leafHash(of: head.head.leaf), root: leaf.root)
    } catch {
      throw .head("`\(head.head.name)` is not at place \(head.place): \(error)")
    }
    guard head.head.last < leaf.size else { throw .head("expected an entry before the index leaf") }
  }

  /// Nothing stands in the file that the argument does not need.
  private func checkSurplus(
    _ history: SubjectHistory, _ leaf: IndexLeaf
  ) throws(QuestionProofError) {
    let needed = Set(history.indexes)
    for entry in entries where entry.index < leaf.size && !needed.contains(entry.index) {
      throw .surplusEntry(entry.index)
    }
  }

  /// The objects of the file: what decisions of the answer name, rising, each as it ought to be.
  private func readings(
    of answer: [FoundRecord]
  ) throws(QuestionProofError) -> [Digest: [UInt8]] {
    let named = Set(answer.flatMap { $0.record.trace?.digests ?? [] })
    var readings: [Digest: [UInt8]] = [:]
    var last: Digest?
    for object in objects {
      let digest = Digest(of: object)
      guard named.contains(digest), last.map({ $0 < digest }) ?? true,
        DecisionTrace.isReading(object) || DecisionTrace(document: object) != nil
      else { throw .surplusObject(digest) }
      readings[digest] = object
      last = digest
    }
    return readings
  }
}

/// The entries about a subject, newest first, as far back as a question needs them.
struct SubjectHistory {
  private let question: Question
  private let records: [UInt64: LoggedRecord]
  /// Indexes of the entries that were followed, newest first.
  private(set) var indexes: [UInt64] = []
  /// Whether the last of them says that none came before.
  private(set) var isFollowedToStart = false
  private var newestTime = Int64.max

  init(_ question: Question, _ records: [FoundRecord]) {
    self.question = question
    self.records = Dictionary(uniqueKeysWithValues: records.map { ($0.index, $0.record) })
  }

  func record(at index: UInt64) -> FoundRecord? {
    records[index].map { FoundRecord(index: index, record: $0) }
  }

  /// Follows what the entries behind `leaf` say, then the subject's newest entry before it, then from
  /// entry to entry.
  mutating func follow(from leaf: UInt64, head: UInt64?) throws(QuestionProofError) {
    let behind = records.filter { $0.key > leaf && $0.value.isAbout(question.subject) }
      .keys.sorted(by: >)
    // Each names the one before it, the oldest the head: also where the span begins later.
    for (place, index) in behind.enumerated() {
      let expected = place + 1 < behind.count ? behind[place + 1] : head
      guard records[index]?.previous(of: question.subject) == expected.previous else {
        throw .chain(index, "does not name the entry before it")
      }
    }
    var next = behind.first ?? head
    while let index = next {
      let (time, previous) = try step(to: index)
      if time < question.from.microseconds { return }
      next = previous
    }
    isFollowedToStart = true
  }

  private mutating func step(
    to index: UInt64
  ) throws(QuestionProofError) -> (time: Int64, previous: UInt64?) {
    guard let record = records[index] else { throw .chain(index, "is missing") }
    guard record.isAbout(question.subject) else { throw .chain(index, "is about something else") }
    guard let time = record.logged, time <= newestTime else {
      throw .chain(index, "was not logged before those behind it")
    }
    newestTime = time
    indexes.append(index)
    switch record.previous(of: question.subject) {
    case .unsaid: throw .chain(index, "does not say which entry came before it")
    case .none: return (time, nil)
    case .entry(let previous):
      guard previous < index else { throw .chain(index, "names an entry behind it") }
      return (time, previous)
    }
  }
}

extension UInt64? {
  /// What a record says of it.
  fileprivate var previous: LoggedRecord.Previous { map { .entry($0) } ?? .none }
}
