// What a routine tells: rows of values, each with how sure it is.

import WritBytecode

/// One row that an `emit` or `emitOpen` recorded.
public struct EmittedRow: Sendable {
  /// Not exactly false; exactly true without a cause if it is certain.
  public let truth: Slot
  /// The generator whose range was open, or `nil` for a row of its own.
  public let openGenerator: Int?
  /// As the emission names them; empty for an open range.
  public let captures: [CapturedValue]
  /// Nodes from where the first loop's element was reached to the element; empty unless there are two or more, and for rows
  /// beyond the first `Limits.toldRows`.
  public let witness: [Int64]
}

public enum CapturedValue: Sendable {
  case scalar(Slot)
  case set([Element], open: Cause)
}

extension Machine {
  /// Records a row; false if there are too many.
  @inline(never)
  func emitRow(_ truth: Slot, _ emission: Emission) -> Bool {
    guard rows.count < Limits.rows else { return false }
    // Of a row that nobody is told about there is no way to look for. Rows of open ranges are told last.
    let isTold = rows.count - toldOpen.nonzeroBitCount < Limits.toldRows
    rows.append(
      EmittedRow(
        truth: truth, openGenerator: nil, captures: emission.captures.map(captured),
        witness: isTold ? witness(of: emission.witnesses) : []))
    return true
  }

  /// The way to the first of the cursors' elements that was reached by one. A routine's own loops have the first cursors, in
  /// order.
  private func witness(of cursors: [Int]) -> [Int64] {
    for cursor in cursors {
      let way = way(toElementAt: cursor)
      if !way.isEmpty { return way }
    }
    return []
  }

  private func captured(_ capture: Capture) -> CapturedValue {
    switch capture {
    case .register(let register): .scalar(registers[register])
    case .set(let set):
      .set(
        Array(UnsafeBufferPointer(start: sets[set].elements, count: sets[set].count)),
        open: sets[set].open)
    }
  }

  /// Records that the range of a generator is open, once for each generator, with what the loops around it have bound.
  @inline(never)
  func emitOpen(_ row: Slot, _ cause: Cause, generator: Int, _ emission: Emission) {
    guard row.upper != 0, toldOpen & 1 << UInt16(generator) == 0 else { return }
    toldOpen |= 1 << UInt16(generator)
    rows.append(
      EmittedRow(
        truth: .unknownTruth(cause), openGenerator: generator,
        captures: emission.captures.prefix(generator).map(captured),
        witness: witness(of: emission.witnesses.filter { $0 < generator })))
  }

  /// The way by which the element at a cursor was reached, as far as the set that is looped over tells; of a long one the
  /// last `Limits.witness` nodes.
  private func way(toElementAt cursor: Int) -> [Int64] {
    let set = cursors[cursor].set
    let place = cursors[cursor].next - 1
    guard place >= 0, place < sets[set].count else { return [] }
    var way = [sets[set].elements[place].lower]
    var via = sets[set].elements[place].via
    while via >= 0 && way.count < Limits.witness && !way.contains(Int64(via)) {
      way.append(Int64(via))
      guard let found = find(Int64(via), in: sets[set], strings: false) else { break }
      via = sets[set].elements[found].via
    }
    return way.count > 1 ? way.reversed() : []
  }
}
