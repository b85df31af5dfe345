// People to the places that approvals ask for: each person has one place at most.

/// How many places of each term can be filled at once, nobody having two; earlier terms go first, so that what cannot be filled is of
/// the last.
///
/// Augmenting paths: each place in turn takes a free person, or one whose place somebody else can have. O(places · people · terms).
///
/// - Parameters:
///   - counts: For each term how many people it asks for.
///   - admitted: For each term, for each person, whether that person may stand for it; all of one length.
public func filledPlaces(_ counts: [Int], admitted: [[Bool]]) -> [Int] {
  var seating = Seating(admitted: admitted)
  return counts.indices.map { term in
    var filled = 0
    while filled < counts[term], seating.seat(term) { filled += 1 }
    return filled
  }
}

/// For each person the term that they stand for where places are filled as `filledPlaces` does; `nil` of who is not needed.
public func seats(_ counts: [Int], admitted: [[Bool]]) -> [Int?] {
  var seating = Seating(admitted: admitted)
  for term in counts.indices {
    var filled = 0
    while filled < counts[term], seating.seat(term) { filled += 1 }
  }
  return seating.term
}

private struct Seating {
  let admitted: [[Bool]]
  /// For each person the term that they stand for.
  private(set) var term: [Int?]

  init(admitted: [[Bool]]) {
    self.admitted = admitted
    term = Array(repeating: nil, count: admitted.first?.count ?? 0)
  }

  /// One more person for a term, if there is one; nobody loses a place without getting another.
  mutating func seat(_ wanted: Int) -> Bool {
    var seen = Array(repeating: false, count: admitted.count)
    return seat(wanted, &seen)
  }

  /// Its depth is at most the number of terms.
  private mutating func seat(_ wanted: Int, _ seen: inout [Bool]) -> Bool {
    seen[wanted] = true
    let people = admitted[wanted].indices.filter { admitted[wanted][$0] }
    if let free = people.first(where: { term[$0] == nil }) {
      term[free] = wanted
      return true
    }
    for person in people {
      guard let other = term[person], !seen[other], seat(other, &seen) else { continue }
      term[person] = wanted
      return true
    }
    return false
  }
}
