// Recording decision after decision of one engine: what does not change is looked at once.

import Synchronization
import WritBytecode
import WritCrypto
public import WritEvidence
import WritGraph
public import WritModel

/// Records what one engine decides in one log, for any number of threads.
///
/// It holds the log from its writer's opening on, and with it what can be erased: nobody else records, prunes or erases
/// meanwhile. A decision is durable when `record` returns; those of several threads are made durable together.
public final class DecisionRecorder: Sendable {
  private let engine: Engine
  private let inputs: DecisionInputs
  private let writer: RecordWriter
  private let objects: ContentStore
  /// What people can be told by lies behind this.
  private let commitment: Mutex<Commitment>

  /// What is used by one thread at a time.
  private struct Commitment: ~Copyable, @unchecked Sendable {
    let session: DisclosureSession
    let ground: CommittedGround
  }

  /// - Parameters:
  ///   - inputs: The engine's bundle and snapshot, as files; the request in it is not looked at.
  ///   - writer: Of the log; it must stay open as long as this is used.
  /// - Throws: `RecorderError`, and what is wrong with a bundle or a snapshot.
  public init(_ engine: Engine, _ inputs: DecisionInputs, writer: RecordWriter) throws {
    self.engine = engine
    self.inputs = inputs
    self.writer = writer
    objects = writer.store.objects
    let session = try writer.store.disclosures.session()
    let ground = try CommittedGround(engine, inputs, writer.store, session)
    try session.commit()
    commitment = Mutex(Commitment(session: session, ground: ground))
  }

  /// Keeps the inputs of a decision and appends its record: when this returns, both are on disk. A checkpoint is for
  /// whoever publishes.
  ///
  /// - Parameters:
  ///   - run: Made by this engine from that request, with `tracing: .on`.
  ///   - request: As it was asked.
  ///   - clock: Microseconds since the epoch.
  ///   - uptime: How long the machine has run: a clock that was set is noticed by it.
  ///   - id: Unique; an idempotency key.
  ///   - notes: What the record tells beside it.
  /// - Returns: The index of the record.
  public func record(
    _ run: DecisionRun, of request: JSONValue, clock: Int64, uptime: Uptime? = nil, id: String,
    notes: DecisionNotes = DecisionNotes()
  ) throws -> UInt64 {
    let asked = try engine.resolved(try Request(request))
    var notes = notes
    notes.isAgents = engine.isAgent(run.decision.caller)
    let committed = try commitment.withLock { [notes] (held) throws -> CommittedDecision? in
      try held.ground.decision(run, asked, notes, held.session)
    }
    let draft: RecordDraft
    if let committed {
      draft = try committed.draft(in: objects, id: id)
    } else {
      notes = try notes.with(engine, asked, run)
      let subjects = notes.subjects(with: try engine.subjects(of: run, asked))
      let kept = try KeptInputs(DecisionInputs(inputs, request: request), run, objects)
      draft = try run.draft(kept, subjects, objects, id: id, notes)
    }
    return try writer.append(draft, clock: clock, uptime: uptime)
  }

  /// Lets others erase and record again, once the writer is closed.
  public func close() { commitment.withLock { $0.session.close() } }
}
