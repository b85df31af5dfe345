// The record that somebody answers for having acted against a decision.

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
  let word = try KeptWord(envelope, "override", of: override.overrider, bundle, in: store)
  return RecordDraft(
    type: PredicateType.overrideGiven, kind: .override, id: id,
    subjects: word.subjects(with: subjects),
    members: [
      JSONMember("gate", .string(override.gate)),
      JSONMember("decision", .integer(Int64(clamping: override.decision.index))),
      JSONMember("outcome", .string(override.outcome)),
      JSONMember("role", .string(override.role)), JSONMember("overrider", .string(word.person)),
      JSONMember("signedAt", .string(override.signedAt.description)),
      JSONMember("expires", .string(override.expires.description)),
    ] + word.members)
}
