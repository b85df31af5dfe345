// From the truths of a block to weights, scores and levels: what `Machine.score` does for one subject.

import WritBytecode
import WritModel

#if arch(x86_64)
  import _Builtin_intrinsics.intel
#endif

/// Weights of one outlook over the rows of a block.
private struct Weights {
  let earned: UnsafeMutablePointer<UInt32>
  let counted: UnsafeMutablePointer<UInt32>
}

/// Room for the scores of one worker's blocks. For one thread at a time.
final class BlockScoring {
  private let scorecard: ScorecardProgram
  private let blockRows: Int
  private let words: Words
  private let sums: UnsafeMutablePointer<UInt32>
  private let pessimistic: Weights
  private let optimistic: Weights
  /// Results by weights: score and the level that it alone would reach.
  private let cache: UnsafeMutablePointer<(key: UInt64, score: Int64, ordinal: UInt8)>
  private let totalWeight: UInt32
  private let hasRequirements: Bool

  private static let cacheSize = 4096

  init(_ scorecard: ScorecardProgram, blockRows: Int) {
    self.scorecard = scorecard
    self.blockRows = blockRows
    let wordCount = Bits.wordCount(blockRows) + 1
    words = .allocate(capacity: wordCount * BlockScoring.bitmaps(scorecard))
    words.initialize(repeating: 0, count: wordCount * BlockScoring.bitmaps(scorecard))
    let rows = (blockRows + 63) / 64 * 64
    sums = .allocate(capacity: rows * 4)
    sums.initialize(repeating: 0, count: rows * 4)
    pessimistic = Weights(earned: sums, counted: sums + rows)
    optimistic = Weights(earned: sums + 2 * rows, counted: sums + 3 * rows)
    cache = .allocate(capacity: BlockScoring.cacheSize)
    cache.initialize(repeating: (.max, 0, 0), count: BlockScoring.cacheSize)
    totalWeight = UInt32(truncatingIfNeeded: scorecard.checks.reduce(0) { $0 + $1.weight })
    hasRequirements = scorecard.levels.contains { !$0.requiredChecks.isEmpty }
  }

  deinit {
    words.deallocate()
    sums.deallocate()
    cache.deallocate()
  }

  /// Two for what is at hand, two for whether any check applies, two for what is left, two for each level's requirements.
  private static func bitmaps(_ scorecard: ScorecardProgram) -> Int {
    6 + 2 * scorecard.levels.count
  }

  /// Rows that only the scalar executor can tell.
  var left: Words { bitmap(4) }

  private func bitmap(_ index: Int) -> Words { words + index * (Bits.wordCount(blockRows) + 1) }
}

extension BlockScoring {
  /// Writes checks, scores and levels of a block into a table, whose row `start` is the block's first.
  func score(_ executor: BlockExecutor, _ plan: BlockPlan, into table: ScoreTable, at start: Int) {
    let rows = executor.rows
    let wordCount = Bits.wordCount(rows)
    var isExact = true
    for (check, truth) in plan.checks.enumerated() {
      let applies = executor.truths[truth.applies]
      let passes = executor.truths[truth.passes]
      let bits = [applies.lower, applies.upper, passes.lower, passes.upper]
      for (place, words) in bits.enumerated() {
        Bits.store(words, rows, into: table.words(check, place), at: start)
      }
      if isExact {
        isExact = isSame(applies, rows) && isSame(passes, rows)
      }
    }
    let isUnguarded = !plan.isGuarded.contains(true)
    weigh(executor, plan, rows, isExact: isExact, isUnguarded: isUnguarded)
    if hasRequirements { require(executor, plan, wordCount) }
    if isExact && isUnguarded && !hasRequirements && !plan.checks.isEmpty {
      return writeExact(table, start, rows)
    }
    for row in 0..<rows {
      write(table, start, row, isExact: isExact, countsAll: isExact && isUnguarded)
    }
  }

