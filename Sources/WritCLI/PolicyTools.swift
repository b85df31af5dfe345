// Every question of a bundle as a tool for a model, and every action where it may act.

import Writ
import WritBytecode
import WritEvidence
import WritModel
import WritServers

/// The tools of one bundle over one snapshot, as both are when a tool is listed or called.
///
/// A caller cannot say who it is, nor what time it is: both come from the command line and the clock.
final class PolicyTools: ToolProvider {
  private let invocation: Invocation
  private let world: CurrentWorld
  private let caller: String

  init(_ invocation: Invocation) throws(Failure) {
    self.invocation = invocation
    caller = try invocation.required("--caller")
    world = CurrentWorld(invocation)
    _ = try world.now()
  }

  func tools() throws(ToolProviderError) -> [Tool] {
    do throws(Failure) {
      return catalogue(try world.now().engine.bundle.program.program).map(\.tool)
    } catch {
      throw ToolProviderError(error.text)
    }
  }

  func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    do throws(Failure) {
      let world = try world.now()
      let found = catalogue(world.engine.bundle.program.program).first {
        hasSameBytes($0.tool.name, name)
      }
      guard let found else { return nil }
      return try answer(found.purpose, arguments, world)
    } catch {
      return .failed(error.text)
    }
  }
}

// What there is.
extension PolicyTools {
  /// What a call of a tool comes down to, by the full name of what it is about.
  private enum Purpose {
    case decide(String)
    case ask(String)
    case score(String)
    case query(String)
  }

  /// All tools, those of one kind in the order of the bundle. What cannot be called by a client's rules for names is left out.
  private func catalogue(_ program: Program) -> [(tool: Tool, purpose: Purpose)] {
    let schema = ToolSchema(schema: program.schema)
    var all: [(tool: Tool, purpose: Purpose)] = program.gates.map { gate in
      (self.tool(of: gate, schema), .decide(gate.name))
    }
    all += program.actions.filter { $0.guardGate != nil }.map { action in
      (question(of: action, program, schema), .ask(action.name))
    }
    all += program.scorecards.compactMap { card in
      tool(of: card, schema).map { ($0, .score(card.name)) }
    }
    all += program.queries.map { query in (self.tool(of: query, schema), .query(query.name)) }
    return all.filter { Tool.isName($0.tool.name) }
  }

  private func tool(of gate: GateProgram, _ schema: ToolSchema) -> Tool {
    Tool(
      name: "decide.\(gate.name)", title: "Would the gate \(gate.name) allow it?",
      description: "Asks the gate \(gate.name) of this moment: allow, hold or deny, and why. "
        + "The answer is no permit.",
      input: schema.request(gate.parameters), output: ToolSchema.decision, hints: .question)
  }

  private func question(
    of action: ActionProgram, _ program: Program, _ schema: ToolSchema
  ) -> Tool {
    Tool(
      name: "ask.\(action.name)", title: "Would \(action.name) be allowed?",
      description: "Tells whether \(described(action, program)) would be allowed now, why not, "
        + "and what would be run. Nothing is done, and the answer is no permit.",
      input: schema.request(action.parameters), output: ToolSchema.decision, hints: .question)
  }

  private func described(_ action: ActionProgram, _ program: Program) -> String {
    let gate = action.guardGate.map { ", decided by the gate \(program.gates[$0].name)" } ?? ""
    let way = action.rollback.map { ", taken back by \(program.actions[$0.action].name)" } ?? ""
    let end = action.isIrreversible ? ", which nothing takes back" : way
    return
      "the action \(action.name) (\(action.kind.rawValue), \(action.effect.rawValue)\(gate)\(end))"
  }

  /// `nil` for a scorecard that is of no node.
  private func tool(of card: ScorecardProgram, _ schema: ToolSchema) -> Tool? {
    guard card.parameters.count == 1, case .node = card.parameters[0].type else { return nil }
    return Tool(
      name: "score.\(card.name)", title: "Scorecard \(card.name)",
      description:
        "The level and score of one node by the scorecard \(card.name), and which checks fail and why.",
      input: [
        "type": "object", "properties": ["subject": schema.value(card.parameters[0].type)],
        "required": ["subject"], "additionalProperties": false,
      ],
      output: ToolSchema.rows, hints: .question)
  }

  private func tool(of query: QueryProgram, _ schema: ToolSchema) -> Tool {
    Tool(
      name: "query.\(query.name)", title: "Query \(query.name)",
      description: "Rows of the query \(query.name): "
        + query.columns.map(\.name).joined(separator: ", ")
        + ". Rows marked `possible` rest on something that is not known.",
      input: [
        "type": "object", "properties": ["arguments": schema.arguments(query.parameters)],
        "required": query.parameters.isEmpty ? [] : ["arguments"], "additionalProperties": false,
      ],
      output: ToolSchema.rows, hints: .question)
  }
}

