// Sets of a routine as walks: one step from the row, and which of its elements are kept.

import WritBytecode

extension BlockLowering {
  /// A word that makes or changes a set.
  mutating func setStep(_ word: Instruction, _ opcode: Opcode) {
    switch opcode {
    case .single: setSet(word.a, single(registers[word.b]))
    case .edges, .reach:
      let walk = walk(sets[word.b], word.c, areEdges: opcode == .edges)
      if let walk { spend(walk.limit) } else { uncounted.insert(place) }
      setSet(word.a, walk)
    case .clear:
      setSet(
        word.a,
        SymbolicSet(
          form: .building(from: nil, kept: nil), depth: depth, limit: 0,
          conditionCount: conditions.count))
    case .openFrom: setSet(word.a, opened(sets[word.a], from: sets[word.b]))
    case .append, .appendVia:
      let isSet = opcode == .appendVia || word.d == 0
      setSet(
        word.a, isSet ? appended(registers[word.b], registers[word.c], to: sets[word.a]) : nil)
    case .seal: setSet(word.a, word.d == 0 ? sealed(sets[word.a]) : nil)
    case .copy: setSet(word.a, sets[word.b])
    default:
      if let set = sets[word.a] { spend(set.limit) } else { uncounted.insert(place) }
    }
  }

  private func single(_ symbol: Symbol?) -> SymbolicSet? {
    guard let symbol, !symbol.isMember,
      case .element = graph.entries[symbol.expression].expression
    else { return nil }
    return SymbolicSet(form: .row, depth: symbol.depth, limit: 1)
  }

  /// One step from the row itself.
  private mutating func walk(_ start: SymbolicSet?, _ step: Int, areEdges: Bool) -> SymbolicSet? {
    guard let start, case .row = start.form, case .nodes(let kind) = domains[start.depth] else {
      return nil
    }
    let tables = machine.graph.steps[step]
    let places = tables.indices.filter { leaves(tables[$0], kind) }
    guard places.count == 1, tables[places[0]].keys == nil else { return nil }
    let edges = tables[places[0]]
    let elements = areEdges ? Domain.edges(edges.edge) : far(edges)
    // Nodes of several kinds are not asked one by one whether they are definite.
    guard elements != nil || edges.endsAreDefinite else { return nil }
    if case .edges? = elements, edges.numbers != nil || !edges.endsAreDefinite { return nil }
    let walk = BlockWalk(
      step: step, table: places[0], areEdges: areEdges, elements: elements, predicate: nil)
    return SymbolicSet(
      form: .walk(graph.add(walk)), depth: start.depth, limit: Double(edges.greatestDegree))
  }

  private func leaves(_ edges: LinkedEdges, _ kind: Int) -> Bool {
    if !edges.isInverse { return machine.program.schema.edges[edges.edge].source == kind }
    return edges.firstNode == machine.graph.kindFirst[kind]
      && edges.nodeCount == machine.graph.kindCount[kind] && edges.nodeCount > 0
  }

  private func far(_ edges: LinkedEdges) -> Domain? {
    let type = machine.program.schema.edges[edges.edge]
    if edges.isInverse { return .nodes(type.source) }
    return type.targets.count == 1 ? .nodes(type.targets[0]) : nil
  }

  private func opened(_ set: SymbolicSet?, from range: SymbolicSet?) -> SymbolicSet? {
    guard var set, let range, case .building(nil, nil) = set.form,
      case .walk(let walk) = range.form,
      range.depth == set.depth, set.depth == depth, set.conditionCount == conditions.count
    else { return nil }
    set.form = .building(from: walk, kept: nil)
    set.limit = range.limit
    return set
  }

