// Scorecards of one subject: score, level and checks, each with how sure it is.

import WritBytecode
public import WritModel

/// How a check came out.
public enum CheckOutcome: String, Sendable {
  case pass, fail, unknown, notApplicable
}

/// One check of a scorecard for one subject.
public struct CheckResult: Sendable {
  public let name: String
  public let title: String?
  public let weight: Int64
  public let outcome: CheckOutcome
  /// Why it is unknown.
  public let unknown: UnknownFact?
  public let reason: String?
}

/// A scorecard for one subject: intervals that are points where everything is known.
public struct ScoreResult: Sendable {
  /// Millionths; `nil` if no check surely applies.
  public let score: (lower: Int64, upper: Int64)?
  /// Names of the lowest and highest level that it may have.
  public let level: (lower: String, upper: String)
  public let checks: [CheckResult]
}

extension Machine {
  /// Evaluates a scorecard; arguments in parameter order. `nil` if the fuel did not suffice.
  public func score(scorecard index: Int, arguments: [Slot], asOf: Int64) -> ScoreResult? {
    let scorecard = program.scorecards[index]
    let formatter = ValueFormatter(machine: self)
    let causes = CauseText(machine: self, formatter: formatter, asOf: asOf)
    let run = run(scorecard.routine, inputs: arguments, reading: .vouched)
    guard run.status == .done, let row = run.rows.first else { return nil }
    let slots = row.captures.map { capture -> Slot in
      if case .scalar(let slot) = capture { slot } else { .absent }
    }
    guard slots.count == scorecard.checks.count * 2 + 2 else { return nil }
    let checks = scorecard.checks.enumerated().map { position, check in
      result(check, applies: slots[position * 2], passes: slots[position * 2 + 1], causes)
    }
    let members = program.schema.enums[scorecard.levelEnum].members
    let score = slots[slots.count - 2]
    let level = slots[slots.count - 1]
    return ScoreResult(
      score: score.lower == .min ? nil : (score.lower, score.upper),
      level: (name(of: level.lower, in: members), name(of: level.upper, in: members)),
      checks: checks)
  }

  private func name(of ordinal: Int64, in members: [String]) -> String {
    members.indices.contains(Int(ordinal)) ? members[Int(ordinal)] : "unknown"
  }

  private func result(
    _ check: CheckProgram, applies: Slot, passes: Slot, _ causes: CauseText
  ) -> CheckResult {
    let outcome: CheckOutcome
    var cause = Cause.none
    if applies.upper == 0 {
      outcome = .notApplicable
    } else if applies.lower == 1 && passes.lower == passes.upper {
      outcome = passes.lower == 1 ? .pass : .fail
    } else {
      outcome = .unknown
      cause = applies.lower == applies.upper ? passes.cause : applies.cause
    }
    return CheckResult(
      name: check.name, title: check.title, weight: check.weight, outcome: outcome,
      unknown: causes.fact(cause), reason: cause.isNone ? nil : causes.text(cause))
  }
}
