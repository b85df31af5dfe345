// Erasing: the log says which digests can no longer be opened, and then they no longer can.
//
// An intent is durable first, then the records, then the values are removed, and the intent last. Whatever ends the
// process between two of these, the next call finds the intent and does what is left; a record that is there already
// is not written again. Values are only removed once the log says so.
import WritCrypto
import WritModel

/// What is to be erased.
public enum ErasureChoice: Hashable, Sendable {
  /// All that is of a node, by `Kind/id`: its id, its texts, its approvals, its keys.
  case node(String)
  /// What these digests stand for; of a node's id all that is the node's.
  case digests([DisclosureDigest])
}

/// What was erased.
public struct Erasure: Hashable, Sendable {
  /// Empty where nothing of the choice was there; where an earlier erasure was finished and nothing was left of the
  /// choice, those of the earlier one.
  public let digests: [DisclosureDigest]
  /// The entries that say so.
  public let entries: [UInt64]
  /// Whether ids of nodes are among them.
  public let hasIDs: Bool
  /// An erasure that an earlier call had begun was finished first.
  public let hasFinishedEarlier: Bool
}

extension LogStore {
  /// Erases, durably before this returns, and says so in the log itself.
  public func erase(
    _ choice: ErasureChoice, ground: String, id: String, signer: NoteSigner, clock: Int64,
    uptime: Uptime? = nil
  ) throws(LogError) -> Erasure {
    try erase(
      choice, ground: ground, id: id, recordedIn: RecordingLog(self, signer), clock: clock,
      uptime: uptime)
  }

  /// Erases, durably before this returns, and says so in a log.
  ///
  /// - Parameters:
  ///   - id: Unique; an idempotency key.
  ///   - place: This log, or one that goes on from it; that it does, the caller has checked.
  ///   - clock: Microseconds since the epoch.
  ///   - uptime: How long the machine has run: a clock that was set is noticed by it.
  /// - Throws: `record` where the ground is none; `locked` where somebody else adds, erases or appends: what was
  ///   begun is finished by the next call.
  public func erase(
    _ choice: ErasureChoice, ground: String, id: String, recordedIn place: RecordingLog,
    clock: Int64, uptime: Uptime? = nil
  ) throws(LogError) -> Erasure {
    guard EraseRecord.isGround(ground) else {
      throw .record(
        .statement(
          StatementError("expected a ground of one line, at most \(Limits.groundByteCount) bytes")))
    }
    let disclosures = disclosures
    // Before anything is begun, and in the order of whoever records: the log may be another's to write now.
    let writer = try RecordWriter(store: place.store, signer: place.signer)
    defer { writer.close() }
    try disk.makeDurableDirectory(disclosures.directory)
    let lockFile = try disk.lock(disclosures.lock)
    defer { disk.close(lockFile) }
    let time = RecordTime(clock: clock, uptime: uptime)
    var done = Erasure(digests: [], entries: [], hasIDs: false, hasFinishedEarlier: false)
    if let earlier = try ErasureIntent(in: disclosures) {
      let entries = try finish(earlier, writer, place, time)
      done = Erasure(
        digests: earlier.digests, entries: entries, hasIDs: !earlier.names.isEmpty,
        hasFinishedEarlier: true)
    }
    let chosen = try chosen(choice)
    guard !chosen.digests.isEmpty else { return done }
    let intent = ErasureIntent(
      digests: chosen.digests, names: chosen.names, ground: ground, id: id, size: writer.size,
      log: place.origin)
    try disclosures.replace(disclosures.intent, intent.bytes)
    let entries = try finish(intent, writer, place, time)
    return Erasure(
      digests: intent.digests, entries: entries, hasIDs: !intent.names.isEmpty,
      hasFinishedEarlier: done.hasFinishedEarlier)
  }

  private func finish(
    _ intent: ErasureIntent, _ writer: RecordWriter, _ place: RecordingLog, _ time: RecordTime
  ) throws(LogError) -> [UInt64] {
    let entries = try append(intent, writer, place, time)
    let isElsewhere = place.store.directory != directory
    try disclosures.remove(intent, entries, inLog: isElsewhere ? place.origin : nil)
    return entries
  }

  /// Appends the records of an erasure that are not in the log yet; where all of them are.
  private func append(
    _ intent: ErasureIntent, _ writer: RecordWriter, _ place: RecordingLog, _ time: RecordTime
  ) throws(LogError) -> [UInt64] {
    // Opening the writer has published what was durable.
    var there: [String: UInt64] = [:]
    let reader = try LogReader(store: place.store, keys: place.signer.verifierKeys)
    // Begun when another log took the records, it is recorded anew.
    let isBegunHere = intent.log.map { hasSameBytes($0, place.origin) } ?? true
    let start = isBegunHere ? min(intent.size, reader.size) : reader.size
    for index in start..<reader.size {
      let record = LoggedRecord(try reader.entry(at: index))
      if let id = record.predicate["id"]?.string { there[id] = index }
    }
    var entries: [UInt64] = []
    for draft in intent.drafts {
      if let index = there[draft.id] {
        entries.append(index)
      } else {
        entries.append(try writer.append(draft, clock: time.clock, uptime: time.uptime))
      }
    }
    try writer.publish()
    return entries
  }

  /// The digests of a choice, and the names of the ids among them.
  private func chosen(
    _ choice: ErasureChoice
  ) throws(LogError) -> (digests: [DisclosureDigest], names: [DisclosureDigest: String]) {
    var selection = ErasureSelection(choice)
    for held in try disclosures.lines() { selection.take(held) }
    for digest in try disclosures.sealedDigests() {
      if let held = try disclosures.sealedDisclosure(digest) { selection.take(held) }
    }
    return try selection.finished(objects)
  }
}

