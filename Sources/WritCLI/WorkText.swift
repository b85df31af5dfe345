// What a step does, and what may come of an action, in words: for who looks at a plan and for who is to approve.

import WritBytecode
import WritModel

extension Program {
  /// What a step of a pipeline does by itself, without the steps within it.
  func words(of work: PipelineWork, in pipeline: PipelineProgram) -> String {
    switch work {
    case .run(let words): return "run " + words.map(patternText).joined(separator: " ")
    case .action(let action, _):
      let action = actions[action]
      let gate = action.guardGate.map { ", decided by \(gates[$0].name)" } ?? ""
      return "\(action.name) \(action.kindText)\(gate)"
    case .gate(let gate, _): return "ask \(gates[gate].name)"
    case .approval(let approval):
      return approval.rules.map { rule in
        "\(rule.count) of \(rule.role)"
          + (rule.except.map { " except " + pipeline.text(of: $0, or: "some") } ?? "")
      }.joined(separator: " and ")
        + " within \(Duration(microseconds: approval.within))"
    case .wait(let time): return "wait \(Duration(microseconds: time))"
    case .agent(let agent):
      return "agent \(agent.name), at most \(Duration(microseconds: agent.time)), "
        + "\(counted(agent.calls, "call")) and \(agent.tokens) tokens: \(patternText(agent.task))"
    case .group(let limit, let steps):
      return counted(steps.count, "step") + (limitText(limit).map { ", \($0)" } ?? "")
    case .loop(let loop):
      return
        "until \(pipeline.text(of: loop.until, or: "a condition holds")), at most \(loop.most) times, every "
        + "\(Duration(microseconds: loop.interval))"
        + (loop.unchanged.map { ", unless \($0) in a row give out the same" } ?? "")
    }
  }

  /// What may come of the action that a step is; empty where it is none.
  func stakes(of work: PipelineWork) -> [String] {
    guard case .action(let action, _) = work else { return [] }
    return stakes(of: actions[action])
  }

  /// What may go wrong, what takes it back, who looks at it afterwards, which secrets it is handed; nothing of what nobody declared.
  func stakes(of action: ActionProgram) -> [String] {
    var parts: [String] = []
    if !action.impacts.isEmpty { parts.append("impact \(action.impactText)") }
    if let back = wayBack(of: action) { parts.append(back) }
    if let glass = action.breakGlass {
      parts.append(
        "breaks the glass, reviewed by \(glass.role) within "
          + "\(Duration(microseconds: glass.within))")
    }
    if !action.labels.isEmpty {
      parts.append("by a delegate labelled " + action.labels.joined(separator: ", "))
    }
    if !action.secrets.isEmpty {
      parts.append("secrets " + action.secrets.joined(separator: ", "))
    }
    return parts
  }

  /// What takes an action back, or that nothing does; `nil` where nobody has said either.
  func wayBack(of action: ActionProgram) -> String? {
    if let rollback = action.rollback { return "taken back by \(actions[rollback.action].name)" }
    return action.isIrreversible ? "irreversible" : nil
  }

  /// An action for programs.
  func json(of action: ActionProgram) -> JSONValue {
    var members: [JSONMember] = [
      JSONMember("name", .string(action.name)),
      JSONMember("kind", .string(action.kind.rawValue)),
      JSONMember("effect", .string(action.effect.rawValue)),
      JSONMember("impacts", .array(action.impacts.map { .string($0.rawValue) })),
      JSONMember("gate", action.guardGate.map { .string(gates[$0].name) } ?? .null),
      JSONMember("rollback", action.rollback.map { .string(actions[$0.action].name) } ?? .null),
      JSONMember("irreversible", .bool(action.isIrreversible)),
      JSONMember("secrets", .array(action.secrets.map { .string($0) })),
    ]
    if !action.labels.isEmpty {
      members.append(JSONMember("labels", .array(action.labels.map { .string($0) })))
    }
    if let timeout = action.timeout {
      members.append(
        JSONMember("timeout", .string(Duration(microseconds: timeout).description)))
    }
    if let glass = action.breakGlass {
      members.append(
        JSONMember(
          "breakGlass",
          [
            "role": .string(glass.role),
            "within": .string(Duration(microseconds: glass.within).description),
          ]))
    }
    return .object(members)
  }
}

extension ActionProgram {
  /// `(deploy, production)`
  var kindText: String { "(\(kind.rawValue), \(effect.rawValue))" }

  var impactText: String { impacts.map(\.rawValue).joined(separator: ", ") }

  /// The words of its command, with `{…}` for what only the graph can tell.
  var pattern: [String] {
    command.map { word in
      word.pieces.map { piece in
        switch piece {
        case .text(let text): text
        case .value: "{…}"
        }
      }.joined()
    }
  }
}

extension PipelineProgram {
  /// A value as the policy has it; what older bundles do not keep is told otherwise.
  func text(of value: Int, or other: String) -> String {
    values[value].text.isEmpty ? other : values[value].text
  }

  /// When something is done, as the policy has it.
  func remark(onCondition value: Int) -> String {
    values[value].text.isEmpty ? "on a condition" : "when \(values[value].text)"
  }
}

/// How many steps at once, where it is not one after another.
func limitText(_ limit: Int?) -> String? {
  switch limit {
  case 1?: nil
  case let limit?: "\(limit) at once"
  case nil: "all at once"
  }
}

/// A word, with `{…}` for what is known only when it runs.
private func patternText(_ word: PipelineWord) -> String {
  word.pieces.map { piece in
    switch piece {
    case .text(let text): text
    case .value: "{…}"
    }
  }.joined()
}
