// Walks of a block of requests that look for an element which meets conditions of the request.

import WritBytecode

extension BlockExecutor {
  /// Whether a walk from each node leads to no element that meets the row's conditions.
  func search(_ target: Int, _ search: BlockSearch, from node: Int) {
    let nodes = numbers[node]
    let fold = search.fold
    let isExact = fold.isExact.pointee
    if isExact && search.isPlain && search.numbersArePlain(numbers) {
      return plainSearch(target, search, nodes)
    }
    eachTruth(target) { row in
      let (start, end, isVouched, isOpen) = places(fold, place(nodes, row, fold.first))
      var (isPossible, isDefinite) = (false, false)
      for edge in start..<end {
        if let possible = fold.possible, !Bits.isSet(possible, edge) { continue }
        let element = Int(search.ends[edge]) &- search.firstElement
        let met = meets(search, element, row)
        guard met.upper == 1 else { continue }
        isPossible = true
        guard met.lower == 1, isExact || (fold.definite.map { Bits.isSet($0, edge) } ?? true) else {
          continue
        }
        isDefinite = true
        break
      }
      return Slot(isPossible || isOpen ? 0 : 1, isDefinite && isVouched ? 0 : 1, .none)
    }
  }

  /// Everything is known, and the columns are of eight bytes: each condition leaves a range of values.
  private func plainSearch(_ target: Int, _ search: BlockSearch, _ nodes: NumberRegister) {
    let fold = search.fold
    let (ends, firstElement, count) = (search.ends, search.firstElement, search.count)
    withUnsafeTemporaryAllocation(of: PlainCondition.self, capacity: count) { conditions in
      for place in 0..<count {
        let column = search.conditions[place].column.values.assumingMemoryBound(to: Int64.self)
        conditions.initializeElement(
          at: place, to: PlainCondition(values: column, least: 0, greatest: 0))
      }
      eachTruth(target) { row in
        let (start, end, isVouched, isOpen) = places(fold, place(nodes, row, fold.first))
        for place in 0..<count {
          let condition = search.conditions + place
          let bound = numbers[condition.pointee.number].value(row)
          conditions[place].set(condition.pointee.range(of: bound))
        }
        var isFound = false
        var edge = start
        while edge < end && !isFound {
          let element = Int(ends[edge]) &- firstElement
          var meets = fold.possible.map { Bits.isSet($0, edge) } ?? true
          for place in 0..<count {
            let value = conditions[place].values[element]
            meets = meets && value >= conditions[place].least && value <= conditions[place].greatest
          }
          isFound = meets
          edge &+= 1
        }
        return Slot(isFound || isOpen ? 0 : 1, isFound && isVouched ? 0 : 1, .none)
      }
    }
  }

  /// Whether an element meets all conditions.
  @inline(__always)
  private func meets(
    _ search: BlockSearch, _ element: Int, _ row: Int
  ) -> (lower: Int64, upper: Int64) {
    var lower: Int64 = 1
    for place in 0..<search.count {
      let condition = search.conditions + place
      let number = numbers + condition.pointee.number
      if number.pointee.isSpecial || !condition.pointee.column.isKnown(element) {
        let met = met(condition.pointee, element, row)
        if met.upper == 0 { return (0, 0) }
        lower &= met.lower
        continue
      }
      let value = condition.pointee.column.value(element)
      let bound = number.pointee.value(row)
      let holds =
        condition.pointee.isReversed
        ? condition.pointee.comparison(bound, value) : condition.pointee.comparison(value, bound)
      if holds == condition.pointee.isNegated { return (0, 0) }
    }
    return (lower, 1)
  }

  /// Where something is not known.
  @inline(never)
  private func met(_ condition: BlockCondition, _ element: Int, _ row: Int) -> Slot {
    let value = condition.column.slot(element)
    let bound = numbers[condition.number].slot(row)
    let truth =
      condition.isReversed
      ? condition.comparison(bound, value) : condition.comparison(value, bound)
    return condition.isNegated ? .not(truth) : truth
  }
}

extension BlockColumn {
  @inline(__always)
  fileprivate func isKnown(_ row: Int) -> Bool {
    if let vouched, !Bits.isSet(vouched, row) { return false }
    if let presence, !Bits.isSet(presence, row) { return false }
    return true
  }

  @inline(__always)
  fileprivate func value(_ row: Int) -> Int64 {
    switch width {
    case 1: Int64(values.load(fromByteOffset: row, as: UInt8.self))
    case 4: Int64(values.load(fromByteOffset: row &* 4, as: UInt32.self))
    default: values.load(fromByteOffset: row &* 8, as: Int64.self)
    }
  }

  /// As the scalar executor has it, but for its cause.
  fileprivate func slot(_ row: Int) -> Slot {
    if let vouched, !Bits.isSet(vouched, row) { return unknown }
    if let presence, !Bits.isSet(presence, row) { return isOptional ? .absent : missing }
    return Slot(exact: value(row))
  }
}

/// A condition of one request: the values that meet it.
private struct PlainCondition {
  let values: UnsafePointer<Int64>
  var least: Int64
  var greatest: Int64

  @inline(__always)
  mutating func set(_ range: (least: Int64, greatest: Int64)) {
    (least, greatest) = range
  }
}

extension BlockSearch {
  /// Of numbers that are known in every row of the block.
  fileprivate func numbersArePlain(_ numbers: UnsafeMutablePointer<NumberRegister>) -> Bool {
    (0..<count).allSatisfy { !numbers[conditions[$0].number].isSpecial }
  }
}

extension BlockCondition {
  /// The values that compare so with a number: from the least to the greatest, none where the greatest is less.
  @inline(__always)
  fileprivate func range(of bound: Int64) -> (least: Int64, greatest: Int64) {
    if comparison == .equal { return (bound, bound) }
    // `value < bound` and what is like it; else `bound < value`. A negation is the other way with the other end.
    let isBelow = isReversed == isNegated
    let includes = (comparison == .lessOrEqual) != isNegated
    if isBelow {
      if includes { return (.min, bound) }
      return bound == .min ? (.max, .min) : (.min, bound &- 1)
    }
    if includes { return (bound, .max) }
    return bound == .max ? (.max, .min) : (bound &+ 1, .max)
  }
}
