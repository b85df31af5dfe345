// Two texts, line by line.

/// The lines in which two texts differ, `-` for the old, `+` for the new, with two lines around
/// them.
public func lineDifference(_ old: String, _ new: String) -> String {
  let before = lines(old)
  let after = lines(new)
  let changes = after.difference(from: before)
  var removed: Set<Int> = []
  var inserted: Set<Int> = []
  for change in changes {
    switch change {
    case .remove(let offset, _, _): removed.insert(offset)
    case .insert(let offset, _, _): inserted.insert(offset)
    }
  }
  // Every line once: those of the old that went, those of the new that came, and those that stayed.
  var marked: [(sign: String, line: String)] = []
  var old = 0
  var new = 0
  while old < before.count || new < after.count {
    if removed.contains(old) {
      marked.append(("-", before[old]))
      old += 1
    } else if inserted.contains(new) {
      marked.append(("+", after[new]))
      new += 1
    } else {
      marked.append((" ", before[old]))
      old += 1
      new += 1
    }
  }
  return marked.indices
    .filter { index in
      marked[max(0, index - 2)...min(marked.count - 1, index + 2)].contains { $0.sign != " " }
    }
    .map { "\(marked[$0].sign) \(marked[$0].line)\n" }
    .joined()
}

private func lines(_ text: String) -> [String] {
  text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}
