// Traces as canonical JSON, written at once, and what of them is worth keeping.

import WritModel

/// A list of facts as text, sorted as a record has them.
struct FactListText {
  private let facts: [TracedFact]
  /// `{…},{…}`
  private(set) var bytes: [UInt8] = []
  /// Where in `bytes` the text of each fact begins.
  private var starts: [Int] = []

  init(_ facts: [TracedFact]) {
    self.facts = facts
    for fact in facts {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
      starts.append(bytes.count)
      fact.appendRecorded(to: &bytes)
    }
  }

  /// How many of the facts come before another: log n comparisons.
  private func place(of fact: TracedFact) -> Int {
    var (low, high) = (0, facts.count)
    while low < high {
      let middle = (low + high) / 2
      if facts[middle].precedesInRecord(fact) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The text of the facts with others, which are sorted too, put between them.
  func bytes(with others: [TracedFact]) -> [UInt8] {
    if others.isEmpty { return bytes }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + others.count * 256)
    var next = 0
    func separate() {
      if !output.isEmpty { output.append(UInt8(ascii: ",")) }
    }
    func appendOwn(before end: Int) {
      guard next < end else { return }
      separate()
      let stop = end < starts.count ? starts[end] - 1 : bytes.count
      output.append(contentsOf: bytes[starts[next]..<stop])
      next = end
    }
    for other in others {
      appendOwn(before: max(next, place(of: other)))
      separate()
      other.appendRecorded(to: &output)
    }
    appendOwn(before: facts.count)
    return output
  }
}

/// What clauses read of the snapshot in some epochs, by what they read, in words. A clause that reads what it read before
/// needs no words to be found again: all but what a request brings is as it was.
struct ClauseTexts {
  private final class Entry {
    /// Where it begins.
    let epoch: Int64
    /// Whose parameters the facts are told of.
    let gate: Int
    let reads: [FactRead]
    /// For each parameter its node, where it is one of those that were read; else -1.
    let binding: [Int64]
    let facts: FactListText
    /// Each once.
    let ofRequest: Set<FactRead>
    /// Readings of these facts, where none is of a request.
    var readings: [(clause: String, outcome: ClauseOutcome, reading: ClauseReading)] = []

    init(
      _ epoch: Int64, gate: Int, _ reads: UnsafeBufferPointer<FactRead>, _ binding: [Int64],
      _ facts: FactListText, _ ofRequest: Set<FactRead>
    ) {
      self.epoch = epoch
      self.gate = gate
      self.reads = Array(reads)
      self.binding = binding
      self.facts = facts
      self.ofRequest = ofRequest
    }

    func isOf(
      _ epoch: Int64, gate: Int, _ reads: UnsafeBufferPointer<FactRead>, _ binding: [Int64]
    ) -> Bool {
      guard self.epoch == epoch, self.gate == gate, self.reads.count == reads.count else {
        return false
      }
      for index in reads.indices where reads[index] != self.reads[index] { return false }
      return self.binding == binding
    }

    func reading(_ clause: String, _ outcome: ClauseOutcome, _ teller: FactTeller) -> ClauseReading
    {
      guard ofRequest.isEmpty else {
        return ClauseReading(
          clause, outcome, facts: facts.bytes(with: teller.recordedFacts(ofRequest)))
      }
      let known = readings.first { $0.outcome == outcome && hasSameBytes($0.clause, clause) }
      if let known { return known.reading }
      let made = ClauseReading(clause, outcome, facts: facts.bytes)
      readings.append((clause, outcome, made))
      return made
    }
  }

  private var entries: [UInt64: Entry] = [:]
  private var byteCount = 0

  /// Bytes of text and reads that are kept, about.
  private static let keptBytes = 16 << 20

