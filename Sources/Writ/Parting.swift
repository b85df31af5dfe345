// Where, on what and why a decision that was made again parts from the recorded one.

import WritBytecode
import WritCrypto
import WritEvidence
public import WritModel

/// What kind of difference it is, by what explains it.
public enum PartingCause: String, Hashable, Sendable, CaseIterable {
  /// The record's result names another bundle than the one that its replay names: the policy was exchanged.
  case bundle
  /// Or other facts.
  case snapshot
  /// Or another request.
  case request
  /// The result has the digest that was written down with another time in it: the clock was exchanged.
  case clock
  /// The result does not have the digest that was written down: the record was changed.
  case record
  /// The record says of break-glass what its action does not: the mark was changed.
  case breakGlass
  /// The record asks for another delegate than its action does: the labels were changed.
  case labels
  /// The request says of what would be done what the bundle and the facts do not: the digest was changed.
  case does
  /// Everything is as it was but the engine, the language or the bytecode.
  case engine
  /// Everything is as it was, and the same engine says something else.
  case defect

  /// For people, behind "because".
  public var explanation: String {
    switch self {
    case .bundle: "the result was made with another bundle than the record names"
    case .snapshot: "the result was made on other facts than the record names"
    case .request: "the result is of another request than the record names"
    case .clock: "the record tells another time than the decision was made at"
    case .record: "the record holds another result than the one whose digest it names"
    case .breakGlass: "the record says of break-glass what the action that it is about does not"
    case .does: "what would be done is something else than the record says"
    case .labels: "another delegate is asked for than the action asks for, or was given the permit"
    case .engine: "another version of the engine made it"
    case .defect:
      "the same engine was given the same: a defect of Writ, or a record that never was so"
    }
  }
}

/// The step of a decision: a clause, for one binding.
public struct PartingStep: Hashable, Sendable {
  public let clause: String
  /// `path:line:column` in the policy; `nil` for a clause that the bundle does not have.
  public let position: String?
  /// `Kind/id` of the nodes that the finding is about; empty where no finding differs.
  public let binding: [String]
}

/// The first fact that was read otherwise.
public struct PartingFact: Hashable, Sendable {
  /// `Kind/id`, a kind, or `from -> to`.
  public let subject: String
  /// The field or edge; `nil` for all nodes of a kind.
  public let member: String?
  /// The whole fact as each read it; `nil` where it did not.
  public let recorded: String?
  public let replayed: String?
}

/// The first place where a replay differs.
public struct Parting: Hashable, Sendable {
  public let cause: PartingCause
  /// In the result or the trace: `result.reasons[0].message`, `trace.freeze.facts[2]`, `fuel`, `result digest`.
  public let path: String
  /// What stands there, as JSON.
  public let recorded: String
  public let replayed: String
  /// The version of the engine that the record names.
  public let engineThen: String
  /// `nil` where no clause came out otherwise.
  public let step: PartingStep?
  /// `nil` where no fact was read otherwise, or what was read is not kept.
  public let fact: PartingFact?

  /// `{"cause":…,"path":…,"recorded":…,"replayed":…,"engine":…,"step":{…},"fact":{…}}`; what there is none of does not stand.
  public var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("cause", .string(cause.rawValue)), JSONMember("path", .string(path)),
      JSONMember("recorded", .string(recorded)), JSONMember("replayed", .string(replayed)),
      JSONMember("engine", .string(engineThen)),
    ]
    if let step { members.append(JSONMember("step", step.json)) }
    if let fact { members.append(JSONMember("fact", fact.json)) }
    return .object(members)
  }
}

extension PartingStep {
  fileprivate var json: JSONValue {
    var members = [JSONMember("clause", .string(clause))]
    if let position { members.append(JSONMember("at", .string(position))) }
    if !binding.isEmpty {
      members.append(JSONMember("binding", .array(binding.map { .string($0) })))
    }
    return .object(members)
  }
}

extension PartingFact {
  fileprivate var json: JSONValue {
    var members = [JSONMember("subject", .string(subject))]
    if let member { members.append(JSONMember("member", .string(member))) }
    members.append(JSONMember("recorded", recorded.map { .string($0) } ?? .null))
    members.append(JSONMember("replayed", replayed.map { .string($0) } ?? .null))
    return .object(members)
  }
}

/// A place and what stands there on either side.
struct Difference {
  let path: String
  let recorded: String
  let replayed: String
}

/// The first place where two values differ, members in the order of the second.
func difference(_ left: JSONValue, _ right: JSONValue, at path: String) -> Difference? {
  switch (left, right) {
  case (.object(let first), .object(let second)):
    for member in second {
      guard let other = first.first(where: { hasSameBytes($0.name, member.name) }) else {
        return Difference(
          path: "\(path).\(member.name)", recorded: "nothing", replayed: member.value.compact)
      }
      let found = difference(other.value, member.value, at: "\(path).\(member.name)")
      if let found { return found }
    }
    let extra = first.first { member in !second.contains { hasSameBytes($0.name, member.name) } }
    return extra.map {
      Difference(path: "\(path).\($0.name)", recorded: $0.value.compact, replayed: "nothing")
    }
  case (.array(let first), .array(let second)):
    for (index, pair) in zip(first, second).enumerated() {
      if let found = difference(pair.0, pair.1, at: "\(path)[\(index)]") { return found }
    }
    if first.count == second.count { return nil }
    return Difference(
      path: "\(path).count", recorded: String(first.count), replayed: String(second.count))
  default:
    if left == right { return nil }
    return Difference(path: path, recorded: left.compact, replayed: right.compact)
  }
}
