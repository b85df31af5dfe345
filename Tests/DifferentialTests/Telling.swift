// Answers of the oracle and of the machine in the same words, a line for each thing that they say.

import WritModel
import WritOracle
import WritSemantics
import WritVM

/// Spells out answers so that they can be compared.
struct Telling {
  private let schema: Schema
  private let machine: Machine
  private let words: Wording

  init(_ program: TypedProgram, machine: Machine, asOf: Int64) {
    schema = program.schema
    self.machine = machine
    words = Wording(program, asOf: asOf)
  }

  func lines(_ result: GateResult) -> [String] {
    lines(
      result.outcome, result.isIndeterminate, Int(result.fuel), result.reasons, result.obligations)
      + result.waived.map { "waived \(text($0.finding))" }
      + result.waivers.map { "waiver \($0.waiver) \($0.state)" }
  }

  func lines(_ decision: OracleDecision, _ gate: TypedGate) -> [String] {
    lines(
      decision.outcome, decision.isIndeterminate, decision.fuel,
      words.reasons(decision, gate, position: MachineFactory.position),
      words.obligations(decision))
      + words.waived(decision, gate, position: MachineFactory.position)
      .map { "waived \(text($0))" }
      + decision.waivers.map { "waiver \($0.waiver) \($0.state)" }
  }

  /// Every member of every part.
  private func lines(
    _ outcome: Outcome, _ isIndeterminate: Bool, _ fuel: Int, _ reasons: [Reason],
    _ obligations: [Obligation]
  ) -> [String] {
    ["\(outcome) indeterminate \(isIndeterminate) fuel \(fuel)"] + reasons.map(text)
      + obligations.map { "\($0)" }
  }

  private func text(_ reason: Reason) -> String {
    let parts = [
      reason.isDeny ? "deny" : "require", reason.clause, "\"\(reason.message)\"",
      "of \(reason.subjects)", "at \(reason.position)", "by \(reason.witness)",
      reason.unknown.map(text) ?? "certain",
    ]
    return parts.joined(separator: " ")
  }

  func lines(_ result: ScoreResult) -> [String] {
    let score = result.score.map { "\($0.lower) \($0.upper)" } ?? "unknown"
    let checks = result.checks.map { check in
      self.check(
        check.name, check.title, check.weight, check.outcome, check.unknown, check.reason)
    }
    return ["\(score) \(result.level.lower) \(result.level.upper)"] + checks
  }

  func lines(_ result: ScorecardResult, _ card: TypedScorecard) -> [String] {
    let score =
      result.score.lower == .min ? "unknown" : "\(result.score.lower) \(result.score.upper)"
    let members = schema.enums[card.levelEnum].members
    let level = [result.level.lower, result.level.upper].map { members[Int($0)] }
    let checks = zip(card.checks, result.checks).map { check, result in
      let (outcome, why) = outcome(of: result)
      let unknown = why.map(words.fact)
      return self.check(
        check.name, check.title, check.weight, outcome, unknown, unknown.map(words.text))
    }
    return ["\(score) \(level[0]) \(level[1])"] + checks
  }

  private func check(
    _ name: String, _ title: String?, _ weight: Int64, _ outcome: CheckOutcome,
    _ unknown: UnknownFact?, _ reason: String?
  ) -> String {
    "\(name) \(title ?? "untitled") \(weight) \(outcome) \(unknown.map(text) ?? "known") \(reason ?? "")"
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
      row.values.map(value).joined(separator: " | ")
        + "  \(row.cause.map(words.fact).map(text) ?? "certain")"
    }
    return rows + [answer.open.map { "open \(text(words.fact($0)))" } ?? "closed"]
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
    case .node(let name, _): words.text(name)
    case .edge(_, let from, let to, _, _): "\(from.id) -> \(to.id)"
    case .between(let lower, let upper, _): "\(lower)..\(upper)"
    case .elements(let elements, let open):
      "{"
        + elements.map { self.value($0.value) + ($0.isDefinite ? "" : "?") }
        .joined(separator: ", ") + (open == nil ? "}" : ", …}")
    }
  }

  private func text(_ fact: UnknownFact) -> String {
    let numbers = [("observed", fact.observed), ("limit", fact.limit)].compactMap { name, number in
      number.map { "\(name) \($0)" }
    }
    let names = [fact.source, fact.subject, fact.field].compactMap { $0 }
    return ([fact.why] + names + numbers).joined(separator: " ")
  }
}