// What is answered.
extension PolicyTools {
  private func answer(
    _ purpose: Purpose, _ given: JSONValue, _ world: World
  ) throws(Failure) -> ToolAnswer {
    switch purpose {
    case .decide(let gate):
      return try decide(try request(given, "gate", gate), world)
    case .ask(let action):
      return try ask(try request(given, "action", action), world)
    case .score(let card): return try score(card, given, world)
    case .query(let query): return try self.query(query, given, world)
    }
  }

  /// The request that a call stands for. Whatever else the caller says is refused where a request is read.
  private func request(
    _ given: JSONValue, _ kind: String, _ name: String
  ) throws(Failure) -> JSONValue {
    try check(given, members: ["arguments", "facts", "approvals"])
    return .object([JSONMember(kind, .string(name))] + (given.object ?? []))
  }

  private func check(_ given: JSONValue, members: [String]) throws(Failure) {
    for member in given.object ?? [] where !members.containsBytes(of: member.name) {
      throw .badInput(
        "no member `\(member.name)`; there are \(members.joined(separator: ", "))")
    }
  }

  private var asking: Asking {
    let clock = currentTime()
    return Asking(caller: caller, now: clock, asOf: clock, isQuestion: true)
  }

  private func decide(_ json: JSONValue, _ world: World) throws(Failure) -> ToolAnswer {
    let asking = asking
    let run = try withEngine { () throws(RequestError) in
      try world.decider.decide(
        try world.decider.prepare(try Request(json)), asking, tracing: .off)
    }
    return told(run, world.engine, more: [])
  }

  private func ask(_ json: JSONValue, _ world: World) throws(Failure) -> ToolAnswer {
    let asking = asking
    let salt = try actionSalt()
    let (run, assignment) = try withEngine { () throws(RequestError) in
      let prepared = try world.decider.prepare(try Request(json))
      let run = try world.decider.decide(prepared, asking, tracing: .off)
      return (
        run,
        Result { () throws(RequestError) in
          try world.decider.assignment(prepared, asking, salt: salt)
        }
      )
    }
    switch assignment {
    case .success(let assignment):
      let command = JSONMember("command", .array(assignment.command.map { .string($0) }))
      return told(
        run, world.engine, more: [command], text: "  would run  \(shownCommand(assignment))\n")
    case .failure(let error):
      return told(
        run, world.engine, more: [JSONMember("commandError", .string("\(error)"))],
        text: "  nothing could be run: \(printable("\(error)"))\n")
    }
  }

  private func told(
    _ run: DecisionRun, _ engine: Engine, more: [JSONMember], text: String = ""
  ) -> ToolAnswer {
    var members = [JSONMember("decision", .string(run.decision.outcome.rawValue))]
    members += run.json(nil, showsTrace: false).object ?? []
    return .answered(
      text: DecisionText(run, engine, invocation).whole + text, .object(members + more))
  }

  private func score(
    _ name: String, _ given: JSONValue, _ world: World
  ) throws(Failure) -> ToolAnswer {
    try check(given, members: ["subject"])
    guard let subject = given["subject"]?.string else {
      throw .badInput("`subject` is missing", remedy: "name a node as Kind/id")
    }
    let scores = try withEngine { () throws(RequestError) in
      try world.engine.score(name, subject: subject, asking)
    }
    let lines = scores.map { "\($0.subject)  \($0.levelText), \($0.scoreText)  \($0.failing)" }
    return .answered(
      text: printable(lines.joined(separator: "; ")), ["rows": .array(scores.map(\.json))])
  }

  private func query(
    _ name: String, _ given: JSONValue, _ world: World
  ) throws(Failure) -> ToolAnswer {
    try check(given, members: ["arguments"])
    let asking = asking
    let answer = try withEngine { () throws(RequestError) in
      let (result, machine) = try world.engine.query(
        name, arguments: given["arguments"]?.object ?? [], isStrict: false, asking)
      return QueryAnswer(result, machine, asOf: asking.asOf)
    }
    var members = [JSONMember("rows", .array(answer.rows.map(\.json)))]
    if let open = answer.open { members.append(JSONMember("open", .string(open))) }
    return .answered(text: counted(answer.rows.count, "row"), .object(members))
  }
}

extension Failure {
  /// What went wrong and what to do, without the words of a command line.
  var text: String { message + (remedy.map { "; \($0)" } ?? "") }
}
