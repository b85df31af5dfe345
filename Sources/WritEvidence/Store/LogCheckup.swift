// What lies around a log's signed part: objects, old checkpoints, the search index, leftovers. `log verify` needs none of it.
import WritCrypto
import WritModel

/// What a look at a log's own files found.
public struct LogCheckup: Hashable, Sendable {
  /// Objects that hold what their names say.
  public internal(set) var objectCount = 0
  /// Digests that decisions name and whose content is gone, by class: these decisions cannot be replayed.
  public internal(set) var gone: [ObjectClass: Int] = [:]
  /// Objects that no record names: of a decision that came to nothing.
  public internal(set) var unnamedCount = 0
  /// Files that a process left behind in `.writ/tmp`.
  public internal(set) var leftovers: [String] = []
  /// Checkpoints that were released before, each a state that the log has grown from.
  public internal(set) var checkpointCount = 0
  /// What is not as it must be; at most `Limits.findings`.
  public internal(set) var findings: [LogFinding] = []

  /// Nothing was looked at.
  public init() {}

  mutating func add(_ path: String, _ message: String) {
    guard findings.count < Limits.findings else { return }
    findings.append(LogFinding(path: path, index: nil, message: message))
  }
}

/// Looks at everything under `.writ` that can be compared with the log; changes nothing.
///
/// - Parameters:
///   - reader: Of the log at its newest checkpoint.
///   - progress: Is told what is being looked at.
public func checkUp(
  _ store: LogStore, _ reader: LogReader, keys: [VerifierKey], progress: (String) -> Void
) throws(LogError) -> LogCheckup {
  var checkup = LogCheckup()
  try checkup.compareCheckpoints(store, reader, keys, progress)
  let records = try RecordMentions(reader) { progress("reading records \($0)…") }
  try checkup.compareObjects(store, records, progress)
  try checkup.compareDisclosures(store, records, progress)
  try checkup.compareIndex(store, reader, records)
  try checkup.compareWriterState(store, reader)
  checkup.leftovers = try store.disk.names(in: store.temporary)
  return checkup
}

/// Removes what processes left behind in `.writ/tmp`. For the holder of the lock: a writer is at work there otherwise.
public func removeLeftovers(_ store: LogStore) throws(LogError) -> Int {
  // Refuses a link in place of the directory above, too.
  _ = try store.disk.names(in: store.ownDirectory)
  let names = try store.disk.names(in: store.temporary)
  for name in names { try store.disk.remove("\(store.temporary)/\(name)") }
  try store.disk.syncDirectory(store.temporary)
  return names.count
}

extension LogStore {
  /// Removes the search index; whoever next searches makes it anew.
  public func removeIndex() throws(LogError) {
    _ = try disk.names(in: ownDirectory)
    try disk.removeFilesAndDirectory(index)
    try disk.syncDirectory(ownDirectory)
  }
}

extension LogCheckup {
  /// Every checkpoint that was released is a state that the log has grown from.
  fileprivate mutating func compareCheckpoints(
    _ store: LogStore, _ reader: LogReader, _ keys: [VerifierKey], _ progress: (String) -> Void
  ) throws(LogError) {
    for name in try store.disk.names(in: store.checkpoints) {
      let path = ".writ/checkpoints/\(name)"
      progress("comparing \(path)…")
      let bytes = try store.disk.read(
        "\(store.checkpoints)/\(name)", limit: Limits.noteByteCount)
      guard let old = bytes.flatMap({ released($0, keys) }), String(old.size) == name else {
        add(path, "is no checkpoint of that size that the log has signed")
        continue
      }
      checkpointCount += 1
      guard old.size <= reader.size else {
        add(path, "was signed, and the log now has \(reader.size) entries")
        continue
      }
      guard old.size > 0, try reader.root(of: old.size) != old.root else { continue }
      add(path, "is of another log: it has another root for that size")
    }
  }

  /// A checkpoint by a key that is known, or by none of them: of a key that has left, the root says whether it is this log's.
  private func released(_ bytes: [UInt8], _ keys: [VerifierKey]) -> Checkpoint? {
    do throws(CheckpointError) {
      return try SignedCheckpoint(bytes, keys: keys).checkpoint
    } catch .note(.noKnownSignature), .keyOutOfRange {
      return (try? SignedNote(bytes)).flatMap { Checkpoint($0.text) }
    } catch {
      return nil
    }
  }

  /// Every object holds what its name says, and every digest that a decision names is there.
  fileprivate mutating func compareObjects(
    _ store: LogStore, _ records: RecordMentions, _ progress: (String) -> Void
  ) throws(LogError) {
    var kept: Set<Digest> = []
    let objects = store.objects
    for digest in try objects.digests() {
      progress("reading object \(kept.count)…")
      do throws(LogError) {
        _ = try objects.get(digest)
        objectCount += 1
      } catch {
        guard case .damaged(_, let reason) = error else { throw error }
        add(".writ/objects/\(digest)", reason)
      }
      kept.insert(digest)
    }
    let named = records.named
    var missing: [ObjectClass: [(entry: UInt64, digest: Digest)]] = [:]
    for (digest, mention) in named where !kept.contains(digest) {
      missing[mention.kind, default: []].append((mention.entry, digest))
    }
    gone = missing.mapValues(\.count)
    unnamedCount = kept.count { named[$0] == nil && !records.mentioned.contains($0) }
    // An archive without objects has none of them, and says so by that.
    guard !kept.isEmpty || records.isEmpty else { return }
    for kind in ObjectClass.allCases {
      addUnpruned(missing[kind] ?? [], of: kind, pruned: records.pruned(kind))
    }
    for (digest, entry) in records.lasting.sorted(by: { $0.value < $1.value })
    where !kept.contains(digest) {
      add(
        ".writ/objects/\(digest)", "is missing: entry \(entry) names it, and it is kept for ever")
    }
  }

