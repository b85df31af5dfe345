// Many decisions of a log made again: quickly where nothing differs, and with all that can be said where something does.

import WritCrypto
public import WritEvidence
import WritModel

/// Why a record cannot be replayed. It still proves.
public enum UnreplayableCause: String, Hashable, Sendable, CaseIterable {
  /// What it was decided with is gone.
  case missing
  /// A file of the content store does not hold what its name says.
  case damaged
  /// Its policy read what was erased since, or what is not kept in this copy of the log.
  case erased
  /// The record does not say how it was made, or its inputs do not fit one another.
  case unfit
}

/// A record that differs, or cannot be replayed.
public struct ReplayFinding: Hashable, Sendable {
  public enum Verdict: Hashable, Sendable {
    case different(Parting)
    case unreplayable(UnreplayableCause, reason: String)
  }

  public let index: UInt64
  public let verdict: Verdict

  public init(index: UInt64, verdict: Verdict) {
    self.index = index
    self.verdict = verdict
  }
}

/// How the replay of some entries came out. Summaries of neighbouring ranges are put together in their order.
public struct ReplaySummary: Hashable, Sendable {
  public private(set) var same = 0
  /// Of those, the ones whose record needed no second look.
  public private(set) var plain = 0
  public private(set) var different = 0
  public private(set) var unreplayable: [UnreplayableCause: Int] = [:]
  /// Entries that are no decisions, by the kind that they name.
  public private(set) var skipped: [String: Int] = [:]
  /// The first of those that differ and of those that cannot be replayed, by rising index.
  public private(set) var findings: [ReplayFinding] = []

  /// Findings that are told.
  public static let toldFindings = 100

  public init() {}

  /// Entries looked at.
  public var entries: Int {
    same + different + unreplayable.values.reduce(0, +) + skipped.values.reduce(0, +)
  }

  /// Adds the summary of the entries that follow.
  public mutating func append(_ next: ReplaySummary) {
    same += next.same
    plain += next.plain
    different += next.different
    unreplayable.merge(next.unreplayable, uniquingKeysWith: +)
    skipped.merge(next.skipped, uniquingKeysWith: +)
    findings += next.findings.prefix(ReplaySummary.toldFindings - findings.count)
  }

  mutating func addSame(isPlain: Bool) {
    same += 1
    if isPlain { plain += 1 }
  }

  mutating func add(skipped kind: String) { skipped[kind, default: 0] += 1 }

  mutating func add(_ verdict: ReplayFinding.Verdict, at index: UInt64) {
    switch verdict {
    case .different: different += 1
    case .unreplayable(let cause, _): unreplayable[cause, default: 0] += 1
    }
    guard findings.count < ReplaySummary.toldFindings else { return }
    findings.append(ReplayFinding(index: index, verdict: verdict))
  }
}

/// Replays entries of one log, one after the other. For one thread at a time; threads share the snapshots.
public final class Replayer {
  private let cache: EngineCache
  /// Where what can be erased is, and what of it was there when it was first needed.
  private let store: DisclosureStore?
  private var disclosures: OpenDisclosures?
  private var hasher = SHA256()
  /// What decisions are written to whose request was not asked before.
  private let scratch = WrittenRun()
  private var lastCaller: String?
  /// The engine of the last record.
  private var named: NamedEngine?
  /// Another entry of the log, verified.
  private let other: (UInt64) throws -> [UInt8]?

  /// - Parameters:
  ///   - disclosures: Where values are that policies may have read; without it such decisions cannot be made again.
  ///   - other: Another entry of the log, to hold a permit against its decision; `nil` of one that is not at hand.
  public init(
    objects: ContentStore, disclosures: DisclosureStore? = nil, snapshots: SnapshotCache,
    other: @escaping (UInt64) throws -> [UInt8]? = { _ in nil }
  ) {
    self.other = other
    cache = EngineCache(objects: objects, snapshots: snapshots)
    store = disclosures
  }

  /// Adds how the replay of an entry comes out to a summary. Entries are those of a reader, so verified.
  public func replay(_ entry: [UInt8], at index: UInt64, into summary: inout ReplaySummary) {
    entry.withUnsafeBufferPointer { replay($0, at: index, into: &summary) }
  }

  /// The same of an entry that is lent.
  public func replay(
    _ entry: UnsafeBufferPointer<UInt8>, at index: UInt64, into summary: inout ReplaySummary
  ) {
    if (try? isPlainlySame(entry)) == true { return summary.addSame(isPlain: true) }
    replayWhole(Array(entry), at: index, into: &summary)
  }

  /// The same, reading and comparing everything value by value: what the quick way comes to.
  public func replayWhole(_ entry: [UInt8], at index: UInt64, into summary: inout ReplaySummary) {
    do {
      let record = try EvidenceRecord(entry: entry)
      guard record.statement.predicateType == PredicateType.decision else {
        if let parting = parting(ofPermit: LoggedRecord(record.statement)) {
          return summary.add(.different(parting), at: index)
        }
        return summary.add(skipped: record.statement.predicate["kind"]?.string ?? "other")
      }
      switch try replay(record) {
      case .same, .sameWithout: summary.addSame(isPlain: false)
      case .needsErased(let digest):
        summary.add(.unreplayable(.erased, reason: "the policy read \(digest)"), at: index)
      case .different(let parting): summary.add(.different(parting), at: index)
      }
    } catch {
      let (cause, reason) = unreplayable(error)
      summary.add(.unreplayable(cause, reason: reason), at: index)
    }
  }

