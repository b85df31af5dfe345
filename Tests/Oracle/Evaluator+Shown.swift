// From numbers to names: what leaves the oracle.

import WritModel
import WritSemantics

extension Evaluator {
  func shown(_ value: Value, _ type: ValueType) -> ShownValue {
    switch value {
    case .absent(let cause): return .absent(cause)
    case .scalar(let one): return shown(one, type.unwrapped)
    case .elements(let set):
      let elements = set.elements.map { element in
        let value = Interval(element.lower, element.upper, element.cause)
        return ShownElement(
          value: shown(value, (type.element ?? type).unwrapped), isDefinite: element.isDefinite)
      }
      return .elements(elements, open: set.open)
    }
  }

  private func shown(_ one: Interval, _ type: ValueType) -> ShownValue {
    guard one.isExact else { return .between(one.lower, one.upper, one.cause) }
    switch type {
    case .string:
      return .text(String(decoding: texts.bytes(one.lower), as: UTF8.self), one.cause)
    case .node: return .node(world.nodes[Int(one.lower)].name, one.cause)
    case .edge:
      let number = Int(one.lower)
      let edge = world.edges[number]
      let parallel = world.leaving[edge.from].filter {
        world.edges[$0].type == edge.type && world.edges[$0].to == edge.to
      }
      return .edge(
        edge.type, world.nodes[edge.from].name, world.nodes[edge.to].name,
        place: parallel.firstIndex(of: number) ?? 0, one.cause)
    default: return .number(one.lower, one.cause)
    }
  }

  /// The loop variables of a clause and those that its filters bind, as far as they have values.
  func bindings(_ clause: TypedClause, _ scope: Environment) -> [Binding] {
    var bindings: [Binding] = []
    func add(_ variable: VariableID, _ name: String, _ type: ValueType) {
      guard let value = scope[variable] else { return }
      bindings.append(Binding(name: name, value: shown(value, type)))
    }
    for generator in clause.generators {
      add(generator.variable, generator.name, generator.range.type.element ?? generator.range.type)
    }
    for case .binding(let variable, let name, let expression) in clause.filters {
      add(variable, name, expression.type)
    }
    return bindings
  }

  /// The nodes that the bindings are or, where there is no loop, those parameters and lets of the gate that the clause
  /// refers to; each once. A clause that ran out of fuel has come to none.
  func subjects(
    _ clause: TypedClause, _ gate: TypedGate, _ scope: Environment, ranOut: Bool
  ) -> [NodeName] {
    if ranOut { return [] }
    var subjects: [NodeName] = []
    func add(_ value: Value?, _ type: ValueType) {
      guard case .node = type, case .scalar(let one)? = value, one.isExact else { return }
      let name = world.nodes[Int(one.lower)].name
      if !subjects.contains(where: { $0.key == name.key }) { subjects.append(name) }
    }
    for generator in clause.generators {
      let type = generator.range.type
      add(scope[generator.variable], (type.element ?? type).unwrapped)
    }
    for case .binding(let variable, _, let expression) in clause.filters {
      add(scope[variable], expression.type.unwrapped)
    }
    guard clause.generators.isEmpty else { return subjects }
    let mentioned = Set(clause.expressions.flatMap(\.variables))
    for variable in gate.parameters + gate.lets.map(\.variable)
    where mentioned.contains(variable.id) {
      add(scope[variable.id], variable.type)
    }
    return subjects
  }

  /// The way to the first of the row's elements that was reached by one.
  func witness(_ generators: [Generator], _ row: Row) -> [NodeName] {
    for (place, element) in row.elements.enumerated() {
      let type = generators[place].range.type
      guard case .node = (type.element ?? type).unwrapped else { continue }
      let way = way(to: element, in: row.ranges[place])
      if way.count > 1 { return way.map { world.nodes[$0].name } }
    }
    return []
  }

  /// Back along `via` until a node has none, is not in the set, or comes again; no more than 2,000 nodes.
  private func way(to element: Element, in range: Elements) -> [Int] {
    var way = [Int(element.lower)]
    var last = element
    while let via = last.via, way.count < 2_000, !way.contains(via) {
      way.insert(via, at: 0)
      guard let next = range.elements.first(where: { $0.lower == via }) else { break }
      last = next
    }
    return way
  }
}
