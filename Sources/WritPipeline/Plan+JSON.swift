// A plan as JSON: what is not said is not written, times are microseconds.
public import WritModel

extension Plan {
  /// The one canonical form (RFC 8785).
  public var canonicalBytes: [UInt8] {
    Plan.canonicalBytes(pipeline, concurrency, freeze, stages, hooks)
  }

  /// The plan as a document.
  public var json: JSONValue { Plan.json(pipeline, concurrency, freeze, stages, hooks) }

  static func canonicalBytes(
    _ pipeline: String, _ concurrency: Concurrency?, _ freeze: String?, _ stages: [PlanNode],
    _ hooks: [Hook]
  ) -> [UInt8] {
    // Each name once, and what is checked afterwards holds small numbers: such a value has a canonical form.
    (try? json(pipeline, concurrency, freeze, stages, hooks).ownCanonicalBytes()) ?? []
  }

  private static func json(
    _ pipeline: String, _ concurrency: Concurrency?, _ freeze: String?, _ stages: [PlanNode],
    _ hooks: [Hook]
  ) -> JSONValue {
    var members = [
      JSONMember("format", 1), JSONMember("pipeline", .string(pipeline)),
      JSONMember("stages", .array(stages.map(\.json))),
    ]
    if let concurrency {
      members.append(
        JSONMember(
          "concurrency",
          [
            "group": .string(concurrency.group), "limit": .integer(Int64(concurrency.limit)),
            "supersedes": .bool(concurrency.supersedes),
          ]))
    }
    if let freeze { members.append(JSONMember("freeze", .string(freeze))) }
    if !hooks.isEmpty { members.append(JSONMember("hooks", .array(hooks.map(\.json)))) }
    return .object(members)
  }
}

extension PlanNode {
  fileprivate var json: JSONValue {
    .object([JSONMember("id", .string(id))] + work.members + options.members)
  }
}

extension PlanWork {
  fileprivate var members: [JSONMember] {
    switch self {
    case .run(let words): kind("run", ("words", texts(words)))
    case .act(let call, nil): kind("act", ("call", call.json))
    case .act(let call, let rollback?):
      kind("act", ("call", call.json), ("rollback", rollback.json))
    case .approve(let rules, let within):
      kind("approve", ("rules", .array(rules.map(\.json))), ("within", .integer(within)))
    case .wait(let time): kind("wait", ("time", .integer(time)))
    case .gate(let name, let arguments):
      kind("gate", ("gate", .string(name)), ("arguments", texts(arguments)))
    case .sequence(let nodes): kind("sequence", ("nodes", .array(nodes.map(\.json))))
    case .parallel(let nodes, let max):
      kind("parallel", ("nodes", .array(nodes.map(\.json))), ("max", .integer(Int64(max))))
    case .repeated(let nodes, let repetition):
      kind("repeat", ("nodes", .array(nodes.map(\.json)))) + repetition.members
    }
  }

  private func kind(_ name: String, _ members: (String, JSONValue)...) -> [JSONMember] {
    [JSONMember("kind", .string(name))] + members.map { JSONMember($0.0, $0.1) }
  }
}

extension Repetition {
  fileprivate var members: [JSONMember] {
    var members = [
      JSONMember("every", .integer(every)), JSONMember("atMost", .integer(Int64(atMost))),
      JSONMember("until", .string(until)),
    ]
    if let noProgress { members.append(JSONMember("noProgress", .integer(Int64(noProgress)))) }
    return members
  }
}

extension ActionCall {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("action", .string(action)), JSONMember("arguments", texts(arguments)),
      JSONMember("effect", .string(effect)), JSONMember("gate", .string(gate)),
    ]
    if isIdempotent { members.append(JSONMember("idempotent", true)) }
    return .object(members)
  }
}

extension ApprovalRule {
  fileprivate var json: JSONValue {
    ["role": .string(role), "count": .integer(Int64(count)), "except": texts(excluded)]
  }
}

extension NodeOptions {
  fileprivate var members: [JSONMember] {
    var members: [JSONMember] = []
    func add(_ name: String, _ value: JSONValue?) {
      if let value { members.append(JSONMember(name, value)) }
    }
    func list<Element>(_ elements: [Element], _ json: (Element) -> JSONValue) -> JSONValue? {
      elements.isEmpty ? nil : .array(elements.map(json))
    }
    add(
      "after",
      list(after) { ["stage": .string($0.stage), "results": texts($0.results.map(\.rawValue))] })
    add("condition", condition.map { .string($0) })
    add("retry", retry?.json)
    add("attemptTimeout", attemptTimeout.map { .integer($0) })
    add("deadline", deadline.map { .integer($0) })
    add("idempotent", isIdempotent ? true : nil)
    add(
      "strategies",
      list(strategies) {
        ["results": texts($0.results.map(\.rawValue)), "action": .string($0.action.rawValue)]
      })
    add("hooks", list(hooks, \.json))
    return members
  }
}

extension Hook {
  fileprivate var json: JSONValue {
    ["moment": .string(moment.rawValue), "node": node.json]
  }
}

extension RetryPolicy {
  fileprivate var json: JSONValue {
    [
      "attempts": .integer(Int64(attempts)), "base": .integer(base), "factor": .integer(factor),
      "cap": .integer(cap), "jitter": .integer(jitter),
    ]
  }
}

private func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
