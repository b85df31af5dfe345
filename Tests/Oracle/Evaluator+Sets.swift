// Sets and lists: what makes them and what combines them.

import WritModel
import WritSemantics

extension Evaluator {
  /// Of an expression that is used as a set: a single value is a set of one, an absent one of none.
  func elements(
    _ expression: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Elements {
    switch expression.form {
    case .nodes(let kind): return try nodes(kind)
    case .edges(let start, let step): return try edges(try elements(start, scope), step, scope)
    case .reach(let start, let step, let repetition):
      return try reach(try elements(start, scope), step, repetition, scope)
    case .elements(let values): return try elements(values, expression.type, scope)
    case .distinct(let operand):
      if case .set = operand.type { return try elements(operand, scope) }
      return set(try charged(operand, scope), of: operand.type)
    case .union(let left, let right):
      let (a, b) = try charged(left, right, scope)
      return set(Elements(a.elements + b.elements, open: a.open ?? b.open), of: expression.type)
    case .intersection(let left, let right):
      let (a, b) = try charged(left, right, scope)
      return set(intersection(a, b, expression.type), of: expression.type)
    case .difference(let left, let right):
      let (a, b) = try charged(left, right, scope)
      return difference(a, b)
    case .comprehension(let comprehension):
      return try elements(comprehension, expression.type, scope)
    default: return elements(try value(expression, scope))
    }
  }

  private func elements(_ value: Value) -> Elements {
    switch value {
    case .elements(let elements): elements
    case .absent(let cause): Elements(open: cause)
    case .scalar(let one) where one.isExact:
      Elements([Element(one, isDefinite: one.cause == nil, cause: one.cause)])
    case .scalar(let one): Elements(open: one.cause)
    }
  }

  /// The operand of an operation that charges for its elements.
  func charged(
    _ operand: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Elements {
    let elements = try elements(operand, scope)
    try charge(1 + elements.elements.count)
    return elements
  }

  private func charged(
    _ left: TypedExpression, _ right: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> (Elements, Elements) {
    let (a, b) = (try elements(left, scope), try elements(right, scope))
    try charge(1 + a.elements.count + b.elements.count)
    return (a, b)
  }

  private func nodes(_ kind: Int) throws(OutOfFuel) -> Elements {
    let indexes = world.nodes.indices.filter { world.nodes[$0].name.kind == kind }
    try charge(1 + indexes.count)
    let elements = indexes.map { index in
      let doubt = doubt(ofNode: index)
      return Element(Interval(exactly: Int64(index)), isDefinite: doubt == nil, cause: doubt)
    }
    let origin = schema.kinds[kind].origin
    return Elements(
      elements, open: world.doubt(origin, wholeKind: kind, asOf: request.asOf))
  }

  private func elements(
    _ values: [TypedExpression], _ type: ValueType, _ scope: Environment
  ) throws(OutOfFuel) -> Elements {
    var list = Elements()
    for value in values { append(try self.value(value, scope), to: &list) }
    try charge(1 + values.count)
    if case .set = type { return set(list, of: type) }
    return list
  }

  /// A value that is written out is definite if nothing about it is unknown.
  private func append(_ value: Value, to list: inout Elements) {
    switch value {
    case .scalar(let one):
      list.elements.append(Element(one, isDefinite: one.cause == nil, cause: one.cause))
    case .absent(let cause): list.open = list.open ?? cause
    case .elements: preconditionFailure("a set inside a set")
    }
  }

  /// Distinct exact elements in canonical order. What is not exact could be anything: it opens it.
  func set(_ list: Elements, of type: ValueType) -> Elements {
    var set = Elements(open: list.open)
    // Places in `set` of the numbers met so far.
    var places: [Int64: Int] = [:]
    for element in list.elements {
      guard element.isExact else {
        set.open = set.open ?? element.cause
        continue
      }
      let isDefinite = element.isDefinite && element.cause == nil
      let exact = Element(
        Interval(exactly: element.lower), isDefinite: isDefinite, cause: element.cause,
        via: element.via)
      if let place = places[exact.lower] {
        if exact.wins(over: set.elements[place]) { set.elements[place] = exact }
      } else {
        places[exact.lower] = set.elements.count
        set.elements.append(exact)
      }
    }
    set.elements.sort { precedes($0.lower, $1.lower, type) }
    return set
  }

  /// Nodes and edges are numbered in canonical order; texts are not.
  private func precedes(_ left: Int64, _ right: Int64, _ type: ValueType) -> Bool {
    guard type.element?.unwrapped == .string else { return left < right }
    return texts.bytes(left).lexicographicallyPrecedes(texts.bytes(right))
  }

  /// In both; or in one where the other may have it too. Nodes of kinds that the type does not name
  /// cannot be in both.
  private func intersection(_ a: Elements, _ b: Elements, _ type: ValueType) -> Elements {
    let (a, b) = (fitting(a, type), fitting(b, type))
    var both = Elements(open: b.open == nil ? nil : a.open)
    let counts = mode == .gate
    for element in a.elements {
      if let other = b.elements.first(where: { $0.lower == element.lower }) {
        let via = element.via ?? other.via
        both.elements.append(doubted(element, element.doubt ?? other.doubt, via: via))
      } else if let open = b.open, counts {
        both.elements.append(doubted(element, element.doubt ?? open, via: element.via))
      }
    }
    if let open = a.open, counts {
      for element in b.elements where !a.elements.contains(where: { $0.lower == element.lower }) {
        both.elements.append(doubted(element, open, via: element.via))
      }
    }
    return both
  }

  private func fitting(_ set: Elements, _ type: ValueType) -> Elements {
    guard case .node(let kinds)? = type.element else { return set }
    let elements = set.elements.filter { element in
      kinds.contains(world.nodes[Int(element.lower)].name.kind)
    }
    return Elements(elements, open: set.open)
  }

  /// In the first, and not surely in the second.
  private func difference(_ a: Elements, _ b: Elements) -> Elements {
    var rest = Elements(open: a.open)
    for element in a.elements {
      let other = b.elements.first { $0.lower == element.lower }
      // A query takes what is there for what there is.
      if let other, other.isDefinite || mode == .query { continue }
      let doubt = element.doubt ?? other?.doubt ?? b.open
      rest.elements.append(doubted(element, doubt, via: element.via))
    }
    return rest
  }

  private func doubted(_ element: Element, _ doubt: Cause?, via: Int?) -> Element {
    Element(Interval(exactly: element.lower), isDefinite: doubt == nil, cause: doubt, via: via)
  }
}

extension Element {
  /// Of two that are equal the definite one, then the one that was reached from nowhere, then the
  /// one from the earlier node.
  func wins(over other: Element) -> Bool {
    if isDefinite != other.isDefinite { return isDefinite }
    return via ?? -1 < other.via ?? -1
  }
}
