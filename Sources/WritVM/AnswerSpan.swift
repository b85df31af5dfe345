// For how long an answer holds: until a comparison with the time, or an age that it tells, would come out otherwise.

import WritModel

/// Times of a decision at which a clause, all else being the same, answers the same.
///
/// Microseconds since 1970. It is never too wide; it may be narrower than it could.
struct AnswerSpan {
  /// Of the time that is decided for.
  private(set) var now: ClosedRange<Int64>
  /// Of the time as of which facts are known. Who vouches for what is another matter: see `LinkedEpoch`.
  private(set) var asOf: ClosedRange<Int64>

  /// What has not looked at any time.
  static let always = AnswerSpan(now: .min ... .max, asOf: .min ... .max)

  static func moment(now: Int64, asOf: Int64) -> AnswerSpan {
    AnswerSpan(now: now...now, asOf: asOf...asOf)
  }

  @inline(__always)
  func contains(now: Int64, asOf: Int64) -> Bool {
    self.now.contains(now) && self.asOf.contains(asOf)
  }

  /// Narrowed to what another span holds too; both have a time in common.
  func clamped(to other: AnswerSpan) -> AnswerSpan {
    AnswerSpan(now: now.clamped(to: other.now), asOf: asOf.clamped(to: other.asOf))
  }

  private mutating func clamp(now other: ClosedRange<Int64>) { now = now.clamped(to: other) }

  /// Narrows to the times at which a message tells the age of what a source last said in the same way.
  mutating func clamp(toAgeOf observed: Int64, asOf time: Int64) {
    let age = time.subtractingReportingOverflow(observed)
    guard !age.overflow else {
      asOf = asOf.clamped(to: time...time)
      return
    }
    // What is spoken later than it is heard has no age.
    let told = max(0, age.partialValue)
    let unit = shortAgeUnit(of: told)
    let end = observed.addingReportingOverflow((told / unit + 1) * unit - 1)
    let start = age.partialValue < 0 ? time : observed + told / unit * unit
    asOf = asOf.clamped(to: start...(end.overflow ? time : end.partialValue))
  }
}

extension AnswerSpan {
  /// The furthest from the time at hand that a span reaches where the time was looked at, about a century: far beyond what decisions are
  /// asked for, and near enough that sums do not overflow on the way.
  private static let reach: Int64 = 1 << 52
  /// Values this large may overflow on the way.
  private static let large: Int64 = 1 << 61

  /// A span around a time that is about to be looked at.
  static func around(now: Int64) -> AnswerSpan {
    guard abs(now) < large else { return AnswerSpan(now: now...now, asOf: .min ... .max) }
    return AnswerSpan(now: now - reach...now + reach, asOf: .min ... .max)
  }

  /// Narrows to the times at which a value that moves with the time stands to another as it does now: before, at or behind the least that
  /// this may be, and the most.
  ///
  /// - Parameter isForward: Whether the value grows with the time, or falls.
  mutating func noteComparison(
    of moving: Slot, with still: Slot, isForward: Bool, at time: Int64
  ) {
    guard moving.isPlain, abs(moving.lower) < AnswerSpan.large, still.isThere else {
      return clamp(now: time...time)
    }
    note(moving.lower, to: still.lower, isForward: isForward, at: time)
    if still.upper != still.lower {
      note(moving.lower, to: still.upper, isForward: isForward, at: time)
    }
  }

  private mutating func note(
    _ moving: Int64, to still: Int64, isForward: Bool, at time: Int64
  ) {
    let distance = still.subtractingReportingOverflow(moving)
    // Out of reach.
    if distance.overflow { return }
    let ahead = isForward ? distance.partialValue : 0 &- distance.partialValue
    if ahead == 0 { return clamp(now: time...time) }
    let edge = time.addingReportingOverflow(ahead > 0 ? ahead - 1 : ahead &+ 1)
    if edge.overflow { return }
    now =
      ahead > 0
      ? now.clamped(to: .min...edge.partialValue) : now.clamped(to: edge.partialValue ... .max)
  }

  /// Narrows where a value that moves with the time may overflow on the way, or is not known.
  mutating func noteSum(_ moving: Slot, at time: Int64) {
    guard moving.isPlain, abs(moving.lower) < AnswerSpan.large else {
      return clamp(now: time...time)
    }
  }

  /// Narrows to the times at which a part of an instant that moves with the time is the same, or to less.
  mutating func notePart(_ part: Int, of instant: Slot, at time: Int64) {
    guard instant.isPlain, abs(instant.lower) < AnswerSpan.large else {
      return clamp(now: time...time)
    }
    let unit: Int64 =
      switch part {
      case 3: 3_600_000_000
      case 4: 60_000_000
      case 5: 1_000_000
      default: 86_400_000_000
      }
    let remainder = instant.lower % unit
    let passed = remainder < 0 ? remainder + unit : remainder
    clamp(now: time - passed...time + (unit - 1 - passed))
  }
}

extension Slot {
  /// Known, and there.
  fileprivate var isPlain: Bool { cause.isNone && lower == upper }

  /// There for sure, whatever it is.
  fileprivate var isThere: Bool { cause.word & (Cause.absentBit | Cause.maybeAbsentBit) == 0 }
}
