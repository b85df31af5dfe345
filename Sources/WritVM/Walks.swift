// Walks over edges: one step, and closures breadth first.

import WritBytecode

/// A closure while it grows: what was found, and what of it is still to be expanded.
struct ClosureState {
  /// Place + 1 of each node among the elements found, by node number; allocated at first use.
  private var places: UnsafeMutablePointer<UInt32>?
  /// How each node was met, the start included: 0 not at all, 1 possibly, 2 definitely.
  private var marks: UnsafeMutablePointer<UInt8>?
  private var nodeCount = 0
  private var isDirty = false
  private var layersLeft = 0
  private var includesStart = false
  private var start = SetBuffer()
  /// Two buffers that take turns: the layer that is being expanded, and the one that comes.
  private(set) var pending = SetBuffer()
  private var spare = SetBuffer()
  /// Ends of the edges of the layer that is being expanded.
  var candidates = SetBuffer()
  private var search = Search()

  /// Begins anew. The start counts as met; it is among those found only if the closure includes it.
  mutating func begin(
    nodeCount count: Int, layerLimit: Int?, from set: SetBuffer, into found: inout SetBuffer,
    includesStart: Bool
  ) {
    allocate(count)
    layersLeft = layerLimit ?? .max
    self.includesStart = includesStart
    search.isOn = false
    candidates.clear()
    start.copy(set)
    pending.copy(set)
    found.clear()
    found.open(by: set.open)
    for index in 0..<start.count where isNode(start.elements[index]) {
      if includesStart { keep(start.elements[index], in: &found) }
      mark(start.elements[index])
    }
  }

  private mutating func allocate(_ count: Int) {
    if nodeCount < count {
      places?.deallocate()
      marks?.deallocate()
      places = .allocate(capacity: count)
      marks = .allocate(capacity: count)
      nodeCount = count
      isDirty = true
    }
    // A closure that ran out of fuel leaves its marks.
    if isDirty {
      places?.initialize(repeating: 0, count: nodeCount)
      marks?.initialize(repeating: 0, count: nodeCount)
    }
    isDirty = true
  }

  func deallocate() {
    places?.deallocate()
    marks?.deallocate()
    start.deallocate()
    pending.deallocate()
    spare.deallocate()
    candidates.deallocate()
    search.deallocate()
  }

  var isSearch: Bool { search.isOn }

  /// The coming layer, in canonical order; valid until the one after it is taken.
  mutating func takePending() -> SetBuffer {
    swap(&pending, &spare)
    pending.clear()
    return spare
  }

  mutating func beginLayer() -> Bool {
    guard pending.count > 0, layersLeft > 0 else { return false }
    layersLeft -= 1
    return true
  }

  /// A verified program may still take any number for a node's: numbers are checked where they are an index.
  private func isNode(_ element: Element) -> Bool {
    element.lower >= 0 && element.lower < Int64(nodeCount)
  }

  /// Adds an element to those found; one that was only possible may become definite.
  private func keep(_ element: Element, in found: inout SetBuffer) {
    guard let places else { return }
    let place = Int(places[Int(element.lower)])
    if place == 0 {
      found.append(element)
      places[Int(element.lower)] = UInt32(truncatingIfNeeded: found.count)
    } else if element.isDefinite && !found.elements[place - 1].isDefinite {
      found.elements[place - 1] = element
    }
  }

  /// Is it news that the node is met, or met definitely?
  @discardableResult
  private func mark(_ element: Element) -> Bool {
    guard let marks else { return false }
    let rank: UInt8 = element.isDefinite ? 2 : 1
    guard rank > marks[Int(element.lower)] else { return false }
    marks[Int(element.lower)] = rank
    return true
  }

  /// Moves the candidates, which are in order and distinct, to those found, and what is news to the coming layer.
  mutating func absorb(into found: inout SetBuffer) {
    if search.isOn { return searchCandidates(found: &found) }
    for index in 0..<candidates.count {
      let element = candidates.elements[index]
      guard isNode(element) else { continue }
      keep(element, in: &found)
      if mark(element) { pending.append(element) }
    }
    candidates.clear()
  }

