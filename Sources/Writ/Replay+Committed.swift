// Decisions whose inputs a log keeps in committed form: made again from these and, as long as nothing was erased, from what
// they stand for.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritGraph
import WritModel

/// Reads the decision at an index of a log and makes it again, on all that the log still has of its inputs.
///
/// The signatures of approvals are verified as long as the envelopes are there; after that they are taken as recorded.
public func replay(
  _ index: UInt64, of reader: LogReader, in store: LogStore
) throws -> ReplayResult {
  let record = try decisionRecord(index, of: reader)
  let cache = EngineCache(objects: store.objects, snapshots: SnapshotCache())
  let result = try cache.replay(record)
  guard record.statement.predicate["replay"]?["form"] != nil else { return result }
  switch result {
  case .different, .sameWithout: return result
  case .same, .needsErased:
    return try cache.replay(record, opening: try store.disclosures.opened(), result)
  }
}

extension EngineCache {
  /// Makes the decision of a record in committed form again from what its inputs stand for.
  ///
  /// - Parameter result: What came of its committed inputs: `same`, or `needsErased` where they do not do.
  func replay(
    _ record: EvidenceRecord, opening disclosures: OpenDisclosures, _ result: ReplayResult
  ) throws -> ReplayResult {
    let recorded = try RecordedRun(record.statement.predicate, objects)
    let real: DecisionRun
    let mark: BreakGlassMark?
    let labels: [String]
    do {
      let opened = try OpenedRun(
        recorded, record.statement.predicate["replay"], self, Opener(disclosures: disclosures))
      if let parting = opened.bundleParting { return .different(parting) }
      real = try opened.engine.decide(opened.request, opened.asking, tracing: .on)
      mark = opened.engine.breakGlass(of: opened.request, real)
      labels = opened.engine.labels(of: opened.request)
      if let does = try opened.doesInstead() {
        return .different(recorded.parting(fromDoing: does, opened.request.does))
      }
    } catch let missing as Opener.Missing {
      guard case .same(let run) = result else { return .needsErased(missing.digest) }
      return .sameWithout(missing.digest, run)
    }
    guard case .same(let run) = result else {
      let parting =
        recorded.parting(record, from: mark) ?? recorded.parting(record, from: labels)
      if let parting { return .different(parting) }
      return try recorded.compare(real, with: disclosures) ?? result
    }
    let agreement = Agreement { disclosures.text($0) }
    guard agreement.holds(between: real, and: run) else {
      return .different(
        recorded.parting(
          at: "result opened", run.decision.json.compact, real.decision.json.compact))
    }
    return .same(real)
  }
}

extension RecordedRun {
  /// A difference that shows only in what the committed inputs stand for.
  fileprivate func parting(at path: String, _ recorded: String, _ replayed: String) -> Parting {
    Parting(
      cause: isOfThisEngine ? .defect : .engine, path: path, recorded: recorded,
      replayed: replayed, engineThen: engineVersion, step: nil, fact: nil)
  }

  /// Where bundle and facts do something else than the request says.
  fileprivate func parting(fromDoing does: String, _ recorded: String?) -> Parting {
    Parting(
      cause: .does, path: "does", recorded: recorded ?? "nothing", replayed: does,
      engineThen: engineVersion, step: nil, fact: nil)
  }

  /// A decision whose record has an outline only, against what stands for the whole of it; `nil` where that is gone.
  fileprivate func compare(
    _ real: DecisionRun, with disclosures: OpenDisclosures
  ) throws -> ReplayResult? {
    guard let needs, let whole = try disclosures.disclosure(needs)?.value.string else { return nil }
    let digest = try real.wholeDigest().description
    guard hasSameBytes(whole, digest) else {
      return .different(parting(at: "decision", whole, digest))
    }
    return .same(real)
  }
}

/// The inputs of a recorded decision, opened.
private struct OpenedRun {
  let engine: Engine
  let request: Request
  let asking: Asking
  /// The bundle that is kept is not the one that is named.
  var bundleParting: Parting?