  private func isSame(_ truth: TruthRegister, _ rows: Int) -> Bool {
    var difference: UInt64 = 0
    let last = Bits.wordCount(rows) - 1
    for word in 0..<last { difference |= truth.lower[word] ^ truth.upper[word] }
    let left = rows - last * 64
    let mask: UInt64 = left >= 64 ? ~0 : (1 << UInt64(left)) - 1
    return (difference | (truth.lower[last] ^ truth.upper[last]) & mask) == 0
  }

  /// Sums of weights; those that are the same as others, or the same for all, are left out.
  private func weigh(
    _ executor: BlockExecutor, _ plan: BlockPlan, _ rows: Int, isExact: Bool, isUnguarded: Bool
  ) {
    let wordCount = Bits.wordCount(rows)
    let padded = wordCount * 64
    pessimistic.earned.update(repeating: 0, count: padded)
    pessimistic.counted.update(repeating: 0, count: padded)
    if !isExact {
      optimistic.earned.update(repeating: 0, count: padded)
      optimistic.counted.update(repeating: 0, count: padded)
    }
    let (surely, perhaps) = (bitmap(2), bitmap(3))
    Bits.fill(surely, wordCount, with: 0)
    Bits.fill(perhaps, wordCount, with: 0)
    let scratch = bitmap(0)
    for (check, truth) in zip(scorecard.checks, plan.checks) {
      let weight = UInt32(truncatingIfNeeded: check.weight)
      let applies = executor.truths[truth.applies]
      let passes = executor.truths[truth.passes]
      for word in 0..<wordCount {
        surely[word] |= applies.lower[word]
        perhaps[word] |= applies.upper[word]
        scratch[word] = applies.lower[word] & passes.lower[word]
      }
      add(weight, scratch, wordCount, to: pessimistic.earned)
      if !isExact || !isUnguarded {
        for word in 0..<wordCount {
          scratch[word] = applies.lower[word] | applies.upper[word] & ~passes.lower[word]
        }
        add(weight, scratch, wordCount, to: pessimistic.counted)
      }
      if isExact { continue }
      for word in 0..<wordCount {
        let counts = applies.lower[word] | applies.upper[word] & passes.upper[word]
        scratch[word] = scorecard.isSum ? applies.upper[word] & passes.upper[word] : counts
      }
      add(weight, scratch, wordCount, to: optimistic.counted)
      for word in 0..<wordCount { scratch[word] &= passes.upper[word] }
      add(weight, scratch, wordCount, to: optimistic.earned)
    }
  }

  /// For each level, rows whose required checks permit it, for the worse and for the better.
  private func require(_ executor: BlockExecutor, _ plan: BlockPlan, _ wordCount: Int) {
    for (index, level) in scorecard.levels.enumerated() {
      let (worse, better) = (bitmap(6 + 2 * index), bitmap(7 + 2 * index))
      Bits.fill(worse, wordCount, with: ~0)
      Bits.fill(better, wordCount, with: ~0)
      for check in level.requiredChecks {
        let applies = executor.truths[plan.checks[check].applies]
        let passes = executor.truths[plan.checks[check].passes]
        for word in 0..<wordCount {
          worse[word] &= passes.lower[word] | ~applies.upper[word]
          better[word] &= passes.upper[word] | ~applies.lower[word]
        }
      }
    }
  }

  /// All is known and all checks apply: the weight earned decides everything.
  private func writeExact(_ table: ScoreTable, _ start: Int, _ rows: Int) {
    let (lower, upper) = (table.lowerScores + start, table.upperScores + start)
    let (least, greatest) = (table.lowerLevels + start, table.upperLevels + start)
    for row in 0..<rows {
      let result = result(earned: pessimistic.earned[row], counted: totalWeight)
      lower[row] = result.score
      upper[row] = result.score
      least[row] = result.ordinal
      greatest[row] = result.ordinal
    }
  }

