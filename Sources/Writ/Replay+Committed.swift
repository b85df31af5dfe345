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
  let result = try replay(index, of: reader, objects: store.objects)
  let predicate = try EvidenceRecord(entry: try reader.entry(at: index)).statement.predicate
  guard predicate["replay"]?["form"]?.string == "committed" else { return result }
  switch result {
  case .different, .sameWithout: return result
  case .same, .needsErased: break
  }
  let disclosures = try store.disclosures.opened()
  let real: DecisionRun
  let opened: OpenedRun
  do {
    opened = try OpenedRun(predicate, store.objects, Opener(disclosures: disclosures))
    if let parting = opened.bundleParting { return parting }
    real = try opened.engine.decide(opened.request, opened.asking, tracing: .on)
  } catch let missing as Opener.Missing {
    guard case .same(let run) = result else { return .needsErased(missing.digest) }
    return .sameWithout(missing.digest, run)
  }
  guard case .same(let run) = result else {
    return try opened.compare(real, with: disclosures, result)
  }
  let agreement = Agreement { disclosures.text($0) }
  guard agreement.holds(between: real, and: run) else {
    return .different(
      path: "result opened", recorded: run.decision.json.compact,
      replayed: real.decision.json.compact, engineThen: opened.engineVersion)
  }
  return .same(real)
}

/// The inputs of a recorded decision, opened.
private struct OpenedRun {
  let engine: Engine
  let request: Request
  let asking: Asking
  let engineVersion: String
  /// The bundle that is kept is not the one that is named.
  var bundleParting: ReplayResult?

  init(_ predicate: JSONValue, _ objects: ContentStore, _ opener: Opener) throws {
    let recorded = try RecordedRun(predicate, objects)
    let replay = predicate["replay"]
    engineVersion = recorded.engineVersion
    var envelopes: [JSONValue] = []
    for item in recorded.request.approvals {
      envelopes.append(try opener.value(item["disclosure"]))
    }
    request = Request(
      gate: recorded.request.gate, now: recorded.request.now,
      arguments: try recorded.request.arguments.map { argument in
        JSONMember(argument.name, try opener.json(argument.value))
      }, facts: try recorded.request.facts.map { try opener.json($0) }, approvals: envelopes)
    asking = Asking(
      caller: try recorded.asking.caller.map { try opener.reference($0) },
      now: recorded.asking.now, asOf: recorded.asking.asOf,
      isQuestion: recorded.asking.isQuestion)
    let file = try openedBundle(replay, objects, opener)
    let bundle = try LoadedBundle(file: file)
    let named = recorded.engine.bundle.digest
    if bundle.digest != named {
      bundleParting = .different(
        path: "bundle", recorded: named.description, replayed: bundle.digest.description,
        engineThen: engineVersion)
    }
    let snapshot = recorded.engine.snapshot
    engine = Engine(
      bundle: bundle,
      snapshot: snapshot.holdsTexts(for: opener.replacement)
        ? try snapshot.replacingTexts(opener.replacement) : snapshot)
  }

  /// A decision whose record has an outline only, against what stands for the whole of it.
  func compare(
    _ real: DecisionRun, with disclosures: OpenDisclosures, _ result: ReplayResult
  ) throws -> ReplayResult {
    guard case .needsErased(let needs) = result else { return result }
    guard let whole = try disclosures.disclosure(needs)?.value.string else { return result }
    let digest = try real.wholeDigest().description
    guard hasSameBytes(whole, digest) else {
      return .different(
        path: "decision", recorded: whole, replayed: digest, engineThen: engineVersion)
    }
    return .same(real)
  }
}

/// The bundle's file with its approvers: the bytes that it was used by.
func openedBundle(
  _ replay: JSONValue?, _ objects: ContentStore, _ opener: Opener
) throws -> [UInt8] {
  let file = try RecordedRun.object(replay?["bundle"], objects)
  guard let approvers = replay?["approvers"] else { return file }
  let tokens = try JSONValue(parsing: try RecordedRun.object(approvers, objects)).array ?? []
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
