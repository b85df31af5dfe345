// Which tools a bundle makes: one for each question, and one for each action where there is leave to act.

import WritBytecode
import WritModel
import WritServers

/// What a call of a tool comes down to, by the full name of what it is about.
enum ToolPurpose {
  case decide(String)
  case ask(String)
  case act(String)
  case score(String)
  case query(String)
}

/// The tools of a program, those of one kind in its order.
struct ToolCatalogue {
  private let program: Program
  private let schema: ToolSchema
  private let acts: Bool

  /// - Parameter acts: Whether actions can be done, and not only asked about.
  init(_ program: Program, acts: Bool) {
    self.program = program
    self.acts = acts
    schema = ToolSchema(schema: program.schema)
  }

  /// All of them. What cannot be called by a client's rules for names is left out, and so is an action that nothing decides on, or
  /// that breaks the glass: people do that.
  var tools: [(tool: Tool, purpose: ToolPurpose)] {
    let guarded = program.actions.filter { $0.guardGate != nil && $0.breakGlass == nil }
    var all: [(tool: Tool, purpose: ToolPurpose)] = []
    all += program.gates.map { (tool(of: $0), .decide($0.name)) }
    all += guarded.map { (question(of: $0), .ask($0.name)) }
    if acts { all += guarded.map { (tool(of: $0), .act($0.name)) } }
    all += program.scorecards.compactMap { card in tool(of: card).map { ($0, .score(card.name)) } }
    all += program.queries.map { (tool(of: $0), .query($0.name)) }
    return all.filter { Tool.isName($0.tool.name) }
  }
}

// One tool.
extension ToolCatalogue {
  private func tool(of gate: GateProgram) -> Tool {
    Tool(
      name: "decide.\(gate.name)", title: "Would the gate \(gate.name) allow it?",
      description: "Asks the gate \(gate.name) of this moment: allow, hold or deny, and why. "
        + "The answer is no permit.",
      input: schema.request(gate.parameters), output: ToolSchema.decision, hints: .question)
  }

  private func question(of action: ActionProgram) -> Tool {
    Tool(
      name: "ask.\(action.name)", title: "Would \(action.name) be allowed?",
      description: "Tells whether \(described(action)) would be allowed now, why not, "
        + "and what would be run. Nothing is done, and the answer is no permit.",
      input: schema.request(action.parameters), output: ToolSchema.decision, hints: .question)
  }

  private func tool(of action: ActionProgram) -> Tool {
    Tool(
      name: "act.\(action.name)", title: "Do \(action.name)",
      description:
        "Does \(described(action)): its gate is asked, and if it allows a delegate carries it out. "
        + "A denial or a hold is an answer with its reasons, and is recorded like everything else.",
      input: schema.request(action.parameters), output: ToolSchema.outcome,
      hints: .act(isIdempotent: action.isIdempotent))
  }

  private func described(_ action: ActionProgram) -> String {
    let gate = action.guardGate.map { ", decided by the gate \(program.gates[$0].name)" } ?? ""
    let way = action.rollback.map { ", taken back by \(program.actions[$0.action].name)" } ?? ""
    let end = action.isIrreversible ? ", which nothing takes back" : way
    return
      "the action \(action.name) (\(action.kind.rawValue), \(action.effect.rawValue)\(gate)\(end))"
  }

  /// `nil` for a scorecard that is of no node.
  private func tool(of card: ScorecardProgram) -> Tool? {
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

  private func tool(of query: QueryProgram) -> Tool {
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
