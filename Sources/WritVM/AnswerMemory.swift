// What clauses answered before, by all that the answers depended on: one request has it from another.

import WritModel

/// An answer that was found, and how its trace reads for other nodes of which the same was read.
final class KnownAnswer {
  fileprivate let key: [UInt64]
  /// Without its trace.
  let answer: ClauseAnswer
  let reasons: WrittenReasons
  let obligations: WrittenObligations
  /// `nil` where nobody asked what was read.
  let trace: KnownTrace?

  init(key: [UInt64], answer: ClauseAnswer, trace: KnownTrace?) {
    self.key = key
    self.answer = answer
    reasons = WrittenReasons(answer.reasons)
    obligations = WrittenObligations(answer.obligations)
    self.trace = trace
  }
}

/// Answers of the clauses of one program over one snapshot. For one thread at a time.
struct AnswerMemory {
  private var entries: [UInt64: KnownAnswer] = [:]
  private var byteCount = 0

  /// Bytes that are kept, about.
  private static let keptBytes = 16 << 20

  /// What was answered before, all that the key names being the same, if it holds at that time.
  func known(_ key: [UInt64], now: Int64, asOf: Int64) -> KnownAnswer? {
    guard let found = entries[key.mixed], found.key == key,
      found.answer.span?.contains(now: now, asOf: asOf) == true
    else { return nil }
    return found
  }

  mutating func keep(_ answer: ClauseAnswer, _ trace: KnownTrace?, _ key: [UInt64]) {
    byteCount += key.count * 8 + (trace?.byteCount ?? 0) + answer.byteCount
    if byteCount > AnswerMemory.keptBytes {
      entries.removeAll()
      byteCount = 0
    }
    var answer = answer
    answer.traceText = []
    answer.knownReasons = nil
    entries[key.mixed] = KnownAnswer(key: key, answer: answer, trace: trace)
  }
}

extension ClauseAnswer {
  /// What it takes to keep it, about.
  fileprivate var byteCount: Int {
    256 + reasons.count * 512 + obligations.count * 256
  }
}
