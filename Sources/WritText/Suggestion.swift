// The nearest name in scope to one that was misspelt.

/// The name among `candidates` that `name` most likely meant, or `nil` if none is near enough.
///
/// Near enough is a third of the name's length in edits, at least one and at most three, where
/// swapping two neighbours is one edit and a difference of case is none; and fewer than its letters.
/// Ties go to the first candidate. O(candidates × length²), with length at most `Limits.suggestionLength`.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = folded(name)
  guard !wanted.isEmpty, wanted.count <= Limits.suggestionLength else { return nil }
  let bound = min(3, max(1, wanted.count / 3))
  var best: (name: String, distance: Int)?
  for candidate in candidates where candidate != name {
    let other = folded(candidate)
    guard other.count <= Limits.suggestionLength, abs(other.count - wanted.count) <= bound else {
      continue
    }
    let distance = editDistance(wanted, other)
    if distance <= bound, distance < wanted.count, distance < best?.distance ?? Int.max {
      best = (candidate, distance)
    }
  }
  return best?.name
}

/// The bytes of a name in ASCII lower case.
private func folded(_ name: String) -> [UInt8] {
  name.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
}

/// Insertions, removals, replacements and swaps of neighbours that make one text the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast = [Int](repeating: 0, count: right.count + 1)
  var last = Array(0...right.count)
  for row in left.indices {
    var current = [row + 1]
    for column in right.indices {
      let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
      var least = min(replaced, last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        least = min(least, beforeLast[column - 1] + 1)
      }
      current.append(least)
    }
    beforeLast = last
    last = current
  }
  return last[right.count]
}
