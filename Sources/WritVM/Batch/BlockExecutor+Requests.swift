// Operations on a block of requests: their arguments, and what the table of an argument's kind says of its node.

import WritBytecode

extension BlockExecutor {
  /// The column of the requests' own values.
  func argument(_ target: Int, _ argument: Int) {
    begin(target)
    guard let arguments else { preconditionFailure("only a block of requests has arguments") }
    numbers[target].values = UnsafeRawPointer(arguments[argument].values)
    numbers[target].width = arguments[argument].width
  }

  /// The row of a table for the node that a number is.
  @inline(__always)
  func place(_ nodes: NumberRegister, _ row: Int, _ first: Int) -> Int {
    Int(truncatingIfNeeded: nodes.value(row)) &- first
  }

  /// A field of each node.
  func gather(_ target: Int, _ column: BlockColumn, first: Int, _ node: Int) {
    begin(target)
    let nodes = numbers[node]
    numbers[target].width = column.width
    switch column.width {
    case 1: gather(column.values.assumingMemoryBound(to: UInt8.self), target, first, nodes)
    case 4: gather(column.values.assumingMemoryBound(to: UInt32.self), target, first, nodes)
    default: gather(column.values.assumingMemoryBound(to: Int64.self), target, first, nodes)
    }
    if column.vouched != nil || column.presence != nil {
      gatherDoubts(target, column, first: first, nodes)
    }
  }

  @inline(__always)
  private func gather<Value>(
    _ values: UnsafePointer<Value>, _ target: Int, _ first: Int, _ nodes: NumberRegister
  ) {
    // The register's room is for the widest.
    let raw = UnsafeMutableRawPointer(numbers[target].buffer)
    let buffer = raw.bindMemory(to: Value.self, capacity: rows)
    for row in 0..<rows { buffer[row] = values[place(nodes, row, first)] }
  }

  /// Which of the nodes have no value, or none that is vouched for.
  private func gatherDoubts(
    _ target: Int, _ column: BlockColumn, first: Int, _ nodes: NumberRegister
  ) {
    let register = numbers + target
    register.pointee.unknownSlot = column.unknown
    register.pointee.absentSlot = column.isOptional ? .absent : column.missing
    let (unknown, absent) = (register.pointee.unknown, register.pointee.absent)
    if let vouched = column.vouched {
      BlockKernels.pack(rows, unknown) { !Bits.isSet(vouched, place(nodes, $0, first)) }
    }
    if let presence = column.presence {
      BlockKernels.pack(rows, absent) { !Bits.isSet(presence, place(nodes, $0, first)) }
    }
    var any: UInt64 = 0
    for word in 0..<words {
      absent[word] &= ~unknown[word]
      any |= unknown[word] | absent[word]
    }
    register.pointee.isSpecial = any != 0
  }

  /// Which texts are among the strings of each node. Of a node that nobody vouches for any may be.
  func membership(_ membership: BlockMembership) {
    let strings = membership.strings
    let nodes = numbers[membership.node]
    let (texts, targets) = (membership.texts, membership.targets)
    for place in 0..<membership.count { Bits.fill(truths[targets[place]].lower, words, with: 0) }
    for row in 0..<rows {
      let owner = place(nodes, row, strings.first)
      var next = Int(strings.offsets[owner])
      let end = Int(strings.offsets[owner &+ 1])
      while next < end {
        let id = strings.ids[next]
        for place in 0..<membership.count where texts[place] == id {
          Bits.set(truths[targets[place]].lower, row)
        }
        next &+= 1
      }
    }
    let scratch = numbers[memory.scratch].unknown
    if let vouched = strings.vouched {
      BlockKernels.pack(rows, scratch) { Bits.isSet(vouched, place(nodes, $0, strings.first)) }
    }
    for place in 0..<membership.count {
      let truth = truths[targets[place]]
      for word in 0..<words {
        let sure = strings.vouched == nil ? ~0 : scratch[word]
        truth.upper[word] = truth.lower[word] | ~sure
        truth.lower[word] &= sure
      }
    }
  }

  /// What a fold finds at one row of its table.
  @inline(__always)
  func places(
    _ fold: BlockFold, _ place: Int
  ) -> (start: Int, end: Int, isVouched: Bool, isOpen: Bool) {
    let (start, end) = (Int(fold.offsets[place]), Int(fold.offsets[place &+ 1]))
    let isVouched = fold.vouched.map { Bits.isSet($0, place) } ?? true
    return (start, end, isVouched, fold.isOpen || !isVouched || fold.mustHaveOne && start == end)
  }

  /// Whether a walk from each node leads nowhere.
  func isEmpty(_ target: Int, _ fold: BlockFold, from node: Int) {
    let nodes = numbers[node]
    let isExact = fold.isExact.pointee
    eachTruth(target) { row in
      let (start, end, isVouched, isOpen) = places(fold, place(nodes, row, fold.first))
      let isPossible = fold.possible.map { Bits.any($0, start, end) } ?? (start < end)
      let isDefinite =
        isExact ? isPossible : fold.definite.map { Bits.any($0, start, end) } ?? (start < end)
      return Slot(
        isPossible || isOpen ? 0 : 1, isDefinite && isVouched ? 0 : 1, .none)
    }
  }

  /// How many elements a walk from each node leads to.
  func count(_ target: Int, _ fold: BlockFold, from node: Int) {
    let nodes = numbers[node]
    let isExact = fold.isExact.pointee
    eachNumber(target) { row in
      let (start, end, isVouched, isOpen) = places(fold, place(nodes, row, fold.first))
      let most = fold.possible.map { Bits.count($0, start, end) } ?? end &- start
      let sure = isExact ? most : fold.definite.map { Bits.count($0, start, end) } ?? end &- start
      let (lower, upper) = (isVouched ? Int64(sure) : 0, isOpen ? Limits.count : Int64(most))
      return lower == upper ? Slot(exact: lower) : Slot(lower, upper, .ofBlock)
    }
  }
}
