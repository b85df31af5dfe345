// The record that somebody answers for having acted against a decision.

import WritCrypto
public import WritEvidence
public import WritModel

/// Keeps an override's envelope, which has its reason, so that it can be erased, and says what is to be recorded of it. The record
/// is about what the decision was about, and about who answers.
///
/// - Parameter subjects: Those of the decision's record.
public func record(
  of override: Override, _ envelope: JSONValue, about subjects: [Subject], _ bundle: LoadedBundle,
  in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  do throws(LogError) {
    let session = try store.disclosures.session()
    defer { session.close() }
    let places = PersonalPlaces([bundle.program.program.schema], approvers: [override.overrider])
    let committer = Committer(places: places, session: session)
    let person = try committer.reference(override.overrider)
    let sealed = try session.seal(envelope, name: "override", of: [override.overrider])
    try session.commit()
    return draft(override, by: person, sealed, subjects, bundle.digest, id: id)
  } catch {
    throw .log(error)
  }
}

private func draft(
  _ override: Override, by person: String, _ envelope: DisclosureDigest, _ subjects: [Subject],
  _ bundle: Digest, id: String
) -> RecordDraft {
  var digests: Set = [envelope]
  var subjects = subjects
  if let digest = DisclosureDigest(in: person) {
    digests.insert(digest)
    if !subjects.contains(where: { hasSameBytes($0.name ?? "", person) }) {
      subjects.append(Subject(name: person, sha256: digest.sha256))
    }
  }
  return RecordDraft(
    type: PredicateType.overrideGiven, kind: .override, id: id,
    subjects: subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") },
    members: [
      JSONMember("gate", .string(override.gate)),
      JSONMember("decision", .integer(Int64(clamping: override.decision.index))),
      JSONMember("outcome", .string(override.outcome)),
      JSONMember("role", .string(override.role)), JSONMember("overrider", .string(person)),
      JSONMember("signedAt", .string(override.signedAt.description)),
      JSONMember("expires", .string(override.expires.description)),
      JSONMember("envelope", .string(envelope.description)),
      JSONMember("bundle", .string(bundle.description)),
    ] + erasable(digests))
}
