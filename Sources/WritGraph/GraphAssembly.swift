// A draft becomes a graph: what is void goes, what is left gets its order and its numbers.

import WritModel

/// A problem that shows only when all facts are known.
struct AssemblyProblem {
  let cause: GraphProblem.Cause
  let place: FactPlace
}

/// The ends of some edges of one type: the numbers of the nodes that they leave and reach.
struct EdgeEnds {
  let froms: [UInt32]
  let tos: [UInt32]
}

/// Numbers for the nodes, strings and edges of a draft.
struct GraphAssembly: ~Copyable {
  let draft: GraphDraft
  var problems: [AssemblyProblem] = []
  /// The order of the strings, for comparing.
  private(set) var ranking: StringRanking
  /// Per string of the draft, its number in the finished graph; `UInt32.max` if it has none.
  private(set) var stringNumbers: [UInt32]
  /// The strings of the draft that the finished graph holds itself, by number.
  private(set) var ownStrings: [UInt32] = []
  /// Per kind, the rows of the draft in the order of the finished nodes.
  private(set) var nodeOrder: [[UInt32]] = []
  /// Per kind, the numbers of its nodes.
  private(set) var nodeRanges: [Range<Int>] = []
  /// Per reference of the draft, the number of the node; `UInt32.max` if it is not said.
  private(set) var nodeNumbers: [UInt32]
  /// Per edge type, the rows of the draft in the order of the finished edges.
  private(set) var edgeOrder: [[UInt32]] = []
  /// Rows of each edge type that nothing has made void.
  private var edgeRows: [[UInt32]] = []

  /// Works everything out.
  init(_ draft: consuming GraphDraft) {
    self.draft = draft
    ranking = StringRanking([], self.draft.strings)
    stringNumbers = []
    nodeNumbers = self.draft.baseNodes()
    edgeRows = validEdges()
    let isUsed = usedStrings()
    ranking = StringRanking(isUsed, self.draft.strings)
    stringNumbers = ranking.ranks
    ownStrings = ranking.order
    if let base = self.draft.base { numberStrings(over: base.snapshot.strings) }
    numberNodes(from: self.draft.base?.snapshot.nodeCount ?? 0)
    for type in self.draft.schema.edges.indices {
      edgeOrder.append(assemble(type))
      edgeRows[type] = []
    }
    problems.sort { $0.place.bits < $1.place.bits }
  }

  /// The edges of each type that were not removed or replaced and whose ends are there.
  private mutating func validEdges() -> [[UInt32]] {
    let removed = removedEdges()
    return draft.schema.edges.indices.map { type in
      let rows = draft.edges[type]
      let replaced = draft.lastDeltas(type)
      var valid: [UInt32] = []
      valid.reserveCapacity(rows.froms.count)
      for row in rows.froms.indices {
        let (from, to, moment) = (rows.froms[row], rows.tos[row], rows.moment(row))
        if draft.isVoid(from, moment) || draft.isVoid(to, moment) { continue }
        if let last = removed[EdgeName(type, from, to)], moment < last { continue }
        if let later = replaced[from], draft.delta(of: moment) < later { continue }
        let missing = !isThere(from) ? from : !isThere(to) ? to : nil
        if let missing {
          // What is remembered is where the target stands: of a source only the line is known.
          let place = missing == to ? rows.place(row) : rows.place(row).startOfLine
          problems.append(
            AssemblyProblem(cause: .missingNode(draft.text(missing)), place: place))
          continue
        }
        valid.append(UInt32(truncatingIfNeeded: row))
      }
      return valid
    }
  }

  /// Whether the node was said, or is in the snapshot that the draft lies over.
  private func isThere(_ reference: UInt32) -> Bool {
    draft.isOwn(reference) ? draft.isSaid(reference) : nodeNumbers[Int(reference)] != .max
  }

