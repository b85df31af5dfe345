// Scorecards: the score and the level as intervals over what is not known.

import WritBytecode
import WritModel

/// One end of the interval: every open question answered for the worse, or for the better.
private enum Outlook {
  case pessimistic, optimistic
}

extension ScoredCheck {
  fileprivate var surelyApplies: Bool { applies.lower == 1 }
  fileprivate var mayApply: Bool { applies.upper == 1 }
  fileprivate var surelyPasses: Bool { passes.lower == 1 }
  fileprivate var mayPass: Bool { passes.upper == 1 }

  fileprivate func counts(_ outlook: Outlook) -> Bool {
    switch outlook {
    case .pessimistic: surelyApplies || (mayApply && !surelyPasses)
    case .optimistic: surelyApplies || (mayApply && mayPass)
    }
  }

  fileprivate func earns(_ outlook: Outlook) -> Bool {
    switch outlook {
    case .pessimistic: surelyApplies && surelyPasses
    case .optimistic: counts(.optimistic) && mayPass
    }
  }

  /// A check that does not apply stands in nobody's way.
  fileprivate func permits(_ outlook: Outlook) -> Bool {
    switch outlook {
    case .pessimistic: surelyPasses || !mayApply
    case .optimistic: mayPass || !surelyApplies
    }
  }
}

extension Machine {
  /// The score or level of a scorecard from the checks in a buffer, which is empty then.
  func score(buffer: Int, scorecard index: Int, wantsLevel: Bool) -> Slot {
    let scorecard = program.scorecards[index]
    let checks = scores[buffer]
    scores[buffer].removeAll(keepingCapacity: true)
    guard checks.count == scorecard.checks.count else { return .unknownNumber(.none) }
    let score = self.score(checks, scorecard, index)
    return wantsLevel ? level(checks, scorecard, score) : score
  }

  private func score(
    _ checks: [ScoredCheck], _ scorecard: ScorecardProgram, _ index: Int
  ) -> Slot {
    if scorecard.isSum {
      let lower = weight(checks, scorecard) { $0.earns(.pessimistic) }
      let upper = weight(checks, scorecard) { $0.mayApply && $0.mayPass }
      return result(lower * Decimal.scale, upper * Decimal.scale, checks)
    }
    guard checks.contains(where: \.surelyApplies) else {
      let noneApplies = !checks.contains(where: \.mayApply)
      return .unknownNumber(noneApplies ? Cause(.noCheck, first: index) : firstDoubt(checks))
    }
    return result(
      ratio(checks, scorecard, .pessimistic), ratio(checks, scorecard, .optimistic), checks)
  }

  private func result(_ lower: Int64, _ upper: Int64, _ checks: [ScoredCheck]) -> Slot {
    let isExact = lower == upper
    let isCertain = isExact && reading == .vouched
    return Slot(lower, upper, isCertain ? .none : firstCause(checks, isExact: isExact))
  }

  /// 100 x weight earned / weight that counts, in millionths, rounded half to even.
  private func ratio(
    _ checks: [ScoredCheck], _ scorecard: ScorecardProgram, _ outlook: Outlook
  ) -> Int64 {
    let earned = weight(checks, scorecard) { $0.earns(outlook) }
    let counted = weight(checks, scorecard) { $0.counts(outlook) }
    let hundredfold = Decimal(millionths: earned * 100 * Decimal.scale)
    return hundredfold.divided(by: Decimal(millionths: counted * Decimal.scale))?.millionths ?? 0
  }

  /// At most 1,024 checks of at most 1,000,000 each: no sum overflows.
  private func weight(
    _ checks: [ScoredCheck], _ scorecard: ScorecardProgram, _ isWanted: (ScoredCheck) -> Bool
  ) -> Int64 {
    zip(checks, scorecard.checks).reduce(0) { $0 + (isWanted($1.0) ? $1.1.weight : 0) }
  }

  /// "Cause of a result" over guards and conditions in order; the condition of a check that does not apply says nothing.
  private func firstCause(_ checks: [ScoredCheck], isExact: Bool) -> Cause {
    func speaks(_ operand: Slot) -> Bool {
      !operand.cause.isNone && (!isExact || operand.isExact)
    }
    for check in checks {
      if speaks(check.applies) { return check.applies.cause.plain }
      if check.mayApply && speaks(check.passes) { return check.passes.cause.plain }
    }
    return .none
  }

  /// The first guard that leaves open whether its check applies.
  private func firstDoubt(_ checks: [ScoredCheck]) -> Cause {
    checks.lazy.map(\.applies.cause.plain).first { !$0.isNone } ?? .none
  }

  private func level(
    _ checks: [ScoredCheck], _ scorecard: ScorecardProgram, _ score: Slot
  ) -> Slot {
    let lower = ordinal(checks, scorecard, score.lower, .pessimistic)
    let upper = ordinal(checks, scorecard, score.upper, .optimistic)
    let own = result(lower, upper, checks)
    let isInexact = lower != upper
    return isInexact ? Slot(lower, upper, own.cause.or(score.cause)) : own
  }

  /// The highest level that is reached together with every lower one.
  private func ordinal(
    _ checks: [ScoredCheck], _ scorecard: ScorecardProgram, _ score: Int64, _ outlook: Outlook
  ) -> Int64 {
    var ordinal: Int64 = 0
    for level in scorecard.levels {
      let isPermitted = level.requiredChecks.allSatisfy { checks[$0].permits(outlook) }
      guard score >= level.threshold, isPermitted else { break }
      ordinal = Int64(level.ordinal)
    }
    return ordinal
  }
}
