// Clause results to outcome, reasons and obligations.

import WritBytecode
public import WritModel

/// What a gate says of one request, before it is bound to digests.
public struct GateResult: Sendable {
  public let outcome: Outcome
  public let isIndeterminate: Bool
  public let reasons: [Reason]
  public let obligations: [Obligation]
  /// Fuel that the clauses spent, messages aside: the same on every executor.
  public let fuel: Int64
  /// Places in the approvals given of those that some clause counted, rising.
  public let countedApprovals: [Int]
  /// A clause each, in order; empty unless it was asked for.
  public let trace: [ClauseTrace]
  /// The same as a record keeps it, see `ClauseReading`; empty unless that was asked for.
  public let readings: [[UInt8]]
  /// Results of one memory with one version are the same in everything; 0 without a memory.
  public let version: UInt64
  /// Findings that are waived, in the order of the clauses; grants by their place among those given.
  public let waived: [SparedFinding]
  /// What became of each waiver of the gate, in the order of the program.
  public let waivers: [WaiverUse]
}

/// Whether a decision tells which facts it rests on.
public enum Tracing: Sendable {
  case off
  /// As values.
  case on
  /// As canonical JSON and nothing else: what digests are taken over.
  case text
}

extension Machine {
  /// Evaluates every clause of a gate; arguments in parameter order.
  ///
  /// - Parameter memory: Of this gate with these very arguments, over what is bound; `nil` where nothing is kept.
  public func decide(
    gate index: Int, arguments: [Slot], approvals: [GrantedApproval],
    waivers: [GrantedWaiver] = [], asOf: Int64, tracing: Tracing = .off,
    memory: DecisionMemory? = nil
  ) -> GateResult {
    // A trace that a waiver may change is made as values first.
    let isText = tracing == .text && program.hasWaivers(ofGate: index)
    let builder = builder(
      gate: index, arguments, approvals, waivers, asOf: asOf, isText ? .on : tracing,
      tellsText: isText)
    return memory.map { builder.result(gate: index, $0) } ?? builder.result(gate: index)
  }
}

extension Machine {
  /// What asks the clauses of a gate.
  func builder(
    gate: Int, _ arguments: [Slot], _ approvals: [GrantedApproval], _ waivers: [GrantedWaiver],
    asOf: Int64, _ tracing: Tracing, tellsText: Bool = false
  ) -> DecisionBuilder {
    self.approvals = approvals
    if !countedApprovals.isEmpty { countedApprovals.removeAll(keepingCapacity: true) }
    return DecisionBuilder(
      machine: self, gate: gate, arguments: arguments, tracing: tracing, grants: waivers,
      tellsText: tellsText, asOf: asOf)
  }
}

extension GateResult {
  /// What the answers of all clauses, in order, come to.
  init(
    _ answers: [ClauseAnswer], countedApprovals: [Int], version: UInt64, _ waiving: Waiving
  ) {
    var obligations: [Obligation] = []
    for answer in answers {
      for obligation in answer.obligations where !obligations.contains(obligation) {
        obligations.append(obligation)
      }
    }
    let reasons = answers.flatMap(\.reasons)
    outcome = !reasons.isEmpty ? .deny : obligations.isEmpty ? .allow : .hold
    isIndeterminate =
      switch outcome {
      case .deny: !answers.contains(where: \.hasCertainFinding)
      case .hold: answers.contains(where: \.owesUncertainly)
      case .allow: false
      }
    self.reasons = reasons
    self.obligations = obligations
    fuel = answers.reduce(waiving.fuel) { $0 + $1.fuel }
    waived = waiving.waived
    waivers = waiving.uses
    self.countedApprovals = countedApprovals
    trace = answers.compactMap(\.trace)
    readings = answers.compactMap(\.reading?.bytes)
    self.version = version
  }
}

/// Asks the clauses of a gate about one request. A class, as `GateInputs` is.
final class DecisionBuilder {
  let machine: Machine
  let gate: Int
  /// Of the gate.
  let parameters: [NamedType]
  let arguments: [Slot]
  let formatter: ValueFormatter
  let causes: CauseText
  let tracing: Tracing
  let grants: [GrantedWaiver]
  /// What was traced as values is told as text.
  let tellsText: Bool

  init(
    machine: Machine, gate: Int, arguments: [Slot], tracing: Tracing,
    grants: [GrantedWaiver],
    tellsText: Bool, asOf: Int64
  ) {
    self.machine = machine
    self.gate = gate
    parameters = machine.program.gates[gate].parameters
    self.arguments = arguments
    formatter = ValueFormatter(machine: machine)
    causes = CauseText(machine: machine, formatter: formatter, asOf: asOf)
    self.tracing = tracing
    self.grants = grants
    self.tellsText = tellsText
  }

