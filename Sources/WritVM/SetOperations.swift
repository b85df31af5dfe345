// Making sets, and combining them.

/// What is appended to.
enum Appending: Int {
  case toSet
  /// A list of values that are there, known or not.
  case toList
  /// A list that is written out: a value that is not known is only possible.
  case written
  /// A list of optionals: one that may be absent is only possible.
  case toListOfOptionals

  /// Whether a value is only possible, though its row is certain.
  func doubts(_ value: Slot) -> Bool {
    switch self {
    case .toSet, .written: !value.cause.isNone
    case .toList: false
    case .toListOfOptionals: value.cause.mayBeAbsent
    }
  }
}

extension Machine {
  /// The place of a cursor's element tells from where it was reached.
  func via(ofElementAt cursor: Int) -> Int {
    let cursor = cursors[cursor]
    guard cursor.next > 0, cursor.next <= sets[cursor.set].count else { return -1 }
    return sets[cursor.set].elements[cursor.next - 1].via
  }

  /// One node or edge as a set.
  func single(_ set: Int, _ value: Slot) {
    sets[set].clear()
    if value.isAbsent { return sets[set].open(by: value.cause) }
    guard value.isExact else { return sets[set].open(by: value.cause) }
    sets[set].append(Element(value, cause: value.cause, isDefinite: value.cause.isNone, via: -1))
  }

  /// Every node of a kind; false if the fuel did not suffice.
  func nodes(_ set: Int, kind: Int) -> Bool {
    sets[set].clear()
    if !spend(graph.kindCount[kind]) { return false }
    if reads.isOn { reads.note(.nodes, kind, 0, -1) }
    let vouching = graph.kindVouchings[kind]
    sets[set].open(by: graph.vouchings[vouching].closedCause)
    for row in 0..<graph.kindCount[kind] {
      let cause = graph.cause(vouching, row: row)
      let node = Slot(exact: Int64(graph.kindFirst[kind] + row))
      sets[set].append(Element(node, cause: cause, isDefinite: cause.isNone, via: -1))
    }
    return true
  }

  /// Appends a value as far as its row holds. In a set, a value with a cause is only possible; one that is not exact makes the
  /// set open when it is sealed.
  func append(_ value: Slot, to set: Int, row: Slot, _ form: Appending, via: Int) {
    if value.isAbsent { return sets[set].open(by: value.cause) }
    let cause = row.isCertain ? value.cause : row.cause
    sets[set].append(
      Element(value, cause: cause, isDefinite: row.isCertain && !form.doubts(value), via: via))
  }

  func union(_ set: Int, _ left: Int, _ right: Int, strings: Bool) -> Bool {
    if !spend(sets[left].count + sets[right].count) { return false }
    sets[set].copy(sets[left])
    for index in 0..<sets[right].count { sets[set].append(sets[right].elements[index]) }
    sets[set].open(by: sets[right].open)
    seal(&sets[set], strings: strings)
    return true
  }

  func difference(_ set: Int, _ left: Int, _ right: Int, strings: Bool) -> Bool {
    if !spend(sets[left].count + sets[right].count) { return false }
    sets[set].clear()
    sets[set].open(by: sets[left].open)
    let taken = sets[right]
    for index in 0..<sets[left].count {
      var element = sets[left].elements[index]
      if let place = find(element.lower, in: taken, strings: strings) {
        if taken.elements[place].isDefinite || reading == .lastKnown { continue }
        element.makePossible(by: taken.elements[place].cause)
      } else if !taken.open.isNone {
        element.makePossible(by: taken.open)
      }
      sets[set].append(element)
    }
    return true
  }

  func intersection(_ set: Int, _ left: Int, _ right: Int, strings: Bool) -> Bool {
    if !spend(sets[left].count + sets[right].count) { return false }
    sets[set].clear()
    let first = sets[left]
    let second = sets[right]
    if !first.open.isNone && !second.open.isNone { sets[set].open(by: first.open) }
    for index in 0..<first.count {
      var element = first.elements[index]
      if let place = find(element.lower, in: second, strings: strings) {
        let other = second.elements[place]
        if !other.isDefinite { element.makePossible(by: other.cause) }
        if element.via < 0 { element.takeVia(of: other) }
      } else if !second.open.isNone && reading == .vouched {
        element.makePossible(by: second.open)
      } else {
        continue
      }
      sets[set].append(element)
    }
    guard !first.open.isNone && reading == .vouched else { return true }
    for index in 0..<second.count
    where find(second.elements[index].lower, in: first, strings: strings) == nil {
      var element = second.elements[index]
      element.makeDoubtful(first: first.open)
      sets[set].append(element)
    }
    seal(&sets[set], strings: strings)
    return true
  }
}

extension Element {
  /// The element may be missing; the first cause stays.
  mutating func makePossible(by other: Cause) {
    if isDefinite || cause.isNone { cause = other }
    tag |= 1 << 40
  }

  /// The element may be missing, and that doubt comes before its own.
  mutating func makeDoubtful(first: Cause) {
    cause = first
    tag |= 1 << 40
  }

  mutating func takeVia(of other: Element) {
    tag = tag & (1 << 40) | other.tag & 0xff_ffff_ffff
  }
}
