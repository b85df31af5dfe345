// What the log says of the run itself: that it began, with what its folder holds, and how it ended, by which journal.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

extension ActingKeys {
  /// Has whoever asks for a run sign that they do, of a run that is not told of yet.
  func identify(
    _ caller: ActingCaller, for pipeline: String, _ head: RunHead, _ engine: Engine
  ) throws(Failure) {
    let digest = try head.digest()
    let run = RunContext.subject(ofRun: head.id, head: digest)
    try identify(caller, for: pipeline, digest, engine, run: run)
    let arguments = head.request.arguments.map { ($0.name, $0.value.string ?? $0.value.compact) }
    let audience = signer.name.description
    let token = try admit(caller, engine.bundle, run: run) { now in
      CapabilityUse(
        of: pipeline, with: Dictionary(arguments) { first, _ in first }, isPipeline: true,
        by: caller.name, at: audience, now: now)
    }
    try requireStanding(token, engine.bundle, run: run)
  }

  /// The log as it stands, to follow what it says of something.
  func history() throws(Failure) -> SubjectReader {
    try patiently(attempts: Patience.acting) { () throws(LogError) in
      try SubjectReader(try LogReader(store: store, keys: signer.verifierKeys), of: store)
    }
  }
}

extension PipelineDesk {
  /// Records that the run begins, unless the log knows: what its folder holds must then be what it was begun with. Returns the
  /// entry.
  func begin() throws(Failure) -> UInt64 {
    let digest = try head.digest()
    let known = try logged()
    guard let begun = known.begun else {
      guard try !folder.isBegun() else {
        throw .badInput(
          "something was done in \(folder.path), and the log knows of no such run",
          remedy: "name the log that it was begun with, or begin a new run")
      }
      return try recordBeginning(digest)
    }
    guard hasSameBytes(begun.head, digest.description) else {
      throw .badInput(
        "\(folder.path) is of a run that was begun with another request, caller, bundle or log than the one that entry \(begun.entry) of the log tells of",
        remedy: "bring back the folder that it was begun with, or begin a new run")
    }
    try requireMemory(of: known)
    return begun.entry
  }

  /// Records whose words that the run is to stop were heeded, as far as the log lacks them: they are in the journal, in that order.
  func recordCancellations(of run: Run) throws(Failure) {
    guard !run.cancelWords.isEmpty else { return }
    let known = try logged().cancellationCount
    let digest = try head.digest()
    for word in run.cancelWords.dropFirst(known) {
      let giver: CancelledRun.Giver
      switch word.by {
      case .unsaid: giver = .unsigned("nobody who is known")
      case .signal(let words): giver = .signal(words)
      case .unsigned(let words): giver = .unsigned(words)
      case .signed(let node):
        let isIts = folder.canceller(word.mode, head, bundle.registry) == word.by
        giver = .signed(node, envelope: isIts ? folder.cancelEnvelope : nil)
      }
      let cancelled = CancelledRun(
        of: (head.id, digest), mode: word.mode.rawValue, giver: giver,
        at: Instant(microseconds: word.at))
      let (id, bundle) = (try recordID(), bundle)
      try keys.append { (store) throws(RecorderError) in
        try Writ.record(ofCancelling: cancelled, bundle, in: store, id: id)
      }
    }
  }

  /// Records how the run ended, with the digest of its journal, unless the log knows.
  func end(_ run: Run, _ begun: UInt64) throws(Failure) {
    guard let verdict = run.verdict else { return }
    do throws(Failure) {
      guard try logged().ended == nil else { return }
      try recordCancellations(of: run)
      let ended = EndedRun(
        of: (head.id, try head.digest(), begun), result: verdict.result.rawValue,
        rollback: verdict.rollback?.rawValue,
        doubts: (verdict.isEffectUnknown, verdict.needsPerson),
        folder: (try folder.journalDigest(), Int(try folder.attemptCount())),
        results: run.results,
        undoes: verdict.rollback == .rollbackFailed ? try undone(by: run) : [])
      let id = try recordID()
      try keys.append { (store) throws(RecorderError) in
        try Writ.record(ofEnd: ended, by: caller, bundle, in: store, id: id)
      }
    } catch {
      throw Failure(
        .broken,
        "the run has ended, \(verdict.result.rawValue), and that could not be recorded: "
          + error.message,
        remedy: "`writ run --resume \(head.id)` records it")
    }
  }

  /// The versions that the run took back, or should have, as the log has them.
  private func undone(by run: Run) throws(Failure) -> [TakenBack] {
    let history = try keys.history()
    var undone: [TakenBack] = []
    for node in run.states.indices where run.states[node].reversal != nil {
      undone += try withLog { () throws(LogError) in
        try history.deployed(by: run.id(of: node), of: head.id)
      }
    }
    return undone
  }

