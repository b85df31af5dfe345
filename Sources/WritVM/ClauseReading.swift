// What a clause read, as a record keeps it.

import WritModel

/// What a clause read and how it came out, as canonical JSON: `{"clause":…,"facts":[…],"outcome":…}`.
///
/// A fact of a node that an argument names is told of the parameter, `$name`: of requests about other nodes of which the same is read
/// the text is the same. A class, so that the digest of what many requests share is taken once. For one thread at a time.
public final class ClauseReading {
  public let bytes: [UInt8]
  /// The digest of the bytes as whoever took it spells it; empty before.
  public var digestText: [UInt8] = []

  /// - Parameter facts: `{…},{…}`, sorted.
  init(_ clause: String, _ outcome: ClauseOutcome, facts: [UInt8]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(facts.count + clause.utf8.count + 64)
    appendText("{\"clause\":", to: &bytes)
    appendJSONString(clause, to: &bytes)
    appendText(",\"facts\":[", to: &bytes)
    bytes.append(contentsOf: facts)
    appendText("],\"outcome\":\"", to: &bytes)
    appendText(outcome.text, to: &bytes)
    appendText("\"}", to: &bytes)
    self.bytes = bytes
  }

  init(_ trace: ClauseTrace) {
    bytes = trace.recordedBytes
  }
}

extension ClauseTrace {
  /// How the clause came out, and nothing of what it read.
  public var outline: ClauseTrace { ClauseTrace(clause: clause, outcome: outcome, facts: []) }

  /// What a record keeps of it: see `ClauseReading`.
  public var recordedBytes: [UInt8] {
    let sorted = facts.sorted { $0.precedesInRecord($1) }
    return ClauseReading(clause, outcome, facts: FactListText(sorted).bytes).bytes
  }
}

/// A reading that was kept with the answer of a clause, and of which nodes beside parameters' it tells facts.
final class KnownReading {
  let reading: ClauseReading
  /// Numbers of nodes of which facts were read, those left out of which it does not matter which they are; rising.
  let subjects: [Int64]

  /// - Parameter reads: Each once, without those of parameters of which it does not matter which node they are.
  init(_ reading: ClauseReading, of reads: Set<FactRead>) {
    self.reading = reading
    let nodes = reads.filter { $0.question != .nodes && $0.question != .edgeField }
    subjects = Set(nodes.map(\.subject)).sorted()
  }

  var byteCount: Int { reading.bytes.count + subjects.count * 8 }

  /// Whether the text is that of a request with those arguments, if what the parameters at `varying` lead to is the same: none of
  /// their nodes is one of which facts were read otherwise, or that of another parameter.
  func holds(for arguments: [Slot], varying: [Int], nodes: [Int]) -> Bool {
    for place in varying where arguments[place].isExact {
      let node = arguments[place].lower
      for subject in subjects where subject == node { return false }
      for other in nodes
      where other != place && arguments[other].lower == node && arguments[other].isExact {
        return false
      }
    }
    return true
  }
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
