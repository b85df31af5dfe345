// Answers of the oracle and of the machine in the same words, a line for each thing that they say.

import WritModel
import WritOracle
import WritSemantics
import WritVM

/// Spells out answers so that they can be compared.
struct Telling {
  let schema: Schema
  let machine: Machine

  func lines(_ result: GateResult) -> [String] {
    let reasons = result.reasons.map { reason in
      if isRest(reason) { return "\(reason.clause) \(reason.message)" }
      return finding(
        reason.clause, reason.unknown.map(text), reason.witness, message(of: reason))
    }
    let owed = Set(result.obligations.map(\.clause)).sorted()
    return ["\(result.outcome) \(result.isIndeterminate)"] + reasons + owed
  }

  func lines(_ decision: OracleDecision, _ gate: TypedGate) -> [String] {
    var lines = ["\(decision.outcome) \(decision.isIndeterminate)"]
    for clause in gate.clauses {
      let findings = decision.findings.filter { $0.clause == clause.name }
      for one in findings.prefix(told) {
        let nothing =
          "`\(clause.name)` " + (clause.kind == .deny ? "applies" : "does not hold")
        let message = clause.message.isEmpty ? nothing : one.message
        lines.append(
          finding(
            one.clause, one.cause.map(text), one.witness.map(text),
            one.isOpenRange ? "" : message))
      }
      if findings.count > told {
        lines.append("\(clause.name) and \(findings.count - told) more of the same")
      }
    }
    return lines + Set(decision.obligations.map(\.clause)).sorted()
  }

  /// Of one clause the machine tells this many findings, and how many more there are.
  private var told: Int { 100 }

  private func finding(
    _ clause: String, _ why: String?, _ witness: [String], _ message: String
  ) -> String {
    let way = witness.isEmpty ? "" : " by \(witness.joined(separator: " > "))"
    return "\(clause) \(why ?? "certain")\(way) \"\(message)\""
  }

  private func isRest(_ reason: Reason) -> Bool {
    reason.message.hasPrefix("and ") && reason.message.hasSuffix(" more of the same")
  }

  /// Without the cause in words, which the oracle does not have.
  private func message(of reason: Reason) -> String {
    guard reason.unknown != nil else { return reason.message }
    if reason.message.hasPrefix("unknown: ") { return "" }
    var message = Substring(reason.message)
    while !message.isEmpty && !message.hasSuffix(" (unknown: ") { message.removeLast() }
    return String(message.dropLast(" (unknown: ".count))
  }

  func lines(_ result: ScoreResult) -> [String] {
    let score = result.score.map { "\($0.lower) \($0.upper)" } ?? "unknown"
    let checks = result.checks.map {
      "\($0.name) \($0.outcome) \($0.unknown.map(text) ?? "")"
    }
    return ["\(score) \(result.level.lower) \(result.level.upper)"] + checks
  }

  func lines(_ result: ScorecardResult, _ card: TypedScorecard) -> [String] {
    let score =
      result.score.lower == .min ? "unknown" : "\(result.score.lower) \(result.score.upper)"
    let members = schema.enums[card.levelEnum].members
    let level = [result.level.lower, result.level.upper].map { members[Int($0)] }
    let checks = zip(card.checks, result.checks).map { check, result in
      "\(check.name) \(outcome(of: result).outcome) \(outcome(of: result).why.map(text) ?? "")"
    }
    return ["\(score) \(level[0]) \(level[1])"] + checks
  }

  private func outcome(of check: OracleCheck) -> (outcome: CheckOutcome, why: WritOracle.Cause?) {
    if check.applies.isFalse { return (.notApplicable, nil) }
    if !check.applies.isExact { return (.unknown, check.applies.cause) }
    if !check.passes.isExact { return (.unknown, check.passes.cause) }
    return (check.passes.isTrue ? .pass : .fail, nil)
  }

  func lines(_ result: QueryResult) -> [String] {
    let rows = result.rows.map { row in
      zip(row.values, result.columns).map { value($0, $1.type) }.joined(separator: " | ")
        + "  \(row.unknown.map(text) ?? "certain")"
    }
    return rows + [result.open.map { "open \(text($0))" } ?? "closed"]
  }

  func lines(_ answer: OracleAnswer) -> [String] {
    if answer.rows.isEmpty, case .fuel? = answer.open { return ["out of fuel"] }
    let rows = answer.rows.map { row in
      row.values.map(value).joined(separator: " | ") + "  \(row.cause.map(text) ?? "certain")"
    }
    return rows + [answer.open.map { "open \(text($0))" } ?? "closed"]
  }
}

extension Telling {
  private func value(_ value: CapturedValue, _ type: ValueType) -> String {
    switch value {
    case .scalar(let slot): scalar(slot, type.unwrapped)
    case .set(let elements, let open):
      "{"
        + elements.map { element in
          scalar(Slot(element.lower, element.upper, element.cause), type.element ?? type.unwrapped)
            + (element.isDefinite ? "" : "?")
        }.joined(separator: ", ") + (open.code == .none ? "}" : ", …}")
    }
  }

  private func scalar(_ slot: Slot, _ type: ValueType) -> String {
    if slot.isAbsent { return "absent" }
    guard slot.isExact else { return "\(slot.lower)..\(slot.upper)" }
    switch type {
    case .string: return "'\(machine.text(.scalar(slot), type))'"
    case .node: return machine.reference(to: slot.lower)
    case .edge: return machine.text(.scalar(slot), type)
    default: return String(slot.lower)
    }
  }

  private func value(_ value: ShownValue) -> String {
    switch value {
    case .absent: "absent"
    case .number(let number, _): String(number)
    case .text(let text, _): "'\(text)'"
    case .node(let name, _): text(name)
    case .edge(_, let from, let to, _, _): "\(from.id) -> \(to.id)"
    case .between(let lower, let upper, _): "\(lower)..\(upper)"
    case .elements(let elements, let open):
      "{"
        + elements.map { self.value($0.value) + ($0.isDefinite ? "" : "?") }
        .joined(separator: ", ") + (open == nil ? "}" : ", …}")
    }
  }

  private func text(_ name: NodeName) -> String { "\(schema.kinds[name.kind].name)/\(name.id)" }

  private func text(_ fact: UnknownFact) -> String {
    if fact.why == "noCheck" { return fact.why }
    return ([fact.why] + [fact.source, fact.subject, fact.field].compactMap { $0 })
      .joined(separator: " ")
  }

  private func text(_ cause: WritOracle.Cause) -> String {
    switch cause {
    case .silent(let source, let about): "silent \(schema.sources[source].name) \(text(about))"
    case .stale(let source, let about, _): "stale \(schema.sources[source].name) \(text(about))"
    case .missingField(let node, let field): "missing \(text(node)) \(field)"
    case .missingEdgeField(let edge, _, _, let field):
      "missing \(schema.edges[edge].name).\(field)"
    case .missingEdge(let node, let edge): "missing \(text(node)) \(edge)"
    case .noNode(let node): "noNode \(schema.kinds[node.kind].name)"
    case .overflow: "overflow"
    case .divisionByZero: "divisionByZero"
    case .fuel: "fuel"
    case .noCheck: "noCheck"
    case .absent: "absent"
    }
  }

  private func text(_ subject: Subject) -> String {
    switch subject {
    case .node(let node): text(node)
    case .kind(let kind): schema.kinds[kind].name
    }
  }
}
