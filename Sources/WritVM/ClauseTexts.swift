// Traces as canonical JSON, written at once, and what of them is worth keeping.

import WritModel

/// A sorted list of facts as text.
struct FactListText {
  private let facts: [TracedFact]
  /// `{…},{…}`
  private(set) var bytes: [UInt8] = []
  /// Where in `bytes` the text of each fact begins.
  private(set) var starts: [Int] = []

  init(_ facts: [TracedFact]) {
    self.facts = facts
    for fact in facts {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
      starts.append(bytes.count)
      fact.appendCanonical(to: &bytes)
    }
  }

  /// How many of the facts come before another: log n comparisons.
  private func place(of fact: TracedFact) -> Int {
    var (low, high) = (0, facts.count)
    while low < high {
      let middle = (low + high) / 2
      if facts[middle].precedes(fact) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Appends the facts with others, which are sorted too, put between them.
  func append(with others: [TracedFact], to output: inout [UInt8]) {
    append(count: others.count, before: { place(of: others[$0]) }, to: &output) {
      others[$0].appendCanonical(to: &$1)
    }
  }

  /// Appends the facts with so many others between them: each in front of the fact at its place, and by `appendOther`.
  func append(
    count: Int, before place: (Int) -> Int, to output: inout [UInt8],
    _ appendOther: (Int, inout [UInt8]) -> Void
  ) {
    if count == 0 { return output.append(contentsOf: bytes) }
    let first = output.count
    var next = 0
    func separate() {
      if output.count > first { output.append(UInt8(ascii: ",")) }
    }
    func appendOwn(before end: Int) {
      guard next < end else { return }
      separate()
      let stop = end < starts.count ? starts[end] - 1 : bytes.count
      output.append(contentsOf: bytes[starts[next]..<stop])
      next = end
    }
    for other in 0..<count {
      appendOwn(before: max(next, place(other)))
      separate()
      appendOther(other, &output)
    }
    appendOwn(before: facts.count)
  }

  /// Between which of the facts those of any node of the same kind stand; empty where they stand in front of all that the first
  /// place names.
  func places(ofKindOf subject: String) -> Range<Int> {
    let kind = subject.utf8.prefix { $0 != UInt8(ascii: "/") }.count + 1
    let prefix = Array(subject.utf8.prefix(kind))
    let first = facts.firstIndex { !$0.subject.utf8.lexicographicallyPrecedes(prefix) }
    let start = first ?? facts.count
    let count = facts[start...].prefix { $0.subject.utf8.starts(with: prefix) }.count
    return start..<start + count
  }

  /// In front of which of the facts at some places one of another subject, or another member of the same, stands.
  func place(ofSubject subject: ArraySlice<UInt8>, member: String, in places: Range<Int>) -> Int {
    let later = places.first { place in
      let fact = facts[place]
      if fact.subject.utf8.elementsEqual(subject) {
        return precedesByBytes(member, fact.member ?? "")
      }
      return subject.lexicographicallyPrecedes(fact.subject.utf8)
    }
    return later ?? places.upperBound
  }
}

/// What clauses read of the snapshot in some epochs, by what they read, in words. A clause that reads what it read before
/// needs no words to be found again: all but what a request brings is as it was.
struct ClauseTexts {
  private struct Entry {
    /// Where it begins.
    let epoch: Int64
    let reads: [FactRead]
    let facts: FactListText
    /// Each once.
    let ofRequest: Set<FactRead>

    func isOf(_ epoch: Int64, _ reads: UnsafeBufferPointer<FactRead>) -> Bool {
      guard self.epoch == epoch, self.reads.count == reads.count else { return false }
      for index in reads.indices where reads[index] != self.reads[index] { return false }
      return true
    }
  }

  private var entries: [UInt64: Entry] = [:]
  private var byteCount = 0

  /// Bytes of text and reads that are kept, about.
  private static let keptBytes = 16 << 20

  /// Appends `{…},{…}`: the facts that were read, sorted.
  mutating func appendFacts(
    _ reads: FactReads, epoch: Int64, _ parts: RequestParts, _ teller: FactTeller,
    to output: inout [UInt8]
  ) {
    guard let sequence = reads.sequence else {
      return FactListText(teller.facts(reads.distinct)).append(with: [], to: &output)
    }
    let hash = ClauseTexts.hash(epoch, sequence)
    if let entry = entries[hash], entry.isOf(epoch, sequence) {
      return entry.facts.append(with: teller.facts(entry.ofRequest), to: &output)
    }
    let distinct = reads.distinct
    let ofRequest = distinct.filter(parts.isOfRequest)
    let facts = FactListText(teller.facts(distinct.subtracting(ofRequest)))
    facts.append(with: teller.facts(ofRequest), to: &output)
    byteCount += facts.bytes.count * 2 + sequence.count * MemoryLayout<FactRead>.size
    if byteCount > ClauseTexts.keptBytes {
      entries.removeAll()
      byteCount = 0
      return
    }
    entries[hash] = Entry(
      epoch: epoch, reads: Array(sequence), facts: facts, ofRequest: ofRequest)
  }

  /// Two that meet by chance cost time, and nothing else.
  private static func hash(_ epoch: Int64, _ reads: UnsafeBufferPointer<FactRead>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: epoch) &+ 0x9e37_79b9_7f4a_7c15
    for read in reads {
      hash = (hash ^ read.word) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
      hash = (hash ^ UInt64(bitPattern: read.subject)) &* 0xc4ce_b9fe_1a85_ec53
      hash ^= hash >> 29
    }
    return hash
  }
}

extension TracedFact {
  /// By subject, member, value, and where all three are the same by the whole text.
  func precedes(_ other: TracedFact) -> Bool {
    if !hasSameBytes(subject, other.subject) { return precedesByBytes(subject, other.subject) }
    let members = (member ?? "", other.member ?? "")
    if !hasSameBytes(members.0, members.1) { return precedesByBytes(members.0, members.1) }
    if !hasSameBytes(value, other.value) { return precedesByBytes(value, other.value) }
    return text.lexicographicallyPrecedes(other.text)
  }

