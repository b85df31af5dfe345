// A decision to an evidence record, and to the log.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritGraph
public import WritModel

/// Versions that a record names, so that a replay can tell a changed engine from a changed decision.
public enum Versions {
  public static let engine = "0.1.0"
  public static let language = "1"
  public static let bytecode = "1"
  public static let record = "1"
}

/// The bytes that a decision was made from; a log keeps each once, by its SHA-256.
public struct DecisionInputs: Sendable {
  /// The bundle file.
  public let bundle: [UInt8]
  /// The snapshot file.
  public let snapshot: [UInt8]
  public let request: JSONValue

  public init(bundle: [UInt8], snapshot: [UInt8], request: JSONValue) {
    self.bundle = bundle
    self.snapshot = snapshot
    self.request = request
  }
}

/// A decision that is durable in a log.
public struct RecordedDecision: Sendable {
  public let origin: String
  public let index: UInt64
}

/// What could not be recorded.
public struct RecorderError: Error, Sendable, CustomStringConvertible {
  public let cause: LogError

  public var description: String { "the decision could not be recorded: \(cause)" }
}

extension DecisionRun {
  /// Keeps the inputs, appends the record and publishes a checkpoint. When this returns, the decision is on disk.
  ///
  /// - Parameters:
  ///   - logged: Microseconds since the epoch, by the clock of the log.
  ///   - id: Unique; an idempotency key.
  public func record(
    _ inputs: DecisionInputs, in store: LogStore, signer: NoteSigner, logged: Int64, id: String
  ) throws(RecorderError) -> RecordedDecision {
    do throws(LogError) {
      let objects = store.objects
      let bundle = try objects.put(inputs.bundle)
      let snapshot = try objects.put(inputs.snapshot)
      let request = try objects.put(Array(inputs.request.compact.utf8))
      let kept = KeptInputs(bundle: bundle, snapshot: snapshot, request: request)
      let entry = try entry(kept, objects, logged: logged, id: id)
      let writer = try LogWriter(store: store, signer: signer)
      let index = try writer.append(entry)
      _ = try writer.publish()
      writer.close()
      return RecordedDecision(origin: signer.name.description, index: index)
    } catch {
      throw RecorderError(cause: error)
    }
  }

  private func entry(
    _ kept: KeptInputs, _ objects: ContentStore, logged: Int64, id: String
  ) throws(LogError) -> [UInt8] {
    let whole = predicate(kept, result: decision.json, logged: logged, id: id)
    if let record = try? record(whole) { return record.bytes }
    // Too long for an entry: the result goes to the store, and the record keeps its digest and its outcome.
    let bytes = Array(decision.json.compact.utf8)
    _ = try objects.put(bytes)
    let brief = predicate(kept, result: decision.brief, logged: logged, id: id)
    guard let record = try? record(brief) else {
      throw .entryTooLong(Limits.recordByteCount)
    }
    return record.bytes
  }

  private func record(_ predicate: JSONValue) throws(RecordError) -> EvidenceRecord {
    try EvidenceRecord(
      type: PredicateType.decision, subjects: recordSubjects, predicate: predicate)
  }

  /// The request by its digest, under the gate's name: exactly what was decided about.
  private var recordSubjects: [Subject] {
    let digest = Digest(decision.request)?.hex ?? ""
    return [
      Subject(
        name: decision.gate, uri: nil,
        digests: [NamedDigest(algorithm: "sha256", value: digest)])
    ]
  }

  private func predicate(
    _ kept: KeptInputs, result: JSONValue, logged: Int64, id: String
  ) -> JSONValue {
    let resultDigest = Digest(of: Array(decision.json.compact.utf8))
    return .object([
      JSONMember("id", .string(id)),
      JSONMember("kind", .string("gate")),
      JSONMember("logged", .string(Instant(microseconds: logged).description)),
      JSONMember("arguments", .object(arguments)),
      JSONMember("result", result),
      JSONMember(
        "replay",
        .object([
          JSONMember("engine", .string(Versions.engine)),
          JSONMember("language", .string(Versions.language)),
          JSONMember("bytecode", .string(Versions.bytecode)),
          JSONMember("bundle", .string(kept.bundle.description)),
          JSONMember("snapshot", .string(kept.snapshot.description)),
          JSONMember("request", .string(kept.request.description)),
          JSONMember("fuelLimit", .integer(fuelLimit)),
          JSONMember("fuel", .integer(fuel)),
          JSONMember("result", .string(resultDigest.description)),
        ])),
    ])
  }
}

/// Digests of the files that a replay needs.
private struct KeptInputs {
  let bundle: Digest
  let snapshot: Digest
  let request: Digest
}

extension Decision {
  /// The result without its reasons and obligations, which lie in the content store.
  fileprivate var brief: JSONValue {
    let kept = (json.object ?? []).filter { !["reasons", "obligations"].contains($0.name) }
    return .object(kept)
  }
}
