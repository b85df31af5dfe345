// A recorded decision, evaluated again from what its log keeps: byte for byte.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritGraph
import WritModel

/// How a replay came out.
public enum ReplayResult: Sendable {
  /// The same result, to the byte.
  case same(DecisionRun)
  /// The same result, to the byte, from the committed inputs; what they stand for was erased, first of it this.
  case sameWithout(DisclosureDigest, DecisionRun)
  /// The policy read what was erased, first of it this, so the decision cannot be made again.
  case needsErased(DisclosureDigest)
  /// Another result; where the two part, and what each says there.
  case different(path: String, recorded: String, replayed: String, engineThen: String)
}

/// A record that cannot be replayed.
public struct ReplayError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// Reads the decision at an index of a log and makes it again.
public func replay(
  _ index: UInt64, of reader: LogReader, objects: ContentStore
) throws -> ReplayResult {
  let record = try EvidenceRecord(entry: try reader.entry(at: index))
  guard record.statement.predicateType == PredicateType.decision else {
    throw ReplayError(description: "entry \(index) is no decision")
  }
  let recorded = try RecordedRun(record.statement.predicate, objects)
  if let needs = recorded.needs { return .needsErased(needs) }
  let run = try recorded.engine.decide(
    recorded.request, recorded.asking, approvals: recorded.approvals, tracing: .on)
  let again = run.decision.json
  if let difference = difference(recorded.result, again, at: "result") {
    return .different(
      path: difference.path, recorded: difference.left, replayed: difference.right,
      engineThen: recorded.engineVersion)
  }
  let digest = Digest(of: Array(again.compact.utf8)).description
  guard digest == recorded.resultDigest else {
    return .different(
      path: "result digest", recorded: recorded.resultDigest, replayed: digest,
      engineThen: recorded.engineVersion)
  }
  guard run.fuel == recorded.fuel else {
    return .different(
      path: "fuel", recorded: String(recorded.fuel), replayed: String(run.fuel),
      engineThen: recorded.engineVersion)
  }
  if let parting = try recorded.parting(from: try run.traceDocument(), objects) {
    return .different(
      path: parting.path, recorded: parting.recorded, replayed: parting.replayed,
      engineThen: recorded.engineVersion)
  }
  return .same(run)
}

/// What a record says of how its decision was made, and the inputs that it names.
struct RecordedRun {
  let engine: Engine
  let request: Request
  let asking: Asking
  let result: JSONValue
  let resultDigest: String
  let fuel: Int64
  let engineVersion: String
  /// How the request's approvals are given: as they were recorded, in committed form.
  let approvals: ApprovalForm
  /// Stands for the whole decision where the record has an outline only.
  let needs: DisclosureDigest?
  /// Of what the clauses read; `nil` in a record of an older release.
  let trace: Digest?

  init(_ predicate: JSONValue, _ objects: ContentStore) throws {
    guard let replay = predicate["replay"], let result = predicate["result"],
      let resultDigest = replay["result"]?.string, let fuel = replay["fuel"]?.integer,
      let engineVersion = replay["engine"]?.string,
      let now = result["now"]?.string.flatMap({ Instant($0) }),
      let asOf = result["asOf"]?.string.flatMap({ Instant($0) }),
      let isQuestion = result["question"]?.bool
    else { throw ReplayError(description: "the record does not say how it was made") }
    var bundle = try LoadedBundle(file: try RecordedRun.object(replay["bundle"], objects))
    let isCommitted = replay["form"]?.string == "committed"
    if isCommitted, let name = result["bundle"]?.string.flatMap({ Digest($0) }) {
      // It is kept without its approvers, and is called by the name that it has with them.
      bundle = LoadedBundle(program: bundle.program, registry: KeyRegistry(), digest: name)
    }
    approvals = isCommitted ? .recorded : .signed
    needs = replay["needs"]?.string.flatMap { DisclosureDigest($0) }
    let snapshot = try Snapshot.decode(try RecordedRun.object(replay["snapshot"], objects))
    engine = Engine(bundle: bundle, snapshot: snapshot)
    let json = try JSONValue(parsing: try RecordedRun.object(replay["request"], objects))
    request = try Request(json)
    asking = Asking(
      caller: result["caller"]?.string, now: now.microseconds, asOf: asOf.microseconds,
      isQuestion: isQuestion)
    self.resultDigest = resultDigest
    trace = replay["trace"]?.string.flatMap { Digest($0) }
    self.fuel = fuel
    self.engineVersion = engineVersion
    self.result = try RecordedRun.whole(result, resultDigest, objects)
  }

  static func object(_ json: JSONValue?, _ objects: ContentStore) throws -> [UInt8] {
    guard let digest = json?.string.flatMap({ Digest($0) }) else {
      throw ReplayError(description: "the record names no digest of one of its inputs")
    }
    return try objects.get(digest)
  }

  /// A result whose reasons were too long for the record lies in the content store.
  private static func whole(
    _ result: JSONValue, _ digest: String, _ objects: ContentStore
  ) throws -> JSONValue {
    if result["reasons"] != nil { return result }
    return try JSONValue(parsing: try object(.string(digest), objects))
  }
}

/// The first place where two values differ, members in the order of the second.
private func difference(
  _ left: JSONValue, _ right: JSONValue, at path: String
) -> (path: String, left: String, right: String)? {
  switch (left, right) {
  case (.object(let first), .object(let second)):
    for member in second {
      guard let other = first.first(where: { hasSameBytes($0.name, member.name) }) else {
        return ("\(path).\(member.name)", "nothing", member.value.compact)
      }
      let found = difference(other.value, member.value, at: "\(path).\(member.name)")
      if let found { return found }
    }
    let extra = first.first { member in !second.contains { hasSameBytes($0.name, member.name) } }
    return extra.map { ("\(path).\($0.name)", $0.value.compact, "nothing") }
  case (.array(let first), .array(let second)):
    for (index, pair) in zip(first, second).enumerated() {
      if let found = difference(pair.0, pair.1, at: "\(path)[\(index)]") { return found }
    }
    if first.count == second.count { return nil }
    return ("\(path).count", String(first.count), String(second.count))
  default:
    return left == right ? nil : (path, left.compact, right.compact)
  }
}
