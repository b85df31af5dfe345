// How long to wait before trying again: exact, and the same whenever a run is replayed.
import WritCrypto

/// How often a step is tried, and how long between two attempts.
///
/// The pause before attempt k, for k ≥ 2, is min(cap, base × factor^(k-2)) and a jitter from 0 to
/// `jitter`, both included, in microseconds; each product is cut to whole ones.
public struct RetryPolicy: Hashable, Sendable {
  /// Attempts, the first included: 1 ≤ attempts ≤ `PipelineLimits.attempts`.
  public let attempts: Int
  /// The pause before the second attempt.
  public let base: Microseconds
  /// Millionths by which each pause is longer than the one before: at least 1,000,000.
  public let factor: Int64
  /// The longest pause, jitter apart.
  public let cap: Microseconds
  /// The most that is added to a pause.
  public let jitter: Microseconds

  /// A policy.
  public init(
    attempts: Int, base: Microseconds, factor: Int64, cap: Microseconds, jitter: Microseconds
  ) {
    self.attempts = attempts
    self.base = base
    self.factor = factor
    self.cap = cap
    self.jitter = jitter
  }

  /// The pause before attempt k of a step, in microseconds; k ≥ 2.
  ///
  /// - Parameters:
  ///   - step: The step's id; of a step in a repeat with its round, as `RunPosition.step` writes it.
  public func pause(before attempt: Int, run: String, step: String) -> Microseconds {
    precondition(attempt >= 2, "no pause before the first attempt")
    var pause = min(base, cap)
    for _ in 2..<attempt where pause < cap && pause > 0 {
      pause = min(RetryPolicy.product(pause, factor), cap)
      if factor == 1_000_000 { break }
    }
    return pause + drawnJitter(attempt, run, step)
  }

  /// The pause times the factor; the longest there is where that is longer.
  private static func product(_ pause: Microseconds, _ millionths: Int64) -> Microseconds {
    let whole = pause.multipliedFullWidth(by: millionths)
    guard whole.high < 1_000_000 / 2 else { return .max }
    return Int64(1_000_000).dividingFullWidth(whole).quotient
  }

  /// Even over 0...jitter: a draw in the last, incomplete, span of the generator is drawn anew.
  private func drawnJitter(_ attempt: Int, _ run: String, _ step: String) -> Microseconds {
    guard jitter > 0 else { return 0 }
    let span = UInt64(jitter) + 1
    let highest = UInt64.max - (UInt64.max % span + 1) % span
    var round: UInt64 = 0
    while true {
      let drawn = RetryPolicy.draw(attempt, run, step, round)
      if drawn <= highest { return Int64(drawn % span) }
      round += 1
    }
  }

  /// The first eight bytes of SHA-256 over a name for this use, run, step, attempt and round; each text
  /// behind its length, integers big endian, eight bytes.
  private static func draw(_ attempt: Int, _ run: String, _ step: String, _ round: UInt64) -> UInt64
  {
    var bytes = Array("writ.retry.v1".utf8)
    for text in [run, step] {
      appendBigEndian(UInt64(text.utf8.count), 8, to: &bytes)
      bytes += Array(text.utf8)
    }
    appendBigEndian(UInt64(attempt), 8, to: &bytes)
    appendBigEndian(round, 8, to: &bytes)
    return Digest(of: bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Appends the last bytes of a value, the highest first.
func appendBigEndian(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
  for index in 0..<count {
    bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - index))))
  }
}