  func result(gate index: Int) -> GateResult {
    let clauses = machine.program.gates[index].clauses
    var answers = clauses.indices.map { answer(clauses, $0) }
    let waiving = waive(&answers, gate: index, grants)
    return GateResult(answers, countedApprovals: counted, version: 0, waiving)
  }

  /// The same, asking only the clauses that may say something else than before.
  func result(gate index: Int, _ memory: DecisionMemory) -> GateResult {
    let clauses = machine.program.gates[index].clauses
    memory.begin(
      machine.epoch, caller: machine.registers[Program.callerRegister], tracing,
      clauseCount: clauses.count)
    let inputs = machine.inputs(ofGate: index)
    // Which approvals count now is no answer of a clause.
    var isSame = machine.approvals.isEmpty && !machine.program.hasWaivers(ofGate: index)
    for place in clauses.indices where !memory.holds(place, now: machine.now, asOf: causes.asOf) {
      let answer =
        knownAnswer(gate: index, place, inputs) ?? foundAnswer(gate: index, place, inputs)
      if !memory.keep(answer, of: place) { isSame = false }
    }
    if isSame, let result = memory.result { return result }
    var answers = memory.allAnswers
    let waiving = waive(&answers, gate: index, grants)
    let result = GateResult(
      answers, countedApprovals: counted, version: memory.nextVersion(), waiving)
    memory.keep(result)
    return result
  }

  private var counted: [Int] { machine.countedApprovals.sorted() }

  /// Evaluates a clause and keeps what it read; what only its messages read decides nothing.
  func answer(
    _ clauses: [ClauseProgram], _ place: Int, id: UInt64? = nil
  ) -> ClauseAnswer {
    if tracing != .off { machine.reads.begin() }
    var answer = ClauseAnswer()
    // A clause that passes is not looked at further: copying it would count the references of all its parts.
    let status = run(clauses[place].routine, assumingApprovals: false, &answer)
    if status == .exhausted || !machine.rows.isEmpty {
      evaluate(clauses[place], findings(status), id: id, &answer)
    }
    machine.reads.pause()
    switch tracing {
    case .off: break
    case .on:
      answer.trace = ClauseTrace(
        clause: clauses[place].name, outcome: answer.outcome,
        facts: FactTeller(self).facts(machine.reads.distinct))
    case .text:
      answer.reading = FactTeller(self).reading(clauses[place].name, answer.outcome)
    }
    return answer
  }

  /// Runs a clause, with or without what it may still be given.
  private func run(
    _ routine: Int, assumingApprovals: Bool, _ answer: inout ClauseAnswer
  ) -> RunStatus {
    machine.assumesApprovals = assumingApprovals
    let status = machine.start(routine, inputs: arguments, reading: .vouched)
    answer.fuel += Limits.fuel - max(machine.fuel, 0)
    return status
  }

  /// Goes on where a clause did not pass.
  ///
  /// - Parameter id: Of the clause, where what it says may be taken from before.
  private func evaluate(
    _ clause: ClauseProgram, _ unmet: [EmittedRow], id: UInt64?, _ answer: inout ClauseAnswer
  ) {
    var found = unmet
    if clause.hasApproval {
      found = findings(run(clause.routine, assumingApprovals: true, &answer))
      if found.isEmpty { return owe(clause, unmet, &answer) }
    }
    machine.reads.pause()
    answer.outcome = .failed
    // Also one that is not told: a hundred findings may be unknown, and the next certain.
    answer.hasCertainFinding = found.contains(where: \.truth.isCertain)
    if !machine.program.waivers.isEmpty { noteCertain(found, &answer) }
    if let id, beginKey(id, clause, found),
      let known = machine.foundReasons.known(machine.key, asOf: causes.asOf)
    {
      machine.rememberedCount += 1
      answer.reasons = known.reasons
      answer.knownReasons = known
      return
    }
    answer.reasons = found.prefix(Limits.toldRows).map { reason(for: $0, of: clause) }
    if found.count > Limits.toldRows {
      answer.reasons.append(rest(found.count - Limits.toldRows, of: clause))
    }
    if let id, beginKey(id, clause, found) {
      answer.knownReasons = machine.foundReasons.keep(
        answer.reasons, machine.key, asOf: causes.asOf)
    }
  }

  /// Which findings a waiver could spare: an open range is none of them, nor is what is only counted.
  private func noteCertain(_ found: [EmittedRow], _ answer: inout ClauseAnswer) {
    let told = found.prefix(Limits.toldRows)
    answer.certainFindings = told.indices.filter {
      told[$0].truth.isCertain && told[$0].openGenerator == nil
    }
    answer.hasUntoldCertainFinding =
      found.dropFirst(Limits.toldRows).contains(where: \.truth.isCertain)
  }