  /// Which strings are an id or a value of what is left.
  private func usedStrings() -> [Bool] {
    var isUsed = Array(repeating: false, count: draft.strings.count)
    for kind in draft.schema.kinds.indices {
      let nodes = draft.nodes[kind]
      var rows: [UInt32] = []
      for row in nodes.references.indices {
        let reference = draft.references[Int(nodes.references[row])]
        guard Int(reference.row) == row else { continue }
        if draft.isOwn(nodes.references[row]) { isUsed[Int(reference.id)] = true }
        rows.append(UInt32(truncatingIfNeeded: row))
      }
      draft.mark(nodes.properties, rows, draft.names.kindSlots[kind], &isUsed)
    }
    for edge in draft.schema.edges.indices {
      draft.mark(
        draft.edges[edge].properties, edgeRows[edge], draft.names.edgeSlots[edge], &isUsed)
    }
    return isUsed
  }

  /// Numbers the nodes that are said: by kind name, then id.
  private mutating func numberNodes(from first: Int) {
    nodeOrder = Array(repeating: [], count: draft.schema.kinds.count)
    nodeRanges = Array(repeating: 0..<0, count: draft.schema.kinds.count)
    // Going through the strings by rank meets the ids of every kind in order.
    for string in ranking.order {
      draft.forEachReference(to: string) { reference in
        let node = draft.references[Int(reference)]
        if node.row >= 0, draft.isOwn(reference) {
          nodeOrder[Int(node.kind)].append(UInt32(truncatingIfNeeded: node.row))
        }
      }
    }
    if draft.base != nil { orderBaseNodes() }
    var next = first
    for kind in draft.schema.kindsByName where draft.isOwn(kind: kind) {
      let start = next
      for row in nodeOrder[kind] {
        let reference = draft.nodes[kind].references[Int(row)]
        nodeNumbers[Int(reference)] = UInt32(truncatingIfNeeded: next)
        next += 1
      }
      nodeRanges[kind] = start..<next
    }
  }

  /// The rows of nodes of the snapshot below, by their numbers there.
  private mutating func orderBaseNodes() {
    for kind in draft.schema.kinds.indices where !draft.isOwn(kind: kind) {
      let references = draft.nodes[kind].references
      nodeOrder[kind] = references.indices.map { UInt32(truncatingIfNeeded: $0) }
        .sorted { nodeNumbers[Int(references[Int($0)])] < nodeNumbers[Int(references[Int($1)])] }
    }
  }

  /// Gives a string its number in the snapshot below, or one behind all of those.
  private mutating func numberStrings(over pool: StringPool) {
    ownStrings = []
    for string in ranking.order {
      if let number = pool.find(draft.strings.bytes(string)) {
        stringNumbers[Int(string)] = UInt32(truncatingIfNeeded: number)
      } else {
        stringNumbers[Int(string)] = UInt32(truncatingIfNeeded: pool.count + ownStrings.count)
        ownStrings.append(string)
      }
    }
  }

  /// Sorts the edges of a type, takes repeated ones out, and checks how many leave a node.
  private mutating func assemble(_ type: Int) -> [UInt32] {
    let rows = draft.edges[type]
    // A request brings edges of few types.
    if rows.froms.isEmpty { return [] }
    let edges = EdgeEnds(
      froms: rows.froms.map { nodeNumbers[Int($0)] }, tos: rows.tos.map { nodeNumbers[Int($0)] })
    let nodeCount = max(
      nodeRanges.map(\.upperBound).max() ?? 0, draft.base?.snapshot.nodeCount ?? 0)
    let byTarget = countingSorted(edgeRows[type], by: edges.tos, below: nodeCount)
    let sorted = countingSorted(byTarget, by: edges.froms, below: nodeCount)
    let order = draft.distinct(sorted, type, edges, ranking)
    checkCardinality(type, order, edges)
    return order
  }

  /// The ends of the finished edges of a type, in their order.
  func ends(of type: Int) -> EdgeEnds {
    let rows = draft.edges[type]
    return EdgeEnds(
      froms: edgeOrder[type].map { nodeNumbers[Int(rows.froms[Int($0)])] },
      tos: edgeOrder[type].map { nodeNumbers[Int(rows.tos[Int($0)])] })
  }

  private mutating func checkCardinality(_ type: Int, _ order: [UInt32], _ edges: EdgeEnds) {
    guard draft.schema.edges[type].cardinality != .many else { return }
    for (row, next) in zip(order, order.dropFirst())
    where edges.froms[Int(row)] == edges.froms[Int(next)] {
      let places = (draft.edges[type].place(Int(row)), draft.edges[type].place(Int(next)))
      let isLater = places.0.bits >= places.1.bits
      let from = draft.text(draft.edges[type].froms[Int(next)])
      problems.append(
        AssemblyProblem(
          cause: .tooManyTargets(edge: draft.schema.edges[type].name, from: from),
          place: isLater ? places.0 : places.1))
    }
  }
}

