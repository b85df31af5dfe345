// Values that are known, each by a routine of its own: what goes into work, where nothing may be guessed.

import WritBytecode
import WritModel

/// Why there is no value.
enum NoValue: Error {
  /// It is not known, and why.
  case unknown(String)
  case outOfFuel
  /// Its routine yields none of its type.
  case nothing
}

/// Reads values over a bound machine, as a gate reads them, from one supply of fuel.
struct KnownValues {
  let machine: Machine
  let formatter: ValueFormatter
  private let causes: CauseText
  private var fuel: Int64

  /// `asOf`, in microseconds since the epoch, is what the machine was bound to.
  init(machine: Machine, asOf: Int64, fuel: Int64) {
    self.machine = machine
    self.fuel = fuel
    formatter = ValueFormatter(machine: machine)
    causes = CauseText(machine: machine, formatter: formatter, asOf: asOf)
  }

  /// An exact scalar that rests on nothing that is not known.
  mutating func known(
    _ routine: Int, _ type: ValueType, _ inputs: [Slot]
  ) throws(NoValue) -> Slot {
    guard case .scalar(let slot) = try captured(routine, inputs) else { throw .nothing }
    guard isOf(type.unwrapped, slot) else { throw .nothing }
    try requireKnown(slot)
    return slot
  }

  /// Numbers of nodes: one, none where it is known to be absent, or those of a set, the possible ones among them. Of a set that
  /// may have others nothing is known.
  mutating func nodes(_ routine: Int, _ inputs: [Slot]) throws(NoValue) -> [Int64] {
    switch try captured(routine, inputs) {
    case .scalar(let slot):
      if slot.isAbsent, slot.cause.plain.isNone { return [] }
      try requireKnown(slot)
      return [slot.lower]
    case .set(let elements, let open):
      guard open.isNone else { throw .unknown(causes.text(open)) }
      return elements.map(\.lower)
    }
  }

  private func requireKnown(_ slot: Slot) throws(NoValue) {
    guard slot.isExact, slot.cause.isNone else {
      throw .unknown(causes.text(slot.cause.plain.isNone ? slot.whyUnread : slot.cause.plain))
    }
  }

  /// What a routine captures in its one row.
  private mutating func captured(_ routine: Int, _ inputs: [Slot]) throws(NoValue) -> CapturedValue
  {
    machine.assumesApprovals = false
    let status = machine.start(routine, inputs: inputs, reading: .vouched, fuel: fuel)
    fuel = machine.fuel
    guard status == .done else { throw .outOfFuel }
    // A routine of this room's compiler emits one row. What a bundle from elsewhere does is not established.
    guard machine.rows.count == 1, let row = machine.rows.first, row.truth.isCertain,
      let value = row.captures.first
    else { throw .nothing }
    return value
  }

  /// An exact number is one of those that the type has a text for.
  private func isOf(_ type: ValueType, _ slot: Slot) -> Bool {
    guard slot.isExact, case .enumeration(let index) = type else { return true }
    let members = machine.program.schema.enums[index].members
    return slot.lower >= 0 && slot.lower < Int64(members.count)
  }
}
