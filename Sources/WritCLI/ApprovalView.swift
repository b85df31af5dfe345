// What somebody is about to sign, in words: all that the digest binds, and what the bundle says will come of it.

import Writ
import WritBytecode
import WritGraph
import WritModel
import WritPipeline

/// Rows for people and members for programs, in one order.
struct ApprovalView {
  private var rows: [[String]] = []
  private var members: [JSONMember] = []
  let asked: AskedApproval
  private var program: Program { asked.bundle.program.program }

  /// How much is shown of what others have written; the digest binds the rest, too.
  private static let bounds = (facts: 20, steps: 40, factBytes: 300, valueBytes: 2_000)

  /// Throws where the graph does not fit, or the pipeline has no such step.
  ///
  /// - Parameter engine: Over the graph that was given, if one was.
  init(_ asked: AskedApproval, _ engine: Engine?) throws(Failure) {
    self.asked = asked
    if let step = asked.step {
      try add(step)
      try add(
        step.request.arguments,
        try withEngine { () throws(RequestError) in
          try asked.bundle.pipeline(step.pipeline).parameters
        }, step.request.facts, engine)
      addOutputs(step.outputs)
      try addBehind(step, engine)
      add("asks", "whoever began the run; who asks cannot approve")
    } else if let request = asked.request {
      try add(request, engine)
      add("asks", "whoever does, but not who approves: an approval names no caller")
    }
    add("bundle", asked.bundle.digest.description, "bundle")
  }

  /// Who signs it, until when it counts, why it is a no if it is one, and the digest.
  mutating func addSignature(
    _ verb: String, as person: String?, role: String?, until: ApprovalEnd?,
    saying reason: String? = nil
  ) {
    if let person {
      add(verb, role.map { "\(person), as \($0)" } ?? person)
      members.append(JSONMember("as", .string(person)))
    }
    if let role { members.append(JSONMember("role", .string(role))) }
    if let until {
      add("until", until.time + (until.why.map { ", \($0)" } ?? ""))
      members.append(JSONMember("until", .string(until.time)))
    }
    if let reason { add("saying", reason, "no") }
    // A no is to all that the action could do.
    let digest = reason == nil ? (try? asked.target)?.whole : asked.digest
    guard let digest else { return add("digest", "none before it is known what would be done") }
    add("digest", digest.description, "digest")
  }

  /// A line a row, printable.
  var lines: [String] { aligned(rows) }

  var json: JSONValue { .object(members) }
}

// Rows.
extension ApprovalView {
  private mutating func add(_ label: String, _ text: String, _ member: String? = nil) {
    rows.append([label, text])
    if let member { members.append(JSONMember(member, .string(text))) }
  }

  /// A value of somebody else's, cut where it is long.
  private func shown(_ value: JSONValue, _ bytes: Int) -> String {
    shown(value.string ?? value.compact, bytes)
  }

  private func shown(_ text: String, _ bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    return String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
      + "… (\(grouped(text.utf8.count)) bytes)"
  }

  private mutating func add(
    _ arguments: [JSONMember], _ parameters: [NamedType], _ facts: [JSONValue], _ engine: Engine?
  ) throws(Failure) {
    let absent = try engine.map { (engine) throws(Failure) in
      try withEngine { () throws(RequestError) in
        try engine.absentNodes(of: arguments, for: parameters, beside: facts)
      }
    }
    for argument in arguments {
      let isAbsent = absent?.contains { hasSameBytes($0.name, argument.name) } ?? false
      let value = shown(argument.value, ApprovalView.bounds.valueBytes)
      add("argument", "\(argument.name): \(value)" + (isAbsent ? "  (not in the graph)" : ""))
    }
    members.append(JSONMember("arguments", .object(arguments)))
    if let absent {
      members.append(JSONMember("absent", .array(absent.map { .string($0.name) })))
    }
    add(facts)
  }