  /// What the last run found: of bindings in order, then of open ranges by generator.
  private func findings(_ status: RunStatus) -> [EmittedRow] {
    switch status {
    case .done:
      let rows = machine.rows
      guard rows.contains(where: { $0.openGenerator != nil }) else { return rows }
      return rows.filter { $0.openGenerator == nil }
        + rows.filter { $0.openGenerator != nil }
        .sorted { ($0.openGenerator ?? 0) < ($1.openGenerator ?? 0) }
    case .exhausted:
      return [
        EmittedRow(
          truth: .unknownTruth(Cause(.fuel)), openGenerator: 0, captures: [], witness: [])
      ]
    }
  }

  /// Notes what the last run missed; `unmet` is what a run without it found.
  private func owe(
    _ clause: ClauseProgram, _ unmet: [EmittedRow], _ answer: inout ClauseAnswer
  ) {
    answer.outcome = .owed
    answer.owesUncertainly = !unmet.contains(where: \.truth.isCertain)
    let missing = machine.missingApprovals
    machine.reads.pause()
    let finding = clause.message.isEmpty ? nil : unmet.first { $0.openGenerator == nil }
    let message = finding.map { template(of: $0, clause) }
    answer.obligations = missing.map { missing in
      let approval = machine.program.approvals[missing.approval]
      return Obligation(
        clause: clause.name, role: approval.role, count: missing.count,
        except: missing.except.map(formatter.reference(to:)),
        within: approval.withinMicroseconds, message: message)
    }
  }

  private func reason(for finding: EmittedRow, of clause: ClauseProgram) -> Reason {
    let unknown = causes.fact(finding.truth.cause)
    return Reason(
      clause: clause.name, isDeny: clause.isDeny, message: message(of: finding, clause, unknown),
      subjects: subjects(of: finding, clause, unknown), position: clause.position,
      unknown: finding.truth.isCertain ? nil : unknown,
      witness: finding.witness.map(formatter.reference(to:)))
  }

  private func rest(_ count: Int, of clause: ClauseProgram) -> Reason {
    Reason(
      clause: clause.name, isDeny: clause.isDeny, message: "and \(count) more of the same",
      subjects: [], position: clause.position, unknown: nil, witness: [])
  }

  /// Nodes that the finding binds, or that the clause speaks of, each once.
  private func subjects(
    of finding: EmittedRow, _ clause: ClauseProgram, _ unknown: UnknownFact?
  ) -> [String] {
    var subjects: [String] = []
    let bindingCount = clause.bindings.count
    for (place, capture) in finding.captures.enumerated() {
      let isBinding = place < bindingCount
      guard isBinding || place - bindingCount < clause.subjects.count else { break }
      let type =
        isBinding ? clause.bindings[place].type : clause.subjects[place - bindingCount].type
      guard case .node = type, case .scalar(let slot) = capture, slot.isExact else {
        continue
      }
      let reference = formatter.reference(to: slot.lower)
      if !subjects.contains(reference) { subjects.append(reference) }
    }
    if subjects.isEmpty, let subject = unknown?.subject {
      subjects.append(subject)
    }
    return subjects
  }

  private func message(
    of finding: EmittedRow, _ clause: ClauseProgram, _ unknown: UnknownFact?
  ) -> String {
    if finding.truth.isCertain && finding.openGenerator == nil {
      return template(of: finding, clause)
    }
    let why = "unknown: \(causes.text(of: unknown))"
    return finding.openGenerator != nil ? why : "\(template(of: finding, clause)) (\(why))"
  }

  private func template(of finding: EmittedRow, _ clause: ClauseProgram) -> String {
    if clause.message.isEmpty {
      return clause.isDeny ? "`\(clause.name)` applies" : "`\(clause.name)` does not hold"
    }
    var inputs = arguments
    for capture in finding.captures.prefix(clause.bindings.count) {
      switch capture {
      case .scalar(let slot): inputs.append(slot)
      case .set: inputs.append(.absent)
      }
    }
    var message = ""
    for piece in clause.message {
      switch piece {
      case .text(let text): message += text
      case .value(let routine, let type): message += value(routine, inputs, type)
      }
    }
    return message
  }

  /// A value of a message, by a routine of its own.
  private func value(_ routine: Int, _ inputs: [Slot], _ type: ValueType) -> String {
    machine.assumesApprovals = false
    let status = machine.start(routine, inputs: inputs, reading: .vouched)
    guard status == .done, let value = machine.rows.first?.captures.first else { return "…" }
    return formatter.text(value, type)
  }
}