  private var text: [UInt8] {
    var bytes: [UInt8] = []
    appendCanonical(to: &bytes)
    return bytes
  }
}

extension TracedFact {
  /// Appends `json` in its canonical form.
  func appendCanonical(to bytes: inout [UInt8]) {
    appendHead(to: &bytes)
    appendJSONString(subject, to: &bytes)
    appendTail(to: &bytes)
  }

  /// Appends what stands in front of the subject.
  func appendHead(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    if !ends.isEmpty {
      appendText("\"ends\":", to: &bytes)
      appendJSONStrings(ends, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    appendText("\"fact\":", to: &bytes)
  }

  /// Appends what stands behind the subject.
  func appendTail(to bytes: inout [UInt8]) {
    if let member {
      appendText(",\"member\":", to: &bytes)
      appendJSONString(member, to: &bytes)
    }
    if let unknown {
      appendText(",\"unknown\":", to: &bytes)
      unknown.appendCanonical(to: &bytes)
    }
    appendText(",\"value\":", to: &bytes)
    appendJSONString(value, to: &bytes)
    if !vouchers.isEmpty {
      appendText(",\"vouched\":[", to: &bytes)
      for (index, voucher) in vouchers.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        voucher.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    }
    bytes.append(UInt8(ascii: "}"))
  }
}

extension Voucher {
  fileprivate func appendCanonical(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    if let at {
      appendText("\"at\":\"", to: &bytes)
      bytes.append(contentsOf: Instant(microseconds: at).description.utf8)
      appendText("\",", to: &bytes)
    }
    appendText("\"source\":", to: &bytes)
    appendJSONString(source, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension FactTeller {
  /// Appends a clause with what it read, in the canonical form of `ClauseTrace.json`.
  func appendClause(_ name: String, _ outcome: ClauseOutcome, to bytes: inout [UInt8]) {
    appendTrace(ofClause: name, outcome, to: &bytes) { bytes in
      // Out of the machine while it is used, so that it is not copied.
      var texts = ClauseTexts()
      swap(&texts, &machine.clauseTexts)
      texts.appendFacts(
        machine.reads, epoch: machine.epoch?.span.lowerBound ?? 0, machine.prepared.parts, self,
        to: &bytes)
      swap(&texts, &machine.clauseTexts)
    }
  }
}

/// Appends the canonical form of a clause's trace with the facts, `{…},{…}`, that `appendFacts` appends.
func appendTrace(
  ofClause name: String, _ outcome: ClauseOutcome, to bytes: inout [UInt8],
  _ appendFacts: (inout [UInt8]) -> Void
) {
  appendText("{\"clause\":", to: &bytes)
  appendJSONString(name, to: &bytes)
  appendText(",\"facts\":[", to: &bytes)
  appendFacts(&bytes)
  appendText("],\"outcome\":\"", to: &bytes)
  appendText(outcome.text, to: &bytes)
  appendText("\"}", to: &bytes)
}

extension ClauseOutcome {
  fileprivate var text: StaticString {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .owed: "owed"
    case .waived: "waived"
    }
  }
}