  /// Takes the marks away, at the cost of what was found.
  mutating func clearMarks(of found: SetBuffer) {
    guard let places, let marks else { return }
    for index in 0..<found.count {
      places[Int(found.elements[index].lower)] = 0
      marks[Int(found.elements[index].lower)] = 0
    }
    for index in 0..<start.count where isNode(start.elements[index]) {
      marks[Int(start.elements[index].lower)] = 0
    }
    isDirty = false
  }
}

/// A closure that ends where it meets one of some nodes.
private struct Search {
  var isOn = false
  var goals = SetBuffer()
  /// The first end that was met.
  var end: Element?

  func deallocate() { goals.deallocate() }

  /// Goals are a set: in order and exact. O(log n).
  func isGoal(_ node: Int64) -> Bool {
    var (low, high) = (0, goals.count)
    while low < high {
      let middle = (low + high) / 2
      if goals.elements[middle].lower < node { low = middle + 1 } else { high = middle }
    }
    return low < goals.count && goals.elements[low].lower == node
  }
}

// The shortest way: breadth first without upgrades, so that each node keeps what reached it first.
extension ClosureState {
  /// Turns the closure that has just begun into the search for one of `goals`. The starts count as found, at depth 0.
  mutating func seek(_ goals: SetBuffer, found: inout SetBuffer) {
    search.isOn = true
    search.goals.copy(goals)
    search.end = nil
    if !goals.open.isNone { found.open = goals.open }
    for index in 0..<start.count where isNode(start.elements[index]) {
      let element = start.elements[index]
      if !includesStart { keep(element, in: &found) }
      if includesStart && search.end == nil && search.isGoal(element.lower) { search.end = element }
    }
    search.end?.forgetVia()
    for index in 0..<found.count { found.elements[index].forgetVia() }
    if search.end != nil { pending.clear() }
  }

  /// The first candidate that is a goal ends the search; the others are the coming layer where they are new.
  private mutating func searchCandidates(found: inout SetBuffer) {
    for index in 0..<candidates.count where search.end == nil {
      let element = candidates.elements[index]
      if isNode(element) && search.isGoal(element.lower) { search.end = element }
    }
    for index in 0..<candidates.count where search.end == nil {
      let element = candidates.elements[index]
      guard isNode(element), places?[Int(element.lower)] == 0 else { continue }
      keep(element, in: &found)
      pending.append(element)
    }
    candidates.clear()
  }

  /// In place of what was found: the way to the end, from its start; nothing if no end was met.
  mutating func takeWay(into found: inout SetBuffer) {
    guard search.isOn, let places else { return }
    var way: [Element] = []
    var next = search.end
    while let element = next, way.count <= found.count {
      way.append(element)
      next = nil
      guard element.via >= 0, element.via < nodeCount else { continue }
      let place = Int(places[element.via])
      if place > 0 { next = found.elements[place - 1] }
    }
    let open = found.open
    clearMarks(of: found)
    found.clear()
    found.open = open
    for element in way.reversed() { found.append(element) }
  }
}

/// What is known of an edge that is met: how sure it is, and from where.
private struct MetEdge {
  let cause: Cause
  let isDefinite: Bool
  let via: Int
}

extension Machine {
  /// `S[set] =` the edges of a step from the nodes of another set; false if the fuel did not suffice.
  func edges(_ set: Int, from start: Int, step: Int) -> Bool {
    sets[set].clear()
    sets[set].open(by: sets[start].open)
    let isDone = expand(sets[start], step, openInto: set) { edge, _, met in
      sets[set].append(
        Element(Slot(exact: edge), cause: met.cause, isDefinite: met.isDefinite, via: met.via))
    }
    seal(&sets[set], strings: false)
    return isDone
  }

  /// `S[set] =` the far ends of those edges.
  func reach(_ set: Int, from start: Int, step: Int) -> Bool {
    sets[set].clear()
    sets[set].open(by: sets[start].open)
    let isDone = expand(sets[start], step, openInto: set) { _, end, met in
      let value = Slot(exact: Int64(end))
      sets[set].append(
        Element(value, cause: met.cause, isDefinite: met.isDefinite, via: met.via))
    }
    seal(&sets[set], strings: false)
    return isDone
  }

