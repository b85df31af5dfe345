// Exact pauses between attempts, and who is tried again.

import Testing
import WritPipeline

@Suite struct RetryTests {
  static let tables: [(RetryPolicy, [Int64])] = [
    (
      RetryPolicy(attempts: 6, base: second, factor: 2_000_000, cap: 10 * second, jitter: 0),
      [1, 2, 4, 8, 10, 10, 10].map { $0 * second }
    ),
    (
      RetryPolicy(attempts: 3, base: 10 * second, factor: 3_000_000, cap: 120 * second, jitter: 0),
      [10, 30, 90, 120].map { $0 * second }
    ),
    (RetryPolicy(attempts: 9, base: 7, factor: 1_000_000, cap: 100, jitter: 0), [7, 7, 7, 7]),
    // 3 × 1.5 is 4.5, of which 4 are whole: what is cut is not made up for.
    (
      RetryPolicy(attempts: 9, base: 3, factor: 1_500_000, cap: 12, jitter: 0),
      [3, 4, 6, 9, 12, 12]
    ),
    (RetryPolicy(attempts: 9, base: 0, factor: 9_000_000, cap: 100, jitter: 0), [0, 0, 0]),
    (RetryPolicy(attempts: 9, base: 500, factor: 9_000_000, cap: 100, jitter: 0), [100, 100]),
    (
      // The product overflows 64 bits long before the last attempt.
      RetryPolicy(
        attempts: 100, base: second, factor: 1_000_000_000_000, cap: 86_400 * second, jitter: 0),
      [second] + Array(repeating: 86_400 * second, count: 98)
    ),
  ]

  @Test(arguments: tables.indices)
  func pausesAreExact(index: Int) {
    let (policy, pauses) = RetryTests.tables[index]
    for (offset, pause) in pauses.enumerated() {
      #expect(policy.pause(before: offset + 2, run: "run-1", step: "a") == pause)
    }
  }

  /// Worked out apart from this code: SHA-256 in another language.
  @Test func jitterIsDrawnFromTheNames() {
    let policy = RetryPolicy(
      attempts: 4, base: second, factor: 2_000_000, cap: 60 * second, jitter: 999_999)
    let pauses = (2...4).map { policy.pause(before: $0, run: "run-1", step: "verify/test[linux]") }
    #expect(pauses == [1_907_600, 2_758_683, 4_146_944])
    #expect(policy.pause(before: 2, run: "run-2", step: "verify/test[linux]") != pauses[0])
    #expect(policy.pause(before: 2, run: "run-1", step: "verify/test[mac]") != pauses[0])
  }

  @Test func jitterStaysInItsBounds() {
    for jitter: Int64 in [1, 2, 3, 10] {
      let policy = RetryPolicy(attempts: 2, base: 100, factor: 1_000_000, cap: 100, jitter: jitter)
      var counts = [Int](repeating: 0, count: Int(jitter) + 1)
      for number in 0..<2_000 {
        let pause = policy.pause(before: 2, run: "run-\(number)", step: "a")
        counts[Int(pause) - 100] += 1
      }
      #expect(counts.allSatisfy { $0 > 1_500 / counts.count })
    }
  }

  private func retrying(_ attempts: Int, _ change: (inout NodeOptions) -> Void = { _ in }) throws
    -> Driver
  {
    try Driver(
      plan([
        sequence(
          "build",
          [
            step("make") {
              $0.retry = RetryPolicy(
                attempts: attempts, base: second, factor: 2_000_000, cap: 60 * second, jitter: 0)
              change(&$0)
            }
          ])
      ]))
  }

