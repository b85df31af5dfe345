// What a log says of an action beside the decision: the permit that was handed out for it, and what became of it.
//
// Both are about what the decision was about, and name its entry, so that from any of the three the others are found.

import WritCrypto
public import WritEvidence
public import WritModel

/// The record that a permit was handed out; durable before the delegate has it.
public func record(of permit: Permit, about subjects: [Subject], id: String) -> RecordDraft {
  RecordDraft(
    type: PredicateType.permitIssued, kind: .permit, id: id, subjects: subjects,
    members: members(of: permit) + [
      JSONMember("fence", .integer(permit.fence)),
      JSONMember("expires", .string(permit.expires.description)),
    ])
}

/// The record of what became of an action. The delegate's envelope around it is kept in the content store.
public func record(
  of result: StepResult, envelope: JSONValue, under permit: Permit, about subjects: [Subject],
  in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  let kept: Digest
  do throws(LogError) {
    kept = try store.objects.put(Array(envelope.compact.utf8))
  } catch {
    throw .log(error)
  }
  var members = members(of: permit)
  members += [
    JSONMember("outcome", .string(result.outcome.rawValue)),
    JSONMember("envelope", .string(kept.description)),
  ]
  if let code = result.exitCode { members.append(JSONMember("exit", .integer(code))) }
  return RecordDraft(
    type: PredicateType.actionResult, kind: .result, id: id, subjects: subjects, members: members)
}

/// The record that a delegate did not take an order, and its word why: nothing was done under that permit.
public func record(
  ofRefusal code: String, of permit: Permit, about subjects: [Subject], id: String
) -> RecordDraft {
  RecordDraft(
    type: PredicateType.actionResult, kind: .result, id: id, subjects: subjects,
    members: members(of: permit) + [
      JSONMember("outcome", "refused"), JSONMember("reason", .string(code)),
    ])
}

/// What every record about a permit says of it.
private func members(of permit: Permit) -> [JSONMember] {
  [
    JSONMember("action", .string(permit.digest.description)),
    JSONMember("decision", .integer(Int64(clamping: permit.decision.index))),
    JSONMember("permit", .string(permit.id)),
    JSONMember("delegate", .string(permit.delegate.name)),
  ]
}
