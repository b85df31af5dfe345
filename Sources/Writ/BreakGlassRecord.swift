// Break-glass on record: that a decision was about it, and what a second person finds afterwards.

import WritBytecode
import WritCrypto
public import WritEvidence
public import WritModel

extension Engine {
  /// That a request breaks the glass, as the record of its decision says it; `nil` where the usual way is gone.
  func breakGlass(
    of request: Request, _ run: DecisionRun
  ) -> BreakGlassMark? {
    guard let call = request.call, let glass = breakGlass(ofAction: call.name) else { return nil }
    let isDone = run.decision.outcome == .allow && !run.decision.isQuestion
    let due = isDone ? Instant(microseconds: glass.due(after: run.decision.now)) : nil
    return BreakGlassMark(
      role: glass.role, due: due,
      reason: request.reason.flatMap { DisclosureDigest(token: $0) })
  }

  /// Who breaks the glass says why, and nobody else does.
  func checkReason(of request: Request, _ action: ActionProgram) throws(RequestError) {
    if action.breakGlass != nil, request.reason == nil {
      throw RequestError(
        "the action `\(action.name)` breaks the glass, and nobody has said why: `reason` is missing"
      )
    }
    if action.breakGlass == nil, request.reason != nil {
      throw RequestError(
        "the action `\(action.name)` goes the usual way: it has no `reason`")
    }
  }
}

extension Engine {
  /// Who reviews an action, by its full name or what stands after the last dot, and how soon; `nil` of what goes the usual way,
  /// and where there is no such action.
  public func breakGlass(ofAction name: String) -> BreakGlass? {
    (try? action(name)).flatMap { program.actions[$0].breakGlass }
  }

  /// The first action that leaves the usual way and asks a gate, by the gate's full name or what stands after the last dot; `nil` where
  /// none does, and where there is no such gate.
  public func breakGlassAction(behind gate: String) -> String? {
    guard let index = try? index(of: gate, in: program.gates.map(\.name), what: "gate") else {
      return nil
    }
    return program.actions.first { $0.breakGlass != nil && $0.guardGate == index }?.name
  }
}

extension RecordedRun {
  /// Where a record says of the glass what its action does not; `nil` where both agree.
  func parting(_ record: EvidenceRecord, from mark: BreakGlassMark?) -> Parting? {
    let recorded = record.statement.predicate["breakGlass"]
    // From what the inputs stand for, what stands for the reason cannot be told.
    let isSame =
      mark?.reason == nil
      ? recorded.flatMap { BreakGlassMark($0) }?.withoutReason == mark : recorded == mark?.json
    if isSame { return nil }
    return Parting(
      cause: .breakGlass, path: "breakGlass", recorded: recorded?.compact ?? "no break-glass",
      replayed: mark?.json.compact ?? "no break-glass", engineThen: engineVersion, step: nil,
      fact: nil)
  }
}

/// Keeps a review's envelope, which has its note, so that it can be erased, and says what is to be recorded of it. The record is
/// about what the decision was about, and about who reviews.
///
/// - Parameter subjects: Those of the decision's record.
public func record(
  of review: BreakGlassReview, _ envelope: JSONValue, about subjects: [Subject],
  _ bundle: LoadedBundle, in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  let word = try KeptWord(envelope, "review", of: review.reviewer, bundle, in: store)
  return RecordDraft(
    type: PredicateType.breakGlassReviewed, kind: .review, id: id,
    subjects: word.subjects(with: subjects),
    members: [
      JSONMember("action", .string(review.action)),
      JSONMember("decision", .integer(Int64(clamping: review.decision.index))),
      JSONMember("role", .string(review.role)), JSONMember("reviewer", .string(word.person)),
      JSONMember("verdict", .string(review.verdict.rawValue)),
      JSONMember("signedAt", .string(review.signedAt.description)),
    ] + word.members)
}
