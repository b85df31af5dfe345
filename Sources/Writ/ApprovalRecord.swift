// The record that an approval was given: by whom, in which role, for which gate, until when.

import WritCrypto
public import WritEvidence
public import WritModel

/// Keeps an approval's envelope so that it can be erased, and says what is to be recorded of it. The approver stands in the
/// draft as a digest, like whoever asks.
public func record(
  of approval: Approval, _ envelope: JSONValue, _ bundle: LoadedBundle, in store: LogStore,
  id: String
) throws(RecorderError) -> RecordDraft {
  do throws(LogError) {
    let session = try store.disclosures.session()
    defer { session.close() }
    let places = PersonalPlaces(
      [bundle.program.program.schema], approvers: [approval.approver])
    let committer = Committer(places: places, session: session)
    let approver = try committer.reference(approval.approver)
    let sealed = try session.seal(envelope, name: "approval", of: [approval.approver])
    try session.commit()
    return draft(approval, approver: approver, sealed, bundle.digest, id: id)
  } catch {
    throw .log(error)
  }
}

private func draft(
  _ approval: Approval, approver: String, _ envelope: DisclosureDigest, _ bundle: Digest,
  id: String
) -> RecordDraft {
  var digests: Set = [envelope]
  var subjects = [Subject(name: approval.gate, sha256: bundle)]
  if let person = DisclosureDigest(in: approver) {
    digests.insert(person)
    subjects.append(Subject(name: approver, sha256: person.sha256))
  }
  return RecordDraft(
    type: PredicateType.approvalGiven, kind: .approval, id: id,
    subjects: subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") },
    members: [
      JSONMember("gate", .string(approval.gate)), JSONMember("role", .string(approval.role)),
      JSONMember("approver", .string(approver)),
      JSONMember("signedAt", .string(approval.signedAt.description)),
      JSONMember("expires", .string(approval.expires.description)),
      JSONMember("envelope", .string(envelope.description)),
      JSONMember("bundle", .string(bundle.description)),
    ] + erasable(digests))
}
