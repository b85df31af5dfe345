// What clauses answered before, by all that the answers depended on: one request has it from another.

import WritModel

/// An answer that was found, for other nodes of which the same is read.
final class KnownAnswer {
  fileprivate let key: [UInt64]
  /// Without its reading.
  let answer: ClauseAnswer
  let reasons: WrittenReasons
  let obligations: WrittenObligations
  /// `nil` where nobody asked what was read.
  let reading: KnownReading?

  init(
    key: [UInt64], answer: ClauseAnswer, reasons: WrittenReasons, reading: KnownReading?
  ) {
    self.key = key
    self.answer = answer
    self.reasons = reasons
    obligations = WrittenObligations(answer.obligations)
    self.reading = reading
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

  mutating func keep(_ answer: ClauseAnswer, _ reading: KnownReading?, _ key: [UInt64]) {
    byteCount += key.count * 8 + (reading?.byteCount ?? 0) + answer.byteCount
    if byteCount > AnswerMemory.keptBytes {
      entries.removeAll()
      byteCount = 0
    }
    var answer = answer
    let reasons = answer.knownReasons?.written ?? WrittenReasons(answer.reasons)
    answer.reading = nil
    answer.knownReasons = nil
    entries[key.mixed] = KnownAnswer(
      key: key, answer: answer, reasons: reasons, reading: reading)
  }
}

extension ClauseAnswer {
  /// What it takes to keep it, about.
  fileprivate var byteCount: Int {
    256 + reasons.count * 512 + obligations.count * 256
  }
}