  /// The set with the loop's element as far as the row holds.
  private mutating func appended(
    _ value: Symbol?, _ row: Symbol?, to set: SymbolicSet?
  ) -> SymbolicSet? {
    guard var set, let value, let row, case .building(let from?, nil) = set.form,
      loops[depth] == from, set.depth == depth - 1, value.depth == depth, !value.isMember,
      case .element = graph.entries[value.expression].expression, row.isMember,
      row.depth == depth, graph.types[row.expression] == .truth,
      conditions[set.conditionCount...].allSatisfy({ isImplied($0, by: row) })
    else { return nil }
    var walk = graph.walks[from]
    if graph.constant(row.expression) != .yes {
      walk.predicate =
        walk.predicate.map { both($0, row.expression, walk.elements) } ?? row.expression
    }
    set.form = .building(from: from, kept: graph.add(walk))
    return set
  }

  private mutating func both(_ left: Int, _ right: Int, _ domain: Domain?) -> Int {
    graph.add(.and(left, right), domain, .truth)
  }

  /// Does a row that is not exactly false get past a jump in any case?
  private func isImplied(_ condition: Condition, by row: Symbol) -> Bool {
    switch condition {
    case .value, .notDropped(nil), .present(nil): return false
    case .notDropped(let tested?):
      if tested.isMember && graph.constant(tested.expression) == .yes { return true }
      return tested.depth == row.depth && graph.isConjunct(tested.expression, of: row.expression)
    case .present(let tested?):
      guard tested.depth == row.depth else { return false }
      return graph.isConjunctPresent(tested.expression, in: row.expression)
    }
  }

  private func sealed(_ set: SymbolicSet?) -> SymbolicSet? {
    guard var set, case .building(_, let kept?) = set.form else {
      guard let set, case .walk = set.form else { return nil }
      return set
    }
    set.form = .walk(kept)
    return set
  }

  /// `isEmpty` or `count` of a set.
  mutating func fold(_ word: Instruction, _ opcode: Opcode) {
    guard let set = sets[word.b], case .walk(let walk) = set.form else {
      if opcode == .count { uncounted.insert(place) }
      return self.set(word.a, nil)
    }
    if opcode == .count { spend(set.limit) }
    let domain = domains[set.depth]
    if opcode == .isEmpty {
      let number = graph.add(.isEmpty(walk), domain, .truth)
      return self.set(word.a, Symbol(expression: number, depth: set.depth))
    }
    var distinct = graph.walks[walk]
    distinct.countsOnce = hasParallels(distinct)
    if distinct.countsOnce && distinct.elements == nil { return self.set(word.a, nil) }
    let number = graph.add(.count(graph.add(distinct)), domain, .number)
    self.set(word.a, Symbol(expression: number, depth: set.depth))
  }

  /// Whether two edges of a row lead to one element. Only edges with fields can be two between the same nodes.
  private func hasParallels(_ walk: BlockWalk) -> Bool {
    let edges = machine.graph.steps[walk.step][walk.table]
    if walk.areEdges || machine.program.schema.edges[edges.edge].fields.isEmpty { return false }
    return edges.hasParallels
  }
}

extension BlockGraph {
  /// Whether a conjunction holds only where a value is there.
  func isConjunctPresent(_ value: Int, in whole: Int) -> Bool {
    let entry = Entry(expression: .isAbsent(value), domain: entries[value].domain)
    guard let absent = number(of: entry),
      let present = number(of: Entry(expression: .not(absent), domain: entry.domain))
    else { return false }
    return isConjunct(present, of: whole)
  }
}

extension LinkedEdges {
  /// The most edges at one node. O(nodes).
  var greatestDegree: Int {
    var greatest = 0
    for row in 0..<nodeCount { greatest = max(greatest, Int(offsets[row + 1] - offsets[row])) }
    return greatest
  }

  /// Whether two edges lead from one node to the same. O(edges).
  var hasParallels: Bool {
    for row in 0..<nodeCount {
      for place in Int(offsets[row])..<Int(offsets[row + 1])
      where place > Int(offsets[row]) && ends[place] == ends[place - 1] {
        return true
      }
    }
    return false
  }
}
