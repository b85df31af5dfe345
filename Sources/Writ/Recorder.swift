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
  public static let record = "2"
}

/// The bytes that a decision was made from; a log keeps each once, by its SHA-256.
public struct DecisionInputs: Sendable {
  /// The bundle file.
  public let bundle: HashedBytes
  /// The snapshot file.
  public let snapshot: HashedBytes
  public let request: JSONValue

  /// Inputs of one decision. O(their bytes): of many by one bundle and snapshot, `init(_:request:)` hashes these once.
  public init(bundle: [UInt8], snapshot: [UInt8], request: JSONValue) {
    self.bundle = HashedBytes(bundle)
    self.snapshot = HashedBytes(snapshot)
    self.request = request
  }

  /// Another request by the same bundle and snapshot.
  public init(_ other: DecisionInputs, request: JSONValue) {
    bundle = other.bundle
    snapshot = other.snapshot
    self.request = request
  }
}

/// A decision that is durable in a log.
public struct RecordedDecision: Sendable {
  public let origin: String
  public let index: UInt64
}

/// What could not be recorded.
public enum RecorderError: Error, Sendable, CustomStringConvertible {
  /// The log does not take it.
  case log(LogError)
  /// The request no longer fits what it was decided by.
  case request(RequestError)

  /// Why.
  public var description: String {
    switch self {
    case .log(let error): "the decision could not be recorded: \(error)"
    case .request(let error): "the decision could not be recorded: \(error)"
    }
  }
}

extension Engine {
  /// Keeps the inputs, appends the record and publishes a checkpoint. When this returns, the decision is on
  /// disk.
  ///
  /// - Parameters:
  ///   - run: Made by this engine from that request, with `tracing: .on`.
  ///   - clock: Microseconds since the epoch.
  ///   - uptime: How long the machine has run: a clock that was set is noticed by it.
  ///   - id: Unique; an idempotency key.
  ///   - notes: What the record tells beside it.
  public func record(
    _ run: DecisionRun, of request: Request, _ inputs: DecisionInputs, in store: LogStore,
    signer: NoteSigner, clock: Int64, uptime: Uptime? = nil, id: String,
    notes: DecisionNotes = DecisionNotes()
  ) throws(RecorderError) -> RecordedDecision {
    try append(to: store, signer: signer, clock: clock, uptime: uptime) {
      (store) throws(RecorderError) in
      try draft(run, of: request, inputs, in: store, id: id, notes: notes)
    }
  }

  /// Keeps the inputs and says what is to be recorded. What tells of people is kept so that it can be erased, and stands in
  /// the draft as digests.
  ///
  /// - Parameter store: Of a `RecordWriter`, so that what is small is kept with what others keep.
  public func draft(
    _ run: DecisionRun, of request: Request, _ inputs: DecisionInputs, in store: LogStore,
    id: String, notes: DecisionNotes = DecisionNotes()
  ) throws(RecorderError) -> RecordDraft {
    do {
      let request = try resolved(request)
      var notes = notes
      notes.isAgents = isAgent(run.decision.caller)
      let committed = try committedDraft(
        run, of: request, inputs, in: store, id: id, notes)
      if let committed { return committed }
      notes = try notes.with(self, request, run)
      let subjects = notes.subjects(with: try subjects(of: run, request))
      let kept = try KeptInputs(inputs, run, store.objects)
      return try run.draft(kept, subjects, store.objects, id: id, notes)
    } catch let error as LogError {
      throw .log(error)
    } catch let error as RequestError {
      throw .request(error)
    } catch {
      throw .request(RequestError("\(error)"))
    }
  }
}

/// A log as long as nobody else can add to it.
public struct LogTurn: Sendable {
  /// Where a draft keeps what its record names: with what others keep.
  public let store: LogStore
  fileprivate let keys: [VerifierKey]

  /// All that the log has, to follow what it says of something.
  public func history() throws(LogError) -> SubjectReader {
    try SubjectReader(try LogReader(store: store, keys: keys), of: store)
  }
}

