// Sets of a routine as walks: one step from the row, and which of its elements are kept.

import WritBytecode

extension BlockLowering {
  /// A word that makes or changes a set.
  mutating func setStep(_ word: Instruction, _ opcode: Opcode) {
    switch opcode {
    case .single: setSet(word.a, single(registers[word.b]))
    case .fieldSet: setSet(word.a, strings(registers[word.b], word.c))
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
    guard let symbol, !symbol.isMember else { return nil }
    switch graph.entries[symbol.expression].expression {
    case .element: return SymbolicSet(form: .row, depth: symbol.depth, limit: 1)
    case .argument where kind(of: symbol) != nil:
      return SymbolicSet(form: .row, depth: symbol.depth, start: symbol.expression, limit: 1)
    default: return nil
    }
  }

  /// A field that has a set of strings for each node of the argument's kind.
  private func strings(_ owner: Symbol?, _ field: Int) -> SymbolicSet? {
    guard let owner, !owner.isMember, let kind = kind(of: owner),
      case .argument = graph.entries[owner.expression].expression,
      let table = machine.graph.columns[field].firstIndex(where: {
        !$0.isOfEdge && $0.owner == kind
      })
    else { return nil }
    let column = machine.graph.columns[field][table]
    guard column.keys == nil, let offsets = column.offsets else { return nil }
    let counts = (0..<column.count).map { offsets[$0 + 1] - offsets[$0] }
    return SymbolicSet(
      form: .strings(field: field, table: table, argument: owner.expression), depth: owner.depth,
      limit: Double(counts.max() ?? 0))
  }

  /// Whether a text is among strings.
  mutating func member(_ word: Instruction) {
    guard let set = sets[word.c], case .strings(let field, let table, let argument) = set.form,
      let text = registers[word.b].flatMap({ graph.constant($0.expression) }), text.isExact,
      text.cause.isNone
    else {
      uncounted.insert(place)
      return self.set(word.a, nil)
    }
    spend(set.limit)
    let number = graph.add(
      .isMember(text, field: field, table: table, argument: argument), domains[set.depth], .truth)
    self.set(word.a, Symbol(expression: number, depth: set.depth))
  }

  /// One step from the row itself.
  private mutating func walk(_ start: SymbolicSet?, _ step: Int, areEdges: Bool) -> SymbolicSet? {
    guard let start, let (kind, outer) = beginning(start) else { return nil }
    let tables = machine.graph.steps[step]
    let places = tables.indices.filter { leaves(tables[$0], kind) }
    guard places.count == 1, tables[places[0]].keys == nil else { return nil }
    let edges = tables[places[0]]
    let elements = areEdges ? Domain.edges(edges.edge) : far(edges)
    // Nodes of several kinds are not asked one by one whether they are definite.
    guard elements != nil || edges.endsAreDefinite else { return nil }
    if case .edges? = elements, edges.numbers != nil || !edges.endsAreDefinite { return nil }
    let walk = BlockWalk(
      step: step, table: places[0], areEdges: areEdges, elements: elements, predicate: nil,
      outer: outer)
    return SymbolicSet(
      form: .walk(graph.add(walk)), depth: start.depth, start: start.start,
      limit: start.limit * Double(edges.greatestDegree))
  }

  /// The kind of the nodes that a step is taken from, and the walk that leads to them.
  private func beginning(_ set: SymbolicSet) -> (kind: Int, outer: Int?)? {
    switch set.form {
    case .row: return kind(ofRow: set).map { ($0, nil) }
    case .walk(let walk):
      guard case .nodes(let kind)? = graph.walks[walk].elements else { return nil }
      return (kind, walk)
    case .strings, .building: return nil
    }
  }

  /// Of the node at which a set begins.
  private func kind(ofRow set: SymbolicSet) -> Int? {
    if let start = set.start { return kind(of: Symbol(expression: start, depth: set.depth)) }
    if case .nodes(let kind) = domains[set.depth] { return kind }
    return nil
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
    set.start = range.start
    return set
  }

  /// The set with the loop's element as far as the row holds.
  private mutating func appended(
    _ value: Symbol?, _ row: Symbol?, to set: SymbolicSet?
  ) -> SymbolicSet? {
    guard var set, let value, let row, case .building(let from?, nil) = set.form,
      loops[depth] == OpenLoop(walk: from, start: set.start), set.depth == depth - 1,
      value.depth == depth, !value.isMember,
      case .element = graph.entries[value.expression].expression, row.isMember,
      row.depth == depth, graph.types[row.expression] == .truth,
      conditions[set.conditionCount...].allSatisfy({ isImplied($0, by: row) })
    else { return nil }
    set.form = .building(from: from, kept: kept(from, where: row.expression))
    return set
  }

  /// A walk to those of its elements for which a truth holds too.
  private mutating func kept(_ from: Int, where truth: Int) -> Int {
    var walk = graph.walks[from]
    keep(&walk, where: truth)
    return graph.add(walk)
  }

  private mutating func keep(_ walk: inout BlockWalk, where truth: Int) {
    switch graph.entries[truth].expression {
    case .across(let condition): walk.across.append(condition)
    case .and(let left, let right) where graph.isMixed(truth):
      keep(&walk, where: left)
      keep(&walk, where: right)
    default:
      if graph.constant(truth) == .yes { return }
      walk.predicate = walk.predicate.map { both($0, truth, walk.elements) } ?? truth
    }
  }

  /// The truth that a walk leads nowhere. A walk of several steps does if the first leads to nothing from which the others lead
  /// somewhere. `nil` where no block can tell.
  private mutating func emptiness(_ walk: Int, _ start: Int?, _ domain: Domain) -> Int? {
    var step = graph.walks[walk]
    guard let outer = step.outer else {
      return graph.add(.isEmpty(walk, from: start), domain, .truth)
    }
    guard step.across.isEmpty, let elements = graph.walks[outer].elements else { return nil }
    step.outer = nil
    let isEmpty = graph.add(.isEmpty(graph.add(step), from: nil), elements, .truth)
    let goesOn = graph.add(.not(isEmpty), elements, .truth)
    return emptiness(kept(outer, where: goesOn), start, domain)
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
      let number = emptiness(walk, set.start, domain)
      return self.set(word.a, number.map { Symbol(expression: $0, depth: set.depth) })
    }
    var distinct = graph.walks[walk]
    guard distinct.outer == nil, distinct.across.isEmpty else { return self.set(word.a, nil) }
    distinct.countsOnce = hasParallels(distinct)
    if distinct.countsOnce && distinct.elements == nil { return self.set(word.a, nil) }
    let number = graph.add(.count(graph.add(distinct), from: set.start), domain, .number)
    self.set(word.a, Symbol(expression: number, depth: set.depth))
  }

