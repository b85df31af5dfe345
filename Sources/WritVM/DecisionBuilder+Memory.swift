// Answers of clauses that were found for other requests, and those that are kept for them.

import WritBytecode

extension DecisionBuilder {
  /// What a clause answered before; `nil` where that cannot be told, or it was not asked. The key is then that of its answer.
  func known(gate index: Int, _ place: Int, _ inputs: GateInputs) -> KnownAnswer? {
    guard beginKey(gate: index, place, inputs) else { return nil }
    let found = machine.answers.known(machine.key, now: machine.now, asOf: causes.asOf)
    guard let known = found, holds(known.reading, inputs.clauses[place]) else { return nil }
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
    answer.reading = known.reading?.reading
    return answer
  }

  /// Evaluates a clause, and keeps the answer for other requests where it is one for them too.
  func foundAnswer(gate index: Int, _ place: Int, _ inputs: GateInputs) -> ClauseAnswer {
    let clauses = machine.program.gates[index].clauses
    machine.span = inputs.marked[place] == nil ? .always : .around(now: machine.now)
    var answer = answer(clauses, place, id: clauseID(index, place))
    answer.span = span(of: answer, place, inputs)
    guard let own = inputs.clauses[place], answer.reasons.isEmpty || !own.tellsOthers,
      beginKey(gate: index, place, inputs)
    else { return answer }
    keep(answer, own)
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
  private func keep(_ answer: ClauseAnswer, _ inputs: ClauseInputs) {
    guard tracing == .text else { return machine.answers.keep(answer, nil, machine.key) }
    guard machine.reads.sequence != nil, let reading = answer.reading else { return }
    var reads = machine.reads.distinct
    for read in inputs.reads {
      reads.remove(FactRead(word: read.word, subject: arguments[read.parameter].lower))
    }
    let known = KnownReading(reading, of: reads)
    guard holds(known, inputs) else { return }
    machine.answers.keep(answer, known, machine.key)
  }

  /// Whether a reading of another request is this one's too, all that the key names being the same.
  private func holds(_ known: KnownReading?, _ inputs: ClauseInputs?) -> Bool {
    guard let known, let inputs else { return true }
    return known.holds(for: arguments, varying: inputs.varying, nodes: inputs.nodes)
  }

  /// Whether what a clause says of its findings depends on nothing but what can be compared, which is then the machine's key.
  func beginKey(_ id: UInt64, _ clause: ClauseProgram, _ findings: [EmittedRow]) -> Bool {
    let inputs = machine.inputs(ofGate: Int(id >> 32))
    return machine.beginKey(
      id, clause, findings, inputs.messages[Int(id & 0xffff_ffff)], arguments)
  }
}