/// Drafts a record on what the log says when nobody else can add to it, appends it and publishes a checkpoint. When this returns,
/// what it says is on disk.
///
/// The log's lock is what puts decisions in a row that must know of those before them.
///
/// - Parameters:
///   - clock: Microseconds since the epoch; asked once the record is drafted.
///   - draft: Called under the log's lock.
public func append(
  inTurnTo store: LogStore, signer: NoteSigner, clock: () -> Int64, uptime: () -> Uptime?,
  _ draft: (LogTurn) throws(RecorderError) -> RecordDraft
) throws(RecorderError) -> RecordedDecision {
  let writer: RecordWriter
  do throws(LogError) {
    writer = try RecordWriter(store: store, signer: signer)
  } catch {
    throw .log(error)
  }
  defer { writer.close() }
  let draft = try draft(LogTurn(store: writer.store, keys: signer.verifierKeys))
  do throws(LogError) {
    let index = try writer.append(draft, clock: clock(), uptime: uptime())
    try writer.publish()
    return RecordedDecision(origin: signer.name.description, index: index)
  } catch {
    throw .log(error)
  }
}

/// Drafts a record, appends it and publishes a checkpoint. When this returns, what it says is on disk.
///
/// - Parameters:
///   - clock: Microseconds since the epoch.
///   - uptime: How long the machine has run: a clock that was set is noticed by it.
///   - draft: Called under the log's lock, so that nobody prunes or erases anything between its keeping and the record
///     that names it; it keeps what that is in the store that it is given.
public func append(
  to store: LogStore, signer: NoteSigner, clock: Int64, uptime: Uptime? = nil,
  _ draft: (LogStore) throws(RecorderError) -> RecordDraft
) throws(RecorderError) -> RecordedDecision {
  try append(inTurnTo: store, signer: signer, clock: { clock }, uptime: { uptime }) {
    (turn) throws(RecorderError) in try draft(turn.store)
  }
}

extension DecisionRun {
  /// What each clause read, as one document.
  func traceDocument() throws(CanonicalJSONError) -> [UInt8] {
    precondition(tracing == .on, "only a decision that was traced tells what it read")
    return try DecisionTrace.document(gate: decision.gate, clauses: trace.map(\.json))
  }

  func draft(
    _ kept: KeptInputs, _ subjects: [Subject], _ objects: ContentStore, id: String,
    _ notes: DecisionNotes
  ) throws(LogError) -> RecordDraft {
    let whole = draft(kept, subjects, result: decision.json, id: id, notes)
    if whole.fits { return whole }
    // Too long for an entry: the result goes to the store, and the record keeps its digest and its outcome.
    _ = try objects.put(ofOneRecord: [kept.result])
    return draft(kept, subjects, result: decision.json.withoutReasons, id: id, notes)
  }

  private func draft(
    _ kept: KeptInputs, _ subjects: [Subject], result: JSONValue, id: String,
    _ notes: DecisionNotes
  ) -> RecordDraft {
    return RecordDraft(
      type: PredicateType.decision, kind: .gate, id: id, subjects: subjects,
      members: [
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
            JSONMember("result", .string(Digest(of: kept.result).description)),
            JSONMember("trace", kept.trace.json),
          ])),
      ] + notes.members)
  }
}

/// Digests of what a replay needs, all of it kept.
struct KeptInputs {
  let bundle: Digest
  let snapshot: Digest
  let request: Digest
  let trace: TraceReference
  /// What the digest of the result is over; kept where the record has no room for it.
  let result: [UInt8]

  init(_ inputs: DecisionInputs, _ run: DecisionRun, _ objects: ContentStore) throws(LogError) {
    let readings: RecordedReadings
    do throws(CanonicalJSONError) {
      readings = try RecordedReadings(run)
      result = try readings.digested(run.decision.json)
    } catch {
      throw .record(.notCanonical(error))
    }
    bundle = try objects.put(inputs.bundle)
    snapshot = try objects.put(inputs.snapshot)
    let own = try objects.put(
      ofOneRecord: [Array(inputs.request.compact.utf8)] + readings.objects)
    request = own[0]
    trace = readings.reference(Array(own.dropFirst()))
  }
}
