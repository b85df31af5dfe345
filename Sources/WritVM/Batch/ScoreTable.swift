// Scores of many subjects as columns: what a block writes and a report reads.

public import WritBytecode

/// Nodes of one kind among the rows of a table.
struct ScorePart {
  /// Number of the first node.
  let first: Int64
  let count: Int
  /// Row of the first node: a multiple of 64, so that two parts, and two blocks of whole words, share no word.
  let start: Int
}

/// Two truths for each row and check: does it apply, and does it pass; score and level as intervals.
///
/// Unchecked: written by the scorer that makes it, by each worker in rows of its own, and only read afterwards.
public final class ScoreTable: @unchecked Sendable {
  public let scorecard: ScorecardProgram
  let parts: [ScorePart]
  let rowCount: Int
  /// For each check four bitmaps, one behind the other: surely applies, may apply, surely passes, may pass.
  private let bits: Words
  /// Millionths; the least number there is where no check surely applies.
  let lowerScores: UnsafeMutablePointer<Int64>
  let upperScores: UnsafeMutablePointer<Int64>
  /// Ordinals.
  let lowerLevels: UnsafeMutablePointer<UInt8>
  let upperLevels: UnsafeMutablePointer<UInt8>

  init(_ scorecard: ScorecardProgram, parts: [(first: Int64, count: Int)]) {
    self.scorecard = scorecard
    var start = 0
    self.parts = parts.map { part in
      defer { start += (part.count + 63) / 64 * 64 }
      return ScorePart(first: part.first, count: part.count, start: start)
    }
    rowCount = start
    let rowCount = start
    let words = scorecard.checks.count * 4 * (rowCount / 64)
    bits = .allocate(capacity: max(1, words))
    bits.initialize(repeating: 0, count: words)
    lowerScores = .allocate(capacity: max(1, rowCount))
    upperScores = .allocate(capacity: max(1, rowCount))
    lowerLevels = .allocate(capacity: max(1, rowCount))
    upperLevels = .allocate(capacity: max(1, rowCount))
  }

  deinit {
    bits.deallocate()
    lowerScores.deallocate()
    upperScores.deallocate()
    lowerLevels.deallocate()
    upperLevels.deallocate()
  }

  /// One of the four bitmaps of a check.
  @inline(__always)
  func words(_ check: Int, _ place: Int) -> Words { bits + (check * 4 + place) * (rowCount / 64) }

  /// Subjects.
  public var count: Int { parts.reduce(0) { $0 + $1.count } }

  /// The subject's node and its row. O(kinds).
  func subject(_ index: Int) -> (node: Int64, row: Int) {
    var rest = index
    for part in parts {
      if rest < part.count { return (part.first + Int64(rest), part.start + rest) }
      rest -= part.count
    }
    preconditionFailure("a subject is named by its place among all")
  }

  /// The node of the subject at a place, from 0.
  public func node(_ index: Int) -> Int64 { subject(index).node }

  /// How a check came out for the subject at a place.
  public func outcome(_ index: Int, check: Int) -> CheckOutcome {
    outcome(row: subject(index).row, check)
  }

  func outcome(row: Int, _ check: Int) -> CheckOutcome {
    func isSet(_ place: Int) -> Bool { Bits.isSet(words(check, place), row) }
    if !isSet(1) { return .notApplicable }
    let passes = isSet(2)
    if isSet(0) && passes == isSet(3) { return passes ? .pass : .fail }
    return .unknown
  }

  /// Millionths; `nil` if no check surely applies.
  public func score(_ index: Int) -> (lower: Int64, upper: Int64)? {
    let row = subject(index).row
    return lowerScores[row] == .min ? nil : (lowerScores[row], upperScores[row])
  }

  /// Ordinals of the lowest and the highest level that the subject may have.
  public func level(_ index: Int) -> (lower: Int, upper: Int) {
    let row = subject(index).row
    return (Int(lowerLevels[row]), Int(upperLevels[row]))
  }

  /// Takes over what the scalar executor said of a row.
  func store(row: Int, checks: [(applies: Slot, passes: Slot)], score: Slot, level: Slot) {
    for (check, slots) in checks.enumerated() {
      let isExact = slots.passes.lower == slots.passes.upper
      let passes = isExact && slots.passes.lower == 1
      let truths = [
        slots.applies.lower == 1, slots.applies.upper != 0, passes, passes || !isExact,
      ]
      for (place, truth) in truths.enumerated() {
        var word: UInt64 = truth ? 1 : 0
        Bits.store(&word, 1, into: words(check, place), at: row)
      }
    }
    lowerScores[row] = score.lower
    upperScores[row] = score.upper
    lowerLevels[row] = UInt8(truncatingIfNeeded: level.lower)
    upperLevels[row] = UInt8(truncatingIfNeeded: level.upper)
  }
}
