// What a log says of an action beside the decision: the permit that was handed out for it, and what became of it.
//
// Both are about what the decision was about, and name its entry, so that from any of the three the others are found.

import WritCrypto
public import WritEvidence
public import WritModel

/// The record that a permit was handed out; durable before the delegate has it.
///
/// - Parameter run: Where in a run; `nil` of an action by itself.
public func record(
  of permit: Permit, upon decision: DecidedEntry, in run: RunPlace? = nil, id: String
) -> RecordDraft {
  RecordDraft(
    type: PredicateType.permitIssued, kind: .permit, id: id, subjects: decision.subjects,
    members: members(of: permit) + [
      JSONMember("fence", .integer(permit.fence)),
      JSONMember("expires", .string(permit.expires.description)),
    ] + permit.labelMembers + members(of: run) + decision.members)
}

/// What the records that follow from a decision take over from its own.
public struct DecidedEntry: Sendable {
  /// What it was about.
  public let subjects: [Subject]
  /// That the glass was broken.
  public let breakGlass: BreakGlassMark?
  /// That whoever acts did not sign.
  public let isUnsigned: Bool
  /// Who gave the leave under which it is done, as the decision names them.
  public let onBehalfOf: [String]

  /// As an entry of a log has it.
  public init(_ record: LoggedRecord) {
    subjects = record.statement?.subjects ?? []
    breakGlass = record.breakGlass?.withoutReason
    isUnsigned = record.isUnsigned
    onBehalfOf = record.onBehalfOf
  }

  fileprivate var members: [JSONMember] {
    (breakGlass.map { [JSONMember("breakGlass", $0.json)] } ?? []) + unsignedMark(isUnsigned)
      + representedMembers(onBehalfOf)
  }
}

/// The record of what became of an action. The delegate's envelope around it is kept in the content store.
public func record(
  of result: StepResult, envelope: JSONValue, under permit: Permit, upon decision: DecidedEntry,
  in place: (store: LogStore, run: RunPlace?), id: String
) throws(RecorderError) -> RecordDraft {
  let kept: Digest
  do throws(LogError) {
    kept = try place.store.objects.put(Array(envelope.compact.utf8))
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
    type: PredicateType.actionResult, kind: .result, id: id, subjects: decision.subjects,
    members: members + Writ.members(of: place.run) + decision.members)
}

/// The record that a delegate did not take an order, and its word why: nothing was done under that permit.
public func record(
  ofRefusal code: String, of permit: Permit, upon decision: DecidedEntry,
  in run: RunPlace? = nil, id: String
) -> RecordDraft {
  RecordDraft(
    type: PredicateType.actionResult, kind: .result, id: id, subjects: decision.subjects,
    members: members(of: permit) + [
      JSONMember("outcome", "refused"), JSONMember("reason", .string(code)),
    ] + members(of: run) + decision.members)
}

/// The mark of what is done for a caller who did not sign; nothing of one who did.
func unsignedMark(_ isUnsigned: Bool) -> [JSONMember] {
  isUnsigned ? [JSONMember("unsigned", true)] : []
}

/// Who gave the leave under which something is done; nothing where nobody did.
func representedMembers(_ names: [String]) -> [JSONMember] {
  names.isEmpty ? [] : [JSONMember("onBehalfOf", .array(names.map { .string($0) }))]
}

extension Permit {
  /// That the delegate was chosen by its labels: which, and the key by which the bundle knows it.
  fileprivate var labelMembers: [JSONMember] {
    guard !labels.isEmpty else { return [] }
    return [
      JSONMember("key", .string(delegate.fingerprint)),
      JSONMember("labels", DelegateLabel.json(of: labels)),
    ]
  }
}

/// Where in a run something belongs.
private func members(of run: RunPlace?) -> [JSONMember] {
  run.map { [JSONMember("run", $0.json)] } ?? []
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
