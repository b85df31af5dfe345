// The kinds of records whose members are fixed: what each must hold, and that it holds nothing else.
//
// A misspelt member would say nothing, and one too many could say what can never be erased. So such a record is
// written only in its shape, and `log verify` finds any other.
import WritCrypto
import WritModel

/// What the members of a record must be, by the type of its predicate.
enum RecordShape {
  /// What a member holds.
  private enum Form {
    case text, time, digest, optionalText, erasable, erasables, act, clock, count
    case optionalCount, optionalDigest, outcome, truth, optionalErasable, optionalErasables
    case optionalPlace, optionalGlass, optionalMark, optionalUndoes, optionalLabels, optionalNames
    case verdict

    /// Whether the member may be missing.
    var isOptional: Bool {
      switch self {
      case .optionalText, .optionalCount, .optionalDigest, .optionalErasable, .optionalErasables,
        .optionalPlace, .optionalGlass, .optionalMark, .optionalUndoes, .optionalLabels,
        .optionalNames:
        true
      default: false
      }
    }
  }

  private struct Shape {
    let kind: RecordKind
    let members: [String: Form]
  }

  private static let shapes: [String: Shape] = [
    PredicateType.erase: Shape(
      kind: .erase, members: ["digests": .erasables, "ground": .text]),
    PredicateType.approvalGiven: Shape(
      kind: .approval,
      members: [
        "gate": .text, "role": .text, "approver": .text, "signedAt": .time, "expires": .time,
        "envelope": .erasable, "bundle": .digest, "run": .optionalPlace, "_sd": .erasables,
        "_sd_alg": .text,
      ]),
    PredicateType.rejectionGiven: Shape(
      kind: .rejection,
      members: [
        "gate": .text, "role": .text, "rejecter": .text, "signedAt": .time,
        "envelope": .erasable, "bundle": .digest, "run": .optionalPlace, "_sd": .erasables,
        "_sd_alg": .text,
      ]),
    PredicateType.waiverGiven: Shape(
      kind: .waiver,
      members: [
        "gate": .text, "clause": .text, "waiver": .text, "text": .digest, "role": .text,
        "granter": .text, "signedAt": .time, "expires": .time, "envelope": .erasable,
        "bundle": .digest, "_sd": .erasables, "_sd_alg": .text,
      ]),
    PredicateType.overrideGiven: Shape(
      kind: .override,
      members: [
        "gate": .text, "decision": .count, "outcome": .text, "role": .text, "overrider": .text,
        "signedAt": .time, "expires": .time, "envelope": .erasable, "bundle": .digest,
        "_sd": .erasables, "_sd_alg": .text,
      ]),
    PredicateType.breakGlassReviewed: Shape(
      kind: .review,
      members: [
        "action": .text, "decision": .count, "role": .text, "reviewer": .text,
        "verdict": .verdict, "signedAt": .time, "envelope": .erasable, "bundle": .digest,
        "_sd": .erasables, "_sd_alg": .text,
      ]),
    PredicateType.unlockGiven: Shape(
      kind: .unlock,
      members: [
        "action": .text, "artifact": .digest, "through": .count, "role": .text, "unlocker": .text,
        "signedAt": .time, "envelope": .erasable, "bundle": .digest, "_sd": .erasables,
        "_sd_alg": .text,
      ]),
    PredicateType.tokenRevoked: Shape(
      kind: .revocation,
      members: [
        "block": .text, "digest": .digest, "role": .optionalText, "revoker": .optionalText,
        "signedAt": .time, "envelope": .erasable, "bundle": .digest, "_sd": .erasables,
        "_sd_alg": .text,
      ]),
    PredicateType.freeze: Shape(
      kind: .freeze, members: ["act": .act, "scope": .text, "reason": .optionalText]),
    PredicateType.intentGiven: Shape(
      kind: .intent,
      members: [
        "action": .text, "caller": .text, "bundle": .digest, "taken": .truth,
        "envelope": .optionalErasable, "reason": .optionalText, "_sd": .optionalErasables,
        "_sd_alg": .optionalText,
      ]),
    PredicateType.permitIssued: Shape(
      kind: .permit,
      members: [
        "action": .digest, "decision": .count, "permit": .text, "delegate": .text,
        "fence": .count, "expires": .time, "run": .optionalPlace, "breakGlass": .optionalGlass,
        "unsigned": .optionalMark, "onBehalfOf": .optionalNames, "key": .optionalText,
        "labels": .optionalLabels,
      ]),
    PredicateType.actionResult: Shape(
      kind: .result,
      members: [
        "action": .digest, "decision": .count, "permit": .text, "delegate": .text,
        "outcome": .outcome, "exit": .optionalCount, "envelope": .optionalDigest,
        "reason": .optionalText, "run": .optionalPlace, "breakGlass": .optionalGlass,
        "unsigned": .optionalMark, "onBehalfOf": .optionalNames,
      ]),
    PredicateType.runBegun: Shape(
      kind: .run,
      members: [
        "run": .text, "pipeline": .text, "plan": .digest, "head": .digest, "bundle": .digest,
        "caller": .text, "onBehalfOf": .optionalNames, "unsigned": .optionalMark,
        "confinement": .optionalText,
        "_sd": .optionalErasables,
        "_sd_alg": .optionalText,
      ]),
    PredicateType.runCancelled: Shape(
      kind: .run,
      members: [
        "run": .text, "mode": .text, "how": .text, "words": .optionalText,
        "canceller": .optionalText, "envelope": .optionalErasable, "at": .time,
        "bundle": .digest, "_sd": .optionalErasables, "_sd_alg": .optionalText,
      ]),
    PredicateType.runEnded: Shape(
      kind: .run,
      members: [
        "run": .text, "begun": .count, "result": .text, "rollback": .optionalText,
        "effectUnknown": .truth, "needsPerson": .truth, "journal": .digest, "attempts": .count,
        "results": .optionalDigest,
        "undoes": .optionalUndoes,
      ]),
    PredicateType.config: Shape(
      kind: .config, members: ["setting": .clock, "clock": .time, "newest": .time]),
  ]

