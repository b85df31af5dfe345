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
}

/// Whether a decision tells which facts it rests on.
public enum Tracing: Sendable {
  case off, on
}

extension Machine {
  /// Evaluates every clause of a gate; arguments in parameter order.
  public func decide(
    gate index: Int, arguments: [Slot], approvals: [GrantedApproval], asOf: Int64,
    tracing: Tracing = .off
  ) -> GateResult {
    self.approvals = approvals
    countedApprovals.removeAll(keepingCapacity: true)
    let gate = program.gates[index]
    let formatter = ValueFormatter(schema: program.schema, machine: self)
    var builder = DecisionBuilder(
      machine: self, arguments: arguments, formatter: formatter,
      causes: CauseText(machine: self, formatter: formatter, asOf: asOf))
    for clause in gate.clauses {
      switch tracing {
      case .off: _ = builder.evaluate(clause)
      case .on: builder.trace(clause)
      }
    }
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
  private var traces: [ClauseTrace] = []

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
      trace: traces)
  }

  /// Evaluates a clause and keeps what it read; what only its messages read decides nothing.
  mutating func trace(_ clause: ClauseProgram) {
    machine.reads.begin()
    let outcome = evaluate(clause)
    let teller = FactTeller(machine: machine, formatter: formatter, causes: causes)
    let facts = teller.facts(machine.reads.end())
    traces.append(ClauseTrace(clause: clause.name, outcome: outcome, facts: facts))
  }

  mutating func evaluate(_ clause: ClauseProgram) -> ClauseOutcome {
    var findings = run(clause, assumesApprovals: false)
    if findings.isEmpty { return .passed }
    if clause.hasApproval {
      let unmet = findings
      findings = run(clause, assumesApprovals: true)
      if findings.isEmpty {
        owe(clause, unmet)
        return .owed
      }
    }
    machine.reads.pause()
    for finding in findings.prefix(Limits.toldRows) { add(finding, of: clause) }
    if findings.count > Limits.toldRows {
      addRest(findings.count - Limits.toldRows, of: clause)
    }
    return .failed
  }

  private mutating func run(_ clause: ClauseProgram, assumesApprovals: Bool) -> [EmittedRow] {
    machine.assumesApprovals = assumesApprovals
    let run = machine.run(clause.routine, inputs: arguments, reading: .vouched)
    fuel += Limits.fuel - max(machine.fuel, 0)
    switch run.status {
    case .done:
      // Those of bindings in order, then those of open ranges by generator.
      return run.rows.filter { $0.openGenerator == nil }
        + run.rows.filter { $0.openGenerator != nil }
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
    let cause = finding.truth.cause
    if finding.truth.isCertain { hasCertainFinding = true }
    let subjects = subjects(of: finding, clause)
    reasons.append(
      Reason(
        clause: clause.name, isDeny: clause.isDeny, message: message(of: finding, clause),
        subjects: subjects, position: clause.position,
        unknown: finding.truth.isCertain ? nil : causes.fact(cause),
        witness: finding.witness.map(formatter.reference(to:))))
  }

  private mutating func addRest(_ count: Int, of clause: ClauseProgram) {
    reasons.append(
      Reason(
        clause: clause.name, isDeny: clause.isDeny, message: "and \(count) more of the same",
        subjects: [], position: clause.position, unknown: nil, witness: []))
  }

  /// Nodes that the finding binds, or that the clause speaks of, each once.
  private func subjects(of finding: EmittedRow, _ clause: ClauseProgram) -> [String] {
    var subjects: [String] = []
    for (capture, named) in zip(finding.captures, clause.bindings + clause.subjects) {
      guard case .node = named.type, case .scalar(let slot) = capture, slot.isExact else {
        continue
      }
      let reference = formatter.reference(to: slot.lower)
      if !subjects.contains(reference) { subjects.append(reference) }
    }
    if subjects.isEmpty, let subject = causes.fact(finding.truth.cause)?.subject {
      subjects.append(subject)
    }
    return subjects
  }

  private func message(of finding: EmittedRow, _ clause: ClauseProgram) -> String {
    let why = "unknown: \(causes.text(finding.truth.cause))"
    if finding.openGenerator != nil { return why }
    let text = template(of: finding, clause)
    return finding.truth.isCertain ? text : "\(text) (\(why))"
  }

  private func template(of finding: EmittedRow, _ clause: ClauseProgram) -> String {
    if clause.message.isEmpty {
      return clause.isDeny ? "`\(clause.name)` applies" : "`\(clause.name)` does not hold"
    }
    let bindings = finding.captures.prefix(clause.bindings.count).map { capture -> Slot in
      if case .scalar(let slot) = capture { slot } else { .absent }
    }
    return clause.message.map { piece in
      switch piece {
      case .text(let text): return text
      case .value(let routine, let type):
        machine.assumesApprovals = false
        let run = machine.run(routine, inputs: arguments + bindings, reading: .vouched)
        guard run.status == .done, let value = run.rows.first?.captures.first else { return "…" }
        return formatter.text(value, type)
      }
    }.joined()
  }
}