extension GraphDraft {
  /// Whether the graph that comes of the draft holds nodes of the kind itself.
  func isOwn(kind: Int) -> Bool { base == nil || schema.kinds[kind].origin == .request }

  /// Whether the graph that comes of the draft holds the node itself.
  func isOwn(_ reference: UInt32) -> Bool {
    base == nil || isOwn(kind: Int(references[Int(reference)].kind))
  }

  /// Per reference, the number of the node in the snapshot below, `UInt32.max` if it is not there.
  func baseNodes() -> [UInt32] {
    var numbers = [UInt32](repeating: .max, count: references.count)
    guard let base else { return numbers }
    for (index, reference) in references.enumerated() {
      if let node = base.node(Int(reference.kind), strings.bytes(reference.id)) {
        numbers[index] = UInt32(truncatingIfNeeded: node)
      }
    }
    return numbers
  }

  /// Marks the strings that are values in those rows.
  func mark(
    _ properties: PropertyRows, _ rows: [UInt32], _ slots: UnsafeBufferPointer<PropertySlot>,
    _ isUsed: inout [Bool]
  ) {
    for field in slots.indices where slots[field].form.width == 4 {
      let isSet = slots[field].form == .strings
      for row in rows {
        guard let cell = properties.cell(Int(row), field) else { continue }
        if isSet {
          for member in setMembers(cell) { isUsed[Int(member)] = true }
        } else {
          isUsed[Int(cell)] = true
        }
      }
    }
  }

  /// Edges in the order of `PropertyOrder` where they join the same two nodes, those that say the
  /// same once.
  func distinct(
    _ sorted: [UInt32], _ type: Int, _ edges: EdgeEnds, _ ranking: StringRanking
  ) -> [UInt32] {
    var distinct: [UInt32] = []
    distinct.reserveCapacity(sorted.count)
    let order = PropertyOrder(schema.edges[type].fields, schema)
    var start = 0
    while start < sorted.count {
      var end = start + 1
      let (from, to) = (edges.froms[Int(sorted[start])], edges.tos[Int(sorted[start])])
      while end < sorted.count, edges.froms[Int(sorted[end])] == from,
        edges.tos[Int(sorted[end])] == to
      { end += 1 }
      if end - start == 1 {
        distinct.append(sorted[start])
      } else {
        distinct += parallel(Array(sorted[start..<end]), type, order, ranking)
      }
      start = end
    }
    return distinct
  }

  private func parallel(
    _ rows: [UInt32], _ type: Int, _ order: PropertyOrder, _ ranking: StringRanking
  ) -> [UInt32] {
    func compare(_ left: UInt32, _ right: UInt32) -> Int {
      order.compare(
        Int(left), Int(right), cell: { rankedCell(type, $0, $1, ranking) },
        members: { rankedMembers(type, $0, $1, ranking) })
    }
    var kept: [UInt32] = []
    for row in rows.sorted(by: { compare($0, $1) < 0 }) {
      if let last = kept.last, compare(last, row) == 0 { continue }
      kept.append(row)
    }
    return kept
  }

  /// An edge's value with texts by rank.
  private func rankedCell(
    _ type: Int, _ row: Int, _ field: Int, _ ranking: StringRanking
  ) -> UInt64? {
    guard let cell = edges[type].properties.cell(row, field) else { return nil }
    return names.edgeSlots[type][field].form == .string ? UInt64(ranking.ranks[Int(cell)]) : cell
  }

  private func rankedMembers(
    _ type: Int, _ row: Int, _ field: Int, _ ranking: StringRanking
  ) -> [UInt32] {
    setMembers(edges[type].properties.cell(row, field) ?? 0)
      .map { ranking.ranks[Int($0)] }.sorted()
  }

  /// Calls `body` with each reference whose id is that string.
  func forEachReference(to string: UInt32, _ body: (UInt32) -> Void) {
    var next = head(string)
    while next != .max {
      body(next)
      next = references[Int(next)].next
    }
  }
}
