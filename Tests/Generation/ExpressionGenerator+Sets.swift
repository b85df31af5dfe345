// Sets and lists: of nodes, of edges, of texts, and of whatever a comprehension yields.

import WritModel
import WritSemantics

/// Edges of one name that all of some kinds have, and where they lead.
struct Walk {
  let label: String
  let edges: [DirectedEdge]
  let targets: [Int]
  /// At most one from a node.
  let isSingle: Bool
}

extension ExpressionGenerator {
  /// A set or list of anything.
  mutating func collection(_ depth: Int) -> TypedExpression {
    guard depth > 0 else { return nodes(depth) }
    switch below(12) {
    case 0, 1, 2, 3: return nodes(depth)
    case 4, 5: return edges(depth) ?? nodes(depth)
    case 6: return texts(depth)
    case 7: return set(of: .enumeration(1), depth)
    case 8: return list(of: [.int, .string, .enumeration(2), .decimal][below(4)], depth)
    case 9: return make(.distinct(list(of: .int, depth - 1)), .set(.int))
    default: return combined(depth, ofNodes: chance(80))
    }
  }

  mutating func set(of element: ValueType, _ depth: Int) -> TypedExpression {
    switch element {
    case .node(let kinds):
      for _ in 0..<4 {
        let set = nodes(depth)
        if case .node(let some)? = set.type.element, Set(some).isSubset(of: kinds) { return set }
      }
      return make(.nodes(kind: kinds[below(kinds.count)]), .set(element))
    case .string where chance(50): return texts(depth)
    default:
      if loops > 0, depth > 0, chance(60) { return comprehension(of: element, isSet: true, depth) }
      return make(.elements(someValues(element, depth)), .set(element))
    }
  }

  mutating func list(of element: ValueType, _ depth: Int) -> TypedExpression {
    if loops > 0, chance(80) { return comprehension(of: element, isSet: false, depth) }
    return make(.elements(someValues(element, depth)), .list(element))
  }

  private mutating func someValues(_ type: ValueType, _ depth: Int) -> [TypedExpression] {
    var values: [TypedExpression] = []
    for _ in 0..<(isTextual ? 1 : 0) + below(4) { values.append(value(type, depth - 1)) }
    return values
  }

  private mutating func texts(_ depth: Int) -> TypedExpression {
    if let field = field(of: .set(.string), depth) { return field }
    return make(.elements(someValues(.string, depth)), .set(.string))
  }

  /// A set of nodes.
  mutating func nodes(_ depth: Int) -> TypedExpression {
    if chance(25), let variable = variable(isNodeSet) { return variable }
    guard depth > 0 else { return everyNode() }
    switch below(8) {
    case 0: return everyNode()
    case 1, 2, 3: return reach(depth) ?? everyNode()
    case 4: return closure(depth) ?? everyNode()
    case 5:
      guard loops > 0 else { return everyNode() }
      return filtered(depth)
    case 6:
      let node = anyNode(depth - 1)
      return make(.elements([node]), .set(node.type))
    default: return combined(depth, ofNodes: true)
    }
  }

  private func isNodeSet(_ type: ValueType) -> Bool {
    if case .set(.node) = type { true } else { false }
  }

  private mutating func everyNode() -> TypedExpression {
    let kind = below(schema.kinds.count)
    return make(.nodes(kind: kind), .set(.node([kind])))
  }

  /// What a step may start from: a set, a node, or one that may be absent.
  private mutating func start(_ depth: Int) -> (TypedExpression, [Int]) {
    let base: TypedExpression
    switch below(6) {
    case 0, 1: base = nodes(depth - 1)
    case 2: base = optional(.node(Array(schema.kinds.indices)), depth - 1)
    default: base = anyNode(depth - 1)
    }
    guard case .node(let kinds) = base.type.element ?? base.type.unwrapped else {
      preconditionFailure("nodes")
    }
    return (base, kinds)
  }

