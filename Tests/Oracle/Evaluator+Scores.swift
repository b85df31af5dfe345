// Scorecards: the bounds of a score and of the level that it reaches.

import WritModel
public import WritSemantics

/// What a check came to.
public struct OracleCheck: Hashable, Sendable {
  /// Whether it applies.
  public let applies: Interval
  public let passes: Interval

  public init(applies: Interval, passes: Interval) {
    self.applies = applies
    self.passes = passes
  }

  /// Passed, or not applicable, whatever the unknown parts are.
  var surelyHolds: Bool { applies.isFalse || passes.isTrue }
  /// Passed, or not applicable, if the unknown parts are so.
  var maybeHolds: Bool { !applies.isTrue || !passes.isFalse }
  /// Neither applies nor fails to.
  var maybeApplies: Bool { !applies.isTrue && !applies.isFalse }
}

/// A scorecard applied.
public struct ScorecardResult: Hashable, Sendable {
  /// Millionths.
  public let score: Interval
  /// Ordinals of the scorecard's enum.
  public let level: Interval
  public let checks: [OracleCheck]

  /// Adds up what the checks came to.
  public init(_ card: TypedScorecard, _ checks: [OracleCheck]) {
    self.checks = checks
    let score = card.isSum ? sum(card, checks) : ratio(card, checks)
    self.score = score
    let lower = reached(card, checks.map(\.surelyHolds), score.lower)
    let upper = reached(card, checks.map(\.maybeHolds), score.upper)
    level = combined(lower, upper, blamed(checks) + [score])
  }
}

/// Whose causes the result takes: what a check that does not apply came to says nothing.
private func blamed(_ checks: [OracleCheck]) -> [Interval] {
  checks.flatMap { $0.applies.isFalse ? [$0.applies] : [$0.applies, $0.passes] }
}

private func weight(
  _ card: TypedScorecard, _ checks: [OracleCheck], where counts: (OracleCheck) -> Bool
) -> Int64 {
  zip(card.checks, checks).reduce(0) { $0 + (counts($1.1) ? $1.0.weight : 0) }
}

/// The weight passed, as a decimal.
private func sum(_ card: TypedScorecard, _ checks: [OracleCheck]) -> Interval {
  let lower = weight(card, checks) { $0.applies.isTrue && $0.passes.isTrue }
  let upper = weight(card, checks) { !$0.applies.isFalse && !$0.passes.isFalse }
  return combined(lower * 1_000_000, upper * 1_000_000, blamed(checks))
}

/// The weight passed of that which applies, in percent.
///
/// What may not apply is left out where that helps the bound.
private func ratio(_ card: TypedScorecard, _ checks: [OracleCheck]) -> Interval {
  guard checks.contains(where: \.applies.isTrue) else {
    let isNone = checks.allSatisfy(\.applies.isFalse)
    return Interval(
      .min, .max, isNone ? .noCheck(card.name, file: card.range.file) : cause(checks.map(\.applies))
    )
  }
  let lower = percent(
    weight(card, checks) { $0.applies.isTrue && $0.passes.isTrue },
    of: weight(card, checks) { $0.applies.isTrue || ($0.maybeApplies && !$0.passes.isTrue) })
  let upper = percent(
    weight(card, checks) { !$0.applies.isFalse && !$0.passes.isFalse },
    of: weight(card, checks) { $0.applies.isTrue || ($0.maybeApplies && !$0.passes.isFalse) })
  return combined(lower, upper, blamed(checks))
}

private func percent(_ passed: Int64, of applicable: Int64) -> Int64 {
  Int64(roundedHalfToEven(Int128(passed) * 100_000_000, Int128(applicable)))
}

/// The ordinal of the highest level whose threshold and checks, and those of every lower one, hold.
private func reached(_ card: TypedScorecard, _ holds: [Bool], _ score: Int64) -> Int64 {
  let levels = card.levels.prefix { level in
    score >= level.threshold && level.requiredChecks.allSatisfy { holds[$0] }
  }
  return Int64(levels.last?.ordinal ?? 0)
}

extension Evaluator {
  /// Within an expression: everything is charged to whoever calls.
  func scorecardValue(
    _ index: Int, _ arguments: [TypedExpression], _ scope: Environment
  ) throws(OutOfFuel) -> ScorecardResult {
    let card = program.scorecards[index]
    var inner = try self.arguments(card.parameters, arguments, scope)
    try bind(card.lets, &inner)
    var checks: [OracleCheck] = []
    for check in card.checks { checks.append(try result(of: check, inner)) }
    return ScorecardResult(card, checks)
  }

  /// Asked for by itself: each check is charged on its own, with the lets.
  func scorecardValue(_ index: Int, _ scope: Environment) -> ScorecardResult {
    let card = program.scorecards[index]
    var inner = scope
    fuel = 0
    let isBound = (try? bind(card.lets, &inner)) != nil
    let charged = fuel
    let checks = card.checks.map { check in
      fuel = charged
      if isBound, let result = try? result(of: check, inner) { return result }
      let unknown = Interval(0, 1, .fuel)
      return OracleCheck(
        applies: check.guardCondition == nil ? Interval(true) : unknown, passes: unknown)
    }
    return ScorecardResult(card, checks)
  }

  /// The condition is evaluated whatever the guard is.
  private func result(
    of check: TypedCheck, _ scope: Environment
  ) throws(OutOfFuel) -> OracleCheck {
    var applies = Interval(true)
    if let guardCondition = check.guardCondition { applies = try scalar(guardCondition, scope) }
    return OracleCheck(applies: applies, passes: try scalar(check.condition, scope))
  }

  func bind(_ lets: [TypedLet], _ scope: inout Environment) throws(OutOfFuel) {
    for definition in lets {
      scope[definition.variable.id] = try value(definition.value, scope)
    }
  }
}
