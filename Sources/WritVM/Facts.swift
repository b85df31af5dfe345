// Reading facts: fields, edges with one target, kinds, and parts of values.

import WritModel

extension Machine {
  /// What an operation on something inexact yields.
  @inline(__always)
  private func unknown(_ bounds: Slot, _ cause: Cause) -> Slot {
    Slot(bounds.lower, bounds.upper, cause)
  }

  func identifier(_ node: Slot) -> Slot {
    guard node.isExact else { return .unknownReference(node.whyUnread) }
    let id = strings.identifier(ofNode: Int(node.lower))
    return id < 0 ? .unknownReference(node.whyUnread) : Slot(id, id, node.cause.plain)
  }

  /// The field's column for the node or edge, and the row in it; -1 where the column has none for it.
  @inline(__always)
  func column(among columns: [LinkedColumn], _ owner: Int64) -> (column: LinkedColumn, row: Int)? {
    for column in columns {
      let number = column.isOfEdge ? EdgeNumber.number(of: owner) : Int(owner)
      // Bytecode from elsewhere may ask with any number.
      let row = number &- column.first
      let fits = column.isOfEdge ? EdgeNumber.edge(of: owner) == column.owner : true
      guard fits && row >= 0 && row < column.count else { continue }
      if column.keys == nil { return (column, row) }
      return (column, LinkedEdges.find(number, in: column.keys, column.keyCount) ?? -1)
    }
    return nil
  }

  func field(_ owner: Slot, _ field: Int) -> Slot {
    guard let found = owner.isExact ? column(among: graph.columns[field], owner.lower) : nil else {
      guard let first = graph.columns[field].first else {
        return .unknownNumber(owner.cause.isNone ? Cause(.absentOperand) : owner.whyUnread)
      }
      let why = owner.cause.isNone ? Cause(.absentOperand) : owner.whyUnread
      return unknown(first.unknown, first.isOptional ? why.orAbsent : why)
    }
    if reads.isOn { note(found.column, owner) }
    return load(found.column, row: found.row, owner: owner)
  }

  @inline(never)
  private func note(_ column: LinkedColumn, _ owner: Slot) {
    reads.note(column.isOfEdge ? .edgeField : .field, column.owner, column.field, owner.lower)
  }

  func load(_ column: LinkedColumn, row: Int, owner: Slot) -> Slot {
    let vouched =
      column.isOfEdge ? edgeCause(column, owner) : graph.cause(column.vouching, row: row)
    if !vouched.isNone && reading == .vouched {
      return unknown(column.unknown, column.isOptional ? vouched.orAbsent : vouched)
    }
    let own = owner.cause.plain
    let cause = own.isNone ? vouched : own
    if row < 0 || !isPresent(column, row) {
      if column.isOptional { return Slot(0, 0, cause.andAbsent) }
      let code: Cause.Code = column.isOfEdge ? .missingEdgeField : .missingField
      let node = column.isOfEdge ? -1 : Int(owner.lower)
      let missing = Cause(code, first: column.owner, second: column.field, node: node)
      return unknown(column.unknown, cause.or(missing))
    }
    let value: Int64 =
      switch column.width {
      case 1: Int64(column.values.load(fromByteOffset: row, as: UInt8.self))
      case 4: Int64(column.values.load(fromByteOffset: row * 4, as: UInt32.self))
      default: column.values.load(fromByteOffset: row * 8, as: Int64.self)
      }
    return Slot(value, value, cause)
  }

  @inline(__always)
  private func isPresent(_ column: LinkedColumn, _ row: Int) -> Bool {
    guard let presence = column.presence else { return true }
    return presence[row >> 6] >> UInt64(row & 63) & 1 != 0
  }

  /// An edge's fields are vouched for as the edge is: at the node that it leaves.
  private func edgeCause(_ column: LinkedColumn, _ owner: Slot) -> Cause {
    let ends = graph.ends[column.owner]
    let number = EdgeNumber.number(of: owner.lower)
    guard number < ends.count, let sources = ends.sources else { return .none }
    let source = Int(sources[number])
    let kind = program.schema.edges[column.owner].source
    return graph.cause(column.vouching, row: source - graph.kindFirst[kind])
  }

  func fieldSet(_ set: Int, _ owner: Slot, _ field: Int) {
    sets[set].clear()
    guard owner.isExact, let found = column(among: graph.columns[field], owner.lower),
      found.column.offsets != nil
    else {
      return sets[set].open(by: owner.cause.isNone ? Cause(.absentOperand) : owner.whyUnread)
    }
    if reads.isOn { note(found.column, owner) }
    fill(&sets[set], found.column, row: found.row, owner: owner)
  }

  /// The strings of one row of a set's column, in order.
  func fill(_ set: inout SetBuffer, _ column: LinkedColumn, row: Int, owner: Slot) {
    let vouched = owner.cause.or(
      column.isOfEdge ? edgeCause(column, owner) : graph.cause(column.vouching, row: row))
    set.open(by: vouched)
    guard row >= 0, let offsets = column.offsets else { return }
    let ids = column.values.assumingMemoryBound(to: UInt32.self)
    for place in Int(offsets[row])..<Int(offsets[row + 1]) {
      set.append(
        Element(
          Slot(exact: Int64(ids[place])), cause: vouched, isDefinite: vouched.isNone, via: -1))
    }
    // An overlay's column stands in the order of its numbers, which begin behind all of the snapshot's.
    if set.count > 1, set.elements[set.count - 1].lower >= Int64(graph.orderedStringCount) {
      seal(&set, strings: true)
    }
  }

