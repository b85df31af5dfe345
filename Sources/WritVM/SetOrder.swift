// Canonical order: sets are sorted and distinct, so that every walk over them is the same on every machine.

extension Machine {
  /// Is `left` before `right` in canonical order? Strings are ordered by their bytes, all else by number.
  @inline(__always)
  func isBefore(_ left: Int64, _ right: Int64, strings: Bool) -> Bool {
    if !strings { return left < right }
    let ordered = Int64(graph.orderedStringCount)
    if left < ordered && right < ordered { return left < right }
    return left != right && stringIsBefore(left, right)
  }

  @inline(never)
  private func stringIsBefore(_ left: Int64, _ right: Int64) -> Bool {
    withBytes(of: left) { first in
      withBytes(of: right) { second in first.lexicographicallyPrecedes(second) }
    }
  }

  /// Sorts a set and keeps of equal elements the definite one, then the one whose way comes first, then the earliest.
  ///
  /// A value that is not exact makes the set open instead, and one with a cause is only possible.
  func seal(_ set: inout SetBuffer, strings: Bool) {
    set.keepExact()
    let count = set.count
    guard count > 1 else { return }
    let elements = set.elements
    var isSorted = true
    var index = 1
    while index < count && isSorted {
      isSorted = isBefore(elements[index - 1].lower, elements[index].lower, strings: strings)
      index += 1
    }
    if isSorted { return }
    sort(elements, count: count, strings: strings)
    var kept = 0
    for index in 1..<count where elements[index].lower != elements[kept].lower {
      kept += 1
      elements[kept] = elements[index]
    }
    set.truncate(to: kept + 1)
  }

  /// A stable merge sort by value, then by tag. O(n log n).
  private func sort(_ elements: UnsafeMutablePointer<Element>, count: Int, strings: Bool) {
    let scratch = UnsafeMutablePointer<Element>.allocate(capacity: count)
    defer { scratch.deallocate() }
    var source = elements
    var target = scratch
    var width = 1
    while width < count {
      var start = 0
      while start < count {
        merge(
          source, target, start, min(start + width, count), min(start + 2 * width, count), strings)
        start += 2 * width
      }
      swap(&source, &target)
      width *= 2
    }
    if source != elements { elements.update(from: source, count: count) }
  }

  private func merge(
    _ source: UnsafeMutablePointer<Element>, _ target: UnsafeMutablePointer<Element>,
    _ start: Int, _ middle: Int, _ end: Int, _ strings: Bool
  ) {
    var left = start
    var right = middle
    for place in start..<end {
      if left < middle && (right >= end || !precedes(source[right], source[left], strings)) {
        (target + place).initialize(to: source[left])
        left += 1
      } else {
        (target + place).initialize(to: source[right])
        right += 1
      }
    }
  }

  private func precedes(_ left: Element, _ right: Element, _ strings: Bool) -> Bool {
    if left.lower != right.lower { return isBefore(left.lower, right.lower, strings: strings) }
    return left.tag < right.tag
  }

  /// Place of a value in a sorted set, or `nil`. O(log n).
  func find(_ value: Int64, in set: SetBuffer, strings: Bool) -> Int? {
    let elements = set.elements
    var low = 0
    var high = set.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(elements[middle].lower, value, strings: strings) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low < set.count && elements[low].lower == value ? low : nil
  }
}
