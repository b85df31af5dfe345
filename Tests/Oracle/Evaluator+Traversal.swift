// Walking edges: one step from the nodes of a set, and closures of steps.

import WritModel
import WritSemantics

/// An edge that was walked: where it leads, and what doubts it.
private struct Crossing {
  let edge: Int
  let target: Int
  let origin: Int
  let doubt: Cause?

  var asEdge: Element { element(edge) }
  var asNode: Element { element(target) }

  private func element(_ number: Int) -> Element {
    Element(Interval(exactly: Int64(number)), isDefinite: doubt == nil, cause: doubt, via: origin)
  }
}

/// What one or more walks found, in that order, and why more may be found.
private struct Crossings {
  var found: [Crossing] = []
  var open: Cause?
}

extension Evaluator {
  func edges(
    _ start: Elements, _ step: Step, _ scope: Environment
  ) throws(OutOfFuel) -> Elements {
    let crossings = try crossings(start, step, scope)
    let edges = Elements(crossings.found.map(\.asEdge), open: crossings.open)
    return set(edges, of: .set(.edge(0)))
  }

  func reach(
    _ start: Elements, _ step: Step, _ repetition: Repetition, _ scope: Environment
  ) throws(OutOfFuel) -> Elements {
    if repetition == .once {
      let crossings = try crossings(start, step, scope)
      return set(Elements(crossings.found.map(\.asNode), open: crossings.open), of: .set(.node([])))
    }
    return try closure(start, step, scope, repetition)
  }

  /// Breadth first. A node is expanded when it is found, and once more if it was only possible and
  /// is then reached definitely.
  private func closure(
    _ start: Elements, _ step: Step, _ scope: Environment, _ repetition: Repetition
  ) throws(OutOfFuel) -> Elements {
    let (limit, keepsStart) = repetition.bounds
    var layer = set(start, of: .set(.node([])))
    var open = layer.open
    // Every node found, and whether its best finding so far is definite; the starts are layer 0.
    var isDefinite: [Int64: Bool] = [:]
    for element in layer.elements { isDefinite[element.lower] = element.isDefinite }
    var reached: [Int64: Element] = [:]
    if keepsStart { for element in layer.elements { reached[element.lower] = element } }
    var depth = 0
    while !layer.elements.isEmpty && depth < limit {
      let crossings = try crossings(layer, step, scope)
      open = open ?? crossings.open
      let ends = set(Elements(crossings.found.map(\.asNode)), of: .set(.node([])))
      for end in ends.elements where isBetter(end, than: reached[end.lower]) {
        reached[end.lower] = end
      }
      layer = Elements(
        ends.elements.filter { end in
          isDefinite[end.lower].map { end.isDefinite && !$0 } ?? true
        })
      for element in layer.elements { isDefinite[element.lower] = element.isDefinite }
      depth += 1
    }
    return set(Elements(Array(reached.values), open: open), of: .set(.node([])))
  }

  /// The first shortest way to one of the ends: of those at the least depth the first in canonical
  /// order, and back along whatever reached each node first.
  func shortest(
    _ start: Elements, _ ends: Elements, _ query: PathQuery, _ scope: Environment
  ) throws(OutOfFuel) -> (way: [Element], open: Cause?) {
    let goals = Set(ends.elements.map(\.lower))
    let (limit, keepsStart) = query.repetition.bounds
    var layer = set(start, of: .set(.node([])))
    var open = layer.open
    var found: [Int64: Element] = [:]
    for element in layer.elements {
      if keepsStart && goals.contains(element.lower) { return ([element], open) }
      found[element.lower] = element.start
    }
    var depth = 0
    while !layer.elements.isEmpty && depth < limit {
      let crossings = try crossings(layer, query.step, scope)
      open = open ?? crossings.open
      let reached = set(Elements(crossings.found.map(\.asNode)), of: .set(.node([])))
      if let end = reached.elements.first(where: { goals.contains($0.lower) }) {
        return (way(to: end, found), open)
      }
      layer = Elements(reached.elements.filter { found[$0.lower] == nil })
      for element in layer.elements { found[element.lower] = element }
      depth += 1
    }
    return ([], open)
  }

