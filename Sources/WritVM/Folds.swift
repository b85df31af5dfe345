// From a set to one scalar, over the definite elements and the possible ones.

extension Machine {
  /// Why the set is open, else the first cause of an element: why it is only possible, or why its value is not exact.
  private func firstCause(_ set: SetBuffer) -> Cause {
    if !set.open.isNone { return set.open }
    for index in 0..<set.count where !set.elements[index].cause.isNone {
      return set.elements[index].cause
    }
    return .none
  }

  /// Why the set is open, else why an element is only possible.
  private func firstDoubt(_ set: SetBuffer) -> Cause {
    if !set.open.isNone { return set.open }
    for index in 0..<set.count where !set.elements[index].isDefinite {
      return set.elements[index].cause
    }
    return .none
  }

  private func definiteCount(_ set: SetBuffer) -> Int64 {
    var count: Int64 = 0
    for index in 0..<set.count where set.elements[index].isDefinite { count += 1 }
    return count
  }

  func isEmpty(_ set: SetBuffer) -> Slot {
    if definiteCount(set) > 0 { return .no }
    if reading == .lastKnown {
      let truth: Int64 = set.count == 0 ? 1 : 0
      return Slot(truth, truth, firstCause(set))
    }
    return set.open.isNone && set.count == 0 ? .yes : .unknownTruth(firstCause(set))
  }

  func count(_ set: SetBuffer) -> Slot {
    let all = Int64(set.count)
    if reading == .lastKnown { return Slot(all, all, firstDoubt(set)) }
    let definite = definiteCount(set)
    if !set.open.isNone { return Slot(definite, Limits.count, set.open) }
    return Slot(definite, all, definite == all ? .none : firstDoubt(set))
  }

  /// An element that surely equals the value decides, wherever in the list it stands; only then does one that may.
  func member(_ value: Slot, _ set: SetBuffer) -> Slot {
    var mayMeet = false
    var likely: Cause?
    for index in 0..<set.count {
      let element = set.elements[index]
      guard element.lower <= value.upper, value.lower <= element.upper else { continue }
      mayMeet = true
      guard value.isExact, element.lower == element.upper else { continue }
      if element.isDefinite { return Slot(1, 1, value.cause.or(element.cause)) }
      if likely == nil { likely = element.cause }
    }
    if reading == .lastKnown, let likely { return Slot(1, 1, value.cause.or(likely)) }
    if !mayMeet && (set.open.isNone || reading == .lastKnown) {
      return Slot(0, 0, value.isExact ? value.cause.or(set.open) : set.open)
    }
    return .unknownTruth(value.cause.or(likely ?? .none).or(firstCause(set)))
  }

  /// Added up in twice the width, so that only a total that does not fit is unknown.
  func sum(_ set: SetBuffer) -> Slot {
    if !set.open.isNone && reading == .vouched { return .unknownNumber(set.open) }
    var lower: Int128 = 0
    var upper: Int128 = 0
    for index in 0..<set.count {
      let element = set.elements[index]
      let mayMiss = !element.isDefinite && reading == .vouched
      lower += Int128(mayMiss ? min(element.lower, 0) : element.lower)
      upper += Int128(mayMiss ? max(element.upper, 0) : element.upper)
    }
    let cause = firstCause(set)
    guard let lower = Int64(exactly: lower), let upper = Int64(exactly: upper) else {
      return .unknownNumber(cause.or(Cause(.overflow)))
    }
    return Slot(lower, upper, lower == upper && reading == .vouched ? .none : cause)
  }

  /// The least or greatest; members of the enum, or 0 for a number.
  func extreme(_ set: SetBuffer, members: Int, isGreatest: Bool) -> Slot {
    let least: Int64 = members == 0 ? .min : 0
    let greatest: Int64 = members == 0 ? .max : Int64(members - 1)
    let cause = firstCause(set)
    if set.count == 0 && (set.open.isNone || reading == .lastKnown) {
      return Slot(0, 0, set.open.andAbsent)
    }
    let isDefinite = definiteCount(set) > 0 || reading == .lastKnown
    if !isDefinite { return Slot(least, greatest, cause.orAbsent) }
    var result: Slot?
    for index in 0..<set.count {
      let element = set.elements[index]
      let counts = element.isDefinite || reading == .lastKnown
      result =
        isGreatest
        ? greater(result, element, counts: counts) : lesser(result, element, counts: counts)
    }
    var found = result ?? Slot(least, greatest, cause)
    if !set.open.isNone && reading == .vouched {
      if isGreatest { found.upper = greatest } else { found.lower = least }
    }
    if found.lower == found.upper {
      found.cause = reading == .vouched ? .none : cause
    } else {
      // Of which nothing is known, it is not known either that it is there.
      let isFull = found.lower <= least && found.upper >= greatest
      found.cause = isFull ? cause.orAbsent : cause
    }
    return found
  }

  /// `least`: the lower bound is over all elements, the upper one over those that are surely there.
  private func lesser(_ best: Slot?, _ element: Element, counts: Bool) -> Slot {
    guard let best else {
      return Slot(element.lower, counts ? element.upper : .max, element.cause)
    }
    let upper = counts ? min(best.upper, element.upper) : best.upper
    return Slot(min(best.lower, element.lower), upper, best.cause)
  }

  private func greater(_ best: Slot?, _ element: Element, counts: Bool) -> Slot {
    guard let best else {
      return Slot(counts ? element.lower : .min, element.upper, element.cause)
    }
    let lower = counts ? max(best.lower, element.lower) : best.lower
    return Slot(lower, max(best.upper, element.upper), best.cause)
  }
}