  /// Meets each edge of a step from each node, in order, and opens `S[set]` where edges may be missing; false if the fuel
  /// did not suffice.
  private func expand(
    _ start: SetBuffer, _ step: Int, openInto set: Int, _ meet: (Int64, Int, MetEdge) -> Void
  ) -> Bool {
    if !spend(0) { return false }
    for index in 0..<start.count {
      let element = start.elements[index]
      for edges in graph.steps[step] {
        let node = Int(element.lower)
        guard edges.covers(node) else { continue }
        let places = edges.places(at: node)
        if reads.isOn { note(edges, node) }
        fuel -= Int64(places.count)
        if fuel < 0 { return false }
        let near =
          edges.isInverse ? Cause.none : graph.cause(edges.vouching, row: node - edges.firstNode)
        sets[set].open(by: edges.isInverse ? graph.vouchings[edges.vouching].closedCause : near)
        if edges.isInverse {
          sets[set].open(by: edges.missingCause)
        } else if places.isEmpty && edges.mustHaveOne && near.isNone {
          sets[set].open(by: Cause(.missingEdge, first: edges.edge, node: node))
        }
        for place in places {
          let end = Int(edges.ends[place])
          let number = EdgeNumber.value(edge: edges.edge, number: edges.number(at: place))
          meet(number, end, met(edges, end: end, near: near, from: element))
        }
      }
    }
    return true
  }

  @inline(__always)
  private func met(_ edges: LinkedEdges, end: Int, near: Cause, from element: Element) -> MetEdge {
    let edgeCause = edges.isInverse ? sourceCause(edges, end) : near
    let far = edges.endsAreDefinite ? Cause.none : graph.cause(ofNode: end)
    let own = element.isDefinite ? Cause.none : element.cause
    let cause = !own.isNone ? own : !edgeCause.isNone ? edgeCause : far
    return MetEdge(
      cause: cause, isDefinite: element.isDefinite && cause.isNone, via: Int(element.lower))
  }

  /// Of an edge that is walked against its direction: is it vouched for at the node that it leaves?
  @inline(__always)
  private func sourceCause(_ edges: LinkedEdges, _ source: Int) -> Cause {
    if graph.vouchings[edges.vouching].isAlways { return .none }
    let kind = program.schema.edges[edges.edge].source
    return graph.cause(edges.vouching, row: source - graph.kindFirst[kind])
  }
}

extension Machine {
  /// A closure without a filter, from beginning to end.
  func closure(_ set: Int, from start: Int, _ closure: ClosureReference) -> Bool {
    closureStart(set, from: start, closure)
    while nextLayer(of: set) {
      let layer = closures[set].takePending()
      let isDone = expand(layer, closure.step, openInto: set) { _, end, met in
        closures[set].candidates.append(
          Element(
            Slot(exact: Int64(end)), cause: met.cause, isDefinite: met.isDefinite, via: met.via))
      }
      if !isDone { return false }
    }
    closureEnd(set)
    return true
  }

  func closureStart(_ set: Int, from start: Int, _ closure: ClosureReference) {
    closures[set].begin(
      nodeCount: graph.nodeCount, layerLimit: closure.layerLimit, from: sets[start],
      into: &sets[set], includesStart: closure.includesStart)
  }

  /// `S[layer] =` what is to be expanded next; false if there is nothing.
  func closureNext(_ set: Int, into layer: Int) -> Bool {
    guard nextLayer(of: set) else { return false }
    sets[layer].copy(closures[set].takePending())
    sets[layer].open = .none
    return true
  }

  func closureFound(_ set: Int, _ node: Slot, _ row: Slot, cursor: Int) {
    guard node.isExact else { return sets[set].open(by: node.cause) }
    closures[set].candidates.append(
      Element(node, cause: row.cause, isDefinite: row.isCertain, via: via(ofElementAt: cursor)))
  }

  func closureEnd(_ set: Int) {
    if closures[set].isSearch { return closures[set].takeWay(into: &sets[set]) }
    closures[set].clearMarks(of: sets[set])
    seal(&sets[set], strings: false)
  }

  /// Takes up what the last layer found; false if nothing is left to expand.
  private func nextLayer(of set: Int) -> Bool {
    seal(&closures[set].candidates, strings: false)
    closures[set].absorb(into: &sets[set])
    return closures[set].beginLayer()
  }
}