  @Test func theFirstAttemptCounts() throws {
    var driver = try retrying(3)
    try driver.play("make", .failed)
    #expect(
      driver.effects == [.setTimer(try driver.position("make"), .pause, at: driver.now + second)])
    #expect(throws: EventRefusal.early) { try driver.fire("make", .pause, after: second - 1) }
    try driver.fire("make", .pause, after: 1)
    try driver.play("make", .errored)
    try driver.fire("make", .pause, after: 2 * second)
    #expect(try driver.state("make").attempt == 3)
    try driver.play("make", .failed)
    #expect(try driver.result("make") == .failed)
    #expect(driver.run.verdict?.result == .failed)
  }

  @Test(arguments: [RunResult.denied]) func aDenialIsNotTriedAgain(result: RunResult) throws {
    var driver = try retrying(5)
    try driver.play("make", result)
    #expect(try driver.result("make") == .denied)
    #expect(driver.run.verdict?.result == .denied)
  }

  @Test func aLostWorkerIsReplacedOnlyWhereThatDoesNoHarm() throws {
    var driver = try retrying(5)
    try driver.begin("make")
    try driver.send(.workerLost(try driver.position("make"), attempt: 1))
    #expect(try driver.result("make") == .errored)
    #expect(try driver.explanation("make") == "effect unknown: the worker was lost")

    driver = try retrying(5) { $0.isIdempotent = true }
    try driver.begin("make")
    try driver.send(.workerLost(try driver.position("make"), attempt: 1))
    #expect(try driver.state("make").phase == .pausing)
    try driver.fire("make", .pause, after: second)
    try driver.play("make")
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func oneAttemptTimesOutAndTheNextSucceeds() throws {
    var driver = try retrying(2) { $0.attemptTimeout = 5 * second }
    try driver.begin("make")
    #expect(
      driver.effects == [
        .perform(try driver.position("make"), attempt: 1, until: driver.now + 5 * second),
        .setTimer(try driver.position("make"), .attempt, at: driver.now + 5 * second),
      ])
    try driver.fire("make", .attempt, after: 5 * second)
    #expect(driver.effects == [.cancelAttempt(try driver.position("make"), attempt: 1)])
    try driver.end("make", .cancelled)
    #expect(try driver.state("make").phase == .pausing)
    try driver.fire("make", .pause, after: second)
    try driver.play("make")
    #expect(driver.run.verdict?.result == .succeeded)
  }

  @Test func theDeadlineIsForAllAttempts() throws {
    var driver = try retrying(9) { $0.deadline = 5 * second }
    try driver.play("make", .failed)
    try driver.fire("make", .pause, after: second)
    try driver.play("make", .failed)
    try driver.fire("make", .pause, after: 2 * second)
    try driver.begin("make")
    try driver.fire("make", .deadline, after: 2 * second)
    try driver.end("make", .cancelled)
    #expect(try driver.result("make") == .expired)
    #expect(driver.run.verdict?.result == .expired)
  }

  /// The deadline comes while the worker still stops: it is not tried again, and what was cancelled stays so.
  @Test func theDeadlineComesWhileTheWorkerStops() throws {
    for isCancelled in [false, true] {
      var driver = try retrying(9) {
        $0.deadline = 5 * second
        $0.attemptTimeout = 4 * second
      }
      try driver.begin("make")
      if isCancelled {
        try driver.send(.cancelled(.now))
      } else {
        try driver.fire("make", .attempt, after: 4 * second)
      }
      try driver.fire("make", .deadline, after: 5 * second)
      try driver.end("make", .cancelled)
      #expect(try driver.result("make") == (isCancelled ? .cancelled : .expired))
    }
  }

  @Test func theDeadlineEndsAPause() throws {
    var driver = try retrying(9) { $0.deadline = second / 2 }
    try driver.play("make", .failed)
    try driver.fire("make", .deadline, after: second / 2)
    #expect(try driver.result("make") == .expired)
    #expect(try driver.explanation("make") == "its time was up")
  }

  /// The report of an attempt that is over says nothing of the next.
  @Test func lateReportsAreRefused() throws {
    var driver = try retrying(2) { $0.isIdempotent = true }
    try driver.begin("make")
    let position = try driver.position("make")
    try driver.send(.workerLost(position, attempt: 1))
    #expect(throws: EventRefusal.stale) {
      try driver.send(.stepEnded(position, attempt: 1, Ending(.succeeded)))
    }
    try driver.fire("make", .pause, after: second)
    try driver.begin("make")
    #expect(throws: EventRefusal.stale) {
      try driver.send(.stepEnded(position, attempt: 1, Ending(.succeeded)))
    }
  }
}