  /// What the request says of the world by itself.
  private mutating func add(_ facts: [JSONValue]) {
    members.append(JSONMember("facts", .array(facts)))
    guard !facts.isEmpty else { return }
    let nodes = facts.count { $0["node"] != nil }
    let edges = facts.count { $0["edge"] != nil }
    add("facts", "\(counted(nodes, "node")) and \(counted(edges, "edge")) that the request brings")
    for fact in facts.prefix(ApprovalView.bounds.facts) {
      rows.append(["", "  " + shown(text(of: fact), ApprovalView.bounds.factBytes)])
    }
    let rest = facts.count - ApprovalView.bounds.facts
    if rest > 0 { rows.append(["", "  and \(grouped(rest)) more, in the request"]) }
  }

  private func text(of fact: JSONValue) -> String {
    var text: String
    if let kind = fact["node"]?.string, let id = fact["id"]?.string {
      text = "\(kind)/\(id)"
    } else if let edge = fact["edge"]?.string, let from = fact["from"]?.string,
      let to = fact["to"]?.string
    {
      text = "\(from) \(edge) \(to)"
    } else {
      return fact.compact
    }
    if let properties = fact["props"], properties.object?.isEmpty == false {
      text += " " + properties.compact
    }
    return text
  }

  private mutating func addOutputs(_ outputs: [JSONMember]) {
    guard !outputs.isEmpty else { return }
    for output in outputs {
      add("given out", "\(output.name): \(shown(output.value, ApprovalView.bounds.valueBytes))")
    }
    members.append(JSONMember("outputs", .object(outputs)))
  }
}

// A gate, or an action.
extension ApprovalView {
  private mutating func add(_ request: Request, _ engine: Engine?) throws(Failure) {
    guard let call = request.call,
      let action = program.actions.first(where: { hasSameBytes($0.name, call.name) })
    else {
      add("asked", "\(asked.gate), a gate: that it allows")
      members.append(JSONMember("gate", .string(asked.gate)))
      let gate = program.gates.first { hasSameBytes($0.name, asked.gate) }
      try add(request.arguments, gate?.parameters ?? [], request.facts, engine)
      return
    }
    add("asked", "\(action.name), an action \(action.kindText)")
    add("impact", action.impacts.isEmpty ? "none is declared" : action.impactText)
    add("way back", program.wayBack(of: action) ?? "none is declared")
    if let glass = action.breakGlass {
      add(
        "past",
        "the usual way: it breaks the glass, and \(glass.role) reviews it within "
          + "\(Duration(microseconds: glass.within))")
    }
    if let reason = request.reason { add("because", reason, "reason") }
    add("decided by", asked.gate)
    members.append(JSONMember("gate", .string(asked.gate)))
    members.append(JSONMember("action", program.json(of: action)))
    addCommand(of: action)
    if !action.secrets.isEmpty { add("secrets", action.secrets.joined(separator: ", ")) }
    if let timeout = action.timeout {
      add("timeout", Duration(microseconds: timeout).description)
    }
    try add(call.arguments, action.parameters, request.facts, engine)
  }

  /// What would be done, as the approval is bound to it; where it is not known, as the policy has it.
  private mutating func addCommand(of action: ActionProgram) {
    var words = action.pattern
    var note = ""
    var isKnown = false
    switch asked.undertaking {
    case .success(let undertaking)?:
      (isKnown, words) = (true, undertaking.command)
      if asked.hasGraph {
        note = "by the graph as it is now"
      } else if asked.json["does"]?.object != nil {
        note = "as whoever asks has it; by another graph your approval does not count"
      }
    case .failure(let error)?:
      note =
        asked.hasGraph
        ? shown(error.description, ApprovalView.bounds.factBytes)
        : "not known without a graph: name with --graph what the command takes its words from"
    case nil: break
    }
    let text = words.map(isKnown ? quoted : { $0 }).joined(separator: " ")
    add("command", shown(text, ApprovalView.bounds.valueBytes))
    if !note.isEmpty { rows.append(["", "(\(note))"]) }
    members.append(JSONMember("command", .array(words.map { .string($0) })))
    members.append(JSONMember("commandIsKnown", .bool(isKnown)))
    guard case .success(let undertaking)? = asked.undertaking else { return }
    for artifact in undertaking.artifacts { add("artifact", artifact.description) }
    add("does", undertaking.digest.description, "does")
    members.append(JSONMember("undertaking", undertaking.json))
    if let delegate = asked.bundle.delegateText(ofAction: action.name) {
      add("delegate", delegate)
    }
  }
}

