// The record that a person lets a version be tried again that was taken back too often.

public import WritEvidence
public import WritModel

/// Keeps an unlock's envelope, which has its reason, so that it can be erased, and says what is to be recorded of it. The record is
/// about the version, and about whoever says so.
public func record(
  of unlock: Unlock, _ envelope: JSONValue, _ bundle: LoadedBundle, in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  let word = try KeptWord(envelope, "unlock", of: unlock.unlocker, bundle, in: store)
  let version = unlock.version
  return RecordDraft(
    type: PredicateType.unlockGiven, kind: .unlock, id: id,
    subjects: word.subjects(with: [
      Subject(name: version.subjectName, sha256: version.artifact)
    ]),
    members: [
      JSONMember("action", .string(version.action)),
      JSONMember("artifact", .string(version.artifact.description)),
      JSONMember("through", .integer(Int64(clamping: unlock.through.index))),
      JSONMember("role", .string(unlock.role)), JSONMember("unlocker", .string(word.person)),
      JSONMember("signedAt", .string(unlock.signedAt.description)),
    ] + word.members)
}