  private func logged() throws(Failure) -> LoggedRun {
    let history = try keys.history()
    return try withLog { () throws(LogError) in try LoggedRun(head.id, in: history) }
  }

  /// What a delegate has done for the run its folder remembers: an older copy of the folder would do it again.
  private func requireMemory(of logged: LoggedRun) throws(Failure) {
    let forgotten = Failure(
      .badInput,
      "the log knows of more that was done in the run \(head.id) than \(folder.path) remembers",
      remedy: "this is an older copy of its folder: bring back the newest, or begin a new run")
    if let ended = logged.ended, try folder.attemptCount() < ended.attempts { throw forgotten }
    let run = Run(id: head.id, plan: lowered.plan)
    for place in logged.results {
      guard let node = run.node(place.step) else { throw forgotten }
      let step = run.name(of: RunPosition(node: node, round: place.round))
      let attempt = AttemptName(run: head.id, step: step, attempt: place.attempt)
      guard try folder.memory(of: attempt) != nil else { throw forgotten }
    }
  }

  private func recordBeginning(_ digest: Digest) throws(Failure) -> UInt64 {
    let begun = BegunRun(
      id: head.id, pipeline: lowered.program.name, plan: head.plan, head: digest, caller: caller,
      onBehalfOf: try acting.token?.givers(by: bundle.registry) ?? [],
      isUnsigned: !acting.hasSigned,
      confinement: lowered.startsPrograms ? bounds.hold.rawValue : nil)
    let id = try recordID()
    let bundle = bundle
    return try keys.append { (_) throws(RecorderError) in
      try Writ.record(ofBeginning: begun, bundle, in: keys.store, id: id)
    }.index
  }
}

extension PipelineDesk {
  /// The entry by which an approval was used for something else than this step; `nil` where it can be counted. One of an `approve`
  /// step lets nothing be done.
  func use(
    of envelope: JSONValue, at step: String, _ node: RunPosition
  ) throws(Failure) -> UInt64? {
    guard case .action? = lowered.steps[step] else { return nil }
    let place = RunPlace(id: head.id, step: step, round: node.round, attempt: 1)
    return try keys.word().use(of: envelope, beside: place)
  }
}

extension Run {
  /// What became of each step that something happened to, in the order of the plan.
  fileprivate var results: [JSONMember] {
    states.indices.filter(isWritten).compactMap { node in
      guard let result = result(of: node), states[node].phase != .waiting else { return nil }
      return JSONMember(
        name(of: RunPosition(node: node, round: states[node].round)), .string(result.rawValue))
    }
  }
}

extension PipelineDesk {
  /// Records a word that the run is about to count, unless the log has it: a runner that was killed in between records nothing twice.
  ///
  /// - Parameter signedAt: When it was signed.
  func record(
    _ vote: Vote, signedAt: Instant, at node: RunPosition, _ step: String,
    _ draft: (LogStore, RunPlace, String) throws(RecorderError) -> RecordDraft
  ) throws(Failure) {
    let place = RunPlace(id: head.id, step: step, round: node.round, attempt: 1)
    guard try !isRecorded(vote, signedAt, at: place) else { return }
    let id = try recordID()
    try keys.append { (store) throws(RecorderError) in try draft(store, place, id) }
  }

  private func isRecorded(
    _ vote: Vote, _ signedAt: Instant, at place: RunPlace
  ) throws(Failure) -> Bool {
    let word = try keys.word()
    let type = vote.approves ? PredicateType.approvalGiven : PredicateType.rejectionGiven
    let found = try withLog { () throws(LogError) in
      try word.history.records(about: RunPlace.subjectName(of: head.id))
    }
    for one in found where hasSameBytes(one.record.type, type) && one.record.runPlace == place {
      let predicate = one.record.predicate
      guard predicate["signedAt"]?.string == signedAt.description,
        vote.roles.containsBytes(of: predicate["role"]?.string ?? "")
      else { continue }
      let giver = predicate[vote.approves ? "approver" : "rejecter"]?.string ?? ""
      if hasSameBytes(try word.opened().open(giver), vote.person) { return true }
    }
    return false
  }

  /// Whether people only agree at a step, and nothing decides there that would tell who did.
  func isApproval(_ step: String) -> Bool {
    if case .approval? = lowered.steps[step] { true } else { false }
  }
}

extension RunFolder {
  /// Whether anything has happened in it.
  func isBegun() throws(Failure) -> Bool {
    hasAttempts || FileStamp(journal) != nil
  }

  /// Attempts that were handed out and are remembered.
  func attemptCount() throws(Failure) -> Int64 {
    Int64(try entries(of: path + "/attempts").filter { $0.hasSuffix(".json") }.count)
  }

  /// Of the bytes of the journal.
  func journalDigest() throws(Failure) -> Digest {
    Digest(of: try readFile(journal, limit: PipelineLimits.journalByteCount))
  }
}