  /// Whether two edges of a row lead to one element. Only edges with fields can be two between the same nodes.
  private func hasParallels(_ walk: BlockWalk) -> Bool {
    let edges = machine.graph.steps[walk.step][walk.table]
    if walk.areEdges || machine.program.schema.edges[edges.edge].fields.isEmpty { return false }
    return edges.hasParallels
  }
}

extension BlockLowering {
  /// A finding of a clause, or that there may be one since something of a set may be missing; false where it cannot be told for which
  /// requests there is one.
  mutating func emitFinding(_ word: Instruction, _ opcode: Opcode) -> Bool {
    if opcode == .emitOpen {
      guard domains.count == 1, conditions.isEmpty, let set = sets[word.a],
        case .walk(let walk) = set.form,
        registers[word.b].flatMap({ graph.constant($0.expression) }) == .yes
      else { return false }
      openSets.append(OpenLoop(walk: walk, start: set.start))
      return true
    }
    guard let row = registers[word.a], row.depth == depth || row.depth < 0,
      graph.types[row.expression] == .truth,
      conditions.allSatisfy({ isImplied($0, by: row) })
    else { return false }
    guard let loop = loops[depth] else {
      guard !row.isMember else { return false }
      findings.append(row.expression)
      return true
    }
    guard depth == 1, row.isMember else { return false }
    let walk = kept(loop.walk, where: row.expression)
    guard let isEmpty = emptiness(walk, loop.start, domains[0]) else { return false }
    findings.append(graph.add(.not(isEmpty), domains[0], .truth))
    // Of a set of which something may be missing it is not known that it is empty.
    openSets.removeAll { $0 == loop }
    return true
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