  /// Members of every record.
  private static let common = ["id", "kind", "logged", "prev"]

  /// What is wrong with a statement of a type whose members are fixed; `nil` of any other.
  static func problem(of statement: Statement) -> String? {
    guard let shape = shapes[statement.predicateType] else { return nil }
    guard let kind = statement.predicate["kind"]?.string, hasSameBytes(kind, shape.kind.rawValue)
    else { return "its kind is not `\(shape.kind.rawValue)`" }
    for member in statement.predicate.object ?? []
    where shape.members[member.name] == nil && !common.containsBytes(of: member.name) {
      return "a record of kind `\(shape.kind.rawValue)` has no member `\(member.name)`"
    }
    for (name, form) in shape.members.sorted(by: { precedesByBytes($0.key, $1.key) }) {
      guard holds(statement.predicate[name], form) else {
        return "`\(name)` of a record of kind `\(shape.kind.rawValue)` is missing or malformed"
      }
    }
    return nil
  }

  private static func holds(_ value: JSONValue?, _ form: Form) -> Bool {
    guard let value else { return form.isOptional }
    switch form {
    case .text, .optionalText: return value.string.map { !$0.isEmpty } ?? false
    case .time: return value.string.map { Instant($0) != nil } ?? false
    case .digest, .optionalDigest: return value.string.flatMap { Digest($0) } != nil
    case .truth: return value.bool != nil
    case .optionalMark: return value.bool == true
    case .erasable, .optionalErasable:
      return value.string.flatMap { DisclosureDigest($0) } != nil
    case .count, .optionalCount: return value.integer.map { $0 >= 0 } ?? false
    case .outcome:
      return value.string.map { $0 == "refused" || StepOutcome(rawValue: $0) != nil } ?? false
    case .clock: return value.string == "clock"
    case .optionalPlace: return RunPlace(value) != nil
    case .optionalGlass: return BreakGlassMark(value).map { $0.reason == nil } ?? false
    case .optionalUndoes:
      return value.array.map { !$0.isEmpty && $0.allSatisfy { TakenBack($0) != nil } } ?? false
    case .optionalNames:
      guard let list = value.array, 1...Capability.blockLimit ~= list.count else { return false }
      return list.allSatisfy { $0.string.map { !$0.isEmpty } ?? false }
    case .optionalLabels: return DelegateLabel.labels(value) != nil
    case .verdict: return value.string.flatMap(BreakGlassVerdict.init(rawValue:)) != nil
    case .act: return ["begin", "end"].contains(value.string)
    case .erasables, .optionalErasables:
      guard let list = value.array, !list.isEmpty else { return false }
      let digests = list.compactMap { $0.string.flatMap { DisclosureDigest($0) } }
      return digests.count == list.count && zip(digests, digests.dropFirst()).allSatisfy(<)
    }
  }
}
