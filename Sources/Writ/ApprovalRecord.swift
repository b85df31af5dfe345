// The record that an approval was given: by whom, in which role, for which gate, until when.

import WritCrypto
public import WritEvidence
public import WritModel

/// Keeps an approval's envelope so that it can be erased, and says what is to be recorded of it. The approver stands in the
/// draft as a digest, like whoever asks.
///
/// - Parameter step: What was approved, where that is a step of a run: the record is about the run too.
/// - Parameter counted: Of one that a run counts, where; the record is about the run.
/// - Parameter caller: Who asked for that run: an agent's has whose yes it was let on by among its work.
public func record(
  of approval: Approval, _ envelope: JSONValue, _ bundle: LoadedBundle, in store: LogStore,
  step: StepApproval? = nil, counted: RunPlace? = nil, ofRunBy caller: String? = nil, id: String
) throws(RecorderError) -> RecordDraft {
  let word = try KeptWord(envelope, "approval", of: approval.approver, bundle, in: store)
  let gate = Subject(name: approval.gate, sha256: bundle.digest)
  return RecordDraft(
    type: PredicateType.approvalGiven, kind: .approval, id: id,
    subjects: try word.subjects(
      with: [gate] + subjects(ofRun: counted?.id ?? step?.run, approval.digest)
        + agentWork(ofRunBy: caller, approval.digest, bundle, in: store)),
    members: [
      JSONMember("gate", .string(approval.gate)), JSONMember("role", .string(approval.role)),
      JSONMember("approver", .string(word.person)),
      JSONMember("signedAt", .string(approval.signedAt.description)),
      JSONMember("expires", .string(approval.expires.description)),
    ] + members(ofCounting: counted) + word.members)
}

/// A run in which people are asked, by the digest of what they are asked there.
func subjects(ofRun run: String?, _ digest: Digest) -> [Subject] {
  run.map { [Subject(name: RunPlace.subjectName(of: $0), sha256: digest)] } ?? []
}

/// Where a run counts somebody's word: nothing of what whoever gave it recorded.
func members(ofCounting place: RunPlace?) -> [JSONMember] {
  place.map { [JSONMember("run", $0.json)] } ?? []
}
