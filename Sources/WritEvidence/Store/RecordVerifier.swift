// What the records of a log say of each other, compared with the log: which entry came before, what each
// index leaf fixes, and that time does not go back.
import WritCrypto
import WritModel

/// What a verification of a log's records found.
public struct RecordVerification: Hashable, Sendable {
  /// Entries that are records about named subjects.
  public internal(set) var recordCount: UInt64 = 0
  /// Index leaves.
  public internal(set) var indexLeafCount: UInt64 = 0
  /// Records that do not name those before them, of an older release; no question can be proved of a log
  /// with such.
  public internal(set) var unchainedCount: UInt64 = 0
  /// What the records say was erased, each with the entry that says so.
  public internal(set) var erased: [DisclosureDigest: UInt64] = [:]
  /// At most `Limits.findings`; none if the records fit each other.
  public internal(set) var findings: [LogFinding] = []

  mutating func add(_ index: UInt64, _ message: String) {
    guard findings.count < Limits.findings else { return }
    let path = TilePath(row: .entries, index: index / 256, width: TilePath.fullWidth)
    findings.append(LogFinding(path: path.description, index: index, message: message))
  }
}

/// Verifies every record of a log against all before it. `progress` is told where the reading is.
public func verifyRecords(
  _ reader: LogReader, progress: (UInt64) -> Void
) throws(LogError) -> RecordVerification {
  var audit = RecordAudit()
  for number in 0..<(reader.size + 255) / 256 {
    progress(number * 256)
    for entry in try reader.bundle(number).entries { audit.take(LoggedRecord(entry)) }
  }
  return audit.result
}

extension RecordVerification {
  /// Finds what the log says was erased and is still there, and an erasure that was begun and not finished.
  public mutating func checkErasures(in store: LogStore) throws(LogError) {
    let disclosures = store.disclosures
    let opened = try disclosures.opened()
    for (digest, index) in erased.sorted(by: { $0.value < $1.value }) {
      guard try opened.disclosure(digest) != nil else { continue }
      add(index, "what entry \(index) says was erased is still here: \(digest)")
    }
    guard try disclosures.isErasing() else { return }
    findings.append(
      LogFinding(
        path: ".writ/disclosures/erasing", index: nil,
        message: "an erasure was begun and not finished: run `writ log erase` again"))
  }
}

/// One verification under way.
private struct RecordAudit {
  var result = RecordVerification()
  private var size: UInt64 = 0
  /// The newest entry of each subject.
  private var newest: [[UInt8]: UInt64] = [:]
  /// The heads as of the newest index leaf, and the subjects of the entries since.
  private var heads = SubjectHeads()
  private var since: [[String]] = []
  private var newestTime = Int64.min
  /// Whether a record has named those before it.
  private var hasChain = false
  private var isSealed = false

  mutating func take(_ record: LoggedRecord) {
    if let leaf = IndexLeaf(record, at: size) {
      check(leaf)
    } else if hasSameBytes(record.type, PredicateType.index) {
      result.add(size, "entry \(size) is an index leaf of another place")
    }
    checkShard(record)
    if let problem = record.statement.flatMap({ RecordShape.problem(of: $0) }) {
      result.add(size, "entry \(size) is not as such a record is: \(problem)")
    }
    for digest in record.statement.flatMap({ EraseRecord($0) })?.digests ?? [] {
      result.erased[digest] = size
    }
    let subjects = record.subjects
    if !subjects.isEmpty { check(record, subjects) }
    for name in subjects { newest[Array(name.utf8)] = size }
    since.append(subjects)
    size += 1
  }

  /// A seal ends a log, an opening begins it.
  private mutating func checkShard(_ record: LoggedRecord) {
    if isSealed { result.add(size, "entry \(size) stands behind the seal of the log") }
    guard let statement = record.statement else { return }
    if ShardSeal(statement) != nil { isSealed = true }
    if size > 0, ShardOpening(statement) != nil {
      result.add(size, "entry \(size) opens the log, and is not its first")
    }
  }

  private mutating func check(_ leaf: IndexLeaf) {
    heads.append(since)
    since = []
    result.indexLeafCount += 1
    hasChain = true
    if !leaf.fixes(FixedHeads(heads)) {
      result.add(size, "entry \(size) does not name the newest entry of every subject before it")
    }
  }

  private mutating func check(_ record: LoggedRecord, _ subjects: [String]) {
    result.recordCount += 1
    guard record.isChained else {
      result.unchainedCount += 1
      if hasChain { result.add(size, "entry \(size) does not say which entries came before it") }
      return
    }
    hasChain = true
    for name in subjects {
      let expected = newest[Array(name.utf8)]
      let said = record.previous(of: name)
      guard said != (expected.map { .entry($0) } ?? .none) else { continue }
      let before = expected.map { "entry \($0)" } ?? "none"
      result.add(
        size, "entry \(size) names another entry before it about `\(name)` than there is: \(before)"
      )
    }
    guard let time = record.logged, time >= newestTime else {
      result.add(size, "entry \(size) was logged before those in front of it")
      return
    }
    newestTime = time
  }
}
