// What a log says of a run itself: that it begins, with what and by whom, and how it ended. All that it decides and does in between
// names it too, so that an auditor finds the whole of it as one history.

public import WritCrypto
public import WritEvidence
public import WritModel

/// What a run begins with.
public struct BegunRun: Sendable {
  /// The run's name.
  public let id: String
  /// The pipeline's full name.
  public let pipeline: String
  /// Of the plan in its canonical form.
  public let plan: Digest
  /// Of the run's `run.json` in canonical form, which holds the request and a salt: it tells nothing of either to who does not
  /// have them.
  public let head: Digest
  /// Who asked for it, as a node.
  public let caller: String
  /// Who gave the token under which they did, from hand to hand, as nodes.
  public let onBehalfOf: [String]
  /// Whether they did not sign.
  public let isUnsigned: Bool
  /// How far programs of its steps are kept from keys and log; `nil` of one that starts none.
  public let confinement: String?

  public init(
    id: String, pipeline: String, plan: Digest, head: Digest, caller: String,
    onBehalfOf: [String] = [], isUnsigned: Bool, confinement: String? = nil
  ) {
    self.onBehalfOf = onBehalfOf
    self.confinement = confinement
    self.id = id
    self.pipeline = pipeline
    self.plan = plan
    self.head = head
    self.caller = caller
    self.isUnsigned = isUnsigned
  }
}

/// How a run ended.
public struct EndedRun: Sendable {
  public let id: String
  public let head: Digest
  /// The entry that says that it began.
  public let begun: UInt64
  /// `succeeded`, `failed`, …
  public let result: String
  /// What became of undoing it; `nil` where nothing was to be undone.
  public let rollback: String?
  /// Whether something may have been done of which nobody knows.
  public let isEffectUnknown: Bool
  /// Whether a person must look.
  public let needsPerson: Bool
  /// Of the journal's bytes.
  public let journal: Digest
  /// Attempts that were handed out, as the run's folder remembers them.
  public let attempts: Int
  /// What became of each step that something happened to, in the order of the plan, by its name.
  public let results: [JSONMember]
  /// What should have been taken back, where that failed.
  public let undoes: [TakenBack]

  /// Versions that the record of an end can be about.
  static let mostUndone = 48

  public init(
    of run: (id: String, head: Digest, begun: UInt64), result: String, rollback: String?,
    doubts: (isEffectUnknown: Bool, needsPerson: Bool), folder: (journal: Digest, attempts: Int),
    results: [JSONMember], undoes: [TakenBack] = []
  ) {
    self.results = results
    (id, head, begun) = run
    self.result = result
    self.rollback = rollback
    (isEffectUnknown, needsPerson) = doubts
    (journal, attempts) = folder
    self.undoes = undoes
  }
}

/// Says what is to be recorded of a run that begins. Who asked for it is kept so that it can be erased.
public func record(
  ofBeginning run: BegunRun, _ bundle: LoadedBundle, in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  do throws(LogError) {
    let session = try store.disclosures.session()
    defer { session.close() }
    let committer = Committer(
      places: PersonalPlaces(
        [bundle.program.program.schema], approvers: [run.caller] + run.onBehalfOf),
      session: session)
    let caller = try committer.reference(run.caller)
    let givers = try run.onBehalfOf.map { (name) throws(LogError) in try committer.reference(name) }
    try session.commit()
    let people = ([caller] + givers).map { (name: $0, digest: DisclosureDigest(in: $0)) }
    var subjects = [
      Subject(name: RunPlace.subjectName(of: run.id), sha256: run.head),
      Subject(name: run.pipeline, sha256: bundle.digest),
    ]
    subjects += try bundle.agentWork(of: run.caller, run.head, in: store)
    var told: Set<DisclosureDigest> = []
    for (name, digest) in people {
      guard let digest, told.insert(digest).inserted else { continue }
      subjects.append(Subject(name: name, sha256: digest.sha256))
    }
    return RecordDraft(
      type: PredicateType.runBegun, kind: .run, id: id,
      subjects: subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") },
      members: [
        JSONMember("run", .string(run.id)), JSONMember("pipeline", .string(run.pipeline)),
        JSONMember("plan", .string(run.plan.description)),
        JSONMember("head", .string(run.head.description)),
        JSONMember("bundle", .string(bundle.digest.description)),
        JSONMember("caller", .string(caller)),
      ] + unsignedMark(run.isUnsigned) + representedMembers(givers)
        + [run.confinement.map { JSONMember("confinement", .string($0)) }].compactMap { $0 }
        + erasable(Set(people.compactMap(\.digest))))
  } catch {
    throw .log(error)
  }
}

