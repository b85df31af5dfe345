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
      try addBehind(step)
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
    add("digest", asked.digest.description, "digest")
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
    addCommand(of: action, request, engine)
    if !action.secrets.isEmpty { add("secrets", action.secrets.joined(separator: ", ")) }
    if let timeout = action.timeout {
      add("timeout", Duration(microseconds: timeout).description)
    }
    try add(call.arguments, action.parameters, request.facts, engine)
  }

  /// As the graph has its words now, or as the policy has them. What is vouched for when it is done can make others of them.
  private mutating func addCommand(
    of action: ActionProgram, _ request: Request, _ engine: Engine?
  ) {
    var words = action.pattern
    var note = "with the values of the moment for {…}"
    var isKnown = false
    if let engine {
      let clock = currentTime()
      let asking = Asking(caller: nil, now: clock, asOf: clock, isQuestion: true)
      do throws(RequestError) {
        let decider = Decider(try PreparedEngine(engine))
        words = try decider.command(try decider.prepare(request), asking)
        (isKnown, note) = (true, "by the graph as it is now")
      } catch {
        note = shown(error.description, ApprovalView.bounds.factBytes)
      }
    } else if !words.contains(where: { $0.contains("{…}") }) {
      (isKnown, note) = (true, "")
    }
    let text = words.map(isKnown ? quoted : { $0 }).joined(separator: " ")
    add("command", shown(text, ApprovalView.bounds.valueBytes))
    if !note.isEmpty { rows.append(["", "(\(note))"]) }
    members.append(JSONMember("command", .array(words.map { .string($0) })))
    members.append(JSONMember("commandIsKnown", .bool(isKnown)))
  }
}

// A step of a run.
extension ApprovalView {
  private mutating func add(_ step: StepApproval) throws(Failure) {
    add("asked", "to go on at a step of a run")
    add("step", step.step, "step")
    add("run", step.run, "run")
    add("pipeline", step.pipeline, "pipeline")
  }

  /// What is let on by it: what comes after the step in its stage, and all stages that wait for that one.
  private mutating func addBehind(_ step: StepApproval) throws(Failure) {
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
    for (place, leaf) in behind.enumerated() {
      let words: String
      var members = [JSONMember("step", .string(leaf.id))]
      if let work = leaf.work(in: lowered) {
        words = ([program.words(of: work, in: pipeline)] + program.stakes(of: work))
          .joined(separator: "; ")
        if case .action(let action, _) = work {
          members.append(JSONMember("action", program.json(of: program.actions[action])))
        }
      } else {
        words = "wait"
      }
      members.append(JSONMember("does", .string(words)))
      found.append(.object(members))
      guard place < ApprovalView.bounds.steps else { continue }
      let text = shown("\(leaf.id)  \(words)", ApprovalView.bounds.valueBytes)
      rows.append([place == 0 ? "behind it" : "", text])
    }
    let rest = behind.count - ApprovalView.bounds.steps
    if rest > 0 { rows.append(["", "and \(counted(rest, "step")) more: see `writ plan`"]) }
    if behind.isEmpty { add("behind it", "nothing") }
    members.append(JSONMember("behind", .array(found)))
  }
}

extension PlanNode {
  fileprivate func work(in lowered: LoweredPipeline) -> PipelineWork? {
    switch (lowered.steps[id], work) {
    case (.run(let words)?, _): .run(words)
    case (.action(let action, let arguments)?, _): .action(action, arguments: arguments)
    case (.gate(let gate, let arguments)?, _): .gate(gate, arguments: arguments)
    case (.approval(let approval)?, _): .approval(approval)
    case (.agent(let agent)?, _): .agent(agent)
    case (nil, .wait(let time)): .wait(time)
    case (nil, _): nil
    }
  }

  private var parts: [PlanNode] {
    switch work {
    case .sequence(let nodes), .parallel(let nodes, _), .repeated(let nodes, _): nodes
    case .run, .act, .approve, .wait, .gate: []
    }
  }

  /// What runs once it has ended, in that order: `ensure` last.
  private var hooks: [PlanNode] {
    options.hooks.ordered.map(\.node)
  }

  /// Steps, whatever groups and hooks they are in.
  fileprivate var leaves: [PlanNode] {
    (parts.isEmpty ? [self] : parts.flatMap(\.leaves)) + hooks.flatMap(\.leaves)
  }

  /// Steps within that come after one of them, those of hooks too; `nil` where it is not within. All others of a repeat come after
  /// it: there may be another round.
  fileprivate func leaves(behind step: String) -> [PlanNode]? {
    if hasSameBytes(id, step) { return hooks.flatMap(\.leaves) }
    if case .repeated = work {
      let all = leaves
      guard all.contains(where: { hasSameBytes($0.id, step) }) else { return nil }
      return all.filter { !hasSameBytes($0.id, step) }
    }
    for (place, part) in parts.enumerated() {
      guard let within = part.leaves(behind: step) else { continue }
      let isRow = if case .sequence = work { true } else { false }
      let later = isRow ? parts[(place + 1)...].flatMap(\.leaves) : []
      return within + later + hooks.flatMap(\.leaves)
    }
    for (place, hook) in hooks.enumerated() {
      guard let within = hook.leaves(behind: step) else { continue }
      return within + hooks[(place + 1)...].flatMap(\.leaves)
    }
    return nil
  }
}

extension Plan {
  /// Steps that begin only when that one has ended, in the plan's order: stages stand behind those that they wait for.
  fileprivate func leaves(behind step: String) -> [PlanNode] {
    var reached: [String] = []
    var found: [PlanNode] = []
    for stage in stages {
      if let within = stage.leaves(behind: step) {
        reached.append(stage.id)
        found += within
      } else if stage.options.after.contains(where: { reached.containsBytes(of: $0.stage) }) {
        reached.append(stage.id)
        found += stage.leaves
      }
    }
    for (place, hook) in hooks.ordered.enumerated() {
      guard let within = hook.node.leaves(behind: step) else { continue }
      return within + hooks.ordered[(place + 1)...].flatMap(\.node.leaves)
    }
    return found + hooks.ordered.flatMap(\.node.leaves)
  }
}
