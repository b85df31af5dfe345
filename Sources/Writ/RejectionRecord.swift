// The record that somebody said no: who, in which role, to what.

import WritCrypto
public import WritEvidence
public import WritModel

/// Keeps a rejection's envelope, which has its reason, so that it can be erased, and says what is to be recorded of it. The record
/// is about the gate or step that asks, about who says no, and about the run of a step, or what would be done.
///
/// - Parameter counted: Of one that ends a step of a run, where; the record is about the run, and stands in the way of nothing else.
public func record(
  of rejection: Rejection, _ envelope: JSONValue, _ bundle: LoadedBundle, in store: LogStore,
  step: StepApproval? = nil, counted: RunPlace? = nil, ofRunBy caller: String? = nil, id: String
) throws(RecorderError) -> RecordDraft {
  let word = try KeptWord(envelope, "rejection", of: rejection.rejecter, bundle, in: store)
  return RecordDraft(
    type: PredicateType.rejectionGiven, kind: .rejection, id: id,
    subjects: try word.subjects(
      with: [Subject(name: rejection.gate, sha256: bundle.digest)]
        + (step == nil && counted == nil
          ? [Subject(name: Deed.subjectName(ofRefused: rejection.digest), sha256: rejection.digest)]
          : subjects(ofRun: counted?.id ?? step?.run, rejection.digest))
        + agentWork(ofRunBy: caller, rejection.digest, bundle, in: store)),
    members: [
      JSONMember("gate", .string(rejection.gate)), JSONMember("role", .string(rejection.role)),
      JSONMember("rejecter", .string(word.person)),
      JSONMember("signedAt", .string(rejection.signedAt.description)),
    ] + members(ofCounting: counted) + word.members)
}