  /// Where a permit was given to a delegate that the bundle does not label as the action asks. A decision that cannot be made again is told
  /// of at its own entry.
  private func parting(ofPermit record: LoggedRecord) -> Parting? {
    guard hasSameBytes(record.type, PredicateType.permitIssued),
      let index = record.predicate["decision"]?.integer, index >= 0,
      let entry = try? other(UInt64(index)), let decision = try? EvidenceRecord(entry: entry),
      hasSameBytes(decision.statement.predicateType, PredicateType.decision)
    else { return nil }
    return try? cache.parting(ofPermit: record, upon: decision)
  }

  /// From the committed inputs; of a decision whose policy read what can be erased, from what they stand for.
  private func replay(_ record: EvidenceRecord) throws -> ReplayResult {
    let result = try cache.replay(record)
    guard case .needsErased = result, let store else { return result }
    let opened = try disclosures ?? store.opened()
    disclosures = opened
    return try cache.replay(record, opening: opened, result)
  }

  private func unreplayable(_ error: any Error) -> (UnreplayableCause, String) {
    switch error {
    case LogError.missing(let path): (.missing, "\(path) is missing")
    case LogError.damaged(let path, let reason): (.damaged, "\(path) \(reason)")
    default: (.unfit, "\(error)")
    }
  }

  /// Whether the record is in its usual form and the decision comes out with the same bytes, digests and fuel. What does not
  /// is looked at again, whole.
  private func isPlainlySame(_ entry: UnsafeBufferPointer<UInt8>) throws -> Bool {
    guard let scan = DecisionScan(entry), scan.needs == nil,
      scan.form.map({ entry[$0].elementsEqual("committed".utf8) }) ?? true,
      let now = instant(entry[scan.now]),
      let asOf =
        scan.now.count == scan.asOf.count && entry[scan.now].elementsEqual(entry[scan.asOf])
        ? now : instant(entry[scan.asOf]),
      let isQuestion = scan.isQuestion, let engine = try engine(scan, entry),
      let requestDigest = digest(entry[scan.request])
    else { return false }
    let request = try engine.request(requestDigest, cache.objects)
    guard !request.breaksGlass, !request.asksForLabels,
      request.hasArguments(UnsafeBufferPointer(rebasing: entry[scan.arguments]))
    else { return false }
    let asking = Asking(
      caller: scan.caller.map { caller(entry[$0]) }, now: now, asOf: asOf,
      isQuestion: isQuestion)
    let run = try engine.decider.written(request, asking, scratch: scratch)
    return run.fuel == scan.fuel && hasSameResult(run, scan, entry)
  }

  /// Whom the record names: mostly whom the last one named.
  private func caller(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    if let lastCaller, lastCaller.utf8.elementsEqual(text) { return lastCaller }
    let made = String(decoding: text, as: UTF8.self)
    lastCaller = made
    return made
  }

  /// Whether the record has what was written byte for byte, and the digests of it and of what was read.
  private func hasSameResult(
    _ run: WrittenRun, _ scan: DecisionScan, _ entry: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let result = UnsafeBufferPointer(rebasing: entry[scan.result])
    guard run.canonical.withUnsafeBufferPointer({ hasSameBytes($0, result) }) else { return false }
    hasher.update(run.canonical)
    guard hasher.finish() == digest(entry[scan.resultDigest]) else { return false }
    let readings = UnsafeBufferPointer(rebasing: entry[scan.trace])
    return run.hasReadings(readings, &hasher)
  }

  private func instant(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int64? {
    Instant(UnsafeBufferPointer(rebasing: text).span)?.microseconds
  }

  private func digest(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Digest? {
    guard text.count == 71, text.starts(with: "sha256:".utf8) else { return nil }
    return Digest(hexDigits: UnsafeBufferPointer(rebasing: text.dropFirst(7)))
  }

  private func engine(
    _ scan: DecisionScan, _ entry: UnsafeBufferPointer<UInt8>
  ) throws -> CachedEngine? {
    if let named, named.isNamed(scan, entry) { return named.engine }
    guard let name = name(scan, entry) else { return nil }
    let engine = try cache.engine(name)
    named = NamedEngine(scan, entry, engine)
    return engine
  }

  /// `nil` where a digest is unusual.
  private func name(
    _ scan: DecisionScan, _ entry: UnsafeBufferPointer<UInt8>
  ) -> EngineName? {
    guard let bundle = digest(entry[scan.bundle]), let snapshot = digest(entry[scan.snapshot])
    else { return nil }
    guard scan.form != nil else {
      return EngineName(bundle: bundle, snapshot: snapshot, publishedBundle: nil)
    }
    guard let published = digest(entry[scan.namedBundle]) else { return nil }
    return EngineName(bundle: bundle, snapshot: snapshot, publishedBundle: published)
  }
}

/// An engine by the texts that name it.
private final class NamedEngine {
  let bundle: [UInt8]
  let snapshot: [UInt8]
  let isCommitted: Bool
  let published: [UInt8]
  let engine: CachedEngine

  init(_ scan: DecisionScan, _ entry: UnsafeBufferPointer<UInt8>, _ engine: CachedEngine) {
    bundle = Array(entry[scan.bundle])
    snapshot = Array(entry[scan.snapshot])
    isCommitted = scan.form != nil
    published = Array(entry[scan.namedBundle])
    self.engine = engine
  }

  func isNamed(_ scan: DecisionScan, _ entry: UnsafeBufferPointer<UInt8>) -> Bool {
    func isSame(_ name: [UInt8], _ place: Range<Int>) -> Bool {
      name.withUnsafeBufferPointer { hasSameBytes($0, UnsafeBufferPointer(rebasing: entry[place])) }
    }
    return isSame(bundle, scan.bundle) && isSame(snapshot, scan.snapshot)
      && isCommitted == (scan.form != nil) && (!isCommitted || isSame(published, scan.namedBundle))
  }
}
