// What clauses said of what they found: the same for every request in which they find the same, but for ages.

import WritBytecode
import WritModel

/// Reasons as values and as written, for as long as the ages in them read the same.
final class KnownReasons {
  fileprivate let key: [UInt64]
  let reasons: [Reason]
  let written: WrittenReasons
  /// When the ages in them read the same.
  private let span: AnswerSpan

  fileprivate init(_ key: [UInt64], _ reasons: [Reason], asOf: Int64) {
    self.key = key
    self.reasons = reasons
    written = WrittenReasons(reasons)
    var span = AnswerSpan.always
    for reason in reasons {
      if let observed = reason.unknown?.observed { span.clamp(toAgeOf: observed, asOf: asOf) }
    }
    self.span = span
  }

  fileprivate func hold(asOf: Int64) -> Bool { span.asOf.contains(asOf) }
}

/// Reasons by what was found. For one thread at a time.
struct ReasonMemory {
  private var entries: [UInt64: KnownReasons] = [:]
  private var byteCount = 0

  /// Bytes that are kept, about.
  private static let keptBytes = 8 << 20

  /// What was said before of what the key names.
  func known(_ key: [UInt64], asOf: Int64) -> KnownReasons? {
    guard let found = entries[key.mixed], found.key == key, found.hold(asOf: asOf) else {
      return nil
    }
    return found
  }

  mutating func keep(_ reasons: [Reason], _ key: [UInt64], asOf: Int64) -> KnownReasons {
    let made = KnownReasons(key, reasons, asOf: asOf)
    byteCount += key.count * 8 + reasons.count * 1_024 + made.written.byteCount
    if byteCount > ReasonMemory.keptBytes {
      entries.removeAll()
      byteCount = 0
    }
    entries[key.mixed] = made
    return made
  }
}

extension Machine {
  /// Findings of one clause that are looked up.
  private static let keptFindings = 16

  /// Makes the key that of what a clause says of its findings; false where that depends on more.
  ///
  /// - Parameter message: What the values in the clause's message depend on beside what it bound; `nil` where that cannot be told.
  func beginKey(
    _ id: UInt64, _ clause: ClauseProgram, _ findings: [EmittedRow], _ message: ClauseInputs?,
    _ arguments: [Slot]
  ) -> Bool {
    guard findings.count <= Machine.keptFindings else { return false }
    key.removeAll(keepingCapacity: true)
    key.append(id)
    key.append(UInt64(bitPattern: epoch?.span.lowerBound ?? 0))
    var hasMessage = false
    for finding in findings {
      if finding.openGenerator == nil { hasMessage = true }
      guard add(finding, clause) else { return false }
    }
    guard hasMessage else { return true }
    guard let message else { return false }
    return add(message, arguments, program.gates[Int(id >> 32)].parameters)
  }

  private func add(_ finding: EmittedRow, _ clause: ClauseProgram) -> Bool {
    guard isLasting(finding.truth.cause) else { return false }
    key.append(UInt64(bitPattern: Int64(finding.openGenerator ?? -1)))
    add(finding.truth)
    for (place, capture) in finding.captures.enumerated() {
      let bindingCount = clause.bindings.count
      let other = place - bindingCount
      guard case .scalar(let slot) = capture, place < bindingCount || other < clause.subjects.count,
        let numbers = (place < bindingCount ? clause.bindings[place] : clause.subjects[other])
          .type.unwrapped.numbers,
        isLasting(slot, numbers) || (!slot.isExact && isLasting(slot.cause))
      else { return false }
      add(slot)
    }
    for node in finding.witness {
      guard node < Int64(prepared.snapshot.nodeCount) else { return false }
      key.append(UInt64(bitPattern: node))
    }
    key.append(UInt64(finding.captures.count))
    return true
  }

  /// Whether a cause names no node that another request has too.
  private func isLasting(_ cause: Cause) -> Bool {
    cause.node < prepared.snapshot.nodeCount
  }
}

extension [UInt64] {
  /// A hash. Two that meet by chance cost time, and nothing else.
  var mixed: UInt64 {
    var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
    for word in self {
      hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
    }
    return hash
  }
}