  /// Steps that all of the kinds can take.
  func walks(_ kinds: [Int]) -> [Walk] {
    var walks: [Walk] = []
    for label in labels {
      let edges = schema.edges.indices.filter {
        schema.edges[$0].name == label && kinds.contains(schema.edges[$0].source)
      }
      guard edges.count == kinds.count else { continue }
      walks.append(
        Walk(
          label: label, edges: edges.map { DirectedEdge(edge: $0, isInverse: false) },
          targets: Set(edges.flatMap { schema.edges[$0].targets }).sorted(),
          isSingle: schema.edges[edges[0]].cardinality != .many))
    }
    for (index, edge) in schema.edges.enumerated() {
      guard let label = edge.inverse, Set(kinds).isSubset(of: edge.targets) else { continue }
      walks.append(
        Walk(
          label: label, edges: [DirectedEdge(edge: index, isInverse: true)],
          targets: [edge.source], isSingle: false))
    }
    return walks
  }

  /// The names of edges, each once.
  private var labels: [String] {
    schema.edges.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private mutating func step(_ walk: Walk, _ depth: Int, mustFilter: Bool) -> Step {
    let target = newVariable(.node(walk.targets))
    let edge = newVariable(.edge(walk.edges[0].edge))
    guard !isInStep, mustFilter || chance(35) else {
      return Step(edges: walk.edges, filter: nil, edge: edge.id, target: target.id)
    }
    // Of several types of edges only the far end has a type.
    let seen = walk.edges.count == 1 ? [edge, target] : [target]
    let loops = loops
    isInStep = isTextual
    if isTextual { self.loops = 0 }
    let inner = isTextual ? min(1, depth - 1) : depth - 1
    let filter = with(seen) { $0.bool(inner) }
    isInStep = false
    self.loops = loops
    return Step(edges: walk.edges, filter: filter, edge: edge.id, target: target.id)
  }

  private mutating func reach(_ depth: Int) -> TypedExpression? {
    let (base, kinds) = start(depth)
    guard let walk = pick(walks(kinds)) else { return nil }
    // `x.owner` of one node is a node in the text; with a filter it is a set.
    let isNode = walk.isSingle && base.type.element == nil
    guard !(isTextual && isNode && isInStep) else { return nil }
    let step = step(walk, depth, mustFilter: isTextual && isNode)
    return make(.reach(base, step, .once), .set(.node(walk.targets)))
  }

  private mutating func edges(_ depth: Int) -> TypedExpression? {
    let (base, kinds) = start(depth)
    let single = walks(kinds).filter { $0.edges.count == 1 }
    guard let walk = pick(single) else { return nil }
    if case .optional = base.type, walk.isSingle { return nil }
    let step = step(walk, depth, mustFilter: false)
    return make(.edges(base, step), .set(.edge(walk.edges[0].edge)))
  }

  private mutating func closure(_ depth: Int) -> TypedExpression? {
    closedWalk(depth)?.reach
  }

  /// A closure, and the kinds of the nodes that it may reach.
  mutating func closedWalk(_ depth: Int) -> (reach: TypedExpression, targets: [Int])? {
    let (base, kinds) = start(depth)
    guard let walk = pick(walks(kinds)).map({ closed($0, from: kinds) }) else { return nil }
    let step = step(walk, depth, mustFilter: false)
    let limit = chance(40) ? 1 + below(3) : nil
    guard chance(50) else {
      let type = ValueType.set(.node(walk.targets))
      return (make(.reach(base, step, .oneOrMore(upTo: limit)), type), walk.targets)
    }
    let all = Set(walk.targets + kinds).sorted()
    return (make(.reach(base, step, .zeroOrMore(upTo: limit)), .set(.node(all))), all)
  }

  /// The walk with the edges of its name that the kinds met on the way have.
  func closed(_ walk: Walk, from kinds: [Int]) -> Walk {
    var edges: [DirectedEdge] = []
    var seen = Set(kinds)
    var open = kinds
    while let kind = open.popLast() {
      for (index, edge) in schema.edges.enumerated() {
        let isForward = edge.name == walk.label && edge.source == kind
        let isInverse = edge.inverse == walk.label && edge.targets.contains(kind)
        guard isForward || isInverse else { continue }
        edges.append(DirectedEdge(edge: index, isInverse: isInverse))
        open += (isForward ? edge.targets : [edge.source]).filter { seen.insert($0).inserted }
      }
    }
    edges = Set(edges).sorted { $0.edge < $1.edge }
    let targets = edges.flatMap { edge in
      edge.isInverse ? [schema.edges[edge.edge].source] : schema.edges[edge.edge].targets
    }
    return Walk(
      label: walk.label, edges: edges, targets: Set(targets).sorted(), isSingle: walk.isSingle)
  }

  /// Union, difference and intersection.
  private mutating func combined(_ depth: Int, ofNodes: Bool) -> TypedExpression {
    var left = ofNodes ? nodes(depth - 1) : texts(depth - 1)
    let right = ofNodes ? nodes(depth - 1) : texts(depth - 1)
    if !isTextual, ofNodes, chance(20) { left = anyNode(depth - 1) }
    let (first, second) = (left.type.element ?? left.type, right.type.element ?? right.type)
    var joined = first
    var common = first
    if case .node(let a) = first, case .node(let b) = second {
      joined = .node(Set(a).union(b).sorted())
      let both = a.filter(Set(b).contains)
      common = both.isEmpty ? joined : .node(both)
    }
    switch below(3) {
    case 0: return make(.union(left, right), .set(joined))
    case 1: return make(.difference(left, right), .set(first))
    default: return make(.intersection(left, right), .set(common))
    }
  }

  /// Nodes that a condition keeps.
  private mutating func filtered(_ depth: Int) -> TypedExpression {
    loops -= 1
    let range = nodes(depth - 1)
    let variable = newVariable(range.type.element ?? .bool)
    let filter = with([variable]) { $0.bool(depth - 1) }
    let comprehension = Comprehension(
      generators: [Generator(variable: variable.id, name: "it", range: range)],
      filters: [.condition(filter)], yield: reference(variable))
    return make(.comprehension(comprehension), range.type)
  }

  private mutating func comprehension(
    of element: ValueType, isSet: Bool, _ depth: Int
  ) -> TypedExpression {
    loops -= 1
    let outer = variables
    let generators = generators(isTextual ? 1 : 1 + below(2), depth)
    let filters = filters(below(3), depth)
    let yield = value(element, depth - 1)
    variables = outer
    let comprehension = Comprehension(generators: generators, filters: filters, yield: yield)
    return make(.comprehension(comprehension), isSet ? .set(element) : .list(element))
  }

  /// Loop variables; they stay in sight.
  mutating func generators(_ count: Int, _ depth: Int) -> [Generator] {
    var generators: [Generator] = []
    for _ in 0..<count {
      let range = collection(depth - 1)
      let variable = newVariable(range.type.element ?? .bool)
      generators.append(Generator(variable: variable.id, name: variable.name, range: range))
      variables.append(variable)
    }
    return generators
  }

  /// Conditions and bindings; what these bind stays in sight.
  mutating func filters(_ count: Int, _ depth: Int) -> [Filter] {
    var filters: [Filter] = []
    for _ in 0..<count {
      guard chance(35) else {
        filters.append(.condition(bool(depth - 1)))
        continue
      }
      let types: [ValueType] = [
        .int, .decimal, .string, .instant, .node(Array(schema.kinds.indices)),
      ]
      let bound = optional(types[below(types.count)], depth - 1)
      let variable = newVariable(bound.type.unwrapped)
      filters.append(.binding(variable.id, name: variable.name, bound))
      variables.append(variable)
    }
    return filters
  }
}
