// Reading the graph: fields, single edges, and what a node is called.

import WritModel
import WritSemantics

extension Evaluator {
  /// Of the forms that ask something of one node or edge.
  func valueOfFact(
    _ expression: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Value {
    let type = expression.type
    switch expression.form {
    case .identifier(let operand):
      let node = try scalar(operand, scope)
      guard node.isExact else { return unknown(type, node.cause) }
      let id = world.nodes[Int(node.lower)].name.id
      return .scalar(Interval(exactly: texts.number(of: id), node.cause))
    case .isKind(let operand, let kinds):
      let node = try scalar(operand, scope)
      guard node.isExact else { return unknown(type, node.cause) }
      return .scalar(
        Interval(kinds.contains(world.nodes[Int(node.lower)].name.kind), node.cause))
    case .edgeEnd(let operand, let end):
      let edge = try scalar(operand, scope)
      guard edge.isExact else { return unknown(type, edge.cause) }
      let ends = world.edges[Int(edge.lower)]
      return .scalar(Interval(exactly: Int64(end == .from ? ends.from : ends.to), edge.cause))
    case .field(let operand, let name):
      let owner = try scalar(operand, scope)
      guard owner.isExact else { return unknown(type, owner.cause) }
      let isEdge = if case .edge = operand.type.unwrapped { true } else { false }
      let number = Int(owner.lower)
      guard let fact = isEdge ? edgeField(number, name) : nodeField(number, name) else {
        return unknown(type, owner.cause ?? .absent)
      }
      return last(known: fact, type, operand: owner.cause)
    case .follow(let operand, let label):
      let node = try scalar(operand, scope)
      guard node.isExact else { return unknown(type, node.cause) }
      return follow(Int(node.lower), label, type, operand: node.cause)
    default: preconditionFailure("not a fact")
    }
  }

  /// Why the node is only possible; nil if it is definite.
  func doubt(ofNode index: Int) -> Cause? {
    let origin = schema.kinds[world.nodes[index].name.kind].origin
    return world.doubt(origin, node: index, asOf: request.asOf)
  }

  /// Why the edge is not vouched for at the node that it leaves.
  func doubt(ofEdge index: Int) -> Cause? {
    let edge = world.edges[index]
    return world.doubt(schema.edges[edge.type].origin, node: edge.from, asOf: request.asOf)
  }

  /// A fact as the graph has it: what was last said, what doubts it, and why it has no value if so.
  private struct Fact {
    let value: FieldValue?
    let doubt: Cause?
    let missing: Cause
  }

  /// Nil for a node of a kind without the field: a query that doubts its kind can meet one.
  private func nodeField(_ index: Int, _ name: String) -> Fact? {
    let node = world.nodes[index]
    let fields = schema.kinds[node.name.kind].fields
    guard let field = fields.firstIndex(where: { $0.name == name }) else { return nil }
    return Fact(
      value: node.fields[field],
      doubt: world.doubt(fields[field].origin, node: index, asOf: request.asOf),
      missing: .missingField(node: node.name, field: name))
  }

  private func edgeField(_ index: Int, _ name: String) -> Fact? {
    let edge = world.edges[index]
    guard let field = schema.edges[edge.type].fields.firstIndex(where: { $0.name == name }) else {
      return nil
    }
    let ends = (world.nodes[edge.from].name, world.nodes[edge.to].name)
    return Fact(
      value: edge.fields[field], doubt: doubt(ofEdge: index),
      missing: .missingEdgeField(edge: edge.type, from: ends.0, to: ends.1, field: name))
  }

  /// A gate takes only what is vouched for, a query what was last said, with what doubts it.
  private func last(known fact: Fact, _ type: ValueType, operand: Cause?) -> Value {
    if case .set = type { return .elements(strings(fact, operand)) }
    if mode == .gate, let doubt = fact.doubt { return unknown(type, doubt) }
    let cause = operand ?? fact.doubt
    switch fact.value {
    case .scalar(let number): return .scalar(Interval(exactly: number, cause))
    case .string(let text): return .scalar(Interval(exactly: texts.number(of: text), cause))
    case .strings: preconditionFailure("a set where the schema has a scalar")
    case nil:
      if case .optional = type { return .absent(cause) }
      return unknown(type, cause ?? fact.missing)
    }
  }

  /// What was last said is possible where it is not vouched for, and there may be more.
  private func strings(_ fact: Fact, _ operand: Cause?) -> Elements {
    let doubt = operand ?? fact.doubt
    guard case .strings(let values) = fact.value else { return Elements(open: doubt) }
    let elements = values.map { text in
      let value = Interval(exactly: texts.number(of: text))
      return Element(value, isDefinite: doubt == nil, cause: doubt)
    }
    return Elements(elements, open: doubt)
  }

  private func follow(
    _ index: Int, _ label: String, _ type: ValueType, operand: Cause?
  ) -> Value {
    let node = world.nodes[index]
    let edgeType = schema.edges.indices.first { candidate in
      schema.edges[candidate].name == label && schema.edges[candidate].source == node.name.kind
    }
    guard let edgeType else { return unknown(type, operand ?? .absent) }
    let origin = schema.edges[edgeType].origin
    let doubt = world.doubt(origin, node: index, asOf: request.asOf)
    if mode == .gate, let doubt { return unknown(type, doubt) }
    let cause = operand ?? doubt
    let edge = world.leaving[index].first { world.edges[$0].type == edgeType }
    guard let edge else {
      if schema.edges[edgeType].cardinality == .optional { return .absent(cause) }
      return unknown(type, cause ?? .missingEdge(node: node.name, edge: label))
    }
    let target = world.edges[edge].to
    let targetDoubt = self.doubt(ofNode: target)
    if mode == .gate, let targetDoubt { return unknown(type, targetDoubt) }
    return .scalar(Interval(exactly: Int64(target), cause ?? targetDoubt))
  }
}