/// Says what is to be recorded of a run that has ended. What became of its steps is kept in the content store, for whoever asks
/// whether what was done was looked at.
///
/// - Parameter caller: Who asked for it: an agent has its end among its work.
public func record(
  ofEnd run: EndedRun, by caller: String, _ bundle: LoadedBundle, in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  let kept: Digest
  do throws(LogError) {
    let results: JSONValue = [
      "run": .string(run.id),
      "steps": .array(run.results.map { ["result": $0.value, "step": .string($0.name)] }),
    ]
    kept = try store.objects.put(Array(results.compact.utf8))
  } catch {
    throw .log(error)
  }
  var members = [
    JSONMember("run", .string(run.id)),
    JSONMember("begun", .integer(Int64(clamping: run.begun))),
    JSONMember("result", .string(run.result)),
    JSONMember("effectUnknown", .bool(run.isEffectUnknown)),
    JSONMember("needsPerson", .bool(run.needsPerson)),
    JSONMember("journal", .string(run.journal.description)),
    JSONMember("attempts", .integer(Int64(run.attempts))),
    JSONMember("results", .string(kept.description)),
  ]
  if let rollback = run.rollback { members.append(JSONMember("rollback", .string(rollback))) }
  let undoes = Array(run.undoes.prefix(EndedRun.mostUndone))
  if !undoes.isEmpty { members.append(JSONMember("undoes", .array(undoes.map(\.json)))) }
  return RecordDraft(
    type: PredicateType.runEnded, kind: .run, id: id,
    subjects: try
      ([Subject(name: RunPlace.subjectName(of: run.id), sha256: run.head)]
      + agentWork(ofRunBy: caller, run.head, bundle, in: store) + undoes.subjects).sorted {
        precedesByBytes($0.name ?? "", $1.name ?? "")
      },
    members: members)
}

/// What a log knows of a run.
public struct LoggedRun: Sendable {
  /// The entry that says that it began, and the digest of the `run.json` that it began with.
  public let begun: (entry: UInt64, head: String)?
  /// The entry that says how it ended, the digest of its journal, and how many attempts were handed out.
  public let ended: (entry: UInt64, journal: String, attempts: Int64)?
  /// Words that it is to stop, which were heeded.
  public let cancellationCount: Int
  /// Attempts at actions that a delegate took and that have a result, the newest first.
  public let results: [RunPlace]
  /// Entries that belong to it, these two among them.
  public let entryCount: Int

  /// Looks through the history of a run. O(its entries).
  public init(_ run: String, in history: SubjectReader) throws(LogError) {
    var begun: (UInt64, String)?
    var ended: (UInt64, String, Int64)?
    var results: [RunPlace] = []
    var count = 0
    var cancellations = 0
    try history.forEach(about: RunPlace.subjectName(of: run)) { (found) throws(LogError) in
      count += 1
      let predicate = found.record.predicate
      switch found.record.type {
      case PredicateType.runBegun: begun = (found.index, predicate["head"]?.string ?? "")
      case PredicateType.runCancelled: cancellations += 1
      case PredicateType.runEnded:
        ended = (
          found.index, predicate["journal"]?.string ?? "", predicate["attempts"]?.integer ?? 0
        )
      case PredicateType.actionResult where predicate["outcome"]?.string != "refused":
        if let place = found.record.runPlace { results.append(place) }
      default: break
      }
      return true
    }
    self.begun = begun
    self.ended = ended
    self.results = results
    cancellationCount = cancellations
    entryCount = count
  }
}
