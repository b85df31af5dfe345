// What deltas remove and replace, and whether they could: as if each had been applied for itself.

import WritModel

/// Edges of one type between two nodes of the draft.
struct EdgeName: Hashable {
  let type: Int
  let from: UInt32
  let to: UInt32

  init(_ type: Int, _ from: UInt32, _ to: UInt32) {
    self.type = type
    self.from = from
    self.to = to
  }

  init(_ removal: EdgeRemoval) {
    self.init(removal.edge, removal.from, removal.to)
  }
}

/// The edges of one type that leave one node.
struct EdgeEnd: Hashable {
  let type: Int
  let from: UInt32
}

extension GraphAssembly {
  /// The moment of the last removal of each edge; an edge that there is not cannot be removed.
  mutating func removedEdges() -> [EdgeName: UInt32] {
    guard !draft.edgeRemovals.isEmpty else { return [:] }
    var last: [EdgeName: UInt32] = [:]
    for removal in draft.edgeRemovals { last[EdgeName(removal)] = removal.moment }
    let said = saidEdges(last)
    let leads = draft.leads()
    var before: [EdgeName: UInt32] = [:]
    for removal in draft.edgeRemovals {
      let name = EdgeName(removal)
      let start = before[name] ?? 0
      before[name] = removal.moment
      let isThere = (said[name] ?? []).contains { moment in
        start..<removal.moment ~= moment
          && !draft.hasEnded(name, since: moment, before: removal.moment, leads)
      }
      if isThere { continue }
      let edge = draft.schema.edges[removal.edge].name
      let text = "\(draft.text(removal.from)) \(edge) \(draft.text(removal.to))"
      problems.append(AssemblyProblem(cause: .nothingToRemove(text), place: removal.place))
    }
    return last
  }

  /// The moments at which edges of these names were said.
  private func saidEdges(_ names: [EdgeName: UInt32]) -> [EdgeName: [UInt32]] {
    var said: [EdgeName: [UInt32]] = [:]
    for type in Set(draft.edgeRemovals.map(\.edge)) {
      let rows = draft.edges[type]
      for row in rows.froms.indices {
        let name = EdgeName(type, rows.froms[row], rows.tos[row])
        if names[name] != nil { said[name, default: []].append(rows.moments[row]) }
      }
    }
    return said
  }
}

extension GraphDraft {
  /// For an edge to at most one node: per node that it leaves the last delta that says where it
  /// leads, which replaces what was said before that delta.
  func lastDeltas(_ type: Int) -> [UInt32: Int] {
    guard let first = deltas.first, schema.edges[type].cardinality != .many else { return [:] }
    var last: [UInt32: Int] = [:]
    for row in rows(ofType: type, since: first) {
      last[edges[type].froms[row]] = delta(of: edges[type].moments[row])
    }
    return last
  }

  /// Whether an edge that was said at one moment was gone before another: one of its ends had been
  /// removed, or a delta in between had led it elsewhere.
  func hasEnded(
    _ name: EdgeName, since moment: UInt32, before end: UInt32, _ leads: [EdgeEnd: [Int]]
  ) -> Bool {
    for node in [name.from, name.to] {
      if removals[node]?.contains(where: { moment < $0 && $0 < end }) == true { return true }
    }
    guard let deltas = leads[EdgeEnd(type: name.type, from: name.from)] else { return false }
    let (own, last) = (delta(of: moment), delta(of: end))
    return deltas.contains { own < $0 && $0 < last }
  }

  /// Of the edges to at most one node that are removed: per type and node the deltas that led it
  /// somewhere.
  func leads() -> [EdgeEnd: [Int]] {
    guard deltas.count > 1, let first = deltas.first else { return [:] }
    var leads: [EdgeEnd: [Int]] = [:]
    for removal in edgeRemovals where schema.edges[removal.edge].cardinality != .many {
      leads[EdgeEnd(type: removal.edge, from: removal.from)] = []
    }
    for type in Set(leads.keys.map(\.type)) {
      for row in rows(ofType: type, since: first) {
        let end = EdgeEnd(type: type, from: edges[type].froms[row])
        leads[end]?.append(delta(of: edges[type].moments[row]))
      }
    }
    return leads
  }

  /// What is wrong with the last delta, were it the last there is: nodes that are not there, edges
  /// that lead to several nodes. Linear in the delta.
  func problemsOfLastDelta() -> [AssemblyProblem] {
    guard let start = deltas.last else { return [] }
    var removed: [EdgeName: UInt32] = [:]
    for removal in edgeRemovals.reversed().prefix(while: { $0.moment >= start }).reversed() {
      removed[EdgeName(removal)] = removal.moment
    }
    var problems: [AssemblyProblem] = []
    for type in edges.indices {
      let valid = rows(ofType: type, since: start).filter { row in
        let (from, to) = (edges[type].froms[row], edges[type].tos[row])
        let moment = edges[type].moments[row]
        return !isVoid(from, moment) && !isVoid(to, moment)
          && removed[EdgeName(type, from, to)].map { $0 < moment } ?? true
      }
      problems += missingEnds(type, valid)
      if schema.edges[type].cardinality != .many { problems += secondTargets(type, valid) }
    }
    for line in lines.reversed().prefix(while: { $0.moment >= start }).reversed() {
      guard case .node(let node) = line.cover, !isVoid(node, line.moment), !isSaid(node) else {
        continue
      }
      problems.append(AssemblyProblem(cause: .missingNode(text(node)), place: line.place))
    }
    return problems
  }

  /// The rows of edges of a type that were said from a moment on.
  private func rows(ofType type: Int, since moment: UInt32) -> Range<Int> {
    let moments = edges[type].moments
    guard let last = moments.last, last >= moment else { return moments.count..<moments.count }
    var (lower, upper) = (0, moments.count - 1)
    while lower < upper {
      let middle = (lower + upper) / 2
      if moments[middle] < moment { lower = middle + 1 } else { upper = middle }
    }
    return lower..<moments.count
  }

  private func missingEnds(_ type: Int, _ rows: [Int]) -> [AssemblyProblem] {
    rows.compactMap { row in
      let (from, to) = (edges[type].froms[row], edges[type].tos[row])
      let place = edges[type].places[row]
      if !isSaid(from) {
        return AssemblyProblem(cause: .missingNode(text(from)), place: place.startOfLine)
      }
      return isSaid(to)
        ? nil : AssemblyProblem(cause: .missingNode(text(to)), place: place)
    }
  }

  private func secondTargets(_ type: Int, _ rows: [Int]) -> [AssemblyProblem] {
    var first: [UInt32: Int] = [:]
    return rows.compactMap { row in
      let from = edges[type].froms[row]
      guard let other = first[from] else {
        first[from] = row
        return nil
      }
      if isSame(type, other, row) { return nil }
      return AssemblyProblem(
        cause: .tooManyTargets(edge: schema.edges[type].name, from: text(from)),
        place: edges[type].places[row])
    }
  }

  /// Whether two edges of a type that leave one node are one.
  private func isSame(_ type: Int, _ left: Int, _ right: Int) -> Bool {
    guard edges[type].tos[left] == edges[type].tos[right] else { return false }
    let slots = names.edgeSlots[type]
    return slots.indices.allSatisfy { field in
      let (one, other) = (
        edges[type].properties.cell(left, field), edges[type].properties.cell(right, field)
      )
      return slots[field].form == .strings
        ? setMembers(one ?? 0) == setMembers(other ?? 0) : one == other
    }
  }
}