  private func way(to end: Element, _ found: [Int64: Element]) -> [Element] {
    var way = [end]
    while let via = way[0].via, let element = found[Int64(via)] { way.insert(element, at: 0) }
    return way
  }

  private func isBetter(_ new: Element, than old: Element?) -> Bool {
    guard let old else { return true }
    return new.isDefinite && !old.isDefinite
  }

  /// One step from each element, in order.
  private func crossings(
    _ start: Elements, _ step: Step, _ scope: Environment
  ) throws(OutOfFuel) -> Crossings {
    try charge(1)
    var crossings = Crossings(open: start.open)
    for element in start.elements {
      guard element.isExact else {
        crossings.open = crossings.open ?? element.cause
        continue
      }
      for directed in step.edges {
        try cross(element, directed, step, scope, &crossings)
      }
    }
    return crossings
  }

  /// One step from one node along one type of edge, if it fits the node's kind.
  private func cross(
    _ start: Element, _ directed: DirectedEdge, _ step: Step, _ scope: Environment,
    _ crossings: inout Crossings
  ) throws(OutOfFuel) {
    let node = Int(start.lower)
    let kind = world.nodes[node].name.kind
    let type = schema.edges[directed.edge]
    guard directed.isInverse ? type.targets.contains(kind) : type.source == kind else { return }
    let missing =
      directed.isInverse
      ? doubt(ofSourcesOf: directed.edge)
      : world.doubt(type.origin, node: node, asOf: request.asOf) ?? lack(of: directed.edge, node)
    crossings.open = crossings.open ?? missing

    let incident = (directed.isInverse ? world.reaching : world.leaving)[node]
    let edges = incident.filter { world.edges[$0].type == directed.edge }
    try charge(edges.count)
    for edge in edges {
      let target = directed.isInverse ? world.edges[edge].from : world.edges[edge].to
      let kept = try keeps(edge, target, step, scope)
      if kept.isFalse { continue }
      let doubt =
        start.doubt ?? self.doubt(ofEdge: edge) ?? self.doubt(ofNode: target) ?? kept.cause
      crossings.found.append(Crossing(edge: edge, target: target, origin: node, doubt: doubt))
    }
  }

  /// Why nodes that the edges leave may be missing: a `one` edge that nobody knows may lead here.
  private func doubt(ofSourcesOf edge: Int) -> Cause? {
    let type = schema.edges[edge]
    if let doubt = world.doubt(type.origin, wholeKind: type.source, asOf: request.asOf) {
      return doubt
    }
    let sources = world.nodes.indices.filter { world.nodes[$0].name.kind == type.source }
    return sources.lazy.compactMap { self.lack(of: edge, $0) }.first
  }

  /// That the node does not have its `one` edge.
  private func lack(of edge: Int, _ node: Int) -> Cause? {
    let type = schema.edges[edge]
    let isThere = world.leaving[node].contains { world.edges[$0].type == edge }
    guard type.cardinality == .one, !isThere else { return nil }
    return .missingEdge(node: world.nodes[node].name, edge: type.name)
  }

  private func keeps(
    _ edge: Int, _ target: Int, _ step: Step, _ scope: Environment
  ) throws(OutOfFuel) -> Interval {
    guard let filter = step.filter else { return Interval(true) }
    var inner = scope
    inner[step.edge] = .scalar(Interval(exactly: Int64(edge)))
    inner[step.target] = .scalar(Interval(exactly: Int64(target)))
    return try scalar(filter, inner)
  }
}

extension Element {
  /// The element as the start of a way.
  fileprivate var start: Element {
    Element(Interval(exactly: lower), isDefinite: isDefinite, cause: cause)
  }
}

extension Repetition {
  /// The most steps, and whether none is a way too.
  fileprivate var bounds: (limit: Int, keepsStart: Bool) {
    switch self {
    case .once: (1, false)
    case .oneOrMore(let limit): (limit ?? .max, false)
    case .zeroOrMore(let limit): (limit ?? .max, true)
    }
  }
}
