// Facts and walks for exact code: whatever is not vouched for is unknown.

extension ExactExecutor {
  /// The field of a node; unknown for a node that no column has.
  @inline(__always)
  func field(_ field: Int, of node: ExactValue, _ tables: ExactView) -> ExactValue {
    guard node.tag == .known else { return .unknown }
    let range = tables.fields[field]
    var table = Int(range.first)
    let end = table &+ Int(range.count)
    while table < end {
      let column = tables.columns + table
      let row = Int(node.number) &- column.pointee.first
      if row >= 0 && row < column.pointee.count { return load(column, row) }
      table &+= 1
    }
    return .unknown
  }

  @inline(__always)
  private func load(_ column: UnsafePointer<ExactColumn>, _ row: Int) -> ExactValue {
    if let presence = column.pointee.presence, presence[row >> 6] >> UInt64(row & 63) & 1 == 0 {
      return column.pointee.isOptional ? .absent : .unknown
    }
    let values = column.pointee.values
    switch column.pointee.width {
    case 1: return ExactValue(number: Int64(values.load(fromByteOffset: row, as: UInt8.self)))
    case 4: return ExactValue(number: Int64(values.load(fromByteOffset: row * 4, as: UInt32.self)))
    case 8: return ExactValue(number: values.load(fromByteOffset: row * 8, as: Int64.self))
    default: return .unknown
    }
  }

  /// The strings of a node's field; `nil` where those are not known.
  @inline(__always)
  private func strings(
    _ field: Int, of node: ExactValue, _ tables: ExactView
  ) -> (first: UnsafePointer<UInt32>, count: Int)? {
    guard node.tag == .known else { return nil }
    let range = tables.fields[field]
    for table in Int(range.first)..<Int(range.first &+ range.count) {
      let column = tables.columns + table
      let row = Int(node.number) &- column.pointee.first
      guard row >= 0, row < column.pointee.count else { continue }
      guard let offsets = column.pointee.offsets else { return nil }
      let strings = column.pointee.values.assumingMemoryBound(to: UInt32.self)
      let first = Int(offsets[row])
      return (strings + first, Int(offsets[row &+ 1]) &- first)
    }
    return nil
  }

  func fieldSet(
    _ set: Int, _ field: Int, of node: ExactValue, _ tables: ExactView
  ) -> Bool {
    guard let strings = strings(field, of: node, tables) else { return false }
    sets[set].look(at: strings.first, count: strings.count)
    return true
  }

  /// Whether a number is among the strings of a node; `nil` where those are not known.
  @inline(__always)
  func contains(
    _ field: Int, of node: ExactValue, _ number: Int64, _ tables: ExactView
  ) -> Bool? {
    guard let strings = strings(field, of: node, tables), spend(1 &+ strings.count) else {
      return nil
    }
    var place = 0
    while place < strings.count {
      if Int64(strings.first[place]) == number { return true }
      place &+= 1
    }
    return false
  }

  @inline(__always)
  func follow(_ step: Int, from node: ExactValue, _ tables: ExactView) -> ExactValue {
    guard node.tag == .known else { return .unknown }
    let range = tables.steps[step]
    for table in Int(range.first)..<Int(range.first &+ range.count) {
      let edges = tables.edges + table
      let row = Int(node.number) &- edges.pointee.firstNode
      guard row >= 0, row < edges.pointee.nodeCount else { continue }
      guard edges.pointee.isPlain else { return .unknown }
      let place = Int(edges.pointee.offsets[row])
      if place < Int(edges.pointee.offsets[row &+ 1]) {
        return ExactValue(number: Int64(edges.pointee.ends[place]))
      }
      return edges.pointee.isOptional ? .absent : .unknown
    }
    return .unknown
  }
}

extension ExactExecutor {
  /// Calls with each table of edges that leave a node, and where in it they are; false if not all is vouched for.
  @inline(__always)
  private func edges(
    _ step: Int, from node: Int64, _ tables: ExactView,
    _ body: (UnsafePointer<UInt32>, _ count: Int) -> Void
  ) -> Bool {
    let range = tables.steps[step]
    for table in Int(range.first)..<Int(range.first &+ range.count) {
      let edges = tables.edges + table
      let row = Int(node) &- edges.pointee.firstNode
      guard row >= 0, row < edges.pointee.nodeCount else { continue }
      guard edges.pointee.isPlain else { return false }
      let first = Int(edges.pointee.offsets[row])
      let count = Int(edges.pointee.offsets[row &+ 1]) &- first
      if count == 0 && edges.pointee.mustHaveOne { return false }
      work &+= count
      body(edges.pointee.ends + first, count)
    }
    return true
  }

