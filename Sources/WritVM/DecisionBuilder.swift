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
  /// The same as canonical JSON, `{…},{…}`; empty unless that was asked for.
  public let traceText: [UInt8]
}

/// Whether a decision tells which facts it rests on.
public enum Tracing: Sendable {
  case off
  /// As values.
  case on
  /// As the canonical JSON of those values and nothing else: what a digest is taken over.
  case text
}

extension Machine {
  /// Evaluates every clause of a gate; arguments in parameter order.
  public func decide(
    gate index: Int, arguments: [Slot], approvals: [GrantedApproval], asOf: Int64,
    tracing: Tracing = .off
  ) -> GateResult {
    self.approvals = approvals
    countedApprovals.removeAll(keepingCapacity: true)
    let formatter = ValueFormatter(machine: self)
    var builder = DecisionBuilder(
      machine: self, arguments: arguments, formatter: formatter,
      causes: CauseText(machine: self, formatter: formatter, asOf: asOf))
    let clauses = program.gates[index].clauses
    for place in clauses.indices { builder.evaluate(clauses, place, tracing) }
    return builder.result
  }
}

private struct DecisionBuilder {
  let machine: Machine
  let arguments: [Slot]
  let formatter: ValueFormatter
  let causes: CauseText
  private var reasons: [Reason] = []
  private var obligations: [Obligation] = []
  private var hasCertainFinding = false
  private var owesUncertainly = false
  private var fuel: Int64 = 0
  private var lastStatus = RunStatus.done
  private var traces: [ClauseTrace] = []
  private var traceText: [UInt8] = []

  init(machine: Machine, arguments: [Slot], formatter: ValueFormatter, causes: CauseText) {
    self.machine = machine
    self.arguments = arguments
    self.formatter = formatter
    self.causes = causes
  }

  var result: GateResult {
    let outcome: Outcome = !reasons.isEmpty ? .deny : obligations.isEmpty ? .allow : .hold
    let isIndeterminate =
      switch outcome {
      case .deny: !hasCertainFinding
      case .hold: owesUncertainly
      case .allow: false
      }
    return GateResult(
      outcome: outcome, isIndeterminate: isIndeterminate, reasons: reasons,
      obligations: obligations, fuel: fuel, countedApprovals: machine.countedApprovals.sorted(),
      trace: traces, traceText: traceText)
  }

  /// Evaluates a clause and keeps what it read; what only its messages read decides nothing.
  mutating func evaluate(_ clauses: [ClauseProgram], _ place: Int, _ tracing: Tracing) {
    if tracing != .off { machine.reads.begin() }
    // A clause that passes is not looked at further: copying it would count the references of all its parts.
    let outcome: ClauseOutcome =
      passes(clauses[place].routine) ? .passed : evaluate(clauses[place])
    machine.reads.pause()
    let teller = FactTeller(machine: machine, formatter: formatter, causes: causes)
    switch tracing {
    case .off: return
    case .on:
      let facts = teller.facts(machine.reads.distinct)
      traces.append(ClauseTrace(clause: clauses[place].name, outcome: outcome, facts: facts))
    case .text:
      if !traceText.isEmpty { traceText.append(UInt8(ascii: ",")) }
      teller.appendClause(clauses[place].name, outcome, to: &traceText)
    }
  }

  /// Runs a clause without what it may still be given; whether it found nothing.
  private mutating func passes(_ routine: Int) -> Bool {
    machine.assumesApprovals = false
    let status = machine.start(routine, inputs: arguments, reading: .vouched)
    fuel += Limits.fuel - max(machine.fuel, 0)
    lastStatus = status
    return status == .done && machine.rows.isEmpty
  }

  /// Goes on where a clause did not pass.
  private mutating func evaluate(_ clause: ClauseProgram) -> ClauseOutcome {
    var findings = lastFindings
    if clause.hasApproval {
      let unmet = findings
      machine.assumesApprovals = true
      lastStatus = machine.start(clause.routine, inputs: arguments, reading: .vouched)
      fuel += Limits.fuel - max(machine.fuel, 0)
      findings = lastFindings
      if findings.isEmpty {
        owe(clause, unmet)
        return .owed
      }
    }
    machine.reads.pause()
    // Also one that is not told: a hundred findings may be unknown, and the next certain.
    if findings.contains(where: \.truth.isCertain) { hasCertainFinding = true }
    for finding in findings.prefix(Limits.toldRows) { add(finding, of: clause) }
    if findings.count > Limits.toldRows {
      addRest(findings.count - Limits.toldRows, of: clause)
    }
    return .failed
  }

  /// What the last run found: of bindings in order, then of open ranges by generator.
  private var lastFindings: [EmittedRow] {
    switch lastStatus {
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
  private mutating func owe(_ clause: ClauseProgram, _ unmet: [EmittedRow]) {
    if !unmet.contains(where: \.truth.isCertain) { owesUncertainly = true }
    let missing = machine.missingApprovals
    machine.reads.pause()
    let finding = clause.message.isEmpty ? nil : unmet.first { $0.openGenerator == nil }
    let message = finding.map { template(of: $0, clause) }
    for missing in missing {
      let approval = machine.program.approvals[missing.approval]
      let obligation = Obligation(
        clause: clause.name, role: approval.role, count: missing.count,
        except: missing.except.map(formatter.reference(to:)),
        within: approval.withinMicroseconds, message: message)
      if !obligations.contains(obligation) { obligations.append(obligation) }
    }
  }

  private mutating func add(_ finding: EmittedRow, of clause: ClauseProgram) {
    let unknown = causes.fact(finding.truth.cause)
    let subjects = subjects(of: finding, clause, unknown)
    reasons.append(
      Reason(
        clause: clause.name, isDeny: clause.isDeny, message: message(of: finding, clause, unknown),
        subjects: subjects, position: clause.position,
        unknown: finding.truth.isCertain ? nil : unknown,
        witness: finding.witness.map(formatter.reference(to:))))
  }

  private mutating func addRest(_ count: Int, of clause: ClauseProgram) {
    reasons.append(
      Reason(
        clause: clause.name, isDeny: clause.isDeny, message: "and \(count) more of the same",
        subjects: [], position: clause.position, unknown: nil, witness: []))
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