  /// What is missing though nothing was pruned of its class, or more of it than was. A sealed log is pruned by the one that goes on
  /// from it, which tells how much.
  private mutating func addUnpruned(
    _ missing: [(entry: UInt64, digest: Digest)], of kind: ObjectClass, pruned: Int?
  ) {
    guard let pruned, missing.count > pruned else { return }
    guard pruned == 0 else {
      return add(
        ".writ/objects",
        "\(missing.count) of the class `\(kind.rawValue)` are missing, and \(pruned) were pruned")
    }
    for (entry, digest) in missing.sorted(by: { ($0.entry, $0.digest) < ($1.entry, $1.digest) }) {
      add(
        ".writ/objects/\(digest)",
        "is missing: it is the \(kind.rawValue) of entry \(entry), and nothing of that class was pruned"
      )
    }
  }

  /// Every disclosure that a record rests on is there, unless the log says that it was erased. A copy that has none at all was made
  /// without them.
  fileprivate mutating func compareDisclosures(
    _ store: LogStore, _ records: RecordMentions, _ progress: (String) -> Void
  ) throws(LogError) {
    progress("reading disclosures…")
    let disclosures = store.disclosures
    var held = Set(try disclosures.lines().map(\.disclosure.digest))
    for digest in try disclosures.sealedDigests() {
      held.insert(digest)
      do throws(LogError) {
        _ = try disclosures.sealedDisclosure(digest)
      } catch .damaged(_, let reason) {
        add(".writ/disclosures/sealed", "\(digest): \(reason)")
      }
    }
    guard !held.isEmpty else { return }
    let missing = records.disclosures.filter { digest, _ in
      !held.contains(digest) && !records.erased.contains(digest)
    }
    for (digest, entry) in missing.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      // What was erased on record in a log that goes on from this one.
      guard try disclosures.entryThatErased(digest)?.log == nil else { continue }
      add(
        ".writ/disclosures",
        "lack \(digest): entry \(entry) rests on it, and no entry says that it was erased")
    }
  }

  /// The index finds the newest entry of every subject.
  fileprivate mutating func compareIndex(
    _ store: LogStore, _ reader: LogReader, _ records: RecordMentions
  ) throws(LogError) {
    let index = try SearchIndex(reader, of: store)
    for (name, entry) in records.newest {
      let text = String(decoding: name, as: UTF8.self)
      if try index.newest(about: text) != entry {
        return add(".writ/index", "does not find entry \(entry), the newest about `\(text)`")
      }
    }
  }
}

/// What the records of a log name, read once.
private struct RecordMentions {
  /// Digests that decisions name.
  private(set) var named: [Digest: Mention] = [:]
  /// What is of no class and kept for ever, and the entry that names it.
  private(set) var lasting: [Digest: UInt64] = [:]
  /// How many objects were pruned, by class.
  private var removed: [String: Int] = [:]
  /// Whether another log goes on from this one.
  private var isSealed = false
  /// Whether no record names anything.
  var isEmpty: Bool { named.isEmpty && lasting.isEmpty }

  /// As what an entry names a digest.
  struct Mention {
    let kind: ObjectClass
    let entry: UInt64
  }

  /// Digests that other records name.
  private(set) var mentioned: Set<Digest> = []
  /// The newest entry of every subject.
  private(set) var newest: [[UInt8]: UInt64] = [:]
  /// Disclosures that records rest on, and the first entry that does.
  private(set) var disclosures: [DisclosureDigest: UInt64] = [:]
  /// Those that records say were erased.
  private(set) var erased: Set<DisclosureDigest> = []

  init(_ reader: LogReader, progress: (UInt64) -> Void) throws(LogError) {
    for number in 0..<(reader.size + 255) / 256 {
      progress(number * 256)
      for (place, entry) in try reader.bundle(number).entries.enumerated() {
        take(LoggedRecord(entry), at: number * 256 + UInt64(place))
      }
    }
  }

  /// How many objects of a class were pruned; `nil` where only another log knows.
  func pruned(_ kind: ObjectClass) -> Int? { isSealed ? nil : removed[kind.rawValue] ?? 0 }

  private mutating func take(_ record: LoggedRecord, at index: UInt64) {
    // A result that is short stands in its record.
    let isWhole = record.result?["reasons"] != nil
    for (kind, digest) in record.objects where kind != .result || !isWhole {
      named[digest] = Mention(kind: kind, entry: index)
    }
    for digest in record.keptForEver { lasting[digest] = index }
    if hasSameBytes(record.type, PredicateType.prune) {
      for (name, count) in record.predicate["removed"]?.object?.map({ ($0.name, $0.value) }) ?? [] {
        removed[name, default: 0] += Int(clamping: count.integer ?? 0)
      }
    }
    if hasSameBytes(record.type, PredicateType.shard), record.predicate["act"]?.string == "seal" {
      isSealed = true
    }
    for digest in record.statement?.disclosureDigests ?? [] where disclosures[digest] == nil {
      disclosures[digest] = index
    }
    erased.formUnion(record.statement.flatMap { EraseRecord($0) }?.digests ?? [])
    mentioned.formUnion(record.published + record.keptForEver)
    for name in record.subjects { newest[Array(name.utf8)] = index }
  }
}