  /// The one target of an edge; a walk of one step whose edges are all `one` or `optional`.
  func follow(_ node: Slot, _ step: Int) -> Slot {
    guard let found = node.isExact ? target(of: node, step) : nil else {
      let why = node.cause.isNone ? Cause(.absentOperand) : node.whyUnread
      return .unknownReference(isOptional(step) ? why.orAbsent : why)
    }
    let isUnknown = found.lower != found.upper && isOptional(step)
    return isUnknown ? Slot(found.lower, found.upper, found.cause.orAbsent) : found
  }

  private func isOptional(_ step: Int) -> Bool {
    program.steps[step].edges.contains {
      program.schema.edges[$0.edge].cardinality == .optional
    }
  }

  private func target(of node: Slot, _ step: Int) -> Slot? {
    let number = Int(node.lower)
    guard let edges = graph.steps[step].first(where: { $0.covers(number) }) else { return nil }
    if reads.isOn { note(edges, number) }
    let vouched = graph.cause(edges.vouching, row: number - edges.firstNode)
    if !vouched.isNone && reading == .vouched { return .unknownReference(vouched) }
    let own = node.cause.plain
    let cause = own.isNone ? vouched : own
    guard let place = edges.places(at: number).first else {
      if program.schema.edges[edges.edge].cardinality == .optional {
        return Slot(0, 0, cause.andAbsent)
      }
      return .unknownReference(
        cause.or(Cause(.missingEdge, first: edges.edge, node: number)))
    }
    let target = Int64(edges.ends[place])
    let far = edges.endsAreDefinite ? Cause.none : graph.cause(ofNode: Int(target))
    if !far.isNone && reading == .vouched { return .unknownReference(far) }
    return Slot(target, target, cause.isNone ? far : cause)
  }

  @inline(never)
  func note(_ edges: LinkedEdges, _ node: Int) {
    reads.note(edges.isInverse ? .inverseEdges : .edges, edges.edge, 0, Int64(node))
  }

  func edgeEnd(_ edge: Slot, _ end: Int) -> Slot {
    let type = EdgeNumber.edge(of: edge.lower)
    let number = EdgeNumber.number(of: edge.lower)
    guard edge.isExact, graph.ends.indices.contains(type), number < graph.ends[type].count,
      let nodes = end == 0 ? graph.ends[type].sources : graph.ends[type].targets
    else { return .unknownReference(edge.whyUnread) }
    let node = Int64(nodes[number])
    return Slot(node, node, edge.cause.plain)
  }

  /// An edge type stands once in a step, so its direction is plain.
  func edgeTarget(_ edge: Slot, _ step: Int) -> Slot {
    let type = EdgeNumber.edge(of: edge.lower)
    let direction = program.steps[step].edges.first { $0.edge == type }
    return edgeEnd(edge, direction?.isInverse == true ? 0 : 1)
  }

  func isKind(_ node: Slot, _ kinds: Int) -> Slot {
    guard node.isExact, let kind = graph.kind(of: Int(node.lower)) else {
      return .unknownTruth(node.whyUnread)
    }
    let isOne: Int64 = program.kindSets[kinds].contains(kind) ? 1 : 0
    return Slot(isOne, isOne, node.cause.plain)
  }

  func isAbsent(_ value: Slot) -> Slot {
    let cause = value.cause.plain
    if value.isAbsent { return Slot(1, 1, cause) }
    if value.lower == value.upper { return Slot(0, 0, cause) }
    return value.cause.mayBeAbsent ? .unknownTruth(cause) : .no
  }

  /// Part d of an instant, in UTC, as `Opcode.instantPart` numbers them, with or without a mark.
  func instantPart(_ instant: Slot, _ marked: Int) -> Slot {
    let part = marked & ~TimeMark.part
    if part != marked { noteTime(instant, part: part) }
    guard instant.isExact else {
      return part == 6 ? Slot(0, 6, instant.whyUnread) : .unknownNumber(instant.whyUnread)
    }
    let time = Instant(microseconds: instant.lower)
    let value: Int64 =
      switch part {
      case 0: time.year
      case 1: time.month
      case 2: time.day
      case 3: time.hour
      case 4: time.minute
      case 5: time.second
      case 6: time.weekday
      default: time.date.days
      }
    return Slot(value, value, instant.cause.plain)
  }

  /// Test d of two strings: starts with, ends with, contains, is like.
  func stringTest(_ text: Slot, _ pattern: Slot, _ test: Int) -> Slot {
    guard text.isExact, pattern.isExact else {
      return .unknownTruth(text.cause.isNone && text.isExact ? pattern.whyUnread : text.whyUnread)
    }
    let isTrue = withBytes(of: text.lower) { text in
      withBytes(of: pattern.lower) { pattern in StringTests.holds(test, text, pattern) }
    }
    let truth: Int64 = isTrue ? 1 : 0
    return Slot(truth, truth, Slot.cause(true, text, pattern))
  }
}
