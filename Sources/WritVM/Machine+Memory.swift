// What an answer depends on, as a key: nothing in it may be another thing in another request.

import WritBytecode
import WritModel

extension Machine {
  /// What the clauses of a gate depend on.
  func inputs(ofGate gate: Int) -> GateInputs {
    if let known = gateInputs[gate] { return known }
    let made = prepared.inputs(ofGate: gate)
    gateInputs[gate] = made
    for (clause, words) in zip(program.gates[gate].clauses, made.marked) {
      guard let words else { continue }
      let marked = code[clause.routine].replaced(by: words)
      code[clause.routine].deallocate()
      code[clause.routine] = marked
    }
    return made
  }

  /// Makes the key that of a clause's answer; false where that depends on what has no lasting number, or is not known.
  ///
  /// - Parameter id: Gate and clause, 32 bits each.
  func beginKey(
    _ id: UInt64, _ inputs: ClauseInputs, _ arguments: [Slot], isTraced: Bool
  ) -> Bool {
    key.removeAll(keepingCapacity: true)
    key.append(id)
    // Epochs do not overlap.
    key.append(UInt64(bitPattern: epoch?.span.lowerBound ?? 0))
    key.append(isTraced ? 1 : 0)
    return add(inputs, arguments, program.gates[Int(id >> 32)].parameters)
  }

  /// Adds to the key whatever of a request something depends on.
  func add(_ inputs: ClauseInputs, _ arguments: [Slot], _ parameters: [NamedType]) -> Bool {
    if inputs.readsCaller {
      let caller = registers[Program.callerRegister]
      guard !caller.isExact || isLasting(caller, .nodes) else { return false }
      add(caller)
    }
    for place in inputs.direct {
      guard let numbers = parameters[place].type.unwrapped.numbers,
        isLasting(arguments[place], numbers)
      else { return false }
      add(arguments[place])
    }
    if inputs.reads.isEmpty { return true }
    reads.pause()
    reading = .vouched
    for read in inputs.reads {
      let node = arguments[read.parameter]
      // What was said of it by name may have been said at another time.
      guard node.isExact, node.cause.isNone, !prepared.nodesSpokenOf.contains(Int(node.lower))
      else { return false }
      let value = read.isStep ? follow(node, read.table) : field(node, read.table)
      guard isLasting(value, read.numbers) else { return false }
      add(value)
    }
    return true
  }

  func add(_ slot: Slot) {
    key.append(UInt64(bitPattern: slot.lower))
    key.append(UInt64(bitPattern: slot.upper))
    key.append(slot.cause.word)
  }

  /// Whether a value is known for sure, and its number means the same in every request.
  func isLasting(_ value: Slot, _ numbers: ParameterRead.Numbers) -> Bool {
    if value == .absent { return true }
    guard value.lower == value.upper, value.cause.isNone else { return false }
    switch numbers {
    case .plain: return true
    case .strings: return value.lower < Int64(prepared.snapshot.strings.count)
    case .nodes: return value.lower < Int64(prepared.snapshot.nodeCount)
    }
  }
}

extension ValueType {
  /// What the values of a type are numbers of; `nil` for more than one value, and for edges.
  var numbers: ParameterRead.Numbers? {
    switch self {
    case .bool, .int, .decimal, .date, .instant, .duration, .enumeration: .plain
    case .string: .strings
    case .node: .nodes
    case .edge, .optional, .set, .list: nil
    }
  }
}
