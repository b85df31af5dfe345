// The lets of a gate, found by their variables.

import WritSemantics

/// What the clauses of a gate ask of its lets and parameters. Made once a gate: each clause then pays for what it uses, not for
/// what the gate has.
struct GateLets {
  let gate: TypedGate
  /// Index in `gate.lets` of a variable.
  private var places: [VariableID: Int] = [:]
  /// Of each let, the variables that its value speaks of.
  private var uses: [Set<VariableID>] = []
  /// Parameters and lets that name one node, by variable, with their places among all of them.
  private var nodes: [VariableID: (place: Int, variable: TypedVariable)] = [:]

  /// O(size of the lets).
  init(_ gate: TypedGate) {
    self.gate = gate
    for (place, item) in gate.lets.enumerated() {
      places[item.variable.id] = place
      uses.append(VariableUse.of(item.value))
    }
    let variables = gate.parameters + gate.lets.map(\.variable)
    for (place, variable) in variables.enumerated() {
      if case .node = variable.type { nodes[variable.id] = (place, variable) }
    }
  }

  /// The lets that are used, directly or by other lets that are, in source order.
  func needed(by used: Set<VariableID>) -> [TypedLet] {
    var open = used.compactMap { places[$0] }
    var found = Set(open)
    while let place = open.popLast() {
      for next in uses[place].compactMap({ places[$0] }) where found.insert(next).inserted {
        open.append(next)
      }
    }
    return found.sorted().map { gate.lets[$0] }
  }

  /// Gate parameters and lets that name one node and are used, in source order.
  func subjects(of used: Set<VariableID>) -> [TypedVariable] {
    used.compactMap { nodes[$0] }.sorted { $0.place < $1.place }.map(\.variable)
  }
}
