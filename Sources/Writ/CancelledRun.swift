// The record that a run was told to stop: how, and by whom as far as it can be told.

public import WritCrypto
public import WritEvidence
public import WritModel

/// A word that a run is to stop, as it was heeded.
public struct CancelledRun: Sendable {
  /// Who gave it.
  public enum Giver: Sendable {
    /// Whoever gave the runner a signal, in words.
    case signal(String)
    /// Whoever could write into the run's folder, in words.
    case unsigned(String)
    /// A node, and what it has signed, where that is still there.
    case signed(String, envelope: JSONValue?)

    fileprivate var how: String {
      switch self {
      case .signal: "signal"
      case .unsigned: "unsigned"
      case .signed: "signed"
      }
    }
  }

  public let id: String
  public let head: Digest
  /// `drain`, `cleanup` or `now`.
  public let mode: String
  public let giver: Giver
  /// When it was heeded.
  public let at: Instant

  public init(of run: (id: String, head: Digest), mode: String, giver: Giver, at: Instant) {
    (id, head) = run
    self.mode = mode
    self.giver = giver
    self.at = at
  }
}

/// Says what is to be recorded of it. Who has signed it, and the envelope, are kept so that they can be erased.
public func record(
  ofCancelling run: CancelledRun, _ bundle: LoadedBundle, in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  do throws(LogError) {
    var subjects = [Subject(name: RunPlace.subjectName(of: run.id), sha256: run.head)]
    var members = [
      JSONMember("run", .string(run.id)), JSONMember("mode", .string(run.mode)),
      JSONMember("how", .string(run.giver.how)), JSONMember("at", .string(run.at.description)),
      JSONMember("bundle", .string(bundle.digest.description)),
    ]
    switch run.giver {
    case .signal(let words), .unsigned(let words):
      members.append(JSONMember("words", .string(words)))
    case .signed(let node, let envelope):
      let session = try store.disclosures.session()
      defer { session.close() }
      let committer = Committer(
        places: PersonalPlaces([bundle.program.program.schema], approvers: [node]),
        session: session)
      let canceller = try committer.reference(node)
      var digests: Set<DisclosureDigest> = []
      members.append(JSONMember("canceller", .string(canceller)))
      if let person = DisclosureDigest(in: canceller) {
        digests.insert(person)
        subjects.append(Subject(name: canceller, sha256: person.sha256))
      }
      if let envelope {
        let sealed = try session.seal(envelope, name: "cancellation", of: [node])
        digests.insert(sealed)
        members.append(JSONMember("envelope", .string(sealed.description)))
      }
      subjects += try bundle.agentWork(of: node, run.head, in: store)
      members += erasable(digests)
      try session.commit()
    }
    return RecordDraft(
      type: PredicateType.runCancelled, kind: .run, id: id,
      subjects: subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") },
      members: members)
  } catch {
    throw .log(error)
  }
}