  func reach(
    _ set: Int, from start: Int, _ step: Int, mayRepeat: Bool, _ tables: ExactView
  ) -> Bool {
    guard spend(0) else { return false }
    sets[set].clear()
    let sets = sets
    if sets[start].count == 1 && tables.steps[step].count == 1 {
      var isView = true
      let isKnown = edges(step, from: sets[start][0], tables) { ends, count in
        isView = mayRepeat || ExactExecutor.isRising(ends, count)
        if isView { sets[set].look(at: ends, count: count) }
      }
      if !isKnown || isView { return isKnown && work <= ExactExecutor.workLimit }
    }
    if !mayRepeat { marks.begin(tables.nodeCount) }
    for index in 0..<sets[start].count {
      let isKnown = edges(step, from: sets[start][index], tables) { ends, count in
        for place in 0..<count where mayRepeat || marks.meet(Int(ends[place])) {
          sets[set].append(Int64(ends[place]))
        }
      }
      guard isKnown, work <= ExactExecutor.workLimit else { return false }
    }
    return true
  }

  /// The edges themselves.
  @inline(never)
  func edges(_ set: Int, from start: Int, _ step: Int, _ tables: ExactView) -> Bool {
    guard spend(0) else { return false }
    sets[set].clear()
    let range = tables.steps[step]
    for index in 0..<sets[start].count {
      for table in Int(range.first)..<Int(range.first &+ range.count) {
        let edges = tables.edges[table]
        let row = Int(sets[start][index]) &- edges.firstNode
        guard row >= 0, row < edges.nodeCount else { continue }
        guard edges.isPlain else { return false }
        let places = Int(edges.offsets[row])..<Int(edges.offsets[row &+ 1])
        guard spend(places.count), !places.isEmpty || !edges.mustHaveOne else { return false }
        for place in places {
          let number = edges.numbers.map { Int64($0[place]) } ?? Int64(place)
          sets[set].append(edges.firstEdge &+ number)
        }
      }
    }
    return true
  }

  /// Whether no number comes twice among some that stand in order.
  @inline(__always)
  private static func isRising(_ numbers: UnsafePointer<UInt32>, _ count: Int) -> Bool {
    var place = 1
    while place < count {
      if numbers[place] <= numbers[place &- 1] { return false }
      place &+= 1
    }
    return true
  }

  /// Breadth first. The start is found only if the closure includes it or leads back to it.
  func closure(
    _ set: Int, from start: Int, _ number: Int, _ tables: ExactView
  ) -> Bool {
    let closure = closures[number]
    guard spend(sets[start].count) else { return false }
    sets[set].clear()
    marks.begin(tables.nodeCount)
    var included = 0
    if closure.includesStart {
      for index in 0..<sets[start].count {
        let node = sets[start][index]
        guard node >= 0, node < Int64(tables.nodeCount) else { return false }
        if marks.meet(Int(node)) { sets[set].append(node) }
      }
      included = sets[set].count
    }
    // Whatever the starts lead to is found; the starts themselves need not be.
    guard expand(set, start, 0..<sets[start].count, closure.step, tables) else { return false }
    var done = included
    var layers = (closure.layerLimit ?? .max) - 1
    while layers > 0 && done < sets[set].count {
      let layer = done..<sets[set].count
      done = layer.upperBound
      guard expand(set, set, layer, closure.step, tables) else { return false }
      layers -= 1
    }
    return true
  }

  /// Adds to a set what one step leads to from some elements of another or its own, as far as it is new.
  private func expand(
    _ set: Int, _ from: Int, _ layer: Range<Int>, _ step: Int, _ tables: ExactView
  ) -> Bool {
    guard spend(layer.count) else { return false }
    let sets = sets
    for index in layer {
      let isKnown = edges(step, from: sets[from][index], tables) { ends, count in
        for place in 0..<count where marks.meet(Int(ends[place])) {
          sets[set].append(Int64(ends[place]))
        }
      }
      guard isKnown, work <= ExactExecutor.workLimit else { return false }
    }
    return true
  }
}