  private func write(
    _ table: ScoreTable, _ start: Int, _ row: Int, isExact: Bool, countsAll: Bool
  ) {
    var (worse, better) = (Int64.min, Int64.max)
    if scorecard.isSum || Bits.isSet(bitmap(2), row) {
      let counted = countsAll ? totalWeight : pessimistic.counted[row]
      worse = result(earned: pessimistic.earned[row], counted: counted).score
      better =
        isExact
        ? worse
        : result(earned: optimistic.earned[row], counted: optimistic.counted[row]).score
    }
    table.lowerScores[start + row] = worse
    table.upperScores[start + row] = better
    table.lowerLevels[start + row] = ordinal(worse, row, requirements: 6)
    table.upperLevels[start + row] = ordinal(better, row, requirements: 7)
  }

  /// The highest level that is reached together with every lower one.
  private func ordinal(_ score: Int64, _ row: Int, requirements first: Int) -> UInt8 {
    var ordinal = 0
    for (index, level) in scorecard.levels.enumerated() {
      let isPermitted = !hasRequirements || Bits.isSet(bitmap(first + 2 * index), row)
      guard score >= level.threshold, isPermitted else { break }
      ordinal = level.ordinal
    }
    return UInt8(truncatingIfNeeded: ordinal)
  }

  /// Score and level by weights alone. A division takes a hundred times as long as a look at what was divided before.
  @inline(__always)
  private func result(earned: UInt32, counted: UInt32) -> (score: Int64, ordinal: UInt8) {
    let key = UInt64(counted) << 32 | UInt64(earned)
    let place =
      Int(truncatingIfNeeded: (UInt64(earned) &+ UInt64(counted) &* 31))
      & (BlockScoring.cacheSize - 1)
    if cache[place].key == key { return (cache[place].score, cache[place].ordinal) }
    return divided(earned, counted, key, place)
  }

  @inline(never)
  private func divided(
    _ earned: UInt32, _ counted: UInt32, _ key: UInt64, _ place: Int
  ) -> (score: Int64, ordinal: UInt8) {
    var score = Int64(earned) * Decimal.scale
    if !scorecard.isSum {
      let hundredfold = Decimal(millionths: Int64(earned) * 100 * Decimal.scale)
      score =
        hundredfold.divided(by: Decimal(millionths: Int64(counted) * Decimal.scale))?.millionths
        ?? 0
    }
    var ordinal = 0
    for level in scorecard.levels {
      guard score >= level.threshold else { break }
      ordinal = level.ordinal
    }
    cache[place] = (key, score, UInt8(truncatingIfNeeded: ordinal))
    return (score, UInt8(truncatingIfNeeded: ordinal))
  }
}

#if arch(x86_64)
  /// Adds a weight to the sums of the rows whose bits are set; four rows a turn.
  private func add(
    _ weight: UInt32, _ bits: ReadWords, _ wordCount: Int, to sums: UnsafeMutablePointer<UInt32>
  ) {
    let pattern = _mm_set_epi32(8, 4, 2, 1)
    let weights = _mm_set1_epi32(Int32(bitPattern: weight))
    let raw = UnsafeMutableRawPointer(sums)
    for word in 0..<wordCount {
      var rest = bits[word]
      if rest == 0 { continue }
      for turn in 0..<16 {
        let place = word &* 256 &+ turn &* 16
        let four = _mm_set1_epi32(Int32(truncatingIfNeeded: rest & 15))
        let mask = _mm_cmpeq_epi32(_mm_and_si128(four, pattern), pattern)
        let sum = raw.loadUnaligned(fromByteOffset: place, as: SIMD2<Int64>.self)
        raw.storeBytes(
          of: _mm_add_epi32(sum, _mm_and_si128(mask, weights)), toByteOffset: place,
          as: SIMD2<Int64>.self)
        rest &>>= 4
      }
    }
  }
#else
  /// Adds a weight to the sums of the rows whose bits are set.
  private func add(
    _ weight: UInt32, _ bits: ReadWords, _ wordCount: Int, to sums: UnsafeMutablePointer<UInt32>
  ) {
    for word in 0..<wordCount {
      for bit in 0..<64 {
        let isSet = UInt32(truncatingIfNeeded: bits[word] &>> UInt64(bit)) & 1
        sums[word &* 64 &+ bit] &+= weight & (0 &- isSet)
      }
    }
  }
#endif
