// The record that an approval was given: by whom, in which role, for which gate, until when.

import WritCrypto
public import WritEvidence
public import WritModel

/// Keeps an approval's envelope so that it can be erased, and says what is to be recorded of it. The approver stands in the
/// draft as a digest, like whoever asks.
///
/// - Parameter step: What was approved, where that is a step of a run: the record is about the run too.
public func record(
  of approval: Approval, _ envelope: JSONValue, _ bundle: LoadedBundle, in store: LogStore,
  step: StepApproval? = nil, id: String
) throws(RecorderError) -> RecordDraft {
  let word = try KeptWord(envelope, "approval", of: approval.approver, bundle, in: store)
  let gate = Subject(name: approval.gate, sha256: bundle.digest)
  return RecordDraft(
    type: PredicateType.approvalGiven, kind: .approval, id: id,
    subjects: word.subjects(with: [gate] + subjects(of: step, approval.digest)),
    members: [
      JSONMember("gate", .string(approval.gate)), JSONMember("role", .string(approval.role)),
      JSONMember("approver", .string(word.person)),
      JSONMember("signedAt", .string(approval.signedAt.description)),
      JSONMember("expires", .string(approval.expires.description)),
    ] + word.members)
}

/// The run of a step, by the digest of what people are asked there.
func subjects(of step: StepApproval?, _ digest: Digest) -> [Subject] {
  step.map { [Subject(name: RunPlace.subjectName(of: $0.run), sha256: digest)] } ?? []
}