/// When something is recorded.
private struct RecordTime {
  let clock: Int64
  let uptime: Uptime?
}

/// An erasure that was begun.
struct ErasureIntent {
  /// Rising.
  let digests: [DisclosureDigest]
  /// Of the ids among them.
  let names: [DisclosureDigest: String]
  let ground: String
  let id: String
  /// Entries of the log before it.
  let size: UInt64
  /// The log that takes the records; `nil` of an older release: the log itself.
  let log: String?

  init(
    digests: [DisclosureDigest], names: [DisclosureDigest: String], ground: String, id: String,
    size: UInt64, log: String?
  ) {
    self.log = log
    self.digests = digests
    self.names = names
    self.ground = ground
    self.id = id
    self.size = size
  }

  /// The one that was not finished, `nil` if there is none.
  init?(in store: DisclosureStore) throws(LogError) {
    guard let bytes = try store.disk.read(store.intent, limit: Limits.objectByteCount) else {
      return nil
    }
    try self.init(bytes, path: store.intent)
  }

  /// Reads what `bytes` writes.
  init(_ bytes: [UInt8], path: String) throws(LogError) {
    let json = try? JSONValue(parsing: bytes)
    let digests = (json?["digests"]?.array ?? []).compactMap {
      $0.string.flatMap { DisclosureDigest($0) }
    }
    guard let ground = json?["ground"]?.string, EraseRecord.isGround(ground),
      let id = json?["id"]?.string, let size = json?["size"]?.integer, size >= 0,
      let members = json?["names"]?.object, !digests.isEmpty
    else { throw .damaged(path: path, reason: "expected an erasure under way") }
    var names: [DisclosureDigest: String] = [:]
    for member in members {
      if let digest = DisclosureDigest(member.name) { names[digest] = member.value.string }
    }
    self.init(
      digests: digests, names: names, ground: ground, id: id, size: UInt64(size),
      log: json?["log"]?.string)
  }

  /// Digests, and the names by which records know the ids: tokens, nothing that is to be erased.
  var bytes: [UInt8] {
    let names = digests.compactMap { digest in
      self.names[digest].map { JSONMember(digest.description, .string($0)) }
    }
    var members = [
      JSONMember("digests", .array(digests.map { .string($0.description) })),
      JSONMember("ground", .string(ground)), JSONMember("id", .string(id)),
      JSONMember("names", .object(names)), JSONMember("size", .integer(Int64(clamping: size))),
    ]
    if let log { members.append(JSONMember("log", .string(log))) }
    return Array(JSONValue.object(members).compact.utf8)
  }

  /// As many records as the digests need.
  var drafts: [RecordDraft] {
    var drafts: [RecordDraft] = []
    for start in stride(from: 0, to: digests.count, by: Limits.erasedDigests) {
      let part = Array(digests[start..<min(start + Limits.erasedDigests, digests.count)])
      let suffix = start == 0 ? "" : "-\(start / Limits.erasedDigests + 1)"
      guard let record = EraseRecord(digests: part, ground: ground) else { continue }
      drafts.append(record.draft(id: id + suffix, names: names))
    }
    return drafts
  }
}

extension DisclosureStore {
  /// Removes what was erased from every file of the store, and the intent last.
  fileprivate func remove(
    _ intent: ErasureIntent, _ entries: [UInt64], inLog log: String?
  ) throws(LogError) {
    let erased = Set(intent.digests)
    // It would tell whether a guess is right.
    try disk.remove(snapshots)
    let kept = try lines().filter { !erased.contains($0.disclosure.digest) }
    try replace(values, Array(kept.map { $0.bytes + [0x0a] }.joined()))
    for digest in intent.digests { try disk.remove(path(of: digest)) }
    try removeDrafts()
    try noteErased(intent, entries, log)
    try syncAllDirectories()
    try disk.remove(self.intent)
    try disk.syncDirectory(directory)
  }

  /// What a crash left between writing a file and naming it.
  private func removeDrafts() throws(LogError) {
    for folder in [directory] + (try sealedFolders()) {
      for name in try disk.names(in: folder) where name.utf8.suffix(4).elementsEqual(".new".utf8) {
        try disk.remove("\(folder)/\(name)")
      }
    }
  }

  private func sealedFolders() throws(LogError) -> [String] {
    try disk.names(in: sealed).map { "\(sealed)/\($0)" }
  }

  private func syncAllDirectories() throws(LogError) {
    for folder in [directory] + (try sealedFolders()) { try disk.syncDirectory(folder) }
  }

  private func noteErased(
    _ intent: ErasureIntent, _ entries: [UInt64], _ log: String?
  ) throws(LogError) {
    let suffix = log.map { " \($0)" } ?? ""
    var bytes = try disk.read(erased, limit: Limits.objectByteCount) ?? []
    for (number, digest) in intent.digests.enumerated() {
      let entry = entries[number / Limits.erasedDigests]
      bytes += Array("\(digest) \(entry)\(suffix)\n".utf8)
    }
    try replace(erased, bytes)
  }

  /// The entry that is said to have erased a digest, and the log that it is in, `nil` for this one; whoever asks reads
  /// the entry.
  public func entryThatErased(
    _ digest: DisclosureDigest
  ) throws(LogError) -> (index: UInt64, log: String?)? {
    let bytes = try disk.read(erased, limit: Limits.objectByteCount) ?? []
    let wanted = Array("\(digest) ".utf8)
    for line in bytes.split(separator: 0x0a) where line.starts(with: wanted) {
      let words = String(decoding: line.dropFirst(wanted.count), as: UTF8.self).split(
        separator: " ")
      return words.first.flatMap { UInt64($0) }.map {
        ($0, words.dropFirst().first.map(String.init))
      }
    }
    return nil
  }
}
