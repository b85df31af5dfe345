// Scores against every way in which the unknown parts of their checks may turn out.

import Testing
import WritGeneration
import WritModel
import WritOracle
import WritSemantics

@Suite struct ScoreTests {
  /// All truths of guard and condition of one check.
  private static let truths = [Interval(0, 0, nil), Interval(1, 1, nil), Interval(0, 1, .fuel)]
  private static let results = truths.flatMap { applies in
    truths.map { OracleCheck(applies: applies, passes: $0) }
  }

  private func card(_ weights: [Int64], isSum: Bool) -> TypedScorecard {
    TypedScorecard(
      name: "card", parameters: [], levelEnum: 1, isSum: isSum, lets: [],
      checks: weights.enumerated().map { index, weight in
        TypedCheck(
          name: "check\(index)", weight: weight, title: nil, guardCondition: bool(true),
          condition: bool(true), range: here)
      },
      levels: [
        TypedLevel(ordinal: 1, threshold: isSum ? 2_000_000 : 33_333_333, requiredChecks: [1]),
        TypedLevel(ordinal: 2, threshold: isSum ? 6_000_000 : 66_666_667, requiredChecks: [0]),
      ],
      range: here)
  }

  /// Every exact case that the results may turn out to be.
  private func completions(_ results: ArraySlice<OracleCheck>) -> [[OracleCheck]] {
    guard let first = results.first else { return [[]] }
    let rests = completions(results.dropFirst())
    func values(_ interval: Interval) -> [Interval] {
      (interval.lower...interval.upper).map { Interval($0, $0, nil) }
    }
    return values(first.applies).flatMap { applies in
      values(first.passes).flatMap { passes in
        rests.map { [OracleCheck(applies: applies, passes: passes)] + $0 }
      }
    }
  }

  @Test(arguments: [false, true]) func boundsAreThoseOfAllCompletions(isSum: Bool) {
    let card = card([2, 3, 1], isSum: isSum)
    for a in Self.results {
      for b in Self.results {
        for c in Self.results { check(card, [a, b, c]) }
      }
    }
  }

  private func check(_ card: TypedScorecard, _ results: [OracleCheck]) {
    let bounds = ScorecardResult(card, results)
    let exact = completions(results[...]).map { ScorecardResult(card, $0) }
    for completion in exact {
      #expect(bounds.level.lower <= completion.level.lower)
      #expect(bounds.level.upper >= completion.level.upper)
    }
    guard card.isSum || results.contains(where: \.applies.isTrue) else {
      #expect(bounds.score.lower == .min && bounds.score.upper == .max)
      return
    }
    // The bounds of the score are reached.
    #expect(bounds.score.lower == exact.map(\.score.lower).min())
    #expect(bounds.score.upper == exact.map(\.score.upper).max())
    #expect((bounds.score.cause == nil) == bounds.score.isExact)
  }

  @Test func noCheckApplies() {
    let none = OracleCheck(applies: Interval(false), passes: Interval(true))
    let result = ScorecardResult(card([1, 1], isSum: false), [none, none])
    #expect(result.score == Interval(.min, .max, .noCheck("card", file: 0)))
    #expect(result.level.lower == 0 && result.level.upper == 2)
  }

  @Test func levelsAreCumulative() {
    let fails = OracleCheck(applies: Interval(true), passes: Interval(false))
    let passes = OracleCheck(applies: Interval(true), passes: Interval(true))
    // 75 %: enough for the second level, whose check passes; but the first one's does not.
    let result = ScorecardResult(card([3, 1], isSum: false), [passes, fails])
    #expect(result.score == Interval(exactly: 75_000_000))
    #expect(result.level == Interval(exactly: 0))
  }

  @Test func aThirdIsRounded() {
    let checks = [true, false, false].map {
      OracleCheck(applies: Interval(true), passes: Interval($0))
    }
    let result = ScorecardResult(card([1, 1, 1], isSum: false), checks)
    #expect(result.score == Interval(exactly: 33_333_333))
  }
}
