// What the steps of a run ask: of gates, of people, and of programs.

import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// What people's word would be about: a document that can be signed, and what a signature is bound to.
struct ApprovalSubject {
  let document: JSONValue
  let target: ApprovalTarget

  /// What an approval names as its gate.
  var gate: String { target.gate }
  /// Of all that a yes is for: what votes are on.
  var digest: Digest { target.whole }
}

extension PipelineDesk {
  /// What people's word would be about at a step, by what bundle and graph are now.
  ///
  /// - Parameter behind: Of an `approve` step the actions behind it that are known.
  func subject(
    for id: String, in round: Int, _ outputs: [GivenOutput], behind: [ActionBehind]
  ) throws(Failure) -> ApprovalSubject {
    try refresh()
    if case .approval? = lowered.steps[id] {
      let given = outputs.map { made in
        JSONMember(lowered.program.outputs[made.output].name, .string(made.text))
      }
      let asked = StepApproval(
        run: head.id, step: id, round: round, request: head.request,
        pipeline: lowered.program.name,
        bundle: head.bundle, outputs: given, does: try undertakings(of: behind))
      let digest = try withEngine { () throws(RequestError) in try asked.digest }
      return ApprovalSubject(
        document: asked.json,
        target: ApprovalTarget(gate: asked.gate, digest: digest, does: nil))
    }
    return try subject(of: try asked(for: id, in: round, outputs))
  }

  /// The same of a request for a gate, or for an action: of that one with all that it would do now, as far as that is known.
  func subject(of request: JSONValue) throws(Failure) -> ApprovalSubject {
    let asked = try ActionInputs(any: request, inputs.loaded)
    let (target, undertaking) = try asked.whatIsAgreedTo(
      asking(), deeds: { () throws(Failure) in try deeds() })
    let document = undertaking.map { request.with("does", $0.json) } ?? request
    return ApprovalSubject(document: document, target: target)
  }

  /// What the log says was done, where the policy reads that.
  func deeds() throws(Failure) -> [JSONValue] {
    let engine = inputs.loaded.engine
    guard engine.bundle.readsDeeds else { return [] }
    return try keys.word().deedFacts(engine, keys.signer.name.description, nil)
  }

  /// The people who may not approve at a step, by the role in which they would, or why they are not known.
  func excepted(at id: String, _ outputs: [GivenOutput]) throws(Failure) -> [ExceptedPeople] {
    guard case .approval(let approval)? = lowered.steps[id],
      approval.rules.contains(where: { $0.except != nil })
    else { return [] }
    try refresh()
    let prepared = try onWord(with: outputs)
    var excepted: [ExceptedPeople] = []
    for rule in approval.rules {
      guard let value = rule.except else { continue }
      excepted.append(ExceptedPeople(role: rule.role, people: try people(value, prepared)))
    }
    return excepted
  }

  /// Whether the graph has a person. Of whoever it does not have nobody can say that they are not excepted.
  func hasNode(of person: String) -> Bool {
    (try? inputs.loaded.engine.knows(caller: person)) ?? false
  }

  private func people(_ value: Int, _ prepared: PreparedPipeline) throws(Failure) -> [String] {
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.nodes(value, of: prepared, asking())
    }
    do throws(RequestError) {
      return try result.get()
    } catch {
      throw .badInput("who may not approve is not known: \(error)")
    }
  }

  /// How old an approval may be, in microseconds, by the clauses of a gate that count it in a role.
  func longestAge(at id: String, role: String, _ outputs: [GivenOutput]) -> Int64? {
    guard let request = try? request(for: id, outputs),
      let run = try? ActionInputs(any: request, inputs.loaded).decide(caller, isQuestion: true).run
    else { return nil }
    return run.decision.obligations.filter { hasSameBytes($0.role, role) }.compactMap(\.within)
      .min()
  }

  /// The words of a program.
  func words(at id: String, _ outputs: [GivenOutput]) throws(Failure) -> [String] {
    guard case .run(let words)? = lowered.steps[id] else {
      throw .badInput("the bundle has no program for `\(id)`")
    }
    try refresh()
    let prepared = try onWord(with: outputs)
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.words(words, of: prepared, asking())
    }
    switch result {
    case .words(let words): return words
    case .unknown(let why): throw .badInput("the command is not known: \(why)")
    case .refused(let why): throw .badInput("the command is refused: \(why)")
    case .outOfFuel: throw .badInput("the command looks at more than its limit allows")
    }
  }

  /// What an agent is to do.
  func task(of agent: PipelineAgent, _ outputs: [GivenOutput]) throws(Failure) -> String {
    try refresh()
    let prepared = try onWord(with: outputs)
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.words([agent.task], of: prepared, asking())
    }
    switch result {
    case .words(let words): return words.joined(separator: " ")
    case .unknown(let why): throw .badInput("the task is not known: \(why)")
    case .refused(let why): throw .badInput("the task is refused: \(why)")
    case .outOfFuel: throw .badInput("the task looks at more than its limit allows")
    }
  }

  /// The request that a step makes of its gate, without approvals.
  func request(for id: String, _ outputs: [GivenOutput]) throws(Failure) -> JSONValue {
    let program = inputs.loaded.engine.bundle.program.program
    let (kind, name, parameters, values): (String, String, [NamedType], [Int])
    switch lowered.steps[id] {
    case .action(let index, let arguments):
      let action = program.actions[index]
      (kind, name, parameters, values) = ("action", action.name, action.parameters, arguments)
    case .gate(let index, let arguments):
      let gate = program.gates[index]
      (kind, name, parameters, values) = ("gate", gate.name, gate.parameters, arguments)
    case .run, .approval, .agent, nil: throw .badInput("nothing decides on `\(id)`")
    }
    let prepared = try onWord(with: outputs)
    let result = try withEngine { () throws(RequestError) in
      try inputs.loaded.decider.arguments(values, for: parameters, of: prepared, asking())
    }
    do throws(RequestError) {
      return [
        kind: .string(name), "arguments": .object(try result.get()),
        // Without what the log brings: that is brought anew when it is decided.
        "facts": .array(head.request.facts + outputs.flatMap(\.facts)),
      ]
    } catch {
      throw .badInput("\(error)")
    }
  }
}
