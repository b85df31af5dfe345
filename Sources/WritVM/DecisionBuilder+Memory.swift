// Answers of clauses that were found for other requests, and those that are kept for them.

import WritBytecode

extension DecisionBuilder {
  /// What a clause answered before; `nil` where that cannot be told, or it was not asked. The key is then that of its answer.
  func known(gate index: Int, _ place: Int, _ inputs: GateInputs) -> KnownAnswer? {
    guard beginKey(gate: index, place, inputs) else { return nil }
    let found = machine.answers.known(machine.key, now: machine.now, asOf: causes.asOf)
    guard let known = found else { return nil }
    machine.rememberedCount += 1
    return known
  }

  /// Whether the answer of a clause depends on nothing but what can be compared, which is then the machine's key.
  private func beginKey(gate index: Int, _ place: Int, _ inputs: GateInputs) -> Bool {
    guard tracing != .on, let own = inputs.clauses[place],
      machine.approvals.isEmpty || !inputs.hasApproval[place]
    else { return false }
    return machine.beginKey(
      clauseID(index, place), own, arguments, isTraced: tracing == .text)
  }

  private func clauseID(_ gate: Int, _ place: Int) -> UInt64 { UInt64(gate) << 32 | UInt64(place) }

  func knownAnswer(gate index: Int, _ place: Int, _ inputs: GateInputs) -> ClauseAnswer? {
    guard let known = known(gate: index, place, inputs) else { return nil }
    var answer = known.answer
    known.trace?.append(to: &answer.traceText) { machine.argumentText($0, arguments) }
    return answer
  }

  /// Evaluates a clause, and keeps the answer for other requests where it is one for them too.
  func foundAnswer(gate index: Int, _ place: Int, _ inputs: GateInputs) -> ClauseAnswer {
    let clauses = machine.program.gates[index].clauses
    machine.span = inputs.marked[place] == nil ? .always : .around(now: machine.now)
    var answer = answer(clauses, place, id: clauseID(index, place))
    answer.span = span(of: answer, place, inputs)
    guard let own = inputs.clauses[place], answer.reasons.isEmpty || !own.tellsOthers,
      // Ages are of the moment.
      answer.reasons.allSatisfy({ $0.unknown == nil }), beginKey(gate: index, place, inputs)
    else { return answer }
    keep(answer, of: clauses[place], own)
    return answer
  }

  /// For how long the last answer holds, as far as what it depends on is the same.
  private func span(of answer: ClauseAnswer, _ place: Int, _ inputs: GateInputs) -> AnswerSpan? {
    if inputs.hasApproval[place] && !machine.approvals.isEmpty { return nil }
    if inputs.isMomentary[place] { return .moment(now: machine.now, asOf: causes.asOf) }
    var span = machine.span
    for reason in answer.reasons {
      guard let observed = reason.unknown?.observed else { continue }
      span.clamp(toAgeOf: observed, asOf: causes.asOf)
    }
    return span
  }

  /// Keeps the last answer with what it read.
  private func keep(_ answer: ClauseAnswer, of clause: ClauseProgram, _ inputs: ClauseInputs) {
    guard tracing == .text else { return machine.answers.keep(answer, nil, machine.key) }
    guard machine.reads.sequence != nil else { return }
    let teller = FactTeller(machine: machine, formatter: formatter, causes: causes)
    var fixed = machine.reads.distinct
    var open: [(parameter: Int, fact: TracedFact)] = []
    for read in inputs.reads {
      let noted = FactRead(word: read.word, subject: arguments[read.parameter].lower)
      guard fixed.remove(noted) != nil, let fact = teller.facts([noted]).first else { continue }
      open.append((read.parameter, fact))
    }
    machine.answers.keep(
      answer, KnownTrace(clause.name, answer.outcome, teller.facts(fixed), open), machine.key)
  }

  /// Whether what a clause says of its findings depends on nothing but what can be compared, which is then the machine's key.
  func beginKey(_ id: UInt64, _ clause: ClauseProgram, _ findings: [EmittedRow]) -> Bool {
    let inputs = machine.inputs(ofGate: Int(id >> 32))
    return machine.beginKey(
      id, clause, findings, inputs.messages[Int(id & 0xffff_ffff)], arguments)
  }
}