// A step of a run.
extension ApprovalView {
  private mutating func add(_ step: StepApproval) throws(Failure) {
    add("asked", "to go on at a step of a run")
    add("step", step.step, "step")
    if step.round > 1 { add("round", "\(step.round), and no other", "round") }
    add("run", step.run, "run")
    add("pipeline", step.pipeline, "pipeline")
  }

  /// What is known of the run by now: of what the graph knows, as it is now.
  private func known(_ step: StepApproval, _ engine: Engine?) throws(Failure) -> KnownInputs {
    var value: (Int, NamedType) -> JSONValue? = { _, _ in nil }
    if let engine {
      (value) = try withEngine { () throws(RequestError) in
        let decider = Decider(try PreparedEngine(engine))
        let prepared = try decider.prepare(step.request)
        let clock = currentTime()
        let asking = Asking(caller: nil, now: clock, asOf: clock, isQuestion: true)
        return { index, parameter in
          let result = try? decider.arguments([index], for: [parameter], of: prepared, asking)
          return (try? result?.get())?.first?.value
        }
      }
    }
    return KnownInputs(
      arguments: step.request.arguments, outputs: step.outputs, value: value)
  }

  /// What is let on by it: what comes after the step in its stage, and all stages that wait for that one.
  private mutating func addBehind(_ step: StepApproval, _ engine: Engine?) throws(Failure) {
    let lowered = try withEngine { () throws(RequestError) in
      try asked.bundle.lowered(try asked.bundle.pipeline(step.pipeline))
    }
    let pipeline = lowered.program
    guard case .approval(let approval)? = lowered.steps[step.step] else {
      throw .badInput("nobody is asked at `\(step.step)` of \(step.pipeline)")
    }
    add("needs", program.words(of: .approval(approval), in: pipeline))
    var found: [JSONValue] = []
    let behind = lowered.plan.leaves(behind: step.step)
    let known = try known(step, engine)
    for (place, leaf) in behind.enumerated() {
      let words: String
      var command: String?
      var members = [JSONMember("step", .string(leaf.id))]
      if let work = leaf.work(in: lowered) {
        let handed = program.handed(by: work, in: pipeline, known)
        words =
          ([program.words(of: work, in: pipeline)]
          + program.handedText(by: work, in: pipeline, known) + program.stakes(of: work))
          .joined(separator: "; ")
        if case .action(let action, _) = work {
          members.append(JSONMember("action", program.json(of: program.actions[action])))
          let undertaking = step.undertaking(of: leaf.id)
          let words = undertaking?.command.map(quoted).joined(separator: " ")
          command = words.map { "would run  \($0)" } ?? "what it would run is not known yet"
          if let undertaking { members.append(JSONMember("undertaking", undertaking.json)) }
        }
        members += HandedArgument.members(of: handed)
      } else {
        words = "wait"
      }
      members.append(JSONMember("does", .string(words)))
      found.append(.object(members))
      guard place < ApprovalView.bounds.steps else { continue }
      let text = shown("\(leaf.id)  \(words)", ApprovalView.bounds.valueBytes)
      rows.append([place == 0 ? "behind it" : "", text])
      if let command {
        rows.append(["", "  " + shown(command, ApprovalView.bounds.valueBytes)])
      }
    }
    let rest = behind.count - ApprovalView.bounds.steps
    if rest > 0 { rows.append(["", "and \(counted(rest, "step")) more: see `writ plan`"]) }
    if behind.isEmpty { add("behind it", "nothing") }
    members.append(JSONMember("behind", .array(found)))
  }
}
