// A recorded decision, evaluated again from what its log keeps: byte for byte.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritGraph
import WritModel

/// How a replay came out.
public enum ReplayResult: Sendable {
  /// The same result, to the byte, on the same facts.
  case same(DecisionRun)
  /// The same result, to the byte, from the committed inputs; what they stand for was erased, first of it this.
  case sameWithout(DisclosureDigest, DecisionRun)
  /// The policy read what was erased, first of it this, so the decision cannot be made again.
  case needsErased(DisclosureDigest)
  /// Another one; where and why.
  case different(Parting)
}

/// Reads the decision at an index of a log and makes it again, from what the content store keeps: one whose policy read
/// what can be erased needs that too.
public func replay(
  _ index: UInt64, of reader: LogReader, objects: ContentStore
) throws -> ReplayResult {
  try EngineCache(objects: objects, snapshots: SnapshotCache())
    .replay(try decisionRecord(index, of: reader))
}

/// The record at an index; throws where it is of no decision.
func decisionRecord(_ index: UInt64, of reader: LogReader) throws -> EvidenceRecord {
  let record = try EvidenceRecord(entry: try reader.entry(at: index))
  guard record.statement.predicateType == PredicateType.decision else {
    throw ReplayError(description: "entry \(index) is no decision")
  }
  return record
}

extension EngineCache {
  /// Makes the decision of a record again and compares all of it, value by value.
  func replay(_ record: EvidenceRecord) throws -> ReplayResult {
    let recorded = try RecordedRun(record.statement.predicate, objects)
    if let needs = recorded.needs { return .needsErased(needs) }
    let kept = try engine(recorded.engine)
    let request = try kept.request(recorded.request, objects)
    let run = try kept.decider.decideAnew(request, recorded.asking, tracing: .on)
    let traced = try recorded.parting(from: run, objects)
    guard let difference = try difference(recorded, run) ?? traced?.difference else {
      let engine = kept.decider.prepared.engine
      let mark = engine.breakGlass(of: request.request, run)
      let parting =
        recorded.parting(record, from: mark)
        ?? recorded.parting(record, from: engine.labels(of: request.request))
      return parting.map { .different($0) } ?? .same(run)
    }
    let judge = PartingJudge(recorded: recorded, run: run, request: request.request)
    return .different(
      Parting(
        cause: difference.path.hasPrefix("arguments") ? .record : judge.cause,
        path: difference.path, recorded: difference.recorded,
        replayed: difference.replayed, engineThen: recorded.engineVersion,
        step: judge.step(difference.path, traced, kept.decider.prepared), fact: traced?.fact))
  }

  /// In what is recorded of the result.
  private func difference(_ recorded: RecordedRun, _ run: DecisionRun) throws -> Difference? {
    let again = run.decision.json
    if let found = Writ.difference(recorded.result, again, at: "result") { return found }
    let bytes = try again.digested(isCanonical: recorded.trace.digestsCanonically)
    let digest = Digest(of: bytes).description
    if digest != recorded.resultDigest {
      return Difference(path: "result digest", recorded: recorded.resultDigest, replayed: digest)
    }
    // What the parameters in readings stand for.
    let arguments = JSONValue.object(run.arguments)
    if let given = recorded.arguments,
      let found = Writ.difference(given, arguments, at: "arguments")
    {
      return found
    }
    if run.fuel == recorded.fuel { return nil }
    return Difference(
      path: "fuel", recorded: String(recorded.fuel), replayed: String(run.fuel))
  }
}

extension RecordedRun {
  /// Where the trace of a decision made again parts from the recorded one; `nil` where it does not, or where
  /// the record is of a release that kept none.
  fileprivate func parting(
    from run: DecisionRun, _ objects: ContentStore
  ) throws -> TraceParting? {
    guard let trace else { return nil }
    let isDocument = !self.trace.digestsCanonically
    let readings = isDocument ? [try run.traceDocument()] : run.trace.map(\.recordedBytes)
    let digests = readings.map { Digest(of: $0) }
    if digests == trace.digests { return nil }
    func read(_ readings: [[UInt8]], _ arguments: JSONValue?) -> DecisionTrace? {
      isDocument
        ? DecisionTrace(document: readings[0])
        : DecisionTrace(gate: run.decision.gate, readings: readings, arguments: arguments)
    }
    let kept = trace.digests.compactMap { try? objects.get($0) }
    if kept.count == trace.digests.count, let recorded = read(kept, arguments),
      let again = read(readings, .object(run.arguments)),
      let parting = TraceParting(recorded, again)
    {
      return parting
    }
    // Without all of what was read it can be said that they differ, not where.
    let place = zip(trace.digests, digests).prefix { $0 == $1 }.count
    func text(_ digests: [Digest]) -> String {
      digests.indices.contains(place) ? digests[place].description : "nothing"
    }
    return TraceParting(
      Difference(path: "trace", recorded: text(trace.digests), replayed: text(digests)))
  }
}

/// Says of a replay that differs why, and in which step.
private struct PartingJudge {
  let recorded: RecordedRun
  let run: DecisionRun
  let request: Request

  /// What explains the difference, the plainest first.
  var cause: PartingCause {
    func says(_ name: String, _ digest: String) -> Bool {
      recorded.result[name]?.string.map { hasSameBytes($0, digest) } ?? false
    }
    if !says("bundle", run.decision.bundle) { return .bundle }
    if !says("snapshot", run.decision.snapshot) { return .snapshot }
    if !says("request", run.decision.request) { return .request }
    if !recorded.hasItsDigest() { return hasOtherTime ? .clock : .record }
    return recorded.isOfThisEngine ? .defect : .engine
  }

  /// Whether the digest is that of the result with a time in it that is known from elsewhere.
  private var hasOtherTime: Bool {
    let asking = recorded.asking
    let times = [asking.now, asking.asOf] + (request.now.map { [$0] } ?? [])
    return times.contains { recorded.hasItsDigest(now: $0) || recorded.hasItsDigest(asOf: $0) }
  }

  /// The first clause that came out otherwise, or read other facts.
  func step(_ path: String, _ traced: TraceParting?, _ prepared: PreparedEngine) -> PartingStep? {
    let difference = findings
    guard let clause = traced?.clause ?? difference?.clause else { return nil }
    let gate = prepared.engine.program.gates.first { hasSameBytes($0.name, run.decision.gate) }
    let program = gate?.clauses.first { hasSameBytes($0.name, clause) }
    let isSame = difference.map { hasSameBytes($0.clause, clause) } ?? false
    return PartingStep(
      clause: clause, position: program?.position, binding: isSame ? difference?.binding ?? [] : [])
  }

  /// The first reason or obligation that only one of the two has.
  private var findings: (clause: String, binding: [String])? {
    let again = run.decision.json
    for name in ["reasons", "obligations"] {
      let (left, right) = (recorded.result[name]?.array ?? [], again[name]?.array ?? [])
      let place = (0..<max(left.count, right.count)).first { index in
        guard left.indices.contains(index), right.indices.contains(index) else { return true }
        return difference(left[index], right[index], at: "") != nil
      }
      guard let place else { continue }
      let finding = left.indices.contains(place) ? left[place] : right[place]
      guard let clause = finding["clause"]?.string else { continue }
      return (clause, (finding["subjects"]?.array ?? []).compactMap(\.string))
    }
    return nil
  }
}
