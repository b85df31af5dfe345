// A decision as JSON: what is compared, digested and logged.

extension Decision {
  /// The `result` of a decision. Empty lists stand; what there is none of does not.
  public var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("outcome", .string(outcome.rawValue)),
      JSONMember("indeterminate", .bool(isIndeterminate)),
      JSONMember("question", .bool(isQuestion)),
      JSONMember("gate", .string(gate)),
      JSONMember("now", time(now)),
      JSONMember("asOf", time(asOf)),
    ]
    if let caller { members.append(JSONMember("caller", .string(caller))) }
    if !onBehalfOf.isEmpty {
      members.append(JSONMember("onBehalfOf", .array(onBehalfOf.map { .string($0) })))
    }
    members += [
      JSONMember("bundle", .string(bundle)),
      JSONMember("snapshot", .string(snapshot)),
      JSONMember("request", .string(request)),
      JSONMember("reasons", .array(reasons.map(\.json))),
      JSONMember("obligations", .array(obligations.map(\.json))),
      JSONMember("approvals", .array(approvals.map(\.json))),
      JSONMember("advised", .array([])),
      JSONMember("waived", .array(waived.map(\.json))),
    ]
    if !waivers.isEmpty { members.append(JSONMember("waivers", .array(waivers.map(\.json)))) }
    return .object(members)
  }
}

extension Reason {
  var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("clause", .string(clause)),
      JSONMember("kind", .string(isDeny ? "deny" : "require")),
      JSONMember("message", .string(message)),
      JSONMember("subjects", .array(subjects.map { .string($0) })),
      JSONMember("at", .string(position)),
    ]
    if let unknown { members.append(JSONMember("unknown", unknown.json)) }
    if !witness.isEmpty {
      members.append(JSONMember("witness", .array(witness.map { .string($0) })))
    }
    return .object(members)
  }
}

extension WaivedFinding {
  /// As a reason, with what waives it.
  var json: JSONValue {
    .object((finding.json.object ?? []) + [JSONMember("waiver", waiver.json)])
  }
}

extension AppliedWaiver {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("name", .string(waiver)), JSONMember("reason", .string(reason)),
      JSONMember("granter", .string(granter)), JSONMember("role", .string(role)),
      JSONMember("signedAt", time(signedAt)), JSONMember("expires", time(expires)),
    ])
  }
}

extension WaiverReport {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("name", .string(waiver)), JSONMember("clause", .string(clause)),
      JSONMember("state", .string(state.rawValue)), JSONMember("expires", time(expires)),
    ])
  }
}

extension UnknownFact {
  public var json: JSONValue {
    var members: [JSONMember] = [JSONMember("why", .string(why))]
    if let source { members.append(JSONMember("source", .string(source))) }
    if let subject { members.append(JSONMember("subject", .string(subject))) }
    if let field { members.append(JSONMember("field", .string(field))) }
    if let observed { members.append(JSONMember("observed", time(observed))) }
    if let limit {
      members.append(JSONMember("limit", .string(Duration(microseconds: limit).iso8601)))
    }
    return .object(members)
  }
}

extension Obligation {
  var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("clause", .string(clause)),
      JSONMember("role", .string(role)),
      JSONMember("count", .integer(Int64(count))),
      JSONMember("except", .array(except.map { .string($0) })),
    ]
    if let within {
      members.append(JSONMember("within", .string(Duration(microseconds: within).iso8601)))
    }
    if let message { members.append(JSONMember("message", .string(message))) }
    return .object(members)
  }
}

extension CountedApproval {
  var json: JSONValue {
    .object([
      JSONMember("approver", .string(approver)), JSONMember("role", .string(role)),
      JSONMember("signedAt", time(signedAt)), JSONMember("expires", time(expires)),
    ])
  }
}

private func time(_ microseconds: Int64) -> JSONValue {
  .string(Instant(microseconds: microseconds).description)
}
