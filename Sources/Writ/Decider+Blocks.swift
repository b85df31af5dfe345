// Verdicts on many requests: read one after the other, judged a block at a time.

import WritModel
import WritVM

/// Blocks of the gates that were asked, for one moment.
struct VerdictBlocks {
  let asking: Asking
  /// By gate; a gate that blocks cannot do has none.
  var blocks: [Int: GateBlock?] = [:]
}

extension Asking {
  /// Whether all that a machine is bound to for it is the same.
  func isSameMoment(as other: Asking) -> Bool {
    guard now == other.now, asOf == other.asOf, hasSameNames(onBehalfOf, other.onBehalfOf) else {
      return false
    }
    switch (caller, other.caller) {
    case (nil, nil): return true
    case (let one?, let another?): return hasSameBytes(one, another)
    default: return false
    }
  }
}

/// Requests of one gate that are read and not judged yet.
private struct ReadRequests {
  /// Places among all requests.
  var places: [Int] = []
  /// Arguments, those of one request behind those of another.
  var slots: [Slot] = []
}

extension Decider {
  /// What `verdict(on:)` says of each request, in their order. Where many are for one gate it goes by blocks.
  public func verdicts(
    on requests: [UnsafeBufferPointer<UInt8>], _ asking: Asking, mayNameTime: Bool = false
  ) -> [Result<NamedVerdict, any Error>] {
    var results = [Result<NamedVerdict, any Error>?](repeating: nil, count: requests.count)
    var read: [Int: ReadRequests] = [:]
    // A caller who is none is told with each request.
    if (try? bindNothing(asking)) != nil {
      for (place, bytes) in requests.enumerated() {
        guard let gate = usualGate(bytes) else { continue }
        read[gate, default: ReadRequests()].places.append(place)
        read[gate, default: ReadRequests()].slots.append(contentsOf: verdictSlots)
      }
    }
    for (gate, those) in read where those.places.count >= Decider.fewestForBlocks {
      guard let block = block(gate, asking) else { continue }
      judge(those, gate, block, asking) { results[$0] = .success($1) }
    }
    return results.enumerated().map { place, result in
      result ?? Result { try verdict(on: requests[place], asking, mayNameTime: mayNameTime) }
    }
  }

  /// A block of fewer gains less than what is to be done once for all.
  private static let fewestForBlocks = 128

  private func block(_ gate: Int, _ asking: Asking) -> GateBlock? {
    var known =
      verdictBlocks.flatMap { $0.asking.isSameMoment(as: asking) ? $0 : nil }
      ?? VerdictBlocks(asking: asking)
    if let block = known.blocks[gate] { return block }
    let made = GateBlock(machine, gate: gate)
    known.blocks[gate] = .some(made)
    verdictBlocks = known
    return made
  }

  private func judge(
    _ read: ReadRequests, _ gate: Int, _ block: GateBlock, _ asking: Asking,
    _ body: (Int, NamedVerdict) -> Void
  ) {
    let parameterCount = prepared.engine.program.gates[gate].parameters.count
    var first = 0
    func take() {
      block.takeVerdicts(asOf: asking.asOf) { row, verdict in
        body(read.places[first + row], NamedVerdict(gate: gate, verdict: verdict))
      }
    }
    read.slots.withUnsafeBufferPointer { slots in
      for request in read.places.indices {
        let start = request * parameterCount
        block.append(UnsafeBufferPointer(rebasing: slots[start..<start + parameterCount]))
        guard block.isFull else { continue }
        take()
        first = request + 1
      }
    }
    take()
  }
}
