// The record that somebody wanted to act: with a signature that counts, or without one, and then nothing came of it.

import WritCrypto
public import WritEvidence
public import WritModel

/// What became of a wish to act.
public enum IntentOutcome: Sendable {
  /// The envelope that was verified, and what it says.
  case taken(JSONValue, Intent)
  /// Why not; a text of Writ's own, without anything of the caller's.
  case refused(String)
}

/// Says what is to be recorded of a wish to act. Who acts, and their envelope, are kept so that they can be erased.
///
/// - Parameter run: The run that is asked for, as a subject.
public func record(
  ofIntentFor action: String, by caller: String, _ outcome: IntentOutcome, _ bundle: LoadedBundle,
  in store: LogStore, run: Subject? = nil, id: String
) throws(RecorderError) -> RecordDraft {
  do throws(LogError) {
    let session = try store.disclosures.session()
    defer { session.close() }
    let committer = Committer(
      places: PersonalPlaces([bundle.program.program.schema], approvers: [caller]),
      session: session)
    let name = try committer.reference(caller)
    var members = [
      JSONMember("action", .string(action)), JSONMember("caller", .string(name)),
      JSONMember("bundle", .string(bundle.digest.description)),
    ]
    var digests: Set<DisclosureDigest> = []
    if let person = DisclosureDigest(in: name) { digests.insert(person) }
    switch outcome {
    case .taken(let envelope, _):
      let sealed = try session.seal(envelope, name: "intent", of: [caller])
      digests.insert(sealed)
      members += [
        JSONMember("taken", .bool(true)), JSONMember("envelope", .string(sealed.description)),
      ]
    case .refused(let why):
      members += [JSONMember("taken", .bool(false)), JSONMember("reason", .string(why))]
    }
    members += erasable(digests)
    try session.commit()
    let person = DisclosureDigest(in: name)
    var subjects = [Subject(name: action, sha256: bundle.digest)] + [run].compactMap { $0 }
    // Its use is a history of its own, so that nobody uses it twice.
    if case .taken(_, let intent) = outcome { subjects.append(intent.subject) }
    if let person { subjects.append(Subject(name: name, sha256: person.sha256)) }
    subjects += try bundle.agentWork(of: caller, bundle.digest, in: store)
    return RecordDraft(
      type: PredicateType.intentGiven, kind: .intent, id: id,
      subjects: subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") },
      members: members)
  } catch {
    throw .log(error)
  }
}

extension Intent {
  /// What it is called among subjects, by its id alone, which tells of nobody.
  fileprivate var subject: Subject {
    Subject(name: "Intent/\(id)", sha256: Digest(of: Array(id.utf8)))
  }
}

extension SubjectReader {
  /// The entry that has taken an intent of that id; `nil` where none has.
  public func use(of intent: Intent) throws(LogError) -> UInt64? {
    try records(about: intent.subject.name ?? "").first?.index
  }
}