  init(
    _ recorded: RecordedRun, _ replay: JSONValue?, _ cache: EngineCache, _ opener: Opener
  ) throws {
    let objects = cache.objects
    let committed = try Request(JSONValue(parsing: try objects.get(recorded.request)))
    var envelopes: [JSONValue] = []
    for item in committed.approvals { envelopes.append(try opener.value(item["disclosure"])) }
    var grants: [JSONValue] = []
    for item in committed.waivers { grants.append(try opener.value(item["disclosure"])) }
    request = Request(
      gate: committed.gate, now: committed.now, arguments: try opener.members(committed.arguments),
      facts: try committed.facts.map { try opener.json($0) }, approvals: envelopes,
      waivers: grants,
      call: try committed.call.map {
        RequestedAction(name: $0.name, arguments: try opener.members($0.arguments))
      }, reason: try committed.reason.map { try opener.text($0) },
      does: try committed.does.map { try opener.text($0) })
    asking = Asking(
      caller: try recorded.asking.caller.map { try opener.reference($0) },
      onBehalfOf: try recorded.asking.onBehalfOf.map { try opener.reference($0) },
      now: recorded.asking.now, asOf: recorded.asking.asOf,
      isQuestion: recorded.asking.isQuestion)
    let kept = try cache.engine(recorded.engine).decider.prepared.engine
    let bundle = try LoadedBundle(file: try openedBundle(replay, objects, opener))
    if bundle.digest != kept.bundle.digest {
      bundleParting = Parting(
        cause: .bundle, path: "bundle", recorded: kept.bundle.digest.description,
        replayed: bundle.digest.description, engineThen: recorded.engineVersion, step: nil,
        fact: nil)
    }
    let snapshot = kept.snapshot
    engine = Engine(
      bundle: bundle,
      snapshot: snapshot.holdsTexts(for: opener.replacement)
        ? try snapshot.replacingTexts(opener.replacement) : snapshot)
  }
}

extension OpenedRun {
  /// What would be done, by its digest, where the request says that it is something else; `nil` where it says the same, or nothing.
  fileprivate func doesInstead() throws -> String? {
    guard let does = request.does else { return nil }
    let decider = Decider(try PreparedEngine(engine))
    let again = try? decider.undertaking(try decider.prepare(request), asking).digest.description
    return again.map { hasSameBytes($0, does) } == true ? nil : again ?? "not known"
  }
}

/// The bundle's file with its approvers: the bytes that it was used by.
func openedBundle(
  _ replay: JSONValue?, _ objects: ContentStore, _ opener: Opener
) throws -> [UInt8] {
  let file = try objects.get(try RecordedRun.digest(replay?["bundle"]))
  guard let approvers = replay?["approvers"] else { return file }
  let tokens = try JSONValue(parsing: try objects.get(RecordedRun.digest(approvers))).array ?? []
  var entries: [RegistryEntry] = []
  for token in tokens {
    guard let entry = RegistryEntry(try opener.value(token)) else {
      throw ReplayError(description: "a disclosure of an approver holds none")
    }
    entries.append(entry)
  }
  return try withApprovers(entries, bundle: file)
}

/// The bundle that the decision at an index was made with, byte for byte; `nil` where one of its approvers was erased, so
/// that it can no longer be put together.
public func recordedBundle(
  _ index: UInt64, of reader: LogReader, in store: LogStore
) throws -> [UInt8]? {
  try recordedBundle(of: try EvidenceRecord(entry: try reader.entry(at: index)), in: store)
}

/// The same of a record.
public func recordedBundle(of record: EvidenceRecord, in store: LogStore) throws -> [UInt8]? {
  let predicate = record.statement.predicate
  do {
    let opener = Opener(disclosures: try store.disclosures.opened())
    return try openedBundle(predicate["replay"], store.objects, opener)
  } catch is Opener.Missing {
    return nil
  }
}

extension Opener {
  /// The value that a token stands for, whatever it is.
  fileprivate func value(_ token: JSONValue?) throws -> JSONValue {
    guard let digest = token?.string.flatMap({ DisclosureDigest(token: $0) }) else {
      throw ReplayError(description: "the record names an approval or approver by no digest")
    }
    guard let disclosure = try disclosures.disclosure(digest) else { throw Missing(digest: digest) }
    return disclosure.value
  }
}