  /// What a clause read, in words.
  mutating func reading(
    _ clause: String, _ outcome: ClauseOutcome, _ reads: FactReads, epoch: Int64,
    _ parts: RequestParts, _ teller: FactTeller
  ) -> ClauseReading {
    guard let sequence = reads.sequence else {
      let facts = FactListText(teller.recordedFacts(reads.distinct))
      return ClauseReading(clause, outcome, facts: facts.bytes)
    }
    let binding = teller.binding(among: sequence)
    let hash = ClauseTexts.hash(epoch, gate: teller.gate, sequence)
    if let entry = entries[hash], entry.isOf(epoch, gate: teller.gate, sequence, binding) {
      return entry.reading(clause, outcome, teller)
    }
    let distinct = reads.distinct
    let ofRequest = distinct.filter(parts.isOfRequest)
    let facts = FactListText(teller.recordedFacts(distinct.subtracting(ofRequest)))
    let entry = Entry(epoch, gate: teller.gate, sequence, binding, facts, ofRequest)
    byteCount += facts.bytes.count * 3 + sequence.count * MemoryLayout<FactRead>.size
    if byteCount > ClauseTexts.keptBytes {
      entries.removeAll()
      byteCount = 0
    } else {
      entries[hash] = entry
    }
    return entry.reading(clause, outcome, teller)
  }

  /// Two that meet by chance cost time, and nothing else.
  private static func hash(
    _ epoch: Int64, gate: Int, _ reads: UnsafeBufferPointer<FactRead>
  ) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: epoch) &+ 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ UInt64(truncatingIfNeeded: gate)) &* 0x9fb2_1c65_1e98_df25
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
  /// What a record tells the fact of: `$name` for the node of that parameter, else the subject. No kind is called like that.
  private var recordedSubject: String { parameter.map { "$" + $0 } ?? subject }

  /// By subject, member, value, and where all three are the same by the whole text.
  func precedes(_ other: TracedFact) -> Bool { precedes(other, subject, other.subject) }

  /// The same as a record has them.
  func precedesInRecord(_ other: TracedFact) -> Bool {
    precedes(other, recordedSubject, other.recordedSubject)
  }

  private func precedes(_ other: TracedFact, _ subject: String, _ otherSubject: String) -> Bool {
    if !hasSameBytes(subject, otherSubject) { return precedesByBytes(subject, otherSubject) }
    let members = (member ?? "", other.member ?? "")
    if !hasSameBytes(members.0, members.1) { return precedesByBytes(members.0, members.1) }
    if !hasSameBytes(value, other.value) { return precedesByBytes(value, other.value) }
    return text.lexicographicallyPrecedes(other.text)
  }

  private var text: [UInt8] {
    var bytes: [UInt8] = []
    appendRecorded(to: &bytes)
    return bytes
  }

  /// Appends the canonical form of `json` with the subject as a record tells it.
  func appendRecorded(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    if !ends.isEmpty {
      appendText("\"ends\":", to: &bytes)
      appendJSONStrings(ends, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    appendText("\"fact\":", to: &bytes)
    appendJSONString(recordedSubject, to: &bytes)
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
  /// What a clause read, as a record keeps it.
  func reading(_ clause: String, _ outcome: ClauseOutcome) -> ClauseReading {
    // Out of the machine while it is used, so that it is not copied.
    var texts = ClauseTexts()
    swap(&texts, &machine.clauseTexts)
    defer { swap(&texts, &machine.clauseTexts) }
    return texts.reading(
      clause, outcome, machine.reads, epoch: machine.epoch?.span.lowerBound ?? 0,
      machine.prepared.parts, self)
  }

  /// For each parameter its node, where something was read of that; else -1.
  fileprivate func binding(among reads: UnsafeBufferPointer<FactRead>) -> [Int64] {
    parameters.indices.map { place in
      guard case .node = parameters[place].type.unwrapped, arguments[place].isExact else {
        return -1
      }
      let node = arguments[place].lower
      return reads.contains { $0.subject == node } ? node : -1
    }
  }
}
